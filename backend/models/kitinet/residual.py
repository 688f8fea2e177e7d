"""A residual connection in whose training velocities collide."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ...engine.collide import (
    Ledger,
    Outcome,
    Slices,
    balance,
    collided,
    published_outcome,
)
from ...engine.collide.checked import (
    MODES,
    checked_count,
    checked_length,
    checked_mode,
    checked_number,
)
from ...engine.collide.numbers import normal, wide
from ...engine.once import once_differentiable
from ...errors import InputError, quoted
from ...registry import nearest

RULES = (*MODES, "published")
"""What a residual connection can do in its training."""

MOTIONS = ("velocities", "gradients")
"""What collides: what a branch adds, or what comes back to it from the loss."""

EVERY = 10
"""Training steps from one look into the books to the next, which takes as long as collisions."""

WATCHED = 10
"""Looks after which a share of collisions of 0 or 1 is worth a warning."""

NEARLY_ALL = 0.999

RARE = 0.1
"""Share of ``coll`` below which no collision is what was asked for."""


class Particles(Protocol):
    """A reading of features as groups of particles, as ``Slices`` and ``Map`` are."""

    def particles(self, features: Tensor, /) -> Tensor:
        """(G, n, d)."""
        ...

    def restored(self, particles: Tensor, /, shape: Sequence[int]) -> Tensor:
        """Features of a shape."""
        ...


class KineticStep(nn.Module):
    """x + dt v; while training with v after collisions. It has no parameters and no buffers.

    Args:
        particles: which numbers of x and v are a particle: ``Slices()`` of feature vectors, or
            ``Map()`` for maps (B, C, points...), ``Windows()`` for those of a neighbourhood,
            ``ChannelGroups()``.
        mode: of ``collide``, or ``published`` for the paper's rule. That draws its directions
            anew every time, where the paper's code keeps them for every place in a batch.
        coll: c of ``collide``; at most 1 for ``published``.
        rounds: of ``collide``.
        length: of ``collide``; ``published`` has a length of 1.
        dt: of the drift.
        average: of ``published``.
        motion: what collides: ``velocities``, or ``gradients``: then the forward pass is the plain
            one, and dL/dv collides on its way back, at the positions x.

    Attributes:
        share: of ``coll`` that is in force, from 0 to 1: for collisions that grow rarer.
        generator: of the random numbers; ``None`` for torch's own. torch.compile takes the latter
            only into one graph, and only they repeat in a recomputed forward pass.
        colliding: whether velocities collide in evaluation, too, without books or warnings: to be
            looked at, see ``looked_at``.
        books: of the first training step and of every tenth after it, the last of them; ``None``
            before and where a compiler listens.

    Raises:
        InputError: an argument does not fit; the message says which.
    """

    def __init__(
        self,
        particles: Particles | None = None,
        *,
        mode: str = "matched",
        coll: float = 1.0,
        rounds: int = 1,
        length: float | str = "rms",
        dt: float = 1.0,
        average: bool = False,
        motion: str = "velocities",
    ) -> None:
        super().__init__()
        self.particles = particles or Slices()
        self.mode = checked_mode(mode, RULES)
        self.coll = checked_number(coll, "coll", 0.0, *([1.0] if mode == "published" else []))
        self.rounds, self.length = checked_count(rounds, "rounds"), checked_length(length)
        self.dt, self.average = checked_number(dt, "dt", -torch.inf), average
        self.motion, self.share = _checked_motion(motion, mode), 1.0
        self.generator: torch.Generator | None = None
        self.colliding = False
        self._figures: Tensor | None = None
        self._steps = 0
        self._news = False
        self._shares: list[Tensor] = []
        self._warned: set[str] = set()

    def forward(self, x: Tensor, v: Tensor) -> Tensor:
        """The sum of x and v, of one shape."""
        if not (self.training or self.colliding) or self.mode == "off":
            return self._drifted(x, v)
        if self.motion == "gradients":
            return self._drifted(x, _Returning.apply(v, x.detach(), self))
        if self.mode == "published":
            return self._published(x, v)
        return self._drifted(x, self.collided(x, v))

    def collided(self, x: Tensor, v: Tensor) -> Tensor:
        """Velocities of the shape of v after collisions at positions x."""
        place, motion = self.particles.particles(x), self.particles.particles(v)
        if self._lonely(motion):
            return v
        outcome = collided(place, motion, coll=self.share * self.coll, rounds=self.rounds,
                           length=self.length, mode=self.mode,
                           generator=self.generator)  # fmt: skip
        self._watch(motion, outcome)
        return self.particles.restored(outcome.v, v.shape)

    def count_from(self, step: int) -> None:
        """Look into the books in every tenth step of a training, also after it was resumed."""
        self._steps = step

    def news(self) -> Ledger | None:
        """The books, if they were looked into since the last time they were asked for here."""
        news, self._news = self._news, False
        return self.books if news else None

    @property
    def examples_meet(self) -> str:
        """Why examples of a batch depend on each other; empty where they do not."""
        return "" if self.mode == "off" else str(getattr(self.particles, "examples_meet", ""))

    @property
    def books(self) -> Ledger | None:
        """Accepted share, partners, momentum and energy of the last step that was looked at."""
        return None if self._figures is None else Ledger(*self._figures.tolist())

    def extra_repr(self) -> str:
        """What the module is printed with."""
        return f"{self.particles}, mode={self.mode!r}, coll={self.coll:g}, rounds={self.rounds}"

    def _drifted(self, x: Tensor, v: Tensor) -> Tensor:
        return x + v if self.dt == 1 else x + self.dt * v

    def _published(self, x: Tensor, v: Tensor) -> Tensor:
        """The sum by the paper's rule."""
        place, motion = self.particles.particles(x), self.particles.particles(v)
        if self._lonely(motion):
            return self._drifted(x, v)
        moved, outcome = self.published(place, motion)
        self._watch(motion, outcome)
        return self.particles.restored(moved, x.shape)

    def published(self, x: Tensor, v: Tensor) -> tuple[Tensor, Outcome]:
        """Particles (B, n, d) after the paper's rule, which has them as columns."""
        groups, count, size = v.shape
        drawn = normal(wide(v.detach()), (groups, size, count * (count - 1) // 2), self.generator)
        directions = nn.functional.normalize(drawn, dim=1)
        moved, outcome = published_outcome(x.mT, v.mT, directions, self.share * self.coll,
                                           average=self.average, dt=self.dt)  # fmt: skip
        return moved.mT, outcome._replace(v=outcome.v.mT)

    def _lonely(self, motion: Tensor) -> bool:
        if motion.shape[1] > 1:
            return False
        self._warn("a group has a single particle, so nothing collides in this layer; "
                   "choose smaller particles")  # fmt: skip
        return True

    def _watch(self, v: Tensor, outcome: Outcome) -> None:
        """Write the books, and look once in a while whether all or nothing collides."""
        if torch.compiler.is_compiling() or self.colliding:
            return
        self._steps += 1
        if self._steps % EVERY != 1:
            return
        self._figures, self._news = balance(v, outcome), True
        if self.share < RARE:
            return
        self._shares.append(outcome.accepted.detach())
        if len(self._shares) < WATCHED:
            return
        share, self._shares = float(torch.stack(self._shares).mean()), []
        if share == 0 or share > NEARLY_ALL:
            what = "no pair has" if share == 0 else "nearly every pair has"
            self._warn(f"{what} collided in the last {EVERY * WATCHED} steps of this layer, which "
                       "mixes nothing by chance; choose another coll or length")  # fmt: skip

    def _warn(self, message: str) -> None:
        if torch.compiler.is_compiling() or self.colliding or message in self._warned:
            return
        self._warned.add(message)
        warnings.warn(message, RuntimeWarning, stacklevel=4)


class _Returning(torch.autograd.Function):
    """v itself; its gradient collides at positions x."""

    @staticmethod
    def forward(ctx: Any, v: Tensor, x: Tensor, step: KineticStep) -> Tensor:
        ctx.save_for_backward(x)
        ctx.step = step
        return v.view_as(v)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        (x,) = ctx.saved_tensors
        return ctx.step.collided(x, gradients[0]), None, None


def _checked_motion(motion: str, mode: str) -> str:
    if motion not in MOTIONS:
        raise InputError(
            f"no such motion {quoted(motion)}; {nearest(motion, list(MOTIONS))}", ("motion",)
        )
    if motion == "gradients" and mode == "published":
        raise InputError(
            "the published rule moves positions, too, and gradients have none; choose matched",
            ("motion",),
        )
    return motion


class KITIResidual(nn.Module):
    """x + f(x); while training the particles of f(x), as velocities at x, collide.

    Evaluation is the plain residual connection, bit for bit and at no cost. Parameters are those
    of f and of the shortcut, under the same names whatever the mode: ``mode="off"`` is the plain
    twin. Any branch is wrapped in three lines:

        from backend.models.kitinet import KITIResidual
        block = KITIResidual(nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64)))
        y = block(x)  # (..., 64); for maps (B, C, points...): KITIResidual(f, Map())

    Args:
        f: the branch; its answer has the shape of the shortcut's.
        particles: as of ``KineticStep``.
        shortcut: what x goes through on its way past f; ``None`` for nothing.
        options: of ``KineticStep``.

    References:
        Feng et al. 2025, arXiv 2505.17919. Pairs collide elastically here, which that code's do
        not; whether collisions help a training is open, and the plain twin is there to be asked.
    """

    def __init__(
        self,
        f: nn.Module,
        particles: Particles | None = None,
        *,
        shortcut: nn.Module | None = None,
        **options: float | str | bool,
    ) -> None:
        super().__init__()
        self.f = f
        self.shortcut = nn.Identity() if shortcut is None else shortcut
        self.step = KineticStep(particles, **options)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """What f answers, added to x."""
        return self.step(self.shortcut(x), self.f(x))


def kinetic_steps(module: nn.Module) -> dict[str, KineticStep]:
    """All residual connections of a module whose velocities can collide, by name."""
    return {name: part for name, part in module.named_modules() if isinstance(part, KineticStep)}


@contextmanager
def looked_at(module: nn.Module, generator: torch.Generator) -> Iterator[dict[str, KineticStep]]:
    """Let all of them collide in evaluation, as in training, and leave no trace.

    Args:
        module: in evaluation mode.
        generator: of the random numbers, on the module's device.
    """
    steps = kinetic_steps(module)
    before = {name: step.generator for name, step in steps.items()}
    for step in steps.values():
        step.generator, step.colliding = generator, True
    try:
        yield steps
    finally:
        for name, step in steps.items():
            step.generator, step.colliding = before[name], False


def seed_steps(module: nn.Module, generator: torch.Generator | None) -> None:
    """Let all of them draw from one generator, ``None`` for torch's own random numbers."""
    for step in kinetic_steps(module).values():
        step.generator = generator
