"""Random fused circuits and their trajectories in plain float64 torch, differentiated by autograd.

The oracle knows the laws (``law.current``, ``law.conductances``) and Kirchhoff's current law; of
the kernels' order, tiles and packed terms it knows nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from backend.devices import DEVICES, FusedLaw
from backend.engine.circuit import op
from backend.engine.circuit.march_cpu import Segment
from backend.engine.circuit.plan import Part, Plan
from backend.engine.tableaus import ButcherTableau
from backend.solvers import explicit_methods

FUSED = [kind for kind, law in DEVICES.items() if issubclass(law, FusedLaw)]
SMOOTH = [kind for kind in FUSED if DEVICES[kind].smooth]
KINKED = [kind for kind in FUSED if not DEVICES[kind].smooth]
METHODS = list(explicit_methods())

VALUES, SMOOTH_GRADIENTS, KINKED_GRADIENTS = 1e-5, 1e-5, 1e-4
"""Errors allowed, of the largest entry. At the kink of relu the slope jumps: where float32 and
float64 see a device on different sides of it, that device's share of the gradient differs whole."""

SEGMENTS = (Segment(0, 3, 0.4), Segment(1, 4, 0.5), Segment(0, 2, 0.3))


def law_of(kind: str) -> type[FusedLaw]:
    law = DEVICES[kind]
    assert issubclass(law, FusedLaw)
    return law


def allowed(kinds: Sequence[str]) -> float:
    return KINKED_GRADIENTS if set(kinds) & set(KINKED) else SMOOTH_GRADIENTS


@dataclass
class Problem:
    """Slices over the same nodes, their parameters slice after slice, and a start (N, B)."""

    plans: list[Plan]
    params: list[Tensor]
    v0: Tensor

    def leaves(self, dtype: torch.dtype = torch.float32) -> list[Tensor]:
        """Start and parameters anew, as leaves of a graph."""
        tensors = [self.v0, *self.params]
        return [tensor.detach().to(dtype).clone().requires_grad_() for tensor in tensors]


def plan_of(
    source: Tensor, target: Tensor, kinds: Sequence[str], inverse: Tensor, each: int
) -> Plan:
    """Kind after kind, ``each`` devices of every one."""
    parts = [Part(law_of(k), i * each, (i + 1) * each) for i, k in enumerate(kinds)]
    return Plan(source, target, tuple(parts), len(inverse), inverse.double())


def problem(
    kinds: Sequence[str],
    nodes: int = 6,
    each: int = 8,
    batch: int = 70,
    slices: int = 2,
    seed: int = 0,
) -> Problem:
    """Random wirings with ground edges, parallel devices and unequal capacitances."""
    g = torch.Generator().manual_seed(seed)
    inverse = torch.rand(nodes, generator=g) + 0.5
    plans: list[Plan] = []
    params: list[Tensor] = []
    for _ in range(slices):
        count = each * len(kinds)
        source = torch.randint(0, nodes + 1, (count,), generator=g)
        target = (source + torch.randint(1, nodes + 1, (count,), generator=g)) % (nodes + 1)
        source[1::5], target[1::5] = (
            target[: count - 1 : 5].clone(),
            source[: count - 1 : 5].clone(),
        )
        plans.append(plan_of(source, target, kinds, inverse, each))
        for kind in kinds:
            params += [torch.randn(each, 1, generator=g) * 0.4 for _ in DEVICES[kind].params]
    return Problem(plans, params, torch.randn(nodes, batch, generator=g))


def by_slice(plans: Sequence[Plan], params: Sequence[Tensor]) -> list[list[Tensor]]:
    rest = iter(params)
    return [[next(rest) for part in plan.parts for _ in part.law.params] for plan in plans]


def _devices(
    plan: Plan, params: Sequence[Tensor]
) -> Iterator[tuple[Part, Tensor, Tensor, dict[str, Tensor]]]:
    rest = iter(params)
    for part in plan.parts:
        values = {param.name: next(rest) for param in part.law.params}
        chosen = slice(part.start, part.stop)
        yield part, plan.source[chosen], plan.target[chosen], values


def slope(plan: Plan, params: Sequence[Tensor], v: Tensor) -> Tensor:
    """dv/dt (N, B): 1/C times the currents in minus the currents out."""
    padded = torch.cat([v, v.new_zeros(1, v.shape[1])])
    net = torch.zeros_like(padded)
    for part, s, d, values in _devices(plan, params):
        i = part.law.current(padded[s], padded[d], values)
        out = torch.full_like(s, plan.node_count) if part.law.one_sided else s
        net = net.index_add(0, d, i).index_add(0, out, -i)
    return net[:-1] * plan.inverse.to(v).unsqueeze(-1)


def trace(plan: Plan, params: Sequence[Tensor], v: Tensor) -> Tensor:
    """The sum over nodes of d(dv_k/dt)/dv_k, (B,)."""
    padded = torch.cat([v, v.new_zeros(1, v.shape[1])])
    inverse = torch.cat([plan.inverse, plan.inverse.new_zeros(1)]).to(v).unsqueeze(-1)
    total = v.new_zeros(v.shape[1])
    for part, s, d, values in _devices(plan, params):
        g_s, g_d = part.law.conductances(padded[s], padded[d], values)
        away = 0.0 if part.law.one_sided else g_s * inverse[s]
        total = total + (g_d * inverse[d] - away + torch.zeros_like(padded[s])).sum(0)
    return total


def advance(
    tableau: ButcherTableau,
    plan: Plan,
    params: Sequence[Tensor],
    v: Tensor,
    h: float,
    flow: bool = False,
) -> tuple[Tensor, Tensor]:
    """One step, and with ``flow`` its quadrature of the trace."""
    slopes: list[Tensor] = []
    log_det = v.new_zeros(v.shape[1])
    for i in range(tableau.stages):
        y = v
        for j, a in tableau.rows[i]:
            y = y + h * a * slopes[j]
        slopes.append(slope(plan, params, y))
        if flow:
            log_det = log_det + h * tableau.b[i] * trace(plan, params, y)
    for i, b in tableau.weights:
        v = v + h * b * slopes[i]
    return v, log_det


def trajectory(
    plans: Sequence[Plan],
    leaves: Sequence[Tensor],
    tableau: ButcherTableau,
    segments: Sequence[Segment],
    flow: bool = False,
) -> tuple[Tensor, Tensor]:
    """States (S, N, B) after every segment and the log-determinant (B,)."""
    v, params = leaves[0], by_slice(plans, leaves[1:])
    states, log_det = [], v.new_zeros(v.shape[1])
    for part, steps, duration in segments:
        for _ in range(steps):
            v, more = advance(tableau, plans[part], params[part], v, duration / steps, flow)
            log_det = log_det + more
        states.append(v)
    return torch.stack(states), log_det


def error(found: Tensor, wanted: Tensor) -> float:
    """The largest difference over the largest entry."""
    if not wanted.numel():
        return 0.0
    assert found.shape == wanted.shape
    difference = (found.detach().double() - wanted.detach()).abs().max()
    return float(difference / (wanted.detach().abs().max() + 1e-12))


@dataclass
class Errors:
    """Against the oracle, each relative to the largest entry."""

    states: float
    log_det: float
    start: float
    params: float


def compare(
    given: Problem,
    method: str = "rk4",
    segments: Sequence[Segment] = SEGMENTS,
    flow: bool = False,
    seed: int = 7,
    dtype: torch.dtype = torch.float32,
) -> Errors:
    """The kernels against the oracle, with a loss on every output (and log-determinant)."""
    own, exact = given.leaves(dtype), given.leaves(torch.float64)
    tableau = explicit_methods()[method]
    found = op.march(own[0], given.plans, own[1:], tableau, segments, flow)
    wanted = trajectory(given.plans, exact, tableau, segments, flow)
    g = torch.Generator().manual_seed(seed)
    weights = torch.randn(found[0].shape, generator=g), torch.randn(found[1].shape, generator=g)
    gradients = []
    for (states, log_det), leaves in ((found, own), (wanted, exact)):
        loss = (states * weights[0]).sum() + ((log_det * weights[1]).sum() if flow else 0)
        gradients.append(
            torch.autograd.grad(loss, leaves, allow_unused=True, materialize_grads=True)
        )
    errors = [error(a, b) for a, b in zip(*gradients, strict=True)]
    return Errors(
        error(found[0], wanted[0]),
        error(found[1], wanted[1]) if flow else 0.0,
        errors[0],
        max(errors[1:], default=0.0),
    )
