"""What every registered model does on every registered data set that fits it, on few examples."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from backend.datasets import DATASETS
from backend.errors import StudioError
from backend.export.model_weights import load_model, weights
from backend.models import MODELS, CircuitModel, refusal
from backend.models.kitinet.residual import KineticStep
from backend.models.trained import TrainedModel
from backend.params import check_params
from backend.training.loop import Snapshot, Trainer
from backend.training.prepare import build_model
from backend.training.spec import TrainSpec
from tests.backend.models.tiny import tiny

PAIRS = [
    (model, name)
    for model, kind in MODELS.items()
    for name, dataset in DATASETS.items()
    if dataset.task in kind.tasks and not refusal(kind, dataset().data)
]
every_pair = pytest.mark.parametrize(("model", "name"), PAIRS)

SMALL: dict[str, dict[str, Any]] = {
    "kinn": {"channels": 6, "lanes": 6, "blocks": 1, "stages": "1"},
    "fno": {"width": 6, "modes": 4, "layers": 1},
    "s4d": {"channels": 6, "states": 4, "blocks": 1},
    "resnet": {"width": 4},
    "transformer": {"channels": 8, "blocks": 1},
    "kitinet": {"channels": 6, "blocks": 1, "stages": 1, "modes": 4},
    "kirchhoffnet": {"hidden": 4, "channels": 2, "deep_channels": 2},
    "steady_state": {"hidden": 4, "channels": 2},
    "flow": {"slices": 2, "parallel": 4, "to_ground": 4},
}
"""Options of models so small that a step takes milliseconds."""

HEART = 8
"""Examples that are learnt by heart."""


@pytest.fixture(scope="session")
def excerpt(tmp_path_factory) -> Callable[[str], dict[str, Any]]:
    """Options of tiny data sets; their files are written once."""
    folder, known = tmp_path_factory.mktemp("tiny"), {}

    def options(name: str) -> dict[str, Any]:
        if name not in known:
            known[name] = tiny(name, folder / name)
        return known[name]

    return options


@pytest.fixture
def spec_of(excerpt) -> Callable[..., TrainSpec]:
    """A training of two epochs, where examples are stored with two steps each."""

    def make(model: str, name: str, **given: Any) -> TrainSpec:
        options = excerpt(name)
        stored = DATASETS[name].task != "match"
        count = len(DATASETS[name](**options).split().train) if stored else 16
        usual = {"epochs": 2, "batch_size": max(2, -(-count // 2)), "ema": 0.5}
        usual |= {"check_finer": "never", "frame_interval": 0, "model_options": SMALL[model]}
        if issubclass(MODELS[model], CircuitModel):
            usual |= {"solver": "heun", "solver_options": {"steps": 4}}
        return TrainSpec.make(
            model=model, dataset=name, dataset_options=options, **{**usual, **given}
        )

    return make


def taken(trainer: Trainer, steps: int) -> Snapshot:
    """The state after so many steps."""
    for _ in trainer.events():
        if trainer.step >= steps:
            break
    return trainer.snapshot()


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_every_model_learns_something():
    """And every data set is learnt by some model."""
    assert {model for model, _ in PAIRS} == set(MODELS.names())
    assert {name for _, name in PAIRS} == set(DATASETS.names())


@every_pair
def test_recipes_are_valid_and_models_are_built_by_them(model, name, spec_of):
    spec = spec_of(model, name)
    kind, data = MODELS[model], DATASETS[name](**spec.dataset_options).data
    assert not refusal(kind, data), "what fits without files fits with them"
    for recipe in kind.recipes(data):
        made = TrainSpec.make(
            model=model, dataset=name, dataset_options=spec.dataset_options, recipe=recipe
        )
        assert made.model == model
    options = check_params(kind.params, SMALL[model])
    built, again, other = (kind.build(data, options, seed=seed) for seed in (3, 3, 4))
    assert equal(built.state_dict(), again.state_dict()), "equal seeds give equal models"
    if model != "flow":  # which begins with the identity, whatever the seed
        assert not equal(built.state_dict(), other.state_dict())
    grouped = [id(value) for group in built.groups() for value in group.parameters]
    assert sorted(grouped) == sorted(map(id, built.parameters())), "each parameter is in one group"


@every_pair
def test_resumed_is_as_never_interrupted(model, name, spec_of):
    spec = spec_of(model, name)
    whole = taken(Trainer(spec), 3)
    left = taken(Trainer(spec), 1)
    torch.rand(7)  # somebody else draws random numbers meanwhile
    assert equal(taken(Trainer(spec, resume=left), 3).tensors, whole.tensors)
    assert not equal(left.tensors, whole.tensors)


@every_pair
def test_looking_changes_nothing_and_a_state_is_all_there_is(model, name, spec_of, tmp_path):
    trainer = Trainer(spec_of(model, name))
    taken(trainer, 2)
    net, examples = trainer.model.eval(), trainer.test
    before = {key: value.clone() for key, value in net.state_dict().items()}
    first = trainer.task.measure(net, examples)
    torch.rand(7)
    second = trainer.task.measure(net, examples)
    assert torch.equal(first.outputs, second.outputs)
    assert first.figures == second.figures
    assert equal(net.state_dict(), before)
    others = [build_model(trainer.spec, trainer.start, trainer.dataset).eval()]
    others[0].load_state_dict(before)
    if not isinstance(net, CircuitModel):
        trained = TrainedModel(net, model, trainer.spec.model_options, trainer.dataset.data)
        path = tmp_path / "weights.safetensors"
        path.write_bytes(weights(trained, "safetensors"))
        others.append(load_model(path))
    for other in others:
        assert torch.equal(trainer.task.measure(other, examples).outputs, first.outputs)


def is_noisy(part: nn.Module) -> bool:
    """Whether a part of a model says by its kind that it trains in another way than it answers."""
    if isinstance(part, nn.Dropout):
        return part.p > 0
    return isinstance(part, KineticStep | _BatchNorm)


@every_pair
def test_train_and_eval_are_the_same_unless_declared(model, name, spec_of):
    trainer = Trainer(spec_of(model, name))
    (x, _), net = trainer.batches.batch(0), trainer.model
    torch.manual_seed(0)
    # Of few examples none may collide in a pass.
    answer = net.eval()(x)
    same = all(torch.equal(net.train()(x), answer) for _ in range(10))
    assert same != any(map(is_noisy, net.modules()))


@every_pair
def test_inputs_of_any_real_numbers_are_taken(model, name, spec_of):
    """Users of numpy bring float64; what a model computes with is its own."""
    trainer = Trainer(spec_of(model, name))
    (x, _), net = trainer.batches.batch(0), trainer.model.eval()
    x = x[:4]
    assert torch.equal(net(x.double()), net(x))
    for wrong, found in ((x.to(torch.complex64), r"torch\.complex64"), (x.numpy(), "a ndarray")):
        with pytest.raises(StudioError, match=f"takes a tensor of real numbers, got {found}; conv"):
            net(wrong)


@every_pair
def test_a_few_examples_are_learnt_by_heart(model, name, spec_of):
    """Their loss falls to a third of what the same model begins with; a log density by 1/2."""
    torch.manual_seed(0)
    trainer = Trainer(spec_of(model, name, ema=0.0))
    task, net = trainer.task, trainer.model
    x, y = (part[:HEART] for part in trainer.batches.batch(0))
    # A sum over many inputs moves far when each of their devices does.
    rate = 0.01 if x[0].numel() > 100 else 0.05

    def loss() -> float:
        # Judged as an evaluation does: collisions are noise that no batch can be learnt through.
        net.eval()
        with torch.no_grad():
            return task.learn(net, x, y)[1]["loss"]

    first = loss()
    aim = first - 0.5 if task.dataset.task in ("generate", "match") else first / 3
    for step in range(600):
        if step % 10 == 0 and loss() < aim:
            return
        net.train()
        net.zero_grad()
        task.learn(net, x, y)[0].backward()
        trainer.optimiser.step(rate)
    assert loss() < aim
