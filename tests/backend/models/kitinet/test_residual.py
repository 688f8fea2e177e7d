"""A residual connection with collisions: its twin, its books, its random numbers, its warnings."""

import copy
import warnings

import pytest
import torch
from torch import Tensor, nn

from backend.engine.collide import Map, Slices, collide
from backend.errors import InputError
from backend.models.kitinet import KineticStep, KITIResidual, kinetic_steps, seed_steps
from backend.models.kitinet.residual import EVERY, RULES, WATCHED


def branch(width: int = 24) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(width, 40), nn.Tanh(), nn.Linear(40, width))


class Plain(nn.Module):
    """What a user has before."""

    def __init__(self) -> None:
        super().__init__()
        self.f = branch()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.f(x)


def test_three_lines_wrap_any_branch():
    from backend.models.kitinet import KITIResidual

    block = KITIResidual(nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64)))
    y = block(torch.randn(8, 64))
    assert y.shape == (8, 64)


@pytest.mark.parametrize("mode", RULES)
def test_evaluation_is_the_plain_residual_of_the_same_state(mode):
    """I4, bit for bit, forward and backward; nothing is drawn and no books are kept."""
    plain, block = Plain(), KITIResidual(branch(), mode=mode, coll=0.8)
    assert list(block.state_dict()) == list(plain.state_dict())
    plain.load_state_dict(block.state_dict())
    x = torch.randn(5, 7, 24, requires_grad=True)
    before = torch.get_rng_state()
    answers = [each.eval()(x) for each in (plain, block)]
    slopes = [torch.autograd.grad(y.sin().sum(), x)[0] for y in answers]
    assert torch.equal(*answers)
    assert torch.equal(*slopes)
    assert torch.equal(torch.get_rng_state(), before)
    assert block.step.books is None
    trained = block.train()(x)
    assert torch.equal(trained, plain(x)) == (mode == "off")


def test_a_training_step_is_the_collision():
    block = KITIResidual(branch(), Slices(4), coll=0.7, rounds=2, length=3.0, dt=0.5)
    x = torch.randn(6, 24)
    torch.manual_seed(5)
    y = block(x)
    torch.manual_seed(5)
    v = collide(x.view(6, 6, 4), block.f(x).view(6, 6, 4), coll=0.7, rounds=2, length=3.0)
    assert torch.equal(y, x + 0.5 * v.view(6, 24))
    assert torch.equal(block.eval()(x), x + 0.5 * block.f(x))


@pytest.mark.parametrize("mode", RULES)
def test_the_books_say_what_was_kept(mode):
    block = KITIResidual(nn.Conv2d(6, 6, 3, 1, 1), Map(2), mode=mode, coll=0.9)
    x = 0.3 * torch.randn(4, 6, 8, 8)
    y = block(x)
    y.square().sum().backward()
    assert bool(block.f.weight.grad.isfinite().all())
    books = block.step.books
    if mode == "off":
        assert books is None
        return
    assert 0 < books.accepted < 1
    assert books.momentum < 1e-6
    if mode in ("matched", "allpairs"):
        assert books.energy == pytest.approx(1, abs=1e-5)
    elif mode == "mean_field":
        assert books.energy < 1
    else:
        assert books.energy > 2
    # The mean of every channel does not see a collision; averaged positions would show.
    assert torch.allclose(y.mean((2, 3)), (x + block.f(x)).mean((2, 3)), atol=1e-5)


def test_random_numbers_come_from_one_generator():
    layers = nn.Sequential(KITIResidual(branch()), KITIResidual(branch(), mode="published"))
    assert list(kinetic_steps(layers)) == ["0.step", "1.step"]
    x = torch.randn(9, 24)

    def run(seed: int) -> Tensor:
        seed_steps(layers, torch.Generator().manual_seed(seed))
        return layers(x)

    before = torch.get_rng_state()
    one = run(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one, run(3))
    assert not torch.equal(one, run(4))
    seed_steps(layers, torch.Generator().manual_seed(3))
    assert torch.equal(copy.deepcopy(layers)(x), one)
    seed_steps(layers, None)
    torch.manual_seed(0)
    one = layers(x)
    torch.manual_seed(0)
    assert torch.equal(one, layers(x))


def test_a_recomputed_forward_pass_repeats_torchs_own_numbers():
    block, x = KITIResidual(branch()), torch.randn(9, 24)
    slopes = []
    for recomputed in (False, True):
        block.zero_grad()
        torch.manual_seed(1)
        y = (torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False) if recomputed
             else block(x))  # fmt: skip
        y.sin().sum().backward()
        slopes.append(block.f[0].weight.grad.clone())
    assert torch.equal(*slopes)


@pytest.mark.parametrize("mode", ["matched", "allpairs", "mean_field"])
def test_a_wrapped_branch_compiles_into_one_graph(mode):
    block, x = KITIResidual(branch(), mode=mode), torch.randn(9, 24)
    torch._dynamo.reset()
    compiled = torch.compile(block, fullgraph=True, backend="aot_eager")
    answers = []
    for way in (block, compiled):
        torch.manual_seed(1)
        answers.append(way(x))
    assert torch.allclose(*answers, atol=1e-6)


def test_autocast_gives_the_type_of_the_plain_residual():
    plain, block = Plain(), KITIResidual(branch())
    plain.load_state_dict(block.state_dict())
    x = torch.randn(9, 24)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert block(x).dtype == plain(x).dtype == torch.float
        assert torch.equal(block.eval()(x), plain(x))


def test_a_configuration_in_which_nothing_or_everything_collides_is_told_once():
    dead = KITIResidual(branch(), length=1e-3)
    wild = KITIResidual(branch(2), Slices(1), coll=1e9, length=1e9)
    for block, words in ((dead, "no pair has collided"), (wild, "nearly every pair has collided")):
        x = torch.randn(4, 24 if block is dead else 2)
        for _ in range(EVERY * (WATCHED - 1)):
            block(x)
        with pytest.warns(RuntimeWarning, match=words):
            block(x)
        for _ in range(EVERY * WATCHED):
            block(x)
    lone = KITIResidual(nn.Linear(3, 3), Slices(3))
    x = torch.randn(5, 3)
    with pytest.warns(RuntimeWarning, match="a single particle, so nothing collides in this layer"):
        assert torch.equal(lone(x), x + lone.f(x))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lone(x)


def test_what_cannot_be_built_is_refused():
    for options, message in (
        ({"mode": "publish"}, "mode: no such way to collide 'publish'; did you mean 'published'"),
        ({"mode": "published", "coll": 1.5}, "coll: a finite number from 0 to 1"),
        ({"rounds": 0}, "rounds: a whole number of at least 1"),
        ({"length": -1}, "length: a positive number"),
        ({"dt": float("nan")}, "dt: a finite number is needed"),
    ):
        with pytest.raises(InputError, match=message):
            KineticStep(**options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="size: 24 features are no multiple of 7"):
        KITIResidual(branch(), Slices(7))(torch.randn(2, 24))


def test_gradients_collide_on_their_way_back():
    """The forward pass is the plain one; dL/dv is what ``collide`` makes of the plain dL/dv."""
    plain = Plain()
    block = KITIResidual(branch(), Slices(4), coll=0.8, motion="gradients")
    block.load_state_dict(plain.state_dict())
    x, weight = torch.randn(6, 24), torch.randn(6, 24)
    v = plain.f(x)
    assert torch.equal(block(x), x + v)
    plain_gradient = torch.autograd.grad((v * weight).sum(), v)[0]
    torch.manual_seed(3)
    met = collide(x.view(6, 6, 4), plain_gradient.view(6, 6, 4), coll=0.8).view(6, 24)
    expected = torch.autograd.grad(plain.f(x), plain.f.parameters(), met)
    torch.manual_seed(3)
    (block(x) * weight).sum().backward()
    for found, wanted in zip(block.f.parameters(), expected, strict=True):
        torch.testing.assert_close(found.grad, wanted)
    assert block.step.books.energy == pytest.approx(1, abs=1e-5)
    assert block.step.books.momentum < 1e-6


def test_collisions_can_fade_away():
    block = KITIResidual(branch(), coll=0.9)
    x = torch.randn(64, 24)
    accepted = []
    for share in (1.0, 0.3, 0.0):
        block.step.share, block.step._steps = share, 0
        y = block(x)
        accepted.append(block.step.books.accepted)
    assert accepted[0] > 2 * accepted[1] > 0 == accepted[2]
    assert torch.equal(y, x + block.f(x))


def test_gradients_have_no_positions_to_publish():
    with pytest.raises(InputError, match="motion: the published rule moves positions"):
        KineticStep(mode="published", motion="gradients")
    with pytest.raises(InputError, match="motion: no such motion 'speeds'"):
        KineticStep(motion="speeds")
