"""How time and memory of a plan, a march and its adjoint grow with the devices and with the batch.

    python -m benchmarks.growth [--least 1e3] [--most 2e7] [--repeats 5]

writes ``benchmarks/results/growth.json`` after every size; other sizes stay as they are. Random
graphs of 32 devices a node, ReLUs phi(a v_s + b v_d + c), one step of Heun's method in float32 on
one thread. Every size has a process of its own that may take 10 GiB of address space (RLIMIT_AS),
the largest come last.

``plan`` sorts and groups the devices, once for a circuit; ``forward`` keeps what the way back
needs; ``adjoint`` gives the gradients by start and parameters. Times are CPU time of the process,
the least of some repeats; memory is what the process's peak (VmHWM) grows by over what it held
before. Slopes are of straight lines through the logarithms, by least squares, with the standard
error of the slope; 1 is proportional.
"""

import argparse
import contextlib
import ctypes
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

COMMAND = "python -m benchmarks.growth"
RESULTS = Path(__file__).parent / "results" / "growth.json"
STATUS = Path("/proc/self/status")
DEVICES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 20_000_000)
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
TILE = 64
"""Samples that kernels take at once: a smaller batch costs as much."""
MANY = 100_000
"""Devices from which on fixed costs of a call are small."""
AT_NODE = 32
TELLING_BYTES = 2**22
AT_ONCE = 200_000
"""Devices of the graph whose batch grows."""
LIMIT_BYTES = 10 * 2**30
PHASES = ("plan", "forward", "adjoint")


def slope(x: Sequence[float], y: Sequence[float]) -> dict[str, float]:
    """The slope of log y in log x and its standard error."""
    u, w = np.log(np.asarray(x, float)), np.log(np.asarray(y, float))
    u = u - u.mean()
    k = float(u @ (w - w.mean()) / (u @ u))
    rest = w - w.mean() - k * u
    return {
        "slope": k,
        "standard_error": float(np.sqrt(rest @ rest / max(len(u) - 2, 1) / (u @ u))),
    }


def peak_of(call: Callable[[], Any], repeats: int) -> tuple[Any, dict[str, float]]:
    """What a call gives; its CPU time [s], the least of some calls, and the peak of the first.

    The peak is what this process's own rose by [bytes].
    """
    ctypes.CDLL(None).malloc_trim(0)  # freed memory that is kept would hide a rise
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = status("VmRSS")
    result, best, rise = None, float("inf"), 0
    for turn in range(repeats):
        begun = time.process_time()
        result = call()
        best = min(best, time.process_time() - begun)
        if turn == 0:
            rise = max(status("VmHWM") - before, 1)
    return result, {"s": best, "bytes": rise}


def status(name: str) -> int:
    lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="ascii").splitlines())
    return 1024 * int(lines[name].split()[0])


def measured(devices: int, batch: int, repeats: int) -> dict[str, Any]:
    """Times [s] and peaks [bytes] of the three phases, in this process."""
    import torch

    from backend.devices import DEVICES as LAWS
    from backend.engine.circuit import op
    from backend.engine.circuit.plan import Part, Plan
    from backend.engine.tableaus import HEUN

    torch.set_num_threads(1)
    law: Any = LAWS["relu"]

    def problem(count: int) -> tuple[Callable[[], Plan], list[Any]]:
        nodes = max(2, count // AT_NODE)
        g = torch.Generator().manual_seed(count)
        source = torch.randint(0, nodes + 1, (count,), generator=g)
        target = (source + torch.randint(1, nodes + 1, (count,), generator=g)) % (nodes + 1)
        inverse = torch.ones(nodes, dtype=torch.float64)
        leaves = [torch.randn(nodes, batch, generator=g)]
        leaves += [torch.randn(count, 1, generator=g) * 0.7 / AT_NODE**0.5 for _ in law.params]

        def plan() -> Plan:
            made = Plan(source, target, (Part(law, 0, count),), nodes, inverse)
            made.places  # noqa: B018  sorts and groups
            return made

        return plan, [leaf.requires_grad_() for leaf in leaves]

    def forward(plan: Plan, leaves: list[Any]) -> Any:
        return op.march(leaves[0], [plan], leaves[1:], HEUN, [op.Segment(0, 1, 1.0)])[0]

    small, few = problem(100)
    ends = forward(small(), few)  # from here to the next line: loads the kernels
    torch.autograd.grad(ends, few, torch.ones_like(ends))
    make, leaves = problem(devices)
    plan, by_plan = peak_of(make, repeats)
    states, by_forward = peak_of(lambda: forward(plan, leaves), repeats)
    cotangent = torch.ones_like(states)
    _, by_adjoint = peak_of(
        lambda: torch.autograd.grad(states, leaves, cotangent, retain_graph=True), repeats
    )
    row = {"devices": devices, "nodes": plan.node_count, "batch": batch}
    for phase, costs in zip(PHASES, (by_plan, by_forward, by_adjoint), strict=True):
        row |= {f"{phase}_{unit}": cost for unit, cost in costs.items()}
    return row | {"peak_bytes": status("VmHWM")}


def in_process(devices: int, batch: int, repeats: int) -> dict[str, Any]:
    """``measured`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--size", str(devices), str(batch)]
    done = subprocess.run(
        [*command, "--repeats", str(repeats)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES)),
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed"])[-1]
        return {"devices": devices, "batch": batch, "left_out": last[:160]}
    return json.loads(done.stdout.splitlines()[-1])


def slopes(rows: list[dict[str, Any]], by: str, least: float) -> dict[str, Any]:
    """Of every time and memory, over the rows from a size on."""
    rows = [row for row in rows if "left_out" not in row and row[by] >= least]
    found: dict[str, Any] = {}
    for name in (f"{phase}_{unit}" for phase in PHASES for unit in ("s", "bytes")):
        # Small peaks hide in memory that the process had freed before.
        told = [row for row in rows if name.endswith("_s") or row[name] >= TELLING_BYTES]
        if len(told) >= 3:
            found[name] = slope([row[by] for row in told], [row[name] for row in told])
    return found


def record_of(rows: dict[tuple[int, int], dict[str, Any]]) -> dict[str, Any]:
    """Rows by devices and batch, as the results hold them."""
    ordered = [rows[size] for size in sorted(rows)]
    by_devices = [row for row in ordered if row["batch"] == TILE and row["devices"] != AT_ONCE]
    by_batch = [row for row in ordered if row["devices"] == AT_ONCE]
    return {
        "command": COMMAND,
        "machine": {
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "load_average": round(os.getloadavg()[0], 1),
        },
        "limit_bytes": LIMIT_BYTES,
        "devices": {
            "batch": TILE,
            "rows": by_devices,
            "slopes of all": slopes(by_devices, "devices", 0),
            f"slopes from {MANY} on": slopes(by_devices, "devices", MANY),
        },
        "batch": {
            "devices": AT_ONCE,
            "rows": by_batch,
            "slopes of all": slopes(by_batch, "batch", 0),
            f"slopes from {TILE} on": slopes(by_batch, "batch", TILE),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Growth of cost with devices and with the batch.")
    parser.add_argument("--least", type=float, default=0, help="fewest devices; no batch then")
    parser.add_argument("--most", type=float, default=2e7, help="most devices")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--size", type=int, nargs=2, help="measure one size here")
    given = parser.parse_args()
    if given.size:
        devices, batch = given.size
        print(json.dumps(measured(devices, batch, given.repeats)))
        return
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    rows = {
        (row["devices"], row["batch"]): row
        for part in ("batch", "devices")
        for row in before.get(part, {}).get("rows", [])
    }
    sizes = [] if given.least else [(AT_ONCE, batch) for batch in BATCHES]
    sizes += [(count, TILE) for count in DEVICES if given.least <= count <= given.most]
    for size in sizes:
        few = max(1, min(given.repeats, int(1e7 / size[0])))
        rows[size] = in_process(*size, few)
        print(rows[size], flush=True)
        RESULTS.write_text(json.dumps(record_of(rows), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
