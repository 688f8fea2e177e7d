import dash_mantine_components as dmc
import pytest
from dash import Input, Output, State

from backend.params import Param
from designer import forms

NODES = Param("nodes", 20, low=3, high=1000, doc="Number of nodes.")
RATE = Param("learning_rate", 0.01, "1/s", low=0.0)
KIND = Param("kind", "tanh", choices=("tanh", "relu"))
BOTH = Param("both_ways", True)
PARAMS = (NODES, RATE, KIND, BOTH)


def field(param):
    return forms.entry("f", "g", param).children


def test_every_type_has_its_input():
    assert isinstance(field(NODES), dmc.NumberInput)
    assert field(NODES).allowDecimal is False
    assert field(RATE).allowDecimal is True
    assert isinstance(field(KIND), dmc.Select)
    assert [entry["value"] for entry in field(KIND).data] == ["tanh", "relu"]
    assert isinstance(field(BOTH), dmc.Switch)
    assert field(BOTH).checked is True
    assert isinstance(field(Param("note", "text")), dmc.TextInput)


def test_states_name_the_property_that_holds_the_value():
    for kind in (State, Input, Output):
        found = forms.states("f", "g", PARAMS, kind)
        assert all(isinstance(part, kind) for part in found)
        assert [part.component_property for part in found] == ["value"] * 3 + ["checked"]
        assert found[0].component_id == field(NODES).id


def test_read_and_written_are_inverse():
    values = [7, 0.5, "relu", False]
    assert forms.written(PARAMS, forms.read(PARAMS, values)) == values


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_input_means_the_default(empty):
    assert forms.read((NODES,), [empty]) == {"nodes": 20}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1, 0.1, "tanh", True], "Nodes must be at least 3, got 1"),
        ([20, -1, "tanh", True], "Learning rate must be at least 0"),
        ([20, 0.1, "thanh", True], "did you mean 'tanh'"),
        ([2.5, 0.1, "tanh", True], "whole number"),
        ([float("nan"), 0.1, "tanh", True], "finite"),
    ],
)
def test_refusals_name_the_input(values, words):
    with pytest.raises(forms.FormError, match=words):
        forms.read(PARAMS, values)


def test_lines_of_settings():
    text = "solver = rk4\n# a comment\n\nsteps=4  # why\n"
    assert forms.settings_lines(text) == {"solver": "rk4", "steps": "4"}
    assert forms.settings_lines(None) == {}
    with pytest.raises(forms.FormError, match="name = value"):
        forms.settings_lines("solver rk4")


def test_shared_inputs_need_one_type():
    assert [p.name for p in forms.pooled([(NODES, KIND), (KIND, BOTH)])] == [
        "nodes", "kind", "both_ways",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="two types"):
        forms.pooled([(NODES,), (Param("nodes", "many"),)])


@pytest.mark.parametrize(("default", "step"), [(20, 1), (0.01, 0.001), (1.0, 0.1), (50.0, 10.0)])
def test_one_arrow_key_is_a_sensible_step(default, step):
    assert field(Param("x", default)).step == pytest.approx(step)
