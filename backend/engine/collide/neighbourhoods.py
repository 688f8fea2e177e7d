"""Particles of a map that meet only those of their own part of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Size, Tensor

from ...errors import InputError

NEAR_LINE, NEAR_PLANE = 16, 4
"""Sites along an axis of a window where none are asked for: 16 in either case."""


@dataclass(frozen=True)
class Windows:
    """A particle is a site with all its channels; it meets those of its own window.

    A dilute gas collides where particles are near each other; here near is meant in the map.

    Args:
        side: sites along every axis of a window, a divisor of each; ``None`` for the largest one
            up to 16 on a line and 4 elsewhere, a row where there is none.
    """

    side: int | None = None

    def particles(self, maps: Tensor) -> Tensor:
        """(B windows, side^axes, C) of maps (B, C, points...).

        Raises:
            InputError: no map, or the side does not divide its points.
        """
        sides = self._sides(maps.shape)
        batch, channels, *points = maps.shape
        parts = [size // side for size, side in zip(points, sides, strict=True)]
        split = maps.reshape(batch, channels, *_zipped(parts, sides))
        axes = range(2, split.dim())
        return split.permute(0, *axes[::2], *axes[1::2], 1).reshape(
            batch * math.prod(parts), math.prod(sides), channels
        )

    def restored(self, particles: Tensor, shape: Size | Sequence[int]) -> Tensor:
        """Maps of a shape, of their particles."""
        batch, channels, *points = shape
        sides = self._sides(shape)
        parts = [size // side for size, side in zip(points, sides, strict=True)]
        split = particles.reshape(batch, *parts, *sides, channels)
        count = len(points)
        places = [axis for k in range(count) for axis in (1 + k, 1 + count + k)]
        return split.permute(0, 2 * count + 1, *places).reshape(tuple(shape))

    def _sides(self, shape: Size | Sequence[int]) -> list[int]:
        points = _points(shape)
        if self.side is None:
            return _sides(points)
        for size in points:
            if self.side < 1 or size % self.side:
                raise InputError(
                    f"{size} points of an axis are no multiple of {self.side}; choose a divisor "
                    f"of {math.gcd(*points)}",
                    ("side",),
                )
        return [self.side] * len(points)


@dataclass(frozen=True)
class ChannelGroups:
    """Channels in groups: those of a group are a gas of their own, a particle is a site in it.

    Args:
        groups: how many, a divisor of the number of channels.
    """

    groups: int = 4

    def particles(self, maps: Tensor) -> Tensor:
        """(B groups, points, C over groups) of maps (B, C, points...).

        Raises:
            InputError: no map, or the groups do not divide its channels.
        """
        _points(maps.shape)
        batch, channels = maps.shape[:2]
        if self.groups < 1 or channels % self.groups:
            raise InputError(
                f"{channels} channels are no multiple of {self.groups}; choose a divisor of "
                f"{channels}",
                ("groups",),
            )
        return maps.reshape(batch * self.groups, channels // self.groups, -1).mT

    def restored(self, particles: Tensor, shape: Size | Sequence[int]) -> Tensor:
        """Maps of a shape, of their particles."""
        return particles.mT.reshape(shape)


def _points(shape: Size | Sequence[int]) -> list[int]:
    if len(shape) < 3:
        raise InputError(
            f"maps are (batch, channels, points...), found shape {tuple(shape)}", ("x",)
        )
    return list(shape[2:])


def _sides(points: Sequence[int]) -> list[int]:
    """The largest divisors up to what is near; rows where there are none."""
    most = NEAR_LINE if len(points) == 1 else NEAR_PLANE
    sides = [max(side for side in range(1, most + 1) if size % side == 0) for size in points]
    return [*sides[:-1], points[-1]] if math.prod(sides) < 2 else sides


def _zipped(parts: Sequence[int], sides: Sequence[int]) -> list[int]:
    return [size for pair in zip(parts, sides, strict=True) for size in pair]
