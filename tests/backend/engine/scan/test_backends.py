"""Acceptance tests 9 and 10: the kernel, the chunks and the plain loop agree, also in gradients."""

import pytest
import torch

from backend.engine.scan import cascade
from backend.engine.scan.transition import RULES

from .oracle import DOUBLE, by_chunks, distance, problem, stepwise

TOLERANCES = {DOUBLE: 1e-12, torch.float32: 1e-6}
SHAPES = [(2, 1, 3), (1, 37, 16), (3, 70, 20)]


def answers(run, given, weights, rule):
    """Taps and the gradients of their weighted sum."""
    *most, initial = given
    taps = run(*most, rule=rule, initial=initial)
    return [taps, *torch.autograd.grad((taps * weights).sum(), given)]


@pytest.mark.parametrize("dtype", TOLERANCES, ids=str)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("cells", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_all_back_ends_agree(cells, rule, dtype, shape):
    batch, steps, channels = shape
    exact = problem(cells, batch, steps, channels, dtype=dtype)
    weights = torch.randn(batch, steps, channels, cells, dtype=dtype)
    plain = [value.detach().double().requires_grad_() for value in exact]
    wanted = answers(stepwise, plain, weights.double(), rule)
    for run in (cascade, by_chunks):
        found = answers(run, exact, weights, rule)
        assert found[0].dtype == dtype
        # Gradients add up roundings over all steps.
        for k, (one, other) in enumerate(zip(found, wanted, strict=True)):
            assert distance(one, other) <= TOLERANCES[dtype] * (4 if k else 1)


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_the_length_of_a_chunk_does_not_matter(chunk):
    u, tau, kappa, initial = problem(3)
    one = by_chunks(u, tau, kappa, initial=initial, chunk=chunk)
    assert distance(one, cascade(u, tau, kappa, initial=initial)) <= 1e-13


@pytest.mark.parametrize("rule", RULES)
def test_a_sequence_in_pieces_is_the_sequence(rule):
    u, tau, kappa, initial = problem(3, steps=50)
    whole = cascade(u, tau, kappa, rule=rule, initial=initial)
    pieces, state = [], initial
    for piece in u.split([1, 20, 29], 1):
        pieces.append(cascade(piece, tau, kappa, rule=rule, initial=state))
        state = pieces[-1][:, -1]
    assert distance(torch.cat(pieces, 1), whole) <= 1e-15


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("ratio", [1e-8, 1e-3, 1.0, 40.0])
def test_gradients_are_those_of_finite_differences(rule, ratio):
    u, tau, kappa, initial = problem(3, batch=1, steps=4, channels=2)
    # In units of its size, so that finite differences have a scale to work at.
    factor = (tau.detach() / tau.detach().max()).requires_grad_()

    def run(u, factor, kappa, initial):
        return cascade(u, factor / ratio, kappa, rule=rule, initial=initial)

    assert torch.autograd.gradcheck(run, (u, factor, kappa, initial), rtol=1e-5, atol=1e-7)
