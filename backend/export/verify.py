"""Our voltages against ngspice's, on the exported netlist."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..circuit import Circuit
from ..errors import ExportError, SolveError, StudioError
from ..simulate import simulate
from ..trajectory import Array, Trajectory
from .spice import netlist

LARGE = 2000
"""With more devices ngspice needs about 5 us for each, many times a step: fewer, coarser steps."""


@dataclass(frozen=True)
class Verification:
    """How far two simulators of one circuit are apart.

    Args:
        ok: whether the largest error is within the tolerance.
        tolerance: allowed error as a share of the largest voltage.
        largest_error: largest difference as a share of the largest voltage.
        node: id of the node where it occurs.
        time: when [s].
        t: times (T,) [s].
        ours: our voltages (T, N) [V].
        theirs: ngspice's voltages (T, N) [V].
    """

    ok: bool
    tolerance: float
    largest_error: float
    node: str
    time: float
    t: Array
    ours: Array
    theirs: Array

    @property
    def text(self) -> str:
        """One sentence for people."""
        verdict = "agrees" if self.ok else "does not agree"
        return (
            f"ngspice {verdict}: the largest error is {self.largest_error:.2g} of the largest "
            f"voltage, at node '{self.node}' and t = {self.time:.4g} s "
            f"(tolerance {self.tolerance:g})."
        )


def verify(
    circuit: Circuit,
    tolerance: float = 1e-3,
    outputs: int | None = None,
    time_limit: float = 300.0,
) -> Verification:
    """Simulate the exported netlist with ngspice and compare all node voltages.

    Args:
        circuit: the description.
        tolerance: allowed difference as a share of the largest voltage.
        outputs: number of equidistant times that are compared; by default 201, or 51 for a
            large circuit.
        time_limit: for ngspice [s].

    Raises:
        StudioError: ngspice is not installed.
        ExportError: ngspice failed or took too long.
        SolveError: our own solve failed.
    """
    large = circuit.device_count > LARGE
    ours = _ours(circuit, outputs or (51 if large else 201))
    theirs = run_ngspice(circuit, ours.t, time_limit, reltol=3e-6 if large else 1e-7)
    error = np.abs(ours.voltages - theirs)
    scale = np.abs(ours.voltages).max()
    row, column = np.unravel_index(int(error.argmax()), error.shape)
    largest = float(error[row, column] / scale) if scale > 0 else float(error[row, column])
    return Verification(
        largest <= tolerance,
        tolerance,
        largest,
        circuit.node_ids[int(column)],
        float(ours.t[row]),
        ours.t,
        ours.voltages,
        theirs,
    )


def _ours(circuit: Circuit, outputs: int) -> Trajectory:
    """Voltages on which two tolerances agree; others would measure nothing.

    Raises:
        SolveError: there are none.
    """
    found = simulate(circuit, outputs=outputs, throw=False)
    if not found.status.ok:
        raise SolveError(f"there is nothing to compare with: {found.status.message}", found.status)
    return found


def run_ngspice(
    circuit: Circuit, times: Array, time_limit: float = 300.0, reltol: float = 1e-7
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
    program = shutil.which("ngspice")
    if program is None:
        raise StudioError(
            "ngspice was not found; install it (Debian and Ubuntu: apt install ngspice) or put "
            "it on PATH"
        )
    with tempfile.TemporaryDirectory(prefix="kirchhoff-") as folder:
        deck, raw = Path(folder, "circuit.cir"), Path(folder, "circuit.raw")
        deck.write_text(netlist(circuit, "ngspice", len(times), reltol), encoding="ascii")
        # -n: no start-up file of the user's; the empty home is for the same reason.
        command = [program, "-n", "-b", "-r", str(raw), str(deck)]
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "LC_ALL": "C"}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
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
        log = (done.stdout + done.stderr).decode("utf-8", "replace")
        t, columns = _read_raw(raw, log)
    if t[-1] < times[-1] * (1 - 1e-9):
        raise ExportError(f"ngspice stopped at t = {t[-1]:.4g} s: {_complaint(log)}")
    nodes = range(1, len(circuit.nodes) + 1)
    start = [node.voltage for node in circuit.nodes]
    return _resampled(times, t, [columns[f"v(n{k})"] for k in nodes], start)


def _resampled(times: Array, t: Array, columns: list[Array], start: list[float]) -> Array:
    """Values at ``times``; with ``uic`` the first row that ngspice writes lies after t = 0."""
    if t[0] > 0:
        t = np.concatenate([[0.0], t])
        columns = [np.concatenate([[v0], v]) for v0, v in zip(start, columns, strict=True)]
    return np.stack([np.interp(times, t, column) for column in columns], axis=1)


def _read_raw(path: Path, log: str) -> tuple[Array, dict[str, Array]]:
    """Time and all variables of a binary rawfile, by name."""
    if not path.is_file():
        raise ExportError(f"ngspice made no result: {_complaint(log)}")
    head, _, body = path.read_bytes().partition(b"Binary:\n")
    lines = head.decode("ascii", "replace").splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    count = int(fields["No. Variables"])
    first = lines.index("Variables:") + 1
    names = [line.split()[1].lower() for line in lines[first : first + count]]
    rows = len(body) // (8 * count)
    if rows < 2:
        raise ExportError(f"ngspice made no result: {_complaint(log)}")
    table = np.frombuffer(body, dtype="<f8", count=rows * count).reshape(rows, count)
    return table[:, 0].copy(), {name: table[:, k].copy() for k, name in enumerate(names)}


def _complaint(log: str) -> str:
    """The line of ngspice's log that says what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "too small" in line.lower()]
    return (telling or lines or ["it said nothing"])[0][:200]
