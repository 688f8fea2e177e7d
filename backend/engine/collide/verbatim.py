"""The collision of the paper's public code, with its faults: for comparison only."""

import torch
from torch import Tensor

from ...errors import InputError
from .checked import check_device, checked_number, checked_pair, checked_tensor
from .ledger import Outcome
from .numbers import wide

AXES = ("batch", "coordinates", "particles")


def published(
    x: Tensor,
    v: Tensor,
    directions: Tensor,
    coll: float,
    *,
    average: bool = True,
    dt: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Positions and velocities after the published rule, which keeps momentum but no energy.

    A pair i < j collides if g_ij/g_max exp(-D_ij) > 1 - c, all such pairs at once:

        v_j' += (v_j - v_i)/2 + g_ij r_ij,   v_i' += (v_i - v_j)/2 - g_ij r_ij,
        x_j  <- (x_j + sum_i M_ij (x_i + x_j)/2)/(1 + deg_j)   with ``average``,
        x'    = x + dt v'.

    Against the elastic collision the difference v_j - v_i has the other sign and g r lacks a half:
    the relative energy of a lone pair grows eightfold in the mean. Only pairs that collide are
    gathered, where the public code makes several (B, d, n, n).

    Args:
        x: positions (B, d, n), columns are particles.
        v: velocities of the same shape.
        directions: r_ij (B, d, n (n - 1)/2), unit vectors, in the order 01, 02, .., 12, ...
        coll: c from 0 to 1.
        average: whether positions are averaged first, as in its second version.
        dt: of the drift.

    Returns:
        x' and v', differentiable in ``x`` and ``v``.

    Raises:
        InputError: an argument does not fit; the message says which.

    References:
        Feng et al. 2025, arXiv 2505.17919; the rule is that of the code, not of the text.
    """
    place, outcome = published_outcome(x, v, directions, coll, average=average, dt=dt)
    return place, outcome.v


def published_outcome(
    x: Tensor,
    v: Tensor,
    directions: Tensor,
    coll: float,
    *,
    average: bool = True,
    dt: float = 1.0,
) -> tuple[Tensor, Outcome]:
    """x' of ``published``, and v' with the share of pairs that met; all (B, d, n)."""
    x, v = checked_pair(x, v, AXES)
    coll, dt = checked_number(coll, "coll", 0.0, 1.0), checked_number(dt, "dt", -torch.inf)
    checked_tensor(directions, "directions", "directions", (*AXES[:2], "pairs"))
    count = v.shape[2]
    wanted = (*v.shape[:2], count * (count - 1) // 2)
    if tuple(directions.shape) != wanted:
        raise InputError(
            f"there is one direction for every pair, {wanted}, found shape "
            f"{tuple(directions.shape)}",
            ("directions",),
        )
    check_device(directions, "directions", x, "x")
    with torch.autocast(v.device.type, enabled=False):
        place, moving, turned = wide(x), wide(v).mT.contiguous(), wide(directions)
        met = pairs_met(place.detach().mT.contiguous(), moving.detach(), coll)
        after = _kicked(moving, turned, met).mT
        place = _averaged(place, met.to(place.dtype)) if average else place
        moved, after = (place + dt * after).to(x.dtype), after.to(v.dtype)
    share = met.sum() / max(1, len(v) * count * (count - 1))
    return moved, Outcome(after, share, share * max(0, count - 1))


def pairs_met(x: Tensor, v: Tensor, coll: float) -> Tensor:
    """Which pairs collide (B, n, n), of rows (B, n, d): symmetric, none with itself."""
    if v.shape[1] < 2:
        return torch.zeros(len(v), v.shape[1], v.shape[1], dtype=torch.bool, device=v.device)
    mode = "donot_use_mm_for_euclid_dist"
    distance = torch.cdist(x, x, compute_mode=mode)
    speed = torch.cdist(v, v, compute_mode=mode)
    # With all velocities equal this is 0/0, and NaN is above no threshold.
    return speed / speed.amax((1, 2), keepdim=True) * torch.exp(-distance) > 1 - coll


def _kicked(v: Tensor, directions: Tensor, met: Tensor) -> Tensor:
    """Rows (B, n, d) with what every colliding pair adds to its two."""
    count, coordinates = v.shape[1:]
    first, second = torch.triu_indices(count, count, 1, device=v.device)
    sample, pair = met[:, first, second].nonzero(as_tuple=True)
    one, other = sample * count + first[pair], sample * count + second[pair]
    rows = v.reshape(-1, coordinates)
    relative = rows.index_select(0, other) - rows.index_select(0, one)
    speed = torch.linalg.vector_norm(relative, dim=-1, keepdim=True)
    kick = 0.5 * relative + speed * directions[sample, :, pair]
    return rows.index_add(0, other, kick).index_add(0, one, -kick).view_as(v)


def _averaged(x: Tensor, met: Tensor) -> Tensor:
    """Columns (B, d, n), each in the middle of itself and its midpoints with its partners."""
    degree = met.sum(1, keepdim=True)
    return (x * (1 + 0.5 * degree) + 0.5 * (x @ met)) / (1 + degree)
