"""What a learner sees of a gas: it is what the layers did, and looking leaves no trace."""

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS
from backend.engine.collide import Slices
from backend.models import MODELS
from backend.models.base import Moment
from backend.models.kitinet import KineticStep, condensation, kinetic_steps
from backend.models.kitinet import portrait as shown_by
from backend.models.kitinet.film import film, passes
from backend.models.kitinet.gas_lab import experiments, landings, relaxation
from backend.models.kitinet.portrait import plane_of
from backend.models.kitinet.residual import RULES
from backend.params import check_params
from backend.training.events import Evaluated, FrameStored
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from backend.view import packed, unpacked

KITINET = MODELS["kitinet"]
SETS = {"two_moons": {}, "digits": {}, "burgers": {"resolution": 32}}
SMALL = {"channels": 8, "blocks": 2, "rounds": 2}


def built(name: str, **options):
    data = DATASETS[name](**SETS[name]).data
    model = KITINET.build(data, check_params(KITINET.params, {**SMALL, **options}), 3).eval()
    sizes = data.inputs.sizes if data.task == "operator" else (data.inputs.count,)
    x = torch.rand(3, *sizes, generator=torch.Generator().manual_seed(0))
    return model, x


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("rule", RULES)
def test_a_film_is_what_the_layer_did_bit_for_bit(name, rule):
    """The same pass through the network, by forward hooks on the layers that train."""
    model, x = built(name, collisions=rule)
    outputs: dict[str, torch.Tensor] = {}
    for key, step in kinetic_steps(model).items():
        step.register_forward_hook(
            lambda _module, _given, out, key=key: outputs.__setitem__(key, out)
        )
    seen, _ = passes(model, x, torch.Generator().manual_seed(5))
    assert [one.name for one in seen] == list(kinetic_steps(model))
    happened = dict(outputs)  # doing a layer again calls no hook
    for one in seen:
        shown = film(one)
        wanted = one.step.particles.particles(happened[one.name])
        assert torch.equal(shown.after, wanted)
        assert len(shown.motion) == len(shown.meetings) + 1
        assert torch.equal(shown.motion[0], one.motion)


@pytest.mark.parametrize("rule", RULES)
def test_looking_leaves_no_trace(rule):
    model, x = built("two_moons", collisions=rule)
    model.begin(Moment(20, 100, lambda: torch.Generator().manual_seed(1)))
    states = [
        (s.generator.get_state(), s._steps, s.books) for s in kinetic_steps(model).values()
        if s.generator is not None
    ]  # fmt: skip
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    plain, drawn = model(x), torch.get_rng_state()
    model.train()
    assert model.inside(x, 1000) is not None
    assert model.training
    model.eval()
    assert torch.equal(model(x), plain)
    assert torch.equal(torch.get_rng_state(), drawn)
    for step, (state, count, books) in zip(kinetic_steps(model).values(), states, strict=True):
        assert step.generator is not None
        assert torch.equal(step.generator.get_state(), state)
        assert (step._steps, step.books, step.colliding) == (count, books, False)
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("rule", ["matched", "published", "off"])
def test_the_view_goes_into_a_frame_and_keeps_its_books(name, rule):
    model, x = built(name, collisions=rule)
    view = model.inside(x, 1000)
    found = unpacked(packed(view))
    assert (found.kind, found.header["rule"], found.header["examples"]) == ("particles", rule, 3)
    layers = found.header["layers"]
    assert len(layers) == len(kinetic_steps(model)) == len(found.arrays["ledger"])
    rounds = {"matched": 2, "published": 1, "off": 0}[rule]
    for k, layer in enumerate(layers):
        count = layer["particles"]
        assert found.arrays[f"place_{k}"].shape == (3, count, 4)
        assert found.arrays[f"motion_{k}"].shape == (3, rounds + 1, count, 2)
        pairs = found.arrays[f"pairs_{k}"]
        assert pairs.shape[:2] == (3, rounds)
        if pairs.size:
            assert pairs[..., :2].max() < count
            assert ((pairs[..., 2] >= 0) & (pairs[..., 2] <= 1)).all()
            assert set(np.unique(pairs[..., 3])) <= {0, 1}
    ledger = found.arrays["ledger"]
    assert (ledger[:, :, [2, 6]] < 1e-5).all(), "momentum stays, whatever the rule"
    if rule != "published":
        np.testing.assert_allclose(ledger[:, :, 3], 1, atol=1e-5)
    assert (ledger[:, 1:, 7] > 1.5).all(), "energy of the published rule grows"
    averaged = name == "burgers" and rule == "published"
    assert (found.arrays["mean_error"] > 1e-4).all() == averaged
    if not averaged:  # I5
        assert found.arrays["mean_error"].max() < 1e-5


def test_training_passes_differ_by_chance_and_evaluation_is_the_network():
    model, x = built("two_moons")
    outputs = model.inside(x, 1000).arrays["outputs"]
    np.testing.assert_array_equal(outputs[0], model(x[:1])[0].detach().numpy())
    assert len(np.unique(outputs[1:, 0])) == shown_by.DRAWS
    plain = built("two_moons", collisions="off")[0].inside(x, 1000).arrays["outputs"]
    # A batch of sixteen is multiplied in another order than one.
    np.testing.assert_allclose(plain[1:], np.broadcast_to(plain[0], plain[1:].shape), rtol=1e-5)


def test_two_coordinates_are_shown_as_they_are_and_more_along_their_principal_axes():
    """Singular values of NumPy say how much of the variance a plane can hold at most."""
    generator = torch.Generator().manual_seed(2)
    flat = torch.randn(2, 9, 2, generator=generator)
    torch.testing.assert_close(plane_of(flat).of(flat), flat.double())
    assert plane_of(flat).share == 1
    one = torch.randn(1, 5, 1, generator=generator)
    assert plane_of(one).of(one)[..., 1].abs().max() == 0
    rows = torch.randn(1, 12, 7, generator=generator) * torch.tensor([5, 1, 3, 1, 1, 1, 1.0])
    seen, plane = plane_of(rows).of(rows)[0], plane_of(rows)
    centred = rows[0].double().numpy() - rows[0].double().numpy().mean(0)
    spread = np.linalg.svd(centred, compute_uv=False) ** 2
    assert plane.share == pytest.approx(spread[:2].sum() / spread.sum())
    np.testing.assert_allclose(seen.square().sum(0), spread[:2])
    torch.testing.assert_close(plane.axes[0].mT @ plane.axes[0], torch.eye(2).double())


def test_pictures_of_neurons_are_the_cosines_in_the_order_of_their_groups():
    model, x = built("two_moons")
    view = model.inside(x, 1000)
    names = [weight["name"] for weight in view.header["weights"]]
    part = dict(model.named_modules())[names[0]]
    rows = torch.cat([part.weight, part.bias[:, None]], 1).detach().double()
    wanted = condensation(part.weight, part.bias)
    np.testing.assert_allclose(view.arrays["condensation"][0], wanted, rtol=1e-5)
    picture = view.arrays["cosines"][0][: len(rows), : len(rows)] / 255
    cosines = torch.nn.functional.normalize(rows) @ torch.nn.functional.normalize(rows).T
    np.testing.assert_allclose(
        np.sort(picture, None), np.sort(cosines.abs().numpy(), None), atol=1 / 255
    )


def test_a_gas_of_two_beams_relaxes_to_maxwell():
    """H-theorem: equal temperatures, kurtosis 3, Rayleigh's speeds, and energy all the while."""
    found = relaxation(rounds=60)
    np.testing.assert_allclose(found["gas_energy"], 1, rtol=1e-6)
    assert found["gas_momentum"].max() < 1e-6
    np.testing.assert_allclose(found["temperature"][0], [1, 0], atol=1e-12)
    np.testing.assert_allclose(found["temperature"].sum(1), 1, rtol=1e-6)
    assert found["temperature"][10, 0] / found["temperature"][10, 1] == pytest.approx(1, abs=0.1)
    # 2000 particles: four standard errors of a mean and of a kurtosis (sqrt(24/n)).
    assert found["temperature"][-1, 0] == pytest.approx(0.5, abs=4 * 0.5 * (2 / 2000) ** 0.5)
    assert found["kurtosis"][0] == 1
    assert found["kurtosis"][-1] == pytest.approx(3, abs=4 * (24 / 2000) ** 0.5)
    width = found["speed"][1] - found["speed"][0]
    error = (0.25 * found["rayleigh"] / (2000 * width)) ** 0.5
    assert (np.abs(found["speeds"][-1] - found["rayleigh"]) < 8 * error + 0.05).all()


def test_ends_lie_on_the_circle_unless_the_published_rule_puts_them():
    found = landings()
    pair = found["pair"]
    middle, radius = pair.mean(0), np.linalg.norm(pair[0] - pair[1]) / 2
    away = np.linalg.norm(found["ends"] - middle, axis=2)
    np.testing.assert_allclose(away, radius, rtol=1e-5)
    np.testing.assert_allclose(found["ends"].mean(1), np.tile(middle, (len(away), 1)), atol=1e-6)
    assert np.unique(found["ends"][:, 0].round(3), axis=0).shape[0] > 100, "all directions"
    # Relative energy grows by 8 (1 + cos) in the mean over directions; 4 standard errors.
    theirs = np.linalg.norm(found["ends_published"] - middle, axis=2) ** 2 / radius**2
    assert theirs.mean() == pytest.approx(8, abs=4 * 8 / 2**0.5 / len(theirs) ** 0.5)


def test_the_unit_length_silences_many_dimensions():
    found = experiments(0.9)
    dimension, (unit, rms, published) = found["dimension"], found["fraction"]
    assert dimension[-1] == 1024
    assert unit[-1] == published[-1] == 0
    assert unit[0] > 0.1
    assert published[0] > 0.3
    assert (rms > 0.1).all()
    assert (rms < 0.5).all()


def test_a_training_reports_its_books_and_stores_several_examples():
    spec = TrainSpec.make(
        model="kitinet", dataset="two_moons", epochs=2, batch_size=50,
        dataset_options={"n": 100, "test": 20}, model_options={"channels": 16, "blocks": 2},
    )  # fmt: skip
    events = list(Trainer(spec).events())
    rows = [event.row() for event in events if isinstance(event, Evaluated)]
    for layer in (1, 2):
        assert 0 < rows[0][f"layer{layer}_accepted"] < 1
        assert rows[0][f"layer{layer}_momentum"] < 1e-6
        assert rows[0][f"layer{layer}_energy"] == pytest.approx(1, abs=1e-5)
    assert "layer3_accepted" not in rows[0]
    assert "layer1_accepted" not in rows[1], "no look fell into its two steps"
    frames = [unpacked(event.arrays) for event in events if isinstance(event, FrameStored)]
    assert len(frames) == 3
    assert {len(each.arrays["place_0"]) for each in frames if each} == {4}


def test_books_are_looked_into_at_the_same_steps_after_a_resume():
    step = KineticStep(Slices(2), coll=1.0)
    x, v = torch.randn(2, 4, 8)
    for number in range(12):
        step.count_from(number)
        step(x, v)
        assert (step.news() is not None) == (number in (0, 10))
