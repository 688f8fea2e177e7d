import time

import numpy as np
import pytest

from designer import serialize

SPEC = {
    "dataset": "two_moons",
    "dataset_options": {"n": 64, "test": 64},
    "epochs": 2,
    "batch_size": 32,
    "model_options": {"hidden": 3},
}


def wait_for(client, id, states, seconds=120.0):
    """The run once it is in one of the states; looks at it as the page does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = client.get(f"/api/runs/{id}").json
        if run["state"] in states:
            return run
        assert run["state"] != "failed", run["message"]
        time.sleep(0.1)
    raise AssertionError(f"still {run['state']} after {seconds:g} s: {run}")


@pytest.fixture
def finished(client):
    id = client.post("/api/runs", json=SPEC).json["id"]
    assert wait_for(client, id, {"done"})["progress"] == 1.0
    return id


def test_a_run_from_start_to_deletion(client, finished):
    listed = client.get("/api/runs").json
    assert [run["id"] for run in listed] == [finished]
    assert 0 < listed[0]["best_accuracy"] <= 1

    metrics = client.get(f"/api/runs/{finished}/metrics").json
    assert [row["epoch"] for row in metrics["rows"] if "test_accuracy" in row] == [1, 2]
    later = client.get(f"/api/runs/{finished}/metrics?after={metrics['after']}").json
    assert later["rows"] == []

    circuit = client.get(f"/api/runs/{finished}/circuit").json["circuit"]
    epochs = [found["epoch"] for found in client.get(f"/api/runs/{finished}/frames").json]
    assert epochs == [0, 1, 2]
    header, arrays = serialize.decode(client.get(f"/api/runs/{finished}/frames/2.bin").data)
    assert header["node_ids"] == [node["id"] for node in circuit["nodes"]]
    assert header["epoch"] == 2
    assert arrays["voltages"].shape == (len(arrays["t"]), len(circuit["nodes"]))
    assert arrays["boundary"].shape == (len(arrays["boundary_y"]), len(arrays["boundary_x"]))
    assert np.all((arrays["boundary"] >= 0) & (arrays["boundary"] <= 1))
    missing = client.get(f"/api/runs/{finished}/frames/9.bin")
    assert missing.status_code == 422
    assert "9" in missing.json["error"]["message"]

    assert client.delete(f"/api/runs/{finished}").status_code == 204
    assert client.get(f"/api/runs/{finished}").status_code == 404
    assert client.get("/api/runs").json == []


def test_stop_and_resume(client):
    id = client.post("/api/runs", json={**SPEC, "epochs": 100_000}).json["id"]
    wait_for(client, id, {"running"})
    assert client.delete(f"/api/runs/{id}").status_code == 422
    client.post(f"/api/runs/{id}/stop")
    stopped = wait_for(client, id, {"cancelled"})
    assert stopped["resumable"]
    assert not stopped["active"]
    assert client.post(f"/api/runs/{id}/resume").json["state"] in ("queued", "running")
    client.post(f"/api/runs/{id}/stop")
    wait_for(client, id, {"cancelled"})


def test_a_drawn_circuit_that_does_not_fit_is_refused(client, rc):
    response = client.post("/api/runs", json={**SPEC, "circuit": rc})
    assert response.status_code == 422
    assert "input" in response.json["error"]["message"]
    assert client.get("/api/runs").json == []


@pytest.mark.parametrize(
    ("change", "words"),
    [({"epochs": 0}, "epochs"), ({"dataset": "moons"}, "two_moons"), ({"spochs": 3}, "epochs")],
)
def test_refused_settings_say_what_to_do(client, change, words):
    response = client.post("/api/runs", json={**SPEC, **change})
    assert response.status_code == 422
    assert words in response.json["error"]["message"]


def test_unknown_runs_are_not_found(client):
    for path in ("", "/metrics", "/frames", "/frames/1.bin", "/circuit"):
        assert client.get(f"/api/runs/nothing{path}").status_code == 404
    assert client.post("/api/runs/nothing/stop").status_code == 404


def test_names_count_up(service):
    assert service.training.next_name("two_moons") == "Two moons 1"


def test_what_the_page_shows_of_a_run(service, client, finished):
    from designer.run_view import card, run_figures, view_of

    view = view_of(service, finished)
    curves, extra = run_figures(service, view, "light", None)
    assert {trace.name for trace in curves.data} == {"training", "test"}
    assert extra.data[0].type == "heatmap"
    seen = {key: view[key] for key in ("id", "count", "shown")}
    from dash import no_update

    assert run_figures(service, view, "light", seen) == (no_update, no_update)
    title, state, *_ = card(view)
    assert (title, state) == ("two_moons", "done")

    from designer.panels.runs import table

    (row,) = table(service)
    assert (row["id"], row["dataset"], row["state"]) == (finished, "Two moons", "done")
