"""Bit for bit: place, tile, batch size, threads and other samples' failures change nothing."""

import pytest
import torch
from torch import Tensor

from backend.engine.circuit import op
from backend.engine.circuit.march_cpu import Segment
from backend.engine.tableaus import EULER, RK4
from tests.backend.engine.circuit.oracle import (
    FUSED,
    SEGMENTS,
    Problem,
    allowed,
    compare,
    plan_of,
    problem,
)

BATCHES = [1, 63, 64, 65, 1000]


@pytest.fixture(autouse=True)
def threads():
    """The number of threads is put back after every test."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def results(given: Problem, v0: Tensor | None = None, flow: bool = True) -> list[Tensor]:
    """States, log-determinant and all gradients of a loss that treats every sample alike."""
    leaves = given.leaves()
    if v0 is not None:
        leaves[0] = v0.clone().requires_grad_()
    states, log_det = op.march(leaves[0], given.plans, leaves[1:], RK4, SEGMENTS, flow)
    loss = (states**2).sum() + log_det.sum()
    return [states.detach(), log_det.detach(), *torch.autograd.grad(loss, leaves)]


def same(left: list[Tensor], right: list[Tensor]) -> bool:
    """Equal in every bit, NaN equal to NaN."""
    return all(
        torch.equal(a.view(torch.int32), b.view(torch.int32))
        for a, b in zip(left, right, strict=True)
    )


@pytest.mark.parametrize("batch", BATCHES)
def test_a_sample_does_not_depend_on_its_company(batch: int):
    given = problem(FUSED, batch=1000)
    alone = results(given, given.v0[:, 17:18])[:3]
    for place in {0, batch // 2, batch - 1}:
        v0 = given.v0[:, :batch].clone()
        v0[:, place] = given.v0[:, 17]
        among = results(given, v0)[:3]
        assert same(alone, [value[..., place : place + 1].contiguous() for value in among])


@pytest.mark.parametrize("batch", BATCHES)
def test_threads_change_nothing(batch: int):
    given = problem(FUSED, batch=batch)
    torch.set_num_threads(1)
    one = results(given)
    assert same(one, results(given))
    for count in (2, 3):
        torch.set_num_threads(count)
        assert same(one, results(given))


@pytest.mark.parametrize("batch", BATCHES)
def test_gradients_of_every_batch_size(batch: int):
    """Lanes beyond the batch add nothing to the parameters' gradients."""
    errors = compare(problem(FUSED, each=4, batch=batch, seed=3))
    assert errors.states < 1e-5
    assert max(errors.start, errors.params) < allowed(FUSED)


def test_an_empty_batch():
    given = problem(FUSED, batch=0)
    found = results(given)
    assert found[0].shape == (3, 6, 0)
    assert all((gradient == 0).all() for gradient in found[3:])


def test_one_node():
    """All devices lead to ground."""
    errors = compare(problem(FUSED, nodes=1, batch=3))
    assert max(errors.states, errors.start, errors.params) < allowed(FUSED)


def test_no_devices_leave_the_voltages():
    given = problem([], batch=65)
    found = results(given)
    assert same([found[0]], [given.v0.expand(3, -1, -1).contiguous()])
    assert (found[1] == 0).all()
    torch.testing.assert_close(found[2], 6 * given.v0)


def test_devices_to_ground_only():
    given = problem(FUSED, each=4, slices=1)
    count = 4 * len(FUSED)
    nodes = torch.arange(count) % 6
    ground = torch.full((count,), 6)
    turned = torch.arange(count) % 3 == 0
    source, target = torch.where(turned, ground, nodes), torch.where(turned, nodes, ground)
    given.plans = [plan_of(source, target, FUSED, given.plans[0].inverse, 4)]
    errors = compare(given, segments=[Segment(0, 6, 1.0)])
    assert errors.states < 1e-5
    assert max(errors.start, errors.params) < allowed(FUSED)


@pytest.mark.parametrize("kinds", [["tanh"], ["tanh_diff"], ["threshold_relu"]])
def test_fifty_parallel_devices(kinds: list[str]):
    """Both directions stand in one pair."""
    given = problem(kinds, nodes=3, each=50, slices=1)
    turned = torch.arange(50) % 2 == 0
    source, target = torch.where(turned, 0, 2), torch.where(turned, 2, 0)
    given.plans = [plan_of(source, target, kinds, given.plans[0].inverse, 50)]
    assert len(given.plans[0].packed.other) == 1
    errors = compare(given, segments=[Segment(0, 6, 0.3)])
    assert errors.states < 1e-5
    assert max(errors.start, errors.params) < allowed(kinds)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(("batch", "place"), [(65, 7), (65, 64), (64, 63), (130, 100)])
def test_a_sample_that_fails_fails_alone(batch: int, place: int, value: float):
    """The place may be the last one, with which the rest of its tile is filled."""
    given = problem(FUSED, batch=batch)
    sound = results(given)[:3]
    v0 = given.v0.clone()
    v0[2, place] = value
    failed = results(given, v0)[:3]
    others = torch.arange(batch) != place
    assert same(
        [part[..., others].contiguous() for part in sound],
        [part[..., others].contiguous() for part in failed],
    )
    assert not failed[0][:, 2, place].isfinite().any()
    assert failed[0][-1, :, place].isnan().any()


@pytest.mark.parametrize("kind", FUSED)
def test_nan_comes_through_every_law(kind: str):
    """From a node to the one it drives; as in torch, 0 v is NaN too."""
    given = problem([kind], nodes=2, each=2, batch=3, slices=1)
    both = torch.tensor([0, 1]), torch.tensor([1, 0])
    given.plans = [plan_of(*both, [kind], given.plans[0].inverse, 2)]
    given.v0[0, 1] = float("nan")
    states, _ = op.march(given.v0, given.plans, given.params, EULER, [Segment(0, 1, 0.1)])
    assert states[0][:, 1].isnan().all()
    assert states[0][:, [0, 2]].isfinite().all()
