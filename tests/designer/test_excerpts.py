"""Lanes of a trained run through the service and the routes."""

import shutil

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.datasets import use_folders
from backend.errors import StudioError
from backend.runs import RunDirectory
from backend.runs.checkpoints import write_checkpoint
from backend.runs.excerpts import excerpt_of_run, kept_weights
from backend.simulation.simulate import simulate
from backend.training.events import Checkpointed
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from designer import serialize
from designer.service.excerpts import by_ngspice, landing

LANE = {"block": 1, "lane": 2, "example": 2, "split": "held_out"}


@pytest.fixture
def run(config):
    """Two epochs, the first one better than the second as far as its files say."""
    use_folders(None, config.home)
    spec = TrainSpec.make(
        model="kinn", dataset="burgers", epochs=2, batch_size=8, name="lines", frame_interval=0,
        dataset_options={"n": 8, "validation": 2, "test": 2, "resolution": 32},
        model_options={"cell": "cascade", "channels": 2, "lanes": 2, "blocks": 1, "order": 2},
    )  # fmt: skip
    made = RunDirectory.create(spec, config.home, None)
    trainer = Trainer(spec)
    for event in trainer.events():
        if isinstance(event, Checkpointed):
            found = trainer.snapshot()
            best = found if event.epoch == 1 else None
            write_checkpoint(found, made.path / "checkpoints", best)
    return made


def test_a_lane_is_the_one_of_the_command_line_and_says_where_it_comes_from(service, run):
    found = service.excerpts.opened(run.id, 2, LANE)
    wanted = excerpt_of_run(run, {**LANE, "split": "validation"}, "last")
    circuit = Circuit.from_dict(found["circuit"])
    assert circuit.replace(name="") == wanted.circuit.replace(name="")
    assert circuit.name == "lines, epoch 2: block 1, lane 2, example 2"
    assert found["words"][0] == (
        f"Block 1, lane 2, example 2 of run lines ({run.id}), weights of epoch 2 (last)."
    )
    assert "Driven by example 2 of the validation set." in found["words"]
    # The page simulates it at times that hold every sample.
    course = simulate(circuit, outputs=found["outputs"])
    rows = [int(np.argmin(np.abs(course.t - time))) for time in found["times"]]
    assert np.abs(course.t[rows] - found["times"]).max() < 1e-12
    columns = [circuit.node_ids.index(name) for name in found["reads"]]
    shown = course.voltages[np.ix_(rows, columns)]
    np.testing.assert_allclose(shown, found["samples"], atol=3e-3 * np.abs(shown).max())


def test_weights_are_those_of_the_epoch_where_they_were_kept_else_the_best(service, run):
    assert kept_weights(run, 1) == ("best", 1)
    assert kept_weights(run, 2) == ("last", 2)
    assert kept_weights(run, 0) == ("best", 1)
    one, other = (service.excerpts.opened(run.id, epoch, LANE) for epoch in (1, 2))
    assert one["samples"] != other["samples"]
    words = service.excerpts.opened(run.id, 0, LANE)["words"][0]
    assert words.endswith("weights of epoch 1 (best). Those of epoch 0 were not kept.")


def test_the_landing_holds_course_samples_and_their_largest_difference(service, run):
    excerpt, _, words = service.excerpts.read(run.id, 2, LANE)
    solved = service.simulations.course(excerpt.circuit, excerpt.outputs)
    header, arrays = serialize.decode(landing(excerpt, words, "ours", solved))
    assert (header["reads"], header["driven"], header["by"]) == (["v1", "v2"], ["u"], "ours")
    rows = excerpt.rows(excerpt.outputs)
    difference = np.abs(solved[1][rows][:, 1:] - excerpt.samples).max()
    assert header["largest"] == pytest.approx(difference)
    assert header["largest"] < 3e-3 * header["size"]
    np.testing.assert_allclose(arrays["samples"], excerpt.samples, rtol=1e-6)
    np.testing.assert_allclose(arrays["drives"][:, 0], solved[1][:, 0], rtol=1e-6)
    if shutil.which("ngspice"):
        told = serialize.decode(landing(excerpt, words, "ngspice", by_ngspice(excerpt)))[0]
        assert told["solver"] == "ngspice"
        assert abs(told["largest"] - header["largest"]) < 1e-4 * header["size"]


def test_what_cannot_be_opened_is_refused_in_words(service, run, client):
    with pytest.raises(StudioError, match="the lane is 9, and the block has 2"):
        service.excerpts.opened(run.id, 2, {**LANE, "lane": 9})
    with pytest.raises(StudioError, match="the example is 7, and the validation set has 2"):
        service.excerpts.opened(run.id, 2, {**LANE, "example": 7})
    answer = client.post("/api/runs/..%2f/lane", json={"epoch": 1})
    assert answer.status_code == 404
    answer = client.post(f"/api/runs/{run.id}/lane", json={"epoch": "one"})
    assert answer.status_code == 422
    answer = client.post(f"/api/runs/{run.id}/landing", json={"epoch": 1, "by": "magic"})
    assert answer.status_code == 422
    assert service.training.look(run.id)["lanes"] is False, "no epoch is stored to be looked at"
