import shutil
import time

import pytest

from designer import serialize
from designer.app import create_app
from designer.config import Config
from designer.run_view import MOST_ROWS, books, thinned
from designer.service import Service, apart
from designer.service.reports import summed_up
from designer.wording import PHASES, progress_text, state_text
from tests.designer.conftest import asking
from tests.designer.forked import Forked

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


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The directory of a run that the page has started."""
    config = Config(home=tmp_path_factory.mktemp("trained"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "launch", Forked)
        service = Service(config)
        client = asking(create_app(config, service))
        id = client.post("/api/runs", json=SPEC).json["id"]
        assert wait_for(client, id, {"done"})["progress"] == 1.0
        service.apart.close()
    return config.home / "runs" / id


@pytest.fixture
def finished(config, trained):
    """A finished run of the test's own home."""
    shutil.copytree(trained, config.home / "runs" / trained.name)
    return trained.name


def test_a_run_from_start_to_deletion(client, finished):
    listed = client.get("/api/runs").json
    assert [run["id"] for run in listed] == [finished]
    assert 0 < listed[0]["figures"]["best_accuracy"] <= 1

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
    assert set(arrays) == {"t", "voltages", "currents"}, "the board plays no more"
    missing = client.get(f"/api/runs/{finished}/frames/9.bin")
    assert missing.status_code == 422
    assert "9" in missing.json["error"]["message"]

    assert client.delete(f"/api/runs/{finished}").status_code == 204
    assert client.get(f"/api/runs/{finished}").status_code == 404
    assert client.get("/api/runs").json == []


def test_a_run_that_learns_by_rests(client):
    """Its curves are told as the registry says, and its circuit has its inputs held."""
    id = client.post("/api/runs", json={**SPEC, "model": "steady_state"}).json["id"]
    assert wait_for(client, id, {"done"})["progress"] == 1.0
    told = {one["name"] for one in serialize.metrics()}
    rows = client.get(f"/api/runs/{id}/metrics").json["rows"]
    for name in ("converged", "stable", "condition", "worst_condition"):
        assert name in told
        assert all(f"test_{name}" in row for row in rows if "test_loss" in row)
        assert any(f"test_{name}" in row for row in thinned(rows))
    circuit = client.get(f"/api/runs/{id}/circuit").json["circuit"]
    held = [node["drive"]["params"]["voltage"] for node in circuit["nodes"] if "drive" in node]
    header, arrays = serialize.decode(client.get(f"/api/runs/{id}/frames/2.bin").data)
    assert arrays["voltages"][0, : len(held)].tolist() == pytest.approx(held, rel=1e-6)
    assert header["node_ids"] == [node["id"] for node in circuit["nodes"]]


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
    for path in ("", "/metrics", "/frames", "/frames/1.bin", "/circuit", "/live", "/outcomes/1"):
        assert client.get(f"/api/runs/nothing{path}").status_code == 404
    assert client.post("/api/runs/nothing/stop").status_code == 404


def test_names_count_up(service):
    assert service.training.next_name("two_moons") == "Two moons 1"


def test_what_the_page_shows_of_a_run(client, finished):
    live = client.get(f"/api/runs/{finished}/live").json
    assert (live["state"], live["active"], live["count"]) == ("done", False, len(live["rows"]))
    assert (live["card"]["title"], live["card"]["share"]) == ("two_moons", "100.0%")
    assert live["card"]["stats"]["score-title"] == "Test accuracy"
    assert [row["epoch"] for row in live["rows"] if "test_accuracy" in row] == [1, 2]
    assert live["epochs"] == [0, 1, 2]

    seen = f"known={live['count']}&after={live['revision']}"
    assert client.get(f"/api/runs/{finished}/live?{seen}").status_code == 204
    more = client.get(f"/api/runs/{finished}/live?known=1&after={live['revision']}").json
    assert (more["from"], more["rows"]) == (1, live["rows"][1:])
    again = client.get(f"/api/runs/{finished}/live?known=99&after={live['revision']}").json
    assert (again["from"], again["rows"]) == (0, live["rows"]), "the run has fewer reports now"

    outcome = client.get(f"/api/runs/{finished}/outcomes/2?theme=dark").json
    assert outcome["painter"] == "figure"
    assert outcome["figure"]["data"][0]["type"] == "heatmap"

    table = client.get("/api/runs/table").json
    (row,) = table["rows"]
    assert (row["id"], row["dataset"], row["state"]) == (finished, "Two moons", "done")
    assert table["words"] == "1 in all"
    assert client.get(f"/api/runs/table?after={table['revision']}").status_code == 204


@pytest.mark.parametrize("text", ["-1", "x", "1e3", "²", "9" * 5000])
def test_a_count_that_is_none_is_refused(client, finished, text):
    for address in ("live?known", "metrics?after"):
        response = client.get(f"/api/runs/{finished}/{address}={text}")
        assert response.status_code == 400
        assert len(response.json["error"]["message"]) < 100


def test_reports_are_read_anew_when_a_run_is_cut_back(service, client, finished):
    run = service.training.home / "runs" / finished / "metrics.jsonl"
    lines = run.read_bytes().splitlines(keepends=True)
    before = client.get(f"/api/runs/{finished}/live").json
    run.write_bytes(b"".join(lines[:-1]))
    after = client.get(f"/api/runs/{finished}/live").json
    assert after["rows"] == before["rows"][:-1]


def test_reports_are_thinned_figure_by_figure():
    rows = [{"step": k, "epoch": k, "train_loss": 1 / k, "seconds": k} for k in range(1, 9001)]
    for row in rows[6::7]:
        row["test_accuracy"] = row["step"] / 9000
    found = thinned(rows)
    tested = [row for row in found if "test_accuracy" in row]
    assert len(found) <= 2 * MOST_ROWS + 2
    assert len(tested) > MOST_ROWS / 2
    assert found[-1] == {"step": 9000, "epoch": 9000, "train_loss": 1 / 9000}
    assert thinned(rows[:3]) == [{k: v for k, v in row.items() if k != "seconds"}
                                 for row in rows[:3]]  # fmt: skip


def test_curves_of_the_validation_set_reach_the_page():
    rows = [{"step": k, "epoch": k, "train_loss": 1.0, "validation_loss": 2.0} for k in (1, 2)]
    assert thinned(rows) == rows


def test_the_best_is_chosen_by_the_validation_set_where_there_is_one():
    """The test set is looked at once, and has no say in it, whenever its figure comes."""
    rows: list[dict[str, float]] = [
        {"validation_relative_l2": 0.4}, {"validation_relative_l2": 0.2},
        {"validation_relative_l2": 0.3, "test_relative_l2": 0.1, "test_relative_l2@64": 0.1},
    ]  # fmt: skip
    assert summed_up(rows)["best_relative_l2"] == 0.2
    grown: dict[str, float] = {}
    for row in rows:
        grown = summed_up([row], grown)
    assert grown["best_relative_l2"] == 0.2
    assert summed_up([*rows, {"test_relative_l2": 0.01}])["best_relative_l2"] == 0.2
    assert summed_up([{"test_accuracy": 0.5}, {"test_accuracy": 0.4}])["best_accuracy"] == 0.5


RUN = {"state": "running", "phase": "starting", "message": "", "step": 0, "total": 0,
       "progress": 0.0, "seconds_left": None}  # fmt: skip


def test_every_moment_of_a_run_has_its_own_words():
    runs = [{**RUN, "state": "queued"}, {**RUN, "state": "done", "step": 9, "total": 9}]
    runs += [{**RUN, "phase": phase} for phase in PHASES]
    runs += [{**RUN, "phase": "training", "stopping": True, "step": 3, "total": 9}]
    words = [progress_text(run) for run in runs]
    assert len({text.split(" · ")[0] for text in words}) == len(words)
    assert all(words)
    cells = [state_text(run) for run in runs[:-1]]
    assert cells[2:] == list(PHASES)
    assert state_text({**RUN, "step": 3, "progress": 0.25}) == "running 25 %"


def test_progress_names_step_and_what_is_left():
    training = {**RUN, "phase": "training", "step": 5285, "total": 9000, "seconds_left": 65.0}
    assert progress_text(training) == "Training · step 5,285 of 9,000 · 1 min 5 s left"
    assert progress_text(RUN) == "Starting the worker"


def test_books_of_collisions_stand_in_the_card_layer_by_layer():
    """Nothing for other models; energy of the published rule may leave the range of numbers."""
    assert books({"train_loss": 1.0}) == []
    figures = {
        "layer1_accepted": 0.234, "layer1_momentum": 1.23e-8, "layer1_energy": 1.00004,
        "layer2_accepted": 1.0, "layer2_momentum": 0.0, "layer3_energy": 2.0,
    }  # fmt: skip
    first, second = books(figures)
    assert first == {"layer": "1", "accepted": "23 %", "momentum": "1e-8", "energy": "1.0000"}
    assert (second["accepted"], second["energy"]) == ("100 %", "–")


def test_a_run_without_a_circuit_says_where_its_circuit_can_be_seen(client):
    spec = {"model": "kitinet", "dataset": "two_moons", "epochs": 1, "batch_size": 32,
            "dataset_options": {"n": 64, "test": 16}, "model_options": {"channels": 8}}  # fmt: skip
    id = client.post("/api/runs", json=spec).json["id"]
    wait_for(client, id, {"done"})
    card = client.get(f"/api/runs/{id}/live").json["card"]
    assert card["no_circuit"].startswith("A KITINet has no circuit")
    assert [row["energy"] for row in card["books"]] == ["1.0000"] * 3
    refused = client.get(f"/api/runs/{id}/circuit")
    assert refused.status_code == 422
    assert "'Mean-field collisions' of the gallery" in refused.json["error"]["message"]
