"""The optimiser over the parameters of a model: who decays, who learns slower."""

from typing import Any

import torch
from torch import Tensor

from ..models import Model
from .spec import TrainSpec


class Optimiser:
    """AdamW, or SGD with Nesterov's momentum, on a model's parameters.

    AdamW takes the decay off the weights themselves (Loshchilov and Hutter 2019, equation 12),
    SGD adds it to the gradient.

    Args:
        model: whose parameters are changed in place.
        spec: the settings.
    """

    def __init__(self, model: Model, spec: TrainSpec) -> None:
        self.model = model
        self.clip = spec.gradient_clip
        groups = [
            {
                "params": list(group.parameters),
                "weight_decay": spec.weight_decay
                if spec.decay_on == "all" or not group.offset
                else 0.0,
                "factor": spec.threshold_rate if group.offset else 1.0,
            }
            for group in model.groups()
        ]
        self.torch = _method(spec, groups)

    def step(self, rate: float) -> None:
        """Take one step against the gradient that stands in the parameters.

        Args:
            rate: the learning rate.
        """
        for group in self.torch.param_groups:
            group["lr"] = rate * group["factor"]
        if self.clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.torch.step()
        self.model.settle()

    def state(self) -> dict[str, Tensor]:
        """The moments by ``parameter/field``, as they are."""
        names = {id(value): name for name, value in self.model.named_parameters()}
        return {
            f"{names[id(parameter)]}/{field}": value
            for parameter, fields in self.torch.state.items()
            for field, value in fields.items()
            if isinstance(value, Tensor)
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
                self.torch.state[parameter] = {
                    field: value.to(parameter.device).clone() for field, value in own.items()
                }
        self.model.settle()


def _method(spec: TrainSpec, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    if spec.optimiser == "sgd":
        return torch.optim.SGD(
            groups, lr=spec.learning_rate, momentum=spec.momentum, nesterov=spec.momentum > 0
        )
    # torch's fused step knows real numbers only.
    fused = not any(value.is_complex() for group in groups for value in group["params"])
    return torch.optim.AdamW(groups, lr=spec.learning_rate, betas=(0.9, spec.beta2), fused=fused)
