"""Our solvers beside their peers: one file for each concern, ``kirchhoff bench`` prints the table.

Times of different machines, or of different minutes on a shared one, cannot be compared; the
ratios inside one table can.
"""

from .run import BENCHMARKS as BENCHMARKS
from .run import run_benchmarks as run_benchmarks
