"""The broken rules that the browser's tests read too: both say the same of the same circuits."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from backend.circuit import Circuit
from backend.devices import kind_names, kind_of
from backend.devices.base import GROUPS
from backend.errors import CircuitError, place_text
from designer.service.kinds import kinds

RULES = json.loads((Path(__file__).parents[1] / "golden" / "general_rules.json").read_text())


def changed(circuit: dict[str, Any], changes: list[Any]) -> dict[str, Any]:
    circuit = copy.deepcopy(circuit)
    for path, value in changes:
        place: Any = circuit
        for step in path[:-1]:
            place = place[step]
        if isinstance(place, list) and path[-1] == len(place):
            place.append(value)
        else:
            place[path[-1]] = value
    return circuit


def test_the_whole_circuit_is_one():
    assert Circuit.from_dict(RULES["circuit"]).to_dict() == RULES["circuit"]


@pytest.mark.parametrize("case", RULES["cases"], ids=lambda case: case["name"])
def test_every_breach_is_named_with_its_place(case: dict[str, Any]):
    with pytest.raises(CircuitError) as refused:
        Circuit.from_dict(changed(RULES["circuit"], case["changes"]))
    assert place_text(refused.value.where) == case["where"]
    assert refused.value.message == case["message"]


def test_what_the_browser_knows_of_the_kinds_is_what_the_registry_says():
    known = kinds()
    for name, said in RULES["kinds"].items():
        assert {field: known[name][field] for field in said} == said


def test_every_kind_stands_in_a_menu_and_has_its_form():
    known = kinds()
    assert list(known) == kind_names()
    for name, said in known.items():
        kind = kind_of(name)
        assert said["group"] in (*GROUPS, "")
        assert said["group"] or said["curve"], "the browser groups activations by what they sense"
        assert said["symbol"].startswith("M")
        assert [param["name"] for param in said["params"]] == [param.name for param in kind.params]
        assert said["title"]
