"""Data sets by name: ``DATASETS["digits"]().split().train.x``."""

from . import images as images
from . import toy as toy
from .base import DATASETS as DATASETS
from .base import Dataset as Dataset
from .base import Examples as Examples
from .base import Split as Split
