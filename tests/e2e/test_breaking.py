"""A circuit is broken on the board, and cut while it trains."""

import json
import re

import pytest

from backend.changes import change_of_text
from backend.runs import edits_of, start_run, stop_run
from backend.runs.excerpts import kept_weights
from backend.training import TrainSpec
from backend.training.evaluate import evaluate
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

SCORE = "document.getElementById('break-score').textContent"
MARKS = """(document.querySelector('#train-curves .js-plotly-plot')?.layout?.annotations ?? [])
    .map((one) => one.hovertext).filter(Boolean)"""


def test_a_device_is_cut_on_trial_and_while_it_trains(studio, open_studio):
    spec = TrainSpec.make(
        dataset="two_moons", dataset_options={"n": 256, "test": 50}, epochs=100_000,
        frame_interval=100, name="moons",
    )  # fmt: skip
    run = start_run(spec, studio.home)
    page: Workspace = open_studio(studio)
    page.new_circuit()
    page.mode("train")
    card = page.page.locator("#train-break")
    card.get_by_role("button", name="Show it on the board").click()
    page.until(f"kd.debug.run?.id === {json.dumps(run.id)}")
    card.get_by_label("What breaks").select_option("stuck")
    device = next(d["id"] for d in page.document()["slices"][0]["devices"] if d["source"] == "x1")
    page.pause()
    page.settled()
    page.select_device(device)
    page.until(f"{SCORE}.includes('→')")
    card.get_by_role("button", name="Do it while it trains").click()
    page.until(f"{MARKS}.includes({json.dumps(f'{device} cut')})")
    stop_run(studio.home, run.id)
    page.until("document.getElementById('train-run-state').textContent === 'cancelled'")
    assert [entry["words"] for entry in edits_of(run)] == [f"{device} cut"]
    assert device not in run.circuit("last").device_ids
    assert page.page.get_by_label("Edits of this run").inner_text().endswith(f"{device} cut.")

    # Of the run that has ended: what is shown is what the library evaluates.
    card.get_by_role("button", name="Mend all").click()
    page.until(f"!{SCORE}.includes('→')")
    card.get_by_label("What breaks").select_option("drift")
    page.until(f"{SCORE}.includes('→')")
    # Which weights these are, the best ones or the last, the page says by their epoch.
    shown = re.search(r"weights of epoch (\d+)", page.text("#train-break"))
    assert shown
    weights = kept_weights(run, int(shown[1]))[0]
    each = [
        evaluate(run, checkpoint=weights, faults=[change_of_text(f"drift:sigma=0.1,seed={seed}")])
        for seed in range(20)
    ]
    written = [f"{100 * found['accuracy']:.1f} %" for found in each]
    assert page.text("#break-score").endswith(written[0])
    card.get_by_role("button", name="Draw 20 times").click()
    page.until("/^20 draws/.test(document.querySelector('.draws .note').textContent)")
    low, high = (choose(written, key=lambda text: float(text[:-2])) for choose in (min, max))
    assert page.text(".draws .note").startswith(f"20 draws: {low} to {high}, median")
    assert page.page.locator(".draws-picture circle").count() == 20
