"""Whether a circuit of the fast class can have more than one steady state, by its conductances.

The Jacobian of the currents that leave the free nodes is sum_e s_e M_e, where M_e says where device
e senses and conducts and low_e <= s_e <= high_e whatever the voltages are (``DeviceLaw.span``). Two
conditions on all matrices of this family exclude a second zero:

* their symmetric part is positive definite, which holds if

      sum_e min(low_e, high_e by each eigenvalue of sym M_e) > 0,

  so that the currents are a strongly monotone function of the voltages (Minty 1962);
* they are diagonally dominant after a scaling of the columns, so that every one has an inverse.

i(v) - i(w) = A (v - w), where A is the mean of the Jacobians between w and v and one of the family:
no two zeros where all of it have an inverse. Both conditions are sufficient and not necessary.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ..circuit.compile import CompiledCircuit, SliceField
from ..circuit.kind_group import KindGroup
from ..solvers.rest import dominant

MONOTONE = "its currents are a monotone function of its voltages, whatever these are"
DOMINANT = "its conductances are diagonally dominant, whatever its voltages are"


class _Ends(NamedTuple):
    """Of n devices: rows of the source, of the target and of where the current leaves; bounds."""

    source: Tensor
    target: Tensor
    leaves: Tensor
    by_source: Tensor
    by_target: Tensor
    low: Tensor
    high: Tensor


@torch.no_grad()
def proof(compiled: CompiledCircuit, held: tuple[str, ...] | None = None) -> str:
    """Why a circuit has at most one steady state, whatever its held voltages; empty if unknown.

    Args:
        compiled: the circuit, of one slice.
        held: ids of the nodes that are held, by default the input nodes; driven ones are, too.
    """
    circuit = compiled.circuit
    (field,) = compiled.fields()
    ends = _ends(field)
    if ends is None:
        return ""
    fixed = {*(circuit.inputs if held is None else held), *circuit.driven}
    size = compiled.node_count + 1
    free = torch.tensor([row for name, row in compiled.rows.items() if name not in fixed])
    if not len(free):
        return ""
    if _monotone(ends, size, free):
        return MONOTONE
    return DOMINANT if _dominant(ends, size, free) else ""


def _ends(field: SliceField) -> _Ends | None:
    parts: list[_Ends] = []
    for group in field.kinds():
        found = _of_kind(group)
        if found is None:
            return None
        parts.append(found)
    if not parts:
        return None
    return _Ends(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _of_kind(group: KindGroup) -> _Ends | None:
    span = group.law.span(group.values())
    if span is None:
        return None
    rows = span.by_source.reshape(-1).to("cpu", torch.float64)
    bounds = [
        torch.as_tensor(bound).to("cpu", torch.float64).reshape(-1).expand_as(rows)
        for bound in (span.low, span.high)
    ]
    places = (group.source.cpu(), group.target.cpu(), group.leaves.cpu())
    return _Ends(*places, rows, span.by_target.reshape(-1).to(rows), *bounds)


def _monotone(ends: _Ends, size: int, free: Tensor) -> bool:
    """Whether the least symmetric part is positive definite."""
    known = torch.zeros(size, dtype=torch.bool)
    known[free] = True
    local = _local(ends, known)
    values, vectors = torch.linalg.eigh(0.5 * (local + local.mT))
    least = torch.minimum(ends.low[:, None] * values, ends.high[:, None] * values)
    blocks = (vectors * least[:, None, :]) @ vectors.mT
    total = torch.zeros(size * size, dtype=torch.float64)
    rows = torch.stack([ends.source, ends.target, ends.leaves], 1)
    places = rows[:, :, None] * size + rows[:, None, :]
    total.index_add_(0, places.reshape(-1), blocks.reshape(-1))
    matrix = total.view(size, size)[free][:, free]
    rounding = 1e-12 * float(matrix.abs().sum(1).max())
    poles = torch.linalg.eigvalsh(matrix)
    return bool(poles.min() > max(rounding, 0.0))


def _local(ends: _Ends, free: Tensor) -> Tensor:
    """M_e (n, 3, 3) by source, target and leaving row, 0 where these are not free.

    Where the current leaves the source itself the third row is empty.
    """
    out = torch.zeros(len(ends.source), 3, 3, dtype=torch.float64)
    own = ends.leaves == ends.source
    for column, value in ((0, ends.by_source), (1, ends.by_target)):
        out[:, 0, column] += torch.where(own, value, 0.0)
        out[:, 2, column] += torch.where(own, 0.0, value)
        out[:, 1, column] -= value
    kept = torch.stack([free[ends.source], free[ends.target], free[ends.leaves] & ~own], 1)
    return out * (kept[:, :, None] & kept[:, None, :])


def _dominant(ends: _Ends, size: int, free: Tensor) -> bool:
    """Whether the least diagonal outweighs the largest entries beside it."""
    low, high = torch.zeros(2, size * size, dtype=torch.float64)
    for column, value in ((ends.source, ends.by_source), (ends.target, ends.by_target)):
        one, other = ends.low * value, ends.high * value
        least, most = torch.minimum(one, other), torch.maximum(one, other)
        low.index_add_(0, ends.leaves * size + column, least)
        high.index_add_(0, ends.leaves * size + column, most)
        low.index_add_(0, ends.target * size + column, -most)
        high.index_add_(0, ends.target * size + column, -least)
    bounds = [part.view(size, size)[free][:, free][None] for part in (low, high)]
    largest = torch.maximum(bounds[0].abs(), bounds[1].abs())
    return bool(dominant(bounds[0], largest)[0])
