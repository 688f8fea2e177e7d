"""Every circuit of the gallery: the adjoint voltages that are drawn against SciPy's way back."""

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.simulate import adjoint
from backend.solvers import SOLVERS
from designer.gallery import Gallery
from tests.reference import Reference

GALLERY = Gallery()
DRAWN = [item for item in GALLERY.ids() if not GALLERY.is_network(item)]
OURS = [name for name in SOLVERS if name != "torchdiffeq"]


@pytest.mark.parametrize("item", DRAWN)
def test_adjoint_voltages_are_those_of_the_adjoint_circuit(item: str):
    described, settings = GALLERY.load(item)
    circuit = Circuit.from_dict(described)
    solver = settings.get("solver", "auto")
    trajectory, back = adjoint(circuit, solver=solver, outputs=101)
    assert trajectory.status.ok, trajectory.status.message
    assert back is not None
    rows = [circuit.node_ids.index(name) for name in circuit.outputs]
    wanted = Reference(circuit).adjoint(trajectory.t, rows)
    # SciPy runs at 1e-9; 1e-4 is what a reader of the lane may rely on.
    assert np.abs(back.voltages - wanted).max() <= 1e-4 * np.abs(wanted).max()


@pytest.mark.parametrize("solver", OURS)
@pytest.mark.parametrize("item", ["rc-pair", "rc-ladder", "grid-diffusion"])
def test_a_passive_linear_circuit_never_amplifies_the_loss(item: str, solver: str):
    """lambda / C starts at 1 / C of an output, and a resistor network only averages it."""
    circuit = Circuit.from_dict(GALLERY.load(item)[0])
    _, back = adjoint(circuit, solver=solver, outputs=101, throw=False)
    assert back is not None
    capacitance = np.array([node.capacitance for node in circuit.nodes])
    outputs = [circuit.node_ids.index(name) for name in circuit.outputs]
    mu = back.voltages / capacitance
    assert mu.max() <= (1 + 1e-6) / capacitance[outputs].min()
    assert mu.min() >= -1e-6 / capacitance[outputs].min()
