"""A real ngspice finds the same operating point as a batch of ours."""

import shutil

import numpy as np
import pytest
import torch

from backend.circuit.compile import compile_circuit
from backend.export.ngspice import rest_by_ngspice
from backend.simulation.steady_state import held, steady_state
from tests.backend.simulation.test_steady_state import tanh_circuit

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]


@pytest.mark.parametrize("seed", range(6))
def test_the_operating_point_of_the_netlist_is_the_steady_state(seed):
    drawn = tanh_circuit(seed, 0.1)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=2)
    found = steady_state(compile_circuit(drawn), torch.from_numpy(x)[:, None])
    assert bool(found.usable.all())
    theirs = rest_by_ngspice(held(drawn, dict(zip(drawn.inputs, x.tolist(), strict=True))))
    # ngspice stops at 1e-3 of currents and voltages; Newton's last step is far better than that.
    np.testing.assert_allclose(theirs, found.voltages.detach()[:, 0].numpy(), rtol=2e-3, atol=2e-3)
