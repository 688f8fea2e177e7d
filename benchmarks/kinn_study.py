"""KINN against FNO on the same data: same updates, same time; orders of a cascade; digits.

Run from the project's folder; every finished training is written to
``benchmarks/results/kinn_study.json`` at once, and those that are there are left out (remove the
file to begin anew):

    OMP_NUM_THREADS=1 python -m benchmarks.kinn_study short [--studies burgers] [--minutes 60]

Each training is a process of its own with one thread; two go side by side. Learning rates are
chosen on the validation set, each arm from the same ones by trainings of their own seed; the test
set is read once, after the last update of the trainings that count. Times are those of the
trainings with a look at the validation set after every epoch: ``cpu_seconds`` of the process,
``wall_seconds`` of the clock, which a busy machine stretches.
"""

import argparse
import json
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .fourier_controls import register
from .kinn_arms import PRESETS, Study
from .kinn_jobs import Job, jobs, summary
from .trainings import Record, carry_out, figures_of

RESULTS = Path(__file__).parent / "results" / "kinn_study.json"


def trained(study: Study, job: Job) -> dict[str, Any]:
    """Train, and say what came of it; without a look at the test set when only choosing."""
    register()
    arm = study.arms[job.arm]
    given = {
        **study.settings,
        "dataset": study.dataset,
        "dataset_options": dict(study.options),
        "model": arm.model,
        "model_options": dict(arm.options),
        "learning_rate": job.rate,
        "epochs": job.epochs,
        "seed": job.seed,
        "device": study.device,
    }
    return {**asdict(job), **figures_of(given, job.choice)[1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("preset", choices=list(PRESETS))
    parser.add_argument("--studies", nargs="+", help="only these")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--job", help=argparse.SUPPRESS)
    given = parser.parse_args()
    preset = PRESETS[given.preset]
    if given.job:
        job = Job(**json.loads(given.job))
        print(json.dumps(trained(preset[job.study], job)))
        return
    # An end from outside ends the trainings too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    studies = {name: preset[name] for name in given.studies or preset}
    command = f"OMP_NUM_THREADS=1 python -m benchmarks.kinn_study {given.preset}"
    record = Record(given.json, given.preset, command, lambda runs: summary(preset, runs))
    until = time.time() + 60 * given.minutes
    carry_out(record, lambda runs: jobs(studies, runs), __spec__.name, given.processes, until)


if __name__ == "__main__":
    main()
