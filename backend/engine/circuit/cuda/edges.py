"""The kernel of the parameter gradients: one pass over all stages, device after device."""

# Without Triton there is nothing to check these names against.
# pyright: reportMissingImports=false

import triton
import triton.language as tl

from .laws import curvature, slope, value


@triton.jit
def _both_ends(states, far_s, far_d, at_s, at_d):
    """The values at sources and targets, 0 at ground and beyond the batch."""
    source = tl.load(states + far_s, mask=at_s, other=0.0)
    return source, tl.load(states + far_d, mask=at_d, other=0.0)


@triton.jit
def _store_sums(into, devices, gain, of_gain, of_a, of_b, of_c, live):
    tl.store(into, tl.sum(of_gain, 1), mask=live)
    tl.store(into + devices, gain * tl.sum(of_a, 1), mask=live)
    tl.store(into + 2 * devices, gain * tl.sum(of_b, 1), mask=live)
    tl.store(into + 3 * devices, gain * tl.sum(of_c, 1), mask=live)


@triton.jit(do_not_specialize=["first", "last", "rows", "per_split"])
def edge_gradients(
    stages, cotangents, inverse, table, quadrature, rate, source, target, terms, out,
    first, last, rows, per_split, nodes, batch, devices,
    CODE: tl.constexpr, DEVICES: tl.constexpr, TILE: tl.constexpr,
    GAIN: tl.constexpr, TRACE: tl.constexpr,
):  # fmt: skip
    """Gradients of gain, a, b and c of the devices first to last, summed over stages and samples.

    With q = mu_d - mu_s, D = b/C_d - a/C_s and tau = rate quadrature: gain has q phi + tau phi' D;
    with w = gain (q phi' + tau phi'' D), a has w v_s - tau gain phi'/C_s, b has
    w v_d + tau gain phi'/C_d and c has w. Sums stay in registers; one store per device.

    Args: stages, cotangents (T, N, B); table names the rows to add up; out (splits, 4, E).
    """
    e = first + tl.program_id(0) * DEVICES + tl.arange(0, DEVICES)
    live = e < last
    s = tl.load(source + e, mask=live, other=0)
    d = tl.load(target + e, mask=live, other=0)
    gain = tl.load(terms + e, mask=live, other=0.0)[:, None]
    a = tl.load(terms + devices + e, mask=live, other=0.0)[:, None]
    b = tl.load(terms + 2 * devices + e, mask=live, other=0.0)[:, None]
    c = tl.load(terms + 3 * devices + e, mask=live, other=0.0)[:, None]
    inverse_s = tl.load(inverse + s, mask=live, other=0.0)[:, None]
    inverse_d = tl.load(inverse + d, mask=live, other=0.0)[:, None]
    spread = b * inverse_d - a * inverse_s
    at_s, at_d = (live & (s < nodes))[:, None], (live & (d < nodes))[:, None]
    far_s, far_d = s[:, None] * batch, d[:, None] * batch
    of_gain = tl.zeros((DEVICES, TILE), tl.float32)
    of_a = tl.zeros((DEVICES, TILE), tl.float32)
    of_b = tl.zeros((DEVICES, TILE), tl.float32)
    of_c = tl.zeros((DEVICES, TILE), tl.float32)
    begin = tl.program_id(1) * per_split
    for r in range(begin, tl.minimum(begin + per_split, rows)):
        t = tl.load(table + r).to(tl.int64) * nodes * batch
        for start in range(0, batch, TILE):
            sample = (start + tl.arange(0, TILE))[None, :]
            inside = sample < batch
            to_s, to_d = t + far_s + sample, t + far_d + sample
            v_s, v_d = _both_ends(stages, to_s, to_d, at_s & inside, at_d & inside)
            mu_s, mu_d = _both_ends(cotangents, to_s, to_d, at_s & inside, at_d & inside)
            q = mu_d - mu_s
            u = a * v_s + (b * v_d + c)
            phi = value(u, CODE)
            rise = slope(u, phi, CODE)
            w = q * rise
            if GAIN:
                of_gain += q * phi
            if TRACE:
                tau = tl.load(quadrature + r) * tl.load(rate + sample, mask=inside, other=0.0)
                w += tau * curvature(phi, rise, CODE) * spread
                of_a -= tau * rise * inverse_s
                of_b += tau * rise * inverse_d
                if GAIN:
                    of_gain += tau * rise * spread
            of_a += w * v_s
            of_b += w * v_d
            of_c += w
    into = out + tl.program_id(1).to(tl.int64) * 4 * devices + e
    _store_sums(into, devices, tl.sum(gain, 1), of_gain, of_a, of_b, of_c, live)
