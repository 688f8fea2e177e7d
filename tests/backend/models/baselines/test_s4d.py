"""Diagonal state spaces against SciPy's linear systems."""

import numpy as np
import pytest
import scipy.signal
import torch

from backend.errors import StudioError
from backend.models import MODELS, Data, Shape
from backend.models.baselines.s4d import StateSpace

DOUBLE = torch.double


def simulated(space, channel, way, u):
    """What SciPy's recursion of the discretised system gives, states empty at first."""
    step = float(space.log_step.exp()[channel].detach()) * space.length / len(u)
    rate = -space.log_decay.exp()[channel] + 1j * space.frequency[channel]
    rate = rate.detach().numpy()
    weight = torch.view_as_complex(space.weight)[way, channel].detach().numpy()
    total = np.zeros(len(u))
    for a, c in zip(rate, weight, strict=True):
        decay = np.exp(step * a)
        held = (decay - 1) / a
        state = scipy.signal.lfilter([held], [1, -decay], u)
        total += 2 * (c * state).real
    return total


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("length", [1, 20, 33])
def test_it_is_the_system_solved_step_by_step(both, length):
    space = StateSpace(2, 3, 20, both).double()
    u = torch.randn(1, 2, length, dtype=DOUBLE)
    found = space(u)[0].detach().numpy()
    for channel, signal in enumerate(u[0].numpy()):
        exact = simulated(space, channel, 0, signal)
        exact += float(space.direct[channel].detach()) * signal
        if both:
            # Backwards it sees the points behind its own only.
            behind = np.concatenate((signal[1:], [0.0]))[::-1]
            exact += simulated(space, channel, 1, behind)[::-1]
        assert np.abs(found[channel] - exact).max() < 1e-12


def test_a_finer_sequence_has_shorter_steps():
    """A held input stays the same function: the answer at its points does, too."""
    space = StateSpace(1, 4, 16, both=False).double()
    u = torch.randn(1, 1, 16, dtype=DOUBLE)
    with torch.no_grad():
        fine = space(u.repeat_interleave(4, -1))[..., 3::4]
        assert torch.allclose(fine, space(u), atol=1e-12)


def test_no_parameters_break_it():
    space = StateSpace(20, 4, 32, both=True)
    with torch.no_grad():
        space.log_decay.normal_(0, 50)
        space.log_step.normal_(0, 5)
    answer = space(torch.randn(2, 20, 32))
    assert bool(answer.isfinite().all())
    answer.square().sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in space.parameters())


def test_fields_and_sequences():
    s4d = MODELS["s4d"]
    options = {"channels": 8, "states": 4, "blocks": 2}
    grid = Shape((2, 16), "grid")
    field = s4d.build(Data("", "F", "operator", grid, Shape((1, 16), "grid")), options, 0)
    assert field(torch.randn(3, 2, 16)).shape == (3, 1, 16)
    assert field(torch.randn(3, 2, 31)).shape == (3, 1, 31)
    image = Data("", "I", "classify", Shape((3, 4, 5), "image"), Shape((2,)), ("a", "b"))
    assert s4d.build(image, options, 0)(torch.rand(3, 60)).shape == (3, 2)
    flat = Shape((1, 5, 5), "grid")
    with pytest.raises(StudioError, match="S4D learns fields of 1 axis, and those of 'F'"):
        s4d.build(Data("", "F", "operator", flat, flat), options, 0)


def test_gradients():
    space = StateSpace(1, 2, 4, both=True).double()
    u = torch.randn(1, 1, 4, dtype=DOUBLE, requires_grad=True)
    names = [name for name, _ in space.named_parameters()]

    def answer(u, *values):
        return torch.func.functional_call(space, dict(zip(names, values, strict=True)), (u,))

    assert torch.autograd.gradcheck(answer, (u, *space.parameters()))
