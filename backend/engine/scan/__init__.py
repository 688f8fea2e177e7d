"""Cascades of Kirchhoff cells: capacitors with leaks in series, each driven by the one before.

``cascade`` runs them over sequences, by a compiled kernel on the processor and by matrix products
elsewhere.
"""

from .cascades import cascade as cascade
from .fourier import filtered as filtered
from .fourier import response as response
