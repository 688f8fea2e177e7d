"""One collision in every layer, for one example: what a learner sees of the gas.

What is shown is computed by the operator that trains: its pairs, probabilities and outcomes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from ...engine.collide import Ledger, ledger, pairs_torch, published_outcome
from ...engine.collide.acceptance import probability
from ...engine.collide.collisions import collided
from ...view import View
from .residual import KineticStep, kinetic_steps

PARTICLES = 48
"""At most so many are shown of a layer."""

LAYERS = 8
SEED = 1
"""Of the collisions that are shown, so that those of two epochs can be compared."""

PUBLISHED = 0.9
"""c of the published rule, to which the energies are compared; the value of its code."""

Arrays = dict[str, np.ndarray]


def portrait(network: nn.Module, x: Tensor) -> View | None:
    """The particles of the first group of every layer, before and after a round of collisions.

    Args:
        network: holds ``KineticStep``; looked at as in evaluation.
        x: a batch of one example.

    Returns:
        ``None`` where nothing collides, else a view ``particles`` with, for L layers and n
        particles, padded by NaN where a layer has fewer: ``place``, ``before`` and ``after``
        (L, n, 2), positions and velocities along two axes; ``pairs`` (L, n / 2, 2), numbers of
        particles; ``probability`` and ``accepted`` (L, n / 2); ``rotated`` (L, n / 2), by which
        angle a pair's relative velocity has turned [rad]; ``books`` (L, 4): energy after over
        before and the error of momentum of this round, and both by the published rule.
    """
    with _looking(network) as seen, torch.no_grad():
        network(x)
    layers = [layer for step, place, motion in seen[:LAYERS]
              if (layer := _layer(step, place, motion)) is not None]  # fmt: skip
    if not layers:
        return None
    step = seen[0][0]
    header = {
        "rule": step.mode,
        "coll": step.coll,
        "motion": step.motion,
        "layers": len(seen),
        "particles": [int(layer["sizes"][0]) for layer in layers],
        "coordinates": [int(layer["sizes"][1]) for layer in layers],
        "groups": [int(layer["sizes"][2]) for layer in layers],
        "explained": [round(float(layer["explained"]), 3) for layer in layers],
    }
    names = ("place", "before", "after", "pairs", "probability", "accepted", "rotated", "books")
    return View("particles", {name: _stacked([each[name] for each in layers]) for name in names},
                header)  # fmt: skip


@contextmanager
def _looking(network: nn.Module) -> Iterator[list[tuple[KineticStep, Tensor, Tensor]]]:
    """Note what every step is given, in evaluation, so that nothing is drawn or written."""
    seen: list[tuple[KineticStep, Tensor, Tensor]] = []

    def note(step: nn.Module, given: tuple[Tensor, Tensor]) -> None:
        assert isinstance(step, KineticStep)
        seen.append((step, given[0].detach(), given[1].detach()))

    training = network.training
    hooks = [step.register_forward_pre_hook(note) for step in kinetic_steps(network).values()
             if step.mode != "off"]  # fmt: skip
    network.eval()
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()
        network.train(training)


def _layer(step: KineticStep, place: Tensor, motion: Tensor) -> Arrays | None:
    x, v = (step.particles.particles(each).double().cpu() for each in (place, motion))
    if not len(x) or x.shape[1] < 2 or not bool(v[:1].isfinite().all()):
        return None
    groups, (x, v) = len(x), (x[:1], v[:1])
    count, coordinates = x.shape[1:]
    generator = torch.Generator().manual_seed(SEED)
    order = torch.rand(1, count, generator=generator).argsort(1)
    half = min(count // 2, PARTICLES // 2)
    pairs = torch.stack((order[0, : count // 2], order[0, count // 2 : 2 * (count // 2)]), 1)
    direction = torch.randn(1, count // 2, coordinates, generator=generator, dtype=torch.double)
    drawn = torch.rand(1, count // 2, generator=generator, dtype=torch.double)
    after, accepted = pairs_torch.meet(v, x, order, direction, drawn, step.coll, step.length)
    relative = [
        v[0, pairs[:, 0]] - v[0, pairs[:, 1]],
        after[0, pairs[:, 0]] - after[0, pairs[:, 1]],
    ]
    distance = torch.linalg.vector_norm(x[0, pairs[:, 0]] - x[0, pairs[:, 1]], dim=-1)
    chance = probability(relative[0].norm(dim=-1)[None], distance[None], step.coll, step.length)[0]
    cosine = (normalize(relative[0], dim=-1) * normalize(relative[1], dim=-1)).sum(-1)
    shown = pairs[:half].flatten()
    axes, middle, explained = _axes(x[0], v[0])
    return {
        "place": ((x[0] - middle) @ axes)[shown].numpy(),
        "before": (v[0] @ axes)[shown].numpy(),
        "after": (after[0] @ axes)[shown].numpy(),
        "pairs": np.arange(2 * half).reshape(half, 2).astype(np.float64),
        "probability": chance[:half].numpy(),
        "accepted": accepted[0, :half].double().numpy(),
        "rotated": cosine[:half].clamp(-1, 1).arccos().numpy(),
        "books": _books(step, x, v, generator),
        "sizes": np.array([count, coordinates, groups]),
        "explained": np.array(explained),
    }


def _axes(x: Tensor, v: Tensor) -> tuple[Tensor, Tensor, float]:
    """Two orthonormal directions (d, 2) along which most is seen, the middle, and the share seen.

    Of positions about their middle and of velocities, each in the unit of its own size.
    """
    middle = x.mean(0)
    parts = [each / each.square().mean().sqrt().clamp(min=1e-300) for each in (x - middle, v)]
    if x.shape[1] == 1:
        return torch.eye(1, 2, dtype=x.dtype), middle, 1.0
    if x.shape[1] == 2:
        return torch.eye(2, dtype=x.dtype), middle, 1.0
    values, vectors = torch.linalg.eigh(torch.cat(parts).mT @ torch.cat(parts))
    axes = vectors[:, [-1, -2]]
    axes = axes * axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
    return axes, middle, float(values[-2:].sum() / values.sum().clamp(min=1e-300))


def _books(step: KineticStep, x: Tensor, v: Tensor, generator: torch.Generator) -> np.ndarray:
    """Energy ratio and momentum error of the step's own rule and of the published one."""
    if step.mode == "published":
        own = _published(x, v, step.coll, generator)
    else:
        own = ledger(v, collided(x, v, coll=step.coll, rounds=step.rounds, length=step.length,
                                 mode=step.mode, generator=generator))  # fmt: skip
    kept = own, _published(x, v, PUBLISHED, generator)
    return np.array([value for books in kept for value in (books.energy, books.momentum)])


def _published(x: Tensor, v: Tensor, coll: float, generator: torch.Generator) -> Ledger:
    """Of particles (1, n, d), of no more than are shown twice: all pairs take much memory."""
    x, v = x[:, : 2 * PARTICLES], v[:, : 2 * PARTICLES]
    count, size = v.shape[1:]
    drawn = torch.randn(1, size, count * (count - 1) // 2, generator=generator, dtype=v.dtype)
    _, found = published_outcome(x.mT, v.mT, normalize(drawn, dim=1), coll)
    return ledger(v, found._replace(v=found.v.mT))


def _stacked(parts: list[np.ndarray]) -> np.ndarray:
    """Layers with NaN where one has fewer rows than another."""
    rows = max(len(part) for part in parts)
    out = np.full((len(parts), rows, *parts[0].shape[1:]), np.nan, np.float32)
    for row, part in zip(out, parts, strict=True):
        row[: len(part)] = part
    return out
