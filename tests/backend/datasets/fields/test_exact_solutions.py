"""Advection, heat and Darcy's flow against solutions on paper."""

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from backend.datasets import DATASETS
from backend.datasets.fields.darcy import HIGH, LOW, even_pressure, permeability, pressure

FEW = {"n": 3, "validation": 2, "test": 2}


def test_a_wave_moves_by_whole_points_as_rolling_does():
    data = DATASETS["advection"](**FEW, speed=0.25)
    split = data.split()
    assert torch.allclose(split.train.y, split.train.x.roll(16, -1), atol=1e-6)
    assert torch.allclose(
        DATASETS["advection"](**FEW, speed=-3).split().test.y, split.test.x, atol=1e-5
    )


def test_a_wave_that_moves_between_points_obeys_the_equation():
    x, y = DATASETS["advection"](**FEW, speed=0.123).solve([np.random.default_rng(1)])
    k = 2j * np.pi * np.fft.rfftfreq(256, 1 / 256)

    def rate(_, u):
        return -0.123 * np.fft.irfft(k * np.fft.rfft(u))

    found = solve_ivp(rate, (0, 1), x[0, 0], rtol=1e-10, atol=1e-12).y[:, -1]
    assert np.abs(found - y[0, 0]).max() < 1e-8


def test_heat_spreads_as_the_equation_says():
    data = DATASETS["heat"](**FEW, diffusivity=0.01)
    x, y = data.solve([np.random.default_rng(2)])
    k = 2 * np.pi * np.fft.rfftfreq(256, 1 / 256)

    def rate(_, u):
        return np.fft.irfft(-0.01 * k**2 * np.fft.rfft(u))

    found = solve_ivp(rate, (0, 1), x[0, 0], method="BDF", rtol=1e-8, atol=1e-10).y[:, -1]
    assert np.abs(found - y[0, 0]).max() < 1e-5
    still = DATASETS["heat"](**FEW, diffusivity=0)
    assert torch.equal(still.split().train.x, still.split().train.y)


def test_the_exact_heat_flow_holds_on_every_grid():
    for points in (32, 64, 256):
        data = DATASETS["heat"](**FEW, resolution=points)
        test = data.split().test
        assert np.allclose(data.baselines(test.x.numpy())["heat_only"], test.y, atol=1e-6)


def test_pressure_in_even_ground_has_the_series_of_the_square():
    # u = sum over odd k, l of 16 sin(k pi x) sin(l pi y) / (pi^4 k l (k^2 + l^2)).
    k = np.arange(1, 400, 2)
    size = 16 / (np.pi**4 * np.outer(k, k) * (k[:, None] ** 2 + k**2))
    signs = np.sin(k * np.pi / 2)
    centre = signs @ size @ signs
    assert centre == pytest.approx(0.073671, abs=1e-6)
    errors = [abs(even_pressure(points)[points // 2, points // 2] - centre)
              for points in (21, 41, 81)]  # fmt: skip
    assert errors[0] < 2e-4
    assert np.allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.1), "second order"


def test_pressure_in_smoothly_changing_ground_meets_a_manufactured_solution():
    def error(points: int) -> float:
        x = np.linspace(0, 1, points)[:, None]
        y = x.T
        a = 2 + x + np.sin(np.pi * y) / 2
        u = np.sin(np.pi * x) * np.sin(2 * np.pi * y)
        # -div(a grad u) = -a_x u_x - a_y u_y - a Laplace u
        u_x = np.pi * np.cos(np.pi * x) * np.sin(2 * np.pi * y)
        u_y = 2 * np.pi * np.sin(np.pi * x) * np.cos(2 * np.pi * y)
        source = -u_x - np.pi / 2 * np.cos(np.pi * y) * u_y + a * 5 * np.pi**2 * u
        return float(np.abs(pressure(a, source) - u).max())

    errors = [error(points) for points in (17, 33, 65)]
    assert np.allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.1), "second order"


def test_currents_of_the_resistor_network_sum_to_the_source():
    a = permeability(np.random.default_rng(3), 29)
    u, h = pressure(a), 1 / 28
    down = (a[1:] + a[:-1]) / 2 * (u[:-1] - u[1:])
    across = (a[:, 1:] + a[:, :-1]) / 2 * (u[:, :-1] - u[:, 1:])
    leaving = np.zeros_like(u)
    leaving[:-1] += down
    leaving[1:] -= down
    leaving[:, :-1] += across
    leaving[:, 1:] -= across
    assert np.allclose(leaving[1:-1, 1:-1], h**2, rtol=1e-9)
    assert u[1:-1, 1:-1].min() > 0
    edge = np.concatenate([u[0], u[-1], u[:, 0], u[:, -1]])
    assert not edge.any()


def test_the_ground_is_of_two_kinds_in_about_equal_shares():
    ground = np.stack([permeability(np.random.default_rng((4, k)), 29) for k in range(200)])
    assert set(np.unique(ground)) == {LOW, HIGH}
    assert (ground == HIGH).mean() == pytest.approx(0.5, abs=0.05)
    assert (ground[:, 1:] == ground[:, :-1]).mean() > 0.9, "in patches"


def test_darcy_comes_on_the_grids_of_the_specification():
    data = DATASETS["darcy"](**FEW)
    assert data.data.inputs.sizes == (1, 43, 43)
    assert not data.data.inputs.periodic
    assert list(data.further_tests()) == ["22", "85"]
    assert torch.equal(data.further_tests()["85"].y[:, :, ::2, ::2], data.split().test.y)
    test = data.split().test
    even = torch.from_numpy(data.baselines(test.x.numpy())["homogenised"])
    error = (even - test.y).flatten(1).norm(dim=1) / test.y.flatten(1).norm(dim=1)
    assert float(error.max()) < 0.7, "even ground is no bad guess"
