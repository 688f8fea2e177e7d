"""Driven circuits and lanes of trained networks in ngspice: against SciPy, us, and the network.

Random circuits with every parameter over decades (``tests/driven_circuits.py``): ngspice's and our
voltages against SciPy's. Then small networks that are trained here: their lanes in ngspice against
what the network computes, for cascades with ends and without, a ring of one node and of eight for
every point, a sheet and a mesh. Run from the project's folder; writes
``benchmarks/results/driven.json``:

    .venv/bin/python -m benchmarks.driven                     # 30 circuits, six networks
    .venv/bin/python -m benchmarks.driven circuits 10 100     # 10 circuits from seed 100 on
    .venv/bin/python -m benchmarks.driven networks
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from backend.errors import ExportError
from backend.export.ngspice import run_ngspice
from backend.export.verify_excerpt import verify_excerpt
from backend.simulation.simulate import simulate
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from tests.driven_circuits import truth, wide_circuit

RESULTS = Path(__file__).parent / "results" / "driven.json"
TOLERANCE = 1e-3
OUTPUTS = 101
FEW = {"n": 32, "validation": 8, "test": 8, "epochs": 10, "channels": 12, "lanes": 16, "blocks": 2}

NETWORKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("burgers", {"cell": "cascade"}, {"block": 2}),
    ("burgers", {"cell": "ring"}, {"lane": 1}),
    ("burgers", {"cell": "ring"}, {"lane": 1, "refine": 8}),
    ("darcy", {"cell": "cascade"}, {"block": 2, "axis": 2}),
    ("darcy", {"cell": "ring"}, {"lane": 1}),
    ("darcy", {"cell": "grid"}, {"lane": 1}),
]
"""Data set, options of the network, and which lanes."""


def random_circuit(seed: int) -> dict[str, Any]:
    """The errors of ngspice and of us, as shares of the largest voltage."""
    circuit = wide_circuit(seed)
    record: dict[str, Any] = {
        "seed": seed,
        "slices": len(circuit.slices),
        "nodes": len(circuit.nodes),
        "seconds": circuit.duration,
    }
    t = np.linspace(0.0, circuit.duration, OUTPUTS)
    wanted = truth(circuit, t)
    size = float(np.abs(wanted).max())
    ours = simulate(circuit, outputs=OUTPUTS, throw=False)
    record |= {
        "status": ours.status.state,
        "ours": float(np.abs(ours.voltages - wanted).max()) / size,
    }
    try:
        theirs = run_ngspice(circuit, t)
    except ExportError as error:
        return {**record, "ngspice": None, "why": str(error)}
    return {**record, "ngspice": float(np.abs(theirs - wanted).max()) / size}


def network(dataset: str, options: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    """A short training, then the lanes in ngspice against the network, relative L2."""
    began = time.perf_counter()
    given = {**FEW, "resolution": 64 if dataset == "burgers" else 22, **options}
    spec = TrainSpec.from_options({"model": "kinn", "dataset": dataset, **given})
    trainer = Trainer(spec)
    for _ in trainer.events():
        pass
    model = trainer.model.eval()
    excerpt = model.excerpt(trainer.test.x[0], **choice)
    result = verify_excerpt(excerpt, TOLERANCE)
    return {
        "dataset": dataset,
        **options,
        **choice,
        "nodes": len(excerpt.circuit.nodes),
        "devices": excerpt.circuit.device_count,
        "ngspice_and_we": result.circuit.largest_error,
        "ngspice_and_network": result.model_error,
        "limit": result.limit,
        "ok": result.ok,
        "seconds": round(time.perf_counter() - began, 1),
    }


def about(records: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of random circuits."""
    solved = [record["ngspice"] for record in records if record["ngspice"] is not None]
    return {
        "witness": "scipy LSODA at 1e-10",
        "tolerance": TOLERANCE,
        "circuits": len(records),
        "ngspice_agrees": sum(error <= TOLERANCE for error in solved),
        "ngspice_worst": max(solved),
        "ngspice_median": float(np.median(solved)),
        "ours_worst": max(record["ours"] for record in records),
        "each": records,
    }


def store(part: str, found: Any) -> None:
    """Put one part of the results into the file, beside the other."""
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, part: found}, indent=1) + "\n")


def main(part: str = "all", circuits: int = 30, first: int = 0) -> None:
    if part in ("all", "circuits"):
        records = []
        for seed in range(first, first + circuits):
            records.append(random_circuit(seed))
            print(json.dumps(records[-1]), flush=True)
            store("circuits", about(records))
    if part in ("all", "networks"):
        lanes = []
        for each in NETWORKS:
            lanes.append(network(*each))
            print(json.dumps(lanes[-1]), flush=True)
            store("networks", lanes)


if __name__ == "__main__":
    main(*sys.argv[1:2], *(int(text) for text in sys.argv[2:]))
