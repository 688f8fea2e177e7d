"""Diagonal state spaces (S4D) along a line: for sequences, and for fields of one axis."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import glu

RATES = (1e-3, 1e-1)
"""First time steps of a state space whose slowest oscillation takes one unit of time."""


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
        # Beyond e^80 the decay within a step is total.
        decay = self.log_decay.clamp(max=80.0).exp()
        rate = torch.complex(-decay, self.frequency)
        weight = torch.view_as_complex(self.weight) * torch.expm1(step * rate) / rate
        powers = torch.exp((step * rate).unsqueeze(-1) * torch.arange(length, device=step.device))
        return 2 * torch.einsum("wcn,cnl->wcl", weight, powers).real


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
