"""Explicit Runge-Kutta methods as tables that check themselves."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Terms = tuple[tuple[int, float], ...]
"""Pairs of stage index and coefficient, zeros left out."""


def _terms(coefficients: Sequence[float]) -> Terms:
    return tuple((j, float(a)) for j, a in enumerate(coefficients) if a != 0)


_by_key: "dict[str, ButcherTableau]" = {}


def tableau_of(key: str) -> "ButcherTableau":
    """The tableau of these coefficients, which somebody made before."""
    return _by_key[key]


@dataclass(frozen=True)
class ButcherTableau:
    """``k_i = f(t + c_i h, y + h sum_j a_ij k_j)``, ``y1 = y + h sum_i b_i k_i``.

    Args:
        c: stage times as fractions of the step.
        a: rows of the strictly lower triangle, one per stage, the first empty.
        b: weights of the result.
        order: convergence order of the result.
        b_low: weights of the embedded result whose difference estimates the error.
        order_low: order of the embedded result.
        dense: row ``i`` holds ``p_im`` of ``b_i(theta) = sum_m p_im theta^(m+1)``, the weights of
            the state at the fraction ``theta`` of the step.
        order_dense: order of the dense output.

    Raises:
        ValueError: the table contradicts itself, a slip of typing in nine cases of ten.
    """

    c: Sequence[float]
    a: Sequence[Sequence[float]]
    b: Sequence[float]
    order: int
    b_low: Sequence[float] | None = None
    order_low: int = 0
    dense: Sequence[Sequence[float]] | None = None
    order_dense: int = 0

    rows: tuple[Terms, ...] = field(init=False, repr=False)
    """Non-zero ``(j, a_ij)`` of every stage ``i``."""
    columns: tuple[Terms, ...] = field(init=False, repr=False)
    """Non-zero ``(i, a_ij)`` of every stage ``j``: who uses ``k_j``, for the way back."""
    weights: Terms = field(init=False, repr=False)
    error: Terms = field(init=False, repr=False)
    stages: int = field(init=False, repr=False)
    """Stages the result needs; a last stage that only serves the error estimate is not counted."""
    fsal: bool = field(init=False, repr=False)
    """First same as last: the last stage of a step is the first one of the next."""
    key: str = field(init=False, repr=False)
    """A name made of the coefficients: what operators on tensors are told; see ``tableau_of``."""

    def __post_init__(self) -> None:
        self._check_shape()
        self._check_order()
        low = self.b_low
        derived: dict[str, Any] = {
            "rows": tuple(_terms(row) for row in self.a),
            "columns": tuple(
                tuple((i, float(row[j])) for i, row in enumerate(self.a) if j < i and row[j] != 0)
                for j in range(len(self.b))
            ),
            "weights": _terms(self.b),
            "error": _terms([b - e for b, e in zip(self.b, low, strict=True)]) if low else (),
            "stages": 1 + max(i for i, b in enumerate(self.b) if b != 0),
            "fsal": self.c[-1] == 1 and self.b[-1] == 0 and list(self.a[-1]) == list(self.b[:-1]),
        }
        derived["key"] = hashlib.sha256(repr(self).encode()).hexdigest()[:16]
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        _by_key[self.key] = self

    def dense_weights(self, theta: float) -> list[float]:
        """``b_i(theta)`` of every stage.

        Raises:
            ValueError: the table has no dense output.
        """
        if self.dense is None:
            raise ValueError("this tableau has no dense output")
        weights: list[float] = []
        for row in self.dense:
            value = 0.0
            for coefficient in reversed(row):
                value = (value + coefficient) * theta
            weights.append(value)
        return weights

    def _check_shape(self) -> None:
        stages = len(self.b)
        if len(self.c) != stages or [len(row) for row in self.a] != list(range(stages)):
            raise ValueError(f"a tableau of {stages} stages needs as many c and rows of a")
        if self.b_low is not None and len(self.b_low) != stages:
            raise ValueError(f"the embedded weights must be {stages}, got {len(self.b_low)}")
        if self.dense is not None and len(self.dense) != stages:
            raise ValueError(f"the dense weights must be {stages}, got {len(self.dense)}")
        for i, (c, row) in enumerate(zip(self.c, self.a, strict=True)):
            _agree(f"sum of row {i} of a", math.fsum(row), c)

    def _check_order(self) -> None:
        self._check_quadrature("b", self.b, self.order, 1.0)
        if self.b_low is not None:
            self._check_quadrature("embedded b", self.b_low, self.order_low, 1.0)
        if self.dense is not None:
            for theta in (0.25, 0.6, 1.0):
                weights = self.dense_weights(theta)
                self._check_quadrature(f"b({theta})", weights, self.order_dense, theta)
            for i, (end, b) in enumerate(zip(self.dense_weights(1.0), self.b, strict=True)):
                _agree(f"dense weight {i} at the end", end, b)

    def _check_quadrature(self, name: str, b: Sequence[float], order: int, theta: float) -> None:
        # f(t) = t^(q-1) must be integrated exactly: sum b_i c_i^(q-1) = theta^q / q.
        for q in range(1, order + 1):
            total = math.fsum(b_i * c_i ** (q - 1) for b_i, c_i in zip(b, self.c, strict=True))
            _agree(f"sum of {name} c^{q - 1}", total, theta**q / q)


def _agree(what: str, found: float, wanted: float) -> None:
    if not math.isclose(found, wanted, rel_tol=0, abs_tol=1e-12):
        raise ValueError(f"{what} is {found!r}, must be {wanted!r}")


EULER = ButcherTableau(c=[0], a=[[]], b=[1], order=1)

MIDPOINT = ButcherTableau(c=[0, 1 / 2], a=[[], [1 / 2]], b=[0, 1], order=2)

HEUN = ButcherTableau(c=[0, 1], a=[[], [1]], b=[1 / 2, 1 / 2], order=2)

RK4 = ButcherTableau(
    c=[0, 1 / 2, 1 / 2, 1],
    a=[[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
    b=[1 / 6, 1 / 3, 1 / 3, 1 / 6],
    order=4,
)

# Dormand and Prince, J. Comput. Appl. Math. 6 (1980) 19-26; the dense output is Shampine's,
# Math. Comput. 46 (1986) 135-150, which Hairer, Norsett and Wanner also use (II.6.20).
DORMAND_PRINCE = ButcherTableau(
    c=[0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
    a=[
        [],
        [1 / 5],
        [3 / 40, 9 / 40],
        [44 / 45, -56 / 15, 32 / 9],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ],
    b=[35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
    order=5,
    b_low=[5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40],
    order_low=4,
    dense=[
        [
            1,
            -8048581381 / 2820520608,
            8663915743 / 2820520608,
            -12715105075 / 11282082432,
        ],
        [0, 0, 0, 0],
        [
            0,
            131558114200 / 32700410799,
            -68118460800 / 10900136933,
            87487479700 / 32700410799,
        ],
        [
            0,
            -1754552775 / 470086768,
            14199869525 / 1410260304,
            -10690763975 / 1880347072,
        ],
        [
            0,
            127303824393 / 49829197408,
            -318862633887 / 49829197408,
            701980252875 / 199316789632,
        ],
        [0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844],
        [0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423],
    ],
    order_dense=4,
)
