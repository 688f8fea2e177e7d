"""Ways out of the studio: netlists, weights and circuit files, checked by a second simulator."""

from . import spice as spice
from . import torch_weights as torch_weights
from .base import EXPORTERS as EXPORTERS
from .base import Exporter as Exporter
