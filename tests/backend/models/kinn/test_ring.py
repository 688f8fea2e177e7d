"""Rings against the matrix exponential of their nodes, and what no parameters may break."""

import math

import pytest
import torch

from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cells import Cells
from backend.models.kinn.ring import RingCells

DOUBLE = torch.double


def nodes(size, sigma, beta):
    """The matrix of the node equations dv/dt = A v (size, size)."""
    g, m = 0.5 * sigma**2 * size**2, beta * size
    shift = torch.eye(size, dtype=DOUBLE).roll(1, 1)  # v_{i+1}
    return g * (shift - 2 * torch.eye(size, dtype=DOUBLE) + shift.T) - m / 2 * (shift - shift.T)


def bump(size):
    x = torch.arange(size, dtype=DOUBLE) / size
    return torch.exp(torch.cos(2 * math.pi * (x - 0.3)) * 3)


def ring(sigma, beta, axes=1, modes=0):
    cells = RingCells(1, axes, modes).double()
    with torch.no_grad():
        cells.log_width[:] = math.log(sigma)
        cells.drift[:] = beta
    return cells


def band_limited(size, count, seed=0):
    """Fields of waves up to 12, at any number of points (size, count)."""
    generator = torch.Generator().manual_seed(seed)
    c = torch.randn(2, 13, count, generator=generator, dtype=DOUBLE)
    angle = 2 * math.pi * torch.outer(torch.arange(size) / size, torch.arange(13)).double()
    return angle.cos() @ c[0] + angle.sin() @ c[1]


@pytest.mark.parametrize("size", [7, 16])
def test_nodes_answer_in_waves(size):
    """exp(A) is the filter exp(-lambda(k)) with the eigenvalues of the docstring."""
    sigma, beta = 0.1, 0.23
    g, m = 0.5 * sigma**2 * size**2, beta * size
    k = torch.arange(size // 2 + 1, dtype=DOUBLE)
    rate = 4 * g * torch.sin(math.pi * k / size) ** 2 + 1j * m * torch.sin(2 * math.pi * k / size)
    field = torch.randn(size, dtype=DOUBLE)
    exact = torch.linalg.matrix_exp(nodes(size, sigma, beta)) @ field
    filtered = torch.fft.irfft(torch.fft.rfft(field) * torch.exp(-rate), n=size)
    assert torch.allclose(exact, filtered, atol=1e-13)


@torch.no_grad()
@pytest.mark.parametrize(("sigma", "beta"), [(0.05, 0.0), (0.1, 0.1), (0.2, -0.2)])
def test_the_lane_is_the_limit_of_many_nodes(sigma, beta):
    """The error against the ring of nodes falls with h^2: a quarter for half the distance."""
    errors = []
    for size in (64, 128, 256):
        field = bump(size)
        matrix = torch.linalg.matrix_exp(nodes(size, sigma, beta))
        value = ring(sigma, beta)(field[:, None, None])[:, 0, 0]
        exact = matrix @ field
        errors.append(float((value - exact).norm() / exact.norm()))
    assert errors[0] < 0.02
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.02)


def test_the_slope_is_the_derivative_of_the_value():
    size, sigma = 128, 0.07
    value, slope = ring(sigma, 0.1)(bump(size)[:, None, None])[:, 0].T
    k = torch.arange(size // 2 + 1)
    derivative = torch.fft.irfft(torch.fft.rfft(value) * 2j * math.pi * k, n=size)
    assert torch.allclose(slope, sigma * derivative, atol=1e-10)


def test_nothing_grows_whatever_the_parameters():
    """max|H| = 1, met by the mean; the slope stays below e^(-1/2) = 0.61."""
    cells = RingCells(400).double()
    with torch.no_grad():
        cells.log_width.normal_(0, 50)
        cells.drift.normal_(0, 50)
    field = torch.randn(64, 3, 400, dtype=DOUBLE)
    value, slope = cells(field).chunk(2, -1)
    assert (value.square().sum(0) <= field.square().sum(0) * (1 + 1e-12)).all()
    assert (slope.square().sum(0) <= field.square().sum(0) / math.e * (1 + 1e-12)).all()
    assert torch.allclose(value.mean(0), field.mean(0), atol=1e-13)
    (value.square().sum() + slope.square().sum()).backward()
    assert all(bool(p.grad.isfinite().all()) for p in cells.parameters())


@pytest.mark.parametrize("modes", [0, 12, 20])
def test_the_answer_is_the_same_on_every_grid(modes):
    cells = RingCells(8, 1, modes).double()
    fine = cells(band_limited(256, 8)[:, None])
    for size in (64, 128):
        coarse = cells(band_limited(size, 8)[:, None])
        assert torch.allclose(fine[:: 256 // size], coarse, atol=1e-12)


@pytest.mark.parametrize("axes", [1, 2])
def test_a_shifted_field_gives_a_shifted_answer(axes):
    cells = RingCells(4, axes).double()
    field = torch.randn(*[12] * axes, 2, 4, dtype=DOUBLE)
    moved = cells(field.roll(5, axes - 1))
    assert torch.allclose(moved, cells(field).roll(5, axes - 1), atol=1e-13)


def test_two_axes_are_the_product_of_one_axis_each():
    cells = RingCells(1, 2).double()
    with torch.no_grad():
        cells.log_width.copy_(torch.tensor([[0.05, 0.1]]).log())
        cells.drift.copy_(torch.tensor([[0.1, -0.2]]))
    x, y = bump(16), torch.randn(10, dtype=DOUBLE)
    found = cells(torch.outer(x, y)[..., None, None])[:, :, 0]
    (vx, sx), (vy, sy) = (
        ring(w, b)(u[:, None, None])[:, 0].T for w, b, u in ((0.05, 0.1, x), (0.1, -0.2, y))
    )
    for number, (left, right) in enumerate(((vx, vy), (sx, vy), (vx, sy))):
        assert torch.allclose(found[..., number], torch.outer(left, right), atol=1e-6)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("modes", [0, 3])
def test_channels_mix_among_waves_as_among_points(axes, modes):
    block = GatedBlock(6, RingCells(5, axes, modes)).double()
    x = torch.randn(*[9] * axes, 3, 6, dtype=DOUBLE)
    found = block.cells.mixed(x, block.inward, block.outward)
    plain = Cells.mixed(block.cells, x, block.inward, block.outward)
    assert torch.allclose(found, plain, atol=1e-12)


def test_gradients():
    block = GatedBlock(2, RingCells(3)).double()
    x = torch.randn(5, 2, 2, dtype=DOUBLE, requires_grad=True)
    names = [name for name, _ in block.named_parameters()]

    def answer(x, *values):
        return torch.func.functional_call(block, dict(zip(names, values, strict=True)), (x,))

    assert torch.autograd.gradcheck(answer, (x, *block.parameters()))
