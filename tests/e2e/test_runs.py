"""The table of runs: figures, warnings, two runs compared."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from backend.runs import RunDirectory
from backend.training.prepare import start_circuit
from backend.training.spec import TrainSpec
from backend.view import View, packed
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

NAMES = {"steady": 0.875, "coarse": 0.62}  # accuracy with finer solving
CURVES = """(() => {
    const plot = document.querySelector("#train-curves .js-plotly-plot");
    return (plot?.data ?? []).map((one) => [one.name, one.yaxis ?? "y", one.line.color,
        Array.from(one.y)]);
})()"""


def finished(name: str, rows: list[dict[str, float]], folder: Path, home: Path) -> str:
    """A run as its worker leaves it; it comes into view complete."""
    spec = TrainSpec.make(dataset="two_moons", name=name, epochs=2, frame_interval=0)
    run = RunDirectory.create(spec, folder, start_circuit(spec))
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run.write_status(state="done", step=16, total=16, epoch=2, finished=time.time())
    (home / "runs").mkdir(parents=True, exist_ok=True)
    shutil.move(run.path, home / "runs" / run.id)
    return run.id


@pytest.fixture(scope="module")
def runs(shared_studio, tmp_path_factory):
    """Two finished runs, one of them too coarsely solved."""
    folder = tmp_path_factory.mktemp("trained")
    made = {}
    for name, finer in NAMES.items():
        rows = [
            {"step": 8, "epoch": 1, "train_loss": 0.6, "test_loss": 0.5, "test_accuracy": 0.7},
            {"step": 16, "epoch": 2, "train_loss": 0.4, "test_loss": 0.3, "test_accuracy": 0.88,
             "finer_loss": 0.3, "finer_accuracy": finer, "peak_voltage": 2.5},
        ]  # fmt: skip
        made[name] = finished(name, rows, folder, shared_studio.home)
    return made


def test_two_runs_are_compared_and_a_doubtful_one_is_named(desk: Workspace, runs):
    desk.open_example("RC pair")
    desk.mode("runs")
    row = lambda name: desk.page.locator(f'#runs-grid [row-id="{runs[name]}"]')  # noqa: E731
    row("coarse").get_by_text("88.0 %").wait_for()
    assert row("coarse").get_by_text("62.0 %").is_visible()
    row("steady").get_by_text("steady", exact=True).click()
    desk.until(f"{CURVES}.some(([name]) => name === 'test')")
    row("coarse").locator("input").click()
    desk.until(f"{CURVES}.some(([name]) => name === 'coarse')")
    shown = desk.page.evaluate(f"() => {CURVES}")
    assert {name for name, *_ in shown} == set(NAMES)
    assert {axis: list(values) for _, axis, _, values in shown} == {
        "y": [0.6, 0.4],
        "y2": pytest.approx([70, 88]),
    }
    colours = {name: {c for n, _, c, _ in shown if n == name} for name in NAMES}
    assert [len(found) for found in colours.values()] == [1, 1]
    assert colours["steady"] != colours["coarse"]
    desk.page.locator("#runs-note", has_text="coarse: Solved 4x finer").wait_for()
    assert "falls from 88 % to 62 %" in desk.text("#runs-note")


def test_the_card_of_a_run_says_what_it_reached(desk: Workspace, runs):
    desk.open_example("RC pair")
    desk.mode("runs")
    desk.page.locator(f'#runs-grid [row-id="{runs["coarse"]}"]').get_by_text("coarse").click()
    desk.mode("train")
    desk.page.locator("#train-run-title", has_text="coarse").wait_for()
    assert desk.text("#train-stat-score-title") == "Test accuracy"
    assert desk.text("#train-stat-score") == "88.0 %"
    assert desk.text("#train-stat-finer") == "62.0 %"
    assert desk.text("#train-stat-peak") == "2.5 V"
    assert desk.page.locator("#train-stat-test-r2").is_hidden()
    assert "train with more steps" in desk.text("#train-warning")


def test_an_inside_is_painted_and_answers_are_drawn(desk: Workspace, shared_studio, tmp_path):
    """Two epochs, the first with a confusion matrix alone, the second with fields."""
    rows = [{"step": k, "epoch": k, "train_loss": 1 / k, "test_loss": 1 / k} for k in (1, 2)]
    home = shared_studio.home
    id = finished("insight", rows, tmp_path, home)
    frames = home / "runs" / id / "frames"
    values = np.array([[[1.0, -1.0, 0.5]], [[0.0, 0.25, np.nan]]])
    fields = packed(
        View("fields", {"values": values}, {"titles": ["field", "answer"], "unit": "V"})
    )
    answers = {"confusion": np.eye(2, dtype=np.int32)}
    np.savez_compressed(frames / "000002.npz", **fields, **answers)
    desk.open_example("RC pair")
    desk.mode("runs")
    desk.page.locator(f'#runs-grid [row-id="{id}"]').get_by_text("insight").click()
    desk.mode("train")
    desk.page.locator("#train-extra .field-picture").nth(1).wait_for()
    captions = desk.page.locator("#train-extra figcaption").all_inner_texts()
    assert captions == ["field, ±1 V", "answer, ±250 mV"]
    colours = desk.page.evaluate("""() => Array.from(document.querySelectorAll(".field-picture"),
        (one) => Array.from(one.getContext("2d").getImageData(0, 0, 3, 1).data))""")
    assert [one[3::4] for one in colours] == [[255, 255, 255], [255, 255, 0]]
    assert colours[0][0:3] != colours[0][4:7], "a voltage and its opposite"
    np.savez_compressed(frames / "000003.npz", **answers)
    desk.page.locator("#train-extra .plotly").wait_for()
    assert desk.page.locator("#train-extra .field-picture").first.is_hidden()


def test_no_runs_are_told_from_runs_not_read_yet(studio, open_studio):
    page = open_studio(studio)
    page.open_example("RC pair")
    page.mode("train")
    page.page.locator("#train-empty", has_text="Start a run").wait_for()
    page.mode("runs")
    page.page.locator("#runs-empty", has_text="No runs yet").wait_for()
    asked = []
    page.page.route("**/api/runs/table*", lambda route: asked.append(route))  # never answered
    page.page.reload()
    page.page.locator("#runs-empty", has_text="Reading the runs").wait_for()
    page.until("document.documentElement.dataset.mode === 'runs'")
    assert page.page.locator("#runs-count").inner_text() == ""
    assert "No runs yet" not in page.text("#panel-runs")


def test_a_run_is_deleted_after_a_question(desk: Workspace, shared_studio, tmp_path):
    rows = [{"step": 16, "epoch": 2, "train_loss": 0.4}]
    id = finished("in vain", rows, tmp_path, shared_studio.home)
    desk.open_example("RC pair")
    desk.mode("runs")
    desk.page.locator(f'#runs-grid [row-id="{id}"]').get_by_text("in vain").click()
    desk.page.locator("#runs-delete:enabled").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    assert (shared_studio.home / "runs" / id).is_dir()
    desk.page.locator("#runs-delete").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    desk.page.locator(f'#runs-grid [row-id="{id}"]').first.wait_for(state="detached")
    assert not (shared_studio.home / "runs" / id).exists()
    assert desk.page.locator("#runs-delete").is_disabled()
