"""Cascades of Kirchhoff cells: capacitors with leaks in series, each driven by the one before.

``cascade`` runs them over sequences, by a compiled kernel on the processor and by matrix products
elsewhere; ``selective`` does so for time constants that change from step to step; ``components``
reads value, slope and curvature from the taps; ``response`` and ``filtered`` are the continuous
circuit on periodic fields; ``meters`` checks its charge and energy.
"""

from .cascades import cascade as cascade
from .fourier import filtered as filtered
from .fourier import response as response
from .meters import Balance as Balance
from .meters import meters as meters
from .readout import components as components
from .selective import selective as selective
