"""Trajectories for the Triton kernels, and what plain float64 torch makes of them.

Run as a script with TRITON_INTERPRET=1 it prints the errors of every case as JSON: Triton decides
at import whether it compiles or interprets, so a test process must be set aside for it.
"""

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from backend.devices import DEVICES, FusedLaw
from backend.engine.circuit.plan import Part, Plan
from backend.engine.tableaus import DORMAND_PRINCE, EULER, HEUN, RK4, ButcherTableau

F64 = torch.float64


def _leaky(u: Tensor) -> Tensor:
    return torch.where(u > 0, u, 0.01 * u)


LAWS = {
    "relu": lambda s, d, a, b, c: (a * s + b * d + c).relu(),
    "leaky_relu": lambda s, d, a, b, c: _leaky(a * s + b * d + c),
    "tanh": lambda s, d, a, b, c: torch.tanh(a * s + b * d + c),
    "sigmoid": lambda s, d, a, b, c: torch.sigmoid(a * s + b * d + c),
    "softplus": lambda s, d, a, b, c: torch.log1p(torch.exp(a * s + b * d + c)),
    "relu_diff": lambda s, d, g, c: (g * (s - d) + c).relu(),
    "leaky_relu_diff": lambda s, d, g, c: _leaky(g * (s - d) + c),
    "tanh_diff": lambda s, d, g, c: torch.tanh(g * (s - d) + c),
    "threshold_relu": lambda s, d, gain, threshold: gain * (s - d - threshold).relu(),
    "threshold_leaky_relu": lambda s, d, gain, threshold: gain * _leaky(s - d - threshold),
    "resistor": lambda s, d, conductance: conductance * (s - d),
    "rectifier": lambda s, d, conductance, threshold: conductance * (s - d - threshold).relu(),
    "current_source": lambda s, d, current: current + 0 * s,
}
SMOOTH = ("tanh", "tanh_diff", "sigmoid", "softplus", "resistor", "current_source")


@dataclass(frozen=True)
class Case:
    """A trajectory to compare.

    Args:
        name: of the test.
        slices: the kinds of every slice.
        nodes: N.
        devices: of each kind and slice.
        batch: B.
        tableau: the method.
        segments: slice, steps and duration.
        trace: with the log-determinant channel.
        again: run twice with gradients and once without, and count the bits that differ.
        limits: constants of the kernels' modules, to reach what only large networks reach.
    """

    name: str
    slices: tuple[tuple[str, ...], ...] = (("tanh",),)
    nodes: int = 5
    devices: int = 9
    batch: int = 3
    tableau: ButcherTableau = RK4
    segments: tuple[tuple[int, int, float], ...] = ((0, 2, 0.5),)
    trace: bool = False
    again: bool = False
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def tolerance(self) -> float:
        """Of the gradients; a kink may be passed on the other side in float32."""
        return 1e-4 if any(k not in SMOOTH for kinds in self.slices for k in kinds) else 1e-5


ROWS = {"DENSE_NODES": 0}
CUT = {"DENSE_NODES": 0, "SPLIT": 4}
AGAIN = {"STAGE_BYTES": 400}
FEW = {"SAMPLE_PROGRAMS": 8}
EVERY = tuple(LAWS)
ONCE = ((0, 1, 0.5),)
# With three steps at a time, AGAIN cuts the second segment.
TWICE = ((0, 1, 0.2), (1, 2, 0.3), (1, 1, 0.1), (0, 1, 0.1))
PAUSES = ((0, 0, 0.0), (0, 1, 0.2), (1, 0, 0.0), (0, 1, 0.3), (1, 0, 0.0))
TWO = (("tanh", "resistor"), ("sigmoid",))

CASES = [
    Case("rows, every kind", (EVERY,), devices=3, tableau=HEUN, limits=ROWS, trace=True),
    Case("dense, every kind", (EVERY,), devices=3, tableau=HEUN, trace=True),
    Case("rows, smooth kinds", (SMOOTH,), devices=3, segments=ONCE, limits=ROWS, again=True),
    Case("dense, smooth kinds", (SMOOTH,), devices=3, segments=ONCE, again=True),
    Case("rows, segments", TWO, devices=4, segments=TWICE, tableau=HEUN, limits=ROWS, trace=True),
    Case("dense, segments", TWO, devices=4, segments=TWICE, tableau=HEUN, trace=True),
    Case(
        "rows, made again",
        TWO,
        devices=4,
        segments=TWICE,
        tableau=HEUN,
        limits=ROWS | AGAIN,
        trace=True,
    ),
    Case(
        "dense, made again", TWO, devices=4, segments=TWICE, tableau=HEUN, limits=AGAIN, trace=True
    ),
    Case(
        "rows cut in pieces",
        (SMOOTH,),
        devices=5,
        tableau=HEUN,
        segments=ONCE,
        limits=CUT,
        again=True,
    ),
    Case("rows cut, log-determinant", (("tanh",),), tableau=HEUN, limits=CUT, trace=True),
    Case("rows, segments without steps", TWO, segments=PAUSES, tableau=EULER, limits=ROWS),
    Case("rows, no steps", segments=((0, 0, 0.0),), limits=ROWS),
    Case("rows, one sample", batch=1, tableau=HEUN, limits=ROWS),
    Case("dense, one sample", batch=1, tableau=HEUN),
    Case("rows, two tiles", batch=65, tableau=HEUN, limits=ROWS, trace=True, again=True),
    Case("dense, samples together", batch=65, tableau=HEUN, limits=FEW, trace=True, again=True),
    Case("rows, one node", nodes=1, devices=3, tableau=HEUN, limits=ROWS, trace=True),
    Case("dense, one node", nodes=1, devices=3, tableau=HEUN, trace=True),
    Case("rows, no devices", ((),), tableau=HEUN, limits=ROWS, trace=True),
    Case("dense, no devices", ((),), tableau=HEUN, trace=True),
    Case("rows, Euler", tableau=EULER, limits=ROWS, trace=True),
    Case("dense, Euler", tableau=EULER, trace=True),
    Case("rows, Dormand and Prince", tableau=DORMAND_PRINCE, segments=ONCE, limits=ROWS),
    Case("dense, Dormand and Prince", tableau=DORMAND_PRINCE, segments=ONCE),
]

NAN_CASES = [
    Case("rows, NaN in one sample", (("relu", "leaky_relu"),), tableau=EULER, limits=ROWS),
    Case("dense, NaN in one sample", (("relu", "leaky_relu"),), tableau=EULER),
]


def plan_of(case: Case, kinds: tuple[str, ...], generator: torch.Generator) -> Plan:
    """Random devices; of each kind two stand side by side and a third has ground as its source."""
    count = case.devices * len(kinds)
    source = torch.randint(0, case.nodes + 1, (count,), generator=generator)
    step = torch.randint(1, case.nodes + 1, (count,), generator=generator)
    target = (source + step) % (case.nodes + 1)
    parts = []
    for place, kind in enumerate(sorted(kinds, key=_activation)):
        start = place * case.devices
        law = DEVICES[kind]
        assert issubclass(law, FusedLaw)
        parts.append(Part(law, start, start + case.devices))
        source[start + 1], target[start + 1] = source[start].clone(), target[start].clone()
        if case.devices > 2:
            source[start + 2], target[start + 2] = case.nodes, 0
    inverse = 0.5 + torch.rand(case.nodes, generator=generator, dtype=F64)
    return Plan(source, target, tuple(parts), case.nodes, inverse)


def _activation(kind: str) -> str:
    law = DEVICES[kind]
    assert issubclass(law, FusedLaw)
    return law.activation.name


def problem_of(case: Case) -> tuple[list[Plan], list[Tensor], Tensor, Tensor, Tensor]:
    """Plans, parameters, v0 and the cotangents of states and log-determinant, float64."""
    generator = torch.Generator().manual_seed(len(case.name))
    plans = [plan_of(case, kinds, generator) for kinds in case.slices]
    params = [
        0.2 + 0.6 * torch.randn(part.stop - part.start, 1, generator=generator, dtype=F64)
        for plan in plans
        for part in plan.parts
        for _ in part.law.slots
    ]
    shape = (case.nodes, case.batch)
    v0 = torch.randn(shape, generator=generator, dtype=F64)
    of_states = torch.randn(len(case.segments), *shape, generator=generator, dtype=F64)
    of_logdet = torch.randn(case.batch, generator=generator, dtype=F64)
    return plans, [p.float().double() for p in params], v0.float().double(), of_states, of_logdet


def slope(plan: Plan, params: list[Tensor], v: Tensor) -> Tensor:
    """dv/dt (N, B) by Kirchhoff's current law, one device after another."""
    padded = [*v.unbind(0), torch.zeros_like(v[0])]
    net = [torch.zeros_like(v[0]) for _ in padded]
    given = iter(params)
    for part in plan.parts:
        kind = next(name for name, law in DEVICES.items() if law is part.law)
        values = [next(given) for _ in part.law.slots]
        for row, e in enumerate(range(part.start, part.stop)):
            s, d = int(plan.source[e]), int(plan.target[e])
            i = LAWS[kind](padded[s], padded[d], *(value[row, 0] for value in values))
            net[s], net[d] = net[s] - i, net[d] + i
    return torch.stack(net[:-1]) * plan.inverse[:, None]


def divergence(plan: Plan, params: list[Tensor], v: Tensor) -> Tensor:
    """tr d(dv/dt)/dv (B,) from torch's own derivative of every component."""
    dv = slope(plan, params, v)
    parts = [
        torch.autograd.grad(dv[k].sum(), v, create_graph=True, allow_unused=True)[0]
        if dv[k].requires_grad
        else None
        for k in range(len(v))
    ]
    rows = [g[k] for k, g in enumerate(parts) if g is not None]
    return sum(rows, torch.zeros_like(v[0]))


def march(case: Case, plans: list[Plan], params: list[Tensor], v0: Tensor) -> tuple[Tensor, Tensor]:
    """States (S, N, B) and log-determinant (B,) in a graph torch can differentiate."""
    counts = [sum(len(part.law.slots) for part in plan.parts) for plan in plans]
    starts = [sum(counts[:k]) for k in range(len(plans))]
    v, logdet, states = v0, torch.zeros_like(v0[0]), []
    for place, steps, duration in case.segments:
        plan, h = plans[place], duration / max(steps, 1)
        mine = params[starts[place] : starts[place] + counts[place]]
        for _ in range(steps):
            slopes: list[Tensor] = []
            for i in range(case.tableau.stages):
                y = v + h * sum(a * slopes[j] for j, a in enumerate(case.tableau.a[i]))
                slopes.append(slope(plan, mine, y))
                if case.trace and case.tableau.b[i]:
                    logdet = logdet + h * case.tableau.b[i] * divergence(plan, mine, y)
            v = v + h * sum(case.tableau.b[i] * k for i, k in enumerate(slopes))
        states.append(v)
    return torch.stack(states), logdet


def worst(found: list[Tensor], wanted: list[Tensor]) -> float:
    """Largest difference relative to the largest value of each tensor, or to 1."""
    errors = [0.0]
    for f, w in zip(found, wanted, strict=True):
        assert f.shape == w.shape, (f.shape, w.shape)
        if w.numel():
            f, w = f.detach().cpu().double(), w.detach()
            error = (f - w).abs().max() / max(1, w.abs().max())
            errors.append(float(error) if math.isfinite(error) else math.inf)
    return max(errors)


@contextmanager
def limits(case: Case) -> Iterator[None]:
    """The kernels' modules with the limits of the case."""
    from backend.engine.circuit.cuda import layout
    from backend.engine.circuit.cuda import march as triton_march

    modules = (layout, triton_march)
    found = [(m, name) for name in case.limits for m in modules if hasattr(m, name)]
    before = [getattr(module, name) for module, name in found]
    assert len(found) == len(case.limits)
    for module, name in found:
        setattr(module, name, case.limits[name])
    try:
        yield
    finally:
        for (module, name), value in zip(found, before, strict=True):
            setattr(module, name, value)


def run(case: Case, device: str) -> dict[str, float]:
    """Errors of values and gradients, and how many tensors of a second run have other bits."""
    from backend.engine.circuit.cuda import passes

    plans, params, v0, of_states, of_logdet = problem_of(case)
    single = [x.float().to(device) for x in (v0, of_states, of_logdet)]
    args = (plans, [p.float().to(device) for p in params])
    steps = (case.tableau, case.segments, case.trace)
    found = []
    with limits(case):
        # On a GPU the second run records the launches and the third replays them.
        for _ in range(3 if device == "cuda" else 1 + case.again):
            states, logdet, saved = passes.forward(*args, single[0], *steps, True)
            grad_v0, grads = passes.backward(*args, saved, *single[1:], *steps)
            found.append([states, logdet, grad_v0, *grads])
        if case.again:
            bare = passes.forward(*args, single[0], *steps, False)
            found.append([*bare[:2], *found[0][2:]])
    leaves = [v0.requires_grad_(), *(p.requires_grad_() for p in params)]
    wanted = march(case, plans, params, v0)
    loss = (of_states.float() * wanted[0]).sum() + (of_logdet.float() * wanted[1]).sum()
    expected = torch.autograd.grad(loss, leaves, allow_unused=True, materialize_grads=True)
    return {
        "values": worst(found[0][:2], list(wanted)),
        "start": worst([found[0][2]], [expected[0]]),
        "parameters": worst(found[0][3:], list(expected[1:])),
        "other bits": sum(
            not torch.equal(a, b)
            for other in found[1:]
            for a, b in zip(found[0], other, strict=True)
        ),
    }


def spread_of_nan(case: Case, device: str) -> dict[str, bool]:
    """NaN in sample 1: whether it shows there, and whether the other samples keep their bits."""
    from backend.engine.circuit.cuda import passes

    plans, params, v0, *_ = problem_of(case)
    args = (plans, [p.float().to(device) for p in params])
    steps = (case.tableau, case.segments, case.trace, False)
    spoilt = v0.clone()
    spoilt[0, 1] = math.nan
    with limits(case):
        clean = passes.forward(*args, v0.float().to(device), *steps)[0]
        found = passes.forward(*args, spoilt.float().to(device), *steps)[0]
    return {
        "shows": bool(found[-1, :, 1].isnan().any()),
        "stays": torch.equal(found[..., 0::2], clean[..., 0::2]),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    answers = {case.name: run(case, "cpu") for case in CASES}
    answers |= {case.name: spread_of_nan(case, "cpu") for case in NAN_CASES}
    json.dump(answers, sys.stdout)
