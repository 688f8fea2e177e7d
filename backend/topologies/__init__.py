"""Generators of circuits: one shape per file, each call returns a Circuit."""

from . import file as file
from . import fully_connected as fully_connected
from . import grid as grid
from . import layered as layered
from . import locally_connected as locally_connected
from . import neighbor as neighbor
from . import random as random
from . import rc_ladder as rc_ladder
from . import ring as ring
from . import scale_free as scale_free
from . import small_world as small_world
from .base import BOARD_LIMIT as BOARD_LIMIT
from .base import DEVICE_LIMIT as DEVICE_LIMIT
from .base import TOPOLOGIES as TOPOLOGIES
from .base import Topology as Topology
