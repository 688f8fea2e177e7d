"""Models that only the study of KINN trains: what of its lead is due to the gate, and a peer's FNO.

They are in no menu: ``register`` makes them known to a process that trains them.
"""

import importlib
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, silu

from backend.models import MODELS, Data, Operator
from backend.models.baselines.fno import PROJECTION, SpectralConvolution
from backend.models.kinn.network import FieldNetwork
from backend.params import Param

SIZES: tuple[Param, ...] = (
    Param("width", 32, low=1, high=512, doc="Numbers at a point."),
    Param("modes", 16, low=1, high=512, doc="Waves of every axis."),
    Param("layers", 4, low=1, high=32, doc="Fourier layers."),
)


class GatedFourierBlock(nn.Module):
    """x + a * SiLU(b) with [a; b] = W [K x; x] + c: KINN's block around FNO's convolution K.

    Args:
        channels: of x.
        modes: wavenumbers 0 ... modes - 1.
        axes: of the field.
    """

    def __init__(self, channels: int, modes: int, axes: int) -> None:
        super().__init__()
        self.spectral = SpectralConvolution(channels, modes, axes)
        self.outward = nn.Linear(2 * channels, 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        """A field (points..., B, channels) of such a field."""
        passed = self.spectral(x.movedim((-2, -1), (0, 1))).movedim((0, 1), (-2, -1))
        value, gate = self.outward(torch.cat((passed, x), -1)).chunk(2, -1)
        return x + value * silu(gate)


class GatedFourierOperator(Operator):
    """FNO's spectral layers in KINN's gated blocks, on periodic grids."""

    title: ClassVar[str] = "FNO in gated blocks"
    axes: ClassVar[tuple[int, ...]] = (1, 2)
    params: ClassVar[tuple[Param, ...]] = SIZES

    def __init__(self, data: Data, *, width: int, modes: int, layers: int) -> None:
        super().__init__(data)
        axes = len(data.inputs.points)
        blocks = [GatedFourierBlock(width, modes, axes) for _ in range(layers)]
        inputs, outputs = data.inputs.sizes[0], data.outputs.sizes[0]
        self.network = FieldNetwork(inputs, outputs, width, blocks)

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x)


class PeerFourierOperator(Operator):
    """The FNO of the package ``neuraloperator`` with the layers of ours, on periodic lines.

    Raises:
        ImportError: the package is not installed.
    """

    title: ClassVar[str] = "FNO of neuraloperator"
    axes: ClassVar[tuple[int, ...]] = (1,)
    params: ClassVar[tuple[Param, ...]] = SIZES

    def __init__(self, data: Data, *, width: int, modes: int, layers: int) -> None:
        super().__init__(data)
        self.network = peer_network(
            data.inputs.sizes[0], data.outputs.sizes[0], width=width, modes=modes, layers=layers
        )

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x)


class Once:
    """GELU at every first of two calls.

    Without its network over channels, which the FNO of 2020 has not, a layer of the package's
    version 2.0 calls its nonlinearity twice, one directly after the other.
    """

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Tensor) -> Tensor:
        """GELU of x, or x."""
        self.calls += 1
        return gelu(x) if self.calls % 2 else x


def peer_network(inputs: int, outputs: int, *, width: int, modes: int, layers: int) -> nn.Module:
    """A network of the package ``neuraloperator`` with one axis: the FNO of 2020, of its layers.

    Its number of wavenumbers counts those of both signs.
    """
    made: Any = importlib.import_module("neuralop.models").FNO
    return made(
        n_modes=(2 * (modes - 1),),
        in_channels=inputs,
        out_channels=outputs,
        hidden_channels=width,
        n_layers=layers,
        lifting_channel_ratio=0,
        projection_channel_ratio=PROJECTION / width,
        positional_embedding="grid",
        use_channel_mlp=False,
        non_linearity=Once(),
    )


CONTROLS: dict[str, type[Operator]] = {
    "fno_gated": GatedFourierOperator,
    "fno_neuraloperator": PeerFourierOperator,
}


def register() -> None:
    """Make the controls known by their names."""
    for name, model in CONTROLS.items():
        if name not in MODELS:
            MODELS.register(name)(model)
