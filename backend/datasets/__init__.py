"""Data sets by name: ``DATASETS["digits"]().split().train.x``."""

# Menus list data sets in the order of these lines.
# isort: off
from .images import digits as digits
from .toy import classes as classes
from .images import mnist as mnist
from .images import cifar10 as cifar10
from .tables import csv_table as csv_table
from .images import image_folder as image_folder
from .images import image_stream as image_stream
from .tables import regression as regression
from .toy import planar as planar
from .toy import pinwheel as pinwheel
from .images import gen_digits as gen_digits
from .toy import potentials as potentials
from . import fields as fields

# isort: on
from .base import DATASETS as DATASETS
from .base import TASKS as TASKS
from .base import Dataset as Dataset
from .base import Examples as Examples
from .base import Split as Split
from .folders import use_folders as use_folders
from .generators import Generative as Generative
from .tables.regression import Regression as Regression
from .toy.potentials import Potential as Potential
