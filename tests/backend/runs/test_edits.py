"""A real worker whose circuit is edited meanwhile, is killed, and goes on as if it never was."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.changes import change_of_text
from backend.errors import RunError, StudioError
from backend.runs import RunDirectory, ask_to_edit, reconcile, resume_run, start_run, stop_run
from backend.runs.bundles import run_bundle, unpack_run
from backend.runs.edits import Editing, circuit_after, circuit_at, edits_of, made_of
from backend.runs.processes import kill
from backend.training import Evaluated, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer

ENDLESS = 100_000


@pytest.fixture
def run(tmp_path: Path):
    """An endless training whose worker ends with the test."""
    spec = TrainSpec.make(
        dataset="two_moons", dataset_options={"n": 512, "test": 50}, epochs=ENDLESS,
        frame_interval=1,
    )  # fmt: skip
    found = start_run(spec, tmp_path)
    yield found
    kill(found.status.get("pid") or 0, found.status.get("start_time"))


def wait(run: RunDirectory, good) -> None:
    end = time.monotonic() + 200
    while not good():
        reconcile(run.home)
        if time.monotonic() > end or run.status["state"] == "failed":
            pytest.fail(f"{run.status}\n{run.log()}")
        time.sleep(0.1)


def rows(run: RunDirectory) -> list[dict]:
    return [{key: value for key, value in row.items() if key != "time"} for row in run.metrics()[0]]


def uninterrupted(run: RunDirectory, count: int) -> list[dict]:
    """The first rows of the same training in one go, in this process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    found = []
    try:
        for event in Trainer(run.spec, edits=made_of(edits_of(run))).events():
            if isinstance(event, Evaluated):
                found.append({key: v for key, v in event.row().items() if key != "time"})
            if len(found) == count:
                return found
    finally:
        torch.set_num_threads(before)
    return found


def test_an_edited_run_goes_on_bit_for_bit(run):
    wait(run, lambda: run.status["step"] >= 20)
    first, second = run.start_circuit().device_ids[:2]
    ask_to_edit(run, change_of_text(f"stuck:device={first}"))
    wait(run, lambda: len(edits_of(run)) == 1)
    step = edits_of(run)[0]["step"]
    wait(run, lambda: len(run.frames()) and run.status["step"] > step + 20)
    # A worker that is killed loses what came after its last checkpoint, the edit perhaps too.
    kill(run.status["pid"], run.status["start_time"])
    wait(run, lambda: run.status["state"] == "lost")
    resume_run(run.home, run.id)
    wait(run, lambda: run.status["state"] == "running" and run.status["step"] > step + 60)
    ask_to_edit(run, change_of_text(f"drift:sigma=0.2,device={second}"))
    with pytest.raises(StudioError, match=f"there is no device '{first}'"):
        ask_to_edit(run, change_of_text(f"stuck:device={first}"))
    wait(run, lambda: len(edits_of(run)) == 2 and run.status["step"] > step + 100)
    stop_run(run.home, run.id)
    wait(run, lambda: run.status["state"] == "cancelled")
    found = rows(run)
    assert found[-1]["step"] > edits_of(run)[-1]["step"]
    assert found == uninterrupted(run, len(found))
    with pytest.raises(RunError, match="only a circuit that trains can be edited"):
        ask_to_edit(run, change_of_text(f"stuck:device={second}"))
    _circuits_of_epochs(run, first)
    again = unpack_run(run_bundle(run), run.home.parent / "other")
    assert again.circuit("last") == run.circuit("last")


def _circuits_of_epochs(run: RunDirectory, gone: str) -> None:
    """Every stored epoch has the circuit that made it; checkpoints have theirs."""
    counts = set()
    for stored in run.frames():
        arrays = run.frame(stored["epoch"])
        circuit = circuit_at(run, int(arrays["step"]))
        assert arrays["currents"].shape[1] == circuit.device_count
        counts.add(circuit.device_count)
    assert len(counts) == 2
    last = run.circuit("last")
    assert gone not in last.device_ids
    assert last.device_ids == circuit_after(run, 2).device_ids
    assert np.isfinite(evaluate(run, checkpoint="last")["loss"])


def test_what_depends_on_values_is_recorded_by_name(tmp_path):
    """The weakest devices of a trained circuit are others than those of its start."""
    spec = TrainSpec.make(dataset="two_moons", dataset_options={"n": 256, "test": 20}, epochs=8)
    trainer = Trainer(spec)
    run = RunDirectory.create(spec, tmp_path, trainer.start)
    run.write_status(state="running")
    asked, curves = change_of_text("prune:share=0.3"), []
    for event in trainer.events():
        if isinstance(event, Evaluated):
            curves.append(event.row()["train_loss"])
            if len(curves) == 4:
                ask_to_edit(run, asked)
                weakest = asked.touched(trainer.model.circuit()).devices
                Editing(run, trainer).look()
    assert set(weakest) != set(asked.touched(run.start_circuit()).devices)
    gone = set(run.start_circuit().device_ids) - set(trainer.model.circuit().device_ids)
    assert gone == set(weakest)
    assert circuit_after(run, 1).device_ids == trainer.model.circuit().device_ids
    again = Trainer(spec, edits=made_of(edits_of(run)))
    repeated = [e.row()["train_loss"] for e in again.events() if isinstance(e, Evaluated)]
    assert repeated == curves


def test_a_request_is_answered_once(tmp_path):
    spec = TrainSpec.make(dataset="two_moons", dataset_options={"n": 64, "test": 20}, epochs=2)
    trainer = Trainer(spec)
    run = RunDirectory.create(spec, tmp_path, trainer.start)
    run.write_status(state="running")
    ask_to_edit(run, change_of_text(f"stuck:device={trainer.model.circuit().device_ids[0]}"))
    (path,) = (run.path / "edits").iterdir()
    content = path.read_bytes()
    editing = Editing(run, trainer)
    editing.look()
    path.write_bytes(content)  # as if the worker had been killed before it removed it
    Editing(run, trainer).look()
    assert len(edits_of(run)) == len(trainer.edits) == 1
    assert not path.exists()
    (run.path / "edits" / "0000-abcdef.json").write_text('{"change": "stuk"}')
    editing.look()
    assert "did you mean 'stuck'" in edits_of(run)[1]["refused"]
    assert len(made_of(edits_of(run))) == 1
    (run.path / "edits.json").write_text('{"no": "list"}')
    with pytest.raises(RunError, match="is no record of edits; put the file back"):
        edits_of(run)
