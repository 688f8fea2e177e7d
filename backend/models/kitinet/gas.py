"""What networks with collisions share: random numbers, books, and why none is a circuit."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from ...engine.collide import Ledger, Map, Slices
from ...errors import StudioError
from ..base import Model, Moment
from .residual import KineticStep, kinetic_steps, seed_steps

if TYPE_CHECKING:
    from ...circuit import Circuit

NO_CIRCUIT = (
    "a KITINet has no circuit: its collisions pair particles by chance and turn velocities into "
    "any direction, which takes noise sources and digital control, and in evaluation it is a "
    "plain residual network; export its weights as safetensors or pt"
)


@dataclass(frozen=True)
class Collisions:
    """How the velocities of a network collide.

    Args:
        mode: of ``KineticStep``.
        coll: c.
        rounds: how often in a layer.
    """

    mode: str
    coll: float
    rounds: int

    def step(self, particles: Map | Slices, average: bool = False) -> KineticStep:
        """A layer's sum.

        Args:
            particles: of its features.
            average: whether the published rule averages positions.
        """
        return KineticStep(particles, mode=self.mode, coll=self.coll, rounds=self.rounds,
                           average=average)  # fmt: skip


class Gas(Model):
    """A network with collisions."""

    title = "KITINet"

    def begin(self, moment: Moment) -> None:
        """Random numbers of the step, on the device of the parameters."""
        # Not the seed itself: torch's own random numbers of the step begin there.
        seed = int(torch.randint(2**62, (), generator=moment.stream()))
        device = next(self.parameters()).device
        seed_steps(self, torch.Generator(device).manual_seed(seed))

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
