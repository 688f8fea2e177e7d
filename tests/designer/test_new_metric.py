"""A metric and its task in one file of a user are everywhere that runs are looked at."""

import json
import sys
from pathlib import Path

import pytest

from backend import plugins
from backend.datasets import DATASETS
from backend.metrics import METRICS
from backend.models import MODELS
from backend.runs import follow, open_run
from backend.training.tasks import TASKS
from designer import ids, run_view
from tests.designer.test_training import wait_for

AIM = Path(__file__).parents[1] / "backend" / "training" / "aim.py"
SPEC = {"dataset": "line", "epochs": 20, "batch_size": 16, "learning_rate": 0.05}


@pytest.fixture(autouse=True)
def plugged(monkeypatch):
    """The user's file, loaded here as in the worker."""
    monkeypatch.setenv(plugins.VARIABLE, str(AIM))
    plugins.load()
    yield
    for registry, name in (
        (METRICS, "hits"),
        (TASKS, "aim"),
        (DATASETS, "line"),
        (MODELS, "slope"),
    ):
        del registry._entries[name]
    del sys.modules[AIM.stem]


def test_it_is_in_the_page(client):
    layout = json.dumps(client.get("/_dash-layout").json)
    curves = next(
        part["props"]
        for part in parts(json.loads(layout))
        if part["props"].get("id") == ids.TRAIN_CURVES
    )
    (hits,) = [one for one in json.loads(curves["data-metrics"]) if one["name"] == "hits"]
    assert hits == {
        "name": "hits", "place": "score", "words": "share of hits", "axis": "share of hits (%)",
        "suffix": " %", "factor": 100, "scale": "linear",
        "minimised": False,
    }  # fmt: skip


def parts(component):
    """A component of the page and all within it."""
    if isinstance(component, list):
        for one in component:
            yield from parts(one)
    elif isinstance(component, dict) and "props" in component:
        yield component
        yield from parts(component["props"].get("children"))


def test_it_is_followed_summed_up_and_compared(client, service, config):
    id = client.post("/api/runs", json=SPEC).json["id"]
    wait_for(client, id, {"done"})
    run = open_run(config.home, id)
    rows = run.metrics()[0]
    hits = [row["test_hits"] for row in rows if "test_hits" in row]
    assert len(hits) == SPEC["epochs"]
    assert max(hits) == 1.0, "a line is learnt"
    assert min(hits) < 1.0, "or the direction would not be seen"

    assert follow.best(run)["test_hits"] == 1.0, "more is better"
    assert "test_hits" in follow.compare([run])
    assert "test_hits 1" in follow.summary(run)
    assert run.status["score"] == "hits"

    live, table = run_view.live(service, id), run_view.table(service)
    assert live
    assert table
    assert live["card"]["stats"]["score-title"] == "Test hits"
    assert live["card"]["stats"]["best"] == "100.0 %"
    assert [row["test_hits"] for row in live["rows"] if "test_hits" in row] == hits
    assert any("train_hits" in row for row in live["rows"])
    (row,) = table["rows"]
    assert (row["best"], row["best_text"]) == (1.0, "hits 100.0 %")
    assert row["hint"] == "Share of answers within 0.1 V of their target"
