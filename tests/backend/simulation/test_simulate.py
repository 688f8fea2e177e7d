"""Voltages and gradients against witnesses we did not write."""

import numpy as np
import pytest
import torch

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.devices import DEVICES
from backend.errors import CircuitError, SolveError, StudioError
from backend.simulation.simulate import adjoint, simulate
from backend.solvers import SOLVERS, gradients
from tests.reference import Reference
from tests.strategies import SMOOTH, random_circuit

EXACT = {"solver": "dopri5", "rtol": 1e-10, "atol": 1e-12}
STIFF = {"solver": "rodas4", "rtol": 1e-9, "atol": 1e-12}


def rc_pair(conductance: float = 2.0, c1: float = 1.0, c2: float = 0.5) -> Circuit:
    nodes = (Node("n1", 1.0, c1, "input"), Node("n2", 0.0, c2, "output"))
    devices = (Device("d1", "resistor", "n1", "n2", {"conductance": conductance}),)
    return Circuit(nodes, (Slice(devices, 1.5),), "RC pair")


def linear_reference(circuit: Circuit, t: np.ndarray) -> np.ndarray:
    """v(t) = expm(A t) v(0) of a resistor network, by the eigenvectors of C^-1/2 G C^-1/2."""
    n = len(circuit.nodes)
    rows = {name: k for k, name in enumerate(circuit.node_ids)}
    g = np.zeros((n, n))
    for device in circuit.devices:
        for end, other in ((device.source, device.target), (device.target, device.source)):
            if end != GROUND:
                g[rows[end], rows[end]] += device.params["conductance"]
                if other != GROUND:
                    g[rows[end], rows[other]] -= device.params["conductance"]
    root = np.sqrt([node.capacitance for node in circuit.nodes])
    rates, modes = np.linalg.eigh(g / np.outer(root, root))
    start = modes.T @ (root * [node.voltage for node in circuit.nodes])
    return (modes @ (np.exp(-np.outer(rates, t)) * start[:, None])).T / root


def test_rc_pair_is_exact():
    """Tolerance: RK4's error at 200 steps is (h/tau)^4/120, below 1e-9 here."""
    trajectory = simulate(rc_pair())
    tau = 1 / (2.0 * (1 / 1.0 + 1 / 0.5))
    v_end = 1.0 / 1.5
    expected = v_end * (1 - np.exp(-trajectory.t / tau))
    np.testing.assert_allclose(trajectory["n2"], expected, rtol=0, atol=1e-8)
    charge = trajectory["n1"] * 1.0 + trajectory["n2"] * 0.5
    np.testing.assert_allclose(charge, 1.0, rtol=1e-13)


@pytest.mark.parametrize("options", [{"solver": "rk4"}, EXACT, STIFF])
def test_rc_ladder_is_exact(options: dict):
    nodes = tuple(Node(f"n{k}", voltage=float(k == 0), capacitance=1 + 0.1 * k) for k in range(12))
    devices = [
        Device(f"d{k}", "resistor", f"n{k}", f"n{k + 1}", {"conductance": 1 + 0.05 * k})
        for k in range(11)
    ]
    devices.append(Device("d11", "resistor", "n11", GROUND, {"conductance": 0.7}))
    circuit = Circuit(nodes, (Slice(tuple(devices), 4.0),))
    trajectory = simulate(circuit, **options)
    expected = linear_reference(circuit, trajectory.t)
    np.testing.assert_allclose(trajectory.voltages, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [*SMOOTH, "diode"])
def test_voltages_agree_with_scipy(kind: str):
    """1e-6 of the largest voltage; the witness is solved to 1e-10.

    ``benchmarks/accuracy.py`` does the same for fifty circuits of every kind.
    """
    worst = 0.0
    for seed in range(4 if kind == "diode" else 12):
        circuit = random_circuit(seed, [kind], slices=1 + seed % 3)
        options = STIFF if kind == "diode" else {"solver": "rk4"}
        trajectory = simulate(circuit, outputs=31, **options)
        expected = Reference(circuit).voltages(trajectory.t)
        scale = np.abs(expected).max()
        worst = max(worst, np.abs(trajectory.voltages - expected).max() / scale)
        assert trajectory.kcl_residual.max() < 1e-12
    assert worst < 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_mixed_smooth_circuits_agree_with_scipy(seed: int):
    circuit = random_circuit(seed, SMOOTH, nodes=8, devices=24)
    expected = None
    for options in ({"solver": "rk4"}, EXACT, STIFF):
        trajectory = simulate(circuit, outputs=41, **options)
        if expected is None:
            expected = Reference(circuit).voltages(trajectory.t)
        np.testing.assert_allclose(trajectory.voltages, expected, rtol=0, atol=2e-7)


def test_currents_belong_to_their_slice_and_obey_the_law():
    circuit = random_circuit(5, list(DEVICES), nodes=7, devices=26)
    trajectory = simulate(circuit, solver="rodas4", outputs=61)
    reference = Reference(circuit)
    boundary = circuit.slices[0].duration
    first = len(circuit.slices[0].devices)
    for row, (t, v) in enumerate(zip(trajectory.t, trajectory.voltages, strict=True)):
        index = int(t >= boundary - 1e-12)
        inside = slice(0, first) if index == 0 else slice(first, None)
        outside = slice(first, None) if index == 0 else slice(0, first)
        assert np.isnan(trajectory.currents[row, outside]).all()
        np.testing.assert_allclose(
            trajectory.currents[row, inside], reference.currents(index, v), rtol=1e-10, atol=1e-13
        )
    assert trajectory.kcl_residual.max() < 1e-12


def loss_of(circuit: Circuit, options: dict) -> float:
    final = simulate(circuit, outputs=2, **options).voltages[-1]
    return sum(final[circuit.node_ids.index(name)] for name in circuit.outputs)


@pytest.mark.parametrize("seed", range(2))
def test_adjoint_circuit_agrees_with_finite_differences(seed: int):
    """Central differences with h = 1e-5 are good to about 1e-10; 1e-6 leaves the ODE's error."""
    circuit = random_circuit(seed, SMOOTH, nodes=5, devices=12)
    options = {"solver": "rk4", "steps": 40}
    found = {
        gradient: adjoint(circuit, gradient=gradient, **options)[1]
        for gradient in ("discrete", "continuous", "backprop")
    }
    h = 1e-5
    for e, device in enumerate(circuit.devices):
        for name in device.params:
            pair = []
            for sign in (1, -1):
                compiled = compile_circuit(circuit)
                shift(compiled, e, name, sign * h)
                pair.append(loss_of(compiled.to_circuit(), options))
            expected = (pair[0] - pair[1]) / (2 * h)
            for back in found.values():
                assert back.gradient[name][e] == pytest.approx(expected, abs=1e-6)
    for k, node in enumerate(circuit.nodes):
        pair = [
            loss_of(circuit.with_voltages({node.id: node.voltage + sign * h}), options)
            for sign in (1, -1)
        ]
        expected = (pair[0] - pair[1]) / (2 * h)
        for back in found.values():
            assert back.gradient_voltage[k] == pytest.approx(expected, abs=1e-6)


def shift(compiled, e: int, name: str, by: float) -> None:
    first = 0
    for field in compiled.fields():
        for group in field.kinds():
            for row, place in enumerate(group.places.tolist()):
                if first + place == e:
                    with torch.no_grad():
                        group.params[name][row] += by
        first += field.device_count


@pytest.mark.parametrize("solver", ["euler", "midpoint", "heun", "rk4"])
def test_discrete_adjoint_is_float64_autograd(solver: str):
    """The same steps differentiated twice; only the order of additions differs."""
    circuit = random_circuit(11, list(SMOOTH), nodes=6, devices=20)
    _, back = adjoint(
        circuit, solver=solver, steps=30, loss="mse", targets={"n5": 0.3}, throw=False
    )
    assert back is not None
    compiled = compile_circuit(circuit)
    v0 = compiled.v0.clone().requires_grad_()
    state = v0.unsqueeze(-1)
    for field in compiled.fields():
        chosen = SOLVERS[solver](steps=30)
        state = gradients.integrate(field, state, 0.0, field.duration, chosen, "backprop")
    loss = 0.5 * (state[4, 0] - 0.3) ** 2
    loss.backward()
    assert back.loss == pytest.approx(float(loss.detach()), rel=1e-12)
    np.testing.assert_allclose(back.gradient_voltage, v0.grad.numpy(), rtol=1e-10, atol=1e-13)
    first = 0
    for field in compiled.fields():
        for group in field.kinds():
            for name, value in group.values().items():
                got = back.gradient[name][first + group.places.numpy()]
                np.testing.assert_allclose(got, value.grad[:, 0].numpy(), rtol=1e-10, atol=1e-13)
        first += field.device_count


def test_adjoint_currents_follow_the_definition():
    circuit = random_circuit(4, SMOOTH, nodes=5, devices=12)
    trajectory, back = adjoint(circuit, outputs=51)
    assert back is not None
    compiled = compile_circuit(circuit)
    mu = np.hstack([back.voltages / compiled.capacitance.numpy(), np.zeros((51, 1))])
    rows = {name: k for k, name in enumerate([*circuit.node_ids, GROUND])}
    count = len(circuit.slices[0].devices)
    for row in (0, 10):
        v = torch.from_numpy(trajectory.voltages[row]).unsqueeze(-1)
        with torch.no_grad():
            g_s, g_d = compiled.slices[0].conductances(v)
        for e, device in enumerate(circuit.slices[0].devices):
            leaves = GROUND if DEVICES[device.kind].one_sided else device.source
            across = mu[row, rows[leaves]] - mu[row, rows[device.target]]
            assert back.currents[row, e] == pytest.approx(float(g_s[e]) * across, abs=1e-14)
            assert back.currents_target[row, e] == pytest.approx(-float(g_d[e]) * across, abs=1e-14)
        assert np.isnan(back.currents[row, count:]).all()


def test_running_gradient_ends_where_the_optimiser_starts():
    circuit = random_circuit(9, SMOOTH)
    _, back = adjoint(circuit, outputs=101)
    assert back is not None
    for name, path in back.gradient_path.items():
        np.testing.assert_array_equal(path[0], back.gradient[name])
        last = np.nan_to_num(path[-1])
        np.testing.assert_allclose(last, 0.0, atol=1e-12)
        has = np.array([name in device.params for device in circuit.devices])
        np.testing.assert_array_equal(np.isnan(back.gradient[name]), ~has)


def test_adjoint_voltages_start_at_the_gradient_and_end_at_the_loss():
    circuit = random_circuit(9, SMOOTH)
    _, back = adjoint(circuit)
    assert back is not None
    expected = [float(name in circuit.outputs) for name in circuit.node_ids]
    np.testing.assert_allclose(back.voltages[-1], expected, atol=1e-12)
    np.testing.assert_allclose(back.voltages[0], back.gradient_voltage, atol=1e-12)


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_every_solver_simulates_a_circuit_with_its_adjoint(solver: str):
    """Euler at 200 steps is the coarsest: its error bounds the tolerance."""
    circuit = random_circuit(2, ["tanh_diff", "resistor"], slices=1)
    expected = Reference(circuit).voltages(np.linspace(0, circuit.duration, 21))
    trajectory, back = adjoint(circuit, solver=solver, outputs=21, throw=False)
    assert trajectory.status.state == ("inaccurate" if solver == "euler" else "ok")
    assert back is not None
    np.testing.assert_allclose(trajectory.voltages, expected, atol=2e-2)
    assert np.isfinite(back.gradient["g"][~np.isnan(back.gradient["g"])]).all()


def exploding() -> Circuit:
    nodes = (Node("calm", 0.1), Node("hot", 1e290, role="output"))
    devices = (
        Device("d1", "threshold_relu", "hot", GROUND, {"gain": -400.0, "threshold": 0.0}),
        Device("d2", "resistor", "calm", GROUND),
    )
    return Circuit(nodes, (Slice(devices, 5.0),))


@pytest.mark.parametrize("solver", ["rk4", "dopri5", "rodas4"])
def test_a_diverging_solve_returns_what_exists_and_names_the_node(solver: str):
    trajectory = simulate(exploding(), solver=solver, throw=False)
    assert not trajectory.status.ok
    assert trajectory.status.node == "hot"
    assert "'hot'" in trajectory.status.message
    assert 0 < trajectory.status.time < 5
    assert 1 <= len(trajectory.t) < 201
    assert len(trajectory.voltages) == len(trajectory.currents) == len(trajectory.t)
    assert np.isfinite(trajectory.voltages).all()
    with pytest.raises(SolveError, match="'hot'"):
        simulate(exploding(), solver=solver)
    assert adjoint(exploding(), solver=solver, throw=False)[1] is None


def test_bad_requests_are_one_sentence():
    circuit = rc_pair()
    with pytest.raises(StudioError, match="unknown solver 'rk5': did you mean 'rk4'"):
        simulate(circuit, solver="rk5")
    with pytest.raises(StudioError, match="unknown parameter 'rtol'"):
        simulate(circuit, solver="rk4", rtol=1e-3)
    with pytest.raises(StudioError, match="unknown parameter 'steps'"):
        simulate(circuit, solver="auto", steps=200)
    with pytest.raises(StudioError, match="steps must be at least 1"):
        simulate(circuit, steps=0)
    with pytest.raises(StudioError, match="outputs must be at least 2"):
        simulate(circuit, outputs=1)
    with pytest.raises(CircuitError, match="no node 'n7'"):
        simulate(circuit, voltages={"n7": 1.0})
    with pytest.raises(StudioError, match="unknown loss 'sun': did you mean 'sum'"):
        adjoint(circuit, loss="sun")
    with pytest.raises(CircuitError, match="no output node"):
        adjoint(circuit.replace(nodes=(Node("n1"), Node("n2"))))
    with pytest.raises(StudioError, match=r"discrete.* is not available for"):
        adjoint(circuit, solver="rodas4", gradient="discrete")


def test_save_and_load(tmp_path):
    circuit = random_circuit(1)
    trajectory, back = adjoint(circuit, solver="rodas4", outputs=11)
    trajectory.save(tmp_path / "out.npz", back)
    with np.load(tmp_path / "out.npz") as file:
        assert tuple(file["node_ids"]) == circuit.node_ids
        assert tuple(file["device_ids"]) == circuit.device_ids
        assert file["voltages"].shape == (11, len(circuit.nodes))
        assert file["adjoint_currents_target"].shape == file["currents"].shape
        assert file["gradient_voltage"].shape == (len(circuit.nodes),)
        assert float(file["loss"]) == back.loss
        np.testing.assert_array_equal(file["gradient/g"], back.gradient["g"])
    trajectory.save(tmp_path / "out.csv")
    header, first = (tmp_path / "out.csv").read_text().splitlines()[:2]
    assert header.startswith("t,v(n1),v(n2)")
    assert float(first.split(",")[1]) == circuit.nodes[0].voltage
    with pytest.raises(StudioError, match=r"\.npz or \.csv"):
        trajectory.save(tmp_path / "out.txt")


def two_slices() -> Circuit:
    again = Device("d2", "resistor", "n1", "n2", {"conductance": 5.0})
    return Circuit(rc_pair().nodes, (*rc_pair().slices, Slice((again,), 0.5)))


def without_capacitor() -> Circuit:
    nodes = (*rc_pair().nodes, Node("n3", 0.0, 0.0))
    devices = (Device("d1", "resistor", "n1", "n3"), Device("d2", "resistor", "n3", "n2"))
    return Circuit(nodes, (Slice(devices, 1.5),))


@pytest.mark.parametrize(
    ("circuit", "options"),
    [
        (rc_pair(), {"solver": "rk4", "steps": 20, "energy": True}),
        (rc_pair(), {"solver": "auto"}),
        (two_slices(), {"solver": "dopri5", "energy": True}),
        (without_capacitor(), {}),
    ],
    ids=["fixed steps", "auto", "two slices", "general class"],
)
def test_every_accepted_step_is_told_where_it_ends(circuit, options):
    trajectory = simulate(circuit, **options)
    ends = trajectory.step_times
    assert len(ends) == trajectory.stats["steps"]
    sizes = np.diff(np.concatenate([[0.0], ends]))
    total = sum(part.duration for part in circuit.slices)
    assert ends[-1] == pytest.approx(total, rel=1e-12)
    assert sizes.min() == pytest.approx(trajectory.stats["smallest_step"], rel=1e-9)
    assert sizes.max() == pytest.approx(trajectory.stats["largest_step"], rel=1e-9)
