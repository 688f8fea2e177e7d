"""Circuits: their description with places in its refusals, files, and the compiled module."""

from .description import DRIVEN_FORMAT as DRIVEN_FORMAT
from .description import FORMAT as FORMAT
from .description import GROUND as GROUND
from .description import MAX_JSON_PARTS as MAX_JSON_PARTS
from .description import MAX_SLICES as MAX_SLICES
from .description import ROLES as ROLES
from .description import SETTINGS as SETTINGS
from .description import Circuit as Circuit
from .description import Device as Device
from .description import Node as Node
from .description import Slice as Slice
