"""The adjoint where conductances jump: devices with a kink that switch on the way."""

import numpy as np
import pytest

from backend.bench.workloads import workload
from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.simulation.accuracy import Times
from backend.simulation.back import march_back
from backend.simulation.compiled import CompiledSimulation
from backend.simulation.problem import Problem
from backend.simulation.simulate import adjoint
from backend.simulation.windows import Switches, switches
from backend.solvers.auto import Auto


def ramp(*kinks: float, kind: str = "relu", span: float = 1.5, scale: float = 1.0) -> Circuit:
    """x rises by 1 V a ``scale`` of time; beyond each kink a device carries x - kink over to y."""
    devices = [Device("i", "current_source", GROUND, "x", {"current": 1.0})]
    devices += [
        Device(f"d{k}", kind, "x", "y", {"a": 1.0, "b": 0.0, "c": -kink})
        for k, kink in enumerate(kinks)
    ]
    nodes = (Node("x", capacitance=scale), Node("y", capacitance=scale, role="output"))
    return Circuit(nodes, (Slice(tuple(devices), span * scale),))


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e6])
def test_a_device_that_switches_once(scale: float):
    """Lambda_y = 1, -dlambda_x/dt = (lambda_y - lambda_x) / C while it conducts, else 0."""
    trajectory, back = adjoint(ramp(0.5, scale=scale), outputs=151)
    assert back is not None
    left = (trajectory.t[-1] - trajectory.t) / scale
    wanted = 1.0 - np.exp(-np.minimum(left, 1.0))
    assert back.voltages[:, 0] == pytest.approx(wanted, abs=1e-6)
    assert back.voltages[:, 1] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("kinks", [(0.5, 0.5), (0.5, 0.5 + 1e-15), (0.0,), (0.5, 0.5 + 1e-9)])
def test_kinks_that_meet_each_other_or_an_end(kinks: tuple[float, ...]):
    """n equal devices from ``kinks[0]`` on: lambda_x(0) = 1 - exp(-n (T - kink))."""
    span = 1.0 + kinks[0]
    trajectory, back = adjoint(ramp(*kinks, span=span), outputs=21)
    assert trajectory.status.ok
    assert back is not None
    wanted = 1.0 - np.exp(-len(kinks))
    assert back.gradient_voltage[0] == pytest.approx(wanted, abs=1e-6)


def test_steps_end_at_every_jump_and_there_are_few():
    circuit = workload("board").circuit()
    problem = Problem.of(circuit)
    assert problem is not None
    times = Times.equidistant([1.0], 21)
    course = CompiledSimulation(problem, Auto(), times).converged(keep=True, rtol=1e-7).course
    cotangent = np.append(course.end[:-1], 0.0)
    back = march_back(problem, course, cotangent, 1e-6)
    jumps = switches(problem, 0, course.tapes[0]).jumps(0.0, 1.0)
    assert len(jumps)
    assert np.isin(jumps, back.tapes[0].times).all()
    assert len(back.tapes[0].times) < 4 * len(jumps) + 30


def test_times_closer_than_their_digits_are_one():
    at = np.array([0.25, 0.25 + 1e-16, 0.5, 0.75, 1.0])
    found = Switches(at, np.ones(5), np.array([True, True, True, False, True]))
    assert found.jumps(0.0, 1.0) == pytest.approx([0.5, 0.75])
    assert found.jumps(0.25, 0.6) == pytest.approx([0.1])
