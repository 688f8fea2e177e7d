"""The process that trains: ``python -m backend.runs.worker RUN_DIRECTORY``."""

import os
import signal
import socket
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

from ..errors import StudioError
from .directory import RunDirectory
from .door import reconcile
from .heart import Heart
from .processes import start_time


def main(arguments: list[str]) -> int:
    """Work on one run directory to its end; then start the next of the queue."""
    if len(arguments) != 1:
        print("usage: python -m backend.runs.worker RUN_DIRECTORY", file=sys.stderr)
        return 2
    try:
        run = RunDirectory(Path(arguments[0]).resolve())
    except StudioError as error:
        print(error, file=sys.stderr)
        return 2
    state = work(run)
    if run.path.parent.name == "runs":
        reconcile(run.home)
    return 0 if state in ("done", "cancelled") else 1


def work(run: RunDirectory) -> str:
    """Train until done, stopped or failed; the final state."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    heart = Heart(
        run,
        stopping,
        state="running",
        phase="starting",
        message="",
        pid=os.getpid(),
        start_time=start_time(os.getpid()),
        host=socket.gethostname(),
        started=time.time(),
    )
    state, message = "failed", ""
    try:
        state = _train(run, stopping, heart)
    except StudioError as error:
        message = str(error)
    except MemoryError:
        message = "the memory of this machine is too small for the run; try a smaller batch_size"
    except Exception as error:
        traceback.print_exc()
        message = f"unexpected {type(error).__name__}: {error}; log.txt has the details"
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
    (run.path / "stop").unlink(missing_ok=True)
    return state


def _train(run: RunDirectory, stopping: threading.Event, heart: Heart) -> str:
    # The first heartbeat comes before torch is loaded, which can take seconds.
    import torch

    from ..training.events import Checkpointed, StepDone
    from ..training.loop import Trainer
    from .recorder import Recorder

    heart.set(phase="loading data")
    spec = run.spec
    torch.set_num_threads(spec.threads)
    has_checkpoint = (run.path / "checkpoints" / "last.safetensors").exists()
    trainer = Trainer(
        spec,
        circuit=run.start_circuit(),
        resume=run.checkpoint("last") if has_checkpoint else None,
    )
    recorder = Recorder(run, trainer, heart)
    for event in trainer.events():
        recorder.record(event)
        between = isinstance(event, StepDone | Checkpointed)
        if between and stopping.is_set() and not trainer.finished:
            recorder.checkpoint()
            return "cancelled"
    return "done"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
