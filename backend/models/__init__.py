"""Trainable models by name."""

from .base import MODELS as MODELS
from .base import Model as Model
from .initial import initialise as initialise
from .kirchhoffnet import KirchhoffNet as KirchhoffNet
