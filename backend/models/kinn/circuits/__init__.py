"""Kirchhoff cells as circuits of capacitors, resistors, transconductors and driven nodes."""

from .cascade import Lane as Lane
from .cascade import cascade_circuit as cascade_circuit
from .cascade import selective_circuit as selective_circuit
from .mesh import mesh_circuit as mesh_circuit
from .ring import ring_circuit as ring_circuit
from .scale import Scale as Scale
from .sheet import sheet_circuit as sheet_circuit
