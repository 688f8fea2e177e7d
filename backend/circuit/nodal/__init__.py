"""Circuits of the general class as the equations of modified nodal analysis."""

from .assembly import Equations as Equations
from .assembly import assemble as assemble
from .reduction import Reduced as Reduced
from .reduction import reduced as reduced
