"""Evaluation of circuits by any solver."""

import pytest
import torch

from backend.circuit.files import read_circuit, write_circuit
from backend.errors import CircuitError, SolveError, StudioError
from backend.runs import RunDirectory
from backend.runs.checkpoints import write_checkpoint
from backend.training import Evaluated, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer
from backend.training.tasks.logits import accuracy, confusion, loss


@pytest.fixture(scope="module")
def trained():
    spec = TrainSpec.make(
        dataset="two_moons", dataset_options={"n": 300, "test": 200}, epochs=8, frame_interval=0
    )
    trainer = Trainer(spec)
    last = [event for event in trainer.events() if isinstance(event, Evaluated)][-1]
    return trainer.model.circuit(), last


def test_figures_are_those_of_the_training(trained):
    circuit, last = trained
    found = evaluate(circuit, "two_moons", overrides={"test": "200", "steps": "4"})
    assert found["accuracy"] == last.figures["test_accuracy"]
    assert found["loss"] == pytest.approx(last.test_loss, rel=1e-5)
    assert found["seconds"] > 0
    assert sum(map(sum, found["confusion"])) == found["examples"] == 200


def test_solver_overrides(trained):
    circuit, _ = trained
    fine = evaluate(circuit, "two_moons", overrides={"solver": "rk4", "steps": "32"})
    exact = evaluate(circuit, "two_moons", overrides={"solver": "dopri5", "rtol": "1e-5"})
    rough = evaluate(circuit, "two_moons", overrides={"solver": "euler", "steps": "1"})
    assert fine["loss"] == pytest.approx(exact["loss"], rel=1e-3)
    assert abs(rough["loss"] - exact["loss"]) > 10 * abs(fine["loss"] - exact["loss"])


def test_bad_requests_are_refused_in_words(trained):
    circuit, _ = trained
    with pytest.raises(StudioError, match="'epochs' belongs to training"):
        evaluate(circuit, "two_moons", overrides={"epochs": "3"})
    with pytest.raises(StudioError, match="no data set was chosen"):
        evaluate(circuit)
    with pytest.raises(CircuitError, match="needs 64 input nodes"):
        evaluate(circuit, "digits")
    with pytest.raises(StudioError, match="choose train or test"):
        evaluate(circuit, "two_moons", "validation")


def test_a_solve_that_fails_names_the_node(trained):
    circuit, _ = trained
    with pytest.raises(SolveError, match=r"solve failed: .*node '"):
        evaluate(
            circuit, "two_moons", overrides={"solver": "dopri5", "rtol": "1e-7", "max_steps": "2"}
        )


def test_metrics():
    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]])
    classes = torch.tensor([0, 1, 1])
    assert accuracy(logits, classes) == pytest.approx(2 / 3)
    assert confusion(logits, classes).tolist() == [[1, 0], [1, 1]]
    expected = (torch.tensor([-2.0, -1.0, 3.0]).exp().log1p()).mean()
    assert loss(logits, classes) == pytest.approx(float(expected))


def test_an_exported_run_is_judged_as_it_was_trained(tmp_path):
    path = tmp_path / "home"
    spec = TrainSpec.make(
        dataset="two_moons",
        dataset_options={"n": 200, "test": 100},
        model_options={"logit_scale": 2.5},
        solver="heun",
        solver_options={"steps": 3},
        epochs=2,
        frame_interval=0,
    )
    trainer = Trainer(spec)
    run = RunDirectory.create(spec, path, trainer.start)
    for _ in trainer.events():
        pass
    write_checkpoint(trainer.snapshot(), run.path / "checkpoints", trainer.snapshot())
    own = evaluate(run)
    for form in ("safetensors", "pt"):
        write_circuit(run.circuit(), tmp_path / f"net.{form}")
        found = evaluate(
            read_circuit(tmp_path / f"net.{form}"), "two_moons", overrides={"test": "100"}
        )
        assert (found["solver"], found["solver_options"]) == ("heun", {"steps": 3})
        assert found["loss"] == pytest.approx(own["loss"], rel=1e-6)
