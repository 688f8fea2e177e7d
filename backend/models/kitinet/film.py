"""What happens to the particles of every layer for given examples, as a training step has it.

The network computes as it is looked at: weights of evaluation, collisions of training. What a layer
was given is kept with the state of its random numbers, and then done again pair by pair.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ...engine.collide import (
    Ledger,
    Meeting,
    Outcome,
    ledger,
    meeting,
    published_meeting,
    published_outcome,
)
from ...engine.collide.numbers import normal
from .residual import KineticStep, looked_at

PUBLISHED_COLL = 0.9
"""c of the published rule where none beside it is: that of its networks for fields."""


MOST = 10_000_000
"""Numbers of directions that the published rule may draw for one layer."""

NOTHING = Ledger(0.0, 0.0, 0.0, 1.0)
"""The books before any round."""


@dataclass(frozen=True)
class Pass:
    """What a layer was given, (B, ...), and the state of its random numbers before."""

    name: str
    step: KineticStep
    x: Tensor
    v: Tensor
    state: Tensor

    @property
    def place(self) -> Tensor:
        """Positions (B, n, d) of the particles."""
        return self.step.particles.particles(self.x)

    @property
    def motion(self) -> Tensor:
        """Velocities (B, n, d) of the particles."""
        return self.step.particles.particles(self.v)

    def generator(self) -> torch.Generator:
        """Random numbers as the layer had them."""
        return torch.Generator(self.x.device).set_state(self.state)


class Film(NamedTuple):
    """One layer from its particles to those it passes on.

    Args:
        place: positions before, (B, n, d).
        motion: velocities before and after every round, each (B, n, d).
        meetings: the rounds; none where nothing collides.
        after: positions after the drift.
    """

    place: Tensor
    motion: list[Tensor]
    meetings: list[Meeting]
    after: Tensor


@torch.no_grad()
def passes(model: nn.Module, x: Tensor, generator: torch.Generator) -> tuple[list[Pass], Tensor]:
    """What every layer was given on the way of inputs x through a model, and the model's answer.

    Args:
        model: in evaluation mode; its layers collide.
        x: inputs as ``forward`` takes them.
        generator: of all collisions, on the device of x.
    """
    found: list[Pass] = []

    def noting(name: str) -> Callable[[nn.Module, tuple[Tensor, Tensor]], None]:
        def note(step: nn.Module, given: tuple[Tensor, Tensor]) -> None:
            assert isinstance(step, KineticStep)
            found.append(Pass(name, step, *given, generator.get_state()))

        return note

    with looked_at(model, generator) as steps:
        hooks = [step.register_forward_pre_hook(noting(name)) for name, step in steps.items()]
        try:
            answer = model(x)
        finally:
            for hook in hooks:
                hook.remove()
    return found, answer


@torch.no_grad()
def film(seen: Pass) -> Film:
    """The layer again, pair by pair, with the same random numbers."""
    step, place, motion = seen.step, seen.place, seen.motion
    generator = seen.generator()
    if step.mode == "off" or motion.shape[1] < 2:
        return Film(place, [motion], [], place + step.dt * motion)
    if step.mode == "published":
        with looked_at(step, generator):
            moved, outcome = step.published(place, motion)
        met = published_meeting(place, motion, outcome.v, step.coll)
        return Film(place, [motion, outcome.v], [met], moved)
    meetings: list[Meeting] = []
    velocities = [motion]
    for _ in range(step.rounds):
        met = meeting(place, velocities[-1], coll=step.coll, length=step.length, mode=step.mode,
                      generator=generator)  # fmt: skip
        meetings.append(met)
        velocities.append(met.v)
    return Film(place, velocities, meetings, place + step.dt * velocities[-1])


def accounts(shown: Film) -> list[Ledger]:
    """The books of the layer's beginning after 0, 1, ... rounds; accepted and partners of a round.

    Where no pair is accepted, as in ``mean_field``, the accepted share is the mean probability.
    """
    before = shown.motion[0]
    found = [NOTHING]
    for met, v in zip(shown.meetings, shown.motion[1:], strict=True):
        chance = met.accepted.float() if bool(met.accepted.any()) else met.probability
        partners = 2 * chance.sum() / (len(before) * before.shape[1])
        found.append(ledger(before, Outcome(v, chance.mean(), partners)))
    return found


@torch.no_grad()
def published_accounts(seen: Pass, rounds: int) -> list[Ledger]:
    """The same books of the first example, had the published rule been at work in its place.

    Positions stay, and every round draws its directions anew. Nothing where that would take more
    than ``MOST`` numbers for the directions alone.
    """
    place, before = seen.place[:1].mT.double(), seen.motion[:1].mT.double()
    _, size, count = before.shape
    sizes = (1, size, count * (count - 1) // 2)
    if count < 2 or size * sizes[2] > MOST:
        return []
    generator, v, found = seen.generator(), before, [NOTHING]
    coll = seen.step.coll if 0 < seen.step.coll <= 1 else PUBLISHED_COLL
    for _ in range(rounds):
        directions = nn.functional.normalize(normal(v, sizes, generator), dim=1)
        _, outcome = published_outcome(place, v, directions, coll, average=False)
        v = outcome.v
        found.append(ledger(before.mT, outcome._replace(v=v.mT)))
    return found
