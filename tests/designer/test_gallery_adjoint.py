"""Every circuit of the gallery: the adjoint voltages that are drawn against SciPy's way back."""

from dataclasses import replace

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.simulate import adjoint, simulate
from backend.solvers import SOLVERS
from designer.gallery import Gallery
from tests.reference import Reference

GALLERY = Gallery()
DRAWN = [item for item in GALLERY.ids() if not GALLERY.is_network(item)]
GENERAL = [item for item in DRAWN if Circuit.from_dict(GALLERY.load(item)[0]).general]
DRAWN = [item for item in DRAWN if item not in GENERAL]
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


@pytest.mark.parametrize("item", GENERAL)
def test_the_general_class_has_gradients_of_finite_differences(item: str):
    """By a value of the last device that has one: the page's loss is the sum of the outputs."""
    described, _ = GALLERY.load(item)
    circuit = Circuit.from_dict(described)
    trajectory, back = adjoint(circuit, outputs=11)
    assert trajectory.status.ok, trajectory.status.message
    assert back is not None
    place, name, value = [
        (place, name, value)
        for place, device in enumerate(circuit.devices)
        for name, value in list(device.params.items())[:1]
        if value
    ][-1]
    device = circuit.devices[place]
    step = 1e-3 * value
    ends = []
    for shifted in (value + step, value - step):
        changed = replace(device, params={**device.params, name: shifted})
        part = replace(
            circuit.slices[0],
            devices=(*circuit.devices[:place], changed, *circuit.devices[place + 1 :]),
        )
        found = simulate(circuit.replace(slices=(part,)), outputs=2)
        ends.append(sum(float(found[node][-1]) for node in circuit.outputs))
    wanted = (ends[0] - ends[1]) / (2 * step)
    given = float(back.gradient[name][place])
    # Solves agree to about 1e-6 of the largest voltage, so differences know 1e-3 of that over step.
    noise = 1e-6 * np.abs(trajectory.voltages).max() / step
    assert given == pytest.approx(wanted, rel=2e-2, abs=noise)
