"""Cascades step by step in plain torch, each rule as it is written down, gradients by autograd."""

import torch
from torch import Tensor

from backend.engine.scan import chunked
from backend.engine.scan.cascades import make_table
from backend.engine.scan.checked import broadcast_cells

DOUBLE = torch.float64


def joint(x: Tensor, kappa: Tensor) -> Tensor:
    """exp of the joint matrix, (D, n + 1, n + 1), of Δ/τ and gains (n, D); torch's exponential."""
    cells, channels = x.shape
    m = x.new_zeros(channels, cells + 1, cells + 1)
    for i in range(cells):
        m[:, i + 1, i + 1] = -x[i]
        m[:, i + 1, i] = kappa[i] * x[i]
    return torch.linalg.matrix_exp(m)


def stepwise(u, tau, kappa=None, *, step=1.0, rule="exact", initial=None):
    """As ``cascade``, with boundary ``grounded``."""
    tau, kappa = broadcast_cells(tau, kappa)
    kappa = torch.ones_like(tau) if kappa is None else kappa
    cells, (batch, _, channels) = len(tau), u.shape
    state = u.new_zeros(batch, channels, cells) if initial is None else initial
    x = step / tau
    matrix = joint(x, kappa) if rule == "exact" else None
    taps = []
    for now in u.unbind(1):
        if matrix is None:
            state = cell_by_cell(now, state, x, kappa, rule)
        else:
            full = torch.cat([now[..., None], state], -1)
            state = torch.einsum("dij,bdj->bdi", matrix[:, 1:], full)
        taps.append(state)
    return torch.stack(taps, 1)


def cell_by_cell(now, state, x, kappa, rule):
    """One step of the rules that pass a cell's end on to the next."""
    old = [now, *state.unbind(-1)]
    new = [now]
    for m in range(len(x)):
        a, mean = torch.exp(-x[m]), -torch.expm1(-x[m]) / x[m]
        ends = {"foh": (mean - a, 1 - mean), "gs": (0, 1 - a), "delay": (1 - a, 0)}[rule]
        if m == 0:  # the input is held in all of them
            ends = (0, -torch.expm1(-x[m]))
        new.append(a * old[m + 1] + kappa[m] * (ends[0] * old[m] + ends[1] * new[m]))
    return torch.stack(new[1:], -1)


def by_chunks(u, tau, kappa=None, *, step=1.0, rule="exact", initial=None, chunk=chunked.CHUNK):
    """As ``cascade``, by the path of devices without a kernel."""
    tau, kappa = broadcast_cells(tau, kappa)
    batch, _, channels = u.shape
    start = u.new_zeros(batch, channels, len(tau)) if initial is None else initial
    table = make_table(tau, kappa, step, rule)
    return chunked.march(u, table, start, chunk)


def problem(cells, batch=2, steps=37, channels=5, dtype=DOUBLE, seed=0, decades=(-1.0, 2.0)):
    """u, tau, kappa and initial, all asking for gradients; τ over decades of the step."""
    torch.manual_seed(seed)
    low, high = decades
    tau = 10 ** (low + (high - low) * torch.rand(cells, channels, dtype=DOUBLE))
    values = (
        torch.randn(batch, steps, channels, dtype=DOUBLE),
        tau,
        torch.randn(cells, channels, dtype=DOUBLE),
        torch.randn(batch, channels, cells, dtype=DOUBLE),
    )
    return [value.to(dtype).requires_grad_() for value in values]


def distance(one, other):
    """The largest difference over the largest value."""
    one, other = one.detach().double(), other.detach().double()
    return float((one - other).abs().max() / other.abs().max().clamp_min(1e-300))
