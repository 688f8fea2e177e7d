"""Waveforms: one class per course of a held voltage, known by the name that stands in files."""

from . import constant as constant
from . import exponential as exponential
from . import piecewise_constant as piecewise_constant
from . import piecewise_linear as piecewise_linear
from . import pulse as pulse
from . import sine as sine
from .base import WAVEFORMS as WAVEFORMS
from .base import Waveform as Waveform
from .base import read_drive as read_drive
