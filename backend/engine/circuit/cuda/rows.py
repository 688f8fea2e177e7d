"""Kernels for networks of any size: one launch per Runge-Kutta stage, in gather form.

A program owns one node (or a piece of a long row) and a tile of samples, walks the entries of the
node and, knowing its slope, writes what the next stage starts from. Nothing is added atomically:
equal inputs give equal bits.
"""

# Without Triton there is nothing to check these names against.
# pyright: reportMissingImports=false, reportGeneralTypeIssues=false

import triton
import triton.language as tl

from .laws import curvature, slope, value


@triton.jit
def _entries(terms, other, at, stop, stride):
    """Other end, gain, alpha, beta and c of some entries, as columns; 0 beyond the end."""
    live = at < stop
    o = tl.load(other + at, mask=live, other=0)
    gain = tl.load(terms + at, mask=live, other=0.0)
    alpha = tl.load(terms + stride + at, mask=live, other=0.0)
    beta = tl.load(terms + 2 * stride + at, mask=live, other=0.0)
    c = tl.load(terms + 3 * stride + at, mask=live, other=0.0)
    return o[:, None], live[:, None], gain[:, None], alpha[:, None], beta[:, None], c[:, None]


@triton.jit
def _combine(x, k, slopes, row, first, last, place, stride, inside):
    """x + sum_j row_j k_j over the stored slopes first to last, then the own slope k at last."""
    for j in range(first, last):
        weight = tl.load(row + j)
        stored = tl.load(slopes + j * stride + place, mask=inside, other=0.0)
        x += tl.where(weight == 0, 0.0, weight * stored)
    return x + tl.load(row + last) * k


@triton.jit
def _finish_stage(
    total, bend, node, place, stride, inside,
    base, slopes, out, diagonal, inverse, weights, stage, stages, TRACE: tl.constexpr,
):  # fmt: skip
    """Slope of one node, and the input of the next stage or the next step's state."""
    scale = tl.load(inverse + node)
    k = scale * total
    tl.store(slopes + stage * stride + place, k, mask=inside)
    x = tl.load(base + place, mask=inside, other=0.0)
    row = weights + stage * stages
    tl.store(out + place, _combine(x, k, slopes, row, 0, stage, place, stride, inside), mask=inside)
    if TRACE:
        weight = tl.load(weights + (stages - 1) * stages + stage)
        sofar = tl.load(diagonal + place, mask=inside, other=0.0)
        tl.store(diagonal + place, sofar + weight * scale * bend, mask=inside)


@triton.jit(do_not_specialize=["stage", "stages"])
def stage_rows(
    v, base, slopes, out, diagonal, inverse, weights, items, other, terms, partial,
    stage, stages, nodes, batch, entries,
    WORD: tl.constexpr, GROUPS: tl.constexpr, CHUNK: tl.constexpr, TILE: tl.constexpr,
    TRACE: tl.constexpr,
):  # fmt: skip
    """One stage: v (N, B) -> slopes[stage] and out = base + sum_j weights[stage, j] slopes[j]."""
    item = items + tl.program_id(0) * (GROUPS + 3)
    node, slot = tl.load(item), tl.load(item + 1)
    sample = tl.program_id(1) * TILE + tl.arange(0, TILE)
    inside = sample < batch
    place = node * batch + sample
    own = tl.load(v + place, mask=inside, other=0.0)[None, :]
    total = tl.zeros((CHUNK, TILE), tl.float32)
    bend = tl.zeros((CHUNK, TILE), tl.float32)
    for g in tl.static_range(GROUPS):
        stop = tl.load(item + g + 3)
        for start in range(tl.load(item + g + 2), stop, CHUNK):
            at = start + tl.arange(0, CHUNK)
            o, live, gain, alpha, beta, c = _entries(terms, other, at, stop, entries)
            # Ground is the row behind the last: nothing is stored there, its voltage is 0.
            there = live & (o < nodes) & inside[None, :]
            far = tl.load(v + o * batch + sample[None, :], mask=there, other=0.0)
            u = alpha * far + (beta * own + c)
            phi = value(u, (WORD >> (3 * g)) & 7)
            total += tl.where(live, gain * phi, 0.0)
            if TRACE:
                bend += tl.where(live, gain * beta * slope(u, phi, (WORD >> (3 * g)) & 7), 0.0)
    row_total, row_bend = tl.sum(total, 0), tl.sum(bend, 0)
    stride = nodes * batch
    if slot < 0:
        _finish_stage(
            row_total, row_bend, node, place, stride, inside,
            base, slopes, out, diagonal, inverse, weights, stage, stages, TRACE,
        )  # fmt: skip
    else:
        piece = partial + (2 * slot) * batch + sample
        tl.store(piece, row_total, mask=inside)
        if TRACE:
            tl.store(piece + batch, row_bend, mask=inside)


@triton.jit
def _hub(hubs, partial, batch, TILE: tl.constexpr):
    """Node, samples and the two sums of a row that was cut, its pieces added in their order."""
    hub = hubs + tl.program_id(0) * 3
    node = tl.load(hub)
    sample = tl.program_id(1) * TILE + tl.arange(0, TILE)
    inside = sample < batch
    total = tl.zeros((TILE,), tl.float32)
    bend = tl.zeros((TILE,), tl.float32)
    for slot in range(tl.load(hub + 1), tl.load(hub + 2)):
        piece = partial + (2 * slot) * batch + sample
        total += tl.load(piece, mask=inside, other=0.0)
        bend += tl.load(piece + batch, mask=inside, other=0.0)
    return node, sample, inside, total, bend


@triton.jit(do_not_specialize=["stage", "stages"])
def stage_hubs(
    base, slopes, out, diagonal, inverse, weights, hubs, partial,
    stage, stages, nodes, batch, TILE: tl.constexpr, TRACE: tl.constexpr,
):  # fmt: skip
    """The end of ``stage_rows`` for the rows that were cut."""
    node, sample, inside, total, bend = _hub(hubs, partial, batch, TILE)
    _finish_stage(
        total, bend, node, node * batch + sample, nodes * batch, inside,
        base, slopes, out, diagonal, inverse, weights, stage, stages, TRACE,
    )  # fmt: skip


@triton.jit
def _finish_adjoint(
    w, node, place, stride, inside,
    cotangent, pulled, mu_out, inverse, weights, quadrature, stage, stages,
):  # fmt: skip
    """Pulled cotangent of one node, and mu of the stage before; after stage 0 also lambda."""
    tl.store(pulled + stage * stride + place, w, mask=inside)
    row = weights + stage * (stages + 1)
    x = tl.load(row) * tl.load(cotangent + place, mask=inside, other=0.0)
    x += tl.load(row + 1 + stage) * w
    for j in range(stage + 1, stages):
        weight = tl.load(row + 1 + j)
        stored = tl.load(pulled + j * stride + place, mask=inside, other=0.0)
        x += tl.where(weight == 0, 0.0, weight * stored)
    if stage == 0:
        tl.store(cotangent + place, x, mask=inside)
        x *= tl.load(quadrature + stages - 1)
    tl.store(mu_out + place, tl.load(inverse + node) * x, mask=inside)


@triton.jit(do_not_specialize=["stage", "stages"])
def adjoint_rows(
    v, mu, cotangent, pulled, mu_out, inverse, weights, quadrature, rate,
    items, other, terms, partial,
    stage, stages, nodes, batch, entries,
    WORD: tl.constexpr, GROUPS: tl.constexpr, CHUNK: tl.constexpr, TILE: tl.constexpr,
    TRACE: tl.constexpr,
):  # fmt: skip
    """One stage of the adjoint circuit: pulled[stage] = J^T kappa, kappa = mu C.

    With D = beta/C_k - alpha/C_o and tau = rate quadrature[stage], node k receives from an entry
    beta gain (phi' (mu_k - mu_o) + phi'' tau D).
    """
    item = items + tl.program_id(0) * (GROUPS + 3)
    node, slot = tl.load(item), tl.load(item + 1)
    sample = tl.program_id(1) * TILE + tl.arange(0, TILE)
    inside = sample < batch
    place = node * batch + sample
    own = tl.load(v + place, mask=inside, other=0.0)[None, :]
    own_mu = tl.load(mu + place, mask=inside, other=0.0)[None, :]
    own_inverse = tl.load(inverse + node)
    tau = tl.zeros((1, TILE), tl.float32)
    if TRACE:
        weight = tl.load(quadrature + stage)
        tau = (weight * tl.load(rate + sample, mask=inside, other=0.0))[None, :]
    total = tl.zeros((CHUNK, TILE), tl.float32)
    for g in tl.static_range(GROUPS):
        stop = tl.load(item + g + 3)
        for start in range(tl.load(item + g + 2), stop, CHUNK):
            at = start + tl.arange(0, CHUNK)
            o, live, gain, alpha, beta, c = _entries(terms, other, at, stop, entries)
            there = live & (o < nodes) & inside[None, :]
            away = o * batch + sample[None, :]
            far = tl.load(v + away, mask=there, other=0.0)
            far_mu = tl.load(mu + away, mask=there, other=0.0)
            u = alpha * far + (beta * own + c)
            phi = value(u, (WORD >> (3 * g)) & 7)
            rise = slope(u, phi, (WORD >> (3 * g)) & 7)
            flow = rise * (own_mu - far_mu)
            if TRACE:
                far_inverse = tl.load(inverse + o, mask=live, other=0.0)
                d = beta * own_inverse - alpha * far_inverse
                flow += curvature(phi, rise, (WORD >> (3 * g)) & 7) * d * tau
            total += tl.where(live, gain * beta * flow, 0.0)
    w = tl.sum(total, 0)
    if slot < 0:
        _finish_adjoint(
            w, node, place, nodes * batch, inside,
            cotangent, pulled, mu_out, inverse, weights, quadrature, stage, stages,
        )  # fmt: skip
    else:
        tl.store(partial + (2 * slot) * batch + sample, w, mask=inside)


@triton.jit(do_not_specialize=["stage", "stages"])
def adjoint_hubs(
    cotangent, pulled, mu_out, inverse, weights, quadrature, hubs, partial,
    stage, stages, nodes, batch, TILE: tl.constexpr,
):  # fmt: skip
    """The end of ``adjoint_rows`` for the rows that were cut."""
    node, sample, inside, w, _ = _hub(hubs, partial, batch, TILE)
    _finish_adjoint(
        w, node, node * batch + sample, nodes * batch, inside,
        cotangent, pulled, mu_out, inverse, weights, quadrature, stage, stages,
    )  # fmt: skip
