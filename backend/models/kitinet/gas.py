"""What networks with collisions share: random numbers, books, a view, and why none is a circuit."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from ...engine.collide import ChannelGroups, Ledger, Map, Windows
from ...errors import StudioError
from ...view import View
from ..base import Model, Moment
from .portrait import neurons_of, particles
from .residual import KineticStep, Particles, kinetic_steps, seed_steps

if TYPE_CHECKING:
    from ...circuit import Circuit

NO_CIRCUIT = (
    "a KITINet has no circuit: its collisions pair particles by chance and turn velocities into "
    "any direction, which takes noise sources and digital control, and in evaluation it is a "
    "plain residual network; export its weights as safetensors or pt, or open the example "
    "'Mean-field collisions' of the gallery, the mean of its collisions as capacitors and resistors"
)

PARTICLES: dict[str, Particles] = {
    "sites": Map(),
    "windows": Windows(),
    "channel_groups": ChannelGroups(2),
}
"""Who meets in a map: all sites, those of a neighbourhood, or those of one half of the channels."""


NOTED = ("accepted", "momentum", "energy")
"""Figures of the books that stand in a run's reports."""


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
    no_netlist: ClassVar[str] = NO_CIRCUIT

    def begin(self, moment: Moment) -> None:
        """Random numbers of the step on the device of the parameters, and how much of c is left."""
        # Not the seed itself: torch's own random numbers of the step begin there.
        seed = int(torch.randint(2**62, (), generator=moment.stream()))
        device = next(self.parameters()).device
        seed_steps(self, torch.Generator(device).manual_seed(seed))
        left = 1 - moment.step / moment.total if self.collisions.anneal else 1.0
        for step in kinetic_steps(self).values():
            step.share = left
            step.count_from(moment.step)

    def books(self) -> dict[str, Ledger]:
        """Accepted share, partners, momentum and energy of a late training step, by layer."""
        found = {name: step.books for name, step in kinetic_steps(self).items()}
        return {name: books for name, books in found.items() if books is not None}

    def noted(self) -> dict[str, float]:
        """``layer1_accepted``, ``layer1_momentum`` and ``layer1_energy``, and so on.

        Of a training step whose books were looked into, and that is not told yet.
        """
        figures: dict[str, float] = {}
        for number, step in enumerate(kinetic_steps(self).values(), start=1):
            if books := step.news():
                figures |= {f"layer{number}_{name}": getattr(books, name) for name in NOTED}
        return {name: value for name, value in figures.items() if math.isfinite(value)}

    def view(self, x: Tensor, size: int) -> View | None:
        """Particles of every layer for one example, see ``inside``."""
        return self.inside(x[None], size)

    def inside(self, examples: Tensor, size: int) -> View | None:
        """Particles of every layer, books, and how neurons agree; see ``portrait``.

        Args:
            examples: (E, ...).
            size: about how many numbers a frame may hold.
        """
        del size
        was = self.training
        self.eval()
        try:
            shown, words = particles(self, examples.to(next(self.parameters()).device))
        finally:
            self.train(was)
        neurons, weights = neurons_of(self)
        return View("particles", {**shown, **neurons}, {**words, **weights, **self.about()})

    def about(self) -> dict[str, Any]:
        """More words for the view."""
        return {}

    def circuit(self) -> "Circuit":
        """There is none.

        Raises:
            StudioError: always, with the reason.
        """
        raise StudioError(NO_CIRCUIT)
