"""What a learner sees of a network with collisions: particles of every layer, books, neurons.

Particles of more than two coordinates are shown along the first two principal axes of their
positions. All arrays are float32 unless they say otherwise; those of layer k end in ``_k``.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ...engine.collide import Meeting
from .condensation import layer_rows, leading_order, row_condensation, similarity
from .film import Film, Pass, accounts, film, passes, published_accounts

SEED = 20_250_517
"""Of the collisions that are looked at: the same at every epoch, so that weights alone differ."""

LAYERS = 8
"""At most so many layers are shown, from the first on."""

PAIRS = 400
"""Of more candidate pairs those that collided are shown, then the most probable."""

DRAWS = 16
"""Training passes beside one of evaluation."""

OUTPUTS = 64
"""Numbers of a model's answer that are shown."""

MATRICES = 12
"""At most so many weights are looked at for condensation, spread over the network."""

NEURONS, PICTURED = 128, 64
"""Rows of a weight that are looked at, and that are pictured: more are thinned out evenly."""

Arrays = dict[str, np.ndarray]


class Plane(NamedTuple):
    """Where particles of d coordinates are shown.

    Args:
        axes: (G, d, 2); both coordinates themselves where there are no more.
        middle: the origin, (G, 1, d).
        share: of the variance of positions along the axes, the mean of all groups.
    """

    axes: Tensor
    middle: Tensor
    share: float

    def of(self, rows: Tensor) -> Tensor:
        """Positions (..., d) in the plane, (..., 2)."""
        return (rows.double() - self.middle) @ self.axes

    def along(self, rows: Tensor) -> Tensor:
        """Velocities, which have no origin."""
        return rows.double() @ self.axes


def plane_of(place: Tensor) -> Plane:
    """The plane of positions (G, n, d) that shows most of their variance."""
    groups, _, size = place.shape
    rows = place.double()
    if size <= 2:
        axes = torch.eye(size, 2, dtype=torch.double, device=place.device).expand(groups, -1, -1)
        return Plane(axes, torch.zeros_like(rows[:, :1]), 1.0)
    middle = rows.mean(1, keepdim=True)
    _, spread, directions = torch.linalg.svd(rows - middle, full_matrices=False)
    axes = directions[:, :2].mT
    if axes.shape[2] < 2:
        axes = nn.functional.pad(axes, (0, 2 - axes.shape[2]))
    largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
    power = spread.square()
    total = power.sum(1)
    shares = torch.where(total > 0, power[:, :2].sum(1) / total, torch.ones_like(total))
    return Plane(axes * torch.where(largest < 0, -1.0, 1.0), middle, float(shares.mean()))


@torch.no_grad()
def particles(model: nn.Module, x: Tensor) -> tuple[Arrays, dict[str, Any]]:
    """Particles of every layer for examples x (E, ...), the books, and training beside evaluation.

    Args:
        model: in evaluation mode.
        x: inputs as ``forward`` takes them, on the model's device.

    Returns:
        Arrays of layer k: ``place_k`` (E, n, 4), positions before and after the drift;
        ``motion_k`` (E, R + 1, n, 2), velocities before and after every round; ``pairs_k`` (E, R,
        P, 4), two particles, probability, and 1 where it collided; ``draws_k`` (M, n, 2), where the
        particles of the first example went in M training passes that differ by chance alone.
        ``ledger`` (L, R + 1, 8): accepted share, partners, momentum error and energy ratio of the
        rule, then of the published one, NaN where it was too large. ``mean_error`` (L,): the
        largest difference of a channel's mean between these passes and evaluation, over its rms.
        ``outputs`` (M + 1, K): the first numbers of the answer to the first example, of evaluation
        first. And words about the layers.
    """
    seen, _ = passes(model, x, _stream(x))
    seen = seen[:LAYERS]
    arrays: Arrays = {}
    layers, books, errors = [], [], []
    for k, one in enumerate(seen):
        shown, plane = film(one), plane_of(one.place)
        arrays |= {f"{name}_{k}": values for name, values in _pictured(shown, plane).items()}
        drawn, error = _draws(one)
        arrays[f"draws_{k}"] = _single(_on_first(plane, drawn))
        errors.append(error)
        books.append(_books(one, shown))
        _, count, size = one.place.shape
        layers.append({"name": one.name, "particles": count, "coordinates": size,
                       "share": plane.share})  # fmt: skip
    if seen:
        arrays["ledger"] = np.array(books, np.float32)
        arrays["mean_error"] = np.array(errors, np.float32)
    arrays["outputs"] = _answers(model, x)
    step = seen[0].step if seen else None
    rule = {"rule": step.mode, "coll": step.coll, "rounds": step.rounds} if step else {}
    return arrays, {"layers": layers, "examples": len(x), **rule}


def _stream(x: Tensor) -> torch.Generator:
    return torch.Generator(x.device).manual_seed(SEED)


def _single(values: Tensor) -> np.ndarray:
    return values.cpu().numpy().astype(np.float32)


def _pictured(shown: Film, plane: Plane) -> Arrays:
    places = torch.cat((plane.of(shown.place), plane.of(shown.after)), -1)
    motion = torch.stack([plane.along(v) for v in shown.motion], 1)
    groups = len(shown.place)
    rounds = [_pairs(met) for met in shown.meetings]
    pairs = torch.stack(rounds, 1) if rounds else torch.zeros(groups, 0, 0, 4)
    return {"place": _single(places), "motion": _single(motion), "pairs": _single(pairs)}


def _pairs(met: Meeting) -> Tensor:
    """(G, P, 4): two particles, probability, and whether they collided."""
    order = (met.accepted.double() + met.probability.clamp(0, 1) / 2).argsort(1, descending=True)
    chosen = order[:, :PAIRS]
    columns = (met.first, met.second, met.probability, met.accepted)
    return torch.stack([each.gather(1, chosen).double() for each in columns], -1)


def _draws(one: Pass) -> tuple[Tensor, float]:
    """Positions (M, n, d) after training passes of the first example, and the error of means."""
    step, many = one.step, (DRAWS, *[1] * (one.x.dim() - 1))
    if one.x.shape[0] != one.place.shape[0]:  # tokens: several groups an example
        return one.place[:1], 0.0
    first = Pass(one.name, step, one.x[:1].repeat(many), one.v[:1].repeat(many), one.state)
    after = film(first).after
    plain = one.place[:1].double() + step.dt * one.motion[:1].double()
    moved = (after.double().mean(1) - plain.mean(1)).abs().amax()
    size = plain.square().mean().sqrt()
    return after, float(moved / size) if size > 0 else float(moved)


def _on_first(plane: Plane, rows: Tensor) -> Tensor:
    return Plane(plane.axes[:1], plane.middle[:1], plane.share).of(rows)


def _books(one: Pass, shown: Film) -> list[list[float]]:
    """(R + 1, 8), see ``particles``."""
    own = [list(each) for each in accounts(shown)]
    own += [own[-1]] * (one.step.rounds + 1 - len(own))  # the published rule has no rounds
    beside = [list(each) for each in published_accounts(one, one.step.rounds)]
    beside = beside or [[float("nan")] * 4] * len(own)
    return [a + b for a, b in zip(own, beside, strict=True)]


def _answers(model: nn.Module, x: Tensor) -> np.ndarray:
    plain = model(x[:1]).flatten(1)[:, :OUTPUTS]
    many = x[:1].repeat(DRAWS, *[1] * (x.dim() - 1))
    _, drawn = passes(model, many, _stream(x))
    return _single(torch.cat((plain, drawn.flatten(1)[:, :OUTPUTS])))


@torch.no_grad()
def neurons_of(model: nn.Module) -> tuple[Arrays, dict[str, Any]]:
    """How the neurons of every weight agree, now.

    Returns:
        ``condensation`` (K, 5), the figures of ``Condensation``; ``cosines`` (K, S, S) as bytes
        from 0 to 255, |cos| of neurons by the leading eigenvector of all that were looked at, 0
        beyond ``weights`` of the header, which says ``name``, ``rows``, how many were ``looked`` at
        and are ``shown``.
    """
    found = layer_rows(model)
    chosen = _spread(list(found), MATRICES)
    figures, pictures, words = [], [], []
    for name in chosen:
        rows = found[name]
        looked = rows[_evenly(len(rows), NEURONS)]
        figures.append([float(each) for each in row_condensation(looked)])
        similar = similarity(looked)
        order = leading_order(similar)
        order = order[_evenly(len(order), PICTURED)]
        picture = similar[order][:, order]
        pictures.append(nn.functional.pad(picture, [0, PICTURED - len(picture)] * 2))
        words.append({"name": name, "rows": len(rows), "looked": len(looked),
                      "shown": len(picture)})  # fmt: skip
    if not chosen:
        return {}, {"weights": []}
    levels = (255 * torch.stack(pictures)).round().to(torch.uint8)
    arrays = {"condensation": np.array(figures, np.float32), "cosines": levels.numpy()}
    return arrays, {"weights": words}


def _evenly(count: int, most: int) -> Tensor:
    """Places of at most so many of a row, evenly spaced, both ends among them."""
    return torch.linspace(0, max(0, count - 1), min(count, most), dtype=torch.double).round().long()


def _spread(names: Sequence[str], most: int) -> list[str]:
    return [names[int(place)] for place in _evenly(len(names), most)]
