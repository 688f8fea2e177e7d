"""Everything in one file, asked of a server, and what comes back when it is dropped there."""

from functools import reduce

import pytest

from backend.bundle_file import Bundle, bundle_bytes, is_bundle
from backend.circuit import Circuit
from backend.circuit.bundles import bundled_circuit
from backend.runs.bundles import run_bundle
from tests.backend.runs.test_bundles import run as run  # the fixture


@pytest.fixture
def client(app, service, monkeypatch):
    """A server whose work on files is done in this process, which spares a start of torch."""

    def call(stop, name, *arguments):
        del stop
        return reduce(getattr, name.split("."), service)(*arguments)  # type: ignore[operator]

    monkeypatch.setattr(service.apart, "call", call)
    return app.server.test_client()


def dropped(client, name: str, data: bytes):
    return client.post("/api/import", data=data, headers={"X-Filename": name})


def test_a_circuit_leaves_and_comes_back(client, rc):
    answer = client.post("/api/one-file/bundle", json={"circuit": rc})
    assert 'filename="rc-pair.kstudio"' in answer.headers["Content-Disposition"]
    assert bundled_circuit(answer.data) == Circuit.from_dict(rc)
    back = dropped(client, "rc-pair.kstudio", answer.data).get_json()
    assert back == {"circuit": Circuit.from_dict(rc).to_dict()}


def test_a_page_is_solved_as_the_studio_is_set(client, rc):
    settings = {"solver": "rk4", "steps": 3, "outputs": 7, "adjoint": False}
    answer = client.post("/api/one-file/page", json={"circuit": rc, "settings": settings})
    assert answer.status_code == 200
    assert answer.data.startswith(b"<!doctype html>")
    wrong = {"circuit": rc, "settings": {"solver": "rk4", "steps": -1}}
    assert client.post("/api/one-file/page", json=wrong).status_code == 422


def test_a_run_leaves_and_comes_back(client, service, run):
    data = run_bundle(run, b"# Lesson\n")
    assert dropped(client, "m.kstudio", data).get_json() == {"run": run.id, "lesson": "# Lesson\n"}
    assert [row["id"] for row in service.training.recent()] == [run.id]
    page = client.get(f"/api/runs/{run.id}/one-file/page")
    assert page.data.startswith(b"<!doctype html>")
    bundle = client.get(f"/api/runs/{run.id}/one-file/bundle")
    assert is_bundle(bundle.data)
    assert bundle.data == run_bundle(run)


def test_a_bad_bundle_is_named(client):
    data = bundle_bytes(Bundle("circuit", "x", {"circuit.json": b"{}"}))
    for broken, words in ((data, "x.kstudio: "), (data[:-9], "x.kstudio: is no whole bundle")):
        answer = dropped(client, "x.kstudio", broken)
        assert answer.status_code == 422
        assert words in answer.get_json()["error"]["message"]


def test_what_is_not_there_is_said(client):
    for path in ("/api/runs/none/one-file/page", "/api/runs/A%20b/one-file/page"):
        assert client.get(path).status_code == 404
    assert client.post("/api/one-file/zip", json={}).status_code == 404
    assert client.post("/api/one-file/page", json={}).status_code == 400
