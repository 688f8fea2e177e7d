"""What held nodes cost the kernels: circuits of `kirchhoff bench small`, a quarter of them driven.

    python -m benchmarks.driven_speed

Every fourth of the 32 nodes is held by a sine; the others integrate the same 512 devices over the
same batch of 256 and the same 20 steps of RK4. Least processor time of interleaved laps, one
thread; the speed is the time without drives over that with them. Writes
``benchmarks/results/driven_speed.json``.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from backend.bench.workloads import STEPS, workload
from backend.circuit import Circuit
from backend.circuit.compile import compile_circuit
from backend.simulation.simulate import make_solver
from backend.solvers import integrate
from backend.waveforms.sine import Sine

RESULT = Path(__file__).parent / "results" / "driven_speed.json"
LAPS = 40


def driven(circuit: Circuit) -> Circuit:
    """The circuit with a sine at every fourth node."""
    nodes = tuple(
        replace(node, drive=Sine(0.0, 0.5, 1.0 + k / 10)) if k % 4 == 3 else node
        for k, node in enumerate(circuit.nodes)
    )
    return replace(circuit, nodes=nodes)


def lap(circuit: Circuit, start: Any, gradient: bool) -> Callable[[], None]:
    """One solve, with its gradient where asked for."""
    field = next(compile_circuit(circuit, torch.float32).fields())
    method = make_solver("rk4", steps=STEPS)

    def run() -> None:
        y0 = torch.from_numpy(start.copy())
        if not gradient:
            with torch.no_grad():
                integrate(field, y0, 0.0, 1.0, method)
            return
        for parameter in field.parameter_tensors():
            parameter.grad = None
        end = integrate(field, y0.requires_grad_(), 0.0, 1.0, method, "discrete")
        (end * end).sum().backward()

    return run


def least(runs: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Least processor time of every run over interleaved laps [s]."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(LAPS):
        for name, run in runs.items():
            began = time.process_time()
            run()
            times[name].append(time.process_time() - began)
    return {name: min(each) for name, each in times.items()}


def main() -> None:
    torch.set_num_threads(1)
    found = {}
    for activation in ("relu", "tanh"):
        work = workload("small", activation)
        plain = work.circuit()
        for gradient in (False, True):
            runs = {
                "free": lap(plain, work.start, gradient),
                "driven": lap(driven(plain), work.start, gradient),
            }
            took = least(runs)
            name = f"{activation}, {'forward and gradient' if gradient else 'forward'}"
            found[name] = {**took, "speed": took["free"] / took["driven"]}
            print(name, found[name], flush=True)
    RESULT.write_text(json.dumps({"command": "python -m benchmarks.driven_speed", **found}) + "\n")


if __name__ == "__main__":
    main()
