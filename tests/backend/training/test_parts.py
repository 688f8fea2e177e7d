"""A batch in parts: the gradient of the whole, the same bits however parts are shared."""

import pytest
import torch
from torch import Tensor, nn

from backend.engine.collide import Batch
from backend.errors import RunError
from backend.models import Model, Moment
from backend.models.kitinet.residual import KineticStep
from backend.streams import MODEL, stream
from backend.training import TrainSpec
from backend.training.gradients import Learner, of_batch
from backend.training.loop import Trainer
from backend.training.parts import (
    Parts,
    Sums,
    branches_of,
    cut,
    folded,
    part_count,
    refusal,
)


def moment(step: int = 3) -> Moment:
    return Moment(step, 10, lambda: stream(0, MODEL, step))


def gradients(learner: Learner) -> list[Tensor]:
    return [value.grad.clone() for value in learner.model.parameters() if value.grad is not None]


def trained(**given) -> tuple[Trainer, Learner, Tensor, Tensor]:
    trainer = Trainer(TrainSpec.make(**{"frame_interval": 0, "epochs": 1, "threads": 1, **given}))
    x, y = trainer.batches.batch(0)
    return trainer, Learner(trainer.model, trainer.task, trainer.start), x, y


KINDS = {
    "circuit": {"dataset": "two_moons", "dataset_options": {"n": 512, "test": 50}},
    "smoothed": {"dataset": "digits", "label_smoothing": 0.1, "batch_size": 50},
    "steady": {"dataset": "two_moons", "model": "steady_state"},
    "kinn": {"dataset": "digits", "model": "kinn"},
    "quiet_kitinet": {"dataset": "two_moons", "model": "kitinet",
                      "model_options": {"collisions": "off"}},
    "fno": {"dataset": "heat", "model": "fno", "batch_size": 8,
            "dataset_options": {"n": 16, "test": 4, "validation": 4, "resolution": 32}},
    "regression": {"dataset": "diabetes"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_parts_give_the_gradient_of_the_whole_batch(kind: str):
    _, learner, x, y = trained(**KINDS[kind])
    assert not refusal(learner.model, learner.task, 4)
    whole = of_batch(learner, moment(), x, y)
    wanted = gradients(learner)
    parts = Parts()(learner, moment(), x, y)
    assert parts.objective == pytest.approx(whole.objective, rel=1e-5)
    assert parts.figures == pytest.approx(whole.figures, rel=1e-5)
    # Float32 sums of up to a hundred terms in another order, against the largest of a parameter.
    for mine, other in zip(gradients(learner), wanted, strict=True):
        assert (mine - other).abs().max() <= 2e-5 * other.abs().max() + 1e-9


@pytest.mark.parametrize("kind", ["circuit", "falling_out", "collisions"])
def test_however_parts_are_shared_the_bits_are_the_same(kind: str):
    """Also what is random: a part has random numbers of its own."""
    given = {
        "circuit": KINDS["circuit"],
        "falling_out": {"dataset": "digits", "model": "kinn", "model_options": {"drop": 0.5}},
        "collisions": {"dataset": "two_moons", "model": "kitinet"},
    }
    _, learner, x, y = trained(**given[kind])
    cuts = cut(len(x), 8)
    pairs = {number: (x[rows], y[rows]) for number, rows in enumerate(cuts)}
    found = []
    for shares in ([range(8)], [range(4), range(4, 8)], [range(3), range(3, 5), range(5, 8)],
                   [range(number, number + 1) for number in range(7, -1, -1)]):  # fmt: skip
        branches = {}
        for share in shares:
            branches |= branches_of(learner, moment(), {n: pairs[n] for n in share})
        (sums,) = folded(branches).values()
        found.append(sums)
    assert found[0].gradient is not None
    assert found[0].gradient.any()
    for other in found[1:]:
        assert other.gradient is not None
        assert (other.gradient == found[0].gradient).all()
        assert other.numbers == found[0].numbers


def test_whole_epochs_of_parts_stay_near_those_of_whole_batches():
    spec = TrainSpec.make(**KINDS["circuit"], epochs=3, frame_interval=0, threads=1)
    figures = []
    for how in (of_batch, Parts()):
        trainer = Trainer(spec, gradients=how)
        rows = [event for event in trainer.events() if type(event).__name__ == "Evaluated"]
        figures.append([row.figures["train_loss"] for row in rows])
    assert figures[0] == pytest.approx(figures[1], rel=1e-5)


def test_parts_cover_a_batch_once():
    for count in (1, 3, 64, 100):
        rows = [row for part in cut(count, 4) for row in range(count)[part]]
        assert rows == list(range(count))
    assert [part_count(size) for size in (1, 64, 300, 512, 1100, 10**6)] == [4, 4, 4, 4, 8, 64]


def test_fewer_examples_than_parts():
    _, learner, x, y = trained(**KINDS["circuit"])
    of_batch(learner, moment(), x[:3], y[:3])
    wanted = gradients(learner)
    Parts()(learner, moment(), x[:3], y[:3])
    for mine, other in zip(gradients(learner), wanted, strict=True):
        assert torch.allclose(mine, other, rtol=1e-4, atol=1e-7)
    assert Sums() + Sums() == Sums()


class Normed(Model):
    """A linear map of what batch normalisation leaves."""

    title = "Normed"

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.norm, self.head = norm, nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(x))


class Counting(nn.Module):
    """Keeps a statistic that torch's own normalisation would not be known by."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        self.mean += x.mean(0)
        return x


class Meeting(nn.Module):
    """Collisions of all samples of a batch."""

    def __init__(self) -> None:
        super().__init__()
        self.step = KineticStep(Batch())

    def forward(self, x: Tensor) -> Tensor:
        return self.step(x, x)


@pytest.mark.parametrize(
    ("norm", "message"),
    [
        (nn.BatchNorm1d(2), "batch normalisation takes its means over all"),
        (Meeting(), "its particles are the samples of a batch and collide"),
    ],
)
def test_examples_that_meet_stay_together(norm, message):
    _, learner, x, y = trained(**KINDS["circuit"])
    learner = Learner(Normed(norm), learner.task)
    assert message in refusal(learner.model, learner.task, 2)
    assert not refusal(learner.model, learner.task, 1)
    # One worker takes the batch as a whole.
    torch.manual_seed(0)
    parts = Parts()(learner, moment(), x, y)
    torch.manual_seed(0)
    assert parts.objective == of_batch(learner, moment(), x, y).objective


def test_statistics_of_batches_are_noticed():
    _, learner, x, y = trained(**KINDS["circuit"])
    learner = Learner(Normed(Counting()), learner.task)
    with pytest.raises(RunError, match="keeps statistics of the batches"):
        Parts()(learner, moment(), x, y)


def test_a_loss_of_the_whole_batch_and_too_many_workers_are_refused():
    trainer, learner, _, _ = trained(dataset="potential1")
    assert "quantiles of the whole batch" in refusal(learner.model, trainer.task, 2)
    _, learner, _, _ = trained(**KINDS["circuit"], batch_size=64)
    assert "at most 4 workers busy, not 5" in refusal(learner.model, learner.task, 5)
