"""ngspice on the exported netlist: its whole process, and the analysis time it states itself."""

import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ..export.spice import netlist
from .table import Lap, LeftOut, Row
from .workloads import TOLERANCE, Workload

STATED = re.compile(r"Total analysis time \(seconds\) = ([0-9.eE+-]+)")


def rows(work: Workload, outputs: int) -> list[Row]:
    """The process from start to end, and the transient analysis alone (resolved to 1 ms)."""
    text = netlist(work.circuit(), "ngspice", outputs, TOLERANCE)
    return [
        Row("ngspice, whole process", lambda: _run(text, own=False), threads=False),
        Row("ngspice, its own analysis time", lambda: _run(text, own=True), threads=False),
    ]


def _run(text: str, own: bool) -> Lap:
    program = shutil.which("ngspice")
    if program is None:
        raise LeftOut("ngspice was not found; install it (Debian and Ubuntu: apt install ngspice)")
    with tempfile.TemporaryDirectory(prefix="kirchhoff-bench-") as folder:
        deck = Path(folder, "circuit.cir")
        deck.write_text(text, encoding="ascii")
        command = [program, "-n", "-b", "-r", str(Path(folder, "circuit.raw")), str(deck)]
        cpu, wall = _children_cpu(), time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lap = Lap(_children_cpu() - cpu, time.perf_counter() - wall)
    stated = STATED.search(done.stdout + done.stderr)
    if stated is None:
        raise LeftOut("ngspice did not finish the analysis")
    return Lap(float(stated[1]), float(stated[1])) if own else lap


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
