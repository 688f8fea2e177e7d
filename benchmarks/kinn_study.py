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
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

from .fourier_controls import register
from .kinn_arms import PRESETS, Study
from .kinn_jobs import Job, Runs, jobs, summary

RESULTS = Path(__file__).parent / "results" / "kinn_study.json"
POLL_SECONDS = 0.2


def trained(study: Study, job: Job) -> dict[str, Any]:
    """Train, and say what came of it; without a look at the test set when only choosing."""
    register()
    arm = study.arms[job.arm]
    torch.set_num_threads(1)
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
        "threads": 1,
        "frame_interval": 0,
        "check_finer": "never",
    }
    trainer = Trainer(TrainSpec.make(**given))
    wall, cpu = time.perf_counter(), time.process_time()
    figures: dict[str, float] = {}
    for event in trainer.events():
        if isinstance(event, Evaluated):
            figures = event.figures
    return {
        **asdict(job),
        **{name: float(f"{value:.6g}") for name, value in figures.items()
           if not job.choice or name.startswith(("train_", "validation_"))},
        "parameters": sum(p.numel() for p in trainer.model.parameters()),
        "updates": trainer.step,
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }  # fmt: skip


class Record:
    """The file with all finished trainings of a preset.

    Args:
        path: where it lies.
        preset: which studies.
    """

    def __init__(self, path: Path, preset: str) -> None:
        self.path, self.preset = path, preset
        self.known = json.loads(path.read_text()) if path.is_file() else {}
        self.runs: Runs = self.known.get(preset, {}).get("runs", {})

    def add(self, job: Job, run: dict[str, Any]) -> None:
        """Write a finished training, and what all of them say together."""
        self.runs[job.key] = run
        self.known |= {
            "command": f"OMP_NUM_THREADS=1 python -m benchmarks.kinn_study {self.preset}",
            "machine": {
                "torch": torch.__version__,
                "python": platform.python_version(),
                "processors": os.cpu_count(),
            },
            self.preset: {"summary": summary(PRESETS[self.preset], self.runs), "runs": self.runs},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.known, indent=1) + "\n")
        part.replace(self.path)


def carry_out(record: Record, studies: Mapping[str, Study], processes: int, until: float) -> None:
    """Train all that is not there yet, so many at a time, until a time of the clock."""
    running: dict[Job, subprocess.Popen[str]] = {}
    failed: set[str] = set()
    try:
        while time.time() < until:
            for job in [job for job, process in running.items() if process.poll() is not None]:
                out = running.pop(job).communicate()[0]
                try:
                    record.add(job, json.loads(out))
                    print(job.key, record.runs[job.key], flush=True)
                except json.JSONDecodeError:
                    failed.add(job.key)
                    print(f"{job.key}: the training failed", flush=True)
            done = {*record.runs, *failed, *(job.key for job in running)}
            waiting = [job for job in jobs(studies, record.runs) if job.key not in done]
            for job in waiting[: processes - len(running)]:
                running[job] = _begun(record.preset, job)
            if not running:
                return
            time.sleep(POLL_SECONDS)
    finally:
        for process in running.values():
            process.terminate()


def _begun(preset: str, job: Job) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", __spec__.name, preset, "--job", json.dumps(asdict(job))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


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
    record = Record(given.json, given.preset)
    carry_out(record, studies, given.processes, time.time() + 60 * given.minutes)


if __name__ == "__main__":
    main()
