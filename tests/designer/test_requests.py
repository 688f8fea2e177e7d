"""Requests of the wrong form: every route and every callback answers in words, never with 500."""

import json
from copy import deepcopy
from typing import Any

import pytest

from backend.training.spec import PARAMS

BODIES = {
    "nothing": b"",
    "cut": b'{"circuit": {',
    "list": b"[]",
    "doubled": b'{"circuit": {}, "circuit": {}}',
    "nan": b'{"circuit": NaN}',
    "beyond": b'{"circuit": {}, "settings": {"steps": 1e400}}',
    "digits": b'{"circuit": {}, "settings": {"steps": ' + b"9" * 5000 + b"}}",
    "half": b'{"circuit": {"name": "\\ud800"}}',
    "deep": b'{"circuit": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    "bytes": b"\xff\xfe\x00",
}
ROUTES = (
    "circuits", "circuits/check", "sim", "flow", "curve", "gradient-check", "nudge", "generate",
    "export", "verify", "networks/example-mnist/sim", "runs", "datasets/csv/preview",
    "operating-point", "frequency-response",
)  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", BODIES)
def test_bodies_of_another_form_are_refused(client, route: str, body: str):
    for kind in ("application/json", "text/plain"):
        answer = client.post(f"/api/{route}", data=BODIES[body], content_type=kind)
        assert 400 <= answer.status_code < 500, answer.data
        assert 10 < len(answer.json["error"]["message"]) < 300


VALUES = [None, True, 7, -1, 1e308, "", "x" * 1000, [], [[]], {}, {"a": {"b": 1}}]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:12])
def test_fields_of_another_type_are_refused_or_taken(client, rc: dict, value: Any):
    good = {
        "sim": {"circuit": rc, "settings": {"solver": "rk4", "steps": 3, "outputs": 3}},
        "curve": {"kind": "tanh", "params": {"a": 1}, "low": -1, "high": 1, "v_d": 0},
        "gradient-check": {"circuit": rc, "device": "d1", "param": "conductance", "settings": {}},
        "nudge": {"circuit": rc, "node": "n1", "time": 0.5, "size": 0.01, "settings": {}},
        "generate": {"topology": "ring", "params": {"nodes": 5}, "seed": 1},
        "export": {"circuit": rc, "to": "spice", "options": {}, "dialect": "ngspice"},
        "circuits": {"circuit": rc, "id": "a"},
        "datasets/two_moons/preview": {"options": {"noise": 0.1}},
        "operating-point": {"circuit": rc},
        "frequency-response": {"circuit": rc, "source": "n1", "nodes": ["n2"], "low": 1, "high": 9,
                               "points": 3},
    }  # fmt: skip
    for route, body in good.items():
        for name in body:
            answer = client.post(f"/api/{route}", json={**body, name: value})
            assert answer.status_code < 500, (route, name, answer.data)
    for name in ("solver", "steps", "outputs", "adjoint", "loss", "targets", "gradient"):
        sent = {"circuit": rc, "settings": {"solver": "rk4", "steps": 3, name: value}}
        assert client.post("/api/sim", json=sent).status_code < 500, name


def test_a_damaged_document_is_not_opened(client, config):
    folder = config.home / "circuits"
    folder.mkdir(parents=True)
    for text in ("[]", "{", '{"format": NaN}', "[" * 5000):
        (folder / "a.json").write_text(text)
        answer = client.get("/api/circuits/a")
        assert answer.status_code == 422
        assert "damaged" in answer.json["error"]["message"]
        assert client.get("/api/circuits").json[0]["damaged"]


def asked(app, name: str) -> dict[str, Any]:
    """The request of a callback as the page sends it, with empty values."""
    found = next(
        key for key in app.callback_map if name in key and "callback" in app.callback_map[key]
    )
    known = app.callback_map[found]
    outputs = known["output"] if isinstance(known["output"], list) else [known["output"]]
    return {
        "output": found,
        "outputs": [{"id": o.component_id, "property": o.component_property} for o in outputs],
        "inputs": [{**entry, "value": None} for entry in known["inputs"]],
        "state": [{**entry, "value": None} for entry in known["state"]],
        "changedPropIds": [],
    }


@pytest.fixture
def page(app, client):
    client.get("/_dash-dependencies")  # Dash completes its table at the first request
    return app


def post(client, body: Any):
    return client.post("/_dash-update-component", json=body)


def test_a_callback_of_the_page_is_answered(page, client):
    body = asked(page, "export-doc")
    body["inputs"][0]["value"] = "json"
    answer = post(client, body)
    assert answer.status_code == 200
    assert answer.json["response"]["export-doc"]["children"].startswith("The circuit file")


def change(body: dict[str, Any], case: str) -> Any:
    """What the page would never send."""
    body = deepcopy(body)
    if case == "no object":
        return [body]
    if case == "another callback":
        body["output"] = "nobody.children"
    elif case == "no output":
        del body["output"]
    elif case == "an input too few":
        body["inputs"] = []
    elif case == "another input":
        body["inputs"][0]["id"] = "train-name"
    elif case == "inputs of another type":
        body["inputs"] = {"a": 1}
    elif case == "no choice of the menu":
        body["inputs"][0]["value"] = "docx"
    elif case == "other outputs":
        body["outputs"] = body["outputs"][::-1]
    else:
        body["changedPropIds"] = ["nobody.value"]
    return body


@pytest.mark.parametrize(
    "case",
    [
        "no object", "another callback", "no output", "an input too few", "another input",
        "inputs of another type", "no choice of the menu", "other outputs", "another trigger",
    ],
)  # fmt: skip
def test_a_callback_of_another_form_is_refused_in_words(page, client, case: str):
    answer = post(client, change(asked(page, "export-doc"), case))
    assert answer.status_code == 400
    assert answer.json["error"]["message"].startswith("This is no request of the page: ")


@pytest.mark.parametrize("body", BODIES)
def test_bodies_that_are_no_callback_are_refused(client, body: str):
    answer = client.post(
        "/_dash-update-component", data=BODIES[body], content_type="application/json"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("value", VALUES, ids=lambda value: json.dumps(value)[:12])
def test_values_of_another_type_never_reach_a_callback(page, client, value: Any, caplog):
    names = [key for key, known in page.callback_map.items() if "callback" in known]
    assert len(names) > 3
    for name in names:
        body = asked(page, name)
        for entry in body["inputs"] + body["state"]:
            kept, entry["value"] = entry["value"], value
            assert post(client, body).status_code in (200, 204, 400), (name, entry["id"])
            entry["value"] = kept
    assert "callback failed" not in caplog.text


def test_a_menu_that_the_browser_fills_is_judged_by_what_it_names(page, client):
    body = asked(page, "run-selected")
    usual = {param.name: param.default for param in PARAMS}
    known = {"train-options": {"dataset": "two_moons", "options": {}}, "train-source": "builtin",
             "train-name": "a", "train-more": "", "train-model": "no such model"}  # fmt: skip
    for entry in body["state"]:
        name = entry["id"].split("-")[-1]
        entry["value"] = known.get(entry["id"], usual.get(name))
    answer = post(client, body)
    assert answer.status_code == 200
    assert "unknown model 'no such model'" in answer.json["response"]["train-note"]["children"]
