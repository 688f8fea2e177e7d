"""How circuits of the general class start in a netlist, and as what their diodes leave."""

from backend.circuit import Circuit
from backend.export.spice import netlist
from tests.named_circuits import circuit, device

JUNCTION = {
    "saturation_current": 1e-14, "ideality": 1.0, "resistance": 1.0, "capacitance": 1e-9,
    "potential": 0.7, "grading": 0.5, "transit_time": 0.0,
}  # fmt: skip


def charged(*more: dict, **voltages: float) -> Circuit:
    """A diode between two nodes that hold charges, and further devices."""
    devices = [
        device("d", "junction_diode", "a", "b", **JUNCTION),
        device("r", "resistor", "b", "gnd", conductance=1e-3),
        *more,
    ]
    return circuit({"a": 1e-9, "b": 2e-9}, devices, 1e-5, "b").with_voltages(
        voltages or {"a": 1.2, "b": 0.9}
    )


def test_charged_diodes_start_by_held_nodes():
    text = netlist(charged())
    assert ".ic V(n1)=1.2 V(n2)=0.9\n" in text
    assert " uic" not in text


def test_empty_diodes_and_inductors_start_by_their_stated_values():
    for base in (
        charged(a=0.5, b=0.5),
        charged(device("l", "inductor", "b", "gnd", inductance=1e-3, current=0.0)),
        charged(device("v", "voltage_source", "a", "gnd", voltage=3.0)),  # forces another start
    ):
        text = netlist(base)
        assert ".ic " not in text
        assert text.count(" uic\n") == 1


def test_what_is_not_solved_here_leaves_all_the_same():
    """Two sources fix one voltage."""
    sources = [device(name, "voltage_source", "a", "gnd", voltage=1.2) for name in ("v", "w")]
    assert netlist(charged(*sources)).endswith(".end\n")


def test_diodes_are_those_of_the_simulator_where_the_tangent_is_out_of_reach():
    def cards(saturation: float) -> list[str]:
        diode = device("q", "diode", "a", "gnd", saturation_current=saturation, ideality=1.0)
        return [line for line in netlist(charged(diode)).splitlines() if line[:2] in ("Dd", "Bd")]

    assert cards(1e-12)[-1].startswith("Dd3 n1 0 dio_d3")
    assert cards(1e-15)[-1].startswith("Bd3 n1 0 I={1e-15*(exp(min(")
