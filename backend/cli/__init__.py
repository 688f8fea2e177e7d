"""The command line, one file a group of commands."""

from .commands import app as app
from .commands import run as run
from .runs import DataDir as DataDir
from .runs import Home as Home
