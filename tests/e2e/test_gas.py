"""What a learner sees of a KITINet: its particles as a film, its books, a gas, its neurons."""

import json
import shutil
import time

import numpy as np
import pytest

from backend.runs import RunDirectory
from backend.training.events import Evaluated, FrameStored
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from backend.view import unpacked
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

SPEC = {
    "model": "kitinet", "dataset": "two_moons", "epochs": 2, "batch_size": 20, "name": "particles",
    "dataset_options": {"n": 240, "test": 20}, "model_options": {"channels": 64, "blocks": 2},
}  # fmt: skip
PHASE = 'document.querySelector("#train-extra-particles canvas").dataset.phase'


@pytest.fixture(scope="module")
def run(shared_studio, tmp_path_factory) -> RunDirectory:
    """A short real training, as its worker leaves it, in the studio's home."""
    spec = TrainSpec.make(**SPEC)
    made = RunDirectory.create(spec, tmp_path_factory.mktemp("gas"), None)
    rows = []
    for event in Trainer(spec).events():
        if isinstance(event, FrameStored):
            path = made.path / "frames" / f"{event.epoch:06d}"
            np.savez_compressed(path, **event.arrays)  # pyright: ignore[reportArgumentType]
        elif isinstance(event, Evaluated):
            rows.append(json.dumps(event.row()) + "\n")
    (made.path / "metrics.jsonl").write_text("".join(rows))
    made.write_status(
        state="done", step=24, total=24, epoch=2, score="accuracy", finished=time.time()
    )
    (shared_studio.home / "runs").mkdir(parents=True, exist_ok=True)
    shutil.move(made.path, shared_studio.home / "runs" / made.id)
    return RunDirectory(shared_studio.home / "runs" / made.id)


def seek(desk: Workspace, share: float) -> None:
    """Drag the film to a share of its length."""
    box = desk.box("#train-extra-particles .film-places input")
    desk.mouse.click(box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2)


def traces(box: str) -> str:
    """Names and ordinates of a plot."""
    plot = f'document.querySelector("#train-extra-{box} .js-plotly-plot")'
    return f"Object.fromEntries(({plot}?.data ?? []).map((one) => [one.name, Array.from(one.y)]))"


def test_a_learner_sees_the_gas(desk: Workspace, run: RunDirectory):
    inside = unpacked(run.frame(2))
    assert inside is not None
    desk.open_example("RC pair")
    desk.mode("runs")
    desk.page.locator(f'#runs-grid [row-id="{run.id}"]').get_by_text("particles").click()
    desk.mode("train")
    desk.page.locator("#train-run-title", has_text="particles").wait_for()

    books = desk.page.locator("#train-books tbody tr")
    books.nth(1).wait_for()
    assert [row.split()[-1] for row in books.all_inner_texts()] == ["1.0000", "1.0000"]
    assert "Mean-field collisions" in desk.text("#train-no-circuit")

    desk.until(f"({PHASE} ?? '') !== ''")
    phases = set()
    for share in (0.05, 0.3, 0.6, 0.95):
        seek(desk, share)
        phases.add(desk.page.evaluate(f"() => {PHASE}").split()[0])
    assert phases == {"accelerate", "pairs", "collide", "drift"}
    note = desk.text("#train-extra-particles .view-note >> nth=1")
    assert note.startswith("8 particles of 8 coordinates")
    assert "principal axes" in note
    assert "disjoint elastic pairs (matched), c = 0.9" in note
    met, pairs = inside.arrays["pairs_0"][0, 0][:, 3], len(inside.arrays["pairs_0"][0, 0])
    words = f"{int(met.sum())} of {pairs} pairs collided"
    desk.page.locator("#train-extra-particles .view-note", has_text=words).wait_for()
    layers = desk.page.locator('#train-extra-particles input[aria-label="Layer"]')
    layers.focus()
    desk.press("ArrowRight")
    desk.page.get_by_text("Layer 2 of 2").wait_for()
    words = f"{int(inside.arrays['pairs_1'][0, 0][:, 3].sum())} of {pairs} pairs collided"
    desk.page.locator("#train-extra-particles .view-note", has_text=words).wait_for()
    painted = "[...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].some(Boolean)"
    assert desk.page.evaluate(
        f"() => {{ const c = {PHASE.split('.dataset')[0]}; return {painted} }}"
    )

    desk.page.get_by_role("button", name="Books").click()
    desk.until(f"{traces('books-energy')}['published rule']?.length === 6")
    energy = desk.page.evaluate(f"() => {traces('books-energy')}")
    ledger = inside.arrays["ledger"]
    assert energy["published rule"][1] == pytest.approx(float(ledger[0, 1, 7]), rel=1e-5)
    assert energy["matched"][4] == pytest.approx(1, abs=1e-5)

    desk.page.get_by_role("button", name="Gas", exact=True).click()
    desk.until(f"{traces('gas-speeds')}['gas']?.length > 10")
    desk.page.locator('#train-extra-gas input[type="range"]').focus()
    desk.press("End")
    desk.page.locator("#train-extra-gas .place-words", has_text="Round 10 of 10").wait_for()
    desk.page.get_by_role("button", name="Published rule").click()
    title = 'document.querySelector("#train-extra-gas-collision .gtitle")?.textContent ?? ""'
    desk.until(f"({title}).includes('leave the circle')")

    desk.page.get_by_role("button", name="Condensation").click()
    rank = f"Object.values({traces('condensation-rank')})"
    desk.until(f"{rank}.at(-1)?.length === 3")
    assert "sister paper" in desk.text("#train-extra-condensation .view-note")
