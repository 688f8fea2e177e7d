"""The process that trains: ``python -m backend.runs.worker RUN_DIRECTORY``."""

import os
import signal
import sys
import threading
import time
import traceback
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .. import plugins
from ..errors import StudioError
from .directory import RunDirectory
from .door import reconcile
from .files import remove_parts
from .heart import Heart
from .launchers import LAUNCHERS
from .life import identity
from .lock import queue_lock, work_lock

if TYPE_CHECKING:
    from ..datasets.download import Progress
    from ..training.gradients import Gradients
    from ..training.loop import Trainer
    from .recorder import Recorder

KEPT = "KIRCHHOFF_KEPT"
"""Set where this process must not outlive the one at the other end of its input."""


def main(arguments: list[str]) -> int:
    """Work on one run directory to its end; then start the next of the queue."""
    if len(arguments) != 1:
        print("usage: python -m backend.runs.worker RUN_DIRECTORY", file=sys.stderr)
        return 2
    if os.environ.get(KEPT):
        threading.Thread(target=_end_with_keeper, daemon=True).start()
    try:
        run = RunDirectory(Path(arguments[0]).resolve())
    except StudioError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with work_lock(run.path):
            state = work(run)
    except StudioError as error:  # somebody else works on it, or nothing can be written
        print(error, file=sys.stderr)
        return 2
    if run.path.parent.name == "runs":
        reconcile(run.home)
    return 0 if state in ("done", "cancelled") else 1


def _end_with_keeper() -> None:
    """A keeper that is gone was started again elsewhere, with a worker of its own."""
    os.read(0, 1)
    os._exit(1)


def work(run: RunDirectory) -> str:
    """Train until done, stopped or failed; the final state."""
    stopping = threading.Event()
    before = run.status.get("message", "") if os.environ.get(KEPT) else ""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with _queue_of(run):
        for folder in ("", "checkpoints", "frames"):
            remove_parts(run.path / folder)
        heart = Heart(
            run,
            stopping,
            state="running",
            phase="starting",
            message=before,
            started=time.time(),
            **identity(),
        )
    state, message = "failed", ""
    try:
        plugins.load()
        state = _train(run, stopping, heart, before)
    except StudioError as error:
        message = str(error)
    except MemoryError:
        message = "the memory of this machine is too small for the run; try a smaller batch_size"
    except Exception as error:
        traceback.print_exc()
        message = f"unexpected {type(error).__name__}: {error}; log.txt has the details"
    if heart.disowned.is_set():
        state, message = "cancelled", "another worker has taken this run over"
    with suppress(OSError):
        print(f"{state}: {message}" if message else state, flush=True)
    heart.stop(
        state=state,
        phase="",
        message=message,
        finished=time.time(),
        seconds_left=0.0,
        cpu_seconds=time.process_time(),
    )
    if not heart.disowned.is_set():
        with suppress(OSError):
            (run.path / "stop").unlink(missing_ok=True)
    return state


def _queue_of(run: RunDirectory) -> AbstractContextManager[None]:
    """The queue's lock: whoever started this worker has then written so."""
    return queue_lock(run.home) if run.path.parent.name == "runs" else nullcontext()


def _train(run: RunDirectory, stopping: threading.Event, heart: Heart, before: str) -> str:
    # The first heartbeat comes before torch is loaded, which can take seconds.
    import torch

    from ..datasets.progress import watched
    from ..training.budget import check_budget
    from ..training.events import Checkpointed, StepDone
    from ..training.loop import Trainer
    from .edits import Editing, edits_of, made_of
    from .recorder import Recorder

    heart.set(phase="loading data")
    spec = run.spec
    torch.set_num_threads(spec.threads)
    has_checkpoint = (run.path / "checkpoints" / "last.safetensors").exists()
    try:
        with watched(_told(heart, stopping)):
            trainer = Trainer(
                spec,
                circuit=run.start_circuit() if run.has_circuit else None,
                edits=made_of(edits_of(run)),
                resume=run.checkpoint("last") if has_checkpoint else None,
                gradients=_gradients(run, heart, before),
            )
    except _StoppedError:
        return "cancelled"
    heart.set(message=before)
    for note in trainer.dataset.notes:
        print(f"data: {note}", flush=True)
    # Only now the number of examples is known for sure.
    check_budget(spec, trainer.start, run.path, trainer.batches.per_epoch)
    recorder = Recorder(run, trainer, heart)
    if has_checkpoint:
        _say_resumed(trainer, recorder)
    editing = Editing(run, trainer)
    for event in trainer.events():
        recorder.record(event)
        between = isinstance(event, StepDone | Checkpointed)
        if between and stopping.is_set() and not trainer.finished:
            if not heart.disowned.is_set():
                recorder.checkpoint()
            return "cancelled"
        # Edits that are known already come first.
        if between and not trainer.at_end and trainer.edited == len(trainer.edits):
            editing.look()
            if trainer.edited < len(trainer.edits):
                # Steps that are done again now lead elsewhere than they did before.
                recorder.forget_later_rows()
    return "done"


def _gradients(run: RunDirectory, heart: Heart, before: str) -> "Gradients":
    """How the run's launcher has gradients computed; its status says who is missing."""
    from .recorder import say

    status = run.status
    name, workers = str(status.get("launcher")), status.get("workers", 1)

    def told(sentence: str, working: int) -> None:
        say(sentence)
        heart.set(message=sentence if working < workers else before, working=working)

    return LAUNCHERS[name if name in LAUNCHERS else "local"].gradients(run, told)


class _StoppedError(Exception):
    """Somebody asked to stop while the data were made."""


def _told(heart: Heart, stopping: threading.Event) -> "Progress":
    """Says in the status how far a data set is that takes its time."""

    def progress(what: str, done: int, total: int) -> None:
        heart.set(message=f"{what}: {done:,} of {total:,}")
        if stopping.is_set():
            raise _StoppedError

    return progress


def _say_resumed(trainer: "Trainer", recorder: "Recorder") -> None:
    """In the log: from where the training goes on, and what changed since it was begun."""
    from ..training.prepare import versions
    from .recorder import say

    now, made = versions(), trainer.spec.versions
    changed = [f"{name} {now.get(name, 'none')} (was {made[name]})" for name in made
               if now.get(name) != made[name]]  # fmt: skip
    say(f"goes on from step {trainer.step} of {trainer.total}")
    if changed:
        say(f"with other versions than the run was begun with: {', '.join(changed)}; "
            "from here on the curve may differ in its last digits")  # fmt: skip
        recorder.forget_later_rows()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
