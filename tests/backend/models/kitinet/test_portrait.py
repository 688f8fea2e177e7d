"""What a learner sees of the gas is what the training computes."""

import numpy as np
import pytest
import torch

from backend.engine.collide import collide
from backend.models import MODELS, Data, Shape
from backend.models.kitinet import KITIResidual, Slices
from backend.models.kitinet.portrait import PARTICLES, portrait
from backend.params import check_params
from backend.view import packed, unpacked

KITINET = MODELS["kitinet"]
IMAGE = Data("", "Images", "classify", Shape((1, 12, 12), "image"), Shape((3,)), tuple("abc"))
LINE = Shape((1, 64), "grid", periodic=True)
FIELD = Data("", "Fields", "operator", LINE, LINE)
TEXT = Data("", "Texts", "classify", Shape((9,), "tokens", symbols=20), Shape((2,)), ("a", "b"))


def built(data, **options):
    given = {"channels": 16, "blocks": 2, "coll": 1.0, **options}
    return KITINET.build(data, check_params(KITINET.params, given), 3)


def example(data):
    generator = torch.Generator().manual_seed(0)
    if data.inputs.kind == "tokens":
        return torch.tensor([3.0, 4, 5, 6, 7, 0, 0, 0, 0])
    shape = data.inputs.sizes if data.task == "operator" else (data.inputs.count,)
    return torch.rand(*shape, generator=generator)


@pytest.mark.parametrize("data", [IMAGE, FIELD, TEXT])
@pytest.mark.parametrize("rule", ["matched", "allpairs", "published", "mean_field"])
def test_a_portrait_disturbs_nothing_and_keeps_what_the_rule_keeps(data, rule):
    net, x = built(data, collisions=rule).eval(), example(data)
    before, random = {k: v.clone() for k, v in net.state_dict().items()}, torch.get_rng_state()
    view = net.view(x, 10**6)
    assert torch.equal(torch.get_rng_state(), random)
    assert not net.training
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    assert view is not None
    assert view.kind == ("fields" if data is FIELD else "particles")
    a = view.arrays
    layers, shown = a["place"].shape[:2]
    assert layers == view.header["layers"] == len(a["books"])
    assert shown <= PARTICLES
    assert np.array_equal(net.view(x, 10**6).arrays["after"], a["after"], equal_nan=True)
    if rule in ("matched", "allpairs"):
        np.testing.assert_allclose(a["books"][:, 0], 1, atol=1e-6)
    if rule != "published":
        assert (a["books"][:, 1] < 1e-12).all()
    if rule == "published":
        assert (a["books"][:, 2] > 1).all()
    met = np.nan_to_num(a["accepted"]) > 0
    for layer in range(layers):
        there = ~np.isnan(a["probability"][layer])
        for k, (i, j) in enumerate(a["pairs"][layer][there].astype(int)):
            sums = [a[name][layer, i] + a[name][layer, j] for name in ("before", "after")]
            np.testing.assert_allclose(*sums, atol=1e-4 * np.nanmax(np.abs(a["before"])))
            moved = np.abs(a["after"][layer, i] - a["before"][layer, i]).max() > 1e-7
            assert moved <= met[layer, k]
            assert (a["rotated"][layer, k] > 1e-3) == met[layer, k] or np.isnan(
                a["rotated"][layer, k]
            )
    kept = unpacked(packed(view))
    assert kept is not None
    assert kept.header == view.header


def test_probabilities_are_those_of_the_operator():
    """Of many rounds of ``collide`` a pair's share of collisions is what is shown (4 sigma)."""
    block = KITIResidual(torch.nn.Linear(4, 4), Slices(2), coll=1.0)
    x = torch.randn(1, 4, generator=torch.Generator().manual_seed(5))
    view = portrait(block, x)
    assert view is not None
    chance = float(view.arrays["probability"][0, 0])
    place = x.view(1, 2, 2).expand(20_000, 2, 2)
    motion = block.f(x).detach().view(1, 2, 2).expand(20_000, 2, 2).contiguous()
    torch.manual_seed(0)
    met = (collide(place, motion, coll=1.0) != motion).any(2).any(1).float()
    assert abs(float(met.mean()) - chance) < 4 * (chance * (1 - chance) / 20_000) ** 0.5 + 1e-6
    np.testing.assert_allclose(
        view.arrays["place"][0] - view.arrays["place"][0].mean(0),
        (x.view(2, 2) - x.view(2, 2).mean(0)).numpy()[_order(view)], atol=1e-6,
    )  # fmt: skip


def _order(view):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(1, 2, generator=generator).argsort(1)[0].numpy()


def test_without_collisions_there_is_nothing_to_see():
    assert built(IMAGE, collisions="off").view(example(IMAGE), 10**6) is None
    view = built(FIELD, collisions="off").view(example(FIELD), 10**6)
    assert view is not None
    assert "place" not in view.arrays
