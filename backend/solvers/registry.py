"""The table of solvers by the names files, menus and command lines use."""

from ..registry import Registry
from .base import Solver

SOLVERS: Registry[type[Solver]] = Registry("solver")
