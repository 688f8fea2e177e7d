"""Models that turn fields into fields, on a grid of any resolution."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ..errors import StudioError
from ..shapes import Data, Shape
from .base import CHUNK_ENTRIES, Model, View

LEAST_DEVIATION = 1e-4
"""Of the deviation over all points: added where a field hardly varies, as at a fixed boundary."""

MODES = ("linear", "bilinear", "trilinear")


PICTURED = 3
"""Axes of a field that can be drawn: its channels and two more."""


class Standard(nn.Module):
    """Fields brought to mean 0 and deviation 1 by those of the training set, and back.

    On a periodic grid, where no point is special, one mean and one deviation a channel; else those
    of every point, interpolated where a field has another resolution.

    Args:
        shape: of the fields.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        channels, *points = shape.sizes
        self.axes = tuple(range(2, len(shape.sizes) + 1)) if shape.periodic else ()
        sizes = (channels, *([1] * len(points) if shape.periodic else points))
        self.register_buffer("mean", torch.zeros(sizes))
        self.register_buffer("deviation", torch.ones(sizes))

    @torch.no_grad()
    def measure(self, values: Tensor) -> None:
        """Take over mean and deviation of training fields (n, channels, points...)."""
        over = (0, *self.axes)
        mean = values.mean(over, keepdim=True)[0]
        varying = (values - mean).square().mean(over, keepdim=True)[0]
        whole = varying.mean(tuple(range(1, varying.dim())), keepdim=True).sqrt()
        deviation = varying.sqrt() + LEAST_DEVIATION * whole
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(whole > 0, deviation, torch.ones_like(deviation)))

    def scaled(self, values: Tensor) -> Tensor:
        """(value - mean) / deviation of fields (n, channels, points...)."""
        return (values - _at(self.mean, values)) / _at(self.deviation, values)

    def original(self, scaled: Tensor) -> Tensor:
        """The fields that are so when scaled."""
        return scaled * _at(self.deviation, scaled) + _at(self.mean, scaled)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        # The resolution of the training stays that of the statistics on every other grid.
        for name in ("mean", "deviation"):
            own, stored = getattr(self, name), state_dict.get(prefix + name)
            if self.axes or not isinstance(stored, Tensor) or stored.dim() != own.dim():
                continue
            # A buffer of the same size stays the one that a mean over steps looks at.
            if len(stored) == len(own) and stored.shape != own.shape:
                setattr(self, name, own.new_zeros(stored.shape))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


class Operator(Model):
    """A model of the task ``operator``: only ``field`` must be written.

    Fields come and go in their own units; ``field`` sees and gives standardised ones.

    Args:
        data: inputs and outputs are grids with the same points.

    Attributes:
        width: about how many numbers a point needs in an evaluation.
        axes: how many axes its fields may have.

    Raises:
        StudioError: the data do not fit; see ``unfit``.
    """

    tasks: ClassVar[tuple[str, ...]] = ("operator",)
    width: int = 256
    axes: ClassVar[tuple[int, ...]] = (1, 2, 3)

    def __init__(self, data: Data) -> None:
        super().__init__()
        if sentence := self.unfit(data):
            raise StudioError(sentence)
        self.grid = data.inputs
        self.inputs, self.outputs = Standard(data.inputs), Standard(data.outputs)

    @abstractmethod
    def field(self, x: Tensor) -> Tensor:
        """Standardised fields (B, outputs, points...) of standardised ones (B, inputs, points...).

        The points are those of the input, not of the training.
        """

    def forward(self, x: Float[Tensor, "B channels *points"]) -> Float[Tensor, "B targets *points"]:
        """Fields (B, outputs, points...) of fields (B, inputs, points...), on any grid."""
        sizes = self.grid.sizes
        if x.dim() != 1 + len(sizes) or x.shape[1] != sizes[0]:
            raise StudioError(
                f"a {self.title} trained on {_words(sizes)} was given {_words(x.shape[1:])}; "
                "choose data with the same channels and axes"
            )
        return self.outputs.original(self.field(self.inputs.scaled(x)))

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That the data are no fields, or fields of too many axes."""
        if data.inputs.kind != "grid" or data.outputs.kind != "grid":
            return (
                f"a {cls.title} turns fields into fields, and '{data.title}' has none; "
                "choose a data set for the task operator"
            )
        count = len(data.inputs.points)
        if count in cls.axes:
            return ""
        wanted = " or ".join(map(str, cls.axes))
        return (
            f"a {cls.title} learns fields of {wanted} {'axis' if wanted == '1' else 'axes'}, and "
            f"those of '{data.title}' have {count}; choose another model"
        )

    def adapt(self, x: Tensor, y: Tensor) -> None:
        """Mean and deviation of the training fields."""
        self.inputs.measure(x)
        self.outputs.measure(y)

    def view(self, x: Tensor, size: int) -> View | None:
        """``input`` and ``prediction`` (channels, points...), in their own units.

        As pictures they stand in ``values`` (K, rows, columns), every channel for itself, a line as
        a single row; ``titles`` of the header says which is which.

        Args:
            x: a field (channels, points...).
            size: about how many numbers a frame may hold.
        """
        del size
        with torch.no_grad():
            fields = {"input": x, "prediction": self(x[None])[0]}
        arrays = {name: value.cpu().numpy() for name, value in fields.items()}
        about = {"periodic": self.grid.periodic, "extent": list(self.grid.extent)}
        if x.dim() <= PICTURED:
            pictures = torch.cat([value.cpu().reshape(len(value), -1, value.shape[-1])
                                  for value in fields.values()])  # fmt: skip
            titles = [title for name, value in fields.items()
                      for title in _titles(name.capitalize(), len(value))]  # fmt: skip
            arrays, about = {**arrays, "values": pictures.numpy()}, {**about, "titles": titles}
        return View("fields", arrays, about)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Fields in parts that fit into memory."""
        return x.split(max(1, CHUNK_ENTRIES // (self.width * max(1, x[:1, 0].numel()))))


def _at(statistics: Tensor, values: Tensor) -> Tensor:
    """Statistics (channels, points...) at the points of fields (n, channels, points...)."""
    own, points = statistics.shape[1:], values.shape[2:]
    if own == points or all(size == 1 for size in own):
        return statistics
    mode = MODES[len(points) - 1]
    return interpolate(statistics[None], tuple(points), mode=mode, align_corners=True)[0]


def _titles(name: str, channels: int) -> list[str]:
    return [name] if channels == 1 else [f"{name} {k + 1}" for k in range(channels)]


def _words(sizes: Sequence[int]) -> str:
    channels, *points = sizes
    grid = " x ".join(map(str, points)) if points else "no"
    return f"{channels} channel{'s' if channels != 1 else ''} at {grid} points"
