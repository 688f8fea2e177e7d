"""A real ngspice integrates driven and one-sided circuits and agrees with us."""

import shutil

import pytest

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.export.netlist_import import parse_netlist
from backend.export.spice import netlist
from backend.export.verify import verify
from backend.waveforms import Waveform
from backend.waveforms.exponential import Exponential
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine
from tests.driven_circuits import driven_circuit

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]


@pytest.mark.parametrize("seed", range(10))
def test_random_driven_circuits(seed: int) -> None:
    """Every waveform, decades of time constants; the worst of the ten differs by 2.8e-5."""
    result = verify(driven_circuit(seed), tolerance=3e-4)
    assert result.ok, f"{seed}: {result.text}"
    assert result.largest_error > 0, "two simulators cannot agree to the last bit"


def low_pass(wave: Waveform) -> Circuit:
    nodes = (Node("u", drive=wave), Node("o", capacitance=0.3, role="output"))
    devices = (
        Device("r", "resistor", "u", "o", {"conductance": 1.0}),
        Device("l", "resistor", "o", GROUND, {"conductance": 0.5}),
    )
    return Circuit(nodes, (Slice(devices, 5.0),))


ZEROS = {
    "no width": Pulse(width=0.0, rise=0.1, fall=0.2),
    "edges alone": Pulse(width=0.0, rise=0.3, fall=0.7),
    "no frequency": Sine(0.2, 0.7, 0.0, 1.0, 0.5, 30.0),
    "no delay": Exponential(0.2, 1.1, 0.0, 0.3, 0.7, 0.15),
    "neither delay": Exponential(0.2, 1.1, 0.0, 0.3, 0.0, 0.15),
}


@pytest.mark.parametrize("wave", ZEROS.values(), ids=ZEROS)
def test_a_zero_is_not_a_number_left_out(wave: Waveform) -> None:
    """Ngspice takes its own default for a width, a frequency or a delay of 0."""
    circuit = low_pass(wave)
    result = verify(circuit)
    assert result.ok, result.text
    again = parse_netlist(netlist(circuit)).nodes[0].drive
    assert again is not None
    assert max(abs(again.at(t) - wave.at(t)) for t in (0.0, 0.2, 0.5, 1.3, 4.9)) < 1e-7


@pytest.mark.parametrize("edge", [1e-9, 1e-10, 1e-11, 1e-13, 1e-16])
def test_edges_of_no_width_are_compared_beside_them(edge: float) -> None:
    """A rise that a solve takes for a jump was called a difference of 1, at its very time."""
    result = verify(low_pass(Pulse(rise=edge, fall=edge)))
    assert result.ok, result.text
    assert result.largest_error > 0
