"""Voltages of random circuits of every smooth kind against SciPy's DOP853 at 1e-10.

Run from the project's folder; writes ``benchmarks/results/accuracy.json``:

    .venv/bin/python -m benchmarks.accuracy
"""

import json
import sys
from pathlib import Path

import numpy as np

from backend.simulation.simulate import simulate
from tests.reference import Reference
from tests.strategies import SMOOTH, random_circuit

RESULTS = Path(__file__).parent / "results" / "accuracy.json"


def worst_error(kind: str, circuits: int) -> dict[str, float]:
    """The largest error of any node at any time, as a share of the circuit's largest voltage."""
    errors, residuals = [], []
    for seed in range(circuits):
        circuit = random_circuit(seed, [kind], slices=1 + seed % 3)
        options = (
            {"solver": "rodas4", "rtol": 1e-9, "atol": 1e-12}
            if kind == "diode"
            else {"solver": "rk4", "steps": 200}
        )
        trajectory = simulate(circuit, outputs=31, **options)
        expected = Reference(circuit).voltages(trajectory.t)
        errors.append(np.abs(trajectory.voltages - expected).max() / np.abs(expected).max())
        residuals.append(trajectory.kcl_residual.max())
    return {
        "worst": float(max(errors)),
        "median": float(np.median(errors)),
        "kcl_residual": float(max(residuals)),
    }


def main(circuits: int = 50) -> None:
    table = {}
    for kind in [*SMOOTH, "diode"]:
        table[kind] = worst_error(kind, circuits)
        print(kind, table[kind], flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    record = {
        "command": "python -m benchmarks.accuracy",
        "witness": "scipy DOP853, rtol = atol = 1e-10",
        "circuits": circuits,
        "errors": table,
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
