"""Models that are circuits."""

from .base import CircuitModel as CircuitModel
from .initial import initialise as initialise
from .kirchhoff_flow import KirchhoffFlow as KirchhoffFlow
from .kirchhoffnet import KirchhoffNet as KirchhoffNet
