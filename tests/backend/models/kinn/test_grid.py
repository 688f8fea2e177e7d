"""Meshes against SciPy's sparse solver of the Darcy equation."""

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
import torch

from backend.models.kinn.block import GatedBlock
from backend.models.kinn.grid import LEAST, GridCells, darcy
from backend.models.kinn.mesh import mesh_voltages

DOUBLE = torch.double


def sparse_darcy(a, f):
    """-div(a grad v) = f by five points and arithmetic means of faces, 0 on the border."""
    rows, columns = a.shape
    matrix = scipy.sparse.lil_matrix((a.size, a.size))
    right = np.zeros(a.size)
    for i, j in np.ndindex(rows, columns):
        k = i * columns + j
        if i in (0, rows - 1) or j in (0, columns - 1):
            matrix[k, k] = 1.0
            continue
        right[k] = f[i, j]
        for di, dj, h in ((1, 0, rows), (-1, 0, rows), (0, 1, columns), (0, -1, columns)):
            g = 0.5 * (a[i, j] + a[i + di, j + dj]) * (h - 1) ** 2
            matrix[k, k] += g
            matrix[k, k + di * columns + dj] -= g
    return scipy.sparse.linalg.spsolve(matrix.tocsc(), right).reshape(rows, columns)


@pytest.mark.parametrize("sizes", [(9, 12), (14, 5), (3, 3), (21, 21)])
def test_voltages_at_rest_are_the_sparse_solution(sizes):
    rng = np.random.default_rng(sum(sizes))
    a, f = np.where(rng.random(sizes) > 0.5, 12.0, 3.0), rng.standard_normal(sizes)
    v = darcy(torch.from_numpy(a)[None], torch.from_numpy(f)[None])[0].numpy()
    exact = sparse_darcy(a, f)
    # Both lose the condition of the mesh, some 10^3, in digits.
    assert np.abs(v - exact).max() <= 1e-11 * np.abs(exact).max()


def test_a_line_is_the_parabola():
    """-v'' = 1 with v = 0 at both ends: v = x (1 - x) / 2, which five points meet exactly."""
    x = torch.linspace(0, 1, 11, dtype=DOUBLE)
    one = torch.ones(1, 11, dtype=DOUBLE)
    assert torch.allclose(darcy(one, one)[0], x * (1 - x) / 2, atol=1e-14)


def test_energy_put_in_is_dissipated():
    """sum i v = sum over branches g (v_a - v_b)^2 + sum leak v^2 (Tellegen)."""
    right, down = torch.rand(2, 4, 2, dtype=DOUBLE), torch.rand(2, 3, 3, dtype=DOUBLE)
    leak, current = torch.rand(2, 4, 3, dtype=DOUBLE), torch.randn(2, 4, 3, dtype=DOUBLE)
    v = mesh_voltages(right, down, leak, current)
    lost = (
        (right * v.diff(dim=2).square()).sum()
        + (down * v.diff(dim=1).square()).sum()
        + (leak * v.square()).sum()
    )
    assert float(lost) == pytest.approx(float((current * v).sum()), rel=1e-13)


def test_gradients():
    sizes = ((2, 4, 2), (2, 3, 3), (2, 4, 3))
    parts = [torch.rand(size, dtype=DOUBLE).add(0.1).requires_grad_() for size in sizes]
    current = torch.randn(2, 4, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(mesh_voltages, (*parts, current))


def test_single_precision_is_solved_in_double():
    a, f = torch.rand(3, 30, 30) + 1, torch.randn(3, 30, 30)
    v = darcy(a, f)
    assert v.dtype == torch.float32
    assert torch.allclose(v.double(), darcy(a.double(), f.double()), rtol=1e-5, atol=1e-7)


def test_a_mesh_without_voltages_has_none():
    """One that nothing ties to ground, and one with a conductance that is no number."""
    right, down = torch.ones(3, 2, 1), torch.ones(3, 1, 2)
    leak, current = torch.ones(3, 2, 2), torch.ones(3, 2, 2)
    leak[0], right[1] = 0.0, torch.nan
    v = mesh_voltages(right, down, leak, current)
    assert bool(v[:2].isnan().all())
    assert torch.allclose(v[2], torch.ones(2, 2))


def test_a_lane_holds_the_darcy_solver():
    """Of a two-valued coefficient softplus gives both values, and a current of 1 the source."""
    rng = np.random.default_rng(0)
    a = np.where(rng.random((10, 10)) > 0.5, 12.0, 3.0)
    block = GatedBlock(1, GridCells(1, 2, 1)).double()
    raw = [float(np.log(np.expm1(value - LEAST))) for value in (3.0, 12.0)]
    with torch.no_grad():
        slope = (raw[1] - raw[0]) / 9.0
        block.cells.conductance.weight.fill_(slope)
        block.cells.conductance.bias.fill_(raw[0] - 3.0 * slope)
        block.inward.weight.zero_()
        block.inward.bias.fill_(1.0)
        block.outward.weight.zero_()
        block.outward.weight[0, 0] = 1.0
        block.outward.bias.zero_()
    x = torch.from_numpy(a)[..., None, None]
    v = block.cells.mixed(x, block.inward, block.outward)[..., 0, 0]
    exact = sparse_darcy(a, np.ones_like(a))
    assert np.abs(v.detach().numpy() - exact).max() <= 1e-12 * exact.max()


@pytest.mark.parametrize("axes", [1, 2])
def test_no_parameters_break_it(axes):
    block = GatedBlock(3, GridCells(2, axes, 3))
    with torch.no_grad():
        block.cells.conductance.weight.normal_(0, 50)
    x = torch.randn(*[7] * axes, 2, 3)
    answer = block.cells.mixed(x, block.inward, block.outward)
    answer.square().sum().backward()
    assert bool(answer.isfinite().all())
    assert all(bool(p.grad.isfinite().all()) for p in block.parameters() if p.grad is not None)
