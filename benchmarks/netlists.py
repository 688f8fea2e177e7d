"""Exported netlists of random hard circuits in ngspice, against SciPy's voltages.

Capacitances, conductances and durations over six decades, diodes, latches, driven nodes at 0 V:
see ``tests/hard_circuits.py``. Run from the project's folder; writes
``benchmarks/results/netlists.json``:

    .venv/bin/python -m benchmarks.netlists            # 200 circuits
    .venv/bin/python -m benchmarks.netlists 50 1000    # 50 circuits from seed 1000 on
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from backend.errors import ExportError
from backend.export.ngspice import run_ngspice
from backend.export.verify import LOST
from tests.hard_circuits import Truth, hard_circuit

RESULTS = Path(__file__).parent / "results" / "netlists.json"
TOLERANCE = 1e-3
OUTPUTS = 101
SECONDS = 300.0


def outcome(seed: int) -> dict[str, Any]:
    """What became of one circuit: ``agrees``, ``differs``, ``stopped`` or ``no truth``."""
    circuit = hard_circuit(seed)
    t = np.linspace(0.0, circuit.duration, OUTPUTS)
    truth = Truth(circuit)
    expected = truth.voltages(t)
    record: dict[str, Any] = {"seed": seed, "name": circuit.name}
    if expected is None or truth.distrust > 0.1 * TOLERANCE:
        return {**record, "outcome": "no truth", "why": "SciPy's own methods disagree or fail"}
    try:
        found = run_ngspice(circuit, t, SECONDS)
    except ExportError as error:
        return {**record, "outcome": "stopped", "why": str(error)}
    gap = np.abs(found - expected)
    error = float(gap.max() / (np.abs(expected).max() or 1.0))
    if error <= TOLERANCE:
        return {**record, "outcome": "agrees", "error": error}
    row, column = np.unravel_index(int(gap.argmax()), gap.shape)
    size = np.abs(expected).max(axis=1)
    lost = bool((size < LOST * np.maximum.accumulate(size)).any())
    node = circuit.node_ids[int(column)]
    why = f"node '{node}' at t = {t[row]:.4g} s: {found[row, column]:.6g} V, not "
    why += f"{expected[row, column]:.6g} V" + lost * "; grown from below 1e-13 of earlier voltages"
    return {**record, "outcome": "differs", "error": error, "why": why}


def main(circuits: int = 200, first: int = 0) -> None:
    records = []
    for seed in range(first, first + circuits):
        records.append(outcome(seed))
        if records[-1]["outcome"] != "agrees":
            print(json.dumps(records[-1]), flush=True)
    errors = [record["error"] for record in records if record["outcome"] == "agrees"]
    summary = {
        "command": f"python -m benchmarks.netlists {circuits} {first}",
        "witness": "scipy LSODA at 1e-10, confirmed by Radau at 1e-8",
        "tolerance": TOLERANCE,
        "circuits": circuits,
        "outcomes": dict(Counter(record["outcome"] for record in records)),
        "worst": max(errors, default=None),
        "median": float(np.median(errors)) if errors else None,
        "rest": [record for record in records if record["outcome"] != "agrees"],
    }
    print({name: summary[name] for name in ("outcomes", "worst", "median")})
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(summary, indent=1) + "\n")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
