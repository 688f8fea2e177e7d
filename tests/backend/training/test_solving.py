"""Whether a training says that its voltages are not those of the circuit."""

import math

import pytest
import torch
from scipy.integrate import solve_ivp

from backend.circuit import Circuit, Device, Node, Slice
from backend.datasets.base import examples
from backend.models import KirchhoffNet
from backend.models.circuits.solving import TOLERANCE, check_solve
from backend.simulation.simulate import make_solver
from backend.training import Evaluated, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.finer import doubts
from backend.training.loop import Trainer
from backend.training.prepare import make_dataset, make_task, start_circuit
from backend.training.tasks.regress import Regress


def spec(**changes) -> TrainSpec:
    given = {
        "dataset": "two_moons",
        "dataset_options": {"n": 64, "test": 40},
        "epochs": 1,
        "frame_interval": 0,
    }
    return TrainSpec.make(**{**given, **changes})


def leak(rate: float, solver: str, **options) -> KirchhoffNet:
    """A network of two leaking nodes, v' = -rate v on one and -v on the other."""
    nodes = (Node("slow", role="both"), Node("fast", role="both"))
    devices = (
        Device("d1", "resistor", "slow", "gnd", {"conductance": 1.0}),
        Device("d2", "resistor", "fast", "gnd", {"conductance": rate}),
    )
    circuit = Circuit(nodes, (Slice(devices, duration=1.0),))
    return KirchhoffNet(circuit, make_solver(solver, **options))


START = torch.tensor([[1.0, 0.5], [-0.3, 1.0]])


@pytest.mark.parametrize(
    ("solver", "steps", "rate"),
    [("euler", 10, 5.0), ("rk4", 2, 3.0), ("heun", 8, 4.0), ("midpoint", 4, 2.0)],
)
def test_the_error_is_the_one_against_the_exact_solution(solver, steps, rate):
    model = leak(rate, solver, steps=steps)
    report = check_solve(model, START)
    assert report is not None
    worst = 0.0
    for time, v in model.path(START):
        exact = torch.exp(-time * torch.tensor([1.0, rate])).unsqueeze(-1) * START.T
        worst = max(worst, float((v - exact).abs().max()))
    # Four times finer steps are off as well, by 4^-order of it.
    assert report.error == pytest.approx(worst, rel=0.4)
    assert (report.status == "ok") == (report.error <= TOLERANCE)
    assert report.node == ("fast" if report.status != "ok" else "")


def test_steps_beyond_the_limit_of_stability_are_called_so():
    model = leak(100.0, "rk4", steps=10)
    report = check_solve(model, START)
    assert report is not None
    assert report.status == "inaccurate"
    assert "node 'fast'" in report.message
    # h lambda = 10 where 2.78 is the limit.
    assert "they are 3.6 times too long to be stable" in report.message
    assert "take about 40 steps or more" in report.message.replace("36 steps", "40 steps")


def test_voltages_beyond_all_bounds_have_no_size_but_a_name():
    model = leak(1e8, "rk4", steps=4)
    report = check_solve(model, START)
    assert report is not None
    assert report.error is None
    assert report.status == "inaccurate"
    assert "leave the finite range (node 'fast'" in report.message


def test_fine_steps_and_tight_tolerances_are_ok():
    for solver, options in (("rk4", {"steps": 40}), ("dopri5", {"rtol": 1e-5, "atol": 1e-7})):
        model = leak(3.0, solver, **options)
        report = check_solve(model, START)
        assert report is not None
        assert (report.status, report.message) == ("ok", "")
        assert model.solver == make_solver(solver, **options), "the solver is put back"


def test_a_loose_tolerance_is_noticed():
    model = leak(3.0, "dopri5", rtol=0.5, atol=0.5)
    report = check_solve(model, START)
    assert report is not None
    assert report.status == "inaccurate"
    assert "choose a smaller rtol" in report.message


def test_a_training_reports_it_at_its_end_and_an_evaluation_again():
    chosen = spec(solver="euler", solver_options={"steps": 2}, epochs=2)
    trainer = Trainer(chosen)
    rows = [event.row() for event in trainer.events() if isinstance(event, Evaluated)]
    assert "solve_status" not in rows[0]
    last = rows[-1]
    assert last["solve_status"] == "inaccurate"
    assert last["solve_node"] in trainer.start.node_ids
    assert last["solve_message"] in doubts(rows)
    circuit = trainer.model.circuit().with_settings(chosen.model_dump())
    result = evaluate(circuit, "two_moons", "test", {"n": "64", "test": "40"})
    assert result["solve_status"] == "inaccurate"
    assert result["accuracy"] == last["test_accuracy"]
    assert result["finer_accuracy"] == last["finer_accuracy"]
    assert result["solve_error"] == pytest.approx(last["solve_error"], rel=1e-4)


def test_the_largest_difference_of_a_whole_training_is_true():
    """Against scipy at tight tolerance, for every test example that was looked at."""
    trainer = Trainer(spec(solver="heun", solver_options={"steps": 3}))
    last = [event for event in trainer.events() if isinstance(event, Evaluated)][-1]
    model, x = trainer.model, trainer.test.x[:40]
    exact = model.compiled.double()
    field = next(iter(exact.fields()))
    coarse = list(model.float().path(x))
    worst = largest = 0.0
    field = field.double()
    for sample in range(len(x)):
        start = model._initial(x[sample : sample + 1]).double()[:, 0].numpy()
        slope = lambda _, v: field(0.0, torch.from_numpy(v)).detach().numpy()  # noqa: E731
        times = [time for time, _ in coarse]
        found = solve_ivp(slope, (0, times[-1]), start, t_eval=times, rtol=1e-9, atol=1e-11)
        ours = torch.stack([v[:, sample] for _, v in coarse], 1).numpy()
        worst = max(worst, float(abs(ours - found.y).max()))
        largest = max(largest, float(abs(found.y).max()))
    assert last.solve["solve_error"] == pytest.approx(worst / largest, rel=0.15)


def test_equal_targets_have_no_r2_and_no_crash():
    chosen = spec(dataset="diabetes", dataset_options={})
    task = make_task(chosen, make_dataset(chosen))
    assert isinstance(task, Regress)
    flat = examples(torch.zeros(3, 10).numpy(), torch.zeros(3, 1).numpy())
    figures = task.judge(torch.ones(3, 1), flat.y)
    assert "r2" not in figures
    assert math.isfinite(figures["mse"])


def test_a_flow_is_looked_at_on_the_way_it_is_trained():
    chosen = spec(dataset="gen_two_moons", solver="euler", solver_options={"steps": 1})
    trainer = Trainer(chosen)
    assert start_circuit(chosen).node_ids == trainer.start.node_ids
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for value in trainer.model.parameters():
            value.copy_(torch.randn(value.shape, generator=generator))
    trainer.model.settle()
    row = trainer.task.trust(trainer.model, trainer.test.x)
    assert row["solve_status"] == "inaccurate"
    assert "dopri5" not in row["solve_message"]
