"""The compiled kernels against gathers in torch, in every layout, type and number of threads."""

import pytest
import torch

from backend.engine.collide import collide, matched, pairs_cpu, pairs_torch

from .gas import after, gas


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize("dtype", [torch.float, torch.double])
@pytest.mark.parametrize("sizes", [(1, 2, 1), (3, 7, 4), (5, 16, 33)])
def test_kernels_are_the_gathers(monkeypatch, sizes, dtype, columns):
    x, v = gas(*sizes, dtype=dtype)
    cotangent = gas(*sizes, seed=4, dtype=dtype)[0]
    if columns:
        x, v = (each.mT.contiguous().mT for each in (x, v))
    answers = []
    for way in (pairs_cpu, pairs_torch):
        monkeypatch.setattr(matched, "pairs_cpu", way)
        own = v.detach().requires_grad_()
        done = after(x, own, "matched", rounds=3, coll=2.0)
        answers.append((done, *torch.autograd.grad(done, own, cotangent)))
        assert (done.stride() == own.stride()) or way is pairs_torch
    tolerance = 20 * torch.finfo(dtype).eps
    for one, other in zip(*answers, strict=True):
        assert torch.allclose(one, other, rtol=tolerance, atol=tolerance)


def test_tensors_that_lie_otherwise():
    """Every second group, particle and coordinate of something larger; expanded ones."""
    x, v = gas(4, 12, 6)
    for cut in ((slice(None, None, 2), slice(None), slice(None)), (slice(None), slice(1, 9, 2)),
                (Ellipsis, slice(0, 6, 2))):  # fmt: skip
        found, wanted = (after(*given, "matched") for given in
                         ((x[cut], v[cut]), (x[cut].clone(), v[cut].clone())))  # fmt: skip
        assert torch.equal(found, wanted)
    same = after(x[:1].expand(4, -1, -1), v[:1].expand(4, -1, -1), "matched")
    assert torch.equal(same, after(x[:1].repeat(4, 1, 1), v[:1].repeat(4, 1, 1), "matched"))


def test_threads_do_not_change_a_bit():
    x, v = gas(21, 16, 5, dtype=torch.float)
    before, answers = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            own = v.clone().requires_grad_()
            done = after(x, own, "matched")
            answers.append((done, *torch.autograd.grad(done.sin().sum(), own)))
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*answers, strict=True))


def test_the_input_stays_and_changes_in_place_are_refused():
    x, v = gas(2, 6, 3)
    kept = v.clone()
    v.requires_grad_()
    done = collide(x, v)
    assert torch.equal(v, kept)
    with torch.no_grad():
        v.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        done.sum().backward()
