"""A training started in the page goes on without it, and comes back with everything."""

import json
import time

import pytest

from backend import Circuit, simulate
from backend.runs import list_runs
from tests.e2e.test_generate import choose
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

LOSS = """(() => {
    const plot = document.querySelector("#train-curves .js-plotly-plot");
    const curve = plot?.data?.find((one) => /train/i.test(one.name) && /loss/i.test(one.name))
        ?? plot?.data?.[0];
    return curve?.y ? Array.from(curve.y) : [];
})()"""


STEP = """(() => {
    const found = /step ([\\d,]+) of/.exec(document.getElementById("train-progress-text").textContent);
    return found ? Number(found[1].replaceAll(",", "")) : -1;
})()"""  # noqa: E501


def set_number(studio: Workspace, label: str, value: float) -> None:
    field = studio.page.locator("#panel-train").get_by_label(label).locator("visible=true").first
    field.fill(str(value))
    field.press("Tab")


def losses(studio: Workspace) -> list[float]:
    return [value for value in studio.page.evaluate(f"() => {LOSS}") if value is not None]


@pytest.fixture
def home(studio):
    """The studio's home; whatever still trains in it is stopped at the end."""
    yield studio.home
    for run in list_runs(studio.home):
        run.ask_to_stop()
    deadline = time.monotonic() + 60
    while any(run.status["state"] in ("running", "queued") for run in list_runs(studio.home)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def learnt(run) -> Circuit:
    """The best circuit of a run, most of whose devices are others than at its start."""
    trained = run.circuit("best")
    first = json.loads((run.path / "circuit.json").read_text(encoding="utf-8"))
    changed = [
        device.id
        for device, before in zip(trained.devices, first["slices"][0]["devices"], strict=True)
        if dict(device.params) != before["params"]
    ]
    assert len(changed) > len(trained.devices) // 2
    found = simulate(trained, solver="rk4", voltages={trained.inputs[0]: 0.4})
    assert found.status.ok
    return trained


def test_train_leave_restart_return_stop_open(studio, home, open_studio):
    page = open_studio(studio, alone=True)
    page.open_example("RC pair")
    circuit_url = page.page.url
    page.mode("train")
    page.until("document.getElementById('train-dataset').value")
    choose(page, "#train-dataset", "Two moons")
    # Enough epochs that the run is still at work when we are back.
    page.until("!document.getElementById('train-fields').disabled")
    set_number(page, "Epochs", 20000)
    set_number(page, "Batch size", 64)
    page.page.locator("#train-name").fill("moons in a tab")
    page.page.locator("#train-start").click()
    page.until("document.getElementById('train-run-state').textContent === 'running'")
    (run,) = list_runs(home)
    assert (run.spec.epochs, run.spec.batch_size) == (20000, 64)
    assert page.text("#train-run-title") == "moons in a tab"
    page.until(f"{LOSS}.length >= 5")
    seen = losses(page)
    page.until(f"Math.min(...{LOSS}) < 0.7 * {seen[0]}")
    page.until(f"{STEP} >= {run.status['step']}")  # whatever else the machine does meanwhile
    assert page.text("#train-run-state") == run.status["state"] == "running"
    page.page.close()

    studio.stop()
    step = run.status["step"]
    assert run.status["state"] == "running"
    studio.start()

    page = open_studio(studio, circuit_url.removeprefix(studio.url), alone=True)
    page.mode("train")
    page.until("document.getElementById('train-run-title').textContent === 'moons in a tab'")
    assert page.text("#train-run-state") == "running"
    page.until(f"{LOSS}.length >= {len(seen)}")
    # The whole curve is there: it begins where it began.
    assert losses(page)[: len(seen)] == pytest.approx(seen, rel=1e-6)
    assert run.status["step"] > step
    count = len(losses(page))
    page.until(f"{LOSS}.length > {count}")
    page.until(f"{STEP} >= {run.status['step']}")

    page.page.locator("#train-stop").click()
    page.until("document.getElementById('train-run-state').textContent === 'cancelled'")
    assert run.status["state"] == "cancelled"
    assert page.page.evaluate(f"() => {STEP}") == run.status["step"]
    trained = learnt(run)

    page.page.locator("#train-open").click()
    page.until(f"kd.debug.doc().nodes.length === {len(trained.nodes)}")
    page.until("location.pathname.startsWith('/c/')")
    page.fresh()
    drawn = page.document()
    on_board = {d["id"]: d["params"] for part in drawn["slices"] for d in part["devices"]}
    assert on_board == {d.id: pytest.approx(dict(d.params)) for d in trained.devices}


def test_an_open_circuit_without_inputs_is_refused_in_words(studio, home, open_studio):
    page = open_studio(studio)
    page.open_example("Ring oscillator")
    for node in [n["id"] for n in page.document()["nodes"] if n["role"] != "hidden"]:
        page.select(node)
        page.page.locator("#pane-node").get_by_role("button", name="Hidden").click()
    page.mode("train")
    page.until("document.getElementById('train-dataset').value")
    page.page.locator("#train-source").get_by_text("The open circuit").click()
    page.page.locator("#train-start").click()
    page.until("document.getElementById('train-note').classList.contains('error')")
    sentence = page.text("#train-note")
    assert "input" in sentence
    assert "\n" not in sentence
    assert list_runs(home) == []
