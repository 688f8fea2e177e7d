"""Events of a training onto the disk."""

import io
import json
import time
from pathlib import Path

import numpy as np

from ..errors import RunError
from ..training.events import (
    Checkpointed,
    Edited,
    Evaluated,
    Event,
    FrameStored,
    PhaseBegun,
    StepDone,
)
from ..training.finer import doubts
from ..training.loop import Snapshot, Trainer
from .checkpoints import write_checkpoint
from .directory import RunDirectory
from .files import DamagedError, reason, replace_file
from .heart import Heart
from .records import read_rows, row_of

# Waiting for the disk after every epoch would slow short epochs down; a worker that is killed
# loses no more than this, or a minute of a long epoch.
EPOCH_SECONDS = 2.0
CHECKPOINT_SECONDS = 60.0


class Recorder:
    """Writes what a trainer says.

    Args:
        run: the run directory.
        trainer: where checkpoints come from.
        heart: told the progress.
    """

    def __init__(self, run: RunDirectory, trainer: Trainer, heart: Heart) -> None:
        self.run = run
        self.trainer = trainer
        self.heart = heart
        self.first_step, self.began = trainer.step, time.monotonic()
        self.stored: float | None = None
        self.best: Snapshot | None = None
        self.last_row = _mend(run.path / "metrics.jsonl")
        heart.set(total=trainer.total, step=trainer.step, epoch=trainer.epoch)
        heart.set(score=trainer.task.score)

    def record(self, event: Event) -> None:
        """Write one event.

        Raises:
            RunError: the disk refuses; says what is intact.
        """
        match event:
            case StepDone():
                self._progress(event)
            case Evaluated():
                self._row(event)
            case FrameStored():
                self._frame(event)
            case Checkpointed():
                self._end_of_epoch(event)
            case Edited():
                self.heart.set(devices=event.devices)
                say(f"epoch {event.epoch}  step {event.step}  edited: {event.words}")
            case PhaseBegun():
                self.heart.set(phase=event.phase)

    def checkpoint(self) -> None:
        """Store the trainer's present state, and the best since the last time.

        Raises:
            RunError: the disk refuses; the older checkpoint is intact.
        """
        folder = self.run.path / "checkpoints"
        had = (folder / "last.safetensors").exists()
        try:
            write_checkpoint(self.trainer.snapshot(), folder, self.best)
        except OSError as error:
            kept = "the one before it is intact" if had else "there is none before it"
            raise RunError(
                f"{reason(error)}: the checkpoint of epoch {self.trainer.epoch} was not written, "
                f"{kept}. Make room and resume"
            ) from error
        self.stored, self.best = time.monotonic(), None

    def forget_later_rows(self) -> None:
        """Drop the rows behind the present step, where the same steps may now give others."""
        path = self.run.path / "metrics.jsonl"
        kept = [
            line
            for line in path.read_bytes().splitlines(keepends=True)
            if (row_of(line) or {}).get("step", 0) <= self.trainer.step
        ]
        replace_file(path, b"".join(kept))
        self.last_row = min(self.last_row, self.trainer.step)

    def _end_of_epoch(self, event: Checkpointed) -> None:
        self.heart.set(epoch=event.epoch)
        if event.best:
            self.best = self.trainer.snapshot()
        due = self.stored is None or time.monotonic() - self.stored > EPOCH_SECONDS
        if due or event.final:
            self.checkpoint()

    def _progress(self, event: StepDone) -> None:
        spent = time.monotonic() - self.began
        left = spent / (event.step - self.first_step) * (self.trainer.total - event.step)
        self.heart.set(step=event.step, seconds_left=left, seconds=self.trainer.seconds)
        if time.monotonic() - (self.stored or self.began) > CHECKPOINT_SECONDS:
            self.checkpoint()

    def _row(self, event: Evaluated) -> None:
        row = event.row()
        self.heart.set(**event.figures, **event.solve)
        # After a resumption the steps since the last checkpoint are done again, with equal rows.
        if event.step <= self.last_row:
            return
        self.last_row = event.step
        path = self.run.path / "metrics.jsonl"
        size = path.stat().st_size
        try:
            with path.open("ab") as file:
                file.write(json.dumps(row).encode() + b"\n")
        except OSError as error:
            with path.open("r+b") as file:
                file.truncate(size)
            raise RunError(
                f"{reason(error)}: a row of metrics.jsonl was not written. Make room and resume"
            ) from error
        self._print(event)

    def _frame(self, event: FrameStored) -> None:
        file = io.BytesIO()
        np.savez_compressed(file, **event.arrays)  # pyright: ignore[reportArgumentType]
        path = self.run.path / "frames" / f"{event.epoch:06d}.npz"
        try:
            replace_file(path, file.getvalue(), sync=False)
        except OSError as error:
            raise RunError(
                f"{reason(error)}: the frame of epoch {event.epoch} was not written. "
                "Make room and resume"
            ) from error

    def _print(self, event: Evaluated) -> None:
        numbers = "  ".join(
            f"{name.replace('_', ' ')} {value:.4f}" for name, value in event.figures.items()
        )
        say(f"epoch {event.epoch}  step {event.step}  {event.time:.1f} s  {numbers}")
        if event.solve:
            error = event.solve["solve_error"]
            size = "not finite" if error is None else f"{error:.2g} of the largest voltage"
            say(f"solve {event.solve['solve_status']}  solve error {size}")
        if sentence := doubts([event.row()]):
            say(sentence)


def say(text: str) -> None:
    """A line of the log; a log that cannot be written is no reason to stop."""
    try:
        print(text, flush=True)
    except OSError:
        return


def _mend(path: Path) -> int:
    """Cut a half-written last row off and return the step of the last whole one.

    Raises:
        RunError: it is no file that rows could be added to.
    """
    path.touch()
    try:
        rows, whole, bad = read_rows(path)
    except DamagedError as error:
        raise RunError(f"{path}: {error}; move it away and resume") from None
    if whole < path.stat().st_size:
        with path.open("r+b") as file:
            file.truncate(whole)
    if bad:
        say(f"{path.name}: {bad} lines are no reports and left as they are")
    return max((row.get("step", -1) for row in rows), default=-1)
