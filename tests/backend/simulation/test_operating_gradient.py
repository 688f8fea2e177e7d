"""Gradients at operating points of either class against central differences of their own solves."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.circuit import Circuit, Node
from backend.circuit.compile import compile_circuit
from backend.errors import CircuitError, SolveError, StudioError
from backend.simulation.operating_gradient import operating_gradient
from backend.simulation.operating_point import operating_point
from backend.simulation.steady_state import held, steady_state
from backend.waveforms.sine import Sine
from tests.backend.simulation.test_steady_state import latch, tanh_circuit
from tests.general_circuits import general_circuit
from tests.named_circuits import circuit, device, differential_pair, divider

WELL = 1e7
"""Condition numbers up to which sixteen digits leave nine for a difference."""


def with_value(base: Circuit, place: int, name: str, value: float) -> Circuit:
    devices = list(base.devices)
    found = devices[place]
    devices[place] = replace(found, params={**found.params, name: value})
    return base.replace(slices=(replace(base.slices[0], devices=tuple(devices)),))


def loss_at(base: Circuit) -> float:
    found = operating_point(base, starts=0)
    return sum(found.voltages[name] for name in base.outputs)


def slope(at: Callable[[float], Circuit], value: float) -> float:
    """Fourth order, with a step of a ten-thousandth: truncation and rounding leave 1e-9."""
    h = 1e-4 * (abs(value) or 1.0)
    near, far = (loss_at(at(value + k * h)) - loss_at(at(value - k * h)) for k in (1, 2))
    return (8 * near - far) / (12 * h)


def with_outputs(base: Circuit) -> Circuit:
    """All free nodes are outputs."""
    nodes = tuple(node if node.drive else replace(node, role="output") for node in base.nodes)
    return base.replace(nodes=nodes)


@pytest.mark.parametrize("seed", range(40))
def test_gradients_of_random_circuits(seed):
    """By every parameter and level that matters, to 1e-6 of the largest, wherever it is decided."""
    try:
        base = with_outputs(general_circuit(seed))
        found = operating_gradient(base)
    except (CircuitError, SolveError):
        pytest.skip("the draw has no operating point")
    if found.condition > WELL:
        pytest.skip("its equations lose too many digits for differences")
    pairs = [(k, n) for k, d in enumerate(base.devices) for n in d.params]
    scaled = {
        (k, n): found.parameters[base.devices[k].id][n] * (abs(base.devices[k].params[n]) or 1.0)
        for k, n in pairs
    }
    volts = max(map(abs, found.voltages.values()))
    largest = max([volts * 1e-3, *(abs(value) for value in scaled.values())])
    rng = np.random.default_rng(seed)
    for k, n in [pairs[j] for j in rng.permutation(len(pairs))[:6]]:
        value = base.devices[k].params[n]
        low, high = limits(base, k, n)
        h = 2e-4 * (abs(value) or 1.0)
        if not low <= value - h <= value + h <= high:
            continue
        before, at, after = (loss_at(with_value(base, k, n, value + s * h)) for s in (-1, 0, 1))
        if abs(after - 2 * at + before) > 0.01 * abs(after - before) + 1e-9 * volts:
            continue  # a kink: there is no derivative
        wanted = slope(lambda v, k=k, n=n: with_value(base, k, n, v), value)
        assert scaled[k, n] == pytest.approx(
            wanted * (abs(value) or 1.0), abs=1e-6 * largest
        ), (base.devices[k], n)  # fmt: skip


def limits(base: Circuit, place: int, name: str) -> tuple[float, float]:
    from backend.devices import kind_of

    kind = kind_of(base.devices[place].kind)
    param = next(param for param in kind.params if param.name == name)
    low = -np.inf if param.low is None else float(param.low)
    return low, np.inf if param.high is None else float(param.high)


def test_a_divider_has_the_gradients_of_its_formula():
    """v = V R2 / (R1 + R2), by hand."""
    base = divider()
    found = operating_gradient(base)
    conductances = {d.id: d.params["conductance"] for d in base.devices if d.kind == "resistor"}
    (one, g1), (two, g2) = conductances.items()
    total = g1 + g2
    assert found.parameters[one]["conductance"] == pytest.approx(9.0 * g2 / total**2, rel=1e-12)
    assert found.parameters[two]["conductance"] == pytest.approx(-9.0 * g1 / total**2, rel=1e-12)
    assert found.injected["out"] == pytest.approx(1 / total)


def test_levels_of_sources_and_driven_nodes():
    """By the offset of a sine it is the gain; by its amplitude nothing, at 0 s."""
    base = tanh_circuit(2, 0.1)
    drawn = held(base, {"x1": 0.3, "x2": -0.8})
    nodes = tuple(
        replace(node, drive=Sine(0.3, 5.0, 1.0)) if node.id == "x1" else node
        for node in drawn.nodes
    )
    drawn = drawn.replace(nodes=nodes)
    found = operating_gradient(drawn)
    x = torch.tensor([[0.3], [-0.8]], dtype=torch.float64, requires_grad=True)
    (wanted,) = torch.autograd.grad(steady_state(compile_circuit(base), x).voltages[-2:].sum(), x)
    assert found.levels["x1"] == pytest.approx((float(wanted[0]), 0.0), rel=1e-9)
    assert found.levels["x2"] == pytest.approx((float(wanted[1]),), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_agree_on_circuits_of_the_fast_class(seed):
    """One circuit by nodal analysis in numpy, and a batch of one in torch."""
    base = tanh_circuit(seed, 0.1)
    drawn = held(base, {"x1": 0.7, "x2": -0.2})
    found = operating_gradient(drawn)
    compiled = compile_circuit(base)
    x = torch.tensor([[0.7], [-0.2]], dtype=torch.float64)
    rested = steady_state(compiled, x)
    rested.voltages[-2:].sum().backward()
    wanted = [float(v) for v in rested.voltages.detach()[:, 0]]
    assert list(found.voltages.values()) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    (field,) = compiled.fields()
    names = base.device_ids
    for group in field.kinds():
        for name, value in group.params.items():
            assert value.grad is not None
            for place, by in zip(group.places.tolist(), value.grad[:, 0].tolist(), strict=True):
                assert found.parameters[names[place]][name] == pytest.approx(by, rel=1e-7, abs=1e-9)


def test_transistors_at_their_operating_point():
    base = differential_pair()
    found = operating_gradient(base)
    for k, d in enumerate(base.devices):
        for name, value in d.params.items():
            if value and d.kind in ("npn", "resistor", "voltage_source", "current_source"):
                wanted = slope(lambda v, k=k, name=name: with_value(base, k, name, v), value)
                size = abs(found.loss / value)
                assert found.parameters[d.id][name] == pytest.approx(
                    wanted, rel=1e-6, abs=1e-8 * size
                )


def test_targets_and_losses():
    base = divider()
    rested = operating_point(base).voltages["out"]
    found = operating_gradient(base, "mse", {"out": 1.0})
    assert found.loss == pytest.approx(0.5 * (rested - 1.0) ** 2)
    plain = operating_gradient(base)
    for name, values in plain.parameters.items():
        for key, value in values.items():
            assert found.parameters[name][key] == pytest.approx((rested - 1.0) * value)
    with pytest.raises(StudioError, match="unknown loss"):
        operating_gradient(base, "median")


def test_what_hardly_anything_sets_has_no_gradient():
    itself = {"plus": "k", "minus": "gnd"}
    base = circuit(
        {"a": 0.0, "k": 0.0},
        [
            device("v", "voltage_source", "a", "gnd", voltage=1.0),
            device("r", "resistor", "a", "k", conductance=1e-20),
            device("s", "resistor", "k", "gnd", conductance=1e-20),
            device("t", "vccs", "k", "gnd", gain=1.0 - 2e-20, terminals=itself),
            device("u", "resistor", "k", "gnd", conductance=-1.0),
        ],
        1.0,
        "k",
    )  # fmt: skip
    with pytest.raises((SolveError, CircuitError)):
        operating_gradient(base)


def test_a_latch_is_not_unique_and_a_divider_is():
    drawn = latch(3.0)
    drawn = drawn.replace(
        nodes=(replace(drawn.nodes[0], voltage=0.0), Node("p", 0.3, role="output"))
    )
    found = operating_point(held(drawn, {"x": 0.0}))
    assert any(other.stable for other in found.others), "the other side of the latch"
    assert found.voltages["p"] == pytest.approx(-found.others[0].voltages["p"])
    assert f"not unique: {len(found.others)} more found from 8 starts" in found.uniqueness
    assert found.to_dict()["unique"] is False
    sure = operating_point(held(latch(0.4), {"x": 1.0}))
    assert sure.uniqueness.startswith("unique: ")
    assert sure.to_dict()["unique"] is True
    general = operating_point(differential_pair())
    assert general.uniqueness == "no second one found from 8 starts; that is no proof"
    assert general.to_dict()["unique"] is None
