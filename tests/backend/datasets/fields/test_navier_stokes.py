"""Vorticity against an exact vortex, and against finer grids and steps."""

import numpy as np
import pytest

from backend.datasets import DATASETS
from backend.datasets.fields.navier_stokes import STEP, evolved, stirring, vorticity


def relative(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


def test_a_vortex_of_taylor_and_green_fades():
    # w = 2 cos(kx) cos(ky) is carried along its own stream lines and only fades.
    angle = 2 * np.pi * np.arange(32) / 32
    w = 2 * np.cos(angle)[:, None] * np.cos(angle)
    found = evolved(w[None], 0.01, 1.0)[0]
    assert np.allclose(found, w * np.exp(-2 * 0.01 * (2 * np.pi) ** 2), atol=1e-12)


def test_a_stream_carries_a_small_wave_along():
    # A shear flow u = (0, sin 2 pi x / 2 pi ...): w = cos 2 pi x alone is steady without viscosity,
    # and a drift of the frame moves nothing: rows that depend on x only stay so.
    angle = 2 * np.pi * np.arange(32) / 32
    w = np.cos(angle)[:, None] + 0.5 * np.sin(3 * angle)[:, None] + np.zeros((32, 32))
    found = evolved(w[None], 0.0, 2.0)[0]
    assert np.allclose(found, w, atol=1e-12)


def test_energy_and_enstrophy_stay_without_viscosity_and_force():
    w = 5 * vorticity(np.random.default_rng(1), 32)
    later = evolved(w[None], 0.0, 1.0, step=0.01)[0]
    assert relative(later, w) > 0.05, "it moved"
    assert np.square(later).mean() == pytest.approx(np.square(w).mean(), rel=1e-6)
    k = 2 * np.pi * np.fft.fftfreq(32, 1 / 32)
    squares = k[:, None] ** 2 + k**2
    squares[0, 0] = 1
    energies = [np.sum(np.abs(np.fft.fft2(each)) ** 2 / squares) for each in (w, later)]
    assert energies[1] == pytest.approx(energies[0], rel=1e-6)


def test_half_the_step_and_twice_the_points_change_little():
    streams = [np.random.default_rng((2, k)) for k in range(2)]
    w = 10 * np.stack([vorticity(stream, 64) for stream in streams])
    found = evolved(w, 1e-3, 2.0, stirring(64))
    assert relative(found, w) > 0.2, "it moved"
    spectrum = np.zeros((2, 128, 65), complex)
    known = np.fft.rfft2(w)
    spectrum[:, :32, :32], spectrum[:, -31:, :32] = known[:, :32, :32], known[:, -31:, :32]
    fine = np.fft.irfft2(spectrum, s=(128, 128)) * 4
    finer = evolved(fine, 1e-3, 2.0, stirring(128), STEP / 2)[:, ::2, ::2]
    assert relative(found, finer) < 1e-4


def test_the_force_enters_as_it_stands():
    w = np.zeros((1, 32, 32))
    found = evolved(w, 0.01, 0.5, stirring(32))[0]
    rate = 0.01 * 2 * (2 * np.pi) ** 2
    assert np.allclose(found, stirring(32) * (1 - np.exp(-rate * 0.5)) / rate, atol=1e-12)


def test_the_start_has_the_prescribed_variance():
    w = np.stack([vorticity(np.random.default_rng((3, k)), 32) for k in range(1500)])
    spectrum = np.fft.fft2(w) / 32**2
    for x, y in ((1, 0), (0, 1), (2, 1), (-1, 3)):
        expected = 7**0.75 * (4 * np.pi**2 * (x * x + y * y) + 49) ** -1.25
        found = np.sqrt(np.mean(np.abs(spectrum[:, x, y]) ** 2))
        assert found == pytest.approx(expected, rel=0.08), (x, y)


def test_the_given_moment_lies_before_the_one_that_is_asked_for():
    data = DATASETS["navier_stokes"](start=0, lead=0.5, n=2, validation=2, test=2)
    x, y = data.solve([np.random.default_rng(5)])
    assert np.allclose(x[0, 0], vorticity(np.random.default_rng(5), 64))
    later = DATASETS["navier_stokes"](start=0.5, lead=0.5).solve([np.random.default_rng(5)])
    assert np.allclose(later[0], y, atol=1e-10)
