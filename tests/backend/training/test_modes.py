"""Parameters of any kind train; buffers are averaged and resumed; nothing learns in a test."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backend.models import MODELS, Model, model_for
from backend.models.circuits.kirchhoffnet import KirchhoffNet
from backend.training.average import Average
from backend.training.loop import Trainer
from backend.training.optimiser import Optimiser
from backend.training.spec import TrainSpec
from backend.training.tasks import TASKS


class Odd(KirchhoffNet):
    """Batch normalisation, noise, a scalar, a complex number and a counter behind a circuit."""

    default_for = ()

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self.norm = nn.BatchNorm1d(2)
        self.scale = nn.Parameter(torch.tensor(1.5))
        self.turn = nn.Parameter(torch.tensor([1.0 + 0.5j]))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        found = self.norm(super().forward(x)) * self.scale
        if self.training:
            self.seen.add_(len(x))  # type: ignore[operator]
            found = found + 0.1 * torch.randn(found.shape)
        return found * self.turn.real - self.turn.imag


@pytest.fixture
def odd() -> Iterator[None]:
    MODELS.register("odd")(Odd)
    yield
    del MODELS._entries["odd"]


def spec(**given) -> TrainSpec:
    """A small training of the model above."""
    options = {"n": 80, "test": 40}
    settings = {"batch_size": 16, "epochs": 3, "check_finer": "never", "frame_interval": 0}
    settings |= {"learning_rate": 0.02, "schedule": "constant", "weight_decay": 0.0, **given}
    return TrainSpec.make(
        model="odd", dataset="two_moons", dataset_options=options, solver_options={"steps": 4},
        **settings,
    )  # fmt: skip


def trained(trainer: Trainer, steps: int) -> None:
    """Take so many steps."""
    for _ in trainer.events():
        if trainer.step >= steps:
            return


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_scalars_complex_numbers_and_counters_train(odd, optimiser):
    trainer = Trainer(spec(optimiser=optimiser, ema=0.9, gradient_clip=1.0))
    model = trainer.model
    assert isinstance(model, Odd)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    list(trainer.events())
    for name, value in model.named_parameters():
        # The built-in circuit's leaks are locked.
        assert name.endswith("conductance") or not torch.equal(before[name], value), name
        assert torch.isfinite(torch.view_as_real(value) if value.is_complex() else value).all()
    assert int(model.seen) == 3 * 80
    means = dict(zip(trainer.average.names, trainer.average.means, strict=True))
    assert int(means["seen"]) == 3 * 80
    assert not torch.equal(means["turn"], model.turn)


def test_nothing_learns_or_is_drawn_in_a_test(odd):
    trainer = Trainer(spec())
    trained(trainer, 3)
    kept = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    first, second = trainer._measured(), trainer._measured()
    assert torch.equal(first.outputs, second.outputs)
    assert all(torch.equal(kept[n], v) for n, v in trainer.model.state_dict().items())
    # By hand: with the running statistics, not with those of the test set.
    model = trainer.model
    with torch.no_grad():
        plain = KirchhoffNet.forward(model, trainer.test.x)  # type: ignore[arg-type]
        norm = model.norm
        scaled = (plain - norm.running_mean) / torch.sqrt(norm.running_var + norm.eps)
        scaled = scaled * norm.weight + norm.bias
        expected = scaled * model.scale * model.turn.real - model.turn.imag
    assert torch.allclose(first.outputs, expected, atol=1e-5)


@pytest.mark.parametrize("ema", [0.0, 0.9])
@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_a_training_left_in_the_middle_goes_on_with_its_buffers(odd, ema, optimiser):
    chosen = spec(ema=ema, optimiser=optimiser)
    torch.manual_seed(3)
    whole = Trainer(chosen)
    trained(whole, 7)
    left = whole.snapshot()
    noise = torch.get_rng_state()
    list(whole.events())
    resumed = Trainer(chosen, resume=left)
    torch.set_rng_state(noise)
    list(resumed.events())
    ends = whole.snapshot().tensors, resumed.snapshot().tensors
    assert ends[0].keys() == ends[1].keys()
    for name, value in ends[0].items():
        assert torch.equal(value, ends[1][name]), name


def test_the_mean_of_a_running_mean_by_its_definition():
    model = nn.BatchNorm1d(2)
    average = Average(model, 0.8)
    mean, rng = np.zeros(2), np.random.default_rng(0)
    for step in range(1, 12):
        model(torch.tensor(rng.normal(step, 1, (8, 2)), dtype=torch.float32))
        average.update(step)
        decay = min(0.8, (1 + step) / (10 + step))
        mean = decay * mean + (1 - decay) * model.running_mean.double().numpy()
    found = average.state()
    assert np.allclose(found["running_mean"], mean, rtol=1e-5)
    assert int(found["num_batches_tracked"]) == 11


class Line(Model):
    """One weight."""

    title = "Line"

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * x


def test_momentum_by_hand():
    """b <- m b + g; p <- p - lr (g + m b), Nesterov's momentum as torch documents it."""
    model = Line()
    chosen = TrainSpec.make(
        dataset="two_moons", optimiser="sgd", momentum=0.5, weight_decay=0.0, schedule="constant"
    )
    optimiser, p, b = Optimiser(model, chosen), float(model.weight.detach()), 0.0
    for g in (1.0, -2.0, 0.5):
        model.weight.grad = torch.tensor([g])
        optimiser.step(0.1)
        b = 0.5 * b + g
        p -= 0.1 * (g + 0.5 * b)
        assert float(model.weight.detach()) == pytest.approx(p, rel=1e-5)


def test_every_task_has_one_default_and_a_new_model_takes_none(odd):
    for task in TASKS.names():
        kinds = {"language": ("tokens",), "classify": ("vector", "image", "tokens")}
        for kind in kinds.get(task, ("vector",)):
            defaults = [name for name, model in MODELS.items()
                        if task in model.default_for and kind in model.reads]  # fmt: skip
            assert defaults == [model_for(task, kind)]
            assert task in MODELS[defaults[0]].tasks
