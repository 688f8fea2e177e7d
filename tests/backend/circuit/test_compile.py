"""The vector field of a slice against autograd, and against the laws of physics."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.compile import SliceField, compile_circuit
from backend.devices import DEVICES
from backend.solvers import SOLVERS, integrate
from tests.strategies import SMOOTH, circuits, random_circuit


def field_and_state(circuit: Circuit, batch: int = 4) -> tuple[SliceField, torch.Tensor]:
    compiled = compile_circuit(circuit)
    rng = np.random.default_rng(len(circuit.device_ids))
    v = torch.from_numpy(rng.normal(0, 0.5, (compiled.node_count, batch)))
    field = compiled.slices[0]
    assert isinstance(field, SliceField)
    return field, v


@given(circuits())
def test_charge_is_conserved_with_ground(circuit: Circuit):
    """Whatever leaves the nodes enters ground; sum of C dv/dt = current from ground."""
    compiled = compile_circuit(circuit)
    for field, part in zip(compiled.fields(), circuit.slices, strict=True):
        v = compiled.v0.unsqueeze(-1)
        i = field.currents(v)[:, 0].detach()
        from_ground = sum(
            ((DEVICES[d.kind].one_sided or d.source == GROUND) - (d.target == GROUND)) * float(x)
            for d, x in zip(part.devices, i, strict=True)
        )
        charge = (compiled.capacitance * field(0.0, v)[:, 0].detach()).sum()
        scale = 1 + float(i.abs().sum())
        assert float(charge) == pytest.approx(from_ground, abs=1e-13 * scale)


@given(circuits())
def test_compile_and_back_is_the_same_circuit(circuit: Circuit):
    assert compile_circuit(circuit).to_circuit() == circuit


@given(circuits(), st.randoms())
def test_order_of_devices_does_not_matter(circuit: Circuit, random):
    first = circuit.slices[0]
    mixed = list(first.devices)
    random.shuffle(mixed)
    other = circuit.replace(slices=(replace(first, devices=tuple(mixed)), *circuit.slices[1:]))
    v = compile_circuit(circuit).v0.unsqueeze(-1)
    dv = [compile_circuit(c).slices[0](0.0, v) for c in (circuit, other)]
    torch.testing.assert_close(*dv, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_vjp_is_autograd(seed: int):
    field, v = field_and_state(random_circuit(seed, devices=26))
    w = torch.from_numpy(np.random.default_rng(seed).normal(size=tuple(v.shape)))
    v.requires_grad_()
    leaves = (v, *field.parameter_tensors())
    expected = torch.autograd.grad((field(0.0, v) * w).sum(), leaves)
    with torch.no_grad():
        state, params = field.vjp(0.0, v, w)
    for got, want in zip((state, *params), expected, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_packed_terms_give_the_same_slope_and_follow_the_parameters(seed: int):
    field, v = field_and_state(random_circuit(seed, devices=26))
    for _ in range(2):
        by_law = field(0.0, v)
        with torch.no_grad():
            packed = field(0.0, v)
            for value in field.parameter_tensors():
                value.mul_(1.01)
        torch.testing.assert_close(packed, by_law.detach(), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("fused", [False, True])
def test_a_solve_sees_what_an_optimiser_did(fused: bool):
    """Fused AdamW leaves torch's version counters alone; a table kept by them would be stale."""
    circuit = random_circuit(3, ["tanh_diff", "resistor"], slices=1)
    compiled = compile_circuit(circuit)
    field = next(compiled.fields())
    solver = SOLVERS["rk4"](steps=5)
    optimiser = torch.optim.AdamW(compiled.parameters(), lr=0.1, fused=fused)
    for _ in range(2):
        final = integrate(field, compiled.v0.unsqueeze(-1), 0.0, 1.0, solver)
        expected = integrate(field, compiled.v0.unsqueeze(-1), 0.0, 1.0, solver, "backprop")
        torch.testing.assert_close(final, expected, rtol=1e-12, atol=1e-13)
        optimiser.zero_grad()
        final.sum().backward()
        optimiser.step()


@pytest.mark.parametrize("seed", range(3))
def test_jacobian_is_autograd(seed: int):
    field, v = field_and_state(random_circuit(seed, devices=26))
    with torch.no_grad():
        found = field.jacobian(0.0, v)
    for sample in range(v.shape[1]):
        want = torch.autograd.functional.jacobian(lambda x: field(0.0, x), v[:, sample])
        torch.testing.assert_close(found[sample], want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", range(3))
def test_adjoint_is_reciprocal_exactly_for_difference_laws(seed: int):
    """With equal capacitances J is symmetric iff every law senses only the difference."""
    for kinds, symmetric in ((["tanh_diff", "resistor"], True), (["tanh", "sigmoid"], False)):
        circuit = random_circuit(seed, kinds, capacitances=False)
        field, v = field_and_state(circuit)
        with torch.no_grad():
            j = field.jacobian(0.0, v)
        assert torch.allclose(j, j.mT, atol=1e-12) == symmetric


def test_difference_laws_do_not_see_a_common_shift():
    circuit = random_circuit(1, ["tanh_diff", "threshold_relu", "resistor"])
    inside = tuple(d for d in circuit.devices if GROUND not in (d.source, d.target))
    circuit = circuit.replace(slices=(Slice(inside),))
    field, v = field_and_state(circuit)
    torch.testing.assert_close(field(0.0, v), field(0.0, v + 0.7), rtol=1e-10, atol=1e-12)


def test_capacitance_and_time_scale_together():
    circuit = random_circuit(2, SMOOTH)
    scaled = circuit.replace(
        nodes=tuple(replace(node, capacitance=1e-9 * node.capacitance) for node in circuit.nodes)
    )
    field, v = field_and_state(circuit)
    fast, _ = field_and_state(scaled)
    torch.testing.assert_close(1e9 * field(0.0, v), fast(0.0, v), rtol=1e-12, atol=0)


def test_parallel_devices_add_up():
    nodes = (Node("a"), Node("b"))
    one = Device("d0", "resistor", "a", "b", {"conductance": 0.1})
    many = tuple(replace(one, id=f"d{k}") for k in range(50))
    field, v = field_and_state(Circuit(nodes, (Slice(many),)))
    strong, _ = field_and_state(
        Circuit(nodes, (Slice((replace(one, params={"conductance": 5.0}),)),))
    )
    torch.testing.assert_close(field(0.0, v), strong(0.0, v), rtol=1e-12, atol=0)


def test_no_devices_no_change():
    field, v = field_and_state(Circuit((Node("a"), Node("b")), (Slice(()),)))
    assert not field(0.0, v).any()
    assert not field.vjp(0.0, v, v)[0].any()
    assert field.currents(v).shape == (0, 4)


def test_one_sample_may_be_a_vector():
    field, v = field_and_state(random_circuit(0))
    torch.testing.assert_close(field(0.0, v[:, 0]), field(0.0, v)[:, 0], rtol=0, atol=0)


def test_nan_stays_in_its_sample():
    field, v = field_and_state(random_circuit(0))
    bad = v.clone()
    bad[:, 1] = float("nan")
    keep = [0, 2, 3]
    assert torch.equal(field(0.0, bad)[:, keep], field(0.0, v)[:, keep])


def test_constrain_keeps_frozen_devices_and_bounds():
    nodes = (Node("a"), Node("b"))
    devices = (
        Device("d1", "resistor", "a", "b", {"conductance": 0.5}, trainable=False),
        Device("d2", "resistor", "a", "gnd", {"conductance": 0.5}),
        Device("d3", "diode", "b", "gnd", {"saturation_current": 1e-12}),
    )
    compiled = compile_circuit(Circuit(nodes, (Slice(devices),)))
    with torch.no_grad():
        for value in compiled.parameters():
            value.sub_(1.0)
    compiled.constrain_()
    found = compiled.to_circuit().devices
    assert found[0].params == {"conductance": 0.5}
    assert found[1].params == {"conductance": -0.5}
    assert found[2].params["saturation_current"] == 0.0
