import math

import numpy as np
import pytest

from backend.waveforms import WAVEFORMS
from designer import serialize


def test_registry_drives_menus(client):
    registry = client.get("/api/registry").json
    assert set(registry) == {
        "devices", "device_groups", "waveforms", "solvers", "topologies", "datasets", "models",
        "changes", "ngspice",
    }  # fmt: skip
    for name, kind in WAVEFORMS.items():
        form = registry["waveforms"][name]
        fields = [*(one["name"] for one in form["params"]), *(one["name"] for one in form["lists"])]
        assert set(fields) == set(kind().to_dict()["params"])
        assert all(one["unit"] for one in (*form["params"], *form["lists"]))
        assert form["symbol"].startswith("M")
    tanh = registry["devices"]["tanh"]
    assert [param["name"] for param in tanh["params"]] == ["a", "b", "c"]
    assert tanh["symbol"].startswith("M")
    assert not tanh["difference"]
    assert registry["devices"]["tanh_diff"]["difference"]
    assert registry["solvers"]["dopri5"]["adaptive"]
    assert not registry["solvers"]["dopri5"]["fixed_steps"]
    assert registry["solvers"]["rk4"]["fixed_steps"]
    assert {"two_moons", "digits"} <= set(registry["datasets"])


@pytest.mark.timeout(1200)  # of a fresh clone this compiles every kernel
def test_health_says_whether_torch_is_warm(client, service):
    assert client.get("/api/health").json["ready"] is False
    service.warm_up()
    assert client.get("/api/health").json == {
        "ok": True, "ready": True, "working": 0,
        "version": client.get("/api/health").json["version"],
    }  # fmt: skip


def test_circuits_from_creation_to_deletion(client, rc):
    created = client.post("/api/circuits", json={"circuit": rc})
    assert created.status_code == 201
    id = created.json["id"]
    assert client.get(f"/api/circuits/{id}").json["circuit"] == rc
    body = {"circuit": {**rc, "name": "renamed"}, "revision": 1, "client": "w"}
    assert client.put(f"/api/circuits/{id}", json=body).json == {"revision": 2}
    conflict = client.put(f"/api/circuits/{id}", json={**body, "client": "v"})
    assert (conflict.status_code, conflict.json["revision"]) == (409, 2)
    assert [entry["name"] for entry in client.get("/api/circuits").json] == ["renamed"]
    assert client.delete(f"/api/circuits/{id}").status_code == 204
    assert client.get(f"/api/circuits/{id}").status_code == 404


def test_check_names_the_place(client, rc):
    rc["slices"][0]["devices"][0]["params"]["conductance"] = "much"
    response = client.post("/api/circuits/check", json={"circuit": rc})
    assert response.status_code == 422
    assert response.json["error"]["where"].startswith("slices[0].devices[0].params")


def test_check_fills_defaults(client, rc):
    circuit = client.post("/api/circuits/check", json={"circuit": rc}).json["circuit"]
    assert circuit["nodes"][0]["capacitance"] == 1.0
    assert circuit["slices"][0]["devices"][0]["trainable"] is True


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"'])
def test_a_body_that_is_no_object_is_refused_in_words(client, body):
    response = client.post("/api/sim", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.json["error"]["message"]


def simulated(client, circuit, **settings):
    answer = client.post("/api/sim", json={"circuit": circuit, "settings": settings}).json
    return answer, *serialize.decode(client.get(answer["url"]).data)


def test_a_driven_circuit_is_kept_and_plays(client):
    """A transconductor of 1 S into 1 F integrates a supply of 2 V: v = 2 t."""
    nodes = [
        {"id": "u", "drive": {"kind": "constant", "params": {"voltage": 2.0}}},
        {"id": "v", "role": "output", "x": 120},
    ]
    device = {"id": "g", "kind": "transconductor", "source": "u", "target": "v"}
    slices = [{"duration": 1.0, "devices": [device]}]
    circuit = {"format": "kirchhoff-circuit/2", "name": "", "nodes": nodes, "slices": slices}
    answer, header, arrays = simulated(client, circuit, adjoint=True, loss="sum")
    assert answer["status"]["ok"]
    t = arrays["t"].astype(float)
    np.testing.assert_allclose(arrays["voltages"][:, 1], 2.0 * t, atol=1e-6)
    np.testing.assert_array_equal(arrays["voltages"][:, 0], 2.0)
    assert header["kcl_residual"] < 1e-12
    assert header["energy"]["state"] == "balanced"
    np.testing.assert_allclose(arrays["energy_injected"], 2.0 * t**2, atol=1e-6)
    assert client.post("/api/circuits", json={"circuit": circuit}).status_code in (200, 201)
    registry = client.get("/api/registry").json
    assert [kind for kind, law in registry["devices"].items() if law["one_sided"]] == [
        "transconductor"
    ]


def test_simulation_is_the_closed_form(client, rc):
    answer, header, arrays = simulated(client, rc, solver="rk4", steps=200)
    assert answer["status"].pop("error") < 1e-6
    assert answer["status"] == {
        "ok": True, "state": "ok", "message": "", "node": None, "time": None,
    }  # fmt: skip
    assert header["node_ids"] == ["n1", "n2"]
    t = arrays["t"].astype(float)
    np.testing.assert_allclose(arrays["voltages"][:, 0], (1 + np.exp(-2 * t)) / 2, atol=1e-6)
    assert header["kcl_residual"] < 1e-12
    # dL/dv of L = v2(end) towards the start: both nodes share half of it in the end.
    np.testing.assert_allclose(arrays["gradient_voltage"].sum(), 1.0, atol=1e-6)
    expected = math.exp(-2.0)  # dL/dg of v2 = (1 - exp(-2 g)) / 2 at g = 1
    np.testing.assert_allclose(arrays["gradient/conductance"], [expected], rtol=1e-5)
    np.testing.assert_allclose(arrays["gradient_path/conductance"][0], [expected], rtol=1e-5)


def test_results_are_kept_for_good_and_found_again(client, rc):
    first = client.post("/api/sim", json={"circuit": rc}).json
    rc["nodes"][0] |= {"x": 500, "label": "moved"}
    second = client.post("/api/sim", json={"circuit": rc}).json
    assert second["hash"] == first["hash"]
    rc["nodes"][0]["voltage"] = 0.5
    assert client.post("/api/sim", json={"circuit": rc}).json["hash"] != first["hash"]
    assert "immutable" in client.get(first["url"]).headers["Cache-Control"]


def test_a_diverging_circuit_is_shown_as_far_as_it_went(client, rc):
    rc["slices"][0]["duration"] = 2000.0
    rc["slices"][0]["devices"] = [
        {"id": "d", "kind": "relu", "source": "gnd", "target": "n2", "params": {"b": 3.0, "c": 1.0}}
    ]
    answer, header, arrays = simulated(client, rc, solver="rk4", steps=4000)
    assert not answer["status"]["ok"]
    assert answer["status"]["node"] == "n2"
    assert "n2" in answer["status"]["message"]
    assert 0 < len(arrays["t"]) < 201
    assert header["status"]["time"] > 0


def test_simulation_without_outputs_has_no_adjoint(client, rc):
    rc["nodes"][1]["role"] = "hidden"
    _, header, arrays = simulated(client, rc)
    assert "adjoint_voltages" not in arrays
    assert header["loss"] is None


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "rk5"},
        {"steps": 0},
        {"outputs": "many"},
        {"loss": "mad"},
        {"targets": {"n2": "x"}},
    ],
)
def test_wrong_settings_are_refused_in_words(client, rc, settings):
    response = client.post("/api/sim", json={"circuit": rc, "settings": settings})
    assert response.status_code == 422
    assert len(response.json["error"]["message"]) > 10


def test_unknown_result_asks_to_simulate_again(client):
    response = client.get(f"/api/sim/{'0' * 32}.bin")
    assert response.status_code == 404
    assert "simulate again" in response.json["error"]["message"]


def test_curve_of_a_resistor_is_a_line(client):
    body = {"kind": "resistor", "params": {"conductance": 2.0}, "low": -1, "high": 1, "points": 3}
    assert client.post("/api/curve", json=body).json == {"v": [-1, 0, 1], "i": [-2, 0, 2]}


def test_curve_of_a_constant_source_has_every_point(client):
    body = {"kind": "current_source", "params": {"current": 0.5}, "points": 5}
    assert client.post("/api/curve", json=body).json["i"] == [0.5] * 5


def test_gradient_check_agrees(client, rc):
    body = {"circuit": rc, "settings": {"solver": "rk4"}, "device": "d1", "param": "conductance"}
    answer = client.post("/api/gradient-check", json=body).json
    assert answer["error"] < 1e-6
    assert answer["adjoint"] == pytest.approx(math.exp(-2.0), rel=1e-6)


def test_a_nudge_agrees_with_lambda(client, rc):
    body = {"circuit": rc, "settings": {"solver": "auto"}, "node": "n1", "time": 0.25, "size": 0.1}
    answer = client.post("/api/nudge", json=body).json
    assert answer["change"] == pytest.approx(answer["predicted"], rel=1e-6)
    assert answer["slope"] == pytest.approx(answer["sensitivity"], rel=1e-6)
    body["time"] = 99.0
    assert "from 0 to" in client.post("/api/nudge", json=body).json["error"]["message"]


def test_gradient_check_of_a_device_that_is_not_there(client, rc):
    body = {"circuit": rc, "settings": {}, "device": "d9", "param": "conductance"}
    response = client.post("/api/gradient-check", json=body)
    assert response.status_code == 422
    assert "d9" in response.json["error"]["message"]


@pytest.mark.parametrize("topology", ["ring", "grid", "small_world", "rc_ladder"])
def test_generated_circuits_simulate(client, topology):
    response = client.post("/api/generate", json={"topology": topology, "params": {}, "seed": 3})
    circuit = response.json["circuit"]
    assert client.post("/api/sim", json={"circuit": circuit}).json["status"]["ok"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"topology": "rong", "params": {}}, "ring"),
        ({"topology": "ring", "params": {"nodes": -1}}, "nodes"),
        ({"topology": "ring", "params": {"noodles": 5}}, "nodes"),
        ({"topology": "ring", "params": {"nodes": 10**6}}, "at most"),
        ({"topology": "ring", "seed": -1}, "seed"),
    ],
)
def test_wrong_generation_says_what_to_do(client, body, words):
    response = client.post("/api/generate", json=body)
    assert response.status_code in (400, 422)
    assert words in response.json["error"]["message"]


def imported(client, name, data):
    return client.post("/api/import", data=data, headers={"X-Filename": name})


def test_import_of_a_circuit_file(client, rc):
    import json

    response = imported(client, "pair.json", json.dumps(rc).encode())
    assert response.json["circuit"]["name"] == "RC pair"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.json", b"{ broken", "a.json: line 1"),
        ("a.json", b"\xff\xfe\x00", "not text"),
        ("a.json", b'{"format": "kirchhoff-circuit/3", "nodes": [], "slices": []}', "reads"),
        ("a.json", b"", "empty"),
        ("a.json", b"[" * 100_000, "nested"),
    ],
)
def test_broken_files_are_named(client, name, data, words):
    response = imported(client, name, data)
    assert response.status_code in (400, 422)
    assert words in response.json["error"]["message"]


def test_gallery_lists_and_opens(client):
    entries = client.get("/api/gallery").json
    assert sum(entry["hero"] for entry in entries) == 1
    item = client.get(f"/api/gallery/{entries[0]['id']}").json
    assert item["sim"]["status"]["ok"]
    assert client.get(item["sim"]["url"]).status_code == 200
    assert client.get("/api/gallery/nothing").status_code == 404


def test_unknown_route_of_the_interface_is_not_the_page(client):
    assert client.get("/api/circuits/none").status_code == 404


def test_long_json_is_refused_before_it_is_read(client):
    body = b'{"circuit": [' + b"[]," * (3 * 2**20) + b"[]]}"
    for path in ("/api/sim", "/api/circuits", "/_dash-update-component"):
        answer = client.post(path, data=body, content_type="application/json")
        assert answer.status_code == 413
        assert "safetensors" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"solver": "rk4", "steps": 10**9}, "steps = 1,000,000,000"),
        ({"solver": "dopri5", "max_steps": 10**12}, "max_steps"),
    ],
)
def test_too_much_work_is_refused_with_what_fits(client, rc, settings, named):
    answer = client.post("/api/sim", json={"circuit": rc, "settings": settings})
    assert answer.status_code == 422
    assert named in answer.json["error"]["message"]
    assert "choose" in answer.json["error"]["message"]


def test_an_overtaken_question_of_a_page_is_answered_at_once(client, rc, service):
    from designer.service import Asker

    headers = {"X-Page": "page-123456", "X-Asking": "4"}
    with service.lanes.solves.turn(Asker("page-123456", "simulation", 5)) as stop:
        answer = client.post("/api/sim", json={"circuit": rc}, headers=headers)
        assert answer.status_code == 409
        assert not stop.is_set
        assert client.post("/api/sim/cancel", headers=headers).status_code == 204
        assert stop.is_set


def test_a_full_queue_says_when_to_come_back(client, rc, service):
    service.lanes.solves.waiting = 0
    answer = client.post("/api/sim", json={"circuit": rc})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "busy" in answer.json["error"]["message"]
    assert client.get("/api/health").status_code == 200
