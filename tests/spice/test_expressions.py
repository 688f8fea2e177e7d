"""Devices of expressions leave as B sources, come back whole, and ngspice agrees with us."""

import shutil

import numpy as np
import pytest

from backend.errors import CircuitError, ExportError
from backend.export.graph_json import from_node_link, to_node_link
from backend.export.netlist_import import parse_netlist
from backend.export.ngspice import rest_by_ngspice
from backend.export.spice import DIALECTS, netlist
from backend.export.verify import verify
from backend.expressions.formula import Voltage, evaluate
from backend.expressions.grammar import read_formula
from backend.simulation.operating_point import operating_point
from backend.simulation.simulate import simulate
from tests.expression_circuits import EXPRESSED, SCALES, does, holds
from tests.named_circuits import circuit, device

ngspice = pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH")


@ngspice
@pytest.mark.spice
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", EXPRESSED)
def test_ngspice_agrees(name: str, scale: str) -> None:
    result = verify(EXPRESSED[name](*SCALES[scale]), tolerance=1e-3)
    assert result.ok, result.text


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", EXPRESSED)
def test_our_netlists_come_back_whole(name: str, dialect: str) -> None:
    base = EXPRESSED[name](*SCALES["fast"])
    assert parse_netlist(netlist(base, dialect)) == base


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", EXPRESSED)
def test_the_cards_alone_say_the_same(name: str, dialect: str) -> None:
    """Without the comments, names and parameters are lost, and no voltage changes.

    What is spelled out differs by rounding, which tolerances of 1e-7 make some 1e-6.
    """
    base = EXPRESSED[name](*SCALES["usual"])
    cards = [line for line in netlist(base, dialect).splitlines() if not line.startswith("*")]
    again = parse_netlist("\n".join(["cards", *cards]) + "\n")
    ours, theirs = simulate(base, outputs=101), simulate(again, outputs=101)
    spelled = dict(zip(theirs.node_ids, theirs.voltages.T, strict=True))
    for number, column in enumerate(ours.voltages.T, start=1):
        off = np.abs(spelled[f"n{number}"] - column)
        if name == "staircase":  # rounding places its edges on either side of an output
            off = np.sort(off)[:-3]
        assert off.max() <= 1e-4 * np.abs(ours.voltages).max()


@pytest.mark.parametrize("name", EXPRESSED)
def test_graphs_come_back_whole(name: str) -> None:
    base = EXPRESSED[name](*SCALES["slow"])
    assert from_node_link(to_node_link(base)) == base


def test_what_becomes_too_long_is_refused() -> None:
    deep = "V(source)"
    for _ in range(24):
        deep = f"hypot({deep},1)"
    base = circuit({"x": 1.0}, [does("b", "x", "gnd", deep)], 1.0, "x")
    with pytest.raises(ExportError, match=r"device 'b': the expression has more than 20,000 parts"):
        netlist(base)


@ngspice
@pytest.mark.spice
@pytest.mark.parametrize(
    "name", ["limiter", "logarithmic amplifier", "tunnel diode", "varistor", "orifice"]
)
def test_operating_points(name: str) -> None:
    """With the sources as they are at 0 s; ngspice stops its iteration at reltol 1e-6."""
    base = EXPRESSED[name](*SCALES["usual"])
    ours = operating_point(base)
    theirs = rest_by_ngspice(base)
    wanted = np.array([ours.voltages[node] for node in base.node_ids])
    np.testing.assert_allclose(theirs, wanted, atol=1e-5 * np.abs(wanted).max() + 1e-12)


TEXTS = [
    "V(x)**3", "V(x)**2", "V(x)**-3", "V(x)**1.5", "(V(x)+V(y)*V(x)+sin(V(x)*9+V(y)))**7",
    "(V(x)+V(y)*V(x)+sin(V(x)*9+V(y)))**8", "pwr(V(x),3)", "pwrs(V(x),3)",
    "sgn(V(x))", "u(V(x))", "uramp(V(x))", "abs(V(x))", "floor(3*V(x))", "ceil(3*V(x))",
    "nint(3.1*V(x))", "int(3*V(x))", "ln(abs(V(x)))", "log10(abs(V(x)))", "log2(abs(V(x)))",
    "min(V(x),V(y),0.1)", "max(V(x),V(y),-0.4)", "V(x)>V(y)?1:2", "(V(x)>=V(y))*3+(V(x)<=V(y))",
    "V(x)>0&&V(y)<1?5:6", "V(x)>0||V(y)<1?5:6", "!(V(x)>0)?1:2", "V(x)==V(y)", "V(x)!=V(y)",
    "-V(x)**2", "2**-V(y)", "V(x)/V(y)*2", "sqrt(abs(V(x)))", "atan(V(x))", "sinh(V(x))",
    "cosh(V(x))", "tanh(V(x))", "asinh(V(x))", "acosh(1+abs(V(x)))", "atanh(V(x)/9)", "tan(V(x))",
    "asin(V(x)/9)", "acos(V(x)/9)", "exp(3*V(y))", "buf(V(x))", "inv(V(x))", "hypot(V(x),V(y))",
    "atan2(V(x),V(y))", "square(V(x))", "limit(V(x),-1,V(y))", "table(V(x),-1,2,0,3,1,7)",
    "exp(V(x))**V(y)", "V(x)-(V(y)-V(x))", "1-2*-V(x)",
]  # fmt: skip


@ngspice
@pytest.mark.spice
@pytest.mark.parametrize("at", [(-2.0, 0.7), (1.5, 0.7), (-0.3, 2.0), (-2.5, -1.3), (0.2, -0.8)])
def test_ngspice_computes_every_function_as_we_do(at: tuple[float, float]) -> None:
    """All functions at once, each a voltage of its own, for all signs."""
    nodes = {"x": 0.0, "y": 0.0} | {f"o{k}": 0.0 for k in range(len(TEXTS))}
    devices = [
        device("vx", "voltage_source", "x", "gnd", voltage=at[0]),
        device("vy", "voltage_source", "y", "gnd", voltage=at[1]),
        *(holds(f"b{k}", f"o{k}", "gnd", text, "x y") for k, text in enumerate(TEXTS)),
    ]
    base = circuit(nodes, devices, 1.0, "x")
    theirs = dict(zip(base.node_ids, rest_by_ngspice(base), strict=True))
    for k, text in enumerate(TEXTS):
        values = {Voltage("x"): at[0], Voltage("y"): at[1]}
        wanted = float(evaluate(read_formula(text), values))
        assert theirs[f"o{k}"] == pytest.approx(wanted, rel=1e-5, abs=1e-6), text


@pytest.mark.parametrize(("text", "read"), [
    ("V(a)**3", False), ("V(a)**2", True), ("pow(V(a),1.5)", False), ("abs(V(a))**1.5", True),
    ("pwr(V(a),2)", False), ("V(a)**V(b)", False), ("V(a)**-1*V(b)", False),
    ("(1+V(a)*V(a))**3", True), ("exp(V(a))**0.3", True), ("max(V(a),0)**3", True),
])  # fmt: skip
def test_powers_that_simulators_read_differently_are_refused(text: str, read: bool) -> None:
    deck = f"title\nV1 a 0 1\nV2 b 0 1\nR1 b a 1\nR2 o 0 1\nB1 o 0 V={text}\n.end\n"
    if read:
        assert parse_netlist(deck).devices[-1].kind == "expression_voltage"
    else:
        with pytest.raises(CircuitError, match=r"line 6: .* another sign in ngspice than"):
            parse_netlist(deck)
