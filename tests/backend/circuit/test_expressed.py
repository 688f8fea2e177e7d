"""Expressions in circuit files: kept to the letter, refused with their place, never executed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.expressed import bends_of, jump_of, pace_of, program_of
from backend.errors import CircuitError

NODES = (Node("in 1", 1.0), Node("out", 0.0))


def made(text: str = "", kind: str = "expression", **more: object) -> Circuit:
    device = Device("b", kind, "in 1", "gnd", expression=text, **more)  # type: ignore[arg-type]
    return Circuit(NODES, (Slice((device,)),))


def test_text_terminals_and_parameters_come_back_to_the_letter():
    text = "  k * V( x ,target)**2 + { tanh( V(source) ) }/1k"
    circuit = made(text, params={"k": 0.1}, terminals={"x": "out"})
    again = Circuit.from_json(circuit.to_json())
    assert again == circuit
    assert again.devices[0].expression == text
    assert json.loads(circuit.to_json())["format"] == "kirchhoff-circuit/2"
    assert circuit.general == ("a current by an expression, 'b'",)


def test_what_is_left_out_is_the_usual():
    assert made().devices[0].expression == "g*V(source,target)"
    assert made(params={"g": 2.0}).devices[0].params == {"g": 2.0}
    assert made(kind="expression_voltage").devices[0].params == {"u0": 1.0, "f": 1.0}


D = "slices[0].devices[0]"
REFUSED = [
    ({"text": "V(y)"}, f"{D}.expression", r"senses V\(y\), which is none of its terminals"),
    ({"text": "V(out)"}, f"{D}.expression", r"senses V\(out\)"),
    ({"text": "k*V(source)"}, f"{D}.expression", "'k' has no value; give it one among the"),
    ({"text": "I(v1)"}, f"{D}.expression", r"I\(v1\) is no voltage"),
    ({"text": "ddt(V(source))"}, f"{D}.expression", "depends on what was before"),
    ({"text": "rand()"}, f"{D}.expression", "was not expected"),
    ({"text": "1/0"}, f"{D}.expression", "'/' gives no finite number here"),
    ({"text": "exp(1000)*V(source)"}, f"{D}.expression", "'exp' gives no finite number here"),
    ({"text": "9**9**9**9"}, f"{D}.expression", r"'\*\*' gives no finite number here"),
    ({"text": "1e999*V(source)"}, f"{D}.expression", "too large"),
    ({"text": "sqrt(V(source)"}, f"{D}.expression", r"expected \) behind 'V\(source\)', got"),
    ({"text": "max(V(source))"}, f"{D}.expression", "'max' takes 2 or more arguments"),
    ({"text": "table(V(source),1,2,1,3)"}, f"{D}.expression", "points that ascend"),
    ({"text": "V(source).__class__"}, f"{D}.expression", "is not read"),
    ({"text": "__import__('os')"}, f"{D}.expression", "there is no function '__import__'"),
    ({"text": "(" * 5000}, f"{D}.expression", "more than 50 brackets in brackets"),
    ({"text": "V(source)" + "**V(source)" * 500}, f"{D}.expression", "functions within functions"),
    ({"text": "+".join("V(source)*V(x)" for _ in range(700)) + "*0" * 0, "terminals": {"x": "out"},
      "many": 9}, f"{D}.expression", "characters"),
    ({"text": "1", "params": {"Gain": 1.0}}, f"{D}.params.Gain", "names are small letters"),
    ({"text": "1", "params": {"time": 1.0}}, f"{D}.params.time", "time is the time"),
    ({"text": "1", "params": {"a": float("nan")}}, f"{D}.params.a", "finite number"),
    ({"text": "1", "terminals": {"source": "out"}}, f"{D}.terminals.source", "other than"),
    ({"text": "1", "terminals": {"a b": "out"}}, f"{D}.terminals", "letters, digits and _"),
    ({"text": "1", "terminals": {"a": "nowhere"}}, f"{D}.terminals.a", "does not exist"),
    ({"text": "1", "kind": "resistor"}, f"{D}.expression", "a resistor, which has no expression"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "place", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_its_place(given_: dict, place: str, words: str):
    given_ = dict(given_)
    text = given_.pop("text")
    text = "+".join([text] * given_.pop("many", 1))
    with pytest.raises(CircuitError, match=words) as caught:
        made(text, **given_)
    said = str(caught.value)
    assert said.startswith(place)
    assert len(said) < 400
    assert "\n" not in said


def test_the_first_format_has_no_expressions():
    data = made("V(source)").to_dict() | {"format": "kirchhoff-circuit/1"}
    with pytest.raises(CircuitError, match="expression"):
        Circuit.from_dict(data)


WORDS = ["V(source)", "sin(", "if(", "pi", "time", *"()+-*/^?:,<>=!&|{}'. e1k\t\n\u00e9"]


def said_of(text: str) -> str:
    """The refusal, empty where the text is an expression."""
    try:
        device = made(text).devices[0]
        bends_of(device, 1.0)
    except CircuitError as error:
        return str(error)
    return ""


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join) | st.text(max_size=60))
def test_any_text_is_an_expression_or_refused_in_one_sentence(text: str):
    said = said_of(text)
    assert len(said) < 400
    assert "\n" not in said
    if not said:
        circuit = made(text)
        device = circuit.devices[0]
        assert len(program_of(device).steps) < 200
        assert Circuit.from_json(circuit.to_json()) == circuit
        assert isinstance(jump_of(device), str)
        assert pace_of(device, 1.0) > 0
        assert all(0 < t < 1 for t in bends_of(device, 1.0))


def test_bends_of_time_are_where_it_turns():
    found = made(
        "a*limit((time-0.25)/w,0,1)+abs(time-0.4)*V(source)+sgn(sin(2*pi*time/0.3))"
        "+floor(4*time)+exp(-((time-0.77)/1u)**2)",
        params={"a": 1.0, "w": 0.05},
    ).devices[0]
    times = bends_of(found, 1.0)
    for wanted in (0.25, 0.3, 0.4, 0.15, 0.45, 0.6, 0.75, 0.9, 0.5, 0.77):
        assert min(abs(t - wanted) for t in times) < 1e-12, wanted
    assert pace_of(found, 1.0) == pytest.approx(1 / 64)
    fast = made("sin(2*pi*1k*time)").devices[0]
    assert pace_of(fast, 1.0) == pytest.approx(1e-3 / 8)


@pytest.mark.parametrize(("text", "jumps"), [
    ("u(V(source))", "u"), ("V(source)>k?1:2", ">"), ("floor(V(source)*3)", "floor"),
    ("if(time>0.1,V(source),0)", ""), ("if(time>k,V(source),0)", ">"), ("abs(V(source))", ""),
    ("if(V(source)>0,V(source)**2,0)", ""), ("if(V(source)>k,V(source)-k,0)", ""),
    ("if(V(source)>1,V(source),0)", ">"), ("max(V(source),sgn(k))", "sgn"),
    ("table(V(source),0,0,1,1)", ""), ("if(V(source)<k,0,(V(source)-k)**1.5)", ""),
])  # fmt: skip
def test_jumps_that_move_are_known(text: str, jumps: str):
    assert jump_of(made(text, params={"k": 0.3}).devices[0]) == jumps
