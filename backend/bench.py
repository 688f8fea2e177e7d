"""Solvers and gradients timed side by side in one process, as ratios of CPU time.

Repeats are interleaved so that a busy machine disturbs every row alike; the minimum counts.
"""

import time
from collections.abc import Callable
from typing import Any

from .registry import Registry
from .simulate import adjoint, simulate
from .topologies import TOPOLOGIES

Rows = dict[str, Callable[[], object]]
BENCHMARKS: Registry[Callable[[], Rows]] = Registry("benchmark")
REPEATS = 7


@BENCHMARKS.register("simulate")
def simulate_rows() -> Rows:
    """A circuit of 12 nodes and 48 devices, 200 outputs: what the browser asks for."""
    circuit = TOPOLOGIES["small_world"](nodes=12, kind="tanh_diff").generate(0)
    return {
        "rk4, 200 steps": lambda: simulate(circuit, solver="rk4", outputs=200),
        "dopri5, 1e-6": lambda: simulate(circuit, solver="dopri5", outputs=200),
        "rodas4, 1e-6": lambda: simulate(circuit, solver="rodas4", outputs=200),
        "torchdiffeq dopri5, 1e-6": lambda: simulate(circuit, solver="torchdiffeq", outputs=200),
    }


@BENCHMARKS.register("adjoint")
def adjoint_rows() -> Rows:
    """The same circuit with its gradient."""
    circuit = TOPOLOGIES["small_world"](nodes=12, kind="tanh_diff").generate(0)
    return {
        "dopri5, discrete": lambda: adjoint(circuit, solver="dopri5", gradient="discrete"),
        "dopri5, continuous": lambda: adjoint(circuit, solver="dopri5", gradient="continuous"),
        "dopri5, backprop": lambda: adjoint(circuit, solver="dopri5", gradient="backprop"),
        "torchdiffeq dopri5": lambda: adjoint(circuit, solver="torchdiffeq"),
    }


def run_benchmarks(name: str | None, echo: Callable[[str], Any]) -> dict[str, Any]:
    """Time one benchmark or all, print a table, return it.

    Args:
        name: a registered benchmark, ``None`` for all.
        echo: prints one line.

    Raises:
        UnknownNameError: no such benchmark.
    """
    names = BENCHMARKS.names() if name is None else [name]
    table: dict[str, Any] = {}
    for each in names:
        rows = BENCHMARKS[each]()
        seconds = _interleaved(rows)
        fastest = min(seconds.values())
        echo(f"{each}: CPU time, least of {REPEATS}, as a multiple of the fastest row")
        for label, value in seconds.items():
            echo(f"  {label:28} {value / fastest:7.1f}x  {value * 1e3:9.2f} ms")
        table[each] = {label: {"ratio": v / fastest, "cpu_s": v} for label, v in seconds.items()}
    return table


def _interleaved(rows: Rows) -> dict[str, float]:
    best = dict.fromkeys(rows, float("inf"))
    for label in rows:
        rows[label]()  # the first call pays for imports and caches
    for _ in range(REPEATS):
        for label, call in rows.items():
            start = time.process_time()
            call()
            best[label] = min(best[label], time.process_time() - start)
    return best
