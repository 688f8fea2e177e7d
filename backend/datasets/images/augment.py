"""Random distortions of images, drawn anew for every batch.

References:
    Simard, Steinkraus, Platt 2003, Best practices for convolutional neural networks applied to
    visual document analysis: affine and elastic distortions.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numba import njit
from torch import Tensor

from ...errors import StudioError
from ...registry import nearest

FIELDS = 400
ELASTIC_SIGMA = 4.0
# Beyond so many deviations the Gaussian of the elastic fields is cut off.
KERNEL_REACH = 4
DRAWS = 8


@dataclass(frozen=True)
class Strength:
    """How far images are distorted; every amount is uniform within plus or minus its bound.

    Args:
        rotation: angle [degrees].
        scale: relative stretch, independent along both axes.
        shear: horizontal displacement per row.
        shift: displacement [pixels], independent along both axes.
        elastic: amplitude of a smooth random displacement field of unit deviation [pixels].
    """

    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    elastic: float = 0.0


PRESETS = {
    "none": Strength(),
    "mild": Strength(8.0, 0.08, 0.08, 1.5, 1.0),
    "std": Strength(10.0, 0.1, 0.1, 2.0, 1.0),
    "wide": Strength(12.0, 0.12, 0.15, 2.0, 1.0),
}


class Augmenter:
    """Distorts batches of flattened images.

    The pixel (r, c) of the result is the bilinear sample of the image at

        centre + A ((r, c) - centre) + shift + amplitude * field(r, c),
        A = rotation * shear * diag(scale),

    and 0 V outside of the image; all colours of a pixel move together.

    Args:
        shape: rows and columns.
        strength: how far, or the name of a preset: none, mild, std or wide.
        channels: colours; features are ordered channel, row, column.
        seed: of the bank of elastic fields.

    Raises:
        StudioError: no such preset.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        strength: Strength | str = "mild",
        *,
        channels: int = 1,
        seed: int = 0,
    ) -> None:
        if isinstance(strength, str):
            if strength not in PRESETS:
                raise StudioError(f"augmentation {strength!r}: {nearest(strength, list(PRESETS))}")
            strength = PRESETS[strength]
        self.shape, self.channels, self.strength = shape, channels, strength
        self.fields = elastic_fields(shape, FIELDS if strength.elastic else 1, seed)
        self._on: dict[torch.device, Tensor] = {}

    def __call__(self, x: Tensor, generator: torch.Generator | np.random.Generator) -> Tensor:
        """A distorted copy of a batch (B, channels * rows * columns) [V], on the same device.

        Args:
            x: images.
            generator: decides everything that is random; numpy's, or torch's on the CPU.
        """
        if self.strength == PRESETS["none"]:
            return x
        matrices, shifts, amplitudes, chosen = self.draw(len(x), generator)
        if x.device.type != "cpu":
            return self._sampled(x, matrices, shifts, amplitudes, chosen)
        images = np.ascontiguousarray(x.detach().numpy(), dtype=np.float32)
        images = images.reshape(len(x), self.channels, *self.shape)
        out = np.empty_like(images)
        _warp(images, matrices, shifts, amplitudes, chosen, self.fields, out)
        return torch.from_numpy(out.reshape(len(x), -1)).to(x.dtype)

    def draw(
        self, count: int, generator: torch.Generator | np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What happens to every image, in axes (row, column).

        Returns:
            Matrices A (count, 2, 2), shifts (count, 2) [pixels], amplitudes (count,) [pixels] and
            numbers of elastic fields (count,).
        """
        if isinstance(generator, torch.Generator):
            u = torch.rand(count, DRAWS, generator=generator, dtype=torch.float64).numpy()
        else:
            u = generator.random((count, DRAWS))
        bounds, s = 2 * u - 1, self.strength
        angle = bounds[:, 0] * math.radians(s.rotation)
        vertical, horizontal = 1 + s.scale * bounds[:, 1], 1 + s.scale * bounds[:, 2]
        shear, cos, sin = s.shear * bounds[:, 3], np.cos(angle), np.sin(angle)
        # Rotation [[cos, -sin], [sin, cos]] * shear [[1, 0], [shear, 1]] * diag(scale).
        matrices = np.empty((count, 2, 2))
        matrices[:, 0, 0] = (cos - sin * shear) * vertical
        matrices[:, 0, 1] = -sin * horizontal
        matrices[:, 1, 0] = (sin + cos * shear) * vertical
        matrices[:, 1, 1] = cos * horizontal
        chosen = (u[:, 7] * len(self.fields)).astype(np.int64)
        return matrices, s.shift * bounds[:, 4:6], s.elastic * bounds[:, 6], chosen

    def _sampled(
        self,
        x: Tensor,
        matrices: np.ndarray,
        shifts: np.ndarray,
        amplitudes: np.ndarray,
        chosen: np.ndarray,
    ) -> Tensor:
        """The same on any device, by torch's own sampling."""
        rows, columns = self.shape
        if x.device not in self._on:
            self._on[x.device] = torch.from_numpy(self.fields).to(x.device)
        a, shift, amplitude = (
            torch.from_numpy(each).to(x.device, torch.float32)
            for each in (matrices, shifts, amplitudes)
        )
        axes = [torch.arange(length, device=x.device) - (length - 1) / 2 for length in self.shape]
        offset = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1)  # (rows, columns, 2)
        place = torch.einsum("bij,rcj->brci", a, offset) + shift[:, None, None]
        fields = self._on[x.device][torch.from_numpy(chosen).to(x.device)]
        place = place + amplitude[:, None, None, None] * fields.permute(0, 2, 3, 1)
        # grid_sample wants (column, row) from -1 to 1 between the outer edges of the image.
        size = torch.tensor([columns, rows], device=x.device)
        images = x.reshape(len(x), self.channels, rows, columns)
        grid = place.flip(-1) * 2 / size
        out = torch.nn.functional.grid_sample(images, grid.to(x.dtype), align_corners=False)
        return out.reshape(len(x), -1)


def elastic_fields(shape: tuple[int, int], count: int, seed: int) -> np.ndarray:
    """Smooth random displacements (count, 2, rows, columns) of unit variance, float32.

    White noise, wider than the image so that its edge is like its middle, filtered by a Gaussian
    of 4 pixels: displacements d pixels apart correlate as exp(-d^2 / (4 * 4^2)).
    """
    rng = np.random.default_rng(seed)
    down, across = (_gaussian_filter(length) for length in shape)
    noise = rng.standard_normal((count, 2, down.shape[1], across.shape[1]), dtype=np.float32)
    return np.ascontiguousarray(down @ noise @ across.T)


def _gaussian_filter(length: int) -> np.ndarray:
    """A matrix (length, length + margins) whose rows are Gaussians of unit Euclidean norm."""
    margin = math.ceil(KERNEL_REACH * ELASTIC_SIGMA)
    offset = np.arange(length + 2 * margin)[None] - margin - np.arange(length)[:, None]
    kernel = np.exp(-(offset**2) / (2 * ELASTIC_SIGMA**2)) * (np.abs(offset) <= margin)
    norm = np.sqrt(np.sum(kernel**2, axis=1, keepdims=True))
    return (kernel / norm).astype(np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _warp(images, matrices, shifts, amplitudes, chosen, fields, out):
    """Sample all images (B, channels, rows, columns).

    Images lie in a frame of zeros and places are clamped to it, so that the inner loop has no
    branches: it takes most of the time, and compilers vectorise it.
    """
    count, channels, rows, columns = images.shape
    width = columns + 3
    # One row and column of zeros before the image, two after it.
    frame = np.zeros(((rows + 3) * width), np.float32)
    index = np.empty(rows * columns, np.int32)
    down = np.empty(rows * columns, np.float32)
    right = np.empty(rows * columns, np.float32)
    for b in range(count):
        _places(matrices[b], shifts[b], amplitudes[b], fields[chosen[b]], index, down, right)
        for channel in range(channels):
            for r in range(rows):
                start = (r + 1) * width + 1
                for c in range(columns):
                    frame[start + c] = images[b, channel, r, c]
            target = out[b, channel].reshape(rows * columns)
            for k in range(rows * columns):
                first = index[k]
                s = right[k]
                above = frame[first] + s * (frame[first + 1] - frame[first])
                below = frame[first + width]
                below = below + s * (frame[first + width + 1] - below)
                target[k] = above + down[k] * (below - above)


@njit(cache=True, nogil=True, fastmath=True)
def _places(matrix, shift, amplitude, field, index, down, right):
    """Where every pixel is sampled: the place in the frame and the remainders."""
    rows, columns = field.shape[1:]
    width = columns + 3
    one = np.float32(1.0)
    a, b = np.float32(matrix[0, 0]), np.float32(matrix[0, 1])
    c, d = np.float32(matrix[1, 0]), np.float32(matrix[1, 1])
    amount = np.float32(amplitude)
    middle_row, middle_column = np.float32((rows - 1) / 2), np.float32((columns - 1) / 2)
    # Places in the frame, which begins one row and one column before the image.
    row_start = middle_row + np.float32(shift[0]) + one
    column_start = middle_column + np.float32(shift[1]) + one
    row_end, column_end = np.float32(rows + 1), np.float32(columns + 1)
    zero = np.float32(0.0)
    for i in range(rows):
        y = np.float32(i) - middle_row
        row_base, column_base = row_start + a * y, column_start + c * y
        for j in range(columns):
            x = np.float32(j) - middle_column
            u = row_base + b * x + amount * field[0, i, j]
            v = column_base + d * x + amount * field[1, i, j]
            u = min(max(u, zero), row_end)
            v = min(max(v, zero), column_end)
            # Not negative, so that cutting off the fraction rounds down.
            p, q = np.int32(u), np.int32(v)
            k = i * columns + j
            index[k] = p * width + q
            down[k] = u - np.float32(p)
            right[k] = v - np.float32(q)
