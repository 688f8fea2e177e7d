"""Portraits of nodes over two inputs are what the simulation of every single input says."""

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.simulation.simulate import simulate
from backend.waveforms.constant import Constant
from designer import serialize
from designer.service.input_planes import GRID, reach_of


def circuit(first: float = 0.5, second: float = -0.3, conductance: float = 1.0) -> Circuit:
    """Two inputs, a node between them and an output that turns them, in two unequal slices."""
    nodes = (
        Node("x", first, role="input"),
        Node("y", second, 0.5, role="input"),
        Node("h", 0.1),
        Node("out", 0.0, 2.0, role="output"),
    )
    one = (
        Device("d1", "tanh", "x", "h", {"a": 1.4, "b": 0.2, "c": 0.1}),
        Device("d2", "resistor", "y", "h", {"conductance": conductance}),
    )
    two = (
        Device("d3", "relu", "h", "out", {"a": 0.7, "b": -0.3, "c": 0.2}),
        Device("d4", "resistor", "out", "gnd", {"conductance": 0.2}),
    )
    return Circuit(nodes, (Slice(one, 0.4), Slice(two, 1.1)), "portraits")


def picture(client, circuit: Circuit):
    answer = client.post("/api/portraits", json={"circuit": circuit.to_dict()}).json
    return serialize.decode(client.get(answer["url"]).data)


def test_every_point_is_a_simulation(client):
    shown = circuit()
    header, arrays = picture(client, shown)
    assert header["inputs"] == ["x", "y"]
    axis = np.linspace(-header["reach"], header["reach"], GRID)
    outputs = len(arrays["t"])
    for row, column in ((0, 0), (3, 20), (23, 11), (12, 12)):
        start = {"x": float(axis[column]), "y": float(axis[row])}
        whole = simulate(shown, solver="rk4", steps=200, outputs=outputs, voltages=start)
        np.testing.assert_allclose(arrays["t"], whole.t, rtol=1e-6)
        found = arrays["portraits"][:, :, row, column]
        # A share of 2e-3 of the range is what the picture promises; RK4 gets far nearer.
        np.testing.assert_allclose(found, whole.voltages, atol=1e-3)


@pytest.mark.parametrize(
    ("stated", "reach"),
    [((0.5, -0.3), 1), ((0, 0), 1), ((1.2, 0.1), 5), ((3e-3, -1e-3), 1e-2), ((40, 0), 100)],
)  # fmt: skip
def test_the_plane_reaches_beyond_the_stated_voltages(stated, reach):
    assert reach_of(circuit(*stated)) == pytest.approx(reach)


def test_what_cannot_be_portrayed_is_said(client):
    def refusal(shown: Circuit) -> str:
        answer = client.post("/api/portraits", json={"circuit": shown.to_dict()})
        assert answer.status_code == 422
        return answer.json["error"]["message"]

    plain = circuit()
    one = plain.replace(nodes=(plain.nodes[0], Node("y"), *plain.nodes[2:]))
    assert "this circuit has 1; give two nodes the role 'input'" in refusal(one)
    held = Node("h", 0.1, drive=Constant(0.1))
    driven = plain.replace(nodes=(*plain.nodes[:2], held, plain.nodes[3]))
    assert "remove the source of 'h'" in refusal(driven)
    assert "choose larger capacitances" in refusal(circuit(conductance=1e6))
    many = plain.replace(nodes=(*plain.nodes, *(Node(f"more{k}") for k in range(60))))
    assert "this circuit has 64" in refusal(many)
