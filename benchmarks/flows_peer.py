"""A training iteration of a flow by the authors' scheme, written anew, beside ours.

Their scheme: torchdiffeq's dopri5 at rtol = atol = 1e-4 with ``odeint_adjoint``, one solve a
slice, the trace by one reverse pass for each coordinate (Gao et al. 2023; Chen et al. 2018). Ours:
compiled Runge-Kutta 4 steps with their exact discrete adjoint and the trace in one pass over the
devices.
Both start from the same circuit of the published shape, trained for a while, and the same batch.
"""

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from backend.circuit.compile import compile_circuit
from backend.datasets import DATASETS, Generative
from backend.models.circuits.flow import LOG_2PI, Flow
from backend.topologies import TOPOLOGIES

BATCH, COPIES = 512, 25
SHAPES = {"gen_two_moons": 2, "gen_8gaussians": 4}
"""Slices of half a second in the published networks."""
STEPS = (4, 8)
WARM_UP, REPEATS = 400, 5
TOLERANCE, FIRST_STEP = 1e-4, 1e-3


class TracedSlice(nn.Module):
    """(dv/dt, -tr J) of states (B, 2) by gather, tanh and scatter; counts its calls."""

    def __init__(self, source: Tensor, target: Tensor, theta: Tensor) -> None:
        super().__init__()
        self.source, self.target = source, target
        self.theta = nn.Parameter(theta)
        self.calls = 0

    def forward(self, t: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The slope and the trace, in a graph even where torchdiffeq wants none."""
        self.calls += 1
        v = state[0] if torch.is_grad_enabled() else state[0].detach().clone()
        with torch.enable_grad():
            v = v if v.requires_grad else v.requires_grad_()
            slope = self.current(v)
            trace = torch.zeros_like(state[1])
            for k in range(v.shape[1]):
                gradient = torch.autograd.grad(slope[:, k].sum(), v, create_graph=True)[0]
                trace = trace + gradient[:, k]
        return slope, -trace

    def current(self, v: Tensor) -> Tensor:
        """The net current into every node; the last column of the padded state is ground."""
        padded = torch.cat([v, v.new_zeros(len(v), 1)], 1)
        a, b, c = self.theta
        i = torch.tanh(a * padded[:, self.source] + b * padded[:, self.target] + c)
        total = torch.zeros_like(padded)
        total = total.scatter_add(1, self.target.expand_as(i), i)
        return total.scatter_add(1, self.source.expand_as(i), -i)[:, :-1]


class AuthorsFlow(nn.Module):
    """Mean negative log-likelihood by the authors' scheme, on the circuit of a ``Flow``."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.durations = [part.duration for part in flow.compiled.circuit.slices]
        self.slices = nn.ModuleList()
        for field in flow.compiled.fields():
            (group,) = field.kinds()
            theta = torch.stack([value.detach().squeeze(-1) for value in group.values().values()])
            self.slices.append(TracedSlice(group.source, group.target, theta))

    def loss(self, x: Tensor) -> Tensor:
        """Slices in reverse order, time backward."""
        from torchdiffeq import odeint_adjoint

        state = x.clone(), x.new_zeros(len(x))
        parts = reversed(list(zip(self.slices, self.durations, strict=True)))
        for part, duration in parts:
            path: Any = odeint_adjoint(
                part, state, torch.tensor([duration, 0.0]), rtol=TOLERANCE, atol=TOLERANCE,
                method="dopri5", options={"first_step": FIRST_STEP},
            )  # fmt: skip
            state = path[0][-1], path[1][-1]
        z, log_det = state
        return (z.square().sum(1) / 2 + LOG_2PI + log_det).mean()


def time_rows() -> list[dict[str, Any]]:
    """CPU time of an iteration (loss, gradient, AdamW) in this process, for both shapes."""
    return [_time_row(name, slices) for name, slices in SHAPES.items()]


def _time_row(name: str, slices: int) -> dict[str, Any]:
    dataset = DATASETS[name]()
    assert isinstance(dataset, Generative)
    flow = _published_shape(slices, dataset)
    x = dataset.sample(BATCH, 5)
    exact = _exact(flow, x)
    peer = AuthorsFlow(flow)
    result: dict[str, Any] = {"dataset": name, "slices": slices, "batch": BATCH}
    result["authors"] = _timed(peer, lambda: peer.loss(x), exact, _theta_gradient(peer))
    calls = sum(part.calls for part in peer.slices if isinstance(part, TracedSlice))
    # One more iteration than is timed warms up, and one gives loss and gradient.
    result["authors"]["evaluations"] = round(calls / (REPEATS + 2))
    for steps in STEPS:
        ours = Flow(compile_circuit(flow.circuit(), torch.float32), steps)
        found = _timed(ours, lambda f=ours: -f.log_prob(x).mean(), exact, _flow_gradient(ours))
        found["times_faster"] = round(result["authors"]["cpu_ms"] / found["cpu_ms"], 1)
        result[f"ours, {steps} steps a slice"] = found
    print(result, flush=True)
    return result


def _published_shape(slices: int, dataset: Generative) -> Flow:
    """The authors' shape and first values, trained until it is no longer at rest."""
    topology = TOPOLOGIES["fully_connected"](
        nodes=2, forward=COPIES, back=COPIES, inputs=2, outputs=2, kind="tanh", slices=slices,
        duration=0.5,
    )  # fmt: skip
    circuit = topology(0)
    nodes = tuple(replace(node, role="both", voltage=0.0) for node in circuit.nodes)
    flow = Flow(compile_circuit(circuit.replace(nodes=nodes), torch.float32), 8)
    generator = torch.Generator().manual_seed(1)
    params = list(flow.parameters())
    with torch.no_grad():
        for value in params:
            value.normal_(0.0, math.sqrt(2 / len(value)), generator=generator)
    optimiser = torch.optim.AdamW(params, 5e-3)
    for _ in range(WARM_UP):
        optimiser.zero_grad()
        (-flow.log_prob(dataset.sample(BATCH, generator)).mean()).backward()
        optimiser.step()
    return flow


def _exact(flow: Flow, x: Tensor) -> tuple[float, Tensor]:
    """Loss and gradient in double precision with 60 steps a slice."""
    fine = Flow(compile_circuit(flow.circuit(), torch.float64), 60)
    loss = -fine.log_prob(x.double()).mean()
    loss.backward()
    return float(loss.detach()), _flow_gradient(fine)()


def _flow_gradient(flow: Flow) -> Callable[[], Tensor]:
    return lambda: torch.cat([_grad(p).flatten() for p in flow.parameters()]).double()


def _theta_gradient(peer: AuthorsFlow) -> Callable[[], Tensor]:
    return lambda: torch.cat([_grad(p).flatten() for p in peer.parameters()]).double()


def _grad(value: Tensor) -> Tensor:
    assert value.grad is not None
    return value.grad


def _timed(
    model: nn.Module,
    loss_of: Callable[[], Tensor],
    exact: tuple[float, Tensor],
    gradient: Callable[[], Tensor],
) -> dict[str, Any]:
    """Median CPU time of an iteration, and the errors of its loss and gradient."""
    loss = loss_of()
    loss.backward()
    found, wanted = gradient(), exact[1]
    optimiser = torch.optim.AdamW(model.parameters(), 0.0, weight_decay=0.0)
    seconds = []
    for _ in range(REPEATS + 1):
        began = time.process_time()
        optimiser.zero_grad()
        loss_of().backward()
        optimiser.step()
        seconds.append(time.process_time() - began)
    return {
        "cpu_ms": round(1e3 * statistics.median(seconds[1:]), 2),
        "loss_error": round(float(loss.detach()) - exact[0], 6),
        "gradient_error": round(float((found - wanted).norm() / wanted.norm()), 6),
    }
