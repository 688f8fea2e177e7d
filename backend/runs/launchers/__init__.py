"""Launchers by name."""

from . import local as local
from . import ray as ray
from .base import LAUNCHERS as LAUNCHERS
from .base import Launcher as Launcher
