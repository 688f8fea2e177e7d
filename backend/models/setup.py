"""What a model is made of and told: settings, parts of its parameters, where a training is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..circuit.settings import CircuitSettings
from ..shapes import Data


@dataclass(frozen=True)
class Group:
    """Parameters that an optimiser treats alike.

    Args:
        parameters: of the model, each in one group.
        offset: whether they shift an answer instead of scaling it; the settings ``decay_on`` and
            ``threshold_rate`` speak of those.
    """

    parameters: tuple[nn.Parameter, ...]
    offset: bool = False


@dataclass(frozen=True)
class Moment:
    """Where a training is before a step.

    Args:
        step: steps done.
        total: steps of the whole training.
        stream: random numbers on the CPU for one purpose, the same whenever this step is done.
    """

    step: int
    total: int
    stream: Callable[[], torch.Generator]


@dataclass(frozen=True)
class Setup:
    """What a training makes its model of.

    Args:
        data: what goes in and what comes out.
        options: values of the model's ``params``.
        seed: of the initial parameters.
        circuit: how the circuit is made and integrated; ``None`` for a model that is none.
    """

    data: Data
    options: Mapping[str, Any]
    seed: int
    circuit: CircuitSettings | None = None


@dataclass(frozen=True)
class Effort:
    """The counts that decide what it takes to solve a circuit.

    Args:
        nodes: of the circuit.
        devices: of all its slices.
        slices: which are solved one after the other.
        steps: of every slice.
        stages: evaluations of all devices in a step.
        frame: numbers that a frame of the replay holds of it.
    """

    nodes: int = 0
    devices: int = 0
    slices: int = 0
    steps: int = 0
    stages: int = 0
    frame: int = 0
