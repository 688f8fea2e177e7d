"""The currents that the page shows add up at every node: Kirchhoff's current law to be read off."""

from typing import Any

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.operating_point import operating_point
from backend.simulation.simulate import simulate
from designer import serialize
from designer.gallery import Gallery

GENERAL = (
    "divider", "rc-lowpass", "rlc-step", "bridge", "clamp", "differential-pair", "inverters",
    "lc-swap",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The kernels, which a turn of the server has no time to compile."""
    simulate(Circuit.from_dict(Gallery().load("rc-lowpass")[0]), outputs=2)


def test_these_are_the_examples_of_the_general_class():
    gallery = Gallery()
    drawn = [id for id in gallery.ids() if not gallery.is_network(id)]
    found = {id for id in drawn if Circuit.from_dict(gallery.load(id)[0]).general}
    assert found == set(GENERAL)


def into_nodes(
    header: dict[str, Any], arrays: dict[str, np.ndarray], circuit: dict[str, Any]
) -> tuple[np.ndarray, float]:
    """What flows into every node (T, N), its capacitor and source counted, and the largest part."""
    ends = {tuple(each): column for column, each in enumerate(header["terminals"])}
    size = len(arrays["t"]), len(header["node_ids"]) + 1
    net, largest = np.zeros(size), 0.0
    at = {name: column for column, name in enumerate([*header["node_ids"], "gnd"])}
    for place, device in enumerate(circuit["slices"][0]["devices"]):
        current = arrays["currents"][:, place].astype(float)
        entering = {"source": current}
        for name in ("target", *device.get("terminals", ())):
            if (device["id"], name) in ends:
                column = ends[device["id"], name]
                entering[name] = arrays["terminal_currents"][:, column].astype(float)
        entering.setdefault("target", -current)
        nodes = {"source": device["source"], "target": device["target"]}
        for name, values in entering.items():
            net[:, at[(nodes | device.get("terminals", {}))[name]]] -= values
            largest = max(largest, float(np.abs(values).max()))
    if "capacitor_currents" in arrays:
        net[:, :-1] -= arrays["capacitor_currents"]
    for column, name in enumerate(header["driven_ids"]):
        net[:, at[name]] += arrays["source_currents"][:, column]
    return net[:, :-1], largest


@pytest.mark.parametrize("id", GENERAL)
def test_currents_of_every_node_sum_to_zero(client, id: str):
    """Numbers travel with 24 bits: a ten-millionth of each is rounded away."""
    circuit, settings = Gallery().load(id)
    chosen = {**settings, "adjoint": False}
    answer = client.post("/api/sim", json={"circuit": circuit, "settings": chosen})
    header, arrays = serialize.decode(client.get(answer.json["url"]).data)
    net, largest = into_nodes(header, arrays, circuit)
    assert largest > 0
    assert np.abs(net).max() < 1e-6 * largest


def test_the_base_takes_what_the_gain_says():
    """i_c / i_b = 100 of a transistor far from saturation, and i_b + i_c = i_e.

    A leak of 1e-12 S lies beside every junction, as in ngspice: a millionth of a base's current.
    """
    found = simulate(Circuit.from_dict(Gallery().load("differential-pair")[0]), outputs=51)
    ends = dict(zip(found.terminals, found.terminal_currents.T, strict=True))
    for name in ("Q1", "Q2"):
        collector, base = found[name], ends[name, "base"]
        np.testing.assert_allclose(collector, 100 * base, rtol=1e-5)
        np.testing.assert_allclose(ends[name, "target"], -collector - base, rtol=1e-9)


def test_a_gate_takes_nothing_and_the_bulk_what_its_diodes_do():
    circuit = Circuit.from_dict(Gallery().load("inverters")[0])
    at = operating_point(circuit).currents
    gates = [value for name, value in at.items() if name.startswith("gate of ")]
    assert len(gates) == 6
    assert gates == [0.0] * 6
    # The drain of P2 rests five volts below its bulk: its diode, which is off, carries I_s and what
    # five volts drive through a leak of 1e-12 S back; the other one, at 0 V, nothing.
    assert abs(at["bulk of P2"]) == pytest.approx(1e-14 + 5e-12, rel=1e-6)


def test_the_capacitor_current_is_that_of_the_closed_form():
    """Two capacitors over a coil: the charge swings with omega = sqrt(2 / (L C))."""
    circuit = Circuit.from_dict(Gallery().load("lc-swap")[0])
    found = simulate(circuit, outputs=101)
    farad = circuit.nodes[0].capacitance
    henry = circuit.devices[0].params["inductance"]
    omega = np.sqrt(2 / (henry * farad))
    start = circuit.nodes[0].voltage - circuit.nodes[1].voltage
    wanted = -0.5 * start * farad * omega * np.sin(omega * found.t)
    np.testing.assert_allclose(
        found.capacitor_currents[:, 0], wanted, atol=1e-4 * np.abs(wanted).max()
    )
    np.testing.assert_allclose(
        found.capacitor_currents[:, 1], -wanted, atol=1e-4 * np.abs(wanted).max()
    )
