"""What networks with collisions share: random numbers, books, and why none is a circuit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from ...engine.collide import ChannelGroups, Ledger, Map, Windows
from ...errors import StudioError
from ..base import Model, Moment
from .residual import KineticStep, Particles, kinetic_steps, seed_steps

if TYPE_CHECKING:
    from ...circuit import Circuit

NO_CIRCUIT = (
    "a KITINet has no circuit: its collisions pair particles by chance and turn velocities into "
    "any direction, which takes noise sources and digital control, and in evaluation it is a "
    "plain residual network; export its weights as safetensors or pt"
)

PARTICLES: dict[str, Particles] = {
    "sites": Map(),
    "windows": Windows(),
    "channel_groups": ChannelGroups(2),
}
"""Who meets in a map: all sites, those of a neighbourhood, or those of one half of the channels."""


@dataclass(frozen=True)
class Collisions:
    """How the velocities of a network collide.

    Args:
        mode: of ``KineticStep``.
        coll: c.
        rounds: how often in a layer.
        motion: what collides; see ``KineticStep``.
        particles: of maps, a name in ``PARTICLES``.
        anneal: whether c falls to 0 until the training ends.
    """

    mode: str
    coll: float
    rounds: int
    motion: str = "velocities"
    particles: str = "sites"
    anneal: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """Of a ``KineticStep``."""
        return {"mode": self.mode, "coll": self.coll, "rounds": self.rounds, "motion": self.motion}

    def of_maps(self, average: bool = False) -> KineticStep:
        """A layer's sum of maps.

        Args:
            average: whether the published rule averages positions.
        """
        return KineticStep(PARTICLES[self.particles], average=average, **self.options)


class Gas(Model):
    """A network with collisions."""

    title = "KITINet"
    collisions: Collisions

    def begin(self, moment: Moment) -> None:
        """Random numbers of the step on the device of the parameters, and how much of c is left."""
        # Not the seed itself: torch's own random numbers of the step begin there.
        seed = int(torch.randint(2**62, (), generator=moment.stream()))
        device = next(self.parameters()).device
        seed_steps(self, torch.Generator(device).manual_seed(seed))
        left = 1 - moment.step / moment.total if self.collisions.anneal else 1.0
        for step in kinetic_steps(self).values():
            step.share = left

    def books(self) -> dict[str, Ledger]:
        """Accepted share, partners, momentum and energy of a late training step, by layer."""
        found = {name: step.books for name, step in kinetic_steps(self).items()}
        return {name: books for name, books in found.items() if books is not None}

    def circuit(self) -> "Circuit":
        """There is none.

        Raises:
            StudioError: always, with the reason.
        """
        raise StudioError(NO_CIRCUIT)
