"""Gradients, compilation, half precision, and numbers of any size."""

import pytest
import torch

from backend.engine.collide import collide, collided, ledger, published

from .gas import MODES, after, gas


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sizes", [(2, 5, 3), (3, 4, 1), (2, 2, 4)])
def test_gradients_are_the_derivative(mode, sizes):
    x, v = gas(*sizes)
    v.requires_grad_()
    x.requires_grad_(mode == "mean_field")
    assert torch.autograd.gradcheck(lambda a, b: after(a, b, mode, rounds=2), (x, v))


def test_gradients_of_the_published_rule():
    x, v = gas(2, 3, 4)
    r = torch.nn.functional.normalize(gas(2, 3, 6)[0], dim=1)
    given = ((0.2 * x).requires_grad_(), v.requires_grad_())
    assert torch.autograd.gradcheck(lambda a, b: published(a, b, r, 0.8), given)


def test_positions_get_no_gradient_from_chance():
    x, v = gas(2, 6, 3)
    x.requires_grad_()
    for mode in ("matched", "allpairs", "off"):
        assert not after(x, v, mode).requires_grad


@pytest.mark.parametrize("mode", [*MODES, "off"])
def test_compiled_as_one_graph_it_is_the_same(mode):
    x, v = gas(3, 7, 4, dtype=torch.float)
    v.requires_grad_()

    def run(x, v):
        return collide(x, v, mode=mode, rounds=2)

    torch._dynamo.reset()
    answers = []
    for way in (run, torch.compile(run, fullgraph=True, backend="aot_eager")):
        torch.manual_seed(3)
        done = way(x, v)
        answers.append((done, *torch.autograd.grad(done.sin().sum(), v)))
    for one, other in zip(*answers, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_single_precision_rounded_once(mode, dtype):
    x, v = gas(3, 8, 4, dtype=dtype)
    x, v = 200 * x, 300 * v  # squares are beyond 65,504
    v.requires_grad_()
    done = after(x, v, mode)
    assert done.dtype == dtype
    assert torch.equal(done, after(x.float(), v.float(), mode).to(dtype))
    done.float().square().sum().backward()
    assert v.grad.dtype == dtype
    assert bool(v.grad.isfinite().all())
    if mode != "mean_field":
        books = ledger(v, collided(x, v, mode=mode))
        assert books.energy == pytest.approx(1, abs=torch.finfo(dtype).eps)
        assert books.momentum <= torch.finfo(dtype).eps


def test_a_surrounding_autocast_changes_nothing():
    x, v = gas(3, 8, 4, dtype=torch.float)
    for mode in MODES:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            inside = after(x, v, mode)
        assert torch.equal(inside, after(x, v, mode))
        assert after(x.bfloat16(), v, mode).dtype == torch.float


SIZES = (1e-6, 1e-3, 1.0, 1e3, 1e6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [torch.float, torch.double])
@pytest.mark.parametrize("kind", ["gas", "coincident", "equal", "still", "one moves", "huge d",
                                  "two"])  # fmt: skip
def test_numbers_of_any_size(mode, dtype, kind):
    """No NaN in values or gradients; momentum and energy stay."""
    x, v = gas(*((2, 4, 20_000) if kind == "huge d" else (2, 2, 1) if kind == "two" else (2, 9, 3)))
    if kind == "coincident":
        x = x[:, :1].expand_as(x)
    if kind == "equal":
        v = v[:, :1].expand_as(v)
    if kind in ("still", "one moves"):
        v = 0 * v
        v[:, 0] = 1.0 if kind == "one moves" else 0.0
    for size in SIZES:
        for speed in SIZES:
            place = (size * x).to(dtype)
            motion = (speed * v).to(dtype).requires_grad_()
            outcome = collided(place, motion, mode=mode,
                               generator=torch.Generator().manual_seed(1))  # fmt: skip
            (slope,) = torch.autograd.grad((outcome.v / speed).square().sum(), motion)
            assert bool(outcome.v.isfinite().all())
            assert bool(slope.isfinite().all())
            books = ledger(motion, outcome)
            tolerance = 50 * torch.finfo(dtype).eps
            assert books.momentum <= tolerance
            if mode != "mean_field":
                assert books.energy == pytest.approx(1, abs=tolerance)


@pytest.mark.parametrize("mode", MODES)
def test_what_cannot_be_squared_makes_no_nan(mode):
    """Beyond half of the exponents."""
    x, v = gas(2, 6, 3, dtype=torch.float)
    for place, motion in ((x, 1e30 * v), (1e30 * x, v), (x, 1e-30 * v), (1e-30 * x, 1e-30 * v)):
        motion = motion.clone().requires_grad_()
        done = after(place, motion, mode)
        assert bool(done.isfinite().all())
        (slope,) = torch.autograd.grad(done.sum(), motion)
        assert bool(slope.isfinite().all())
