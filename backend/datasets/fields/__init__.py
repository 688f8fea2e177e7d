"""Fields on grids, from one to another: solutions of equations, and the user's own pairs."""

# Menus list data sets in the order of these lines.
# isort: off
from . import advection as advection
from . import heat as heat
from . import burgers as burgers
from . import darcy as darcy
from . import navier_stokes as navier_stokes
from . import pairs as pairs

# isort: on
from .base import Computed as Computed
from .base import FieldPairs as FieldPairs
