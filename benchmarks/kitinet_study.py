"""Do collisions help? KITINet beside its plain twin, dropout and noise of the same size.

Run from the project's folder; every finished training is written to
``benchmarks/results/kitinet_study.json`` at once, and those that are there are left out (remove the
file to begin anew):

    OMP_NUM_THREADS=1 python -m benchmarks.kitinet_study short [--minutes 90] [--data-dir DIR]

Each training is a process of its own with one thread; two go side by side. Every arm has four
tries of settings, with a seed of their own, and the validation set chooses among them; the test set
is read once, after the last update of the trainings that count. Differences from the plain twin are
paired by seed: first parameters and the order of examples are the same.
"""

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.datasets import use_folders
from backend.datasets.folders import search_folders
from backend.models.kitinet import condensations
from backend.models.kitinet.gas import Gas

from .kinetic_controls import register
from .kitinet_arms import ARMS, PRESETS, Preset
from .kitinet_jobs import Job, jobs, summary
from .trainings import Record, carry_out, figures_of

RESULTS = Path(__file__).parent / "results" / "kitinet_study.json"
SETTINGS = ("weight_decay",)
"""Names in a try that are settings of the training; all others are options of the network."""


def trained(preset: Preset, job: Job) -> dict[str, Any]:
    """Train, and say what came of it; without a look at the test set when only choosing."""
    register()
    task, arm = preset.tasks[job.task], ARMS[job.arm]
    own = dict(arm.tries[job.attempt])
    factor = own.pop("factor")
    settings = {name: own.pop(name) for name in SETTINGS if name in own}
    trainer, figures = figures_of(
        {
            **task.settings,
            **settings,
            "dataset": task.dataset,
            "dataset_options": {name: _placed(value) for name, value in task.data.items()},
            "model": arm.model,
            "model_options": {**task.network, **arm.options, **own},
            "learning_rate": factor * task.rate,
            "seed": job.seed,
            "device": preset.device,
        },
        job.choice,
    )
    return {**asdict(job), **figures, **(_inside(trainer.model) if not job.choice else {})}


def _placed(value: Any) -> Any:
    """An option with the folder of the public data in it."""
    if not isinstance(value, str):
        return value
    return value.replace("{data}", str(search_folders()[0]))


def _inside(model: Any) -> dict[str, float]:
    """The share of pairs that collided at last, and condensation, the mean over layers."""
    layers = [each for each in condensations(model).values() if each.cosine == each.cosine]
    found = {
        "condensation_cosine": sum(layer.cosine for layer in layers) / len(layers),
        "condensation_rank": sum(layer.rank for layer in layers) / len(layers),
        "condensation_aligned": sum(layer.aligned for layer in layers) / len(layers),
    }
    if isinstance(model, Gas) and (books := model.books()):
        found["accepted"] = sum(each.accepted for each in books.values()) / len(books)
    return {name: float(f"{value:.4g}") for name, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("preset", choices=list(PRESETS))
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--data-dir", type=Path, help="folder of the public data")
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    given = parser.parse_args()
    preset = PRESETS[given.preset]
    if given.data_dir:
        use_folders(given.data_dir, None)
    if given.job:
        job = Job(**json.loads(given.job))
        print(json.dumps(trained(preset, job)))
        return
    # An end from outside ends the trainings too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    command = f"OMP_NUM_THREADS=1 python -m benchmarks.kitinet_study {given.preset}"
    record = Record(given.json, given.preset, command, lambda runs: summary(preset, runs))
    until = time.time() + 60 * given.minutes
    carry_out(record, lambda runs: jobs(preset, runs), __spec__.name, given.processes, until)


if __name__ == "__main__":
    main()
