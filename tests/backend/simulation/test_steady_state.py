"""Steady states of batches against linear algebra, unrolled autograd and transients."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.errors import CircuitError, SolveError
from backend.models.circuits.builtin import vector_circuit
from backend.models.circuits.initial import initialise
from backend.simulation.simulate import simulate
from backend.simulation.steady_state import SteadyCircuit, held, steady_state
from backend.simulation.uniqueness import DOMINANT, MONOTONE, proof
from backend.waveforms.constant import Constant
from backend.waveforms.sine import Sine


def circuit(nodes: dict[str, str], devices: list[Device], **more) -> Circuit:
    """Nodes by role."""
    return Circuit(
        tuple(Node(name, role=role) for name, role in nodes.items()),
        (Slice(tuple(devices), more.pop("duration", 1.0)),),
        **more,
    )


def device(name: str, kind: str, source: str, target: str, **params: float) -> Device:
    return Device(name, kind, source, target, params)


def tanh_circuit(seed: int, scale: float = 1.0) -> Circuit:
    """Two inputs, five hidden nodes and two outputs, slopes times ``scale``."""
    drawn = initialise(vector_circuit(2, ("a", "b"), 5), seed)
    devices = tuple(
        replace(d, params={k: v * (scale if k in "ab" else 1.0) for k, v in d.params.items()})
        if d.kind == "tanh"
        else d
        for d in drawn.devices
    )
    return drawn.replace(slices=(Slice(devices, 200.0),))


def latch(gain: float) -> Circuit:
    """A node that holds itself up, tanh(gain v) = v + 0.1 (v - x): two stable states or one."""
    return circuit(
        {"x": "input", "p": "output"},
        [
            device("rx", "resistor", "x", "p", conductance=0.1),
            device("rp", "resistor", "p", "gnd", conductance=1.0),
            device("f", "tanh", "gnd", "p", a=0.0, b=gain, c=0.0),
        ],
    )


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    siemens=st.floats(-6, 3),
    spread=st.floats(0, 4),
    farads=st.floats(-12, 0),
    count=st.integers(3, 12),
)
def test_a_resistor_network_is_its_laplacian(seed, siemens, spread, farads, count):
    """L v = 0 in the free rows, with L of networkx, over decades of conductance and capacitance."""
    rng = np.random.default_rng(seed)
    graph = nx.connected_watts_strogatz_graph(count, 2, 0.5, seed=seed)
    for one, other in graph.edges:
        graph[one][other]["weight"] = 10.0 ** (siemens + spread * rng.uniform())
    devices = [
        device(f"r{k}", "resistor", f"n{a}", f"n{b}", conductance=graph[a][b]["weight"])
        for k, (a, b) in enumerate(graph.edges)
    ]
    nodes = tuple(
        Node(
            f"n{k}", role="input" if k < 2 else "hidden",
            capacitance=10.0 ** (farads + rng.uniform(0, 3)),
        )
        for k in range(count)
    )  # fmt: skip
    drawn = Circuit(nodes, (Slice(tuple(devices)),))
    x = torch.from_numpy(rng.normal(size=(2, 3)))
    found = steady_state(compile_circuit(drawn), x)
    laplacian = nx.laplacian_matrix(graph, nodelist=range(count)).toarray()
    wanted = np.linalg.solve(laplacian[2:, 2:], -laplacian[2:, :2] @ x.numpy())
    assert bool(found.usable.all())
    # Conductances of four decades cost digits, by the condition number of the matrix.
    tolerance = 1e-15 * np.linalg.cond(laplacian[2:, 2:]) + 1e-12
    np.testing.assert_allclose(found.voltages[2:].detach().numpy(), wanted, atol=tolerance * 10)
    assert proof(compile_circuit(drawn)) in (MONOTONE, DOMINANT)


@pytest.mark.parametrize("seed", range(6))
def test_gradients_are_those_of_central_differences(seed):
    compiled = compile_circuit(tanh_circuit(seed, 0.1))
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 4, dtype=torch.float64, generator=draw, requires_grad=True)
    weight = torch.randn(9, 4, dtype=torch.float64, generator=draw)
    values = [x, *compiled.parameters()]

    def loss() -> torch.Tensor:
        return (weight * steady_state(compiled, x).voltages).sum()

    assert bool(steady_state(compiled, x).usable.all())
    found = torch.autograd.grad(loss(), values)
    largest = max(float(gradient.abs().max()) for gradient in found)
    for value, gradient in zip(values, found, strict=True):
        for place in range(value.numel()):
            # Fourth order: what is left is h^4 = 1e-14 and rounding over h, 1e-14 / 3e-4.
            wanted = 0.0
            for step, share in ((1, 8), (-1, -8), (2, -1), (-2, 1)):
                with torch.no_grad():
                    value.view(-1)[place] += 3e-4 * step
                    wanted += share * float(loss()) / 36e-4
                    value.view(-1)[place] -= 3e-4 * step
            assert float(gradient.view(-1)[place]) == pytest.approx(wanted, abs=1e-7 * largest)


def test_gradients_are_those_of_unrolled_newton_steps():
    compiled = compile_circuit(tanh_circuit(3, 0.3))
    x = torch.randn(2, 5, dtype=torch.float64, requires_grad=True)
    steady = SteadyCircuit(compiled)
    equations = steady.equations()
    loss = steady.settle(x).voltages[-2:].square().sum()
    wanted_x, *wanted = torch.autograd.grad(loss, [x, *compiled.parameters()])
    # Near the same state: another start may lead to another one.
    rested = steady.settle(x).voltages.detach()
    v = steady.start(x).index_copy(0, steady.free, rested[steady.free] + 1e-3)
    for _ in range(8):  # differentiated through every step, f and its matrix
        columns = []
        for k in range(v.shape[1]):
            column = v[:, k : k + 1]
            f = equations.value(column)
            matrix = equations.jacobian(column)[0]
            columns.append(equations.moved(column, -torch.linalg.solve(matrix, f)))
        v = torch.cat(columns, 1)
    unrolled = torch.autograd.grad(v[-2:].square().sum(), [x, *compiled.parameters()])
    torch.testing.assert_close(unrolled[0], wanted_x, rtol=1e-9, atol=1e-12)
    for one, other in zip(unrolled[1:], wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_a_transient_ends_there(seed):
    drawn = tanh_circuit(seed, 0.3)
    volts = {"x1": 0.7, "x2": -0.4}
    x = torch.tensor([[0.7], [-0.4]], dtype=torch.float64)
    found = steady_state(compile_circuit(drawn), x)
    assert bool(found.usable.all())
    ended = simulate(held(drawn, volts), outputs=2)
    # The leaks alone forget within 2 s; 200 s leave nothing of the start.
    np.testing.assert_allclose(ended.voltages[-1], found.voltages[:, 0].detach().numpy(), atol=1e-7)


def test_single_precision_has_its_digits():
    drawn = tanh_circuit(1, 0.3)
    x = torch.randn(2, 8)
    one = steady_state(compile_circuit(drawn, torch.float32), x)
    other = steady_state(compile_circuit(drawn), x.double())
    assert one.voltages.dtype == torch.float32
    assert bool(one.usable.all())
    bound = 20 * float(other.condition.max()) * torch.finfo(torch.float32).eps
    torch.testing.assert_close(one.voltages.double(), other.voltages, rtol=0, atol=bound)


def test_diodes_rest_on_their_law():
    """The current through the resistor is that of the diode, from picoamperes to amperes."""
    drawn = circuit(
        {"in": "input", "k": "output"},
        [
            device("r", "resistor", "in", "k", conductance=1e-3),
            device("d", "diode", "k", "gnd"),
        ],
    )
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)[None]
    found = steady_state(compile_circuit(drawn), x)
    assert bool(found.usable.all())
    volts = found.voltages[1].detach().numpy()
    law = 1e-14 * np.expm1(volts / 0.02585)
    np.testing.assert_allclose((x[0].numpy() - volts) * 1e-3, law, rtol=1e-6, atol=1e-17)
    assert proof(compile_circuit(drawn)) == MONOTONE


def test_levels_of_drives_have_gradients():
    """A divider from a driven node: dv/du is the divider's share."""
    drawn = Circuit(
        (Node("u", drive=Constant(2.0)), Node("x", role="input"), Node("m", role="output")),
        (
            Slice(
                (
                    device("a", "resistor", "u", "m", conductance=1.0),
                    device("b", "resistor", "x", "m", conductance=3.0),
                )
            ),
        ),
    )
    compiled = compile_circuit(drawn)
    level = torch.tensor([[2.0]], dtype=torch.float64, requires_grad=True)
    compiled.levels.put("u", level)
    x = torch.tensor([[1.0, -1.0]], dtype=torch.float64, requires_grad=True)
    found = steady_state(compiled, x)
    torch.testing.assert_close(found.voltages[2], (level[0] + 3 * x[0]) / 4, rtol=1e-14, atol=1e-14)
    by_level, by_x = torch.autograd.grad(found.voltages[2].sum(), [level, x])
    assert float(by_level) == pytest.approx(0.5)  # a quarter of each of two examples
    np.testing.assert_allclose(by_x.numpy(), [[0.75, 0.75]])


def test_two_stable_states_are_counted_and_nothing_is_proven():
    compiled = compile_circuit(latch(3.0))
    steady = SteadyCircuit(compiled)
    found = steady.settle(torch.tensor([[0.5, -0.5, 30.0]], dtype=torch.float64))
    assert bool(found.usable.all())
    more = steady.others(found, tries=8)
    assert more.tolist() == [1, 1, 0], "a strong input leaves one state"
    assert proof(compiled) == ""


def test_below_the_threshold_the_state_is_proven_to_be_the_only_one():
    compiled = compile_circuit(latch(0.4))
    assert proof(compiled) in (MONOTONE, DOMINANT)
    steady = SteadyCircuit(compiled)
    found = steady.settle(torch.zeros(1, 1, dtype=torch.float64))
    assert steady.others(found).tolist() == [0]


def test_what_is_balanced_on_its_tip_is_unstable():
    found = steady_state(compile_circuit(latch(3.0)), torch.zeros(1, 1, dtype=torch.float64))
    assert found.converged.tolist() == [True]
    assert found.stable.tolist() == [False]
    assert found.usable.tolist() == [False]
    assert found.figures()["stable"] == 0.0


def test_unusable_examples_pass_no_gradient():
    compiled = compile_circuit(latch(3.0))
    x = torch.tensor([[0.0, 0.5]], dtype=torch.float64, requires_grad=True)
    found = steady_state(compiled, x)
    (slope,) = torch.autograd.grad(found.voltages[1].sum(), x)
    assert found.usable.tolist() == [False, True]
    assert slope[0, 0] == 0.0
    assert slope[0, 1] > 0.0


def test_a_ring_oscillator_has_no_stable_rest():
    """Three inverters in a ring: the middle is a rest, and nothing stays there."""
    names = ["a", "b", "c"]
    devices = [device(f"r{n}", "resistor", n, "gnd", conductance=1.0) for n in names]
    devices += [
        device(f"g{n}", "transconductor", n, other, gain=-4.0)
        for n, other in zip(names, [*names[1:], "a"], strict=True)
    ]
    drawn = circuit({"x": "input", "a": "hidden", "b": "hidden", "c": "output"}, [
        *devices, device("rx", "resistor", "x", "a", conductance=0.1)])  # fmt: skip
    found = steady_state(compile_circuit(drawn), torch.ones(1, 2, dtype=torch.float64))
    assert found.converged.tolist() == [True, True]
    assert found.stable.tolist() == [False, False]


@pytest.mark.parametrize(("siemens", "fine"), [(1e3, True), (1e12, False)])
def test_what_is_ill_conditioned_is_said(siemens, fine):
    """Two nodes tied to each other far more than to all else: numpy's condition number, too."""
    drawn = circuit(
        {"x": "input", "p": "hidden", "q": "output"},
        [
            device("r", "resistor", "x", "p", conductance=1e-3),
            device("s", "resistor", "p", "q", conductance=siemens),
            device("t", "resistor", "q", "gnd", conductance=1e-3),
        ],
    )
    found = steady_state(compile_circuit(drawn), torch.ones(1, 2, dtype=torch.float64))
    g = np.array([[siemens + 1e-3, -siemens], [-siemens, siemens + 1e-3]])
    condition = found.condition.tolist()
    assert found.usable.tolist() == [fine, fine]
    if fine:
        assert condition == pytest.approx([np.linalg.cond(g, 1)] * 2, rel=1e-6)
        np.testing.assert_allclose(found.voltages.detach()[1:].numpy(), 0.5, rtol=1e-6)
    else:
        assert min(condition) > 1e13


def test_what_nothing_holds_is_named():
    drawn = circuit(
        {"x": "input", "m": "output", "lone": "hidden", "pair": "hidden"},
        [
            device("r", "resistor", "x", "m"),
            device("s", "resistor", "m", "gnd"),
            device("t", "resistor", "lone", "pair"),
        ],
    )
    with pytest.raises(SolveError, match="nothing sets the voltage of 'lone', 'pair'"):
        steady_state(compile_circuit(drawn), torch.ones(1, 3, dtype=torch.float64))


def test_slices_and_circuits_that_are_all_held_are_refused():
    drawn = tanh_circuit(0)
    (part,) = drawn.slices
    other = Slice((device("more", "resistor", "h1", GROUND),))
    two = compile_circuit(drawn.replace(slices=(part, other)))
    with pytest.raises(CircuitError, match="circuit of one slice, and this one has 2"):
        SteadyCircuit(two)
    with pytest.raises(CircuitError, match="nothing settles"):
        SteadyCircuit(compile_circuit(drawn), drawn.node_ids)


def test_a_derivative_of_the_gradient_is_refused():
    x = torch.ones(2, 1, dtype=torch.float64, requires_grad=True)
    out = steady_state(compile_circuit(tanh_circuit(1, 0.3)), x).voltages[-1].sum()
    (slope,) = torch.autograd.grad(out, x, create_graph=True)
    with pytest.raises(RuntimeError, match="a rest has first derivatives only"):
        slope.sum().backward()


def test_drives_stand_at_their_first_value():
    drawn = Circuit(
        (Node("u", drive=Sine(1.0, 2.0, 1.0)), Node("m", role="output")),
        (Slice((device("a", "resistor", "u", "m"), device("b", "resistor", "m", GROUND))),),
    )
    found = steady_state(compile_circuit(drawn), torch.zeros(0, 1, dtype=torch.float64))
    np.testing.assert_allclose(found.voltages[:, 0].detach().numpy(), [1.0, 0.5])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(-2, 1))
def test_what_is_usable_obeys_the_current_law_and_what_is_proven_is_alone(seed, scale):
    """Whatever is drawn: no wrong answer is called right."""
    compiled = compile_circuit(tanh_circuit(seed, 10.0**scale))
    steady = SteadyCircuit(compiled)
    x = torch.randn(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    found = steady.settle(x)
    field = next(compiled.fields())
    left = field.net(found.voltages.detach())[steady.free][:, found.usable]
    # Currents of the size of 1 A are added up, at states that are right to their condition.
    size = 1.0 + found.voltages.detach().abs().max()
    assert bool((left.abs() < 1e-9 * size).all())
    for k in found.usable.nonzero().squeeze(-1).tolist():
        matrix = field.jacobian(0.0, found.voltages.detach()[:, k : k + 1])[0]
        free = matrix[steady.free][:, steady.free].detach().numpy()
        assert np.linalg.eigvals(free).real.max() < 0, "numpy agrees that it is stable"
    if proof(compiled):
        assert bool(found.converged.all())
        assert steady.others(found, tries=2).tolist() == [0, 0, 0]
