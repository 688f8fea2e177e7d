"""Fields on grids, from one to another: solutions of equations, and the user's own pairs."""

# Menus list data sets in the order of these lines.
# isort: off
from . import burgers as burgers

# isort: on
from .base import Computed as Computed
from .base import FieldPairs as FieldPairs
