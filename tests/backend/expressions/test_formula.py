"""Expressions: read, evaluated, differentiated, written and read again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import CircuitError
from backend.expressions.formula import FUNCTIONS, Number, Voltage, derivative, evaluate, written
from backend.expressions.grammar import read_formula

A, B = Voltage("a"), Voltage("b")

KNOWN = [
    ("1+2*3", 7.0),
    ("-2**2", -4.0),
    ("(-2)**2", 4.0),
    ("2^3^2", 64.0),  # from left to right, as ngspice has it
    ("8/4/2", 1.0),
    ("8/4*2", 4.0),
    ("2*8/4", 4.0),
    ("1-2-3", -4.0),
    ("2*3k+1m", 6000.001),
    ("1>0 ? 5 : 6", 5.0),
    ("if(1>2,3,4)", 4.0),
    ("!0 && 1 || 0", 1.0),
    ("{max(1,min(3,2))}", 2.0),
    ("'sqrt(16)/abs(-2)'", 2.0),
    ("log(10)", math.log(10)),
    ("log10(1000)", 3.0),
    ("limit(5,0,3)", 3.0),
    ("uramp(-1)+u(2)*10", 10.0),
    ("table(1.5,1,10,2,20)", 15.0),
    ("pow(2,0.5)", math.sqrt(2)),
    ("pwr(-4,0.5)", 2.0),
    ("atan2(1,1)", math.pi / 4),
    ("int(-2.7)+nint(2.6)+floor(-0.5)+ceil(0.5)", 1.0),
    ("2meg/1k", 2000.0),
    ("3--2", 5.0),
    ("2**-1", 0.5),
]


@pytest.mark.parametrize(("text", "value"), KNOWN, ids=[text for text, _ in KNOWN])
def test_values(text: str, value: float) -> None:
    found = read_formula(text)
    assert isinstance(found, Number)
    assert found.value == pytest.approx(value, rel=1e-15)


SMOOTH = [
    "V(a)*V(b)+2", "V(a)/V(b)", "tanh(2*V(a,b))", "exp(-V(a))", "ln(1+exp(V(b)))", "V(a)**3",
    "pow(V(a),V(b))", "sqrt(V(a)+4)", "sin(V(a))*cos(V(b))", "tan(V(a))", "atan(V(a)*V(b))",
    "asin(V(a)/9)", "acos(V(b)/9)", "sinh(V(a))", "cosh(V(b))", "asinh(V(a))", "acosh(V(a)+2)",
    "atanh(V(a)/9)", "max(V(a),V(b))", "min(V(a),2*V(b))", "abs(V(a)-3)", "uramp(V(a)-1)",
    "if(V(a)>1,V(a)*V(b),V(b))", "limit(V(a),0,9)", "log10(V(a))", "log2(V(b))", "pwr(V(a),1.5)",
    "pwrs(V(b),2.5)", "square(V(a))", "hypot(V(a),V(b))", "atan2(V(a),V(b))",
    "table(V(a),0,0,1,2,3,3)", "V(a)*V(b)*V(a)", "-V(a)/(1+V(b)**2)",
]  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_derivatives_are_those_of_the_values(text: str) -> None:
    """Against central differences."""
    formula = read_formula(text)
    at = {A: np.array([1.3, 2.2]), B: np.array([0.7, 1.9])}
    for end in (A, B):
        up, down = ({**at, end: at[end] + sign * 1e-6} for sign in (1, -1))
        numeric = (evaluate(formula, up) - evaluate(formula, down)) / 2e-6
        found = np.broadcast_to(evaluate(derivative(formula, end), at), numeric.shape)
        np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("text", [*SMOOTH, "V(a)>1 && V(b)<=2 || !V(a)", "sgn(V(a))*floor(V(b))"])
def test_what_is_written_is_read_as_the_same(text: str) -> None:
    formula = read_formula(text)
    again = read_formula(written(formula))
    at = {A: np.linspace(0.1, 4, 9), B: np.linspace(3, 0.2, 9)}
    np.testing.assert_array_equal(evaluate(again, at), evaluate(formula, at))


leaves = st.sampled_from(["V(a)", "V(b)", "1.5", "2k", "0.25"])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})"),
        inner.map(lambda t: f"-{t}"),
        inner.map(lambda t: f"abs({t})"),
    ),
    max_leaves=12,
)


@given(trees)
def test_arithmetic_is_that_of_numbers(text: str) -> None:
    """Python's own arithmetic on the same text, with names in the place of voltages."""
    plain = text.replace("V(a)", "1.25").replace("V(b)", "-0.5").replace("2k", "2000.0")
    try:
        wanted = _computed(plain)
    except ZeroDivisionError:
        return
    try:
        found = evaluate(read_formula(text), {A: 1.25, B: -0.5})
    except CircuitError:
        return  # a constant part that is not finite
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def _computed(text: str) -> float:
    import ast
    import operator

    signs = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
             ast.Div: operator.truediv}  # fmt: skip

    def of(node: ast.expr) -> float:
        match node:
            case ast.Constant(value=float(value)):
                return value
            case ast.BinOp(left=left, op=op, right=right):
                return signs[type(op)](of(left), of(right))
            case ast.UnaryOp(operand=operand):
                return -of(operand)
            case ast.Call(args=[one]):
                return abs(of(one))
        raise AssertionError(node)

    return of(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1+", r"the expression ends behind '\+'"),
        ("(1", r"expected \) behind '1', got the end"),
        ("1 2", "'2' was not expected behind '1'"),
        ("foo(1)", "there is no function 'foo'"),
        ("sqrt(1,2)", "'sqrt' takes 1 argument, and 2 are given"),
        ("gauss(1,2,3)", "'gauss' draws by chance"),
        ("ddt(V(a))", "'ddt' depends on what was before"),
        ("1/0", "'/' gives no finite number here"),
        ("V(a)@2", "'@2' in the expression is not read"),
        ("(" * 60 + "1" + ")" * 60, "more than 50 brackets in brackets"),
        ("V(a)" + "/2" * 300, "more than 200 functions within functions"),
        ("1+" * 30_000 + "1", "more than 20,000 words"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        read_formula(text)


def test_a_power_sign_is_another_operator_in_ltspice() -> None:
    with pytest.raises(CircuitError, match="exclusive or in LTspice"):
        read_formula("2^3", ltspice=True)


def test_every_function_has_a_form() -> None:
    assert {"+", "if", "tanh", "table"} <= set(FUNCTIONS.names())
