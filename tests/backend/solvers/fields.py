"""Textbook vector fields with their derivatives written out."""

import math

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

F64 = torch.float64


class Linear:
    """``y' = A y``; the end state is ``expm(A t) y0``."""

    autonomous = True

    def __init__(self, matrix: Tensor) -> None:
        self.matrix = matrix

    def __call__(self, t, y):
        return self.matrix @ y

    def vjp(self, t, y, w):
        return self.matrix.T @ w, (w @ y.T,)

    def parameter_tensors(self):
        return (self.matrix,)

    def jacobian(self, t, y):
        return self.matrix.detach().expand(y.shape[1], -1, -1)


class Logistic:
    """``y' = r y (1 - y)`` with one rate per component."""

    def __init__(self, rate: Tensor) -> None:
        self.rate = rate

    def __call__(self, t, y):
        return self.rate * y * (1 - y)

    def vjp(self, t, y, w):
        slope = self.rate * (1 - 2 * y)
        return slope * w, ((y * (1 - y) * w).sum(1, keepdim=True),)

    def parameter_tensors(self):
        return (self.rate,)

    def jacobian(self, t, y):
        return torch.diag_embed((self.rate * (1 - 2 * y)).detach().T)

    def exact(self, t: float, y0: Tensor) -> Tensor:
        growth = torch.exp(self.rate * t)
        return y0 * growth / (1 - y0 + y0 * growth)


class Follower:
    """``y' = -k (y - cos(w t))``: depends on time, stiff for large ``k``, no parameters."""

    def __init__(self, rate: float = 2.0, frequency: float = 3.0) -> None:
        self.rate, self.frequency = rate, frequency

    def __call__(self, t, y):
        return -self.rate * (y - math.cos(self.frequency * float(t)))

    def vjp(self, t, y, w):
        return -self.rate * w, ()

    def parameter_tensors(self):
        return ()

    def jacobian(self, t, y):
        return -self.rate * torch.eye(y.shape[0], dtype=y.dtype).expand(y.shape[1], -1, -1)

    def exact(self, t: float, y0: Tensor) -> Tensor:
        k, w = self.rate, self.frequency
        forced = [
            k * (k * math.cos(w * s) + w * math.sin(w * s)) / (k * k + w * w) for s in (t, 0.0)
        ]
        return forced[0] + (y0 - forced[1]) * math.exp(-k * t)


class VanDerPol:
    """``x' = v``, ``v' = mu (1 - x^2) v - x``."""

    autonomous = True

    def __init__(self, mu: float = 1.0) -> None:
        self.mu = torch.tensor([[mu]], dtype=F64, requires_grad=True)

    def __call__(self, t, y):
        x, v = y
        return torch.stack([v, self.mu[0, 0] * (1 - x * x) * v - x])

    def jacobian(self, t, y):
        x, v = y
        mu = float(self.mu.detach())
        rows = [
            torch.zeros_like(x), torch.ones_like(x),
            -2 * mu * x * v - 1, mu * (1 - x * x),
        ]  # fmt: skip
        return torch.stack(rows, dim=-1).reshape(-1, 2, 2)

    def vjp(self, t, y, w):
        x, v = y
        pulled = torch.einsum("bij,ib->jb", self.jacobian(t, y), w)
        return pulled, (((1 - x * x) * v * w[1]).sum().reshape(1, 1),)

    def parameter_tensors(self):
        return (self.mu,)


class Network:
    """``y' = V tanh(W y + b cos t)``: smooth, coupled, three parameter tensors, time dependent."""

    def __init__(self, size: int = 3, dtype: torch.dtype = F64, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        shapes = ((size, size), (size, 1), (size, size))
        self.w, self.b, self.v = (
            torch.randn(shape, generator=generator, dtype=F64).to(dtype).requires_grad_()
            for shape in shapes
        )

    def _inner(self, t, y):
        # A tensor all the way: in torchdiffeq's graph the times of its steps hang on the state.
        drive = torch.cos(torch.as_tensor(t, dtype=F64)).to(y.dtype)
        return torch.tanh(self.w @ y + self.b * drive)

    def __call__(self, t, y):
        return self.v @ self._inner(t, y)

    def vjp(self, t, y, w):
        inner = self._inner(t, y)
        u = (1 - inner * inner) * (self.v.T @ w)
        db = u.sum(1, keepdim=True) * math.cos(float(t))
        return self.w.T @ u, (u @ y.T, db, w @ inner.T)

    def parameter_tensors(self):
        return self.w, self.b, self.v

    def jacobian(self, t, y):
        slope = 1 - self._inner(t, y) ** 2
        return torch.einsum("ik,kb,kj->bij", self.v, slope, self.w).detach()


class Robertson:
    """The classical stiff chemistry: rates 0.04, 3e7 and 1e4."""

    autonomous = True

    def __call__(self, t, y):
        a, b, c = y
        slow, fast, back = 0.04 * a, 3e7 * b * b, 1e4 * b * c
        return torch.stack([back - slow, slow - back - fast, fast])

    def jacobian(self, t, y):
        a, b, c = y
        o = torch.zeros_like(a)
        rows = [
            o - 0.04, 1e4 * c, 1e4 * b,
            o + 0.04, -1e4 * c - 6e7 * b, -1e4 * b,
            o, 6e7 * b, o,
        ]  # fmt: skip
        return torch.stack(rows, dim=-1).reshape(-1, 3, 3)


class DiodeClamp:
    """A source of 1 V charges a capacitor through a resistor; a diode holds it near 0.5 V.

    ``C v' = g (1 - v) - I (exp(v / 26 mV) - 1)``: the diode's conductance makes it stiff.
    """

    autonomous = True

    def __init__(self) -> None:
        self.leak = torch.tensor([[1.0]], dtype=F64, requires_grad=True)
        self.capacitance, self.saturation, self.thermal = 1e-3, 1e-9, 0.026

    def __call__(self, t, y):
        diode = self.saturation * torch.expm1(y / self.thermal)
        return (self.leak * (1 - y) - diode) / self.capacitance

    def _slope(self, y):
        diode = self.saturation / self.thermal * torch.exp(y / self.thermal)
        return (-self.leak - diode) / self.capacitance

    def vjp(self, t, y, w):
        return self._slope(y) * w, (((1 - y) * w / self.capacitance).sum().reshape(1, 1),)

    def parameter_tensors(self):
        return (self.leak,)

    def jacobian(self, t, y):
        return torch.diag_embed(self._slope(y).detach().T)


class BlowUp:
    """``y' = y^2`` in component 1 of three: infinite at ``t = 1 / y0``."""

    autonomous = True

    def __call__(self, t, y):
        return torch.stack([torch.zeros_like(y[0]), y[1] * y[1], -y[2]])

    def jacobian(self, t, y):
        o = torch.zeros_like(y[0])
        return torch.diag_embed(torch.stack([o, 2 * y[1], o - 1], dim=-1))


def reference(field, y0: Tensor, t1: float, times=None, method: str = "DOP853") -> Tensor:
    """scipy's answer at 1e-10, ``(T, N, B)`` (``T = 1`` at the end without ``times``)."""
    shape = y0.shape

    @torch.no_grad()
    def flat(t: float, y: np.ndarray) -> np.ndarray:
        return field(t, torch.from_numpy(y).reshape(shape)).reshape(-1).numpy()

    found = solve_ivp(
        flat,
        (0.0, t1),
        y0.reshape(-1).numpy(),
        method=method,
        t_eval=[t1] if times is None else times.numpy(),
        rtol=1e-10,
        atol=1e-12,
    )
    assert found.success
    return torch.from_numpy(found.y.T.copy()).reshape(-1, *shape)


def start(size: int, batch: int, seed: int = 1, dtype: torch.dtype = F64) -> Tensor:
    """Random start states of moderate size."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn((size, batch), generator=generator, dtype=F64).to(dtype)


def worst(found: Tensor, wanted: Tensor) -> float:
    """Largest absolute difference."""
    return float((found - wanted).detach().abs().max())
