"""A nudge of one voltage against exact solutions, SciPy, and what is refused."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import StudioError
from backend.simulation.nudge import nudge
from backend.simulation.simulate import adjoint
from backend.waveforms.constant import Constant
from backend.waveforms.sine import Sine

PAIR = Circuit(
    nodes=(Node("a", 1.0, 2.0), Node("b", 0.0, 0.5, role="output")),
    slices=(Slice((Device("r", "resistor", "a", "b", {"conductance": 0.7}),), 1.5),),
)
TANH = Circuit(
    nodes=(Node("x", 0.8, 1.0), Node("y", -0.3, 0.4), Node("z", 0.1, 2.0, role="output")),
    slices=(
        Slice((Device("d1", "tanh", "x", "y", {"a": 1.5, "b": -0.4, "c": 0.2}),), 0.6),
        Slice(
            (
                Device("d2", "tanh", "y", "z", {"a": -2.0, "b": 0.3, "c": 0.1}),
                Device("d3", "resistor", "z", "gnd", {"conductance": 0.9}),
            ),
            0.9,
        ),
    ),
)


@pytest.mark.parametrize("time", [0.0, 0.6, 1.5])
def test_a_pair_is_linear_so_the_nudge_is_exact(time: float) -> None:
    rate = 0.7 * (1 / 2.0 + 1 / 0.5)
    shared = 2.0 / 2.5  # of a's charge, on the capacitance of both
    exact = shared * (1 - math.exp(-rate * (1.5 - time)))
    found = nudge(PAIR, "a", time, 0.3)
    # At the end a millionth of the duration is left, which is what the tolerance allows for.
    assert found.sensitivity == pytest.approx(exact, rel=1e-6, abs=4e-6)
    assert found.change == pytest.approx(found.predicted, rel=1e-6, abs=1e-9)
    assert found.slope == pytest.approx(found.sensitivity, rel=1e-6, abs=1e-9)


def field(t: float, v: np.ndarray) -> list[float]:
    x, y, z = v
    if t < 0.6:
        i = math.tanh(1.5 * x - 0.4 * y + 0.2)
        return [-i, i / 0.4, 0.0]
    i = math.tanh(-2.0 * y + 0.3 * z + 0.1)
    return [0.0, -i / 0.4, (i - 0.9 * z) / 2.0]


def by_scipy(time: float, row: int, size: float) -> float:
    """The output at the end, slice by slice, nudged at a time of the first slice or the second."""
    v, tight = np.array([0.8, -0.3, 0.1]), {"rtol": 1e-12, "atol": 1e-13}
    for begin, end in zip(sorted({0.0, 0.6, time}), sorted({0.6, 1.5, time}), strict=True):
        if begin == time:
            v[row] += size
        inner = (begin + 1e-15, end - 1e-15)
        v = solve_ivp(field, inner, v, **tight).y[:, -1]  # pyright: ignore[reportArgumentType]
    return float(v[2])


@pytest.mark.parametrize(("time", "node", "row"), [(0.25, "x", 0), (0.25, "y", 1), (1.0, "z", 2)])
def test_bent_devices_in_two_slices_agree_with_scipy(time: float, node: str, row: int) -> None:
    size = 0.05
    found = nudge(TANH, node, time, size)
    assert found.loss == pytest.approx(by_scipy(time, row, 0.0), abs=1e-8)
    assert found.nudged == pytest.approx(by_scipy(time, row, size), abs=1e-8)
    assert found.slope == pytest.approx(found.sensitivity, rel=1e-5)
    # What a straight line leaves out falls with the square of the nudge.
    half = nudge(TANH, node, time, size / 2)
    rest, less = (abs(one.change - one.predicted) for one in (found, half))
    assert rest < 0.15 * abs(found.change)
    assert node == "z" or less == pytest.approx(rest / 4, rel=0.15)


def test_the_sensitivity_is_lambda_on_the_screen() -> None:
    _, back = adjoint(TANH, outputs=7)
    assert back is not None
    for k in (0, 1, 2, 4):
        found = nudge(TANH, "y", float(back.t[k]), 0.01)
        assert found.sensitivity == pytest.approx(back.voltages[k, 1], rel=1e-5)


def test_a_fixed_number_of_steps_and_targets() -> None:
    found = nudge(
        PAIR, "a", 0.5, 1e-4, solver="rk4", steps=200, loss="mse", targets={"b": 1.0}
    )  # fmt: skip
    assert found.change == pytest.approx(found.predicted, rel=1e-3)
    assert found.slope == pytest.approx(found.sensitivity, rel=1e-6)


def test_what_is_not_right_is_refused() -> None:
    drive = Sine(amplitude=1.0, frequency=1.0)
    moving = replace(PAIR, nodes=(*PAIR.nodes, Node("u", drive=drive)))
    supply = Constant(voltage=1.0)
    held = replace(PAIR, nodes=(*PAIR.nodes, Node("u", drive=supply)))
    coil = Device("l", "inductor", "a", "b")
    general = replace(PAIR, slices=(replace(PAIR.slices[0], devices=(coil,)),))
    for circuit, node, time, size, words in (
        (PAIR, "q", 0.5, 0.1, "there is no node 'q'"),
        (PAIR, "a", 2.0, 0.1, "from 0 to 1.5 s, got 2 s"),
        (PAIR, "a", 0.5, 0.0, "other than 0"),
        (moving, "a", 0.5, 0.1, "constant sources"),
        (held, "u", 0.5, 0.1, "held by its source"),
        (general, "a", 0.5, 0.1, "this one has"),
    ):
        with pytest.raises(StudioError, match=words):
            nudge(circuit, node, time, size)
    assert nudge(held, "a", 0.5, 0.1).change == pytest.approx(
        nudge(PAIR, "a", 0.5, 0.1).change, rel=1e-6
    )
