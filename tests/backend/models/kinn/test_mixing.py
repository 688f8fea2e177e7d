"""The one operation of rings and their maps against rings and maps one after the other."""

import math

import pytest
import torch

from backend.models.kinn import fourier
from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cells import Cells, fading
from backend.models.kinn.ring import RingCells

DOUBLE = torch.double
CHANNELS, LANES = 6, 5


def mixing(size, modes):
    """What is mixed, by a point-by-point form and by the form of the block; slopes to send back."""
    torch.manual_seed(size)
    block = GatedBlock(CHANNELS, RingCells(LANES, 1, modes)).double()
    with torch.no_grad():
        block.cells.drift.mul_(5)  # more than once around
    x = torch.randn(size, 3, CHANNELS, dtype=DOUBLE)
    slopes = torch.randn(size, 3, 2 * CHANNELS, dtype=DOUBLE)
    forms = (lambda x, *w: Cells.mixed(block.cells, x, *w), block.cells.mixed)
    return block, x, slopes, forms


def answers(block, x, slopes, form):
    """A form's values, and its slopes by the field and by every parameter."""
    x = x.clone().requires_grad_()
    values = form(x, block.inward, block.outward)
    return values.detach(), torch.autograd.grad(values, (x, *block.parameters()), slopes)


def check_same(block, x, slopes, forms):
    (plain, plain_slopes), (found, found_slopes) = (
        answers(block, x, slopes, form) for form in forms
    )
    assert torch.allclose(found, plain, rtol=0, atol=1e-13 * float(plain.abs().max()))
    for one, other in zip(found_slopes, plain_slopes, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12 * float(other.abs().max()))


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9, 64, 65, 128])
@pytest.mark.parametrize("modes", [0, 1, 4, 32])
def test_values_and_slopes_are_those_of_the_plain_form(size, modes):
    check_same(*mixing(size, modes))


@pytest.mark.parametrize("size", [32, 33])
@pytest.mark.parametrize("modes", [0, 5])
def test_long_fields_go_through_the_fft(size, modes, monkeypatch):
    monkeypatch.setattr(fourier, "FFT_GAIN", 0.0)
    check_same(*mixing(size, modes))


def test_single_precision_is_that_of_double():
    block, x, slopes, forms = mixing(128, 32)
    exact, exact_slopes = answers(block, x, slopes, forms[1])
    found, found_slopes = answers(block.float(), x.float(), slopes.float(), forms[1])
    assert torch.allclose(found.double(), exact, atol=1e-5)
    for one, other in zip(found_slopes, exact_slopes, strict=True):
        assert torch.allclose(one.double(), other, atol=1e-5 * float(other.abs().max()))


def test_gradients_of_the_gate():
    block = GatedBlock(3, RingCells(2, 1, 3)).double()
    x = torch.randn(7, 2, 3, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(block, (x,))


@pytest.mark.parametrize("gain", [0.0, 1e9])
@pytest.mark.parametrize("size", [6, 7])
@pytest.mark.parametrize("modes", [0, 2])
def test_transforms_backwards_are_those_of_autograd(size, modes, gain, monkeypatch):
    monkeypatch.setattr(fourier, "FFT_GAIN", gain)
    field = torch.randn(size, 2, 3, dtype=DOUBLE, requires_grad=True)
    waves = fourier.analysis(field, modes)
    up = torch.randn_like(waves)
    (expected,) = torch.autograd.grad(waves, field, up)
    assert torch.allclose(fourier.analysis_back(up, size), expected, atol=1e-14)
    waves = waves.detach().requires_grad_()
    back = torch.randn(size, 2, 3, dtype=DOUBLE)
    (expected,) = torch.autograd.grad(fourier.synthesis(waves, size), waves, back)
    assert torch.allclose(fourier.synthesis_back(back, modes), expected, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_what_fades_leaves_no_number_below_the_normal_ones(dtype):
    """Two factors and a field of 1e-6 of the usual size multiply to 0 or a normal number."""
    scaled = torch.linspace(0, 50, 5001, dtype=dtype)
    size = fading(scaled)
    exact = torch.exp(-0.5 * scaled.double().square())
    assert float((size.double() - exact).abs().max()) < torch.finfo(dtype).eps
    smallest = float(size[size > 0].min()) ** 2 * 1e-6
    assert smallest > torch.finfo(dtype).tiny
    assert math.isclose(float(size[0]), 1.0)
