"""A transconductor senses its source and draws nothing from it: every way of solving knows that."""

import numpy as np
import pytest
import torch

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.export.netlist_import import parse_netlist
from backend.export.spice import netlist
from backend.simulation.accuracy import Times
from backend.simulation.plain import PlainSimulation
from backend.simulation.simulate import adjoint, make_solver, simulate
from backend.solvers import integrate_all
from backend.solvers.fused import use


def cascade(taps: int = 3, tau: float = 0.5) -> Circuit:
    """v_0 starts at 1 V and keeps it; C dv_k/dt = g v_{k-1} - g v_k with C = 1 F, g = 1 / tau."""
    g = 1.0 / tau
    nodes = [Node("v0", 1.0)]
    devices = []
    for k in range(1, taps + 1):
        nodes.append(Node(f"v{k}", role="output" if k == taps else "hidden"))
        devices.append(Device(f"g{k}", "transconductor", f"v{k - 1}", f"v{k}", {"gain": g}))
        devices.append(Device(f"r{k}", "resistor", f"v{k}", GROUND, {"conductance": g}))
    return Circuit(tuple(nodes), (Slice(tuple(devices), 2.0),))


def gamma(t: np.ndarray, taps: int, tau: float) -> np.ndarray:
    """The step response of a cascade (T, taps): regularised incomplete gamma functions."""
    from scipy.special import gammainc

    return np.stack([gammainc(k, t / tau) for k in range(1, taps + 1)], axis=1)


@pytest.mark.parametrize(
    "solver", [{"solver": "auto"}, {"solver": "rodas4"}, {"solver": "dopri5"}, {"steps": 400}]
)
def test_a_cascade_answers_a_step_with_gamma_functions(solver):
    found = simulate(cascade(), outputs=41, **solver)
    assert found.status.ok, found.status.message
    assert (found["v0"] == 1.0).all(), "the source gives nothing"
    np.testing.assert_allclose(found.voltages[:, 1:], gamma(found.t, 3, 0.5), atol=1e-5)
    np.testing.assert_allclose(found.currents[:, 0], 2.0, rtol=1e-12)
    assert found.kcl_residual.max() < 1e-12


def test_lambda_flows_from_the_target_back_to_the_source():
    """Of v_1(T) alone: lambda_1 = exp(-(T - t) / tau), lambda_0 = 1 - lambda_1 (g tau = 1)."""
    _, back = adjoint(cascade(1), outputs=21)
    assert back is not None
    left = 2.0 - back.t
    decay = np.exp(-left / 0.5)
    np.testing.assert_allclose(back.voltages[:, 1], decay, atol=1e-6)
    np.testing.assert_allclose(back.voltages[:, 0], 1 - decay, atol=1e-6)
    # g_s mu_d enters the source of the adjoint branch; the target sees nothing of it.
    np.testing.assert_allclose(back.currents[:, 0], -2.0 * decay, atol=1e-6)
    np.testing.assert_allclose(back.currents_target[:, 0], 0.0, atol=0)
    # dL/dgain = integral of lambda_1 v_0.
    assert back.gradient["gain"][0] == pytest.approx(0.5 * (1 - np.exp(-4.0)), rel=1e-6)


def test_into_ground_and_from_ground_nothing_moves():
    devices = (
        Device("in", "transconductor", "a", GROUND, {"gain": 3.0}),
        Device("from", "transconductor", GROUND, "a", {"gain": 3.0}),
    )
    circuit = Circuit((Node("a", 0.5, role="output"),), (Slice(devices, 1.0),))
    found, back = adjoint(circuit, outputs=5)
    assert (found["a"] == 0.5).all()
    np.testing.assert_array_equal(found.currents, [[1.5, 0.0]] * 5)
    assert back is not None
    assert back.gradient["gain"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("method", ["continuous", "discrete", "backprop"])
def test_the_plain_way_gives_the_same_adjoint(method):
    circuit = cascade()
    times = Times.equidistant([2.0], 11)
    plain = PlainSimulation(circuit, make_solver("rk4", steps=400), times)
    trajectory = plain.trajectory()
    cotangent = torch.tensor([[0.0], [0.0], [0.0], [1.0]], dtype=torch.float64)
    found = plain.adjoint(cotangent, 0.0, method, trajectory)
    _, wanted = adjoint(circuit, outputs=11)
    assert wanted is not None
    assert trajectory.kcl_residual.max() < 1e-12
    np.testing.assert_allclose(found.voltages, wanted.voltages, atol=1e-7)
    np.testing.assert_allclose(found.currents, wanted.currents, atol=1e-7)
    np.testing.assert_allclose(found.currents_target, wanted.currents_target, atol=1e-7)
    for name, values in wanted.gradient.items():
        np.testing.assert_allclose(found.gradient[name], values, atol=1e-7)


@pytest.mark.parametrize("solver", ["rk4", "dopri5"])
def test_float32_kernels_agree_with_float64(solver):
    """The compiled kernels take one-sided devices; torch's own steps in float64 are the witness."""
    made = make_solver(solver, **({"steps": 20} if solver == "rk4" else {"rtol": 1e-6}))
    results = []
    for dtype, kernels in ((torch.float32, "compiled"), (torch.float64, "reference")):
        compiled = compile_circuit(cascade(), dtype)
        fields = list(compiled.fields())
        plan = fields[0].plan()
        assert plan is not None
        assert plan.one_sided
        batch = torch.linspace(-1, 1, 70, dtype=dtype).repeat(4, 1).requires_grad_()
        with use(kernels):
            end = integrate_all(fields, batch, made)
        end[-1].square().sum().backward()
        results.append([end, batch.grad, *(p.grad for f in fields for p in f.parameters())])
    # Steps of their own end where rounding lets them: there the tolerance decides.
    allowed = 1e-5 if solver == "rk4" else 2e-4
    for found, wanted in zip(*results, strict=True):
        torch.testing.assert_close(found.double(), wanted, rtol=allowed, atol=allowed)


def test_spice_has_a_card_for_it():
    circuit = cascade(2)
    text = netlist(circuit)
    assert "\nG1 0 n2 n1 0 2.0\n" in text
    assert parse_netlist(text) == circuit
    gated = circuit.replace(slices=(circuit.slices[0], Slice((), 1.0)))
    assert "\nB1 0 n2 I={V(g1)*(2.0*V(n1))}\n" in netlist(gated)
    assert parse_netlist(netlist(gated)) == gated


@pytest.mark.parametrize(
    ("card", "wanted"),
    [
        ("G1 0 b a 0 2m", [("transconductor", "a", "b", 2e-3)]),
        ("G1 b 0 a 0 2m", [("transconductor", "a", "b", -2e-3)]),
        (
            "G1 0 b a c 2",
            [("transconductor", "a", "b", 2.0), ("transconductor", "c", "b", -2.0)],
        ),
        ("G1 a b a b 2", [("resistor", "a", "b", 2.0)]),
        ("G1 a 0 a 0 2", [("resistor", "a", "gnd", 2.0)]),
        ("G1 0 a a 0 2", [("transconductor", "a", "a", 2.0)]),
    ],
)
def test_linear_sources_of_plain_netlists(card, wanted):
    lines = ["title", "C1 a 0 1", "C2 b 0 1", "C3 c 0 1", card, ".tran 1m 1", ".end"]
    if wanted[0][1] == wanted[0][2]:
        wanted = [("resistor", "a", "gnd", -2.0)]
    found = parse_netlist("\n".join(lines))
    shown = [(d.kind, d.source, d.target, *d.params.values()) for d in found.devices]
    assert shown == [tuple(each) for each in wanted]
