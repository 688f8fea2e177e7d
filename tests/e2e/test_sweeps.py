"""Sweeps on the Runs page: trials in a table and as lines, and the way to the run of one."""

import json
import shutil
import time

import pytest

from backend.runs import RunDirectory
from backend.sweeps import SweepDirectory
from backend.training.prepare import start_circuit
from backend.training.spec import TrainSpec
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e
RATES = (0.01, 0.1, 0.03)


@pytest.fixture
def sweep(shared_studio, tmp_path):
    """A sweep at rest whose third trial is the best; its run is there, too."""
    spec = TrainSpec.make(dataset="two_moons", name="moons trial 2", epochs=1, frame_interval=0)
    run = RunDirectory.create(spec, tmp_path, start_circuit(spec))
    row = {"step": 8, "epoch": 1, "train_loss": 0.5, "validation_loss": 0.4,
           "validation_accuracy": 0.9}  # fmt: skip
    (run.path / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    run.write_status(state="done", step=8, total=8, epoch=1, finished=time.time())
    home = shared_studio.home
    (home / "runs").mkdir(parents=True, exist_ok=True)
    shutil.move(run.path, home / "runs" / run.id)
    content = {
        "digest": "d", "fixed": {"name": "moons"}, "start": {}, "objective": "accuracy",
        "search": {"learning_rate": {"low": 0.01, "high": 0.1, "log": True},
                   "schedule": {"choices": ["one_cycle", "cosine"]}},
        "sweep": {"trials": 5},
    }  # fmt: skip
    made = SweepDirectory.create(home, "20260101-000000-moons-abcd", content)
    trials = [
        {"number": k, "state": "pruned" if k == 1 else "done", "value": 0.7 + k / 10, "loss": 0.4,
         "settings": {"learning_rate": rate, "schedule": "cosine" if k else "one_cycle"},
         "run": run.id if k == 2 else "", "message": "", "epoch": 1}
        for k, rate in enumerate(RATES)
    ]  # fmt: skip
    made.write("trials.json", trials)
    yield made, run.id
    shutil.rmtree(made.path)


def test_a_sweep_is_shown_and_leads_to_the_run_of_its_best_trial(desk: Workspace, sweep):
    made, run = sweep
    page = desk.page
    desk.open_example("RC pair")
    desk.mode("runs")
    page.locator("#runs-sweeps select").select_option(made.id)
    page.locator("#runs-sweeps", has_text="rests: 3 of 5 trials (2 done, 1 pruned)").wait_for()
    cells = page.locator(".sweep-trials tbody tr").all_inner_texts()
    assert [text.split() for text in cells] == [
        ["0", "done,", "recipe", "70.0", "%", "0.01", "one_cycle"],
        ["1", "pruned", "80.0", "%", "0.1", "cosine"],
        ["2", "done,", "best", "90.0", "%", "0.03", "cosine"],
    ]
    page.locator("#sweep-plot .scatterlayer .trace").nth(2).wait_for()
    widths = page.evaluate("""() => Array.from(document.querySelectorAll(
        "#sweep-plot .scatterlayer .js-line"), (line) => parseFloat(line.style.strokeWidth))""")
    assert widths[-1] == max(widths) > min(widths), "the best is drawn last and widest"
    page.get_by_role("button", name="Choose the run of trial 2").click()
    page.locator(f'#runs-grid .ag-row-selected[row-id="{run}"]').first.wait_for()
    page.locator("#runs-sweeps select").select_option("None")
    assert page.locator("#sweep-plot").is_hidden()
