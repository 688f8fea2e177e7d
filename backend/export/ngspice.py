"""ngspice as a program: a netlist in, voltages out, and its complaints in plain words."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from ..circuit import Circuit
from ..errors import ExportError, StudioError
from ..simulation.trajectory import Array
from .spice import RELTOL, netlist

TROUBLE = re.compile(r'trouble with (?:node "n(\d+)"|[bg](\d+)\b)', re.IGNORECASE)


def run_ngspice(
    circuit: Circuit, times: Array, time_limit: float = 300.0, reltol: float = RELTOL
) -> Array:
    """ngspice's node voltages (T, N) [V] at the given times, linear between its own steps.

    Args:
        circuit: the description.
        times: equidistant (T,) from 0 to the end [s].
        time_limit: wall time [s].
        reltol: ngspice's relative tolerance.

    Raises:
        StudioError: ngspice is not installed.
        ExportError: ngspice failed, stopped early or took too long.
    """
    log, table, names = run_deck(netlist(circuit, "ngspice", len(times), reltol), time_limit)
    if len(table) < 2:
        raise ExportError(f"ngspice made no result: {complaint(log, circuit)}")
    t, columns = table[:, 0], {name: table[:, k] for k, name in enumerate(names)}
    if t[-1] < times[-1] * (1 - 1e-9):
        raise ExportError(
            f"ngspice stopped at t = {t[-1]:.4g} s of {times[-1]:.4g} s, so nothing can be said "
            f"about this circuit: {complaint(log, circuit)}"
        )
    nodes = range(1, len(circuit.nodes) + 1)
    # A node without a capacitor takes at once the voltage of the first row.
    found = [columns[f"v(n{k})"] for k in nodes]
    start = [
        node.voltage if node.capacitance > 0 else float(column[0])
        for node, column in zip(circuit.nodes, found, strict=True)
    ]
    return _resampled(times, t, found, start)


def rest_by_ngspice(circuit: Circuit, time_limit: float = 300.0) -> Array:
    """ngspice's node voltages (N,) [V] at rest, its operating point.

    Args:
        circuit: the description.
        time_limit: wall time [s].

    Raises:
        StudioError: ngspice is not installed.
        ExportError: ngspice failed or took too long.
    """
    log, table, names = run_deck(netlist(circuit, "ngspice", at_rest=True), time_limit)
    if len(table) != 1:
        raise ExportError(f"ngspice found no rest: {complaint(log, circuit)}")
    columns = {name: float(table[0, k]) for k, name in enumerate(names)}
    return np.array([columns[f"v(n{k})"] for k in range(1, len(circuit.nodes) + 1)])


def run_deck(text: str, time_limit: float = 300.0) -> tuple[str, Array, list[str]]:
    """What ngspice says of a netlist, and the rows and names of all variables it wrote.

    Args:
        text: the netlist, plain ASCII.
        time_limit: wall time [s].

    Raises:
        StudioError: ngspice is not installed.
        ExportError: it cannot be started, or took too long.
    """
    program = shutil.which("ngspice")
    if program is None:
        raise StudioError(
            "ngspice was not found; install it (Debian and Ubuntu: apt install ngspice) or put "
            "it on PATH"
        )
    with tempfile.TemporaryDirectory(prefix="kirchhoff-") as folder:
        deck, raw = Path(folder, "circuit.cir"), Path(folder, "circuit.raw")
        deck.write_text(text, encoding="ascii")
        return _log(program, deck, raw, time_limit), *_read_raw(raw)


def _log(program: str, deck: Path, raw: Path, time_limit: float) -> str:
    """What ngspice says while it runs."""
    # -n: no start-up file of the user's; the empty home is for the same reason.
    command = [program, "-n", "-b", "-r", str(raw), str(deck)]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(deck.parent), "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            cwd=deck.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExportError(
            f"ngspice did not finish within {time_limit:g} s; verify a smaller circuit"
        ) from None
    except OSError as error:
        raise ExportError(f"ngspice cannot be started ({error.strerror})") from None
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _resampled(times: Array, t: Array, columns: list[Array], start: list[float]) -> Array:
    """Values at ``times``; with ``uic`` the first row that ngspice writes lies after t = 0."""
    if t[0] > 0:
        t = np.concatenate([[0.0], t])
        columns = [np.concatenate([[v0], v]) for v0, v in zip(start, columns, strict=True)]
    return np.stack([np.interp(times, t, column) for column in columns], axis=1)


def _read_raw(path: Path) -> tuple[Array, list[str]]:
    """Rows (T, K) and names of all variables of a binary rawfile, time first; none if damaged."""
    if not path.is_file():
        return np.empty((0, 0)), []
    head, _, body = path.read_bytes().partition(b"Binary:\n")
    lines = head.decode("ascii", "replace").splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    try:
        count = int(fields["No. Variables"])
        first = lines.index("Variables:") + 1
        names = [line.split()[1].lower() for line in lines[first : first + count]]
    except (KeyError, ValueError, IndexError):
        return np.empty((0, 0)), []
    rows = len(body) // (8 * count)
    return np.frombuffer(body, "<f8", rows * count).reshape(rows, count).copy(), names


def complaint(log: str, circuit: Circuit) -> str:
    """Why ngspice stopped, in plain words where its own are known, else in its own."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "too small" in line.lower()]
    line = (telling or lines or ["it said nothing"])[0][:200]
    if "timestep too small" not in line.lower():
        return line
    return (
        f"its steps became too small to advance the time{_culprit(line, circuit)}; a voltage "
        "there jumps, or the circuit's capacitances and conductances are too far apart"
    )


def _culprit(line: str, circuit: Circuit) -> str:
    """The node or device of the circuit that ngspice names by its own number."""
    match = TROUBLE.search(line)
    if match is None:
        return ""
    node, device = match[1], match[2]
    if node and 0 < int(node) <= len(circuit.nodes):
        return f" near node '{circuit.nodes[int(node) - 1].id[:40]}'"
    if device and 0 < int(device) <= circuit.device_count:
        return f" at device '{circuit.device_ids[int(device) - 1][:40]}'"
    return ""
