"""Sheets against heat conduction between their ends."""

import math

import pytest
import torch

from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cells import Cells
from backend.models.kinn.sheet import SheetCells, basis

DOUBLE = torch.double


def waves(size, k, grounded):
    x = torch.linspace(0, 1, size, dtype=DOUBLE)
    angle = math.pi * k * x
    return angle.sin() if grounded else angle.cos()


@pytest.mark.parametrize("grounded", [False, True])
@pytest.mark.parametrize("size", [5, 12, 43])
def test_waves_are_orthonormal_on_the_grid(grounded, size):
    found = basis(size, 20, grounded, DOUBLE, torch.device("cpu"))
    count = len(found.omega)
    assert count == min(20, size - 2)
    assert torch.allclose(found.analysis @ found.value, torch.eye(count, dtype=DOUBLE), atol=1e-13)


@pytest.mark.parametrize("grounded", [False, True])
def test_a_wave_decays_as_heat_does(grounded):
    """cos and sin of pi k x are eigenfunctions with the factor exp(-(pi k sigma)^2 / 2)."""
    size, k = 33, 3
    cells = SheetCells(6, 1).double()
    sigma = cells.log_width.exp()[:, 0]
    field = waves(size, k, grounded)[:, None, None].expand(size, 1, 6)
    value, slope = cells(field)[:, 0].chunk(2, -1)
    lanes = slice(3, 6) if grounded else slice(0, 3)
    factor = torch.exp(-0.5 * (math.pi * k * sigma[lanes]) ** 2)
    sign = 1 if grounded else -1
    other = waves(size, k, not grounded)[:, None]
    assert torch.allclose(value[:, lanes], field[:, 0, lanes] * factor, atol=1e-13)
    expected = sign * math.pi * k * sigma[lanes] * factor * other
    assert torch.allclose(slope[:, lanes], expected, atol=1e-13)


@torch.no_grad()
def test_nodes_of_a_grounded_line_are_the_limit():
    """exp(A) of the tridiagonal node matrix; the error falls with h^2."""
    errors = []
    for size in (17, 33, 65):
        torch.manual_seed(0)
        cells = SheetCells(2, 1, modes=size).double()
        sigma = float(cells.log_width.exp()[1, 0])
        h = 1 / (size - 1)
        inner = torch.diag(torch.full((size - 3,), 1.0, dtype=DOUBLE), 1)
        matrix = 0.5 * sigma**2 / h**2 * (inner + inner.T - 2 * torch.eye(size - 2, dtype=DOUBLE))
        x = torch.linspace(0, 1, size, dtype=DOUBLE)
        field = (x * (1 - x)).square() * torch.exp(2 * x)
        exact = torch.linalg.matrix_exp(matrix) @ field[1:-1]
        value = cells(field[:, None, None].expand(size, 1, 2))[1:-1, 0, 1]
        errors.append(float((value - exact).norm() / exact.norm()))
        torch.manual_seed(0)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)


def test_a_rectangle_is_the_product_of_its_sides():
    cells = SheetCells(2, 2, modes=6).double()
    x, y = torch.randn(9, dtype=DOUBLE), torch.randn(8, dtype=DOUBLE)
    found = cells(torch.outer(x, y)[..., None, None].expand(9, 8, 1, 2))[:, :, 0]
    for lane in range(2):
        sides = []
        for axis, line in enumerate((x, y)):
            side = SheetCells(2, 1, modes=6).double()
            with torch.no_grad():
                side.log_width.copy_(cells.log_width[:, axis : axis + 1])
            both = side(line[:, None, None].expand(len(line), 1, 2))[:, 0]
            sides.append((both[:, lane], both[:, 2 + lane]))
        (vx, sx), (vy, sy) = sides
        for number, (left, right) in enumerate(((vx, vy), (sx, vy), (vx, sy))):
            assert torch.allclose(found[..., 2 * number + lane], torch.outer(left, right))


def test_nothing_grows_whatever_the_parameters():
    cells = SheetCells(200, 2).double()
    with torch.no_grad():
        cells.log_width.normal_(0, 50)
    field = torch.randn(24, 24, 1, 200, dtype=DOUBLE)
    answer = cells(field)
    weights = torch.full((24,), 1.0, dtype=DOUBLE)
    weights[[0, -1]] = 0.5
    energy = torch.einsum("xyl,x,y->l", field[:, :, 0].square(), weights, weights)
    value = answer[..., 0, :200]
    after = torch.einsum("xyl,x,y->l", value.square(), weights, weights)
    assert (after <= energy * (1 + 1e-12)).all()
    answer.square().sum().backward()
    assert bool(cells.log_width.grad.isfinite().all())


@pytest.mark.parametrize("lanes", [2, 5])
@pytest.mark.parametrize("modes", [1, 4, 20])
@pytest.mark.parametrize("points", [(9,), (3,), (9, 12), (4, 3)])
def test_channels_mix_among_waves_as_among_points(points, modes, lanes):
    """Values and slopes, for ends of both kinds, against components at the points."""
    torch.manual_seed(0)
    block = GatedBlock(6, SheetCells(lanes, len(points), modes)).double()
    x = torch.randn(*points, 3, 6, dtype=DOUBLE, requires_grad=True)
    maps = (block.inward, block.outward)
    answers = [Cells.mixed(block.cells, x, *maps), block.cells.mixed(x, *maps)]
    assert torch.allclose(*answers, atol=1e-12)
    back = torch.randn_like(answers[0])
    slopes = [torch.autograd.grad(answer, (x, *block.parameters()), back) for answer in answers]
    for one, other in zip(*slopes, strict=True):
        assert torch.allclose(one, other, rtol=1e-10, atol=1e-11)


def test_gradients():
    cells = SheetCells(4, 2, modes=3).double()
    x = torch.randn(5, 6, 2, 4, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, w: _with(cells, w)(x), (x, cells.log_width))


def _with(cells, width):
    return lambda x: torch.func.functional_call(cells, {"log_width": width}, (x,))
