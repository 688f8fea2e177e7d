"""Slopes and derivatives of every scalar law are those of its value."""

import numpy as np
import pytest

from backend.engine.nodal import laws
from backend.engine.nodal.march import laws_at

STEP = 1e-6


def drawn(name: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
    """Controls, arguments and how many arguments count."""
    v, a = rng.normal(size=4), np.zeros(8)
    if laws.NUMBERS[name] < laws.DIODE:
        a[:4] = rng.normal(size=4)
        return v, a, 4
    if name in ("diode", "junction", "charge"):
        a[:7] = [
            10 ** rng.uniform(-15, -9), rng.uniform(0.7, 3), 1, 10 ** rng.uniform(-12, -6),
            rng.uniform(0.4, 1), rng.uniform(0.2, 0.6), 10 ** rng.uniform(-9, -6),
        ]  # fmt: skip
        return 0.3 * v, a, 7 if name == "charge" else 2
    if "mos" in name:
        a[:7] = [
            10 ** rng.uniform(-5, -3), rng.normal(), rng.uniform(0, 0.2), rng.uniform(0.1, 1),
            rng.uniform(0.4, 1), 1e-5, 2e-6,
        ]  # fmt: skip
        return v, a, 7
    a[:6] = [
        10 ** rng.uniform(-17, -12), rng.uniform(10, 300), rng.uniform(0.3, 5),
        rng.uniform(0.9, 2), rng.uniform(0.9, 2), rng.uniform(0.01, 0.1),
    ]  # fmt: skip
    return 0.4 * v, a, 6


def given(code: int, a: np.ndarray, v: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    current, slopes, by = np.empty((1, 1)), np.empty((1, 1, 4)), np.empty((1, 1, 8))
    laws_at(np.array([code]), a[None].copy(), v[None, None].copy(), current, slopes, by)
    return float(current[0, 0]), slopes[0, 0], by[0, 0]


def quotients(code: int, a: np.ndarray, v: np.ndarray, whole: int) -> tuple[float, ...]:
    """Central, forward and backward difference by one of (v, a) together, and their noise."""
    both = np.concatenate([v, a])
    h = STEP * max(abs(both[whole]), 1e-3 if whole < 4 else 0.0)

    def at(shift: float) -> float:
        moved = both.copy()
        moved[whole] += shift
        return given(code, moved[4:], moved[:4])[0]

    middle = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    noise = 1e-15 * (abs(at(0.0)) + abs(a[0])) / h
    return middle, (at(h) - at(0.0)) / h, (at(0.0) - at(-h)) / h, noise


@pytest.mark.parametrize("name", laws.NAMES)
def test_derivatives_are_those_of_the_value(name: str):
    """Against central differences of order 4; away from kinks they agree to 1e-6."""
    rng = np.random.default_rng(5)
    code, right = laws.NUMBERS[name], 0
    for _ in range(60):
        v, a, count = drawn(name, rng)
        found = np.concatenate(given(code, a, v)[1:])
        for whole in range(4 + count):
            if whole >= 4 and a[whole - 4] == 0.0:
                continue
            near, above, below, noise = quotients(code, a, v, whole)
            if abs(near - found[whole]) <= 1e-6 * abs(near) + 50 * noise:
                right += 1
            else:  # only a kink between the points may be in the way
                assert abs(above - below) > 1e-7 * abs(near), (name, whole, near, found[whole])
    assert right > 200
