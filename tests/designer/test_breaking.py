"""Faults and edits over HTTP: what the page shows is what the library evaluates."""

import time

import pytest

from backend.changes import change_of_text
from backend.runs import RunDirectory, edits_of
from backend.runs.checkpoints import write_checkpoint
from backend.training import TrainSpec
from backend.training.breaking import Breakable
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer
from designer.app import create_app
from designer.config import Config


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> RunDirectory:
    spec = TrainSpec.make(
        dataset="two_moons", dataset_options={"n": 200, "test": 80}, epochs=3, frame_interval=0
    )
    trainer = Trainer(spec)
    for _ in trainer.events():
        pass
    run = RunDirectory.create(spec, tmp_path_factory.mktemp("home"), trainer.start)
    write_checkpoint(trainer.snapshot(), run.path / "checkpoints", trainer.snapshot())
    return run


@pytest.fixture(scope="module")
def client(run):
    app = create_app(Config(home=run.home))
    return app.server.test_client()


def ask(client, path: str, body) -> tuple[int, dict]:
    answer = client.post(f"/api/runs/{path}", json=body, headers={"Origin": "http://localhost"})
    return answer.status_code, answer.get_json()


def test_the_page_shows_what_evaluate_computes(run, client):
    device = run.start_circuit().device_ids[2]
    texts = [f"stuck:device={device}", "drift:sigma=0.5,seed=1"]
    faults = [change_of_text(text) for text in texts]
    status, found = ask(client, f"{run.id}/broken", {
        "epoch": 3, "faults": [fault.to_dict() for fault in faults]})  # fmt: skip
    assert status == 200, found
    wanted = evaluate(run, split=found["part"], faults=faults)
    assert found["figures"]["loss"] == wanted["loss"]
    assert found["figures"]["accuracy"] == wanted["accuracy"]
    assert found["devices"] == [device]
    assert found["words"] == [fault.words() for fault in faults]
    assert found["examples"] == wanted["examples"]
    whole = ask(client, f"{run.id}/broken", {"epoch": 3, "faults": []})[1]
    assert whole["before"] == whole["after"] == found["before"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("broken", {"epoch": 3, "faults": [{"change": "stuck", "params": {"device": "d0"}}]},
         "there is no device 'd0'"),
        ("broken", {"epoch": 3, "faults": ["stuck"]}, "expected an object"),
        ("broken", {"epoch": 3}, "'faults' is missing"),
        ("edits", {"change": "stuck", "params": {"device": "d1"}}, "is queued; only a circuit"),
        ("edits", {"change": "stuk"}, "did you mean 'stuck'"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_words(run, client, path, body, words):
    status, answer = ask(client, f"{run.id}/{path}", body)
    assert 400 <= status < 500
    assert words in answer["error"]["message"]


def test_an_edit_is_left_for_the_worker(run, client):
    run.write_status(state="running", heartbeat=time.time())
    device = run.start_circuit().device_ids[0]
    change = {"change": "stuck", "params": {"device": device}}
    status, answer = ask(client, f"{run.id}/edits", change)
    assert (status, answer["words"]) == (201, f"{device} cut")
    assert len(list((run.path / "edits").iterdir())) == 1
    assert edits_of(run) == []
    status, answer = ask(client, f"{run.id}/edits", {"change": "noise", "params": {}})
    assert status == 422
    assert "try it on the trained run" in answer["error"]["message"]
    assert client.get(f"/api/runs/{run.id}/live").get_json()["edits"] == []


def test_every_example_that_is_broken_was_held_out(run):
    found = Breakable(run)
    assert len(found.examples) == 80
    assert found.part == "test"
