"""Behavioural currents become the devices that compute the same."""

import numpy as np
import pytest

from backend.devices import DEVICES
from backend.errors import CircuitError
from backend.export.netlist.matching import devices_of
from backend.expressions.formula import Voltage, evaluate
from backend.expressions.grammar import read_formula

SPELLINGS = [
    ("V(a,b)/2k", "resistor", {"conductance": 1 / 2000}),
    ("(V(a)-V(b))*1m", "resistor", {"conductance": 1e-3}),
    ("1m*V(a,b)", "resistor", {"conductance": 1e-3}),
    ("3u", "current_source", {"current": 3e-6}),
    ("tanh(2*V(a,b))", "tanh_diff", {"g": 2.0, "c": 0.0}),
    ("(exp(4*V(a,b))-1)/(exp(4*V(a,b))+1)", "tanh_diff", {"g": 2.0, "c": 0.0}),
    ("1-2/(1+exp(2*V(a,b)))", "tanh_diff", {"g": 1.0, "c": 0.0}),
    ("tanh(2*V(a)+V(b)-0.5)", "tanh", {"a": 2.0, "b": 1.0, "c": -0.5}),
    ("max(0,V(a)-0.3*V(b))", "relu", {"a": 1.0, "b": -0.3, "c": 0.0}),
    ("uramp(3*V(a,b)-1)", "relu_diff", {"g": 3.0, "c": -1.0}),
    ("if(V(a,b)>1, 2*V(a,b)-2, 0)", "relu_diff", {"g": 2.0, "c": -2.0}),
    ("V(a,b)>1 ? 2*(V(a,b)-1) : 0", "relu_diff", {"g": 2.0, "c": -2.0}),
    ("(abs(V(a,b))+V(a,b))/2", "relu_diff", {"g": 1.0, "c": 0.0}),
    ("-3*max(V(a,b)-0.5,0)", "threshold_relu", {"gain": -3.0, "threshold": 0.5}),
    ("V(a,b)>0 ? V(a,b) : 0.01*V(a,b)", "leaky_relu_diff", {"g": 1.0, "c": 0.0}),
    ("1/(1+exp(-(V(a)-2*V(b))))", "sigmoid", {"a": 1.0, "b": -2.0, "c": 0.0}),
    ("exp(V(a))/(1+exp(V(a)))", "sigmoid", {"a": 1.0, "b": 0.0, "c": 0.0}),
    ("ln(1+exp(2*V(a)-V(b)))", "softplus", {"a": 2.0, "b": -1.0, "c": 0.0}),
    ("log(exp(-V(a))+1)+V(a)", "softplus", {"a": 1.0, "b": 0.0, "c": 0.0}),
    ("1e-14*(exp(V(a,b)/0.02585)-1)", "diode", {"saturation_current": 1e-14, "ideality": 1.0}),
]


@pytest.mark.parametrize(("text", "kind", "params"), SPELLINGS, ids=[s[0] for s in SPELLINGS])
def test_any_spelling_is_the_same_device(text: str, kind: str, params: dict[str, float]) -> None:
    (found,) = devices_of(read_formula(text), "a", "b")
    assert (found.kind, found.source, found.target) == (kind, "a", "b")
    assert found.params == pytest.approx(params, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
@pytest.mark.parametrize("form", ["max(0,{u})", "tanh({u})", "ln(1+exp({u}))"])
def test_any_scale_of_voltages(form: str, scale: float) -> None:
    """What bends within microvolts, or not before kilovolts, is met as well."""
    u = f"(V(a)*{1 / scale!r}-V(b)*{0.5 / scale!r}-2)"
    (found,) = devices_of(read_formula(form.format(u=u)), "a", "b")
    assert found.params["a"] == pytest.approx(1 / scale, rel=1e-11)
    assert found.params["c"] == pytest.approx(-2.0, rel=1e-11)


def test_a_device_may_stand_the_other_way_round() -> None:
    (found,) = devices_of(read_formula("-max(0,V(b)-V(a)-1)"), "a", "b")
    assert (found.kind, found.source, found.target) == ("relu_diff", "b", "a")


SUMS = [
    "V(a)/2+max(V(a)-1,0)+0.1",
    "0.2*V(a)-0.7*V(b)+0.25",
    "tanh(V(a,b))+tanh(3*V(a,b)-1)",
]


@pytest.mark.parametrize("text", SUMS)
def test_sums_are_devices_side_by_side(text: str) -> None:
    """Their currents into both nodes add up to the expression."""
    import torch

    formula = read_formula(text)
    rng = np.random.default_rng(3)
    v = {"a": torch.tensor(rng.normal(size=50)), "b": torch.tensor(rng.normal(size=50))}
    v["gnd"] = torch.zeros(50, dtype=torch.float64)
    into = {name: torch.zeros(50, dtype=torch.float64) for name in v}
    for one in devices_of(formula, "a", "b"):
        law = DEVICES[one.kind]
        p = {name: torch.tensor(value, dtype=torch.float64) for name, value in one.params.items()}
        current = law.current(v[one.source], v[one.target], p)
        into["gnd" if law.one_sided else one.source] -= current
        into[one.target] += current
    wanted = evaluate(formula, {Voltage(name): v[name].numpy() for name in ("a", "b")})
    np.testing.assert_allclose(into["b"], wanted, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(into["a"], -wanted, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    "text",
    ["V(a)**3", "sin(V(a))", "1m*tanh(V(a))", "tanh(V(c))", "V(a)*V(b)", "exp(V(a))", "u(V(a))",
     "max(0,V(a))*V(b)", "max(V(a),min(V(b),1))"],
)  # fmt: skip
def test_what_no_kind_computes_is_refused(text: str) -> None:
    with pytest.raises(CircuitError, match="no device kind has the current"):
        devices_of(read_formula(text), "a", "b")
