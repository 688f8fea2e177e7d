"""Circuits with expressions: gradients, limits of what is defined, and known solutions."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.simulate import adjoint, simulate
from tests.backend.simulation.nodal.test_adjoint import RELATIVE, STEP, UNDECIDED, slope, with_param
from tests.expression_circuits import EXPRESSED, SCALES, does, holds, ohmic
from tests.named_circuits import circuit, device

KINKED = dict.fromkeys(("chua", "limiter", "ideal rectifier", "characteristic"), 1e-4)
"""Shorter steps of difference quotients, of which the second derivative jumps."""


@pytest.mark.parametrize("name", [name for name in EXPRESSED if name != "staircase"])
@pytest.mark.parametrize("scale", SCALES)
def test_gradients_are_central_differences(name: str, scale: str):
    """Of named parameters and of everything else, at any impedance, duration and voltage."""
    base = EXPRESSED[name](*SCALES[scale])
    part = replace(base.slices[0], duration=0.37 * base.duration)
    base = base.replace(slices=(part,))
    trajectory, back = adjoint(base)
    assert trajectory.status.ok, trajectory.status
    assert back is not None
    volts = max(float(np.abs(trajectory.voltages).max()), 1e-300)
    for place, each in enumerate(base.devices):
        for param, value in each.params.items():
            if value == 0.0:
                continue
            step = KINKED.get(name, STEP)
            wanted = slope(partial(with_param, base, place, param), value, step)
            noise = volts * UNDECIDED / (step * abs(value))
            found = back.gradient[param][place]
            assert abs(found - wanted) <= RELATIVE * abs(wanted) + noise, (each.id, param)


def test_a_jump_that_moves_has_no_gradient():
    """The derivative of the moment at which it jumps is not that of any step."""
    base = EXPRESSED["sensor"](*SCALES["usual"])
    jumps = does("j", "o", "gnd", "g*sgn(V(source)-u)", g=1e-6, u=0.4)
    base = base.replace(slices=(replace(base.slices[0], devices=(*base.devices, jumps)),))
    with pytest.warns(UserWarning, match=r"Gradients do not pass the jump of 'sgn' in device 'j'"):
        trajectory, back = adjoint(base)
    assert back is None
    assert trajectory.status.state == "inaccurate"


def test_a_jump_of_time_alone_has_gradients():
    base = EXPRESSED["staircase"](*SCALES["usual"])
    numbers = replace(base.devices[0], params={}, expression="3*floor(time/181u)+V(o)/2",
                      terminals={"o": "o"})  # fmt: skip
    base = base.replace(slices=(replace(base.slices[0], devices=(numbers, *base.devices[1:])),))
    _, back = adjoint(base)
    assert back is not None
    wanted = slope(partial(with_param, base, 1, "conductance"), 1e-3)
    assert back.gradient["conductance"][1] == pytest.approx(wanted, rel=1e-6)


def source(text: str, duration: float = 1.0, farad: float = 1.0, **params: float) -> Circuit:
    """A current into a capacitor."""
    return circuit({"x": farad}, [does("b", "gnd", "x", text, **params)], duration, "x")


def test_pulses_of_time_are_not_passed_over():
    """A charge of 2 within a millionth of the time, and one in a bell as short."""
    t = 0.123456
    for text in (f"if(time>={t}&&time<{t}+1u,2meg,0)", f"1meg*exp(-((time-{t})/1u)**2)"):
        found = simulate(source(text)).voltages[-1, 0]
        wanted = 2.0 if "if" in text else np.sqrt(np.pi)
        assert found == pytest.approx(wanted, rel=1e-5)


def test_time_alone_is_integrated_exactly():
    found = simulate(source("a*sin(w*time)+time**3", 2.0, a=3.0, w=40.0), outputs=41)
    t = found.t
    wanted = 3.0 / 40.0 * (1 - np.cos(40.0 * t)) + t**4 / 4
    np.testing.assert_allclose(found.voltages[:, 0], wanted, atol=1e-6)


def test_what_runs_into_no_value_stops_with_its_name_and_time():
    """dv/dt = -1/v ends at v = 0, at t = v0^2 / 2; a root is asked for below 0 V at t = 1."""
    falls = source("-1/V(target)", 2.0).with_voltages({"x": 1.0})
    roots = source("-1+1e-9*sqrt(V(target))", 2.0).with_voltages({"x": 1.0})
    for base, end in ((falls, 0.5), (roots, 1.0)):
        found = simulate(base, throw=False)
        assert not found.status.ok
        assert found.status.time == pytest.approx(end, abs=1e-3)
        assert np.isfinite(found.voltages).all()
        assert np.isfinite(found.currents).all()
        assert len(found.t) < 201
    assert "The expression of 'b' has no finite value" in found.status.message


@pytest.mark.parametrize(("text", "time"), [
    ("1/(time-0.4)", 0.4), ("ln(time)", 0.0), ("1/(1-time)", 1.0), ("tan(pi/2*(time+0.4))", 0.6),
    ("if(time<0.2,0,1/(time-0.3))", 0.3),
])  # fmt: skip
def test_poles_of_time_are_not_passed(text: str, time: float):
    """Two steps beside a pole would know nothing of it."""
    found = simulate(source(text), throw=False)
    assert found.status.state == "stopped"
    assert found.status.time == pytest.approx(time, abs=1e-6)
    assert np.isfinite(found.voltages).all()


def test_poles_of_time_that_are_never_asked_for_are_no_hindrance():
    found = simulate(source("if(time<0.8,1/(time+1),1/(time-0.5))", 0.7))
    assert found.voltages[-1, 0] == pytest.approx(np.log(1.7), rel=1e-6)


def test_what_has_no_value_at_the_start_is_refused_or_started_elsewhere():
    from backend.errors import StudioError
    from backend.simulation.operating_point import operating_point

    with pytest.raises(StudioError, match="no finite value"):
        simulate(source("ln(V(target)-2)"))
    # 1/v through a resistor from 5 V: v^2 - 5 v + 1 = 0, and nothing is defined at 0 V.
    base = circuit(
        {"s": 0.0, "x": 0.0},
        [
            device("v", "voltage_source", "s", "gnd", voltage=5.0),
            ohmic("r", "s", "x", 1.0),
            does("b", "x", "gnd", "1/V(source)"),
        ],
        1.0,
        "x",
    )
    found = operating_point(base).voltages["x"]
    assert found**2 - 5 * found + 1 == pytest.approx(0.0, abs=1e-9)


def test_operating_points_of_exponentials():
    """A diode written out, from milliamperes to kiloamperes, against a bracketing solver."""
    from scipy.optimize import brentq

    from backend.simulation.operating_point import operating_point

    for volt, ohm in ((0.7, 1e3), (5.0, 1e2), (300.0, 1.0), (1e4, 10.0), (-8.0, 1e4)):
        parts = [
            device("v", "voltage_source", "s", "gnd", voltage=volt),
            ohmic("r", "s", "x", ohm),
            does("d", "x", "gnd", "i*(exp(V(source)/w)-1)", i=1e-14, w=0.02585),
        ]
        base = circuit({"s": 0.0, "x": 0.0}, parts, 1.0, "x")
        wanted = brentq(
            lambda x, volt=volt, ohm=ohm: ohm * 1e-14 * np.expm1(x / 0.02585) + x - volt,
            min(volt, 0.0) - 1, 2.0, xtol=1e-15,
        )  # fmt: skip
        assert operating_point(base).voltages["x"] == pytest.approx(wanted, rel=1e-9)


def test_poles_and_responses_are_those_of_the_slope():
    """About 2 V a square is a conductance of 4 mS beside 1 uF."""
    from backend.simulation.nodal.signals import poles, sweep

    base = circuit(
        {"x": 1e-6, "s": 0.0},
        [
            device("i", "current_source", "gnd", "x", current=4e-3),
            does("b", "x", "gnd", "g*V(source)**2", g=1e-3),
            holds("e", "s", "gnd", "k*V(x)**2", "x", k=0.5),
            ohmic("r", "s", "gnd", 1e3),
        ],
        1e-3,
        "x",
    )
    assert poles(base.with_voltages({"x": 1.0}))[0] == pytest.approx(-4e3, rel=1e-9)
    found = sweep(base.with_voltages({"x": 1.0}), "i", [4e3 / (2 * np.pi)])
    assert abs(found.voltages[0, 0]) == pytest.approx(250 / np.sqrt(2), rel=1e-9)
    assert abs(found.voltages[0, 1]) == pytest.approx(2 * 250 / np.sqrt(2), rel=1e-9)


def test_a_voltage_over_a_capacitor():
    """Its current is the derivative of an expression; a resistance in series lets it be found."""
    base = circuit(
        {"a": 1e-6, "o": 1e-6},
        [
            ohmic("r", "a", "gnd", 1e3),
            holds("e", "o", "gnd", "tanh(V(a))", "a"),
        ],
        1e-3,
        "o",
    ).with_voltages({"a": 1.0, "o": float(np.tanh(1.0))})
    found = simulate(base, outputs=101)
    a = np.exp(-1e3 * found.t)
    np.testing.assert_allclose(found["a"], a, atol=1e-6)
    np.testing.assert_allclose(found["o"], np.tanh(a), atol=3e-5)  # the resistance: 1e-5 of it
    # What leaves the source charges the capacitor: i = -C d tanh(a)/dt.
    wanted = 1e-6 * 1e3 * a / np.cosh(a) ** 2
    np.testing.assert_allclose(found["e"][1:], wanted[1:], atol=1e-3 * wanted.max())


GROWN = ["{a}+{b}", "{a}*{b}", "{a}-{b}", "{a}/(2+abs({b}))", "tanh({a})", "sin({a})*{b}", "{a}**2",
         "ln(1.5+{a}**2)", "exp(-{a}**2)", "sqrt(1+abs({a}))", "max({a},{b})", "atan({a}-{b})",
         "limit({a},-1,2*{b})", "{a}>0?{a}:0.3*{a}", "hypot({a},1)", "uramp({a})"]  # fmt: skip


@pytest.mark.parametrize("seed", range(16))
def test_random_expressions_are_solved_as_scipy_solves_them(seed: int):
    """Two nodes that leak, each fed by an expression of both and of time, over decades of scales.

    The reference computes the same trees by numpy, with steps of its own at rtol 1e-9.
    """
    from scipy.integrate import solve_ivp

    from backend.expressions.formula import Name, Voltage, evaluate
    from backend.expressions.grammar import read_formula

    rng = np.random.default_rng([seed, 5])
    volt, second = 10.0 ** rng.uniform(-3, 3), 10.0 ** rng.uniform(-9, 3)

    def grown(depth: int) -> str:
        ends = ["V(x)/u", "V(y)/u", "3*time/s", "k", "sin(9*time/s)"]
        if depth == 0:
            return str(rng.choice(ends))
        form = str(rng.choice(GROWN))
        return "(" + form.format(a=f"({grown(depth - 1)})", b=f"({grown(depth - 1)})") + ")"

    texts = [f"i*tanh({grown(3)})-V({node})/r" for node in "xy"]
    params = {"u": volt, "s": second, "k": rng.normal(), "i": 2 * volt / 1e3, "r": 1e3}
    farad = second / 1e3 / 3
    base = circuit(
        {"x": farad, "y": farad},
        [does(f"b{n}", "gnd", n, t, "x y", **params) for n, t in zip("xy", texts, strict=True)],
        second,
        "x",
    ).with_voltages({"x": volt, "y": -0.5 * volt})
    ours = simulate(base, outputs=41)
    assert ours.status.ok, (texts, ours.status)
    trees = [read_formula(text) for text in texts]

    def slopes(t: float, v: np.ndarray) -> list[float]:
        at = {Name(name): value for name, value in params.items()}
        at |= {Voltage("x"): v[0], Voltage("y"): v[1], Name("time"): t}
        return [float(evaluate(tree, at)) / farad for tree in trees]

    found = solve_ivp(
        slopes, (0, second), [volt, -0.5 * volt], t_eval=ours.t[:-1], rtol=1e-9, atol=1e-9 * volt,
        method="DOP853", max_step=second / 100,
    )  # fmt: skip
    np.testing.assert_allclose(ours.voltages[:-1], found.y.T, atol=2e-5 * volt)
