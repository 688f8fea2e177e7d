"""What is shown of lanes, against an ODE solver, moments and Fourier sums."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backend.models.kinn.portrait import MOST, POINTS, PULSE, cascades, rings

TAU = np.array([[0.02, 0.1], [0.3, 0.05]])


def moments(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """Area, mean and variance of equidistant samples, nothing at both ends."""
    step = x[1] - x[0]
    area = y.sum() * step
    mean = (x * y).sum() * step / area
    return float(area), float(mean), float(((x - mean) ** 2 * y).sum() * step / area)


def test_taps_on_a_line_are_the_circuits_voltages():
    found = cascades(TAU, 3, periodic=False)
    place, taps = found["place"], found["taps"]
    assert taps.shape == (2, 2, 4, POINTS)
    first, last = PULSE[0], PULSE[0] + PULSE[1]

    def pulse(x: float) -> float:
        share = (x - first) / (last - first)
        return 0.5 - 0.5 * np.cos(2 * np.pi * share) if 0 < share < 1 else 0.0

    for block, lane in np.ndindex(TAU.shape):
        tau = TAU[block, lane]
        solved = solve_ivp(
            lambda x, v, tau=tau: (np.array([pulse(x), *v[:-1]]) - v) / tau,
            (0, 1), np.zeros(3), t_eval=place, rtol=1e-9, atol=1e-11, max_step=1e-3,
        )  # fmt: skip
        np.testing.assert_allclose(taps[block, lane, 0], [pulse(x) for x in place], atol=1e-12)
        np.testing.assert_allclose(taps[block, lane, 1:], solved.y, atol=5e-4)


def test_a_pulse_on_a_ring_moves_by_the_sum_of_tau_and_widens_by_that_of_its_squares():
    found = cascades(np.array([[0.02]]), 3, periodic=True)
    assert found["place"][-1] == 1.0
    rows, place = found["taps"][0, 0][:, :-1], found["place"][:-1]
    area, mean, variance = moments(place, rows[0])
    assert mean == pytest.approx(found["centre"][0], abs=1e-5)
    for tap in range(1, 4):
        own = moments(place, rows[tap])
        assert own[0] == pytest.approx(area, rel=1e-6)
        assert own[1] - mean == pytest.approx(tap * 0.02, rel=1e-3)
        assert own[2] - variance == pytest.approx(tap * 0.02**2, rel=1e-2)


def test_kernels_have_unit_area_and_the_moments_of_their_cells():
    found = cascades(TAU, 4, periodic=False)
    for tap, kernel in enumerate(found["kernels"], start=1):
        x = found["kernel_place"]
        area = np.trapezoid(kernel, x)
        mean = np.trapezoid(x * kernel, x) / area
        variance = np.trapezoid((x - mean) ** 2 * kernel, x) / area
        assert (area, mean) == (pytest.approx(1, rel=3e-3), pytest.approx(tap, rel=6e-3))
        assert variance == pytest.approx(tap, rel=3e-2)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_gain_falls_by_20_dB_a_decade_and_cell_and_the_phase_by_a_quarter_turn(order):
    found = cascades(TAU, order, periodic=True)
    omega, gain, phase = (found[name] for name in ("omega", "gain", "phase"))
    far = (omega >= 1e2) & (omega <= 1e3)
    for tap in range(1, order + 1):
        slope = np.polyfit(np.log10(omega[far]), gain[tap - 1, far], 1)[0]
        assert slope == pytest.approx(-20 * tap, abs=0.1)
        np.testing.assert_allclose(phase[tap - 1], -tap * np.degrees(np.arctan(omega)), atol=1e-9)
    np.testing.assert_allclose(gain[:, 0], 0, atol=1e-4)


def test_what_a_ring_makes_of_a_pulse_has_its_width_and_its_drift():
    sigma, beta = np.array([[[0.02], [0.05]]]), np.array([[[0.1], [-0.2]]])
    found = rings(sigma, beta, periodic=True)
    assert found["kernels"].shape == (1, 2, 1, 2, POINTS)
    for lane in range(2):
        value, slope = found["kernels"][0, lane, 0]
        area, mean, variance = moments(found["place"] - 0.5, value)
        assert area == pytest.approx(1, rel=1e-6)
        assert mean == pytest.approx(beta[0, lane, 0], rel=1e-6)
        assert variance == pytest.approx(sigma[0, lane, 0] ** 2, rel=1e-6)
        apart = found["place"] - 0.5 - beta[0, lane, 0]
        np.testing.assert_allclose(slope, -apart / sigma[0, lane, 0] * value, atol=1e-5)
        # The response is the size of the kernel's Fourier sum, wave by wave.
        whole = found["wave"] == np.round(found["wave"])
        numbers = found["wave"][whole].astype(int)
        assert list(numbers[:4]) == [0, 1, 4, 9]
        for row, kernel in enumerate((value, slope)):
            sums = np.abs(np.fft.rfft(kernel))[numbers] / POINTS
            np.testing.assert_allclose(found["gains"][0, lane, 0, row, whole], sums, atol=1e-9)


def test_waves_beyond_the_modes_do_not_pass():
    found = rings(np.array([[[0.01]]]), None, periodic=True, modes=5)
    spectrum = np.abs(np.fft.rfft(found["kernels"][0, 0, 0, 0])) / POINTS
    assert spectrum[5] > 0.9
    assert spectrum[6:].max() < 1e-12


def test_a_sheet_is_mirrored_at_open_ends_and_loses_at_grounded_ones():
    """The pulse spreads as heat does; images beyond the ends stand for what happens there."""
    found = rings(np.full((1, 2, 2), 0.15), None, periodic=False)
    assert found["kernels"].shape == (1, 2, 2, 2, POINTS + 1)
    x, sigma = found["place"], 0.15

    def heat(images: int) -> np.ndarray:
        places = [(k, 0.5 + k) for k in range(-6, 7)]
        bell = [images ** abs(k) * np.exp(-0.5 * ((x - at) / sigma) ** 2) for k, at in places]
        return np.sum(bell, axis=0) / (sigma * np.sqrt(2 * np.pi))

    for axis in range(2):
        for lane, sign in ((0, 1), (1, -1)):
            value = found["kernels"][0, lane, axis, 0]
            np.testing.assert_allclose(value, heat(sign), atol=1e-6)


def test_as_many_blocks_are_drawn_as_there_is_room_for():
    many = np.full((40, 64), 0.1)
    shown = cascades(many, 2, periodic=True)["taps"]
    assert 1 <= len(shown) < 40
    assert shown[..., :-1].size <= MOST
    assert len(rings(many[..., None], None, periodic=True)["kernels"]) < 40
