"""Memory of one forward solve with gradient on the MNIST graph, a fresh process a row.

Measured is the growth of the process's peak (VmHWM) over what it held before: graph, weights and
libraries are already there, and a tiny solve has loaded and compiled whatever is needed once.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .table import Echo, LeftOut, Row
from .workloads import STEPS, TOLERANCE, Workload, workload

STATUS = Path("/proc/self/status")
PATIENCE_S = 600.0
CANDIDATES = (
    "ours, rk4",
    "ours, dopri5",
    "torchdiffeq rk4, odeint_adjoint",
    "torchdiffeq rk4, backprop",
)


def sections(echo: Echo, repeats: int) -> list[dict[str, Any]]:
    """One table; the repeats play no part, a peak is a peak."""
    del repeats
    work = workload("mnist")
    title = f"{work.text}, RK4 {STEPS} steps or dopri5 {TOLERANCE:g}, forward and gradient"
    echo(f"\n{title}\n{'':36} {'peak growth MB':>16}")
    rows = []
    for label in CANDIDATES:
        row = _in_process(label)
        rows.append(row)
        found = row["left_out"] and f"  left out: {row['left_out']}"
        echo(f"{label:36} {found or format(row['peak_growth_bytes'] / 1e6, '16.1f')}")
    return [{"title": title, "rows": rows}]


def _in_process(label: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"{__package__}.memory", label]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed for memory"])[-1]
        return {"label": label, "left_out": f"its process failed ({last[:120]})"}
    return {"label": label, **json.loads(done.stdout)}


def peak_growth(label: str) -> dict[str, Any]:
    """The growth of this process's peak [bytes] over one gradient, or why there is none."""
    if not STATUS.exists():
        return {"left_out": "this system does not tell the peak of a process (VmHWM)"}
    try:
        _row(label, workload("small")).lap()
        row = _row(label, workload("mnist"))
        with contextlib.suppress(OSError):  # Sets the peak back to what the process holds now.
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _status("VmRSS")
        row.lap()
    except LeftOut as refusal:
        return {"left_out": str(refusal)}
    return {"left_out": None, "peak_growth_bytes": max(0, _status("VmHWM") - before)}


def _row(label: str, work: Workload) -> Row:
    from . import ours
    from .torch_peers import gradient_row, torchdiffeq_solve

    rules: dict[str, dict[str, Any]] = {
        "ours, rk4": {"solver": "rk4", "steps": STEPS},
        "ours, dopri5": {"solver": "dopri5", "rtol": TOLERANCE, "atol": TOLERANCE},
    }
    if label in rules:
        return ours.rows(work, ours.field_of(work), gradient=True, **rules[label])[0]
    adjoint = label.endswith("odeint_adjoint")
    return gradient_row(label, work, torchdiffeq_solve("rk4", adjoint), not adjoint, PATIENCE_S)


def _status(name: str) -> int:
    lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="ascii").splitlines())
    return 1024 * int(lines[name].split()[0])


def main(label: str, echo: Callable[[str], Any] = print) -> None:
    """The answer of one row's process."""
    import torch

    torch.set_num_threads(1)
    echo(json.dumps(peak_growth(label)))


if __name__ == "__main__":
    main(sys.argv[1])
