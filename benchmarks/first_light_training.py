"""Accuracy and time of the default trainings, as `kirchhoff train` runs them.

python benchmarks/first_light_training.py --json benchmarks/results/first_light_training.json

Every training is a detached worker of its own; its time counts from the worker's start to its
last status, loading torch, evaluation, frames and checkpoints included.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from backend.runs import RunDirectory, reconcile, start_run
from backend.training import TrainSpec
from backend.training.evaluate import evaluate

ENDED = ("done", "failed", "cancelled", "lost")


def finished(run: RunDirectory) -> dict:
    """The last status of a run."""
    while run.status["state"] not in ENDED:
        time.sleep(0.2)
        reconcile(run.home)
    return run.status


def measure(dataset: str, seed: int, home: Path) -> dict:
    """One training with defaults, and its weights under steps eight times finer."""
    spec = TrainSpec.from_options({"dataset": dataset, "seed": str(seed)})
    run = start_run(spec, home)
    status = finished(run)
    if status["state"] != "done":
        raise SystemExit(f"{run.id}: {status['message']}")
    rows = [row for row in run.metrics()[0] if "test_accuracy" in row]
    target = {"two_moons": 0.99, "digits": 0.96}.get(dataset, 1.0)
    reached = [row for row in rows if row["test_accuracy"] >= target]
    fine = {"steps": str(8 * spec.solver_options["steps"])}
    return {
        "dataset": dataset,
        "seed": seed,
        "nodes": status["nodes"],
        "devices": status["devices"],
        "test_accuracy_last_epoch": rows[-1]["test_accuracy"],
        "test_loss_last_epoch": rows[-1]["test_loss"],
        "train_accuracy_last_epoch": rows[-1]["train_accuracy"],
        "test_accuracy_best_checkpoint": evaluate(run)["accuracy"],
        "test_accuracy_8x_finer_steps": evaluate(run, overrides=fine)["accuracy"],
        "wall_seconds": round(status["finished"] - status["started"], 2),
        "cpu_seconds": round(status["cpu_seconds"], 2),
        "training_seconds": round(rows[-1]["time"], 2),
        "target": target,
        "first_epoch_at_target": reached[0]["epoch"] if reached else None,
        "training_seconds_to_target": round(reached[0]["time"], 2) if reached else None,
        "spec": spec.model_dump(exclude={"circuit", "name"}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", nargs="+", default=["two_moons", "digits"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as home:
        for dataset in options.datasets:
            for seed in options.seeds:
                result = measure(dataset, seed, Path(home))
                results.append(result)
                print(
                    f"{dataset} seed {seed}: {result['test_accuracy_last_epoch']:.2%} test, "
                    f"{result['wall_seconds']:.1f} s, {result['cpu_seconds']:.1f} CPU s",
                    flush=True,
                )
    document = {
        "command": "python benchmarks/first_light_training.py "
        "--json benchmarks/results/first_light_training.json",
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load_average": os.getloadavg(),
            "note": "the machine was shared: CPU seconds are the figure to compare",
        },
        "split": "two_moons: fresh test set of 1,000; digits: stratified 25 % (450), seed 0",
        "results": results,
    }
    if options.json:
        options.json.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
