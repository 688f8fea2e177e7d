"""Circuits as normalising flows, against full Jacobians, finite differences and quadrature."""

from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
import torch

from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.datasets import DATASETS, Generative, Potential
from backend.errors import CircuitError, StudioError
from backend.models.circuits.flow import Flow, even_normal, log_normal
from backend.models.circuits.flow_start import GROUND_KINDS, start
from backend.models.circuits.flow_trace import trace
from backend.simulation.simulate import simulate
from backend.solvers.fused import plans_of, use
from tests.strategies import SMOOTH, random_circuit


def moons() -> Generative:
    dataset = DATASETS["gen_two_moons"]()
    assert isinstance(dataset, Generative)
    return dataset


def ring() -> Potential:
    dataset = DATASETS["potential1"]()
    assert isinstance(dataset, Potential)
    return dataset


def both(circuit: Circuit) -> Circuit:
    nodes = tuple(replace(node, role="both") for node in circuit.nodes)
    return circuit.replace(nodes=nodes)


def random_flow(seed=0, dtype=torch.float64, steps=8, **options) -> Flow:
    """Unequal capacitances and slices, parallel devices, devices to ground, all smooth laws."""
    options = {"kinds": SMOOTH, "nodes": 3, "devices": 12, **options}
    return Flow(compile_circuit(both(random_circuit(seed, **options)), dtype), steps)


def number(value: torch.Tensor) -> float:
    return float(value.detach())


def points(count=7, nodes=3, seed=1, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, nodes, generator=generator, dtype=dtype)


@pytest.mark.parametrize("kinds", [["tanh"], ["tanh_diff"], [*SMOOTH, "diode"]])
def test_the_trace_is_that_of_the_full_jacobian(kinds):
    flow = random_flow(3, kinds=kinds)
    for field in flow.compiled.fields():
        for v in points(5):
            jacobian = torch.autograd.functional.jacobian(lambda u, f=field: f(0.0, u), v)
            expected = torch.diagonal(jacobian).sum()
            assert number(trace(field, v[:, None])) == pytest.approx(float(expected), rel=1e-12)


def test_the_log_determinant_is_that_of_the_whole_map():
    flow = random_flow(1, steps=15, kinds=["tanh", "tanh_diff"])
    z = points(2)

    def end(one):
        return flow._march(one[None], flow._pieces(0.0, flow.duration))[0][-1, :, 0]

    for one in z:
        jacobian = torch.autograd.functional.jacobian(end, one)
        expected = log_normal(one[:, None]) - torch.linalg.slogdet(jacobian)[1]
        assert number(flow.log_prob(end(one)[None])) == pytest.approx(float(expected), abs=1e-5)


def test_gradient_of_log_prob_is_that_of_finite_differences():
    flow, x = random_flow(2, steps=4), points().requires_grad_()
    flow.log_prob(x).sum().backward()
    slopes = []
    for tensor in [x, *flow.parameters()]:
        place = int(tensor.grad.abs().argmax())
        step, values = 1e-5, []
        for sign in (1, -1):
            with torch.no_grad():
                tensor.view(-1)[place] += sign * step
                values.append(float(flow.log_prob(x).sum()))
                tensor.view(-1)[place] -= sign * step
        slopes.append((float(tensor.grad.view(-1)[place]), np.subtract(*values) / (2 * step)))
    found, expected = np.array(slopes).T
    assert found == pytest.approx(expected, rel=1e-6)


def test_compiled_kernels_agree_with_double_precision():
    # A draw whose voltages stay within some volts: growth multiplies the rounding of float32.
    exact, fast = random_flow(5, nodes=2), random_flow(5, torch.float32, nodes=2)
    x = points(70, 2)
    assert plans_of(fast._fields(), x.float()) is not None
    results = []
    for flow in (exact, fast):
        value = flow.log_prob(x.to(flow.compiled.v0))
        value.mean().backward()
        results.append((value, [p.grad for p in flow.parameters()]))
    (value, gradients), (rough, rough_gradients) = results
    assert torch.allclose(rough.double(), value, rtol=1e-5, atol=1e-5)
    for one, two in zip(gradients, rough_gradients, strict=True):
        assert torch.allclose(two.double(), one, rtol=1e-4, atol=1e-5)
    energy = ring().energy
    matched = [
        number(flow.matching_losses(x.to(flow.compiled.v0), energy).mean())
        for flow in (exact, fast)
    ]
    assert matched[1] == pytest.approx(matched[0], rel=1e-5)


def test_plain_steps_serve_single_precision_too():
    flow, x = random_flow(5, torch.float32), points(dtype=torch.float32)
    with torch.no_grad(), use("reference"):
        plain = flow.log_prob(x)
    assert torch.allclose(flow.log_prob(x), plain, atol=1e-5)


def test_finer_steps_come_closer_by_the_order_of_the_method():
    flow, x = random_flow(12, kinds=["tanh"], steps=3), points()
    exact = flow.finer(16).log_prob(x)
    errors = [(flow.finer(k).log_prob(x) - exact).abs().max() for k in (1, 2)]
    assert number(errors[0] / errors[1]) == pytest.approx(16, rel=0.5)


def test_there_and_back_is_the_identity():
    flow, z = random_flow(6, steps=50), points()
    x = flow.transport(z, 2)[-1]
    back, _ = flow._march(x, flow._pieces(flow.duration, 0.0))
    assert torch.allclose(back[-1].T, z, atol=1e-6)


def test_the_density_integrates_to_one():
    flow = random_flow(7, torch.float32, nodes=2, steps=10)
    axis = torch.linspace(-9, 9, 181)
    for time in (0.0, flow.duration / 2, None):
        density = flow.density_on((axis, axis), time)
        assert number(density.sum() * (axis[1] - axis[0]) ** 2) == pytest.approx(1.0, abs=3e-4)


def test_rows_of_a_density_follow_the_second_axis():
    flow = random_flow(7, nodes=2)
    x, y = torch.linspace(-1, 1, 3).double(), torch.linspace(0, 1, 2).double()
    density = flow.density_on((x, y))
    assert density.shape == (2, 3)
    expected = flow.log_prob(torch.stack([x[2], y[1]])[None]).exp()
    assert number(density[1, 2]) == pytest.approx(number(expected))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_samples_know_their_density(dtype):
    flow = random_flow(8, dtype, steps=40)
    x, log_q = flow.sample_with_log_prob(50, torch.Generator().manual_seed(3))
    assert torch.allclose(flow.log_prob(x), log_q, atol=1e-4 if dtype == torch.float32 else 1e-7)
    assert torch.equal(flow.sample(50, torch.Generator().manual_seed(3)), x)


def test_the_mean_of_the_log_density_ratio_of_samples_is_one():
    """E_q[p/q] = 1 with p another normalised density: samples and densities belong together."""
    flow = random_flow(9, nodes=2, steps=10)
    x, log_q = flow.sample_with_log_prob(20_000, torch.Generator().manual_seed(0))
    other = torch.distributions.MultivariateNormal(x.mean(0), 0.5 * torch.cov(x.T))
    ratio = (other.log_prob(x) - log_q).exp()
    assert number(ratio.mean()) == pytest.approx(1.0, abs=5 * float(ratio.std()) / 20_000**0.5)


def test_the_path_is_that_of_a_simulation():
    flow = random_flow(10, steps=50)
    z = points(1)
    voltages = dict(zip(flow.compiled.circuit.node_ids, z[0].tolist(), strict=True))
    expected = simulate(flow.circuit(), solver="rk4", steps=200, outputs=8, voltages=voltages)
    path = flow.transport(z, 8)
    assert path.shape == (8, 1, 3)
    assert path[:, 0].numpy() == pytest.approx(expected.voltages, abs=1e-6)


def test_the_vector_field_changes_with_the_slice():
    flow = random_flow(11)
    early, late = flow._fields()
    v, border = points(), early.duration
    assert torch.allclose(flow.vector_field(v, border / 2), early(0.0, v.T).T)
    assert torch.allclose(flow.vector_field(v, border), late(0.0, v.T).T)
    assert torch.allclose(flow.vector_field(v, flow.duration), late(0.0, v.T).T)


def test_matching_a_gaussian_at_rest_costs_its_entropy():
    """Without devices l = 0, and the loss is E[U] of the base: N/2 for U = |v|^2 / 2."""
    nodes = (Node("n1", role="both"), Node("n2", role="both"))
    flow = Flow(compile_circuit(Circuit(nodes, (Slice(()),))))
    z = points(100_000, 2, 0, torch.float32)
    losses = flow.matching_losses(z, lambda v: v.square().sum(1) / 2)
    assert losses.shape == (100_000,)
    assert number(losses.mean()) == pytest.approx(1, abs=0.02)


def test_even_points_have_the_moments_of_the_base_with_less_noise():
    draws = torch.stack([even_normal(256, 3, torch.Generator().manual_seed(k)) for k in range(40)])
    assert not torch.equal(draws[0], draws[1])
    for moment, wanted in ((draws, 0.0), (draws**2, 1.0), (draws**4, 3.0)):
        means = moment.mean(1)
        # 40 means of 256 independent draws would spread by sd / 16.
        assert float(means.std()) < 0.4 * float(moment.std()) / 16
        assert float(means.mean()) == pytest.approx(wanted, abs=0.05)


def test_the_peak_is_that_of_a_simulation_both_ways():
    flow = random_flow(14, kinds=["tanh"])
    z, names = points(), flow.compiled.circuit.node_ids
    paths = [
        simulate(
            flow.circuit(), solver="rk4", steps=flow.steps, outputs=2 * flow.steps + 1,
            voltages=dict(zip(names, one.tolist(), strict=True)), check=False,
        ).voltages
        for one in z
    ]  # fmt: skip
    assert flow.peak(z) == pytest.approx(np.abs(paths).max(), rel=1e-3)
    fine = flow.finer(8)
    x = fine.transport(z, 2)[-1]
    assert fine.peak(x, backward=True) == pytest.approx(fine.peak(z), rel=1e-4)
    assert flow.peak(100 * z) >= float(100 * z.abs().max())


@pytest.mark.parametrize("kind", ["relu", "leaky_relu_diff", "threshold_relu"])
def test_a_device_with_a_kink_is_refused(kind):
    nodes = (Node("n1", role="both"),)
    devices = (Device("d1", "tanh", "n1", "gnd"), Device("d2", kind, "gnd", "n1"))
    circuit = Circuit(nodes, (Slice(devices),))
    with pytest.raises(CircuitError, match=rf"devices\[1\]: '{kind}' has a kink.* such as tanh"):
        Flow(compile_circuit(circuit))


def test_bad_input_is_refused_in_a_sentence():
    circuit = random_circuit(0, ["tanh"])
    with pytest.raises(CircuitError, match="'n1' is input; set its role to both"):
        Flow(compile_circuit(circuit))
    compiled = compile_circuit(both(circuit))
    with pytest.raises(StudioError, match="unknown method 'rk5': did you mean 'rk4'"):
        Flow(compiled, method="rk5")
    with pytest.raises(StudioError, match="at least one step"):
        Flow(compiled, steps=0)
    flow = Flow(compiled)
    with pytest.raises(StudioError, match=r"shape \(B, 6\), got \(3, 2\)"):
        flow.log_prob(torch.zeros(3, 2))
    with pytest.raises(StudioError, match="must lie in 0"):
        flow.vector_field(torch.zeros(3, 6), -1.0)
    with pytest.raises(StudioError, match="at least 2 times"):
        flow.transport(torch.zeros(3, 6), 1)
    with pytest.raises(StudioError, match="6 nodes need as many axes"):
        flow.density_on([torch.zeros(2)])


@pytest.mark.parametrize("kind", GROUND_KINDS)
def test_an_untrained_flow_is_at_rest_but_can_move(kind):
    options = {"slices": 2, "parallel": 4, "to_ground": 3, "kind": kind}
    circuit = start(DATASETS["gen_circle"]().data, options, seed=5)
    assert circuit == start(DATASETS["gen_circle"]().data, options, seed=5)
    assert circuit.device_count == 2 * (2 * 4 + 4 * 3)
    flow, x = Flow(compile_circuit(circuit)), points(nodes=2)
    assert torch.allclose(flow.vector_field(x, 0.0), torch.zeros_like(x), atol=1e-12)
    value = flow.log_prob(x)
    assert torch.allclose(value, log_normal(x.T), atol=1e-12)
    value.mean().backward()
    assert all(p.grad is not None and p.grad.abs().median() > 1e-6 for p in flow.parameters())


def test_a_flow_from_its_start_learns_and_its_circuit_keeps_what_it_learnt():
    dataset = moons()
    flow = Flow(compile_circuit(start(dataset.data, {"slices": 5}, 0), torch.float32), 4)
    optimiser = torch.optim.AdamW(flow.parameters(), 5e-3, weight_decay=0.0)
    x = dataset.sample(256, 0)
    losses = []
    for _ in range(30):
        loss = -flow.log_prob(x).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] - 0.3
    trained = Flow(compile_circuit(flow.circuit(), torch.float32), 4)
    with torch.no_grad():
        assert torch.allclose(trained.log_prob(x), flow.log_prob(x), atol=1e-5)


def test_a_refused_option_of_a_start_is_named():
    with pytest.raises(StudioError, match="flow: parallel must be at least 1"):
        start(DATASETS["gen_circle"]().data, {"parallel": 0}, 0)
    with pytest.raises(StudioError, match="flow: kind is 'relu'"):
        start(DATASETS["gen_circle"]().data, {"kind": "relu"}, 0)


def test_densities_of_several_times_are_those_of_each():
    """The shared way back through a slice gives what each way back alone gives."""
    flow, x = random_flow(5, steps=40), points()
    ends = list(accumulate(part.duration for part in flow.compiled.circuit.slices))
    times = [ends[-1], 0.0, 0.3 * ends[0], ends[0], 0.5 * (ends[0] + ends[-1]), ends[0] + 1e-12]
    together = flow.log_probs(x, times)
    for row, time in zip(together, times, strict=True):
        torch.testing.assert_close(row, flow.log_prob(x, time), atol=1e-7, rtol=1e-7)
