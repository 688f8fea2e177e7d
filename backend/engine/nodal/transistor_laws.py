"""Scalar currents of junctions and transistors, with slopes and derivatives by arguments.

They take real or complex voltages: a complex step along a direction gives exact second
derivatives. Comparisons look at real parts.
"""

from typing import Any

import numpy as np

from ...devices.passive import THERMAL_VOLTAGE
from .caching import part

LIMIT = 80.0
"""Junctions of transistors go on as tangents beyond so many n V_T (2 V)."""


@part
def exponential(v: Any, ideality: Any, limit: float = LIMIT) -> Any:
    """exp(x) - 1 and d/dx of it, x = v / (n V_T), the tangent beyond the limit."""
    x = v / (ideality * THERMAL_VOLTAGE)
    if x.real > limit:
        most = np.exp(limit)
        return most * (1.0 + x - limit) - 1.0, most + 0.0 * x
    return np.expm1(x), np.exp(x)


GMIN = 1e-12
"""A leak beside every junction [S], as every SPICE has it: one that blocks would leave a node to
nothing at all."""


@part
def junction(limit: float, a: Any, v: Any, g: Any, d: Any) -> Any:
    """A diode: arguments I_s and n; controls anode and cathode."""
    across = v[0] - v[1]
    e, de = exponential(across, a[1], limit)
    slope = a[0] * de / (a[1] * THERMAL_VOLTAGE)
    g[0], g[1] = slope + GMIN, -slope - GMIN
    d[0] = e
    d[1] = -slope * across / a[1]
    return a[0] * e + GMIN * across


HALF = 0.5
"""Share of the potential beyond which the depletion capacitance is a straight line."""


@part
def charge(a: Any, v: Any, g: Any, d: Any) -> Any:
    """Charge of a junction: I_s, n, resistance, C_j0, potential, grading, transit time."""
    across = v[0] - v[1]
    current, by = a[0] + 0.0 * across, a[1]
    e, de = exponential(across, by)
    current = a[0] * e
    slope = a[0] * de / (by * THERMAL_VOLTAGE)
    c, potential, grading, transit = a[3], a[4], a[5], a[6]
    knee = HALF * potential
    if across.real < knee.real:
        rest = 1.0 - across / potential
        power = rest ** (1.0 - grading)
        stored = c * potential / (1.0 - grading) * (1.0 - power)
        capacity = c * power / rest
        d[3] = potential / (1.0 - grading) * (1.0 - power)
        d[4] = stored / potential - c * across / potential * power / rest
        d[5] = stored / (1.0 - grading) + c * potential / (1.0 - grading) * power * np.log(rest)
    else:
        half = (1.0 - HALF) ** (1.0 - grading)
        steep = (1.0 - HALF) ** (-1.0 - grading)
        first = potential / (1.0 - grading) * (1.0 - half)
        over = 1.0 - HALF * (1.0 + grading)
        bent = over * (across - knee)
        bent = bent + grading / (2.0 * potential) * (across * across - knee * knee)
        stored = c * (first + steep * bent)
        capacity = c * steep * (over + grading * across / potential)
        d[3] = first + steep * bent
        d[4] = c * (
            first / potential
            - steep * HALF * over
            - steep * grading / 2.0 * ((across / potential) ** 2 + HALF * HALF)
        )
        log = np.log(1.0 - HALF)
        d_first = first / (1.0 - grading) + potential / (1.0 - grading) * half * log
        d_bent = -HALF * (across - knee) + (across * across - knee * knee) / (2.0 * potential)
        d[5] = c * (d_first - log * steep * bent + steep * d_bent)
    total = capacity + transit * slope
    g[0], g[1] = total, -total
    d[0] = transit * e
    d[1] = -transit * slope * across / by
    d[2] = 0.0 * across
    d[6] = current
    return stored + transit * current


@part
def channel(sign: float, a: Any, v: Any, g: Any, d: Any) -> Any:
    """Drain current of a MOSFET; controls drain, gate, source, bulk; see ``devices.Mosfet``."""
    drain, gate, source, bulk = sign * v[0], sign * v[1], sign * v[2], sign * v[3]
    turned = (drain - source).real < 0.0
    if turned:
        drain, source = source, drain
    v_ds, v_gs, v_bs = drain - source, gate - source, bulk - source
    root = np.sqrt(a[4] + 0.0 * v_bs)
    if v_bs.real <= 0.0:
        sunk = np.sqrt(a[4] - v_bs)
        by_bulk = -0.5 / sunk
        by_surface = 0.5 / sunk
    else:
        sunk = root - 0.5 * v_bs / root
        by_bulk = -0.5 / root
        by_surface = 0.5 / root + 0.25 * v_bs / (root * a[4])
        if sunk.real < 0.0:
            sunk, by_bulk, by_surface = 0.0 * root, 0.0 * root, 0.0 * root
    over = v_gs - a[1] - a[3] * (sunk - root)
    beta = a[0] * a[5] / a[6]
    bent = 1.0 + a[2] * v_ds
    if over.real <= 0.0:
        current, by_gate, by_drain, plain = 0.0 * over, 0.0 * over, 0.0 * over, 0.0 * over
    elif v_ds.real < over.real:
        plain = beta * v_ds * (over - 0.5 * v_ds)
        current = plain * bent
        by_gate = beta * bent * v_ds
        by_drain = beta * bent * (over - v_ds) + a[2] * plain
    else:
        plain = 0.5 * beta * over * over
        current = plain * bent
        by_gate = beta * bent * over
        by_drain = a[2] * plain
    by_body = -by_gate * a[3] * by_bulk
    by_source = -(by_gate + by_drain + by_body)
    way = -1.0 if turned else 1.0
    g[0] = way * (by_source if turned else by_drain)
    g[1] = way * by_gate
    g[2] = way * (by_drain if turned else by_source)
    g[3] = way * by_body
    way *= sign
    current = way * current
    d[0] = current / a[0] if a[0].real > 0.0 else 0.0 * current
    d[1] = -way * by_gate
    d[2] = way * plain * v_ds
    d[3] = -way * by_gate * (sunk - root)
    d[4] = -way * by_gate * a[3] * (by_surface - 0.5 / root)
    d[5] = current / a[5]
    d[6] = -current / a[6]
    return current


@part
def transport(sign: float, a: Any, v: Any, g: Any, d: Any) -> Any:
    """Collector to emitter; controls collector, base, emitter; see ``devices.Bipolar``."""
    v_be, v_bc = sign * (v[1] - v[2]), sign * (v[1] - v[0])
    e_f, de_f = exponential(v_be, a[3])
    e_r, de_r = exponential(v_bc, a[4])
    early = 1.0 - a[5] * v_bc
    flow = e_f - e_r
    forward = a[0] * de_f / (a[3] * THERMAL_VOLTAGE) * early
    reverse = -a[0] * de_r / (a[4] * THERMAL_VOLTAGE) * early - a[0] * flow * a[5]
    g[0], g[1], g[2] = -reverse, forward + reverse, -forward
    d[0] = sign * flow * early
    d[1], d[2] = 0.0 * flow, 0.0 * flow
    d[3] = -sign * forward * v_be / a[3]
    d[4] = sign * a[0] * de_r / (a[4] * THERMAL_VOLTAGE) * early * v_bc / a[4]
    d[5] = -sign * a[0] * flow * v_bc
    return sign * a[0] * flow * early


@part
def base(sign: float, forward: bool, a: Any, v: Any, g: Any, d: Any) -> Any:
    """The junction from the base to the emitter (``forward``) or to the collector."""
    end = 2 if forward else 0
    gain, ideality = (a[1], a[3]) if forward else (a[2], a[4])
    across = sign * (v[1] - v[end])
    e, de = exponential(across, ideality)
    slope = a[0] / gain * de / (ideality * THERMAL_VOLTAGE)
    for k in range(3):
        g[k] = 0.0 * slope
    g[1], g[end] = slope + GMIN, -slope - GMIN
    for k in range(6):
        d[k] = 0.0 * slope
    current = sign * a[0] / gain * e
    d[0] = sign * e / gain
    d[1 if forward else 2] = -current / gain
    d[3 if forward else 4] = -sign * slope * across / ideality
    return current + GMIN * sign * across
