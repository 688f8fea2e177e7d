"""The fused family in plain torch, on any device and dtype: the oracle of every other kernel."""

import torch
from torch import Tensor

from .plan import Plan, Terms


def _argument(plan: Plan, terms: Terms, padded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """v_s, v_d and u = a v_s + b v_d + c, (E, B) each."""
    v_s, v_d = padded.index_select(0, plan.source), padded.index_select(0, plan.target)
    u = torch.addcmul(terms.c, terms.a, v_s)
    return v_s, v_d, torch.addcmul(u, terms.b, v_d)


def _phi(plan: Plan, u: Tensor) -> Tensor:
    if len(plan.runs) == 1:
        return plan.runs[0].activation.value(u)
    return torch.cat([run.activation.value(u[run.start : run.stop]) for run in plan.runs])


def _slope(plan: Plan, u: Tensor, phi: Tensor) -> Tensor:
    if len(plan.runs) == 1:
        return plan.runs[0].activation.slope(u, phi)
    parts = (slice(run.start, run.stop) for run in plan.runs)
    return torch.cat(
        [
            run.activation.slope(u[part], phi[part])
            for run, part in zip(plan.runs, parts, strict=True)
        ]
    )


def currents(plan: Plan, terms: Terms, padded: Tensor) -> Tensor:
    """i = gain phi(u), (E, B) [A], from the padded state (N + 1, B)."""
    *_, u = _argument(plan, terms, padded)
    return terms.gain * _phi(plan, u)


def accumulate(plan: Plan, terms: Terms, padded: Tensor, total: Tensor) -> None:
    """Add the net current into every node to ``total`` (N + 1, B), in place."""
    i = currents(plan, terms, padded)
    total.index_add_(0, plan.target, i).index_add_(0, plan.leaves, i, alpha=-1)


def accumulate_vjp(plan: Plan, terms: Terms, padded: Tensor, mu: Tensor, total: Tensor) -> Terms:
    """Add the currents of the adjoint circuit to ``total`` and return the gradients of the terms.

    With q = mu_d - mu_s (mu_d of one-sided devices) and w = q gain phi'(u): a w enters the
    source, b w the target; the gradients, summed over the batch, are q phi (gain), w v_s (a),
    w v_d (b) and w (c).
    """
    v_s, v_d, u = _argument(plan, terms, padded)
    phi = _phi(plan, u)
    q = mu.index_select(0, plan.target) - mu.index_select(0, plan.leaves)
    w = q * _slope(plan, u, phi) * terms.gain
    total.index_add_(0, plan.source, terms.a * w).index_add_(0, plan.target, terms.b * w)
    return Terms(
        gain=(q * phi).sum(-1, keepdim=True),
        a=(w * v_s).sum(-1, keepdim=True),
        b=(w * v_d).sum(-1, keepdim=True),
        c=w.sum(-1, keepdim=True),
    )
