"""Samplers against their densities, and both against published entropies."""

import math

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS, Generative
from backend.datasets.toy.pinwheel import _angle, _turned
from backend.errors import StudioError

EXACT = [n for n, k in DATASETS.items() if issubclass(k, Generative) and k.exact]
# Half the side of a square that holds all but a negligible part of each density.
SIDE = {
    "gen_two_moons": 2.8,
    "gen_circle": 1.6,
    "gen_two_spirals": 4.4,
    "gen_8gaussians": 5.6,
    "gen_pinwheel": 5.6,
    "gen_swiss_roll": 4.4,
}
# Entropies [nats] and their errors as measured elsewhere by independent means: Monte Carlo over
# exact densities, for the pinwheel the bounds of a histogram.
ENTROPY = {
    "gen_two_moons": (1.004, 0.009),
    "gen_circle": (0.778, 0.009),
    "gen_two_spirals": (2.634, 0.011),
    "gen_8gaussians": (2.832, 0.002),
    "gen_pinwheel": (2.318, 0.002),
    "gen_swiss_roll": (2.662, 0.009),
}


def grid(side: float, count: int) -> tuple[torch.Tensor, float]:
    """Midpoints of count x count cells and a cell's area."""
    cell = 2 * side / count
    axis = (torch.arange(count, dtype=torch.float64) + 0.5) * cell - side
    return torch.cartesian_prod(axis, axis), cell**2


@pytest.mark.parametrize("name", EXACT)
def test_density_integrates_to_one_and_fits_the_samples(name):
    data, side, cells, fine = DATASETS[name](), SIDE[name], 10, 12
    fine = 8 if name == "gen_two_spirals" else fine  # the dearest one
    points, area = grid(side, cells * fine)
    share = data.log_density(points).exp() * area
    # The pinwheel's arms overlap in folds, which a grid meets only roughly.
    assert float(share.sum()) == pytest.approx(1.0, abs=5e-3 if name == "gen_pinwheel" else 1e-4)
    expected = share.reshape(cells, fine, cells, fine).sum((1, 3)).flatten().numpy()
    count = 40_000
    x = data.sample(count, 7).double()
    place = ((x + side) / (2 * side) * cells).long()
    assert int(place.min()) >= 0
    assert int(place.max()) < cells
    found = np.bincount(place[:, 0] * cells + place[:, 1], minlength=cells**2)
    many = expected * count > 20
    deviation = (found[many] - expected[many] * count) / np.sqrt(expected[many] * count)
    freedom = many.sum()
    # Chi-squared with this many degrees of freedom: mean freedom, deviation sqrt(2 freedom).
    assert (deviation**2).sum() < freedom + 4.5 * math.sqrt(2 * freedom)


@pytest.mark.parametrize("name", EXACT)
def test_entropy_is_that_of_the_literature(name):
    known, error = ENTROPY[name]
    value, own = DATASETS[name]().entropy(6000, seed=3)
    assert own < 0.02
    assert abs(value - known) < 2.5 * math.hypot(own, error)


def test_two_moons_against_brute_force():
    data = DATASETS["gen_two_moons"]()
    angle = (np.arange(400_000) + 0.5) * math.pi / 400_000
    moons = (
        np.stack([np.cos(angle), np.sin(angle)]),
        np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)]),
    )
    for point in ([0.0, 1.0], [1.2, -0.6], [0.3, 0.3], [2.6, 1.5]):
        squares = [((moon - np.array(point)[:, None]) ** 2).sum(0) for moon in moons]
        density = np.mean([np.exp(-s / 0.02).mean() / (2 * math.pi * 0.01) for s in squares])
        found = float(data.log_density(torch.tensor([point]))[0])
        # The float32 point is a little off, where the density is steep.
        assert found == pytest.approx(math.log(density), abs=1e-5)


def test_two_spirals_against_simulation_of_the_blur():
    data = DATASETS["gen_two_spirals"]()
    rng = np.random.default_rng(0)
    count = 2_000_000
    r = 3 * math.pi * np.sqrt(rng.random(count))
    arm = np.stack([-r * np.cos(r), r * np.sin(r)], 1) / 3 + rng.random((count, 2)) / 6
    for point in ([-1.0, 0.6], [3.1, 0.2]):
        values = [
            np.exp(-((sign * arm - point) ** 2).sum(1) / 0.02) / (2 * math.pi * 0.01)
            for sign in (1, -1)
        ]
        mean = np.mean(values, axis=0)
        error = mean.std() / math.sqrt(count)
        found = float(data.log_density(torch.tensor([point])).exp()[0])
        assert abs(found - mean.mean()) < 5 * error
        assert error < 0.02 * mean.mean()


def test_two_spirals_far_away_keep_their_digits():
    data = DATASETS["gen_two_spirals"]()
    # Around the step from sums to logarithms the curve goes on smoothly.
    x = torch.zeros(3001, 2, dtype=torch.float64)
    x[:, 0] = torch.linspace(5.0, 6.5, 3001, dtype=torch.float64)
    log_p = data._log_density(x)
    second = log_p.diff().diff()
    assert log_p.min() < -500 < log_p.max()
    assert float(second.abs().max()) < 1e-4
    assert bool(data.log_density(torch.tensor([[500.0, -300.0]])).isfinite().all())


def test_pinwheel_roots_cover_every_arm_and_point():
    data = DATASETS["gen_pinwheel"]()
    f = torch.tensor([[1.0, 0.0], [0.4, 0.05], [1.6, -0.1]], dtype=torch.float64)
    expected = torch.exp(-(((f[:, 0] - 1) / 0.3) ** 2) / 2 - (f[:, 1] / 0.1) ** 2 / 2)
    expected = expected / (2 * math.pi * 0.03) / 5
    # |dx/df| by finite differences of the map itself.
    for k in range(5):
        mapped = [2 * _turned(g, -_angle(g[:, 0], k)) for g in (f, *_steps(f))]
        columns = [(mapped[1 + i] - mapped[3 + i]) / 2e-6 for i in (0, 1)]
        determinant = torch.linalg.det(torch.stack(columns, -1)).abs()
        found = data.log_density(mapped[0]).exp()
        # Other arms are four deviations away and more.
        assert torch.allclose(found, expected / determinant, rtol=2e-3)
        assert torch.allclose(found[0], (expected / determinant)[0], rtol=1e-6)


def _steps(f: torch.Tensor) -> list[torch.Tensor]:
    units = 1e-6 * torch.eye(2, dtype=torch.float64)
    return [f + units[0], f + units[1], f - units[0], f - units[1]]


def test_fresh_points_and_seeds():
    data = DATASETS["gen_circle"](n=50, test=60, seed=4)
    split = data.split()
    assert (len(split.train), len(split.test)) == (50, 60)
    assert torch.equal(split.train.x, data.sample(50, 4))
    generator = torch.Generator().manual_seed(9)
    first, second = data.sample(5, generator), data.sample(5, generator)
    assert torch.equal(first, data.sample(5, 9))
    assert not torch.equal(first, second)
    assert first.dtype == torch.float32
    assert data.log_density(first).dtype == torch.float64
    assert data.log_density(first[:0]).shape == (0,)


def test_digits_of_a_density_are_levels_with_noise():
    from sklearn.datasets import load_digits

    data = DATASETS["gen_digits"](digit=5)
    split = data.split()
    x, y = load_digits(return_X_y=True)
    real = {tuple(row) for row in x[y == 5].astype(int).tolist()}
    found = [
        {tuple(row) for row in (part.x.double() * 17).floor().int().tolist()}
        for part in (split.train, split.test)
    ]
    assert found[0] | found[1] == real
    assert not found[0] & found[1]
    assert {tuple(row) for row in (data.sample(40, 1) * 17).floor().int().tolist()} <= found[0]
    with pytest.raises(StudioError, match="not known"):
        data.log_density(split.test.x)


def test_normaliser_of_the_ring():
    ring = DATASETS["potential1"]()
    assert ring.log_normaliser == pytest.approx(1.87750, abs=1e-4)
    # An independent quadrature, in polar coordinates.
    r, weights = np.polynomial.legendre.leggauss(200)
    r, angle = 2.5 * (r + 1), np.arange(400) * 2 * math.pi / 400
    z = np.stack([np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle))], -1)
    inside = torch.exp(-ring.energy(torch.from_numpy(z))).numpy().mean(1) * 2 * math.pi
    assert ring.log_normaliser == pytest.approx(math.log((2.5 * weights * r * inside).sum()), 1e-5)


def test_normaliser_of_the_wave_is_that_of_two_gaussians():
    for confine in (0.05, 0.1, 1.0):
        wave = DATASETS["potential2"](confine=confine)
        closed = math.log(2 * math.pi * 0.4 / math.sqrt(confine))
        assert wave.log_normaliser == pytest.approx(closed, abs=1e-9)
    with pytest.raises(StudioError, match="set confine above 0"):
        _ = DATASETS["potential2"](confine=0).log_normaliser


@pytest.mark.parametrize("name", ["potential1", "potential2"])
def test_energies_are_those_of_the_formula_and_differentiable(name):
    potential = DATASETS[name]()
    assert potential.dimension == potential.output_count == 2
    z = torch.tensor([[1.5, -0.7], [-2.0, 0.3]], dtype=torch.float64, requires_grad=True)
    z1, z2 = z.detach().numpy().T
    if name == "potential1":
        ring = 0.5 * ((np.hypot(z1, z2) - 2) / 0.4) ** 2
        sides = np.exp(-0.5 * ((z1 - 2) / 0.6) ** 2) + np.exp(-0.5 * ((z1 + 2) / 0.6) ** 2)
        expected = ring - np.log(sides)
    else:
        expected = 0.5 * ((z2 - np.sin(np.pi * z1 / 2)) / 0.4) ** 2 + 0.05 * z1**2
    assert potential.energy(z).tolist() == pytest.approx(expected.tolist())
    assert torch.autograd.gradcheck(potential.energy, (z,))
    with pytest.raises(StudioError, match="has no examples"):
        potential.split()
