"""AdamW over circuits: who decays, who learns slower, and the mean of the weights."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..compile import SliceField
from .spec import TrainSpec

OFFSETS = frozenset({"threshold", "c", "current"})
"""Parameters that shift a law; all others multiply a voltage or a current."""


class Optimiser:
    """AdamW on a model's parameters.

    Args:
        model: whose parameters are changed in place.
        spec: the settings.
    """

    def __init__(self, model: nn.Module, spec: TrainSpec) -> None:
        self.model = model
        self.clip = spec.gradient_clip
        gains, offsets = [], []
        for name, value in model.named_parameters():
            (offsets if name.rpartition(".")[2] in OFFSETS else gains).append(value)
        decay = spec.weight_decay
        groups = [
            {"params": gains, "weight_decay": decay, "factor": 1.0},
            {
                "params": offsets,
                "weight_decay": decay if spec.decay_on == "all" else 0.0,
                "factor": spec.threshold_rate,
            },
        ]
        self.adamw = torch.optim.AdamW(
            [group for group in groups if group["params"]],
            lr=spec.learning_rate,
            betas=(0.9, spec.beta2),
            fused=True,
        )
        self.fields = [part for part in model.modules() if isinstance(part, SliceField)]

    def step(self, objective: Tensor, rate: float) -> None:
        """Differentiate an objective and take one step.

        Args:
            objective: a number that is to become smaller.
            rate: the learning rate.
        """
        for group in self.adamw.param_groups:
            group["lr"] = rate * group["factor"]
        self.adamw.zero_grad(set_to_none=True)
        objective.backward()
        if self.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.adamw.step()
        self.refresh()

    def refresh(self) -> None:
        """Let fields forget what they derived: torch's fused step changes values untold."""
        for field in self.fields:
            field.refresh()

    def state(self) -> dict[str, Tensor]:
        """The moments by ``parameter/field``, as they are."""
        names = {id(value): name for name, value in self.model.named_parameters()}
        return {
            f"{names[id(parameter)]}/{field}": value
            for parameter, fields in self.adamw.state.items()
            for field, value in fields.items()
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what ``state`` gave."""
        for name, parameter in self.model.named_parameters():
            own = {
                key.rpartition("/")[2]: value
                for key, value in state.items()
                if key.rpartition("/")[0] == name
            }
            if any(value.dim() and value.shape != parameter.shape for value in own.values()):
                raise ValueError(f"the optimiser's state of {name} has another shape")
            if own:
                self.adamw.state[parameter] = {
                    field: value.to(parameter.device).clone() for field, value in own.items()
                }
        self.refresh()


class Average:
    """An exponential moving mean of a model's parameters.

    After step t (from 1) mean += (1 - d) (value - mean) with d = min(decay, (1 + t) / (10 + t)),
    so that the first steps are forgotten soon.

    Args:
        model: the model.
        decay: the largest d; 0 for no mean.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.names = [name for name, _ in model.named_parameters()]
        self.parameters = [value for _, value in model.named_parameters()]
        self.means = [value.detach().clone() for value in self.parameters] if decay else []

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the parameters after a step into the mean."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            for mean, value in zip(self.means, self.parameters, strict=True):
                mean.lerp_(value, 1 - decay)

    @contextlib.contextmanager
    def used(self, optimiser: Optimiser) -> Iterator[None]:
        """The model with the mean in the place of its parameters, for as long as this lasts."""
        if not self.decay:
            yield
            return
        own = [value.detach().clone() for value in self.parameters]
        self._put(self.means, optimiser)
        try:
            yield
        finally:
            self._put(own, optimiser)

    def state(self) -> dict[str, Tensor]:
        """The means by parameter; empty when there are none."""
        return dict(zip(self.names, self.means, strict=True)) if self.decay else {}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what ``state`` gave."""
        for name, mean in zip(self.names, self.means, strict=False):
            mean.copy_(state[name])

    @torch.no_grad()
    def _put(self, values: list[Tensor], optimiser: Optimiser) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)
        optimiser.refresh()
