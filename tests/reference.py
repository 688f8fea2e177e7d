"""An independent simulator in NumPy and SciPy; of ours it reads only the description."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from backend.circuit import GROUND, Circuit

Array = NDArray[np.float64]


def leaky(u: Array) -> Array:
    return np.where(u > 0, u, 0.01 * u)


def diode(s: Array, d: Array, p: dict[str, Array]) -> Array:
    x = (s - d) / (p["ideality"] * 0.02585)
    tangent = np.exp(32.0) * (1 + np.maximum(x - 32.0, 0))
    return p["saturation_current"] * (np.where(x < 32, np.exp(np.minimum(x, 32)), tangent) - 1)


ENDS = ("source", "target")

LAWS: dict[str, Callable[[Array, Array, dict[str, Array]], Array]] = {
    "relu": lambda s, d, p: np.maximum(p["a"] * s + p["b"] * d + p["c"], 0),
    "leaky_relu": lambda s, d, p: leaky(p["a"] * s + p["b"] * d + p["c"]),
    "tanh": lambda s, d, p: np.tanh(p["a"] * s + p["b"] * d + p["c"]),
    "sigmoid": lambda s, d, p: 1 / (1 + np.exp(-(p["a"] * s + p["b"] * d + p["c"]))),
    "softplus": lambda s, d, p: np.logaddexp(0, p["a"] * s + p["b"] * d + p["c"]),
    "relu_diff": lambda s, d, p: np.maximum(p["g"] * (s - d) + p["c"], 0),
    "leaky_relu_diff": lambda s, d, p: leaky(p["g"] * (s - d) + p["c"]),
    "tanh_diff": lambda s, d, p: np.tanh(p["g"] * (s - d) + p["c"]),
    "threshold_relu": lambda s, d, p: p["gain"] * np.maximum(s - d - p["threshold"], 0),
    "threshold_leaky_relu": lambda s, d, p: p["gain"] * leaky(s - d - p["threshold"]),
    "resistor": lambda s, d, p: p["conductance"] * (s - d),
    "rectifier": lambda s, d, p: p["conductance"] * np.maximum(s - d - p["threshold"], 0),
    "current_source": lambda s, d, p: p["current"] + 0 * s,
    "transconductor": lambda s, d, p: p["gain"] * s + 0 * d,
    "diode": diode,
}
ONE_SIDED = ("transconductor",)
"""Kinds whose current comes from ground and not from their source."""


def steep(kind: str, s: Array, d: Array, p: dict[str, Array]) -> tuple[Array, Array]:
    """di/dv_s and di/dv_d of a kind, written down once more, away from our devices."""
    if kind == "diode":
        width = p["ideality"] * 0.02585
        g = p["saturation_current"] * np.exp(np.minimum((s - d) / width, 32.0)) / width
        return g, -g
    if kind == "current_source":
        return 0 * s, 0 * s
    if kind == "transconductor":
        return p["gain"] + 0 * s, 0 * s
    if kind in ("resistor", "rectifier", "threshold_relu", "threshold_leaky_relu"):
        gain = p["gain"] if "gain" in p else p["conductance"]
        u = s - d - p.get("threshold", 0.0)
        a, b, c = 1.0, -1.0, 0.0
    else:
        gain = 1.0
        a, b, c = (p["g"], -p["g"], p["c"]) if "g" in p else (p["a"], p["b"], p["c"])
        u = a * s + b * d + c
    th = np.tanh(u / 2)
    slope = {
        "tanh": 1 - np.tanh(u) ** 2,
        "tanh_diff": 1 - np.tanh(u) ** 2,
        "sigmoid": (1 - th**2) / 4,
        "softplus": (1 + th) / 2,
        "resistor": 1 + 0 * u,
    }.get(kind, np.where(u > 0, 1.0, 0.01 if "leaky" in kind else 0.0))
    return gain * slope * a, gain * slope * b


class Reference:
    """Kirchhoff's current law, kind after kind."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.rows = {name: k for k, name in enumerate([*circuit.node_ids, GROUND])}
        self.capacitance = np.array([node.capacitance for node in circuit.nodes])
        self.v0 = np.array([node.voltage for node in circuit.nodes])
        self.held = np.array([node.drive is not None for node in circuit.nodes])
        self.groups = [self._grouped(part.devices) for part in circuit.slices]

    def _grouped(self, devices: Any) -> list[tuple[str, Array, Array, dict[str, Array]]]:
        groups = []
        for kind in sorted({device.kind for device in devices}):
            own = [device for device in devices if device.kind == kind]
            ends = [np.array([self.rows[getattr(d, end)] for d in own]) for end in ENDS]
            params = {name: np.array([d.params[name] for d in own]) for name in own[0].params}
            groups.append((kind, ends[0], ends[1], params))
        return groups

    def currents(self, index: int, v: Array) -> Array:
        """Currents of the devices of one slice at one state, one device after another."""
        v = np.append(v, 0.0)
        return np.array(
            [
                LAWS[device.kind](
                    v[self.rows[device.source]], v[self.rows[device.target]], device.params
                )
                for device in self.circuit.slices[index].devices
            ]
        )

    def _leaves(self, kind: str, source: Array) -> Array:
        """The rows that the currents of a kind leave."""
        return np.full_like(source, len(self.v0)) if kind in ONE_SIDED else source

    def slope(self, index: int, v: Array) -> Array:
        """dv/dt during one slice."""
        v = np.append(v, 0.0)
        net = np.zeros(len(v))
        for kind, s, d, p in self.groups[index]:
            i = LAWS[kind](v[s], v[d], p)
            np.subtract.at(net, self._leaves(kind, s), i)
            np.add.at(net, d, i)
        return net[:-1] / self.capacitance

    def jacobian(self, index: int, v: Array) -> Array:
        """d(dv/dt)/dv during one slice, (N, N)."""
        v = np.append(v, 0.0)
        out = np.zeros((len(v), len(v)))
        for kind, s, d, p in self.groups[index]:
            g_s, g_d = steep(kind, v[s], v[d], p)
            for row, sign in ((self._leaves(kind, s), -1.0), (d, 1.0)):
                np.add.at(out, (row, s), sign * g_s)
                np.add.at(out, (row, d), sign * g_d)
        return out[:-1, :-1] / self.capacitance[:, None]

    def adjoint(self, t: Array, rows: list[int], method: str = "LSODA") -> Array:
        """Lambda (T, N) of the sum of the voltages in ``rows``, solved backwards by SciPy.

        Time runs from 0 to 1 in every slice: SciPy has absolute ideas of what is small. Of driven
        nodes it is 0, and circuits that have some must be linear: the way they went is not asked.
        """
        linear = ("resistor", "transconductor", "current_source")
        assert not self.held.any() or all(d.kind in linear for d in self.circuit.devices)
        starts = np.concatenate([[0.0], np.cumsum([s.duration for s in self.circuit.slices])])
        slice_of = np.searchsorted(starts[1:-1], t + 1e-12 * starts[-1], side="right")
        paths, state = [], self.v0
        for k, part in enumerate(self.circuit.slices):
            path = self._integrated(
                lambda _, v, k=k, span=part.duration: span * self.slope(k, v),
                lambda _, v, k=k, span=part.duration: span * self.jacobian(k, v),
                state, method,
            )  # fmt: skip
            paths.append(path.sol)
            state = path.y[:, -1]
        out, lam = np.empty((len(t), len(self.v0))), np.zeros(len(self.v0))
        lam[rows] = 1.0
        for k in reversed(range(len(paths))):
            span = self.circuit.slices[k].duration

            def pulled(tau: float, k: int = k, span: float = span) -> Array:
                matrix = span * self.jacobian(k, paths[k](1 - tau)).T
                matrix[self.held] = 0.0
                return matrix

            back = self._integrated(
                lambda tau, w, pulled=pulled: pulled(tau) @ w,
                lambda tau, _, pulled=pulled: pulled(tau), lam, method,
            )  # fmt: skip
            inside = slice_of == k
            if inside.any():
                out[inside] = back.sol(1 - np.clip((t[inside] - starts[k]) / span, 0, 1)).T
            lam = back.y[:, -1]
        return out

    @staticmethod
    def _integrated(slope: Any, jacobian: Any, start: Array, method: str) -> Any:
        scale = float(np.abs(start).max()) or 1.0
        more = {} if method == "DOP853" else {"jac": jacobian}
        found = solve_ivp(
            slope, (0.0, 1.0), start, method=method, rtol=1e-9, atol=1e-13 * scale,
            dense_output=True, **more,
        )  # fmt: skip
        assert found.success, found.message
        return found

    def voltages(self, t: Array, tolerance: float = 1e-10, method: str = "DOP853") -> Array:
        """Voltages (T, N) by SciPy, slice after slice."""
        result = np.empty((len(t), len(self.v0)))
        state, start = self.v0, 0.0
        for index, part in enumerate(self.circuit.slices):
            end = start + part.duration
            last = index == len(self.circuit.slices) - 1
            inside = (t >= start - 1e-12) & ((t < end - 1e-12) | last)
            solution = solve_ivp(
                lambda _, v, index=index: self.slope(index, v),
                (start, end),
                state,
                method=method,
                t_eval=np.unique(np.append(np.clip(t[inside], start, end), end)),
                rtol=tolerance,
                atol=tolerance,
            )
            assert solution.success, solution.message
            result[inside] = solution.y.T[: inside.sum()]
            state, start = solution.y[:, -1], end
        return result
