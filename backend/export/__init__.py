"""Ways out of the studio: netlists, weights and circuit files, checked by a second simulator."""

from . import circuitjs as circuitjs
from . import graph_json as graph_json
from . import spice as spice
from . import torch_weights as torch_weights
from .base import EXPORTERS as EXPORTERS
from .base import Exporter as Exporter
