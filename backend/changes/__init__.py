"""Changes of a trained circuit: faults to judge it by, and edits that a training goes on with."""

from . import add as add
from . import dead_node as dead_node
from . import drift as drift
from . import noise as noise
from . import prune as prune
from . import quantise as quantise
from . import stuck as stuck
from .base import CHANGES as CHANGES
from .base import Change as Change
from .base import Touched as Touched
from .reading import change_of as change_of
from .reading import change_of_text as change_of_text
from .reading import changed as changed
