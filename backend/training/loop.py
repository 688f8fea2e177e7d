"""The training loop: a generator of events, resumable at every step."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ..circuit import Circuit
from ..compile import compile_circuit
from ..errors import RunError, SolveError
from .events import Checkpointed, Evaluated, Event, FrameStored, StepDone
from .frames import choose_probe, frame
from .metrics import accuracy, loss
from .prepare import build_model, make_dataset, start_circuit
from .spec import TrainSpec

# torch's one-cycle defaults: the rate begins at 1/25 of its peak and ends at 1/10,000 of that.
FIRST_SHARE = 1 / 25
LAST_SHARE = FIRST_SHARE / 1e4


class TrainingDiverged(RunError):
    """The loss is not finite any more."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that is needed to go on as if nothing had happened.

    Args:
        tensors: parameters (``model/...``), optimiser state (``optimiser/...``) and the random
            generator's state (``random``).
        meta: counters and sums, fit for JSON.
    """

    tensors: dict[str, Tensor]
    meta: dict[str, Any]

    def parameters(self) -> dict[str, Tensor]:
        """The model's parameters by name."""
        return _under("model/", self.tensors)


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
        circuit: the circuit to begin with; ``None`` makes it from the spec.
        resume: where an earlier training was left.
        folder: where relative paths of the spec begin.

    Attributes:
        step: optimiser steps done.
        epoch: epochs done.
        total: optimiser steps of the whole training.
    """

    def __init__(
        self,
        spec: TrainSpec,
        *,
        circuit: Circuit | None = None,
        resume: Snapshot | None = None,
        folder: Path | None = None,
    ) -> None:
        self.spec = spec
        self.dataset = make_dataset(spec)
        self.split = self.dataset.split()
        self.start = circuit or start_circuit(spec, folder)
        self.model = build_model(spec, self.start, self.dataset)
        self.train_x, self.train_y = self._moved(self.split.train.x, self.split.train.y)
        self.test_x, self.test_y = self._moved(self.split.test.x, self.split.test.y)
        self.batches = math.ceil(len(self.train_y) / spec.batch_size)
        self.total = self.batches * spec.epochs
        # Not the fused form: it changes parameters without telling (torch 2.13 leaves their
        # version counters alone), and the vector field refreshes its tables by these counters.
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=spec.learning_rate,
            weight_decay=spec.weight_decay,
            foreach=True,
        )
        self.generator = torch.Generator().manual_seed(spec.seed)
        self.shuffle_state = self.generator.get_state()
        self.probe = choose_probe(self.dataset, self.split, self.start.device_count)
        self.step = self.epoch = 0
        self.seconds = 0.0
        self.best = math.inf
        self.window = _Sums()
        self.whole = _Sums()
        if resume is not None:
            self._restore(resume)

    def events(self) -> Iterator[Event]:
        """Train from the present state to the end."""
        if self.step == 0 and self.spec.frame_interval:
            yield self._frame(self.model.predict(self.test_x))
        while self.epoch < self.spec.epochs:
            yield from self._steps()
            yield from self._end_of_epoch()

    def snapshot(self) -> Snapshot:
        """A copy of the present state."""
        tensors = {"random": self.shuffle_state.clone()}
        for name, value in self.model.state_dict().items():
            tensors[f"model/{name}"] = value.detach().cpu().clone()
        names = {id(value): name for name, value in self.model.named_parameters()}
        for parameter, state in self.optimiser.state.items():
            for field, value in state.items():
                tensors[f"optimiser/{names[id(parameter)]}/{field}"] = value.detach().cpu().clone()
        meta = {
            "step": self.step,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "best": None if math.isinf(self.best) else self.best,
            "window": self.window.to_list(),
            "whole": self.whole.to_list(),
        }
        return Snapshot(tensors, meta)

    def _restore(self, snapshot: Snapshot) -> None:
        meta = snapshot.meta
        self.model.load_state_dict(snapshot.parameters())
        for name, parameter in self.model.named_parameters():
            state = _under(f"optimiser/{name}/", snapshot.tensors)
            if state:
                self.optimiser.state[parameter] = {
                    field: value.to(parameter.device) for field, value in state.items()
                }
        self.shuffle_state = snapshot.tensors["random"]
        self.step, self.epoch = meta["step"], meta["epoch"]
        self.seconds = meta["seconds"]
        self.best = math.inf if meta["best"] is None else meta["best"]
        self.window, self.whole = _Sums(*meta["window"]), _Sums(*meta["whole"])

    def _steps(self) -> Iterator[Event]:
        """The rest of the present epoch."""
        # The order of an epoch follows from the generator's state at its start, so a training
        # that is resumed in the middle of an epoch draws the same order again.
        self.generator.set_state(self.shuffle_state)
        order = torch.randperm(len(self.train_y), generator=self.generator)
        for batch in order.split(self.spec.batch_size)[self.step - self.epoch * self.batches :]:
            began = time.perf_counter()
            rate = learning_rate(self.spec, self.step, self.total)
            value, right = self._learn(batch.to(self.train_y.device), rate)
            self.step += 1
            self.seconds += time.perf_counter() - began
            # The report goes first, so that a training left at any step has made it.
            if self.step % self.spec.report_interval == 0 and self.step % self.batches:
                means, self.window = self.window.means(), _Sums()
                yield Evaluated(self.step, self.epoch + 1, self.seconds, rate, *means)
            yield StepDone(self.step, self.epoch + 1, value, right, rate)

    def _end_of_epoch(self) -> Iterator[Event]:
        began = time.perf_counter()
        logits = self.model.predict(self.test_x)
        self.seconds += time.perf_counter() - began
        self.epoch += 1
        # A finite gradient can still have thrown the parameters off; the next step would see it.
        row = Evaluated(
            self.step,
            self.epoch,
            self.seconds,
            learning_rate(self.spec, self.step - 1, self.total),
            *self.window.means(),
            test_loss=loss(logits, self.test_y),
            test_accuracy=accuracy(logits, self.test_y),
        )
        if not math.isfinite(row.test_loss or 0.0):
            raise self._diverged(self.test_x, "the test set's loss")
        mean = self.whole.means()[0]
        better, self.best = mean < self.best, min(mean, self.best)
        self.window, self.whole = _Sums(), _Sums()
        self.shuffle_state = self.generator.get_state()
        yield row
        interval = self.spec.frame_interval
        if interval and (self.epoch % interval == 0 or self.epoch == self.spec.epochs):
            yield self._frame(logits)
        yield Checkpointed(self.epoch, self.step, better)

    def _learn(self, batch: Tensor, rate: float) -> tuple[float, float]:
        """One optimiser step; the loss and the share that was right before it."""
        x, y = self.train_x[batch], self.train_y[batch]
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        try:
            logits = self.model(x)
        except SolveError:
            raise self._diverged(x, "the solve") from None
        objective = cross_entropy(logits, y, label_smoothing=self.spec.label_smoothing)
        value = float(objective.detach())
        if not math.isfinite(value):
            raise self._diverged(x, "the loss")
        objective.backward()
        if self.spec.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.spec.gradient_clip)
        self.optimiser.step()
        self.model.constrain_()
        with torch.no_grad():
            plain = loss(logits, y) if self.spec.label_smoothing else value
            right = int((logits.argmax(1) == y).sum())
        for sums in (self.window, self.whole):
            sums.add(plain * len(y), right, len(y))
        return value, right / len(y)

    def _frame(self, logits: Tensor) -> FrameStored:
        arrays = frame(self.model, self.probe, logits, self.test_y, self.epoch, self.step)
        return FrameStored(self.epoch, self.step, arrays)

    def _diverged(self, x: Tensor, what: str) -> TrainingDiverged:
        return TrainingDiverged(
            f"the training diverged in epoch {self.epoch + 1}, step {self.step + 1}: {what} is not "
            f"finite; {self.model.failure(x)}. Try a smaller learning rate or more solver steps"
        )

    def _moved(self, *tensors: Tensor) -> list[Tensor]:
        return [tensor.to(self.spec.device) for tensor in tensors]


def learning_rate(spec: TrainSpec, step: int, total: int) -> float:
    """The rate of a step (from 0).

    One cycle (Smith and Topin 2017, with the cosines of torch's ``OneCycleLR``): up from 1/25 of
    the peak during the warm-up, then down to almost nothing at the last step.
    """
    if spec.schedule == "constant":
        return spec.learning_rate
    peak, rise = spec.learning_rate, spec.warm_up * total
    if step < rise:
        return _cosine(peak * FIRST_SHARE, peak, step / rise)
    return _cosine(peak, peak * LAST_SHARE, (step - rise) / max(1.0, total - 1 - rise))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))


class _Sums:
    """Running sums of loss, right answers and examples."""

    def __init__(self, total: float = 0.0, right: int = 0, count: int = 0) -> None:
        self.total, self.right, self.count = total, right, count

    def add(self, total: float, right: int, count: int) -> None:
        self.total += total
        self.right += right
        self.count += count

    def means(self) -> tuple[float, float]:
        """Mean loss and accuracy."""
        return self.total / max(1, self.count), self.right / max(1, self.count)

    def to_list(self) -> list[float]:
        return [self.total, self.right, self.count]


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def trained_circuit(start: Circuit, snapshot: Snapshot) -> Circuit:
    """A circuit with the device parameters of a snapshot.

    Raises:
        RunError: the snapshot belongs to another circuit.
    """
    compiled = compile_circuit(start, torch.float32)
    try:
        compiled.load_state_dict(_under("compiled.", snapshot.parameters()))
    except RuntimeError:
        raise RunError("the checkpoint belongs to another circuit") from None
    return compiled.to_circuit()
