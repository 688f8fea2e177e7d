"""The Fourier neural operator of Li et al. 2020, in one and two dimensions."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad

from ...params import Param
from ...shapes import Data
from ..base import MODELS
from ..operator import Operator

PROJECTION = 128
"""Channels before the last map."""

PADDING = 9
"""A field that is not periodic is lengthened by this share of itself: its 9th part."""


class SpectralConvolution(nn.Module):
    """A complex matrix over channels for each of the lowest wavenumbers; the others are dropped.

    Of two axes the first has wavenumbers of both signs, with matrices of their own.

    Args:
        channels: of the field.
        modes: wavenumbers 0 ... modes - 1 of every axis; those a coarse grid lacks are left out.
        axes: of the field, 1 or 2.
    """

    def __init__(self, channels: int, modes: int, axes: int) -> None:
        super().__init__()
        self.modes, self.axes = modes, axes
        corners = 2 ** (axes - 1)
        sizes = (corners, channels, channels, *[modes] * axes, 2)
        # Uniform on [0, 1/channels^2) for real and imaginary parts, as the paper's code has it.
        self.weight = nn.Parameter(torch.rand(sizes) / channels**2)

    def forward(self, x: Tensor) -> Tensor:
        """Fields (B, channels, points...) of the same."""
        over = tuple(range(2, 2 + self.axes))
        spectrum = torch.fft.rfftn(x, dim=over)
        weights = torch.view_as_complex(self.weight)
        answer = torch.zeros_like(spectrum)
        last = min(self.modes, spectrum.shape[-1])
        if self.axes == 1:
            low = spectrum[..., :last]
            answer[..., :last] = torch.einsum("bik,iok->bok", low, weights[0, ..., :last])
        else:
            rows = min(self.modes, spectrum.shape[2] // 2)
            for corner, part in enumerate((slice(0, rows), slice(-rows, None))):
                # Row k of the second corner belongs to the wavenumber k - modes.
                matrix = weights[corner, :, :, part, :last]
                low = spectrum[:, :, part, :last]
                answer[:, :, part, :last] = torch.einsum("bikl,iokl->bokl", low, matrix)
        return torch.fft.irfftn(answer, s=x.shape[2:], dim=over)


class FourierNetwork(nn.Module):
    """Lift, Fourier layers x <- GELU(K x + W x + b), the last one without GELU, projection.

    The place of every point in [0, 1] is a further input for each axis.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        axes: of the field, 1 or 2.
        width: channels in between.
        modes: wavenumbers of every axis.
        layers: Fourier layers.
        periodic: whether the axes close on themselves; other fields are padded with zeros, so that
            their two ends are no neighbours.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        axes: int,
        *,
        width: int,
        modes: int,
        layers: int = 4,
        periodic: bool = True,
    ) -> None:
        super().__init__()
        self.axes, self.periodic = axes, periodic
        self.lift = nn.Linear(inputs + axes, width)
        self.spectral = nn.ModuleList(
            SpectralConvolution(width, modes, axes) for _ in range(layers)
        )
        self.local = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in range(layers))
        self.widen = nn.Linear(width, PROJECTION)
        self.project = nn.Linear(PROJECTION, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Fields (B, outputs, points...) of fields (B, inputs, points...)."""
        points = x.shape[2:]
        field = self.lift(torch.cat((x, self._places(x)), 1).movedim(1, -1)).movedim(-1, 1)
        if not self.periodic:
            field = pad(field, [n for size in reversed(points) for n in (0, round(size / PADDING))])
        for number, (spectral, local) in enumerate(zip(self.spectral, self.local, strict=True)):
            point = local(field.flatten(2)).reshape(field.shape)
            field = self.joined(number, point, spectral(field))
            field = gelu(field) if number + 1 < len(self.spectral) else field
        if not self.periodic:
            field = field[(..., *(slice(size) for size in points))]
        return self.project(gelu(self.widen(field.movedim(1, -1)))).movedim(-1, 1)

    def joined(self, number: int, local: Tensor, spectral: Tensor) -> Tensor:
        """W x + b and K x of a layer, added."""
        del number
        return spectral + local

    def _places(self, x: Tensor) -> Tensor:
        """Where every point lies in [0, 1], (B, axes, points...)."""
        points: Sequence[int] = x.shape[2:]
        ticks = [
            torch.arange(size, dtype=x.dtype, device=x.device)
            / (size if self.periodic else max(1, size - 1))
            for size in points
        ]
        return torch.stack(torch.meshgrid(*ticks, indexing="ij")).expand(len(x), -1, *points)


@MODELS.register("fno")
class FourierOperator(Operator):
    """The Fourier neural operator, on periodic grids and, padded, on others.

    References:
        Li, Kovachki, Azizzadenesheli, Liu, Bhattacharya, Stuart, Anandkumar 2020, Fourier neural
        operator for parametric partial differential equations, arXiv 2010.08895.
    """

    title: ClassVar[str] = "FNO"
    axes: ClassVar[tuple[int, ...]] = (1, 2)
    params: ClassVar[tuple[Param, ...]] = (
        Param("width", 32, low=1, high=512, slider=(8, 64), doc="Numbers at a point."),
        Param("modes", 16, low=1, high=512, slider=(4, 32), doc="Waves of every axis."),
        Param("layers", 4, low=1, high=32, slider=(1, 8), doc="Fourier layers."),
    )

    def __init__(self, data: Data, *, width: int, modes: int, layers: int) -> None:
        super().__init__(data)
        inputs, outputs = data.inputs.sizes[0], data.outputs.sizes[0]
        self.network = FourierNetwork(
            inputs,
            outputs,
            len(data.inputs.points),
            width=width,
            modes=modes,
            layers=layers,
            periodic=data.inputs.periodic,
        )
        self.width = 6 * width + PROJECTION

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """``default`` has the best learning rate of a search, ``paper`` the published settings."""
        several = len(data.inputs.points) > 1
        sizes = {"width": 32, "modes": 12 if several else 16}
        usual = {
            "epochs": 20 if several else 100,
            "batch_size": 16,
            "learning_rate": 0.004 if several else 0.008,
            "weight_decay": 0.0,
            "warm_up": 0.2,
            "gradient_clip": 1.0,
            "model_options": sizes,
        }
        paper = {
            "epochs": 500,
            "batch_size": 20,
            "learning_rate": 0.001,
            "weight_decay": 1e-4,
            "schedule": "step",
            "decay_factor": 0.5,
            "decay_epochs": 100,
            "model_options": sizes if several else {"width": 64, "modes": 16},
        }
        deeper = {**usual, "model_options": {**sizes, "layers": 6}}
        return {"default": usual, "deeper": deeper, "paper": paper}

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x)
