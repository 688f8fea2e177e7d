"""Trainings of a study, carried out side by side and kept in a file as they finish."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import torch

from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

POLL_SECONDS = 0.2

Runs = dict[str, dict[str, Any]]
"""Finished trainings by the key of their job."""


class Job(Protocol):
    """One training; a frozen dataclass that travels as JSON."""

    @property
    def key(self) -> str:
        """What the training is called in the file."""
        ...

    @property
    def choice(self) -> bool:
        """Whether it only chooses settings."""
        ...


def figures_of(spec: dict[str, Any], choice: bool) -> tuple[Trainer, dict[str, Any]]:
    """Train by a spec, with one thread, and what came of it.

    Args:
        spec: fields of a ``TrainSpec``.
        choice: whether only settings are chosen, so that nothing is said of the test set.
    """
    torch.set_num_threads(1)
    usual = {"threads": 1, "frame_interval": 0, "check_finer": "never"}
    trainer = Trainer(TrainSpec.make(**{**usual, **spec}))
    wall, cpu = time.perf_counter(), time.process_time()
    figures: dict[str, float] = {}
    for event in trainer.events():
        if isinstance(event, Evaluated):
            figures = event.figures
    return trainer, {
        **{name: float(f"{value:.6g}") for name, value in figures.items()
           if not choice or name.startswith(("train_", "validation_"))},
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
        command: that repeats them.
        summary: what all trainings say together.
    """

    def __init__(
        self, path: Path, preset: str, command: str, summary: Callable[[Runs], dict[str, Any]]
    ) -> None:
        self.path, self.preset, self.command, self.summary = path, preset, command, summary
        self.known = json.loads(path.read_text()) if path.is_file() else {}
        self.runs: Runs = self.known.get(preset, {}).get("runs", {})

    def add(self, job: Job, run: dict[str, Any]) -> None:
        """Write a finished training, and what all of them say together."""
        self.runs[job.key] = run
        self.known |= {
            "command": self.command,
            "machine": {
                "torch": torch.__version__,
                "python": platform.python_version(),
                "processors": os.cpu_count(),
            },
            self.preset: {"summary": self.summary(self.runs), "runs": self.runs},
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.known, indent=1) + "\n")
        part.replace(self.path)


def carry_out(
    record: Record,
    waiting: Callable[[Runs], Iterable[Job]],
    module: str,
    processes: int,
    until: float,
) -> None:
    """Train all that is not there yet, so many at a time, until a time of the clock.

    Args:
        record: where finished trainings go.
        waiting: the jobs that can begin, finished ones too, the most important first.
        module: whose program trains one: ``python -m MODULE PRESET --job JSON`` prints its figures.
        processes: how many at a time.
        until: time of the clock [s].
    """
    running: dict[Any, subprocess.Popen[str]] = {}
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
            free = [job for job in waiting(record.runs) if job.key not in done]
            for job in free[: processes - len(running)]:
                running[job] = _begun(module, record.preset, job)
            if not running:
                return
            time.sleep(POLL_SECONDS)
    finally:
        for process in running.values():
            process.terminate()


def _begun(module: str, preset: str, job: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", module, preset, "--job", json.dumps(asdict(job))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
