"""What else could do the work of collisions: noise of their size, and dropout.

They are in no menu: ``register`` makes them known to a process that trains them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import dropout, normalize

from backend.models import MODELS, Data, Model
from backend.models.kitinet import KineticStep, Kitinet, kinetic_steps
from backend.params import Param

CONTROLS = ("noise", "dropout")


class NoisyStep(KineticStep):
    """v_i + |v_i' - v_i| r with the velocities v' of ``matched`` and free directions r.

    Every particle is moved as far as a collision would move it, but alone: neither momentum nor
    energy stays.
    """

    def collided(self, x: Tensor, v: Tensor) -> Tensor:
        """Velocities of the shape of v."""
        before = self.particles.particles(v)
        after = self.particles.particles(super().collided(x, v))
        size = torch.linalg.vector_norm((after - before).detach(), dim=-1, keepdim=True)
        drawn = torch.empty_like(before).normal_(generator=self.generator)
        return self.particles.restored(before + size * normalize(drawn, dim=-1), v.shape)


class DroppedStep(KineticStep):
    """Numbers of v fall out with the probability ``coll``, the others make up for it."""

    def collided(self, x: Tensor, v: Tensor) -> Tensor:
        """Velocities of the shape of v."""
        del x
        return dropout(v, self.coll)


STEPS: dict[str, type[KineticStep]] = {"noise": NoisyStep, "dropout": DroppedStep}


class KineticControl(Kitinet):
    """KITINet with another disturbance in the place of collisions, of equal parameters."""

    title: ClassVar[str] = "KITINet's controls"
    params: ClassVar[tuple[Param, ...]] = (
        Param("control", "noise", choices=CONTROLS, doc="What disturbs the velocities."),
        *Kitinet.params,
    )

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> Model:
        """The network with other steps."""
        model = super().build(data, options, seed)
        for name, step in kinetic_steps(model).items():
            place, _, own = name.rpartition(".")
            other = STEPS[options["control"]](step.particles, coll=step.coll, rounds=step.rounds)
            model.get_submodule(place).register_module(own, other)
        return model


def register() -> None:
    """Make the controls known by their name."""
    if "kinetic_control" not in MODELS:
        MODELS.register("kinetic_control")(KineticControl)
