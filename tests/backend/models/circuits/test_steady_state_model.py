"""A circuit that learns by where it rests: equations, honesty, and the ways out of a run."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.datasets import DATASETS
from backend.errors import CircuitError, RunError
from backend.export.ngspice import rest_by_ngspice
from backend.models import MODELS, SteadyStateNet, with_parameters
from backend.params import check_params
from backend.simulation.operating_point import operating_point
from backend.simulation.steady_state import held
from backend.simulation.uniqueness import DOMINANT, proof
from backend.solvers import Rodas4
from backend.training import Evaluated, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer
from tests.backend.runs.test_worker import wait
from tests.backend.simulation.test_steady_state import latch, tanh_circuit


def spec_of(dataset: str = "two_moons", **given) -> TrainSpec:
    few = {"two_moons": {"n": 256, "test": 64}}.get(dataset, {})
    usual = {"epochs": 2, "batch_size": 32, "dataset_options": few}
    return TrainSpec.make(**{"model": "steady_state", "dataset": dataset, **usual, **given})


def rows_of(trainer: Trainer) -> list[Evaluated]:
    events = [event for event in trainer.events() if isinstance(event, Evaluated)]
    return [event for event in events if "test_loss" in event.figures]


def test_it_learns_two_moons_and_says_how_it_rests():
    trainer = Trainer(spec_of(epochs=14, dataset_options={"n": 512, "test": 200}))
    rows = rows_of(trainer)
    # Nearest-mean, a straight line, gets 87 % right.
    assert rows[-1].figures["test_accuracy"] > 0.95
    for row in rows:
        found = row.figures
        assert 0.0 <= found["test_stable"] <= found["test_converged"] <= 1.0
        assert 0.0 <= found["train_stable"] <= found["train_converged"] <= 1.0
        assert 1.0 <= found["test_condition"] <= found["test_worst_condition"]
    last = rows[-1].figures
    assert last["transient_accuracy"] == pytest.approx(last["test_accuracy"], abs=0.05)
    assert rows[-1].solve["solve_status"] in ("ok", "inaccurate")


def test_images_have_one_rest_whatever_is_learnt():
    """Gradients of any size cannot bring a second one: nothing feeds back."""
    data = DATASETS["digits"]().data
    model = SteadyStateNet.build(data, check_params(SteadyStateNet.params, {"channels": 1}), 0)
    assert isinstance(model, SteadyStateNet)
    for _ in range(3):
        with torch.no_grad():
            for value in model.parameters():
                value.add_(torch.randn_like(value))
        model.settle()
        assert proof(model.compiled) == DOMINANT
        x = torch.randn(16, 64)
        assert bool(model.resting.settle(x.T).usable.all())
        assert model.trust(x)["solve_status"] == "ok"
        assert "solve_message" not in model.trust(x)


def test_answers_are_those_of_one_circuit_at_its_operating_point():
    trainer = Trainer(spec_of())
    rows_of(trainer)
    model = trainer.model.eval()
    assert isinstance(model, SteadyStateNet)
    x = trainer.test.x[:3]
    given = dict(zip(model.compiled.circuit.inputs, x[1].tolist(), strict=True))
    alone = operating_point(held(model.circuit(), given))
    wanted = [4.0 * alone.voltages[name] for name in model.compiled.circuit.outputs]
    assert model(x)[1].tolist() == pytest.approx(wanted, rel=1e-5)


def test_what_cannot_settle_answers_nothing_and_is_said():
    drawn = latch(3.0)
    model = SteadyStateNet(drawn, Rodas4())
    x = torch.tensor([[0.0], [0.5]])
    answers = model(x)
    assert answers[0].tolist() == [0.0]
    assert abs(answers[1].item()) > 1.0
    assert model.learnt() == {"converged": 1.0, "stable": 0.5}
    told = model.trust(x)
    assert told["solve_status"] == "inaccurate"
    assert "Of 2 steady states 1 are unstable; such examples answer 0 V." in told["solve_message"]
    assert "1 of 1 examples have another stable state" in told["solve_message"]


def test_the_transient_goes_where_the_circuit_goes():
    """By the library's own solve of the circuit with sources at its inputs."""
    drawn = tanh_circuit(2, 0.1)
    model = SteadyStateNet(drawn, Rodas4(rtol=1e-8))
    x = torch.tensor([[0.4, -0.9]])
    with model.checks()["transient"]():
        ended = model(x)
    trajectory = model.trace(x[0])
    rows = [drawn.node_ids.index(name) for name in drawn.outputs]
    assert ended[0].tolist() == pytest.approx(
        (4.0 * trajectory.voltages[-1, rows]).tolist(), rel=1e-5
    )
    assert model(x)[0].tolist() == pytest.approx(ended[0].tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"gradient": "discrete"}, "gradient is a setting of trainings by transients"),
        ({"steps_high": 4}, "steps_high is a setting of trainings by transients"),
        ({"early_solver": "euler"}, "early_solver is a setting of trainings by transients"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said):
    with pytest.raises(RunError, match=said):
        spec_of(**given)


def test_large_images_are_left_to_transients():
    assert "choose the model kirchhoffnet" in SteadyStateNet.unfit(DATASETS["mnist"]().data)
    assert not SteadyStateNet.unfit(DATASETS["digits"]().data)


def test_circuits_of_several_slices_are_refused():
    part = Slice((Device("r", "resistor", "x1", "out"), Device("s", "resistor", "out", GROUND)))
    other = Slice((Device("t", "resistor", "x2", "out"),))
    nodes = (Node("x1", role="input"), Node("x2", role="input"), Node("out", role="output"),
             Node("out2", role="output"))  # fmt: skip
    drawn = Circuit(nodes, (part, other))
    with pytest.raises(CircuitError, match="a steady state belongs to a circuit of one slice"):
        Trainer(spec_of(circuit=drawn.to_dict()))


def test_a_run_leaves_as_a_circuit_whose_inputs_are_held(tmp_path):
    """Its netlist's operating point, by ngspice, is what the model answers."""
    from backend.runs import open_run, start_run

    run = start_run(spec_of(epochs=3), tmp_path)
    wait(run, "done")
    opened = open_run(tmp_path, run.id)
    circuit, example = opened.circuit(), opened.example()
    assert circuit.driven == ("x1", "x2")
    x = torch.tensor([[example["x1"], example["x2"]]])
    data = DATASETS["two_moons"](n=256, test=64).data
    options = check_params(SteadyStateNet.params, {})
    model = MODELS["steady_state"].build(data, options, 0)
    assert isinstance(model, SteadyStateNet)
    trained = with_parameters(opened.start_circuit(), opened.checkpoint().parameters())
    model = SteadyStateNet(trained, model.solver)
    answers = model(x)[0].tolist()
    outputs = [circuit.node_ids.index(name) for name in circuit.outputs]
    if shutil.which("ngspice"):
        found = 4.0 * rest_by_ngspice(circuit)[outputs]
        # ngspice's own tolerance of an operating point is 1e-3 of the currents.
        np.testing.assert_allclose(found, answers, rtol=5e-3, atol=5e-3)
    measured = evaluate(opened)
    assert {"accuracy", "converged", "stable", "condition", "worst_condition"} <= measured.keys()
    again = [row for row in opened.metrics()[0] if "test_accuracy" in row][-1]
    assert measured["accuracy"] == pytest.approx(again["test_accuracy"], abs=0.2)


def test_stated_voltages_stand_in_where_no_example_is_known():
    drawn = tanh_circuit(0)
    nodes = tuple(replace(n, voltage=0.25) if n.id == "x2" else n for n in drawn.nodes)
    found = SteadyStateNet.released(drawn.replace(nodes=nodes), {"x1": -1.0})
    assert [node.voltage for node in found.nodes[:2]] == [-1.0, 0.25]
