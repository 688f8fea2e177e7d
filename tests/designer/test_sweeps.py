"""Sweeps as the page gets them, from directories that real processes leave."""

import json
import shutil

import pytest

from backend.sweeps import SweepDirectory
from designer.sweep_figures import FEW, parallel, place, value_ends

AXES = [
    {"name": "learning_rate", "low": 0.01, "high": 1.0, "log": True},
    {"name": "hidden", "low": 10, "high": 20, "log": False},
    {"name": "schedule", "choices": ["one_cycle", "cosine", "step"]},
]
SEARCH = {
    "learning_rate": {"low": 0.01, "high": 1.0, "log": True},
    "hidden": {"low": 10, "high": 20, "step": 5},
    "schedule": {"choices": ["one_cycle", "cosine", "step"]},
}


def trial(number: int, state: str, value: float | None, rate: float, hidden: int, schedule: str):
    settings = {"learning_rate": rate, "hidden": hidden, "schedule": schedule}
    return {"number": number, "state": state, "value": value, "loss": 0.1, "epoch": 3,
            "settings": settings, "run": f"run-{number}", "message": ""}  # fmt: skip


TRIALS = [
    trial(0, "done", 0.9, 0.1, 15, "one_cycle"),
    trial(1, "pruned", 0.5, 1.0, 10, "step"),
    trial(2, "done", 0.95, 0.01, 20, "cosine"),
    trial(3, "failed", None, 0.02, 20, "cosine"),
]


@pytest.fixture
def sweep(config):
    content = {
        "digest": "d", "fixed": {"name": "moons", "dataset": "two_moons"}, "search": SEARCH,
        "sweep": {"trials": 9}, "objective": "accuracy", "start": {},
    }  # fmt: skip
    made = SweepDirectory.create(config.home, "20260101-000000-moons-abcd", content)
    made.write("trials.json", TRIALS)
    made.write("status.json", {"state": "running", "trials": 9, "pid": 2**22 + 1, "seconds": 3})
    yield made
    shutil.rmtree(made.path)


def test_settings_lie_where_their_axes_have_them():
    assert [place(axis, value) for axis, value in zip(AXES, (0.1, 15, "cosine"), strict=True)] == (
        pytest.approx([0.5, 0.5, 0.5])
    )
    assert place(AXES[0], -1) is place(AXES[0], "one") is place(AXES[2], "none") is None


def test_the_figure_has_a_line_a_trial_and_marks_the_best():
    figure = parallel(AXES, TRIALS, "accuracy", best=2, theme="dark")
    lines = {line.name: line for line in figure.data}
    assert set(lines) == {"best, trial 2", "the recipe, trial 0", "pruned"}
    assert figure.data[-1].name == "best, trial 2", "above the others"
    assert lines["best, trial 2"].line.width > lines["the recipe, trial 0"].line.width
    assert list(lines["best, trial 2"].y) == pytest.approx([0, 1, 0.5, 1])
    assert list(lines["pruned"].y) == pytest.approx([1, 0, 1, 0])
    assert lines["best, trial 2"].text[-1] == "accuracy 95.0 %"
    assert list(figure.layout.xaxis.ticktext)[-1] == "Validation accuracy"
    assert len(parallel(AXES, [], "accuracy").data) == 0


def test_bad_trials_do_not_squeeze_the_good_ones():
    assert value_ends([0.1, 0.9], higher=True) == (0.1, 0.9)
    low, high = value_ends([0.1, *(0.9 + k / 1000 for k in range(FEW))], higher=True)
    assert (low > 0.89, high) == (True, pytest.approx(0.9 + (FEW - 1) / 1000))
    low, high = value_ends([9.0, *(0.1 + k / 1000 for k in range(FEW))], higher=False)
    assert (low, high < 0.2) == (0.1, True)


def test_the_page_reads_the_directory_alone(client, sweep):
    assert client.get("/api/sweeps").json == [
        # Its process is gone.
        {"id": sweep.id, "name": "moons", "state": "resting"}
    ]
    shown = client.get(f"/api/sweeps/{sweep.id}?theme=dark").json
    assert shown["words"] == "rests: 4 of 9 trials (2 done, 1 pruned, 1 failed)"
    assert shown["columns"] == ["learning rate", "hidden", "schedule"]
    assert [(row["value"], row["best"], row["recipe"]) for row in shown["rows"]] == [
        ("90.0 %", False, True), ("50.0 %", False, False), ("95.0 %", True, False),
        ("–", False, False),
    ]  # fmt: skip
    assert shown["rows"][2]["settings"] == ["0.01", "20", "cosine"]
    assert len(shown["figure"]["data"]) == 3
    again = client.get(f"/api/sweeps/{sweep.id}?theme=dark&after={shown['revision']}")
    assert again.status_code == 204
    sweep.write("trials.json", TRIALS[:1])
    assert len(client.get(f"/api/sweeps/{sweep.id}?after={shown['revision']}").json["rows"]) == 1


def test_what_is_not_there_or_damaged_is_said(client, sweep):
    assert client.get("/api/sweeps/none").status_code == 404
    assert "no sweep 'none'" in client.get("/api/sweeps/none").json["error"]["message"]
    assert client.get("/api/sweeps/..%2Fruns").status_code == 404
    about = json.loads((sweep.path / "sweep.json").read_text())
    (sweep.path / "sweep.json").write_text(json.dumps({**about, "objective": "beauty"}))
    answer = client.get(f"/api/sweeps/{sweep.id}")
    assert (answer.status_code, "'beauty' is not known" in answer.text) == (422, True)
    (sweep.path / "sweep.json").write_text("{")
    assert client.get("/api/sweeps").json == []
    assert client.get(f"/api/sweeps/{sweep.id}").status_code == 422
