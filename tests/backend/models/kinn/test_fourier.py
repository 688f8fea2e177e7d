"""Truncated Fourier series against torch's FFT."""

import pytest
import torch

from backend.models.kinn import fourier


def reference(field, modes):
    """(2, K + 1, ...) of a field, from the spectrum of numpy's convention."""
    last = fourier.kept(len(field), modes)
    found = torch.fft.rfft(field, dim=0, norm="forward")[: last + 1]
    weight = torch.full((last + 1, 1), 2.0, dtype=field.dtype)
    weight[0] = 1.0
    if 2 * last == len(field):
        weight[-1] = 1.0
    return torch.stack((found.real * weight, -found.imag * weight))


@pytest.mark.parametrize("size", [1, 2, 7, 8, 30])
@pytest.mark.parametrize("modes", [0, 3])
def test_matrices_are_the_fft(size, modes):
    field = torch.randn(size, 5, dtype=torch.double)
    found = fourier.analysis(field, modes)
    assert torch.allclose(found, reference(field, modes), atol=1e-14)
    last = found.shape[1] - 1
    spectrum = torch.fft.rfft(field, dim=0)
    spectrum[last + 1 :] = 0
    low = torch.fft.irfft(spectrum, n=size, dim=0)
    assert torch.allclose(fourier.synthesis(found, size), low, atol=1e-13)


@pytest.mark.parametrize("size", [600, 601])
def test_long_series_go_through_the_fft_and_agree(size, monkeypatch):
    field = torch.randn(size, 3, dtype=torch.double)
    assert fourier._by_fft(size, size // 2)
    fast = fourier.analysis(field, 0)
    assert torch.allclose(fast, reference(field, 0), atol=1e-14)
    back = fourier.synthesis(fast, size)
    assert torch.allclose(back, field, atol=1e-12)
    monkeypatch.setattr(fourier, "FFT_GAIN", 1e9)
    assert torch.allclose(fourier.analysis(field, 0), fast, atol=1e-13)
    assert torch.allclose(fourier.synthesis(fast, size), field, atol=1e-12)


def test_a_response_filters_as_a_complex_product():
    field = torch.randn(16, 4, dtype=torch.double)
    h = torch.randn(9, 4, dtype=torch.cdouble)
    coefficients = fourier.analysis(field, 0)
    found = fourier.synthesis(fourier.respond(coefficients, (h.real, h.imag)), 16)
    # irfft reads only the real part of the mean and of the highest wave.
    expected = torch.fft.irfft(torch.fft.rfft(field, dim=0) * h, n=16, dim=0)
    assert torch.allclose(found, expected, atol=1e-13)


def test_gradients():
    field = torch.randn(6, 2, dtype=torch.double, requires_grad=True)
    p, q = (torch.randn(4, 2, dtype=torch.double, requires_grad=True) for _ in range(2))

    def filtered(field, p, q):
        return fourier.synthesis(fourier.respond(fourier.analysis(field, 0), (p, q)), 6)

    assert torch.autograd.gradcheck(filtered, (field, p, q))
