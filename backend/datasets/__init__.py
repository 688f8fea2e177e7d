"""Data sets by name: ``DATASETS["digits"]().split().train.x``."""

# Menus list data sets in the order of these lines.
# isort: off
from . import images as images
from . import toy as toy
from . import mnist as mnist
from . import cifar10 as cifar10
from . import csv_table as csv_table
from . import image_folder as image_folder
from . import regression as regression
from . import planar as planar
from . import pinwheel as pinwheel
from . import gen_digits as gen_digits
from . import potentials as potentials
from . import fields as fields

# isort: on
from .base import DATASETS as DATASETS
from .base import TASKS as TASKS
from .base import Dataset as Dataset
from .base import Examples as Examples
from .base import Split as Split
from .folders import use_folders as use_folders
from .generators import Generative as Generative
from .potentials import Potential as Potential
from .regression import Regression as Regression
