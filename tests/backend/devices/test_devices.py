"""Every registered device kind meets the same contract; a new one by being registered."""

import math

import numpy as np
import pytest
import torch

from backend.devices import DEVICES
from backend.devices.activation import LEAK
from backend.devices.passive import EXPONENT_LIMIT, THERMAL_VOLTAGE
from tests.reference import LAWS
from tests.strategies import random_params

KINDS = DEVICES.names()


@pytest.fixture
def sample():
    def draw(kind: str, count: int = 40):
        rng = np.random.default_rng(KINDS.index(kind))
        v_s, v_d = (torch.from_numpy(rng.normal(0, 0.6, (count, 3))) for _ in range(2))
        rows = [random_params(kind, rng) for _ in range(count)]
        names = [param.name for param in DEVICES[kind].params]
        p = {
            name: torch.tensor([[row[name]] for row in rows], dtype=torch.float64) for name in names
        }
        return v_s, v_d, p

    return draw


@pytest.mark.parametrize("kind", KINDS)
def test_conductances_and_derivatives_are_those_of_the_current(kind, sample):
    """Autograd in float64 is the witness; closed forms agree to round-off."""
    law = DEVICES[kind]
    v_s, v_d, p = sample(kind)
    leaves = [x.requires_grad_() for x in (v_s, v_d, *p.values())]
    expected = torch.autograd.grad(law.current(v_s, v_d, p).sum(), leaves, allow_unused=True)
    expected = [
        torch.zeros_like(x) if e is None else e for e, x in zip(expected, leaves, strict=True)
    ]
    with torch.no_grad():
        found = [x.expand_as(v_s) for x in law.conductances(v_s, v_d, p)]
        derivatives = law.derivatives(v_s, v_d, p)
    found += [derivatives[name].sum(-1, keepdim=True) for name in p]
    for got, want in zip(found, expected, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_difference_laws_and_only_they_have_opposite_conductances(kind, sample):
    law = DEVICES[kind]
    g_s, g_d = law.conductances(*sample(kind))
    assert law.difference == bool(torch.allclose(g_s, -g_d, rtol=0, atol=1e-15))


@pytest.mark.parametrize("kind", KINDS)
def test_the_spice_expression_is_the_same_law(kind, sample):
    """Evaluated by Python's own arithmetic, with SPICE's functions."""
    law = DEVICES[kind]
    v_s, v_d, p = sample(kind)
    currents = law.current(v_s, v_d, p)
    functions = {"max": max, "min": min, "abs": abs, "tanh": math.tanh, "exp": math.exp}
    functions["ln"] = math.log
    for row in range(len(v_s)):
        values = {name: float(x[row, 0]) for name, x in p.items()}
        text = law.spice("VS", "VD", values)
        scope = {"VS": float(v_s[row, 0]), "VD": float(v_d[row, 0]), **functions}
        assert eval(text, {"__builtins__": {}}, scope) == pytest.approx(
            float(currents[row, 0]), rel=1e-12, abs=1e-14
        )


@pytest.mark.parametrize("kind", KINDS)
def test_form_and_symbol_are_declared(kind):
    law = DEVICES[kind]
    assert law.title
    assert law.__doc__.startswith("i = ")
    assert law.symbol.startswith("M0 0")
    assert all(param.doc and param.slider for param in law.params)


@pytest.mark.parametrize("kind", KINDS)
def test_the_law_is_the_one_of_the_specification(kind, sample):
    v_s, v_d, p = sample(kind)
    arrays = {name: x.numpy() for name, x in p.items()}
    want = LAWS[kind](v_s.numpy(), v_d.numpy(), arrays)
    got = DEVICES[kind].current(v_s, v_d, p).expand_as(v_s)
    np.testing.assert_allclose(got.numpy(), want, rtol=1e-12, atol=1e-15)


def test_slopes_at_the_kink_are_those_of_torch():
    zero = torch.zeros(1, dtype=torch.float64)
    p = {"a": zero + 1, "b": zero - 1, "c": zero}
    assert DEVICES["relu"].conductances(zero, zero, p)[0] == 0
    assert DEVICES["leaky_relu"].conductances(zero, zero, p)[0] == LEAK


def test_the_diode_is_continued_by_its_tangent():
    p = {
        "saturation_current": torch.tensor([1e-14], dtype=torch.float64),
        "ideality": torch.tensor([1.0], dtype=torch.float64),
    }
    edge = torch.tensor([EXPONENT_LIMIT * THERMAL_VOLTAGE], dtype=torch.float64)
    zero = torch.zeros(1, dtype=torch.float64)
    law = DEVICES["diode"]
    slope = law.conductances(edge, zero, p)[0]
    beyond = law.current(edge + 1.0, zero, p)
    torch.testing.assert_close(beyond, law.current(edge, zero, p) + slope, rtol=1e-12, atol=0)
    assert torch.isfinite(law.current(edge + 1e6, zero, p)).all()
