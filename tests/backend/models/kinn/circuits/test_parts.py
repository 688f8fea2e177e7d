"""Cells as circuits, against the scan, SciPy's exponential and sparse solver, and Fourier."""

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
import torch
from scipy.linalg import expm

from backend.engine.scan import cascade, components, selective
from backend.errors import StudioError
from backend.models.kinn.circuits import (
    Lane,
    Scale,
    cascade_circuit,
    mesh_circuit,
    ring_circuit,
    selective_circuit,
    sheet_circuit,
)
from backend.models.kinn.circuits.drives import held
from backend.simulation.simulate import simulate

SCALE = Scale()
DOUBLE = torch.float64


def solved(circuit, outputs):
    return simulate(circuit, solver="rodas4", rtol=1e-9, atol=1e-12, outputs=outputs, check=False)


def by_scan(values, taus, kappas, step, start=None):
    u = torch.as_tensor(values, dtype=DOUBLE).reshape(1, -1, 1)
    tau, kappa = (torch.as_tensor(x, dtype=DOUBLE).reshape(-1, 1) for x in (taus, kappas))
    initial = None if start is None else torch.as_tensor(start, dtype=DOUBLE).reshape(1, 1, -1)
    return u, cascade(u, tau, kappa, step=step, initial=initial)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_lane_is_the_exact_rule(count):
    """Any signs, time constants over decades that the usual capacitor would not allow."""
    rng = np.random.default_rng(count)
    taus, kappas = 10 ** rng.uniform(-4.5, 2, count), rng.normal(0, 1, count)
    values, start = rng.normal(size=12), rng.normal(size=count)
    step = 1 / 12
    lane = Lane(taus.tolist(), {"u": 1.0}, 0.0, kappas.tolist(), start.tolist())
    wave = held(values.tolist(), step * SCALE.seconds)
    circuit = cascade_circuit([lane], {"u": wave}, SCALE.seconds)
    found = solved(circuit, 13).voltages[1:, 1:]
    _, taps = by_scan(values, taus, kappas, step, start)
    assert np.abs(found - taps[0, :, 0].numpy()).max() < 1e-7 * np.abs(values).max()


def test_resistances_stay_in_their_range_and_time_constants_stay_what_they_are():
    for tau in np.logspace(-5, 2, 29):
        cell = SCALE.cell(float(tau))
        assert 1e3 * (1 - 1e-12) <= 1 / cell.leak <= 1e7 * (1 + 1e-12)
        assert cell.capacitance / cell.leak == pytest.approx(tau * SCALE.seconds, rel=1e-14)
    usual = [SCALE.cell(tau).capacitance for tau in (0.01, 0.1, 0.4)]
    assert usual == pytest.approx([1e-9] * 3, rel=1e-14), "the usual capacitor where it can be"
    with pytest.raises(StudioError, match="needs a positive one"):
        Lane([0.1, 0.0], {})


def test_a_bank_is_a_crossbar_into_cascades():
    rng = np.random.default_rng(3)
    fields, weight, bias = rng.normal(size=(2, 9)), rng.normal(size=(4, 2)), rng.normal(size=4)
    taus, step = rng.uniform(0.05, 0.5, 4), 1 / 9
    lanes = [
        Lane([taus[k]] * 2, {"u1": weight[k, 0], "u2": weight[k, 1]}, bias[k], name=f"lane{k + 1} ")
        for k in range(4)
    ]
    drives = {f"u{k + 1}": held(row.tolist(), step * SCALE.seconds) for k, row in enumerate(fields)}
    circuit = cascade_circuit(lanes, drives, SCALE.seconds)
    trajectory = solved(circuit, 10)
    for k in range(4):
        _, taps = by_scan(weight[k] @ fields + bias[k], [taus[k]] * 2, [1, 1], step)
        for m in range(2):
            found = trajectory[f"lane{k + 1} v{m + 1}"][1:]
            assert np.abs(found - taps[0, :, 0, m].numpy()).max() < 1e-6


def test_components_are_read_by_nodes_of_their_own():
    """Value, slope and curvature of a step's answer: z_k = tau^k d^k v_n / dt^k of the ODE."""
    tau, order = 0.2, 3
    lane = Lane([tau] * order, {"u": 0.5}, 0.1)
    circuit = cascade_circuit([lane], {"u": held([1.8], 1e-3)}, SCALE.seconds, components=True)
    trajectory = solved(circuit, 11)
    u, taps = by_scan(np.full(10, 1.0), [tau] * order, [1] * order, 0.1)
    wanted = components(u, taps, torch.full((order, 1), tau, dtype=DOUBLE))[0, :, 0].numpy()
    for k in range(order + 1):
        # A node that adds up lags by 1e-6 of the model's unit of time.
        assert np.abs(trajectory[f"z{k}"][1:] - wanted[:, k]).max() < 2e-5
    other = Lane([0.1, 0.2], {"u": 1.0})
    with pytest.raises(StudioError, match="the cells of lane 1 differ"):
        cascade_circuit([other], {"u": held([1.0], 1e-3)}, 1e-3, components=True)


def test_a_selective_cell_is_a_circuit_of_slices():
    rng = np.random.default_rng(4)
    values, g, leak, step = rng.normal(size=8), rng.uniform(0, 9, 8), 0.7, 0.2
    circuit = selective_circuit(values.tolist(), g.tolist(), step, leak=leak)
    assert len(circuit.slices) == 8
    found = solved(circuit, 9)["v"][1:]
    # The target of a step is g u / (g + leak).
    u = torch.as_tensor(values * g / (g + leak)).reshape(1, -1, 1)
    wanted = selective(u, torch.as_tensor(1 / (g + leak)).reshape(1, -1, 1), step=step)
    assert np.abs(found - wanted[0, :, 0, 0].numpy()).max() < 1e-7


def test_a_ring_is_its_node_matrix_and_its_fourier_response():
    size, sigma, beta = 16, 0.12, -0.23
    start = np.random.default_rng(5).normal(size=size)
    circuit = ring_circuit(start, [sigma], [beta], slopes=True)
    end = solved(circuit, 2).voltages[-1]
    g, m = sigma**2 * size**2 / 2, beta * size
    after = np.roll(np.eye(size), 1, axis=1)
    matrix = g * (after + after.T - 2 * np.eye(size)) - m / 2 * (after - after.T)
    wanted = expm(matrix) @ start
    assert np.abs(end[:size] - wanted).max() < 1e-7
    slope = sigma * size / 2 * (np.roll(wanted, -1) - np.roll(wanted, 1))
    assert np.abs(end[size:] - slope).max() < 1e-5
    k = 2 * np.pi * np.fft.fftfreq(size)
    response = np.exp(-4 * g * np.sin(k / 2) ** 2 - 1j * m * np.sin(k))
    assert np.abs(np.fft.ifft(response * np.fft.fft(start)).real - wanted).max() < 1e-13


def test_a_torus_is_a_ring_along_each_axis():
    start = np.random.default_rng(6).normal(size=(5, 6))
    circuit = ring_circuit(start, [0.2, 0.15], [0.1, -0.2])
    found = solved(circuit, 2).voltages[-1].reshape(5, 6)
    wanted = start
    for axis, (sigma, beta) in enumerate(((0.2, 0.1), (0.15, -0.2))):
        size = start.shape[axis]
        k = 2 * np.pi * np.fft.fftfreq(size)
        response = np.exp(
            -2 * (sigma * size * np.sin(k / 2)) ** 2 - 1j * beta * size * np.sin(k)
        ).reshape(-1, *[1] * (1 - axis))
        wanted = np.fft.ifft(response * np.fft.fft(wanted, axis=axis), axis=axis).real
    assert np.abs(found - wanted).max() < 1e-7


@pytest.mark.parametrize("grounded", [False, True])
def test_waves_of_a_sheet_fade_each_at_its_own_pace(grounded):
    size, sigmas, waves = (7, 9), (0.2, 0.3), (2, 3)
    wave = np.sin if grounded else np.cos
    rows, columns = (
        wave(np.pi * k * np.linspace(0, 1, count)) for k, count in zip(waves, size, strict=True)
    )
    start = np.outer(rows, columns)
    found = solved(sheet_circuit(start, sigmas, grounded), 2).voltages[-1]
    rate = sum(
        2 * (s * (count - 1)) ** 2 * np.sin(np.pi * k / (2 * (count - 1))) ** 2
        for s, k, count in zip(sigmas, waves, size, strict=True)
    )
    kept = (start[1:-1, 1:-1] if grounded else start).flatten()
    assert np.abs(found - np.exp(-rate) * kept).max() < 1e-7


@pytest.mark.parametrize("shape", [(9,), (8, 11)])
def test_a_mesh_at_rest_is_the_sparse_solve(shape):
    rng = np.random.default_rng(7)
    a, source = rng.uniform(0.5, 4, shape), rng.normal(size=shape)
    circuit = mesh_circuit(a, source)
    found = solved(circuit, 2).voltages[-1]
    wanted = darcy(a, source)
    assert np.abs(found - wanted).max() < 1e-7 * np.abs(wanted).max()


def darcy(a, source):
    """Inner values of -div(a grad v) = source by five-point differences and SciPy's factors."""
    spacing = [1 / (size - 1) for size in a.shape]
    inner = [place for place in np.ndindex(*a.shape)
             if all(0 < k < size - 1 for k, size in zip(place, a.shape, strict=True))]  # fmt: skip
    rows = {place: row for row, place in enumerate(inner)}
    matrix = scipy.sparse.lil_matrix((len(inner), len(inner)))
    for place, row in rows.items():
        for axis, h in enumerate(spacing):
            for way in (-1, 1):
                other = tuple(k + way * (axis == j) for j, k in enumerate(place))
                g = (a[place] + a[other]) / (2 * h**2)
                matrix[row, row] += g
                if other in rows:
                    matrix[row, rows[other]] -= g
    right = np.array([source[place] for place in inner])
    return np.asarray(scipy.sparse.linalg.spsolve(matrix.tocsc(), right))
