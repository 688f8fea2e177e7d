"""An independent simulator in NumPy and SciPy; of ours it reads only the description."""

from collections.abc import Callable

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
    "diode": diode,
}


class Reference:
    """Kirchhoff's current law, one device after another."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.rows = {name: k for k, name in enumerate([*circuit.node_ids, GROUND])}
        self.capacitance = np.array([node.capacitance for node in circuit.nodes])
        self.v0 = np.array([node.voltage for node in circuit.nodes])

    def currents(self, index: int, v: Array) -> Array:
        """Currents of the devices of one slice at one state."""
        v = np.append(v, 0.0)
        return np.array(
            [
                LAWS[device.kind](
                    v[self.rows[device.source]], v[self.rows[device.target]], device.params
                )
                for device in self.circuit.slices[index].devices
            ]
        )

    def slope(self, index: int, v: Array) -> Array:
        """dv/dt during one slice."""
        net = np.zeros(len(v) + 1)
        devices = self.circuit.slices[index].devices
        for device, i in zip(devices, self.currents(index, v), strict=True):
            net[self.rows[device.source]] -= i
            net[self.rows[device.target]] += i
        return net[:-1] / self.capacitance

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
