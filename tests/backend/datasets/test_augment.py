"""Distorted images against torch's own sampling and against plain shifts and turns."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import affine_grid, grid_sample

from backend.datasets.images.augment import PRESETS, Augmenter, Strength, elastic_fields
from backend.errors import StudioError

SHAPE = (9, 12)


def images(count=16, channels=1, shape=SHAPE):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, channels * math.prod(shape), generator=generator)


class Drawn(Augmenter):
    """The same distortion for every image."""

    def __init__(self, shape, matrix=((1, 0), (0, 1)), shift=(0, 0), amplitude=0.0, **options):
        super().__init__(shape, Strength(elastic=1.0), **options)
        self.fixed = np.array(matrix, float), np.array(shift, float), amplitude

    def draw(self, count, generator):
        matrix, shift, amplitude = self.fixed
        return (
            np.repeat(matrix[None], count, 0),
            np.repeat(shift[None], count, 0),
            np.full(count, amplitude),
            np.arange(count) % len(self.fields),
        )


@pytest.mark.parametrize("preset", ["mild", "std", "wide"])
@pytest.mark.parametrize(("channels", "shape"), [(1, SHAPE), (3, (8, 8)), (1, (28, 28))])
def test_every_preset_agrees_with_torchs_sampling(preset, channels, shape):
    augmenter = Augmenter(shape, preset, channels=channels)
    x = images(32, channels, shape)
    out = augmenter(x, np.random.default_rng(3))
    matrices, shifts, amplitudes, chosen = augmenter.draw(len(x), np.random.default_rng(3))
    # An independent path: affine_grid's own coordinates, from -1 to 1 between outer edges.
    rows, columns = shape
    size = torch.tensor([columns, rows]) / 2
    theta = torch.zeros(len(x), 2, 3)
    flipped = torch.from_numpy(matrices[:, ::-1, ::-1].copy()).float()  # (column, row) order
    theta[:, :, :2] = flipped * size[None, None, :] / size[None, :, None]
    theta[:, :, 2] = torch.from_numpy(shifts[:, ::-1].copy()) / size
    pictures = x.reshape(-1, channels, rows, columns)
    grid = affine_grid(theta, list(pictures.shape), align_corners=False)
    fields = torch.from_numpy(augmenter.fields[chosen][:, ::-1].copy()).permute(0, 2, 3, 1)
    grid = grid + torch.from_numpy(amplitudes).float()[:, None, None, None] * fields / size
    expected = grid_sample(pictures, grid, align_corners=False).reshape(len(x), -1)
    assert torch.allclose(out, expected, atol=2e-5)
    assert not torch.allclose(out, x, atol=0.1)


def test_devices_beside_the_cpu_take_the_same_path():
    augmenter, x = Augmenter(SHAPE, "wide"), images()
    drawn = augmenter.draw(len(x), np.random.default_rng(1))
    out = augmenter(x, np.random.default_rng(1))
    assert torch.allclose(augmenter._sampled(x, *drawn), out, atol=2e-5)


def test_whole_pixel_shift_moves_the_image_and_fills_with_zeros():
    x = images(2)
    out = Drawn(SHAPE, shift=(2, -1))(x, np.random.default_rng())
    image, moved = x.reshape(2, *SHAPE), out.reshape(2, *SHAPE)
    assert torch.allclose(moved[:, :-2, 1:], image[:, 2:, :-1], atol=1e-6)
    assert not moved[:, -2:].any()
    assert not moved[:, :, 0].any()


def test_half_a_pixel_is_the_mean_of_neighbours():
    x = images(2)
    out = Drawn(SHAPE, shift=(0, 0.5))(x, np.random.default_rng()).reshape(2, *SHAPE)
    image = x.reshape(2, *SHAPE)
    assert torch.allclose(out[:, :, :-1], (image[:, :, :-1] + image[:, :, 1:]) / 2, atol=1e-6)
    assert torch.allclose(out[:, :, -1], image[:, :, -1] / 2, atol=1e-6)


def test_quarter_turn_is_rot90():
    x = images(2, shape=(8, 8))
    out = Drawn((8, 8), matrix=((0, -1), (1, 0)))(x, np.random.default_rng())
    expected = torch.rot90(x.reshape(2, 8, 8), -1, (1, 2))
    assert torch.allclose(out.reshape(2, 8, 8), expected, atol=1e-5)


def test_far_away_is_black():
    assert not Drawn(SHAPE, shift=(1e6, -1e6))(images(2), np.random.default_rng()).any()


def test_distortions_stay_within_their_bounds_and_fill_them():
    strength = Strength(rotation=10, scale=0.2, shear=0.1, shift=2, elastic=1.5)
    augmenter = Augmenter(SHAPE, strength)
    a, shifts, amplitudes, chosen = augmenter.draw(20_000, np.random.default_rng(0))
    # A = Q R with a rotation Q and a lower triangle R: the second column gives the angle.
    angle = np.degrees(np.arctan2(-a[:, 0, 1], a[:, 1, 1]))
    horizontal = np.hypot(a[:, 0, 1], a[:, 1, 1])
    vertical = np.linalg.det(a) / horizontal
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    shear = (cos * a[:, 1, 0] - sin * a[:, 0, 0]) / vertical
    for values, bound in (
        (angle, 10),
        (horizontal - 1, 0.2),
        (vertical - 1, 0.2),
        (shear, 0.1),
        (shifts, 2),
        (amplitudes, 1.5),
    ):
        assert np.abs(values).max() <= bound * (1 + 1e-9)
        assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.03)  # uniform
        assert abs(values.mean()) < 0.03 * bound
    assert set(chosen) == set(range(400))


def test_a_seed_decides_everything():
    augmenter, x = Augmenter(SHAPE, "std"), images()
    again = Augmenter(SHAPE, "std")
    for make in (np.random.default_rng, lambda seed: torch.Generator().manual_seed(seed)):
        first = augmenter(x, make(5))
        assert torch.equal(first, again(x, make(5)))
        assert not torch.equal(first, augmenter(x, make(6)))
    assert torch.equal(x, images()), "the batch itself is left alone"


def test_nothing_is_done_at_strength_none():
    x = images()
    assert torch.equal(Augmenter(SHAPE, "none")(x, np.random.default_rng()), x)
    almost = Augmenter(SHAPE, Strength(shift=1e-9))(x, np.random.default_rng())
    assert torch.allclose(almost, x, atol=1e-6)
    assert PRESETS["mild"] == Strength(8, 0.08, 0.08, 1.5, 1)
    with pytest.raises(StudioError, match="did you mean 'mild'"):
        Augmenter(SHAPE, "midl")


def test_elastic_fields_are_gaussian_noise_of_four_pixels():
    fields = elastic_fields((20, 24), 400, seed=0).astype(float)
    assert fields.std() == pytest.approx(1.0, abs=0.02)
    # White noise through a Gaussian of s = 4 pixels correlates as exp(-d^2 / (4 s^2)).
    for distance in (1, 4, 8):
        found = np.mean(fields[..., distance:] * fields[..., :-distance])
        assert found == pytest.approx(math.exp(-(distance**2) / 64), abs=0.04)
    both = np.mean(fields[:, 0] * fields[:, 1])
    assert abs(both) < 0.03, "rows and columns move independently"
