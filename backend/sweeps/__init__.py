"""Searches over settings of a training: trials are ordinary runs, validation data decide.

Reading a sweep needs neither Optuna nor torch; carrying one out (``conduct``) needs both.
"""

from .directory import SweepDirectory as SweepDirectory
from .directory import list_sweeps as list_sweeps
from .directory import open_sweep as open_sweep
from .space import Choice as Choice
from .space import Dimension as Dimension
from .space import Range as Range
from .space import read_space as read_space
from .verdict import sentence as sentence
from .verdict import winner as winner
