"""Circuits that are hard to integrate, from a seed, and what their voltages truly are.

Capacitances, conductances and durations each spread over six decades, one to three slices, every
registered kind of device, diodes from 1e-15 A to 1e-6 A, positive feedback, nodes that start at
0 V and are driven by currents, latches that start at 1e-13 V. Nearly all voltages stay within some
hundred volts: a node that could leave them gets a leak to ground which holds it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.devices import DEVICES, FusedLaw

Array = NDArray[np.float64]
BOUNDED = ("tanh", "sigmoid")
"""Activations whose current is at most the gain."""

VOLTS = 30.0
"""What a node may drift in one slice before it gets a leak [V]."""

GROWTH = 4.0
"""Time constants that a node may grow for in one slice before it gets a leak."""

FAMILIES = ("mixed", "diodes", "feedback", "driven", "latch", "networks")
"""What a circuit is mostly made of; see ``_kinds`` and ``_start``."""


def hard_circuit(seed: int, family: str | None = None) -> Circuit:
    """One circuit; the families take turns.

    Args:
        seed: of everything random; equal seeds give equal circuits.
        family: one of ``FAMILIES``.
    """
    rng = np.random.default_rng([20_011, seed])
    family = family or FAMILIES[seed % len(FAMILIES)]
    ids = [f"n{k + 1}" for k in range(rng.integers(2, 8))]
    kinds = _kinds(family, rng)
    capacitances = {name: _decades(rng, -5, 1) for name in ids}
    longest = _decades(rng, -4, 2)
    slices, count = [], 0
    for _ in range(rng.integers(1, 4)):
        duration = longest * _decades(rng, -2, 0)
        devices = _devices(rng, ids, kinds, family, count)
        devices += _leaks(rng, devices, capacitances, duration, count + len(devices))
        count += len(devices)
        slices.append(Slice(tuple(devices), duration))
    start = _start(family, rng, len(ids))
    # (C, T) -> (s C, s T) leaves the voltages alone: from seconds down to nanoseconds.
    pace = _decades(rng, -9, 0) if seed % 2 else 1.0
    nodes = tuple(
        Node(
            name,
            voltage=start[k],
            capacitance=capacitances[name] * pace,
            role="input" if k == 0 else "output" if k == len(ids) - 1 else "hidden",
        )
        for k, name in enumerate(ids)
    )
    slices = tuple(replace(part, duration=part.duration * pace) for part in slices)
    return Circuit(nodes, slices, f"hard {seed} {family}")


def _decades(rng: np.random.Generator, low: float, high: float) -> float:
    return float(10 ** rng.uniform(low, high))


def _kinds(family: str, rng: np.random.Generator) -> list[str]:
    every = DEVICES.names()
    own = {
        "diodes": ["diode", "diode", "resistor", "current_source"],
        "feedback": ["tanh_diff", "tanh", "resistor", "sigmoid", "relu_diff"],
        "driven": ["current_source", "resistor", "diode", "rectifier", "threshold_relu"],
        "latch": ["tanh_diff", "tanh", "resistor"],
        "networks": [kind for kind in every if kind not in ("diode", "resistor")],
    }.get(family, every)
    return own if family != "mixed" else [str(kind) for kind in rng.choice(every, 6)]


def _start(family: str, rng: np.random.Generator, count: int) -> list[float]:
    """Initial voltages [V]: a latch starts anywhere down to 1e-13 V, driven nodes at 0 V."""
    if family == "driven":
        return [0.0] * count
    swing = _decades(rng, -13, -5) if family == "latch" else _decades(rng, -1, 0.7)
    return [float(value) for value in swing * rng.normal(0, 1, count)]


def _devices(
    rng: np.random.Generator, ids: list[str], kinds: list[str], family: str, count: int
) -> list[Device]:
    devices = []
    for k in range(rng.integers(len(ids), 3 * len(ids) + 1)):
        ends = [str(end) for end in rng.choice([*ids, GROUND], size=2, replace=False)]
        if k == 1:  # parallel to the first device
            ends = [devices[0].source, devices[0].target]
        kind = str(rng.choice(kinds))
        params = random_params(kind, rng, offsets=family != "latch")
        devices.append(Device(f"d{count + k + 1}", kind, *ends, params))
    return devices


def random_params(kind: str, rng: np.random.Generator, offsets: bool = True) -> dict[str, float]:
    """Parameters over six decades; without offsets 0 V everywhere is a state of rest.

    Whatever kinds are registered, their parameters are drawn by name within their bounds.
    """
    params = {}
    for param in DEVICES[kind].params:
        if param.name == "saturation_current":
            value = _decades(rng, -15, -6)
        elif param.name == "ideality":
            value = float(rng.uniform(1.0, 2.5))
        elif param.name == "conductance":
            value = _decades(rng, -4, 2)
        elif param.name in ("c", "threshold", "current"):
            value = float(offsets * rng.normal() * _decades(rng, -3, 0.7))
        else:
            value = float(rng.choice([-1, 1]) * _decades(rng, -4, 2))
        low = -np.inf if param.low is None else param.low
        params[param.name] = max(value, low)
    return params


def _leaks(
    rng: np.random.Generator,
    devices: list[Device],
    capacitances: dict[str, float],
    duration: float,
    count: int,
) -> list[Device]:
    """Resistors to ground at the nodes which could drift or grow too far in this slice."""
    drive, gain = dict.fromkeys(capacitances, 0.0), dict.fromkeys(capacitances, 0.0)
    for device in devices:
        amperes, siemens = _activity(device)
        for end in (device.source, device.target):
            if end != GROUND:
                drive[end] += amperes
                gain[end] += siemens
    leaks = []
    for node, capacitance in capacitances.items():
        pace = duration / capacitance
        if drive[node] * pace <= VOLTS and gain[node] * pace <= GROWTH and rng.random() < 0.8:
            continue
        held = max(1.5 * gain[node], drive[node] / _decades(rng, -0.5, 1.2), 1e-4)
        params = {"conductance": held * _decades(rng, 0, 1)}
        name = f"d{count + len(leaks) + 1}"
        leaks.append(Device(name, "resistor", node, GROUND, params))
    return leaks


def _activity(device: Device) -> tuple[float, float]:
    """What a device can feed in: at most so many amperes, and siemens times a voltage."""
    law: Any = DEVICES[device.kind]
    if not issubclass(law, FusedLaw) or device.kind == "rectifier":
        return 0.0, 0.0
    terms: Any = law.fused(device.params)
    if law.activation.name in BOUNDED:
        return abs(terms["gain"]), 0.0
    if device.kind == "resistor":
        return 0.0, 2 * max(-terms["a"], 0.0)
    scale = abs(terms["gain"])
    return scale * (1 + abs(terms["c"])), scale * (abs(terms["a"]) + abs(terms["b"]))


class Truth:
    """Voltages of a circuit by SciPy, from the description alone, with its own Jacobian.

    Two implicit methods must agree: ``distrust`` is the share of the largest voltage by which they
    differ, infinite if one of them failed.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.capacitance = np.array([node.capacitance for node in circuit.nodes])
        self.start = np.array([node.voltage for node in circuit.nodes])
        rows = {name: k for k, name in enumerate([*circuit.node_ids, GROUND])}
        self.slices = [_Currents(part, rows) for part in circuit.slices]
        self.distrust = np.inf

    def voltages(self, t: Array) -> Array | None:
        """Voltages (T, N), or nothing where SciPy itself gives up; sets ``distrust``."""
        one, other = self._solved(t, "LSODA", 1e-10), self._solved(t, "Radau", 1e-8)
        best = one if one is not None else other
        if one is not None and other is not None:
            scale = max(float(np.abs(one).max()), 1e-300)
            self.distrust = float(np.abs(one - other).max()) / scale
        return best

    def _solved(self, t: Array, method: str, rtol: float) -> Array | None:
        result = np.empty((len(t), len(self.start)))
        state, begin = self.start, 0.0
        floor = 1e-10 * rtol * max(float(np.abs(state).max()), 1e-6 * self._drive())
        with np.errstate(all="ignore"):
            for currents, part in zip(self.slices, self.circuit.slices, strict=True):
                # Each slice counts its own time: after the first no digits are lost in t.
                local = t - begin
                inside = (local >= 0) & (local <= part.duration * (1 + 1e-12))
                times = np.minimum(local[inside], part.duration)
                solution = solve_ivp(
                    currents.slope(self.capacitance),
                    (0.0, part.duration),
                    state,
                    method=method,
                    t_eval=np.unique(np.append(times, part.duration)),
                    jac=currents.jacobian(self.capacitance),
                    rtol=rtol,
                    atol=max(floor, 1e-290),
                )
                if not solution.success or not np.isfinite(solution.y).all():
                    return None
                columns = np.searchsorted(solution.t, times)
                result[inside] = solution.y.T[columns]
                state, begin = solution.y[:, -1], begin + part.duration
        return result

    def _drive(self) -> float:
        """The voltage that the currents at rest would reach at once [V]; a scale from 0 V on."""
        parts = zip(self.slices, self.circuit.slices, strict=True)
        moves = [
            np.abs(currents.net(self.start) / self.capacitance).max() * part.duration
            for currents, part in parts
        ]
        return min(float(max(moves)), 1.0)


class _Currents:
    """All currents of a slice at once: gain phi(a v_s + b v_d + c), and diodes."""

    def __init__(self, part: Slice, rows: dict[str, int]) -> None:
        self.size = len(rows)
        groups: dict[tuple[str, bool], list[Device]] = {}
        for device in part.devices:
            law: Any = DEVICES[device.kind]
            name = law.activation.name if issubclass(law, FusedLaw) else device.kind
            groups.setdefault((name, law.one_sided), []).append(device)
        self.groups = [
            (
                LAWS[name],
                np.array([rows[device.source] for device in members]),
                np.array([rows[GROUND if one_sided else device.source] for device in members]),
                np.array([rows[device.target] for device in members]),
                _columns(members),
            )
            for (name, one_sided), members in groups.items()
        ]

    def net(self, v: Array) -> Array:
        """The current into every node [A]."""
        v, into = np.append(v, 0.0), np.zeros(self.size)
        for law, source, leaves, target, p in self.groups:
            i, _ = law(p[1] * v[source] + p[2] * v[target] + p[3])
            np.subtract.at(into, leaves, p[0] * i)
            np.add.at(into, target, p[0] * i)
        return into[:-1]

    def slope(self, capacitance: Array) -> Callable[[float, Array], Array]:
        """dv/dt as SciPy calls it."""
        return lambda _, v: self.net(v) / capacitance

    def jacobian(self, capacitance: Array) -> Callable[[float, Array], Array]:
        """d(dv/dt)/dv as SciPy calls it."""

        def matrix(_: float, v: Array) -> Array:
            v, slopes = np.append(v, 0.0), np.zeros((self.size, self.size))
            for law, source, leaves, target, p in self.groups:
                _, slope = law(p[1] * v[source] + p[2] * v[target] + p[3])
                for end, weight in ((source, p[1]), (target, p[2])):
                    np.subtract.at(slopes, (leaves, end), p[0] * slope * weight)
                    np.add.at(slopes, (target, end), p[0] * slope * weight)
            return slopes[:-1, :-1] / capacitance[:, None]

        return matrix


def _columns(members: list[Device]) -> Array:
    """Rows gain, a, b, c of devices with one activation."""
    table = []
    for device in members:
        law: Any = DEVICES[device.kind]
        if issubclass(law, FusedLaw):
            terms: Any = law.fused(device.params)
            table.append([terms[name] for name in ("gain", "a", "b", "c")])
        else:
            scale = 1 / (device.params["ideality"] * 0.02585)
            table.append([device.params["saturation_current"], scale, -scale, 0.0])
    return np.array(table).T


def _diode(x: Array) -> tuple[Array, Array]:
    e = np.exp(np.minimum(x, 32.0))
    beyond = np.maximum(x - 32.0, 0)
    return np.where(x < 32, np.expm1(np.minimum(x, 32.0)), e * (1 + beyond) - 1), e


def _softplus(u: Array) -> tuple[Array, Array]:
    return np.logaddexp(0, u), 0.5 * (1 + np.tanh(0.5 * u))


LAWS: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "identity": lambda u: (u, np.ones_like(u)),
    "relu": lambda u: (np.maximum(u, 0), (u > 0).astype(float)),
    "leaky_relu": lambda u: (np.where(u > 0, u, 0.01 * u), np.where(u > 0, 1.0, 0.01)),
    "tanh": lambda u: (np.tanh(u), 1 - np.tanh(u) ** 2),
    "sigmoid": lambda u: (0.5 * (1 + np.tanh(0.5 * u)), 0.25 * (1 - np.tanh(0.5 * u) ** 2)),
    "softplus": _softplus,
    "diode": _diode,
}
"""phi(u) and phi'(u); an independent second writing of them."""
