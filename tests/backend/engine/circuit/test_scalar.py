"""The compiled solve of one sample against the same method in torch, and against SciPy."""

from typing import Any

import numpy as np
import pytest

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.devices import DEVICES
from backend.simulation.accuracy import Times
from backend.simulation.plain import PlainSimulation
from backend.simulation.scalar import solve_quickly
from backend.simulation.simulate import make_solver, simulate
from backend.simulation.trajectory import Trajectory
from tests.reference import Reference
from tests.strategies import random_circuit

SMOOTH = [kind for kind, law in DEVICES.items() if law.smooth]
KINKED = [kind for kind in DEVICES.names() if kind not in SMOOTH]
FIXED = ["euler", "midpoint", "heun", "rk4"]


def plain(circuit: Circuit, solver: str, outputs: int, **options: Any) -> PlainSimulation:
    times = Times.equidistant([part.duration for part in circuit.slices], outputs)
    return PlainSimulation(circuit, make_solver(solver, **options), times)


def both(circuit: Circuit, solver: str, outputs: int = 41, **options: Any):
    """By the kernel, and by the torch path."""
    run = plain(circuit, solver, outputs, **options)
    quick = solve_quickly(run.circuit, run.solver, run.t, run.starts, run.slice_of)
    assert quick is not None, "the compiled way was not taken"
    return quick, run.trajectory()


def far(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference over the largest entry, NaN in the same places."""
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    return float(np.nanmax(np.abs(found - wanted)) / np.nanmax(np.abs(wanted)))


def check(quick: Trajectory, plain: Trajectory, tolerance: float) -> None:
    assert far(quick.voltages, plain.voltages) < tolerance
    assert far(quick.currents, plain.currents) < tolerance
    assert quick.status == plain.status
    assert (quick.node_ids, quick.device_ids) == (plain.node_ids, plain.device_ids)
    np.testing.assert_array_equal(quick.t, plain.t)
    for name in ("steps", "rejected"):
        assert quick.stats[name] == plain.stats[name], name
    for name in ("smallest_step", "largest_step"):
        assert quick.stats[name] == pytest.approx(plain.stats[name], rel=1e-6)
    assert quick.kcl_residual is not None
    assert quick.kcl_residual.max() <= 1e-12


@pytest.mark.parametrize("solver", FIXED)
@pytest.mark.parametrize("kind", DEVICES.names())
def test_every_kind_with_fixed_steps(kind: str, solver: str):
    quick, plain = both(random_circuit(3, [kind], slices=2), solver, steps=80)
    check(quick, plain, 1e-12)
    stages = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4}[solver]
    assert quick.stats["steps"] == 2 * 80
    # torch counts more: it evaluates the slope again for outputs between steps.
    assert quick.stats["evaluations"] == 2 * (80 * stages + 1)


@pytest.mark.parametrize("kind", SMOOTH)
def test_every_smooth_kind_with_steps_of_its_own(kind: str):
    """The controllers see different rounding; the step sizes differ in their last digits."""
    check(*both(random_circuit(3, [kind], slices=2), "dopri5"), 1e-9)


@pytest.mark.parametrize("kind", KINKED)
def test_every_kinked_kind_with_steps_of_its_own(kind: str):
    """As near the solution as torch, not the same steps.

    Where a step crosses a kink the error estimate magnifies rounding: a start that differs by 1e-15
    changes the number of torch's own steps.
    """
    circuit = random_circuit(3, [kind], slices=2)
    quick, plain = both(circuit, "dopri5", rtol=1e-7, atol=1e-7)
    wanted = Reference(circuit).voltages(quick.t)
    assert far(quick.voltages, wanted) < 3 * far(plain.voltages, wanted) + 1e-7
    assert quick.kcl_residual is not None
    assert quick.kcl_residual.max() <= 1e-12


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("solver", [*FIXED, "dopri5"])
def test_all_kinds_in_several_slices(solver: str, seed: int):
    adaptive = solver == "dopri5"
    # Diodes are stiff: with other kinds their steps would have to be too many.
    kinds = SMOOTH if adaptive else [*KINKED, *(kind for kind in SMOOTH if kind != "diode")]
    circuit = random_circuit(seed, kinds, slices=1 + seed % 3, devices=26)
    check(
        *both(circuit, solver, **({} if adaptive else {"steps": 60})), 1e-9 if adaptive else 1e-12
    )


def test_simulate_takes_the_compiled_way_and_agrees_with_scipy():
    circuit = random_circuit(1, ["tanh", "softplus", "sigmoid"], slices=3)
    found = simulate(circuit, solver="dopri5", rtol=1e-10, atol=1e-12, outputs=31)
    assert far(found.voltages, Reference(circuit).voltages(found.t)) < 1e-7


def test_currents_belong_to_their_slice_and_a_boundary_to_the_later():
    """Slices of 1 s and 2 s; outputs every half second meet the boundary."""
    nodes = (Node("n1", 1.0), Node("n2"))
    early = Slice((Device("d1", "resistor", "n1", "n2", {"conductance": 1.0}),), 1.0)
    late = Slice((Device("d2", "tanh", "n2", GROUND, {"a": 1.0, "b": 0.0, "c": 0.1}),), 2.0)
    quick, plain = both(Circuit(nodes, (early, late)), "rk4", outputs=7, steps=50)
    check(quick, plain, 1e-12)
    np.testing.assert_array_equal(np.isfinite(quick.currents[:, 0]), quick.t < 1.0)
    np.testing.assert_array_equal(np.isfinite(quick.currents[:, 1]), quick.t >= 1.0)


@pytest.mark.parametrize("solver", ["rk4", "dopri5"])
def test_a_slice_shorter_than_the_outputs_distance(solver: str):
    """A slice may have no output at all."""
    nodes = (Node("n1", 1.0), Node("n2"))
    device = ("resistor", "n1", "n2", {"conductance": 1.0})
    slices = tuple(Slice((Device(f"d{k}", *device),), d) for k, d in enumerate((0.1, 0.01, 1.0)))
    quick, plain = both(Circuit(nodes, slices), solver, outputs=4)
    check(quick, plain, 1e-9)
    assert np.isnan(quick.currents[:, 1]).all()


def test_a_circuit_without_devices_keeps_its_voltages():
    quick, plain = both(Circuit((Node("n1", 0.3), Node("n2", -1.0)), (Slice((), 1.0),)), "rk4")
    np.testing.assert_array_equal(quick.voltages, plain.voltages)
    assert (quick.voltages == [0.3, -1.0]).all()


@pytest.mark.parametrize("solver", ["rk4", "dopri5"])
def test_a_diverging_circuit_is_left_to_the_path_that_says_where(solver: str):
    """v' = 3000 v passes the largest float64 at t = 709.8 / 3000 s."""
    gain = {"a": 0.0, "b": 3000.0, "c": 0.0}
    nodes = (Node("quiet", 0.1), Node("busy", 1.0))
    circuit = Circuit(nodes, (Slice((Device("d1", "relu", GROUND, "busy", gain),), 1.0),))
    run = plain(circuit, solver, 21, **({"steps": 9000} if solver == "rk4" else {}))
    assert solve_quickly(run.circuit, run.solver, run.t, run.starts, run.slice_of) is None
    found = simulate(circuit, solver=run.solver, outputs=21, throw=False)
    assert not found.status.ok
    assert found.status.node == "busy"
    assert "busy" in found.status.message
    assert np.isfinite(found.voltages).all()
    assert 0 < len(found.t) < 21


def test_implicit_methods_are_not_taken():
    run = plain(random_circuit(0, ["tanh"]), "rodas4", 5)
    assert solve_quickly(run.circuit, run.solver, run.t, run.starts, run.slice_of) is None
