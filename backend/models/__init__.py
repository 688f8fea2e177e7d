"""Trainable models by name."""

from .base import MODELS as MODELS
from .base import Model as Model
from .base import model_for as model_for
from .initial import initialise as initialise
from .kirchhoff_flow import KirchhoffFlow as KirchhoffFlow
from .kirchhoffnet import KirchhoffNet as KirchhoffNet
