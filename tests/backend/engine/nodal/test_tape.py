"""Programs of expressions: values, slopes and second derivatives are those of sympy."""

import operator

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engine.nodal import tape
from backend.errors import CircuitError
from backend.expressions.formula import FUNCTIONS, Number
from backend.expressions.grammar import read_formula
from backend.expressions.program import OPERATIONS, Program, compiled, packed

TINY = 1e-30
A, B, P = sympy.symbols("a b p", real=True)


def ran(program: Program, a: list, v: list) -> tuple[complex, np.ndarray, np.ndarray]:
    """Value, slopes by voltages (and time), derivatives by parameters."""
    kind = np.array([0.0, *a, *v]).dtype
    at, args = np.array(v or [0.0], kind), np.array(a or [0.0], kind)
    g, d = np.zeros_like(at), np.zeros_like(args)
    value = tape.run(packed(program), 0, args, at, g, d)
    return value, g, d


def inputs(program: Program, values: dict[str, complex]) -> tuple[list, list]:
    return [values[n] for n in program.params], [values[n] for n in program.voltages]


leaves = st.sampled_from([("V(a)", lambda: A), ("V(b)", lambda: B), ("p", lambda: P)]) | st.floats(
    -9, 9
).map(lambda x: (f"({x!r})", lambda: sympy.Float(x, 60)))

SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
ONE = {
    "sqrt": sympy.sqrt, "exp": sympy.exp, "ln": sympy.log, "sin": sympy.sin, "cos": sympy.cos,
    "tan": sympy.tan, "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh,
    "tanh": sympy.tanh, "asinh": sympy.asinh, "asin": sympy.asin, "acos": sympy.acos,
    "acosh": sympy.acosh, "atanh": sympy.atanh, "square": lambda x: x * x,
    "log10": lambda x: sympy.log(x) / sympy.log(10), "log2": lambda x: sympy.log(x) / sympy.log(2),
}  # fmt: skip


def grown(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Texts, each with what makes the same of sympy."""
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda t: (f"({t[0][0]}{t[1]}{t[2][0]})", lambda: SIGNS[t[1]](t[0][1](), t[2][1]()))
        ),
        pair.map(
            lambda t: (
                f"pow(abs({t[0][0]})+1,{t[1][0]})",
                lambda: (abs(t[0][1]()) + 1) ** t[1][1](),
            )
        ),
        st.tuples(inner, st.integers(-3, 4)).map(
            lambda t: (f"({t[0][0]})**{t[1]}", lambda: t[0][1]() ** t[1])
        ),
        st.tuples(inner, st.sampled_from(sorted(ONE))).map(
            lambda t: (f"{t[1]}({t[0][0]})", lambda: ONE[t[1]](t[0][1]()))
        ),
    )


trees = st.recursive(leaves, grown, max_leaves=8)
decades = st.floats(-3, 3).flatmap(lambda e: st.sampled_from([-1.0, 1.0]).map(lambda s: s * 10**e))


def exact(expression: sympy.Expr, at: dict) -> float | None:
    """To 17 digits, by 60 of them; None where it is no real number of usual size."""
    try:
        found = complex(expression.evalf(60, subs=at))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    usual = abs(found.imag) < 1e-40 and 1e-30 < abs(found.real) < 1e30
    return found.real if usual else None


@settings(max_examples=250, deadline=None)
@given(trees, decades, decades, decades)
def test_values_and_derivatives_are_those_of_sympy(tree, a, b, p):
    """Over six decades; what cancels is measured by the terms it is made of."""
    text, made = tree
    try:
        program, expression = compiled(read_formula(text)), sympy.sympify(made())
    except (CircuitError, ZeroDivisionError, OverflowError, ValueError):
        return  # a constant part that is not finite
    at = {A: sympy.Float(a, 60), B: sympy.Float(b, 60), P: sympy.Float(p, 60)}
    wanted = exact(expression, at)
    given_ = {"a": a, "b": b, "p": p}
    if wanted is None or not stable(program, given_):
        return
    value, g, d = ran(program, *inputs(program, given_))
    assert value == pytest.approx(wanted, rel=1e-9)
    moved = {name: complex(x, TINY * (k + 1)) for k, (name, x) in enumerate(given_.items())}
    _, bent_g, bent_d = ran(program, *inputs(program, moved))
    along = sympy.Integer(0)
    for names, slopes, bent in (
        (program.voltages, g, bent_g), (program.params, d, bent_d),
    ):  # fmt: skip
        for k, name in enumerate(names):
            by = {"a": A, "b": B, "p": P}[name]
            first = sympy.diff(expression, by)
            want = exact(first, at)
            if want is not None:
                assert slopes[k] == pytest.approx(want, rel=1e-7)
            along = sum((j + 1) * sympy.diff(first, s) for j, s in enumerate((A, B, P)))
            want = exact(along, at)
            if want is not None:
                size = abs(want) + 1e-9 * abs(slopes[k]) / min(abs(a), abs(b), abs(p))
                assert abs(bent[k].imag / TINY - want) <= 1e-6 * size


def stable(program: Program, values: dict[str, float]) -> bool:
    """Whether the last digits of what goes in move few of the digits that come out."""
    a, v = inputs(program, values)
    value, g, d = ran(program, a, v)
    rng = np.random.default_rng(0)
    for _ in range(4):
        up = {name: x * (1 + 1e-14 * rng.choice([-1, 1])) for name, x in values.items()}
        moved, after, by = ran(program, *inputs(program, up))
        for one, two in ((value, moved), *zip(g, after, strict=True), *zip(d, by, strict=True)):
            if not (np.isfinite(one) and abs(one - two) <= 1e-11 * abs(one)):
                return False
    return True


def test_every_function_has_a_step_or_is_made_of_some():
    made_of_others = {"limit"}
    assert set(FUNCTIONS.names()) <= {*OPERATIONS, *made_of_others}


FLAT = [
    "abs(V(a))", "sgn(V(a))", "u(V(a))", "uramp(V(a))", "floor(V(a))", "ceil(V(a))", "int(V(a))",
    "nint(V(a))", "!V(a)", "buf(V(a))", "inv(V(a))", "max(V(a),V(b),0.3)", "min(V(a),V(b))",
    "V(a)<V(b)", "V(a)>V(b)", "V(a)<=V(b)", "V(a)>=V(b)", "V(a)==V(b)", "V(a)!=V(b)",
    "V(a)>0&&V(b)>0", "V(a)>0||V(b)>0", "if(V(a)>0,V(b),-V(b))", "V(a)>1?2:3",
    "limit(V(a),-1,V(b))", "table(V(a),-1,2,0,5,2.5,1)", "pwr(V(a),1.5)", "pwrs(V(a),1.5)",
    "V(a)**1.5", "V(a)**3", "atan2(V(a),V(b))", "hypot(V(a),V(b))", "square(V(a))",
]  # fmt: skip


@pytest.mark.parametrize("text", FLAT)
def test_values_with_kinks_and_jumps_are_those_of_numpy(text: str):
    """Slopes against central differences away from kinks, second ones against those of slopes."""
    from backend.expressions.formula import Voltage, evaluate

    formula = read_formula(text)
    program, rng = compiled(formula), np.random.default_rng(1)
    for point in rng.uniform(-3, 3, (60, 2)):
        values = dict(zip("ab", point, strict=True))
        want = evaluate(formula, {Voltage(name): x for name, x in values.items()})
        value, g, _ = ran(program, *inputs(program, values))
        assert value == pytest.approx(float(want), rel=1e-14, abs=1e-300)
        for k, name in enumerate(program.voltages):
            h = 1e-5

            def at(s: float, of: str = name, k: int = k, v: dict = values):
                there, slopes, _ = ran(program, *inputs(program, {**v, of: v[of] + s}))
                return there, slopes[k]

            steps = [at(s * h) for s in (-2, -1, 0, 1, 2)]
            ones = np.diff([one for one, _ in steps]) / h
            if np.ptp(ones) > 1e-3 * (1 + abs(ones[0])):
                continue  # a kink or a jump is near
            assert g[k] == pytest.approx((steps[3][0] - steps[1][0]) / (2 * h), abs=1e-7, rel=1e-7)
            moved = {**values, name: complex(values[name], TINY)}
            _, bent, _ = ran(program, *inputs(program, {n: complex(x) for n, x in moved.items()}))
            second = (steps[3][1] - steps[1][1]) / (2 * h)
            assert bent[k].imag / TINY == pytest.approx(second, abs=1e-5, rel=1e-5)


def test_what_is_not_taken_counts_nothing():
    """The branch that is not taken may be undefined."""
    program = compiled(read_formula("if(V(a)>0,ln(V(a)),2*V(a))"))
    value, g, _ = ran(program, [], [-1.0])
    assert (value, g[0]) == (-2.0, 2.0)


def test_undefined_values_are_no_numbers():
    for text, at in (("ln(V(a))", -1.0), ("sqrt(V(a))", -1.0), ("asin(V(a))", 2.0)):
        assert np.isnan(ran(compiled(read_formula(text)), [], [at])[0])
    for text in ("max(ln(V(a)),0)", "table(sqrt(V(a)),0,0,1,1)"):
        assert np.isnan(ran(compiled(read_formula(text)), [], [-1.0])[0])
    assert not np.isfinite(ran(compiled(read_formula("1/V(a)")), [], [0.0])[0])


def test_equal_parts_are_computed_once():
    program = compiled(read_formula("sin(V(a)*V(b))+cos(V(a)*V(b))"))
    assert [OPERATIONS[step[0]] for step in program.steps].count("*") == 1
    assert isinstance(read_formula("sin(1)*2"), Number)
