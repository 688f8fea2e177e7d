"""What a user can set: solvers by batch, groups of parameters, mean weights, early ends."""

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backend.errors import RunError
from backend.models import Group, Model
from backend.models.circuits.course import SolverCourse
from backend.simulation.simulate import simulate
from backend.training import Checkpointed, Evaluated, FrameStored, StepDone, TrainSpec
from backend.training.average import Average
from backend.training.batches import Batches
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer, trained_circuit
from backend.training.optimiser import Optimiser

RANDOM = {"solver": "heun", "steps_low": 1, "steps_high": 3, "early_solver": "euler"}


def moons(**changes) -> TrainSpec:
    given = {
        "dataset": "two_moons",
        "dataset_options": {"n": 100, "test": 60},
        "epochs": 4,
        "frame_interval": 0,
        "batch_size": 32,
        "report_interval": 3,
    }
    return TrainSpec.make(**{**given, **changes})


def rows(events) -> list[dict]:
    found = [event.row() for event in events if isinstance(event, Evaluated)]
    return [{key: value for key, value in row.items() if key != "time"} for row in found]


@pytest.mark.parametrize(
    "spec",
    [
        moons(**RANDOM, ema=0.9, decay_on="gains", threshold_rate=0.5, gradient_clip=1.0),
        moons(schedule="step", decay_epochs=1, patience=3, label_smoothing=0.1),
        TrainSpec.make(
            dataset="digits", augment="mild", epochs=2, batch_size=512, ema=0.9, frame_interval=0,
            model_options={"channels": 1}, report_interval=2,
        ),
        TrainSpec.make(
            dataset="friedman1", dataset_options={"n": 100}, epochs=2, batch_size=16,
            frame_interval=0, report_interval=2,
        ),
    ],
    ids=["solvers", "step", "images", "numbers"],
)  # fmt: skip
def test_a_resumed_training_is_the_same_bit_by_bit(spec):
    whole = Trainer(spec)
    expected = rows(whole.events())
    for left_at in (3, whole.batches.per_epoch):
        first, before = Trainer(spec), []
        for event in first.events():
            before.append(event)
            if isinstance(event, StepDone) and event.step == left_at:
                break
        second = Trainer(spec, resume=first.snapshot())
        assert rows(before) + rows(second.events()) == expected
        ends = whole.snapshot().tensors, second.snapshot().tensors
        assert ends[0].keys() == ends[1].keys()
        assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def course(spec: TrainSpec) -> SolverCourse:
    assert spec.circuit_settings
    return SolverCourse(spec.circuit_settings, spec.seed)


def test_random_steps_are_uniform_and_belong_to_their_batch():
    schedule, total = course(moons(**RANDOM, early_share=0.25)), 400
    chosen = [schedule.at(step, total) for step in range(total)]
    assert [type(solver).__name__ for solver in chosen] == ["Euler"] * 100 + ["Heun"] * 300
    counts = np.bincount([solver.steps for solver in chosen], minlength=4)  # type: ignore[attr-defined]
    assert counts[0] == 0
    # Each of 1, 2, 3 is drawn 133 +- 9 times.
    assert np.all(abs(counts[1:] - total / 3) < 5 * 9.4)
    assert [schedule.at(step, total) for step in range(total)] == chosen
    other = course(moons(**RANDOM, early_share=0.25, seed=1))
    assert [other.at(step, total) for step in range(total)] != chosen


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"steps_low": 4, "steps_high": 2}, "swap the two"),
        ({"solver": "dopri5", "steps_high": 2}, "dopri5 chooses its own steps"),
        ({"early_solver": "ab2"}, "early_solver is 'ab2'"),
        ({"augment": "mild"}, "'Two moons' has no images"),
        ({"recipe": "best"}, "unknown recipe 'best'"),
        ({"decay_on": "none"}, "decay_on is 'none'"),
    ],
)
def test_what_does_not_fit_is_refused(changes, text):
    with pytest.raises(RunError, match=text):
        Trainer(moons(**changes))


def test_a_recipe_s_course_of_the_solver_goes_with_its_solver():
    spec = TrainSpec.from_options({"dataset": "two_moons", "solver": "dopri5"})
    assert (spec.steps_high, spec.early_solver) == (0, "same")


class Two(Model):
    """A gain and a threshold with given gradients."""

    title = "Two"

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor([2.0, -3.0]))
        self.threshold = nn.Parameter(torch.tensor([0.5, 0.25]))

    def forward(self, x: Tensor) -> Tensor:
        return self.gain * (x - self.threshold)

    def groups(self) -> list[Group]:
        return [Group((self.gain,)), Group((self.threshold,), offset=True)]


@pytest.mark.parametrize("decay_on", ["all", "gains"])
def test_the_first_step_of_adamw_by_hand(decay_on):
    """The first step is lr (decay p + g / (|g| + eps)), whatever the betas."""
    model = Two()
    spec = moons(decay_on=decay_on, threshold_rate=0.5, weight_decay=0.2, schedule="constant")
    before = [model.gain.detach().clone(), model.threshold.detach().clone()]
    slopes = torch.tensor([1.0, -4.0]), torch.tensor([2.0, 0.1])
    objective = (slopes[0] * model.gain).sum() + (slopes[1] * model.threshold).sum()
    objective.backward()
    Optimiser(model, spec).step(0.1)
    gain = before[0] * (1 - 0.1 * 0.2) - 0.1 * slopes[0].sign()
    pull = 1 - 0.05 * 0.2 if decay_on == "all" else 1.0
    threshold = before[1] * pull - 0.05 * slopes[1].sign()
    assert torch.allclose(model.gain, gain, atol=1e-6)
    assert torch.allclose(model.threshold, threshold, atol=1e-6)


def test_the_mean_of_weights_by_its_definition():
    model = Two()
    average = Average(model, 0.7)
    mean = model.gain.detach().double().clone()
    for step in range(1, 30):
        with torch.no_grad():
            model.gain.copy_(torch.tensor([np.sin(step), 1.0 / step]))
        average.update(step)
        decay = min(0.7, (1 + step) / (10 + step))
        mean = decay * mean + (1 - decay) * model.gain.detach().double()
    last = model.gain.detach().clone()
    with average.used():
        assert torch.allclose(model.gain.double(), mean, atol=1e-6)
    assert torch.equal(model.gain, last)


def test_the_mean_is_what_is_tested_stored_and_shown():
    spec = moons(ema=0.9, frame_interval=4, epochs=4)
    trainer = Trainer(spec)
    events = list(trainer.events())
    last = [event for event in events if isinstance(event, Evaluated)][-1]
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    assert circuit != trainer.model.circuit()
    again = evaluate(circuit, "two_moons", overrides={"test": "60", "steps": "4"})
    assert last.test_loss == pytest.approx(again["loss"], rel=1e-5)
    shown = [event for event in events if isinstance(event, FrameStored)][-1].arrays
    voltages = dict(zip(circuit.inputs, shown["example"].tolist(), strict=True))
    expected = simulate(circuit, solver="rk4", steps=4, outputs=101, voltages=voltages, check=False)
    assert np.allclose(shown["voltages"], expected.voltages, atol=1e-5)


def test_a_training_without_progress_ends_early():
    trainer = Trainer(moons(learning_rate=0.0, epochs=50, patience=2))
    ends = [event for event in trainer.events() if isinstance(event, Checkpointed)]
    assert 3 <= len(ends) < 50
    assert [event.final for event in ends] == [False] * (len(ends) - 1) + [True]
    assert [event.best for event in ends[-2:]] == [False, False]
    finer = [event for event in trainer.events() if isinstance(event, Evaluated)]
    assert finer == []


def test_the_check_under_finer_solving():
    trainer = Trainer(moons(solver="euler", check_finer="epoch", epochs=2, batch_size=8))
    found = [event.figures for event in trainer.events() if isinstance(event, Evaluated)]
    tested = [figures for figures in found if "test_loss" in figures]
    assert all("finer_loss" in figures for figures in tested)
    circuit = trainer.model.circuit()
    steps = trainer.spec.solver_options["steps"]
    options = {"solver": "euler", "steps": str(4 * steps), "test": "60"}
    assert tested[-1]["finer_loss"] == pytest.approx(
        evaluate(circuit, "two_moons", overrides=options)["loss"], rel=1e-5
    )
    peak = 0.0
    for x in trainer.test.x:
        voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
        path = simulate(
            circuit, solver="euler", steps=4 * steps, outputs=4 * steps + 1,
            voltages=voltages, check=False,
        )  # fmt: skip
        peak = max(peak, np.abs(path.voltages[1:]).max())
    assert tested[-1]["peak_voltage"] == pytest.approx(peak, rel=1e-4)
    never = Trainer(moons(epochs=1, check_finer="never"))
    assert not any("finer_loss" in row for row in rows(never.events()))
    adaptive = Trainer(moons(epochs=1, solver="dopri5", solver_options={"rtol": 1e-3}))
    assert not any("finer_loss" in row for row in rows(adaptive.events()))


def test_distorted_batches_are_the_originals_moved():
    spec = TrainSpec.make(dataset="digits", augment="mild", batch_size=100)
    trainer = Trainer(spec)
    plain = Batches(trainer.task, trainer.batches.train, TrainSpec.make(dataset="digits"))
    given = dict(enumerate(trainer.batches.between(2, 5), 2))
    for step, (x, y) in given.items():
        again = trainer.batches.batch(step)
        assert torch.equal(x, again[0])
        assert torch.equal(y, again[1])
    seen = torch.cat([y for _, y in trainer.batches.between(0, trainer.batches.per_epoch)])
    assert torch.equal(seen.sort().values, plain.train.y.sort().values)
    assert all(
        not torch.equal(one[0], two[0]) for one, two in itertools.combinations(given.values(), 2)
    )
