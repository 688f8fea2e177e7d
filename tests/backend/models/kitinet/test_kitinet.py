"""The networks: their plain twins, the baselines they are in evaluation, and their trainings."""

from types import SimpleNamespace

import pytest
import torch

from backend.datasets import DATASETS
from backend.engine.collide import Map
from backend.errors import ExportError, StudioError
from backend.export import EXPORTERS
from backend.models import MODELS, Data, Shape
from backend.models.kitinet import kinetic_steps
from backend.models.kitinet.residual import RULES
from backend.params import check_params
from backend.runs.origin import no_netlist
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec

KITINET = MODELS["kitinet"]
SETS = {"two_moons": {}, "digits": {}, "burgers": {"resolution": 32}, "friedman1": {}}
SMALL = {"channels": 8, "blocks": 1}


def built(name: str, **options):
    data = DATASETS[name](**SETS[name]).data
    return KITINET.build(data, check_params(KITINET.params, {**SMALL, **options}), 3), data


def inputs(data: Data, count: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = data.inputs.sizes if data.task == "operator" else (data.inputs.count,)
    return torch.rand(count, *shape, generator=generator)


@pytest.mark.parametrize("name", SETS)
def test_all_rules_are_one_network_in_evaluation(name):
    """Equal seeds, names and parameters, answers equal bit for bit; while training they differ."""
    plain, data = built(name, collisions="off")
    x = inputs(data)
    answer, trained = plain.eval()(x), plain.train()(x)
    for rule in RULES[:3] + RULES[4:]:
        other, _ = built(name, collisions=rule)
        assert list(other.state_dict()) == list(plain.state_dict())
        pairs = zip(plain.parameters(), other.parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
        assert torch.equal(other.eval()(x), answer)
        assert not torch.equal(other.train()(x), trained)
        assert len(other.books()) == len(kinetic_steps(other))
        if rule in ("matched", "allpairs"):
            for books in other.books().values():
                assert books.momentum < 1e-6
                assert books.energy == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "baseline", "options"),
    [("digits", "resnet", {"width": 8, "blocks": 1}),
     ("burgers", "fno", {"width": 8, "modes": 16, "layers": 1})],
)  # fmt: skip
def test_evaluation_is_that_of_the_baseline_with_the_same_state(name, baseline, options):
    ours, data = built(name)
    theirs = MODELS[baseline].build(data, options, 9)
    theirs.load_state_dict(ours.state_dict())
    x = inputs(data)
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


def test_sizes_of_the_published_networks():
    """ResNet-18 for CIFAR has 11.17 million parameters; velocities collide from stage 2 on."""
    image = Data("", "Images", "classify", Shape((3, 32, 32), "image"), Shape((10,)), ("a",) * 10)
    recipe = KITINET.recipes(image)["resnet18"]["model_options"]
    net = KITINET.build(image, check_params(KITINET.params, recipe), 0)
    assert sum(p.numel() for p in net.parameters()) == 11_173_962
    assert list(kinetic_steps(net)) == [f"network.layers.{k}.step" for k in range(2, 8)]
    # Stage 2 has 16 x 16 sites: 128 particles of 2 sites, 256 coordinates.
    assert Map().particles(torch.zeros(2, 128, 16, 16)).shape == (2, 128, 256)


@pytest.mark.parametrize("points", [(32,), (12, 10)])
def test_fields_are_answered_on_any_grid(points):
    for periodic in (True, False):
        shape = Shape((2, *points), "grid", periodic=periodic)
        data = Data("", "Fields", "operator", shape, shape)
        net = KITINET.build(data, check_params(KITINET.params, {**SMALL, "modes": 4}), 0)
        for factor in (1, 2):
            x = torch.rand(3, 2, *(factor * size for size in points))
            assert net.train()(x).shape == x.shape
            assert torch.equal(net.eval()(x), net(x))


def spec(name: str, **given) -> TrainSpec:
    few = {"n": 64, "test": 32} if name == "two_moons" else SETS[name] | {"n": 48, "test": 16}
    names = {param.name for param in DATASETS[name].params}
    few = {key: value for key, value in few.items() if key in names}
    usual = {"epochs": 2, "batch_size": 16, "frame_interval": 0, "check_finer": "never"}
    return TrainSpec.make(model="kitinet", dataset=name, dataset_options=few, **{**usual, **given})


def losses(chosen: TrainSpec) -> list[float]:
    trainer = Trainer(chosen)
    return [event.loss for event in trainer.events() if type(event).__name__ == "StepDone"]


def test_a_training_without_collisions_is_that_of_the_plain_twin():
    """Same seed, same losses; the baseline of that size has them, too."""
    options = {"channels": 8, "modes": 6, "blocks": 2}
    off = losses(spec("burgers", model_options={**options, "collisions": "off"}))
    on = losses(spec("burgers", model_options=options))
    twin = TrainSpec.make(
        model="fno", dataset="burgers", dataset_options=spec("burgers").dataset_options, epochs=2,
        batch_size=16, frame_interval=0, check_finer="never",
        model_options={"width": 8, "modes": 6, "layers": 2},
    )  # fmt: skip
    assert off == losses(twin)
    assert off != on
    assert on == losses(spec("burgers", model_options=options))
    assert losses(spec("burgers", recipe="plain", model_options=options)) == off


@pytest.mark.parametrize(("rule", "name"), [("allpairs", "digits"), ("published", "burgers")])
def test_every_rule_resumes_bit_for_bit(rule, name):
    chosen = spec(name, model_options={**SMALL, "collisions": rule, "coll": 0.3})
    whole = Trainer(chosen)
    for _ in whole.events():
        if whole.step >= 3:
            break
    left = whole.snapshot()
    list(whole.events())
    torch.rand(5)
    resumed = Trainer(chosen, resume=left)
    list(resumed.events())
    ends = whole.snapshot().tensors, resumed.snapshot().tensors
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_there_is_no_circuit_and_a_sentence_says_why():
    net, _ = built("two_moons")
    with pytest.raises(StudioError, match=r"has no circuit: its collisions pair .* noise sources"):
        net.circuit()
    assert net.no_netlist == str(KITINET.no_netlist)
    cube = Shape((1, 4, 4, 4), "grid")
    with pytest.raises(StudioError, match="learns fields of 1 or 2 axes"):
        KITINET.build(Data("", "Cubes", "operator", cube, cube),
                      check_params(KITINET.params, {}), 0)  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [{"motion": "gradients"}, {"particles": "windows"}, {"particles": "channel_groups"},
     {"anneal": True}],
)  # fmt: skip
def test_ways_to_collide_train_and_resume_bit_for_bit(options):
    chosen = spec("burgers", model_options={**SMALL, **options})
    whole = Trainer(chosen)
    for _ in whole.events():
        if whole.step >= 3:
            break
    left = whole.snapshot()
    list(whole.events())
    resumed = Trainer(chosen, resume=left)
    list(resumed.events())
    ends = whole.snapshot().tensors, resumed.snapshot().tensors
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
    step = next(iter(kinetic_steps(whole.model).values()))
    assert (step.share < 0.5) == ("anneal" in options)
    assert losses(chosen) != losses(spec("burgers", model_options=SMALL))


@pytest.mark.parametrize("form", ["spice", "json"])
def test_a_netlist_is_refused_with_the_reason_and_the_way_on(form):
    net, _ = built("two_moons")
    with pytest.raises(ExportError, match=r"a KITINet has no circuit.*'Mean-field collisions'"):
        EXPORTERS[form]().model_content(SimpleNamespace(model=net))  # pyright: ignore[reportArgumentType]
    assert "'Mean-field collisions' of the gallery" in no_netlist("x", "kitinet")
    assert no_netlist("x", "resnet").startswith(
        "run x trains the model resnet, which is no circuit"
    )
