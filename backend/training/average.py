"""The mean of a model's weights over the steps."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ..models import Model


class Average:
    """An exponential moving mean of a model's parameters and of the buffers it keeps.

    After step t (from 1) mean += (1 - d) (value - mean) with d = min(decay, (1 + t) / (10 + t)),
    so that the first steps are forgotten soon. Buffers of whole numbers, which count, have no mean:
    the last value stands for it.

    Args:
        model: the model.
        decay: the largest d; 0 for no mean.
    """

    def __init__(self, model: Model, decay: float) -> None:
        self.model = model
        self.decay = decay
        kept = model.state_dict(keep_vars=True)
        self.names, self.values = list(kept), list(kept.values())
        self.means = [value.detach().clone() for value in self.values] if decay else []

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take the parameters after a step into the mean."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            for mean, value in zip(self.means, self.values, strict=True):
                if mean.is_floating_point() or mean.is_complex():
                    mean.lerp_(value, 1 - decay)
                else:
                    mean.copy_(value)

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """The model with the mean in the place of its values, for as long as this lasts."""
        if not self.decay:
            yield
            return
        own = [value.detach().clone() for value in self.values]
        self._put(self.means)
        try:
            yield
        finally:
            self._put(own)

    def state(self) -> dict[str, Tensor]:
        """The means by name; empty when there are none."""
        return dict(zip(self.names, self.means, strict=True)) if self.decay else {}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Go on from what ``state`` gave."""
        for place, (name, mean) in enumerate(zip(self.names, self.means, strict=False)):
            # Trainings before buffers had means kept those of parameters only.
            if name in state or isinstance(self.values[place], nn.Parameter):
                mean.copy_(state[name])
            else:
                mean.copy_(self.values[place])

    @torch.no_grad()
    def _put(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self.values, values, strict=True):
            parameter.copy_(value)
        self.model.settle()
