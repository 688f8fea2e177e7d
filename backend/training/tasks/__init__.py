"""What a training is for, by the task of its data set."""

from . import classify as classify
from . import generate as generate
from . import language as language
from . import match as match
from . import operator as operator
from . import regress as regress
from .base import TASKS as TASKS
from .base import Measured as Measured
from .base import Task as Task
