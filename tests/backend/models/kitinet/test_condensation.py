"""How neurons agree, against numpy and against layers whose answer is known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from backend.errors import InputError
from backend.models.baselines.fno import SpectralConvolution
from backend.models.kitinet import condensation, condensations
from backend.models.kitinet.condensation import gini, leading_order, neurons, similarity


def by_numpy(rows: np.ndarray) -> tuple[float, float, float, float]:
    """Mean |cos|, share above 0.9, effective rank and Gini, as they are defined."""
    kept = rows[np.linalg.norm(rows, axis=1) > 0]
    unit = kept / np.linalg.norm(kept, axis=1, keepdims=True)
    cosines = [abs(np.vdot(unit[i], unit[j])) for i in range(len(unit)) for j in range(i)]
    values = np.linalg.svd(unit, compute_uv=False) ** 2
    shares = values / values.sum()
    entropy = -sum(p * np.log(p) for p in shares if p > 0)
    norms = np.linalg.norm(rows, axis=1)
    differences = np.abs(norms[:, None] - norms[None, :]).mean()
    return (np.mean(cosines), np.mean(np.array(cosines) > 0.9), np.exp(entropy),
            differences / (2 * norms.mean()))  # fmt: skip


@pytest.mark.parametrize("shape", [(7, 5), (12, 3), (6, 4, 3, 3), (2, 1)])
@pytest.mark.parametrize("biased", [False, True])
def test_real_layers_by_their_definition(shape, biased):
    rng = np.random.default_rng(0)
    weight, bias = rng.normal(size=shape), rng.normal(size=shape[0]) if biased else None
    weight[0] = 0
    if biased:
        bias[0] = 0
    weight[-1] = 1.5 * weight[1]
    rows = weight.reshape(shape[0], -1)
    rows = np.concatenate([rows, bias[:, None]], 1) if biased else rows
    found = condensation(torch.tensor(weight), None if bias is None else torch.tensor(bias))
    if shape[0] == 2:
        assert math.isnan(found.cosine)
        assert found.rank == pytest.approx(1)
        return
    wanted = by_numpy(rows)
    assert (found.cosine, found.aligned, found.rank, found.gini) == pytest.approx(wanted, rel=1e-9)


def test_complex_layers_by_their_definition():
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(8, 5)) + 1j * rng.normal(size=(8, 5))
    rows[3] = 2j * rows[2]  # a phase is no other direction
    found = condensation(torch.tensor(rows))
    wanted = by_numpy(rows)
    assert (found.cosine, found.aligned, found.rank, found.gini) == pytest.approx(wanted, rel=1e-9)
    assert found.clusters == 7


def test_layers_whose_figures_are_known():
    alike = condensation(torch.outer(torch.tensor([1.0, -2.0, 3.0, 1e-30]), torch.randn(6)))
    assert alike.cosine == pytest.approx(1)
    assert alike.aligned == 1
    assert alike.clusters == 1
    assert alike.rank == pytest.approx(1)
    apart = condensation(torch.eye(5))
    assert apart == pytest.approx((0, 0, 5, 5, 0))
    # 20 degrees from one to the next: each is linked to its neighbours, ends are not.
    angle = torch.deg2rad(20.0 * torch.arange(4))
    chain = condensation(torch.stack([angle.cos(), angle.sin()], 1))
    assert chain.clusters == 1
    assert chain.aligned == pytest.approx(0.5)
    nothing = condensation(torch.zeros(3, 4))
    assert (nothing.rank, nothing.clusters, nothing.gini) == (0, 0, 0)
    assert math.isnan(nothing.cosine)
    assert gini(torch.tensor([0.0, 0, 0, 1]).double()) == pytest.approx(0.75)


def test_the_order_of_the_leading_eigenvector_makes_blocks():
    torch.manual_seed(0)
    directions = torch.eye(12)[:2].repeat_interleave(torch.tensor([6, 3]), 0)
    mixed = torch.randperm(9)
    similar = similarity(neurons(directions[mixed]))
    order = leading_order(similar)
    assert sorted(order.tolist()) == list(range(9))
    assert [int(mixed[k]) // 6 for k in order] == [0] * 6 + [1] * 3
    assert leading_order(similar[:0, :0]).shape == (0,)


def test_every_layer_of_a_network_by_name():
    net = nn.ModuleDict({
        "line": nn.Linear(4, 3), "image": nn.Conv2d(2, 5, 3), "norm": nn.BatchNorm2d(5),
        "waves": SpectralConvolution(3, 4, 2),
    })  # fmt: skip
    found = condensations(net)
    assert list(found) == ["line", "image", "waves"]
    assert found["line"] == condensation(net["line"].weight, net["line"].bias)
    # One row for every pair of channels, of all wavenumbers.
    weight = torch.view_as_complex(net["waves"].weight).detach().numpy()
    rows = weight.transpose(1, 2, 0, 3, 4).reshape(9, -1)
    # numpy stays in single precision here.
    assert found["waves"].cosine == pytest.approx(by_numpy(rows)[0], rel=1e-6)


def test_what_is_no_layer_is_refused():
    with pytest.raises(InputError, match=r"weight: a layer has weights .*found \(3,\) and None"):
        condensation(torch.zeros(3))
    with pytest.raises(InputError, match="a bias"):
        condensation(torch.zeros(3, 2), torch.zeros(2))
    with pytest.raises(InputError, match="not finite; the training has diverged"):
        condensation(torch.full((3, 2), torch.nan))
