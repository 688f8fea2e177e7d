"""Trainings by steady states beside trainings by transients, both with their shipped recipes.

Run from the project's folder; writes ``benchmarks/results/steady_state.json`` row by row, and
leaves rows that are there (one thread, minutes; remove the file to begin anew):

    OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.steady_state

Both models see the same examples; every figure is that of the last epoch. Of steady states it is
told which share of the test examples settles and is stable, how well they are conditioned, and what
the circuit answers when it is switched on and followed in time instead (``transient_accuracy``).
"""

import json
import time
from pathlib import Path
from typing import Any

import torch

from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

RESULTS = Path(__file__).parent / "results" / "steady_state.json"
CASES = [
    ("two_moons", {}, (0, 1, 2)),
    ("circles", {}, (0,)),
    ("digits", {}, (0,)),
]
MODELS = ("steady_state", "kirchhoffnet")
COMMAND = "OMP_NUM_THREADS=1 python -m benchmarks.steady_state"


def one(model: str, dataset: str, seed: int, settings: dict[str, Any]) -> dict[str, Any]:
    """The last report of one training, and its CPU time."""
    spec = TrainSpec.make(model=model, dataset=dataset, seed=seed, frame_interval=0, **settings)
    trainer = Trainer(spec)
    began = time.process_time()
    rows = [event for event in trainer.events() if isinstance(event, Evaluated)]
    last = rows[-1]
    lowest = {
        f"lowest_{name}": min(row.figures[f"train_{name}"] for row in rows
                              if f"train_{name}" in row.figures)
        for name in ("converged", "stable")
        if f"train_{name}" in last.figures
    }  # fmt: skip
    return {
        **{name: round(value, 6) for name, value in last.figures.items()},
        **lowest,
        **last.solve,
        "epochs": trainer.epoch,
        "parameters": sum(value.numel() for value in trainer.model.parameters()),
        "cpu_seconds": round(time.process_time() - began, 1),
    }


def main() -> None:
    """All trainings that are not in the file yet."""
    torch.set_num_threads(1)
    known: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    known |= {"command": COMMAND, "versions": {"torch": torch.__version__}}
    known.setdefault("runs", {})
    for dataset, settings, seeds in CASES:
        for seed in seeds:
            for model in MODELS:
                name = f"{dataset} {model} seed {seed}"
                if name not in known["runs"]:
                    known["runs"][name] = one(model, dataset, seed, settings)
                    RESULTS.write_text(json.dumps(known, indent=1) + "\n")
                shown = known["runs"][name]
                print(name, shown["test_accuracy"], shown["cpu_seconds"], "s", flush=True)


if __name__ == "__main__":
    main()
