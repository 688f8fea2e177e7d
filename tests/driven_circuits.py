"""Random circuits with driven nodes, from a seed, and what their voltages truly are.

Capacitances, conductances, durations and periods spread over decades; one to three slices; every
waveform; transconductors among the devices, and now and then a diode or a tanh.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.waveforms import Waveform
from backend.waveforms.constant import Constant
from backend.waveforms.exponential import Exponential
from backend.waveforms.piecewise_constant import PiecewiseConstant
from backend.waveforms.piecewise_linear import PiecewiseLinear
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine
from tests.reference import Reference

Array = NDArray[np.float64]
KINDS = ("resistor", "resistor", "transconductor", "tanh_diff", "rectifier", "diode")


def driven_circuit(seed: int, kinds: tuple[str, ...] = KINDS) -> Circuit:
    """One or two driven nodes and two to five free ones, each with a leak to ground."""
    rng = np.random.default_rng([20_026, seed])
    pace = float(10 ** rng.uniform(-6, 1))  # the seconds of this circuit
    total = pace * float(rng.uniform(1, 4))
    parts = rng.dirichlet(np.ones(int(rng.integers(1, 4)))) * 0.7 + 0.1
    durations = [float(total * share / parts.sum()) for share in parts]
    driven = [
        Node(f"u{k}", drive=waveform((seed + 2 * k) % 5, total, rng))
        for k in range(rng.integers(1, 3))
    ]
    free = [
        Node(
            f"n{k}",
            voltage=float(rng.normal(0, 0.5)),
            capacitance=pace * float(10 ** rng.uniform(-1, 1)),
            role="hidden" if k else "output",
        )
        for k in range(rng.integers(2, 6))
    ]
    slices, count = [], 0
    for duration in durations:
        devices = [("resistor", node.id, GROUND, 10 ** rng.uniform(-1, 0.5)) for node in free]
        for k in range(rng.integers(3, 9)):
            names = [node.id for node in (*driven, *free)]
            source, target = rng.choice(names, size=2, replace=False)
            if k < len(driven):
                source = driven[k].id
                target = str(rng.choice([node.id for node in free]))
            kind = str(rng.choice(kinds)) if k else kinds[0]
            devices.append((kind, str(source), str(target), 10 ** rng.uniform(-1, 0.5)))
        made = []
        for kind, source, target, size in devices:
            count += 1
            made.append(Device(f"d{count}", kind, source, target, _params(kind, size, rng)))
        slices.append(Slice(tuple(made), duration))
    return Circuit((*driven, *free), tuple(slices), f"driven {seed}")


def wide_circuit(seed: int) -> Circuit:
    """As ``driven_circuit``, with every parameter over decades of its own.

    Capacitances over four decades and conductances over three, beside the seconds of the circuit,
    over twelve; up to five slices, the shortest a hundredth of the longest; waveforms from two
    pieces to a few hundred.
    """
    rng = np.random.default_rng([20_027, seed])
    pace = float(10 ** rng.uniform(-9, 3))
    durations = [float(pace * 10 ** rng.uniform(-1.7, 0.3)) for _ in range(rng.integers(1, 6))]
    total = sum(durations)
    driven = [
        Node(f"u{k}", drive=waveform((seed + 2 * k) % 5, total * 10 ** rng.uniform(-1.3, 0.0), rng))
        for k in range(rng.integers(1, 4))
    ]
    free = [
        Node(
            f"n{k}",
            voltage=float(rng.choice([0.0, 1.0]) * rng.normal(0, 0.5)),
            capacitance=pace * float(10 ** rng.uniform(-3, 1)),
            role="hidden" if k else "output",
        )
        for k in range(rng.integers(2, 7))
    ]
    names = [node.id for node in (*driven, *free)]
    slices, count = [], 0
    for duration in durations:
        ends = [("resistor", node.id, GROUND) for node in free]
        ends += [("resistor", node.id, str(rng.choice(names[len(driven) :]))) for node in driven]
        for _ in range(rng.integers(2, 8)):
            source, target = rng.choice(names, size=2, replace=False)
            ends.append((str(rng.choice(KINDS)), str(source), str(target)))
        made = []
        for kind, source, target in ends:
            count += 1
            size = float(10 ** rng.uniform(-2, 1))
            made.append(Device(f"d{count}", kind, source, target, _params(kind, size, rng)))
        slices.append(Slice(tuple(made), duration))
    return Circuit((*driven, *free), tuple(slices), f"wide {seed}")


def _params(kind: str, size: float, rng: np.random.Generator) -> dict[str, float]:
    if kind == "transconductor":
        return {"gain": float(0.3 * size * rng.choice([-1, 1]))}
    if kind == "tanh_diff":
        return {"g": float(rng.normal()), "c": float(rng.normal(0, 0.3))}
    if kind == "rectifier":
        return {"conductance": float(size), "threshold": float(rng.normal(0, 0.5))}
    if kind == "diode":
        return {"saturation_current": float(10 ** rng.uniform(-12, -8)), "ideality": 1.5}
    return {"conductance": float(size)}


def waveform(number: int, total: float, rng: np.random.Generator) -> Waveform:
    """One of the five, with some ten pieces at most within the duration."""
    if number == 0:
        return Constant(float(rng.normal()))
    if number == 1:
        period = float(total * rng.uniform(0.3, 0.9))
        rise, width, fall = (float(period * rng.uniform(0.01, 0.3)) for _ in range(3))
        delay = float(total * rng.uniform(0, 0.3))
        low, high = (float(level) for level in rng.normal(0, 1, 2))
        return Pulse(low, high, delay, rise, fall, width, period)
    if number == 2:
        numbers = [rng.normal(0, 0.3), rng.normal(), rng.uniform(0.5, 2) / total]
        numbers += [rng.uniform(0, 0.3) * total, rng.uniform(0, 2) / total, rng.uniform(-180, 180)]
        return Sine(*(float(value) for value in numbers))
    times = (0.0, *np.sort(rng.uniform(0.02, 1.1, 5) * total).tolist())
    kind = PiecewiseLinear if number == 3 else PiecewiseConstant
    return kind(times, tuple(rng.normal(0, 1, 6).tolist()))


def voltage_of(wave: Waveform) -> Callable[[float], float]:
    """u(t) written down once more, away from our waveforms; at a jump the voltage after it."""
    match wave:
        case Constant():
            return lambda t: wave.voltage
        case Pulse():
            corners = np.cumsum([0.0, wave.rise, wave.width, wave.fall])
            levels = [wave.low, wave.high, wave.high, wave.low]

            def pulsed(t: float) -> float:
                since = t - wave.delay
                return float(np.interp(since % wave.period if since > 0 else 0, corners, levels))

            return pulsed
        case Sine():

            def swinging(t: float) -> float:
                since = max(t - wave.delay, 0.0)
                turn = 2 * np.pi * (wave.frequency * since + wave.phase / 360)
                return wave.offset + wave.amplitude * np.exp(-wave.damping * since) * np.sin(turn)

            return swinging
        case Exponential():

            def leaning(t: float) -> float:
                tau = wave.rise_time, wave.fall_time
                gone = [max(t - start, 0.0) for start in (wave.rise, wave.fall)]
                rise, fall = (1 - np.exp(-s / each) for s, each in zip(gone, tau, strict=True))
                return wave.low + (wave.high - wave.low) * (rise - fall)

            return leaning
        case PiecewiseLinear():
            return lambda t: float(np.interp(t, wave.times, wave.values))
        case PiecewiseConstant():
            return lambda t: wave.values[int(np.searchsorted(wave.times, t, side="right")) - 1]
    raise AssertionError(wave)


def truth(circuit: Circuit, t: Array, method: str = "LSODA") -> Array:
    """Voltages (T, N) by SciPy at 1e-10, stretch after stretch, the driven ones as they are held.

    Nothing of ours but the description is used: breakpoints come from the waveforms' numbers.
    """
    reference = Reference(circuit)
    free = np.array([node.drive is None for node in circuit.nodes])
    sources = [voltage_of(node.drive) for node in circuit.nodes if node.drive]
    out = np.full((len(t), len(free)), np.nan)
    state = reference.v0[free]
    for index, start, end in _stretches(circuit):
        # At its end a stretch ends with the voltage before a jump.
        middle = 0.5 * (start + end)
        stands = [isinstance(node.drive, PiecewiseConstant) for node in circuit.nodes if node.drive]

        def whole(time: float, v: Array, stands: list[bool] = stands, at: float = middle) -> Array:
            full = np.empty(len(free))
            full[free] = v
            pairs = zip(sources, stands, strict=True)
            full[~free] = [u(at if still else time) for u, still in pairs]
            return full

        def slope(x: float, v: Array, index: int = index, start: float = start, end: float = end,
                  whole: Callable[[float, Array], Array] = whole) -> Array:  # fmt: skip
            return (end - start) * reference.slope(index, whole(start + x * (end - start), v))[free]

        solution = solve_ivp(
            slope, (0.0, 1.0), state, method=method, rtol=1e-10, atol=1e-13, dense_output=True
        )
        assert solution.success, solution.message
        inside = (t >= start - 1e-12 * circuit.duration) & (t <= end + 1e-12 * circuit.duration)
        for k in np.flatnonzero(inside):
            x = np.clip((t[k] - start) / (end - start), 0.0, 1.0)
            out[k] = whole(t[k], solution.sol(x))
        state = solution.y[:, -1]
    return out


def _stretches(circuit: Circuit) -> list[tuple[int, float, float]]:
    ends = np.concatenate([[0.0], np.cumsum([part.duration for part in circuit.slices])])
    marks = set(ends.tolist())
    for node in circuit.nodes:
        wave = node.drive
        if isinstance(wave, PiecewiseLinear | PiecewiseConstant):
            marks |= set(wave.times)
        if isinstance(wave, Sine):
            marks.add(wave.delay)
        if isinstance(wave, Pulse):
            corners = np.cumsum([0.0, wave.rise, wave.width, wave.fall])
            count = int(np.ceil(ends[-1] / wave.period)) + 1
            marks |= {wave.delay + k * wave.period + c for k in range(count) for c in corners}
    marks = sorted(mark for mark in marks if 0 <= mark <= ends[-1])
    return [
        (int(np.searchsorted(ends, 0.5 * (a + b))) - 1, a, b)
        for a, b in pairwise(marks)
        if b - a > 1e-11 * ends[-1]
    ]
