"""Burgers' equation against its exact solution by Cole and Hopf."""

import numpy as np
import pytest

from backend.datasets import DATASETS
from backend.datasets.fields.burgers import VISCOSITIES, evolved
from backend.datasets.fields.spectral import heat_flow, matern_deviation, ring_fields

POINTS = 8192


def cole_hopf(u: np.ndarray, viscosity: float, time: float) -> np.ndarray:
    """u(time) of one field (points,): u = -2 nu phi_x / phi, phi_t = nu phi_xx.

    phi(x, 0) = exp(-U / (2 nu)) with U the integral of u from 0 to x, periodic as u has no mean.
    """
    k = 2 * np.pi * np.fft.rfftfreq(len(u), 1 / len(u))
    spectrum = np.fft.rfft(u)
    integral = np.fft.irfft(np.divide(spectrum, 1j * k, where=k > 0, out=np.zeros_like(spectrum)))
    phi = np.exp(-(integral - integral.min()) / (2 * viscosity))
    later = np.fft.rfft(phi) * np.exp(-viscosity * time * k**2)
    return -2 * viscosity * np.fft.irfft(1j * k * later) / np.fft.irfft(later)


def relative(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.linalg.norm(found - exact) / np.linalg.norm(exact))


@pytest.mark.parametrize("name", ["0.1/(2pi)", "0.1", "0.01"])
def test_fields_are_those_of_cole_and_hopf(name):
    # phi spans exp(max U - min U over 2 nu): doubles hold that where nu is not too small.
    data = DATASETS["burgers"](n=4, validation=2, test=2, viscosity=name)
    x, y = data.solve([np.random.default_rng((7, k)) for k in range(4)])
    fine = [np.fft.irfft(np.fft.rfft(u[0]), POINTS) * POINTS / data.finest for u in x]
    nu = data.solving.viscosity
    for u, found in zip(fine, y[:, 0], strict=True):
        exact = cole_hopf(u, nu, 1.0)[:: POINTS // data.finest]
        assert relative(found, exact) < 2e-6, "as precise as float32 fields need"


def test_the_steepest_fields_agree_with_twice_the_points_and_steps():
    chosen = VISCOSITIES["0.001"]
    data = DATASETS["burgers"](n=2, validation=2, test=2, viscosity="0.001")
    x, y = data.solve([np.random.default_rng(3)])
    fine = np.fft.irfft(np.fft.rfft(x[0]), 2 * chosen.points) * 2
    finer = evolved(fine, chosen.viscosity, 2 * chosen.steps)[:, ::2]
    assert relative(y[0], finer) < 2e-6
    assert np.abs(np.gradient(y[0, 0], 1 / chosen.points)).max() > 20, "a steep front"


def test_initial_fields_have_the_prescribed_variance():
    streams = [np.random.default_rng((1, k)) for k in range(4000)]
    u = ring_fields(streams, 64, matern_deviation(64, 25, 5))
    k = np.arange(1, 32)
    expected = 25 / ((2 * np.pi * k) ** 2 + 25)
    spectrum = np.fft.rfft(u)[:, 1:32] / 64
    # |c_k|^2 has the mean s_k^2 / 2 * 2 = s_k^2 and, over 4000 draws, 1.6 % deviation.
    found = np.sqrt(np.mean(np.abs(spectrum) ** 2, axis=0))
    assert np.abs(found / expected - 1).max() < 0.05
    assert np.abs(u.mean(axis=1)).max() < 1e-14
    assert u.std() == pytest.approx(0.59, abs=0.02), "the figure of the specification"


def test_the_mean_stays_and_the_energy_falls():
    x, y = DATASETS["burgers"](n=2, validation=2, test=2).solve([np.random.default_rng(5)])
    assert abs(y.mean()) < 1e-13
    assert np.square(y).mean() < np.square(x).mean()


def test_weak_fields_only_diffuse():
    x = 1e-6 * np.sin(2 * np.pi * np.arange(64) / 64)[None]
    assert relative(evolved(x, 0.05, 50, 1.0), heat_flow(x, 0.05, 1.0)) < 1e-4
