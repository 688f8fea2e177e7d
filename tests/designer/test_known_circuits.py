import copy

import pytest

from backend.circuit import Circuit
from backend.errors import CircuitError
from designer.service.known_circuits import KnownCircuits


def test_another_voltage_gives_the_same_circuit_as_reading_all(rc):
    circuits = KnownCircuits()
    first, physics = circuits.read(rc)
    rc["nodes"][0]["voltage"] = 0.25
    again, same = circuits.read(rc)
    assert again == Circuit.from_dict(rc)
    assert again.slices is first.slices  # read once
    assert same == physics
    del rc["nodes"][0]["voltage"]
    assert circuits.read(rc)[0] == Circuit.from_dict(rc)


@pytest.mark.parametrize("part", ["capacitance", "params", "duration", "role"])
def test_whatever_changes_the_physics_is_another_circuit(rc, part):
    circuits = KnownCircuits()
    _, before = circuits.read(rc)
    changed = copy.deepcopy(rc)
    if part == "params":
        changed["slices"][0]["devices"][0]["params"]["conductance"] = 2.0
    elif part == "duration":
        changed["slices"][0]["duration"] = 2.0
    else:
        changed["nodes"][0][part] = 3.0 if part == "capacitance" else "both"
    circuit, after = circuits.read(changed)
    assert circuit == Circuit.from_dict(changed)
    assert after != before


@pytest.mark.parametrize("voltage", ["x", None, True, float("nan"), 10**400, [], {}])
def test_a_wrong_voltage_is_named_as_if_nothing_were_known(rc, voltage):
    circuits = KnownCircuits()
    circuits.read(rc)
    rc["nodes"][1]["voltage"] = voltage
    with pytest.raises(CircuitError) as expected:
        Circuit.from_dict(rc)
    with pytest.raises(CircuitError) as found:
        circuits.read(rc)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("data", [None, [], {}, {"nodes": 3}, {"nodes": [3]}, {"nodes": [{}]}])
def test_what_is_no_circuit_is_refused_as_ever(data):
    with pytest.raises(CircuitError):
        KnownCircuits().read(data)


def test_what_is_kept_is_bounded(rc):
    circuits = KnownCircuits(limit=1500)
    for k in range(50):
        circuits.read({**rc, "name": f"{k}"})
    assert 0 < len(circuits._known) < 10
