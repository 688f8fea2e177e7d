"""Kinetic collisions: particles whose velocities meet in pairs, as in a dilute gas.

``collide`` lets velocities collide so that momentum and kinetic energy stay; ``published`` is the
rule as its authors wrote it, for comparison. ``Map``, ``Windows``, ``ChannelGroups`` and ``Slices``
see particles in the features of a network; ``collided``, ``published_outcome`` and ``ledger`` say
what happened, ``meeting`` pair by pair.
"""

from .collisions import collide as collide
from .collisions import collided as collided
from .ledger import Ledger as Ledger
from .ledger import Outcome as Outcome
from .ledger import balance as balance
from .ledger import ledger as ledger
from .meeting import Meeting as Meeting
from .meeting import meeting as meeting
from .meeting import published_meeting as published_meeting
from .neighbourhoods import ChannelGroups as ChannelGroups
from .neighbourhoods import Windows as Windows
from .particles import Map as Map
from .particles import Slices as Slices
from .samples import Batch as Batch
from .verbatim import published as published
from .verbatim import published_outcome as published_outcome
