"""The training loop: a generator of events, resumable at every step."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ..circuit import Circuit
from ..datasets import Examples
from ..datasets.streamed import in_memory
from ..errors import RunError, SolveError
from ..models import CircuitModel, Moment
from ..streams import MODEL, stream
from .average import Average
from .batches import Batches
from .edits import Edit, edited, moved
from .events import Checkpointed, Edited, Evaluated, Event, FrameStored, PhaseBegun, StepDone
from .frames import choose_probe, frame
from .gradients import Gradients, Learner, of_batch
from .means import Means
from .optimiser import Optimiser
from .prepare import build_model, make_dataset, make_task, start_circuit
from .schedule import learning_rate
from .snapshot import Snapshot as Snapshot
from .snapshot import trained_circuit as trained_circuit
from .snapshot import trained_model as trained_model
from .snapshot import under
from .spec import TrainSpec, check_same, remembered
from .tasks import Measured

COUNTERS = ("step", "epoch", "stale")
"""Of a snapshot, whole numbers."""


class TrainingDiverged(RunError):
    """The loss is not finite any more."""


def train(
    spec: TrainSpec, *, circuit: Circuit | None = None, resume: Snapshot | None = None
) -> Iterator[Event]:
    """Train, saying what happens; stop iterating to cancel.

    Args:
        spec: what to train, on what, and how.
        circuit: the circuit to begin with, when it is at hand already.
        resume: where an earlier training was left.

    Raises:
        TrainingDiverged: names the epoch and the node.
        StudioError: the spec cannot be carried out.
    """
    return Trainer(spec, circuit=circuit, resume=resume).events()


class Trainer:
    """The state of one training.

    Args:
        spec: what to train, on what, and how.
        circuit: the circuit to begin with; ``None`` makes it from the spec, where there is one.
        resume: where an earlier training was left.
        folder: where relative paths of the spec begin.
        edits: of the circuit, in their order: those that were made already, and those to come.
        gradients: how the gradient of a step is computed.

    Attributes:
        step: optimiser steps done.
        epoch: epochs done.
        stale: epochs since the loss that decides was at its lowest: that of the validation set, or
            of the training set where there is none.
        held_out: name of the part of the data that is looked at after every epoch: ``validation``,
            the test set then only at the end; or ``test`` where there is no other.
        judged: that part.
        test: the test set; ``None`` where a validation set chooses and ``test_at`` is ``never``.
    """

    def __init__(
        self,
        spec: TrainSpec,
        *,
        circuit: Circuit | None = None,
        resume: Snapshot | None = None,
        folder: Path | None = None,
        edits: Sequence[Edit] = (),
        gradients: Gradients = of_batch,
    ) -> None:
        self.spec = spec
        self.gradients = gradients
        self.edits = list(edits)
        self.edited = 0 if resume is None else resume.edits
        self.dataset = make_dataset(spec)
        self.task = make_task(spec, self.dataset)
        split = self.task.split()
        self.held_out = split.held_out
        self.judged = self._placed(split.part(split.held_out))
        self.test: Examples | None = self.judged
        if split.validation is not None:
            # Where nobody may read it, it is not even looked up.
            self.test = self._placed(split.test) if spec.test_at == "end" else None
        begun = circuit or start_circuit(spec, folder)
        self.start = edited(begun, self.edits[: self.edited])
        self.model = build_model(spec, self.start, self.dataset)
        if resume is None:
            x, y = in_memory(split.train.x, split.train.y)
            self.model.adapt(x.to(spec.device), y.to(spec.device))
        self.batches = Batches(self.task, split.train, spec)
        self.optimiser = Optimiser(self.model, spec)
        self.average = Average(self.model, spec.ema)
        self.probe = choose_probe(self.task, split)
        self.step = self.epoch = self.stale = 0
        self.seconds = 0.0
        self.best = math.inf
        self.window = Means()
        self.whole = Means()
        self.noted: dict[str, float] = {}
        if resume is not None:
            self._restore(resume)

    @property
    def total(self) -> int:
        """Optimiser steps of the whole training."""
        return self.batches.per_epoch * self.spec.epochs

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or there was no progress for too long."""
        patience = self.spec.patience
        return self.epoch >= self.spec.epochs or bool(patience and self.stale >= patience)

    @property
    def at_end(self) -> bool:
        """Whether no step comes before the next evaluation, or none at all."""
        return self.finished or self.step >= (self.epoch + 1) * self.batches.per_epoch

    def events(self) -> Iterator[Event]:
        """Train from the present state to the end."""
        # The kernels compile in the first solve and in the first gradient.
        yield PhaseBegun("compiling")
        compiled = self.step + 1
        if self.step == 0 and self.spec.frame_interval:
            yield self._frame(self._measured())
        while not self.finished:
            if self.step >= compiled:
                yield PhaseBegun("training")
            for event in self._steps():
                yield event
                if isinstance(event, StepDone) and event.step == compiled:
                    yield PhaseBegun("training")
            yield PhaseBegun("evaluating")
            yield from self._end_of_epoch()

    def snapshot(self) -> Snapshot:
        """A copy of the present state."""
        parts = {
            "model": self.model.state_dict(),
            "mean": self.average.state(),
            "optimiser": self.optimiser.state(),
        }
        tensors = {
            f"{part}/{name}": value.detach().cpu().clone()
            for part, values in parts.items()
            for name, value in values.items()
        }
        meta = {
            "step": self.step,
            "epoch": self.epoch,
            "stale": self.stale,
            "seconds": self.seconds,
            "best": None if math.isinf(self.best) else self.best,
            "window": self.window.to_dict(),
            "whole": self.whole.to_dict(),
            "noted": self.noted,
            **({"edits": self.edited} if self.edited else {}),
            "spec": remembered(self.spec),
        }
        return Snapshot(tensors, meta)

    def _restore(self, snapshot: Snapshot) -> None:
        check_same(self.spec, snapshot.meta.get("spec"), "spec.json")
        try:
            self._take(snapshot)
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            why = " ".join(str(error).split())[:80]
            raise RunError(f"the checkpoint does not fit this training ({why})") from None

    def _take(self, snapshot: Snapshot) -> None:
        meta = snapshot.meta
        self.model.load_state_dict(under("model/", snapshot.tensors))
        self.average.restore(under("mean/", snapshot.tensors))
        self.optimiser.restore(under("optimiser/", snapshot.tensors))
        self.step, self.epoch, self.stale = (int(meta[name]) for name in COUNTERS)
        self.seconds = float(meta["seconds"])
        self.best = math.inf if meta["best"] is None else meta["best"]
        self.window, self.whole = Means(**meta["window"]), Means(**meta["whole"])
        self.noted = {name: float(value) for name, value in meta.get("noted", {}).items()}

    def _steps(self) -> Iterator[Event]:
        """The rest of the present epoch."""
        began = time.perf_counter()
        end = (self.epoch + 1) * self.batches.per_epoch
        for x, y in self.batches.between(self.step, end):
            yield from self._edits()
            rate = learning_rate(self.spec, self.step, self.total)
            value, figures = self._learn(x, y, rate)
            self.step += 1
            self.seconds += time.perf_counter() - began
            # The report goes first, so that a training left at any step has made it.
            if self.step % self.spec.report_interval == 0 and self.step < end:
                means, self.window = self.window.means("train_"), Means()
                yield Evaluated(self.step, self.epoch + 1, self.seconds, rate, means)
            yield StepDone(self.step, self.epoch + 1, value, figures, rate)
            began = time.perf_counter()

    def _edits(self) -> Iterator[Event]:
        """Make the edits that are due before the next step."""
        while self.edited < len(self.edits) and self.edits[self.edited].step <= self.step:
            change = self.edits[self.edited].change
            assert isinstance(self.model, CircuitModel)
            found = moved(
                self.model, change, self.spec, self.dataset,
                moments=self.optimiser.state(), means=self.average.state(),
            )  # fmt: skip
            self.model, self.start = found.model, found.model.compiled.circuit
            self.optimiser = Optimiser(self.model, self.spec)
            self.optimiser.restore(found.moments)
            self.average = Average(self.model, self.spec.ema)
            if found.means:
                self.average.restore(found.means)
            self.edited += 1
            yield Edited(self.step, self.epoch + 1, change.words(), self.start.device_count)

    def _end_of_epoch(self) -> Iterator[Event]:
        began = time.perf_counter()
        self.epoch += 1
        with self.average.used():
            measured = self._measured()
            inside = self.model.figures(self.judged.x)
            figures = self.window.means("train_")
            figures |= _named(f"{self.held_out}_", {**measured.figures, **inside})
            # A finite gradient can still have thrown the parameters off; the next step would see.
            if not math.isfinite(measured.figures["loss"]):
                raise self._diverged(self.judged.x, f"the {self.held_out} set's loss")
            deciding = self.whole.means() if self.judged is self.test else measured.figures
            better = self._decide(deciding["loss"])
            if self.finished:
                figures |= self._closing()
            every = self.spec.check_finer
            if every == "epoch" or (every == "end" and self.finished):
                figures |= self._checked()
            look = every == "epoch" or self.finished
            solve = self.task.trust(self.model, self.judged.x) if look else {}
            figures |= self.noted
            self.seconds += time.perf_counter() - began
            rate = learning_rate(self.spec, self.step - 1, self.total)
            self.window, self.whole, self.noted = Means(), Means(), {}
            row = Evaluated(self.step, self.epoch, self.seconds, rate, figures, solve)
            interval = self.spec.frame_interval
            due = interval and (self.epoch % interval == 0 or self.finished)
            stored = self._frame(measured) if due else None
        yield row
        if stored:
            yield stored
        yield Checkpointed(self.epoch, self.step, better, self.finished)

    def _decide(self, loss: float) -> bool:
        """Whether this epoch's loss is the lowest so far, which decides when to stop."""
        better = loss < self.best
        self.best, self.stale = min(loss, self.best), 0 if better else self.stale + 1
        return better

    def _closing(self) -> dict[str, float]:
        """What is told once, at the end: the test set where it was kept unseen, and others."""
        found: dict[str, float] = {}
        if self.test is None:
            return found
        if self.judged is not self.test:
            inside = self.model.figures(self.test.x)
            found |= _named("test_", {**self._measured(self.test).figures, **inside})
        found |= self.task.closing(self.test)
        for name, examples in self.task.further_tests().items():
            figures = self._measured(self._placed(examples)).figures
            found[f"test_{self.task.score}@{name}"] = figures[self.task.score]
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def _placed(self, examples: Examples) -> Examples:
        """Examples on the training's device."""
        return Examples(examples.x.to(self.spec.device), examples.y.to(self.spec.device))

    def _learn(self, x: Tensor, y: Tensor, rate: float) -> tuple[float, dict[str, float]]:
        """One optimiser step; what it minimised and the batch's figures before it."""
        learner = Learner(self.model, self.task, self.start)
        try:
            learnt = self.gradients(learner, self._moment(), x, y)
        except SolveError:
            raise self._diverged(x, "the solve") from None
        if not math.isfinite(learnt.objective):
            raise self._diverged(x, "the loss")
        self.optimiser.step(rate)
        self.average.update(self.step + 1)
        for means in (self.window, self.whole):
            means.add(learnt.figures, len(x))
        self.noted |= learnt.noted
        return learnt.objective, learnt.figures

    def _measured(self, examples: Examples | None = None) -> Measured:
        """How the model does, by default on what is held out.

        From here to the next step the model is only looked at.
        """
        part = examples or self.judged
        self.model.eval()
        try:
            return self.task.measure(self.model, part)
        except SolveError:
            raise self._diverged(part.x, "the solve of the test set") from None

    def _moment(self) -> Moment:
        step, seed = self.step, self.spec.seed
        return Moment(step, self.total, lambda: stream(seed, MODEL, step))

    def _checked(self) -> dict[str, float]:
        """The figures of what is held out, computed in other ways, such as with finer steps."""
        found: dict[str, float] = {}
        for name, context in self.model.checks().items():
            with context():
                outputs, peak = self.task.followed(self.model, self.judged.x)
                found |= _named(f"{name}_", self.task.judge(outputs, self.judged.y))
            found |= {} if peak is None else {"peak_voltage": peak}
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def _frame(self, measured: Measured) -> FrameStored:
        arrays = frame(self.task, self.model, self.probe, measured, self.judged)
        counters = {"epoch": torch.tensor(self.epoch), "step": torch.tensor(self.step)}
        arrays |= {name: value.numpy() for name, value in counters.items()}
        return FrameStored(self.epoch, self.step, arrays)

    def _diverged(self, x: Tensor, what: str) -> TrainingDiverged:
        finer = " or more solver steps" if self.spec.circuit_settings else ""
        return TrainingDiverged(
            f"the training diverged in epoch {self.step // self.batches.per_epoch + 1}, "
            f"step {self.step + 1}: {what} is not finite; {self.model.failure(x)}. "
            f"Try a smaller learning rate{finer}"
        )


def _named(prefix: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {prefix + name: value for name, value in figures.items()}
