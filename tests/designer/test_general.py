"""Circuits of the general class in the page: simulated, and refused in words elsewhere."""

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.errors import CircuitError, StudioError
from backend.simulation.simulate import adjoint
from designer import serialize

CHARGING = {
    "format": "kirchhoff-circuit/2",
    "name": "RC from a supply",
    "nodes": [
        {"id": "in", "capacitance": 0.0},
        {"id": "out", "capacitance": 0.0, "role": "output", "x": 120},
    ],
    "slices": [
        {
            "duration": 2.0,
            "devices": [
                {"id": "V1", "kind": "voltage_source", "source": "in", "target": "gnd",
                 "params": {"voltage": 3.0}},
                {"id": "R1", "kind": "resistor", "source": "in", "target": "out",
                 "params": {"conductance": 2.0}},
                {"id": "C1", "kind": "capacitor", "source": "out", "target": "gnd",
                 "params": {"capacitance": 0.5}},
            ],
        }
    ],
}  # fmt: skip
"""From rest, out = 3 (1 - exp(-4 t)) V and the supply's current is -6 exp(-4 t) A."""


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The kernels, which a turn of the server has no time to compile."""
    adjoint(Circuit.from_dict(CHARGING), outputs=2)


def refused(client, address: str, **body) -> str:
    answer = client.post(address, json={"circuit": CHARGING, **body})
    assert answer.status_code == 422
    return answer.json["error"]["message"]


def words_of(call) -> str:
    with pytest.raises(CircuitError) as refusal:
        call()
    return str(refusal.value)


def test_a_supply_charges_a_capacitor_between_any_nodes(client):
    answer = client.post("/api/sim", json={"circuit": CHARGING, "settings": {"adjoint": False}})
    header, arrays = serialize.decode(client.get(answer.json["url"]).data)
    assert answer.json["status"]["state"] == "ok"
    assert header["device_ids"] == ["V1", "R1", "C1"]
    assert header["no_adjoint"] == ""
    decay = np.exp(-4 * arrays["t"].astype(float))
    np.testing.assert_allclose(arrays["voltages"][:, 1], 3 * (1 - decay), atol=1e-5)
    np.testing.assert_allclose(arrays["currents"], 6 * decay[:, None] * [-1, 1, 1], atol=3e-5)
    assert header["kcl_residual"] < 1e-9


def test_its_adjoint_is_there_and_is_that_of_the_closed_form(client):
    """dv/dconductance = 3 (T / C) exp(-G T / C) at the end T."""
    answer = client.post("/api/sim", json={"circuit": CHARGING, "settings": {"adjoint": True}})
    header, arrays = serialize.decode(client.get(answer.json["url"]).data)
    assert answer.json["status"]["state"] == "ok"
    assert header["no_adjoint"] == ""
    column = header["device_ids"].index("R1")
    assert arrays["gradient/conductance"][column] == pytest.approx(12 * np.exp(-8), rel=1e-3)
    body = {"circuit": CHARGING, "device": "R1", "param": "conductance"}
    checked = client.post("/api/gradient-check", json=body).json
    assert checked["error"] < 1e-3


def test_the_gradient_by_a_waveform_is_that_of_finite_differences(client):
    """A sine in the place of the supply: dL/doffset, dL/damplitude."""
    supply, *rest = CHARGING["slices"][0]["devices"]

    def solved(offset: float, amplitude: float) -> tuple[dict, dict]:
        drive = {"kind": "sine", "params": {"offset": offset, "amplitude": amplitude,
                                            "frequency": 0.7}}  # fmt: skip
        devices = [{**supply, "params": {"voltage": 0.0}, "drive": drive}, *rest]
        circuit = {**CHARGING, "slices": [{"duration": 2.0, "devices": devices}]}
        answer = client.post("/api/sim", json={"circuit": circuit, "settings": {"adjoint": True}})
        return serialize.decode(client.get(answer.json["url"]).data)

    header, arrays = solved(0.5, 1.0)
    assert header["wave_levels"] == {"V1": 2}
    # L is linear in both: a difference of one volt is as good as any.
    offset = solved(1.5, 1.0)[0]["loss"] - header["loss"]
    amplitude = solved(0.5, 2.0)[0]["loss"] - header["loss"]
    assert arrays["gradient_wave"] == pytest.approx([offset, amplitude], rel=1e-4)
    decay = np.exp(-8)
    assert offset == pytest.approx(1 - decay, rel=1e-6)


def test_where_there_is_no_adjoint_the_trajectory_comes_and_the_backend_says_why(client):
    chosen = {"adjoint": True, "gradient": "backprop"}
    answer = client.post("/api/sim", json={"circuit": CHARGING, "settings": chosen})
    assert answer.json["status"]["state"] == "ok"
    header, arrays = serialize.decode(client.get(answer.json["url"]).data)
    assert arrays["voltages"][-1, 1] == pytest.approx(3.0, abs=2e-3)
    assert "adjoint_voltages" not in arrays
    with pytest.raises(StudioError) as refusal:
        adjoint(Circuit.from_dict(CHARGING), gradient="backprop")
    assert header["no_adjoint"] == str(refusal.value)
    said = refused(client, "/api/gradient-check", device="R1", param="conductance", settings=chosen)
    assert said == header["no_adjoint"]


def test_where_only_the_fast_class_goes_the_backend_says_so(client, service):
    said = refused(client, "/api/sim", settings={"solver": "rk4"})
    assert "has a node without a capacitor, 'in'; choose the solver auto or rodas4" in said
    for name in ("safetensors", "pt"):
        assert "network files hold only circuits with a capacitor or a source" in words_of(
            lambda name=name: service.exporting.export(CHARGING, name, {})
        )
    nodes = [{"id": "in", "role": "both"}, {"id": "out", "role": "both", "capacitance": 0.0}]
    plane = {**CHARGING, "nodes": nodes}
    spec = {"model": "kirchhoffnet", "dataset": "two_moons", "circuit": plane}
    assert "trainings and their kernels know only" in words_of(lambda: service.training.start(spec))
    answer = client.post("/api/flow", json={"circuit": plane})
    assert answer.status_code == 422
    assert "trainings and their kernels know only" in answer.json["error"]["message"]
    curve = client.post("/api/curve", json={"kind": "capacitor"})
    assert curve.status_code == 422
    assert "no curve" in curve.json["error"]["message"]


def test_a_broken_rule_is_told_with_its_place(client):
    devices = [
        *CHARGING["slices"][0]["devices"],
        {"id": "F1", "kind": "cccs", "source": "out", "target": "gnd",
         "terminals": {"control": "R1"}},
    ]  # fmt: skip
    broken = {**CHARGING, "slices": [{"duration": 1.0, "devices": devices}]}
    answer = client.post("/api/sim", json={"circuit": broken})
    assert answer.status_code == 422
    assert answer.json["error"]["where"] == "slices[0].devices[3].terminals.control"
    assert "a voltage source in series with it (0 V) measures" in answer.json["error"]["message"]


def test_documents_and_files_keep_every_field(client):
    start = {**CHARGING, "start": "operating-point"}
    created = client.post("/api/circuits", json={"circuit": start}).json
    assert client.get(f"/api/circuits/{created['id']}").json["circuit"] == start
    complete = Circuit.from_dict(start)
    read = client.post(
        "/api/import", data=complete.to_json().encode(), headers={"X-Filename": "rc.json"}
    )
    assert read.json["circuit"] == complete.to_dict()
