"""How much the neurons of a layer point into few directions.

A neuron is a row of [W | b]; for a spectral convolution the complex vector of all wavenumbers of
an (in, out) pair. Whether collisions raise or lower condensation is disputed: Feng et al. 2025
claim the former (arXiv 2505.17919), their sister paper the latter (arXiv 2505.14777).
"""

from typing import NamedTuple

import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor, nn

from ...errors import InputError
from ..baselines.fno import SpectralConvolution

ALIGNED = 0.9
"""Size of a cosine above which two neurons count as one."""


class Condensation(NamedTuple):
    """How much neurons agree; of neurons whose row is 0 only ``gini`` speaks.

    Args:
        cosine: mean |cos| of two neurons; NaN for fewer than two.
        aligned: share of pairs with |cos| > 0.9; NaN for fewer than two.
        rank: effective rank exp H(s^2 / sum s^2) of the rows of norm 1, H the entropy [nats] of
            their singular values; between 1 and the number of neurons.
        clusters: groups of neurons that |cos| > 0.9 links, the links of links included.
        gini: Gini coefficient of the norms of all rows: 0 if all are equal, near 1 if one has all.
    """

    cosine: float
    aligned: float
    rank: float
    clusters: int
    gini: float


def condensation(weight: Tensor, bias: Tensor | None = None) -> Condensation:
    """The figures of one layer.

    Args:
        weight: (neurons, inputs...), real or complex.
        bias: (neurons,), which belongs to the rows.

    Raises:
        InputError: no rows, or numbers that are not finite.
    """
    return row_condensation(neurons(weight, bias))


def row_condensation(rows: Tensor) -> Condensation:
    """The figures of rows (neurons, numbers) as ``neurons`` gives them."""
    similar = similarity(rows)
    count = len(similar)
    off = ~torch.eye(count, dtype=torch.bool)
    pairs, links = similar[off], similar > ALIGNED
    clusters = int(connected_components(links.numpy(), directed=False)[0]) if count else 0
    return Condensation(
        cosine=float(pairs.mean()) if count > 1 else float("nan"),
        aligned=float((pairs > ALIGNED).double().mean()) if count > 1 else float("nan"),
        rank=_effective_rank(_directions(rows)),
        clusters=clusters,
        gini=gini(torch.linalg.vector_norm(rows, dim=1)),
    )


def condensations(module: nn.Module) -> dict[str, Condensation]:
    """The figures of every linear, convolutional and spectral layer, by name."""
    return {name: row_condensation(rows) for name, rows in layer_rows(module).items()}


def layer_rows(module: nn.Module) -> dict[str, Tensor]:
    """``neurons`` of every linear, convolutional and spectral layer, by name."""
    found: dict[str, Tensor] = {}
    for name, part in module.named_modules():
        if isinstance(part, SpectralConvolution):
            modes = torch.view_as_complex(part.weight.detach())  # (corners, in, out, modes...)
            found[name] = neurons(modes.movedim(0, 2).flatten(0, 1))
        elif isinstance(part, nn.Linear | nn.Conv1d | nn.Conv2d):
            found[name] = neurons(part.weight, part.bias)
    return found


@torch.no_grad()
def neurons(weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Rows [W | b] (neurons, numbers) in double precision, on the processor.

    Raises:
        InputError: no rows, or numbers that are not finite.
    """
    if weight.dim() < 2 or (bias is not None and bias.shape != weight.shape[:1]):
        shapes = tuple(weight.shape), None if bias is None else tuple(bias.shape)
        raise InputError(
            f"a layer has weights (neurons, inputs...) and a bias (neurons,), found {shapes[0]} "
            f"and {shapes[1]}",
            ("weight",),
        )
    parts = [weight.detach().flatten(1), *([] if bias is None else [bias.detach()[:, None]])]
    kind = torch.complex128 if weight.is_complex() else torch.double
    rows = torch.cat([part.to("cpu", kind) for part in parts], 1)
    if not bool(torch.isfinite(rows).all()):
        raise InputError("some numbers are not finite; the training has diverged", ("weight",))
    return rows


def similarity(rows: Tensor) -> Tensor:
    """|cos| of all pairs of rows that are not 0, (n, n); of complex rows |<a, b>|/(|a| |b|)."""
    directions = _directions(rows)
    return (directions @ directions.mH).abs()


def leading_order(similar: Tensor) -> Tensor:
    """The order of neurons (n,) by their entry in the leading eigenvector, largest first.

    So sorted, groups of similar neurons are blocks of a picture of the similarities.
    """
    if not len(similar):
        return torch.empty(0, dtype=torch.int64)
    leading = torch.linalg.eigh(similar)[1][:, -1]
    return (leading * leading.sum().sign()).argsort(descending=True)


def gini(values: Tensor) -> float:
    """Gini coefficient of numbers that are not negative, (n,); 0 where all are 0."""
    ordered, total = values.sort()[0], float(values.sum())
    if not total:
        return 0.0
    count = len(values)
    ranks = torch.arange(1, count + 1, dtype=values.dtype)
    return float(((2 * ranks - count - 1) * ordered).sum()) / (count * total)


def _directions(rows: Tensor) -> Tensor:
    """Rows of norm 1, without those that are 0."""
    # The largest entry first: squares of tiny ones would vanish.
    largest = rows.abs().amax(1, keepdim=True)
    kept = rows[largest[:, 0] > 0] / largest[largest[:, 0] > 0]
    return kept / torch.linalg.vector_norm(kept, dim=1, keepdim=True)


def _effective_rank(directions: Tensor) -> float:
    if not len(directions):
        return 0.0
    shares = torch.linalg.svdvals(directions).square() / len(directions)
    return float(torch.exp(torch.special.entr(shares).sum()))
