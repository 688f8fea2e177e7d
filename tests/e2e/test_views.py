"""What a trained operator shows on the Train page: fields, cascades, their constants."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from backend.runs import RunDirectory
from backend.runs.checkpoints import write_checkpoint
from backend.training.events import Checkpointed, Evaluated, FrameStored
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from backend.view import View, packed
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

LANES, BLOCKS, ORDER = 4, 2, 2
SPEC = {
    "model": "kinn", "dataset": "burgers", "epochs": 2, "batch_size": 8, "name": "lines",
    "dataset_options": {"n": 16, "validation": 4, "test": 4, "resolution": 64, "viscosity": "0.1"},
    "model_options": {"cell": "cascade", "channels": 4, "lanes": LANES, "blocks": BLOCKS,
                      "order": ORDER},
}  # fmt: skip


@pytest.fixture(scope="module")
def run(shared_studio, tmp_path_factory) -> RunDirectory:
    """A short real training."""
    return trained(SPEC, tmp_path_factory.mktemp("trained"), shared_studio.home)


def trained(settings: dict, folder: Path, home: Path) -> RunDirectory:
    """A training of this process, as its worker leaves it in a home."""
    spec = TrainSpec.make(**settings)
    made = RunDirectory.create(spec, folder, None)
    rows, trainer = [], Trainer(spec)
    for event in trainer.events():
        if isinstance(event, FrameStored):
            path = made.path / "frames" / f"{event.epoch:06d}"
            np.savez_compressed(path, **event.arrays)  # pyright: ignore[reportArgumentType]
        elif isinstance(event, Evaluated):
            rows.append(json.dumps(event.row()) + "\n")
        elif isinstance(event, Checkpointed):
            found = trainer.snapshot()
            write_checkpoint(found, made.path / "checkpoints", found if event.best else None)
    (made.path / "metrics.jsonl").write_text("".join(rows))
    made.write_status(
        state="done", step=4, total=4, epoch=2, score="relative_l2", finished=time.time()
    )
    return moved(made, home)


@pytest.fixture(scope="module")
def sheet(shared_studio, tmp_path_factory) -> RunDirectory:
    """A run of which only one frame is known: two fields over a plane, and lanes of a sheet."""
    spec = TrainSpec.make(dataset="two_moons", name="sheet", epochs=1, frame_interval=0)
    made = RunDirectory.create(spec, tmp_path_factory.mktemp("sheet"), None)
    truth = np.array([[[[0.0, 1.0, 2.0], [0.5, 0.0, 4.0]]]] * 2)
    arrays = {"field_input": 1 - truth, "field_target": truth, "field_prediction": truth + 0.5}
    sigma = np.array([[[0.1, 0.2], [0.05, 0.3]]])
    inside = packed(View("fields", {"sigma": sigma}, {"periodic": False, "modes": 4}))
    np.savez_compressed(made.path / "frames" / "000001", **arrays, **inside)  # pyright: ignore[reportArgumentType]
    (made.path / "metrics.jsonl").write_text(
        json.dumps({"step": 1, "epoch": 1, "train_loss": 1.0}) + "\n"
    )
    made.write_status(state="done", step=1, total=1, epoch=1, finished=time.time())
    return moved(made, shared_studio.home)


def moved(made: RunDirectory, home: Path) -> RunDirectory:
    """Into the studio's home, where it comes into view complete."""
    (home / "runs").mkdir(parents=True, exist_ok=True)
    shutil.move(made.path, home / "runs" / made.id)
    return RunDirectory(home / "runs" / made.id)


def shown(desk: Workspace, run: RunDirectory) -> None:
    desk.open_example("RC pair")
    desk.mode("runs")
    desk.page.locator(f'#runs-grid [row-id="{run.id}"]').get_by_text(run.spec.name).click()
    desk.mode("train")
    desk.page.locator("#train-run-title", has_text=run.spec.name).wait_for()


def epoch(desk: Workspace, key: str, number: int) -> None:
    """Replay another epoch by a key on the slider."""
    desk.page.locator("#train-epoch [role=slider]").focus()
    desk.press(key)
    desk.page.locator("#train-epoch-text", has_text=f"Epoch {number} of 2").wait_for()


def traces(box: str) -> str:
    """Names and ordinates of a plot."""
    plot = f'document.querySelector("#train-extra-{box} .js-plotly-plot")'
    return f"Object.fromEntries(({plot}?.data ?? []).map((one) => [one.name, Array.from(one.y)]))"


def test_fields_are_seen_example_by_example_grid_by_grid_and_epoch_by_epoch(desk: Workspace, run):
    shown(desk, run)
    last, prediction = run.frame(2), f"{traces('curves-plot')}.prediction"
    wanted = last["field_prediction"][:, 0]
    desk.until(f"{prediction}?.length === 64")
    assert desk.page.evaluate(f"() => {prediction}") == pytest.approx(wanted[0].tolist())
    desk.until(f"{traces('curves-plot')}.error?.length === 64")
    found = desk.page.evaluate(f"() => {traces('curves-plot')}")
    differences = (wanted - last["field_target"][:, 0])[0]
    assert found["error"] == pytest.approx(differences.tolist(), abs=1e-6)
    assert desk.box("#train-extra")["height"] > 300, "it stands in the place of the board"

    places = desk.page.locator('#train-extra-curves input[type="range"]')
    places.focus()
    desk.press("ArrowRight")
    desk.page.get_by_text("Example 2 of 4").wait_for()
    norm = np.linalg.norm
    error = norm(last["field_prediction"][1] - last["field_target"][1])
    words = desk.text("#train-extra-curves .view-words")
    assert float(words.split()[2]) == pytest.approx(error / norm(last["field_target"][1]), rel=5e-3)

    desk.page.get_by_role("button", name="128 points").click()
    desk.until(f"{prediction}?.length === 128")
    finer = last["field_prediction_2"][1, 0].tolist()
    assert desk.page.evaluate(f"() => {prediction}") == pytest.approx(finer)

    epoch(desk, "ArrowRight", 1)
    epoch(desk, "Home", 0)
    first = run.frame(0)["field_prediction_2"][1, 0]
    desk.until(f"Math.abs({prediction}[0] - {first[0]}) < 1e-6")
    assert "Example 2 of 4" in desk.text("#train-extra-curves .view-controls")

    desk.page.get_by_role("button", name="Back beside the curves").click()
    desk.until("document.getElementById('train-extra').clientHeight < 250")
    desk.page.get_by_role("button", name="Show it large").click()


def test_a_pulse_goes_through_the_lane_that_is_chosen(desk: Workspace, run):
    shown(desk, run)
    epoch(desk, "End", 2)
    desk.page.get_by_role("button", name="Cascades").click()
    words = "document.querySelector('#train-extra-cascade .view-words')?.innerText ?? ''"
    desk.until(f"{words}.includes('τ = ')")
    places = desk.page.locator('#train-extra-cascade input[type="range"]')
    places.focus()
    desk.press("End")
    tau = float(run.frame(2)["view.tau"][0].max())
    desk.until(f"{words}.includes('τ = {tau:#.3g} ')")
    assert f"{ORDER} cells" in desk.page.evaluate(f"() => {words}")
    kernel, most = f"{traces('cascade-kernel')}['v₂'] ?? [0]", np.exp(-1) / tau
    desk.until(f"Math.abs(Math.max(...({kernel})) - {most}) < 1e-3 * {most}")
    desk.until(f"Object.keys({traces('cascade-bode')}).includes('−40 dB/decade')")

    # The pulse moves by itself, and rests where it is put.
    look = "document.querySelector('.pulse').toDataURL()"
    before = desk.page.evaluate(f"() => {look}")
    desk.until(f"{look} !== {json.dumps(before)}")
    desk.page.locator(".pulse").click(position={"x": 200, "y": 90})
    desk.page.get_by_role("button", name="Let the pulse go on").wait_for()
    still = desk.page.evaluate(f"() => {look}")
    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate(f"() => {look}") == still

    desk.page.get_by_role("button", name="Constants").click()
    desk.until("document.querySelector('#train-extra-constants .js-plotly-plot')?.data?.length")
    counted = desk.page.evaluate("""() => Array.from(
        document.querySelector("#train-extra-constants .js-plotly-plot").data,
        (one) => one.y.slice(0, -1).reduce((sum, n) => sum + n, 0))""")
    assert counted == [LANES] * 2 * BLOCKS, "now, and when the run began"


def test_the_loss_is_on_a_logarithmic_axis_with_the_validation_curve(desk: Workspace, run):
    shown(desk, run)
    plot = "document.querySelector('#train-curves .js-plotly-plot')"
    desk.until(f"{plot}?.data?.length === 2 && {plot}.data[1].name === 'validation'")
    assert desk.page.evaluate(f"() => {plot}.layout.yaxis.type") == "log"
    rows = run.metrics()[0]
    wanted = [row["validation_relative_l2"] for row in rows if "validation_relative_l2" in row]
    assert desk.page.evaluate(f"() => Array.from({plot}.data[1].y)") == pytest.approx(wanted)
    assert float(desk.text("#train-stat-best")) == pytest.approx(min(wanted), rel=5e-3)


def test_maps_share_a_scale_and_are_read_by_the_pointer(desk: Workspace, sheet):
    shown(desk, sheet)
    desk.page.get_by_role("button", name="Fields").click()  # what was looked at last is kept
    desk.page.locator("#train-extra-maps .map-picture").nth(3).wait_for()
    ends = [
        one.split() for one in desk.page.locator("#train-extra-maps .map-ends").all_inner_texts()
    ]
    assert ends == [["−3.0", "0", "3.0"], ["0", "4.5"], ["0", "4.5"], ["−0.50", "0", "0.50"]]
    box = desk.box("#train-extra-maps .map-picture >> nth=1")
    desk.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.75 * 2 / 3 * box["width"])
    words = "row 2 of 2, column 3 of 3: input −3.00, truth 4.00, prediction 4.50, error 0.500"
    desk.page.locator("#train-extra-maps .view-note", has_text=words).wait_for()

    desk.page.get_by_role("button", name="Lanes").click()
    desk.page.get_by_role("button", name="across").click()
    desk.page.locator("#train-extra-ring .view-words", has_text="width σ = 0.300").wait_for()
    response = f"{traces('ring-response')}['|H(k)|, value']"
    desk.until(f"{response}?.length > 100")
    assert desk.page.evaluate(f"() => {response}[0]") == pytest.approx(1)
    desk.until("document.querySelector('#train-extra-ring-kernel .js-plotly-plot')?.data?.length")
