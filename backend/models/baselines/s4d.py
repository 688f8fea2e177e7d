"""Diagonal state spaces (S4D) along a line: for sequences, and for fields of one axis."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import glu

from ...params import Param
from ...shapes import Data
from ..base import CHUNK_ENTRIES, MODELS, Group, Model
from ..decay import grouped
from ..operator import Operator

RATES = (1e-3, 1e-1)
"""First time steps of a state space whose slowest oscillation takes one unit of time."""

LOG_DECAY = 18.0
"""Largest logarithm of a decay, and of its inverse: within any step all is lost, or nothing."""


class StateSpace(nn.Module):
    """Convolution of every channel with the impulse response of a diagonal linear system.

    dh_n/dt = a_n h_n + u,  y = 2 Re sum_n c_n h_n + d u,  a_n = -alpha_n + i omega_n,  alpha > 0,
    with u held between its points. Begins with alpha = 1/2, omega_n = pi n (S4D-Lin).

    Args:
        channels: of the sequence.
        states: conjugate pairs N of every channel.
        length: points of a sequence for which the first time steps fit.
        both: whether a second system runs backwards.

    References:
        Gu, Gupta, Goel, Re 2022, On the parameterization and initialization of diagonal state
        space models, arXiv 2206.11893.
    """

    def __init__(self, channels: int, states: int, length: int, both: bool) -> None:
        super().__init__()
        low, high = (math.log(rate) for rate in RATES)
        ways = 2 if both else 1
        self.log_step = nn.Parameter(torch.empty(channels).uniform_(low, high))
        self.log_decay = nn.Parameter(torch.full((channels, states), math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(states).repeat(channels, 1).float())
        self.weight = nn.Parameter(torch.randn(ways, channels, states, 2) * 0.5**0.5)
        self.direct = nn.Parameter(torch.randn(channels))
        self.length = length

    def forward(self, u: Tensor) -> Tensor:
        """Sequences (B, channels, L) of such; a finer one has shorter time steps."""
        length = u.shape[-1]
        forth, *back = self.kernels(length)
        kernel = nn.functional.pad(forth, (0, length))
        if back:
            kernel = kernel + nn.functional.pad(back[0].flip(-1), (length, 0))
        spectrum = torch.fft.rfft(kernel) * torch.fft.rfft(u, n=2 * length)
        return torch.fft.irfft(spectrum, n=2 * length)[..., :length] + self.direct[:, None] * u

    def kernels(self, length: int) -> Tensor:
        """What a unit input of one step leaves at the steps 0 ... L - 1 (ways, channels, L)."""
        step = self.log_step.exp().unsqueeze(-1) * (self.length / length)
        decay = self.log_decay.clamp(-LOG_DECAY, LOG_DECAY).exp()
        rate = torch.complex(-decay, self.frequency)
        weight = torch.view_as_complex(self.weight) * _expm1(step * rate) / rate
        powers = torch.exp((step * rate).unsqueeze(-1) * torch.arange(length, device=step.device))
        return 2 * torch.einsum("wcn,cnl->wcl", weight, powers).real


def _expm1(z: Tensor) -> Tensor:
    """e^z - 1 of complex numbers, without the loss of digits near 0."""
    growth, half = torch.expm1(z.real), torch.sin(0.5 * z.imag)
    real = growth * torch.cos(z.imag) - 2 * half.square()
    return torch.complex(real, (growth + 1) * torch.sin(z.imag))


class StateBlock(nn.Module):
    """x + GLU(W GELU(y)) with y the state spaces' answer to the normalised x.

    Args:
        channels: of x.
        states: of every channel.
        length: points the first time steps are made for.
        both: whether states run in both directions.
    """

    def __init__(self, channels: int, states: int, length: int, both: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.space = StateSpace(channels, states, length, both)
        self.outward = nn.Linear(channels, 2 * channels)

    def forward(self, x: Tensor) -> Tensor:
        """Sequences (B, L, channels) of such."""
        y = nn.functional.gelu(self.space(self.norm(x).mT)).mT
        return x + glu(self.outward(y))


class StateNetwork(nn.Module):
    """Lift, blocks, norm and a linear map, at every point of a line.

    Args:
        inputs: numbers at a point.
        outputs: numbers at a point.
        channels: in between.
        states: of every channel.
        blocks: one after the other.
        length: points the first time steps are made for.
    """

    def __init__(
        self, inputs: int, outputs: int, channels: int, states: int, blocks: int, length: int
    ) -> None:
        super().__init__()
        self.lift = nn.Linear(inputs, channels)
        self.blocks = nn.Sequential(
            *(StateBlock(channels, states, length, both=True) for _ in range(blocks))
        )
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, outputs) of (B, L, inputs)."""
        return self.head(self.norm(self.blocks(self.lift(x))))


class StateField(Operator):
    """Fields of one axis by state spaces in both directions."""

    title = "S4D"
    axes = (1,)

    def __init__(self, data: Data, *, channels: int, states: int, blocks: int) -> None:
        super().__init__(data)
        inputs, outputs = data.inputs.sizes[0], data.outputs.sizes[0]
        length = data.inputs.points[0]
        self.network = StateNetwork(inputs, outputs, channels, states, blocks, length)
        self.width = 16 * channels

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x.mT).mT


class StateSequence(Model):
    """Logits or numbers of a sequence: the pixels of an image row by row, or the features.

    The answer is the mean over the sequence of what the network gives at every point.
    """

    title = "S4D"

    def __init__(self, data: Data, *, channels: int, states: int, blocks: int) -> None:
        super().__init__()
        self.colours = data.channels
        length = data.inputs.count // self.colours
        self.network = StateNetwork(
            self.colours, data.outputs.count, channels, states, blocks, length
        )
        self.length = length

    def forward(self, x: Tensor) -> Tensor:
        """Answers (B, outputs) of inputs (B, colours x length) [V]."""
        return self.network(x.reshape(len(x), self.colours, -1).mT).mean(1)

    def groups(self) -> list[Group]:
        """Matrices, and what shifts or belongs to the states."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Sequences in parts that fit into memory."""
        width = 16 * self.network.lift.out_features
        return x.split(max(1, CHUNK_ENTRIES // (width * self.length)))


@MODELS.register("s4d")
class S4D(Model):
    """Diagonal state spaces: of fields for operators, of sequences for classes and numbers."""

    title: ClassVar[str] = "S4D"
    tasks: ClassVar[tuple[str, ...]] = ("operator", "classify", "regress")
    params: ClassVar[tuple[Param, ...]] = (
        Param("channels", 32, low=1, high=512, slider=(8, 128), doc="Numbers at a point."),
        Param("states", 16, low=1, high=256, slider=(4, 64), doc="Pairs of every channel."),
        Param("blocks", 3, low=1, high=32, slider=(1, 6), doc="Blocks one after the other."),
    )

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """``default``."""
        usual = {
            "epochs": 30,
            "batch_size": 32,
            "learning_rate": 0.004,
            "weight_decay": 0.01,
            "decay_on": "gains",
            "warm_up": 0.2,
            "gradient_clip": 1.0,
        }
        return {"default": usual}

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That fields have more than one axis."""
        return StateField.unfit(data) if data.task == "operator" else ""

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> Model:
        """The network for the task.

        Raises:
            StudioError: it does not fit the data.
        """
        kind = StateField if data.task == "operator" else StateSequence
        return kind.build(data, options, seed)
