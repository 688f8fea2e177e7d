"""Kernels for small networks: one program takes a few samples through the whole trajectory.

Devices are dense layers of cells (source, target). A device at ground stands on the diagonal,
where the source counts as ground: no other device can be there. States stay in registers; no
program waits for another.
"""

# Without Triton there is nothing to check these names against.
# pyright: reportMissingImports=false

import triton
import triton.language as tl

from .laws import curvature, slope, value


@triton.jit
def _cells(terms, layer, SIZE: tl.constexpr, cells):
    """Gain, a, b and c of one layer, (1, SIZE, SIZE) each."""
    row = tl.arange(0, SIZE)[:, None]
    at = layer * SIZE * SIZE + row * SIZE + tl.arange(0, SIZE)[None, :]
    gain = tl.load(terms + at)
    a = tl.load(terms + cells + at)
    b = tl.load(terms + 2 * cells + at)
    c = tl.load(terms + 3 * cells + at)
    return gain[None, :, :], a[None, :, :], b[None, :, :], c[None, :, :]


@triton.jit
def _as_source(x, SIZE: tl.constexpr):
    """x (samples, SIZE) along the sources, 0 on the diagonal."""
    apart = tl.arange(0, SIZE)[:, None] != tl.arange(0, SIZE)[None, :]
    return tl.where(apart[None, :, :], x[:, :, None], 0.0)


@triton.jit
def _off_diagonal(x, SIZE: tl.constexpr):
    apart = tl.arange(0, SIZE)[:, None] != tl.arange(0, SIZE)[None, :]
    return tl.where(apart[None, :, :], x, 0.0)


@triton.jit(do_not_specialize=["steps", "stages"])
def dense_stages(
    start, end, kept, logdet, weights, quadrature, inverse, first, terms,
    steps, stages, nodes, batch, cells,
    WORD: tl.constexpr, GROUPS: tl.constexpr, SIZE: tl.constexpr, SAMPLES: tl.constexpr,
    SLOTS: tl.constexpr, KEEP: tl.constexpr, TRACE: tl.constexpr,
):  # fmt: skip
    """Equal steps from start to end (N, B).

    KEEP 1 stores the input of every stage (steps stages, N, B), 2 the state before every step.
    """
    node = tl.arange(0, SIZE)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)
    place = node[None, :] * batch + sample[:, None]
    inside = (node[None, :] < nodes) & (sample[:, None] < batch)
    scale = tl.load(inverse + node, mask=node < nodes, other=0.0)[None, :]
    slot = tl.arange(0, SLOTS)
    v = tl.load(start + place, mask=inside, other=0.0)
    volume = tl.zeros((SAMPLES,), tl.float32)
    if TRACE:
        volume = tl.load(logdet + sample, mask=sample < batch, other=0.0)
    spread_s = _as_source(scale, SIZE)
    # A trajectory may hold more numbers than 32 bits count.
    state = tl.full([], nodes, tl.int64) * batch
    for n in range(steps):
        slopes = tl.zeros((SLOTS, SAMPLES, SIZE), tl.float32)
        y = v
        for i in range(stages):
            if KEEP == 1:
                tl.store(kept + (n * stages + i) * state + place, y, mask=inside)
            if KEEP == 2:
                tl.store(kept + n * state + place, y, mask=inside & (i == 0))
            v_s, v_d = _as_source(y, SIZE), y[:, None, :]
            total = tl.zeros((SAMPLES, SIZE), tl.float32)
            bend = tl.zeros((SAMPLES, SIZE), tl.float32)
            for g in tl.static_range(GROUPS):
                for layer in range(tl.load(first + g), tl.load(first + g + 1)):
                    gain, a, b, c = _cells(terms, layer, SIZE, cells)
                    u = a * v_s + (b * v_d + c)
                    phi = value(u, (WORD >> (3 * g)) & 7)
                    current = gain * phi
                    total += tl.sum(current, 1) - tl.sum(_off_diagonal(current, SIZE), 2)
                    if TRACE:
                        spread = b * scale[:, None, :] - a * spread_s
                        bend += tl.sum(gain * slope(u, phi, (WORD >> (3 * g)) & 7) * spread, 1)
            slopes = tl.where((slot == i)[:, None, None], (scale * total)[None, :, :], slopes)
            weight = tl.load(weights + i * stages + slot, mask=slot < stages, other=0.0)
            y = v + tl.sum(weight[:, None, None] * slopes, 0)
            if TRACE:
                volume += tl.load(quadrature + i) * tl.sum(bend, 1)
        v = y
    tl.store(end + place, v, mask=inside)
    if TRACE:
        tl.store(logdet + sample, volume, mask=sample < batch)


@triton.jit(do_not_specialize=["steps", "stages"])
def dense_adjoint(
    kept, cotangent, mus, weights, quadrature, rate, inverse, first, terms,
    steps, stages, nodes, batch, cells,
    WORD: tl.constexpr, GROUPS: tl.constexpr, SIZE: tl.constexpr, SAMPLES: tl.constexpr,
    SLOTS: tl.constexpr, TRACE: tl.constexpr,
):  # fmt: skip
    """The adjoint circuit back through the steps: cotangent (N, B) in place, mu of every stage.

    weights (stages, stages) holds h a_ji in row i; the equations are those of ``adjoint_rows``.
    """
    node = tl.arange(0, SIZE)
    sample = tl.program_id(0) * SAMPLES + tl.arange(0, SAMPLES)
    place = node[None, :] * batch + sample[:, None]
    inside = (node[None, :] < nodes) & (sample[:, None] < batch)
    scale = tl.load(inverse + node, mask=node < nodes, other=0.0)[None, :]
    slot = tl.arange(0, SLOTS)
    after = tl.load(cotangent + place, mask=inside, other=0.0)
    speed = tl.zeros((SAMPLES,), tl.float32)
    if TRACE:
        speed = tl.load(rate + sample, mask=sample < batch, other=0.0)
    spread_s = _as_source(scale, SIZE)
    # A trajectory may hold more numbers than 32 bits count.
    state = tl.full([], nodes, tl.int64) * batch
    for back in range(steps):
        pulled = tl.zeros((SLOTS, SAMPLES, SIZE), tl.float32)
        for before in range(stages):
            i = stages - 1 - before
            row = ((steps - 1 - back) * stages + i) * state
            y = tl.load(kept + row + place, mask=inside, other=0.0)
            weight = tl.load(weights + i * stages + slot, mask=slot < stages, other=0.0)
            quadrature_i = tl.load(quadrature + i)
            kappa = quadrature_i * after + tl.sum(weight[:, None, None] * pulled, 0)
            mu = scale * kappa
            tl.store(mus + row + place, mu, mask=inside)
            v_s, v_d = _as_source(y, SIZE), y[:, None, :]
            q = mu[:, None, :] - _as_source(mu, SIZE)
            tau = (quadrature_i * speed)[:, None, None]
            total = tl.zeros((SAMPLES, SIZE), tl.float32)
            for g in tl.static_range(GROUPS):
                for layer in range(tl.load(first + g), tl.load(first + g + 1)):
                    gain, a, b, c = _cells(terms, layer, SIZE, cells)
                    u = a * v_s + (b * v_d + c)
                    phi = value(u, (WORD >> (3 * g)) & 7)
                    rise = slope(u, phi, (WORD >> (3 * g)) & 7)
                    w = rise * q
                    if TRACE:
                        spread = b * scale[:, None, :] - a * spread_s
                        w += curvature(phi, rise, (WORD >> (3 * g)) & 7) * spread * tau
                    w *= gain
                    total += tl.sum(b * w, 1) + tl.sum(_off_diagonal(a * w, SIZE), 2)
            pulled = tl.where((slot == i)[:, None, None], total[None, :, :], pulled)
        after += tl.sum(pulled, 0)
    tl.store(cotangent + place, after, mask=inside)
