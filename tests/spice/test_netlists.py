"""Netlists as people's tools write them: what we read is what ngspice simulates."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.errors import CircuitError
from backend.export.netlist_import import read_netlist
from backend.simulation.simulate import simulate
from tests.netlist_corpus import FOLDER, by_ngspice, mark_of, names

END, BETWEEN = 5e-3, 1e-2
"""Of a node's largest voltage: allowed at the end, and at 97 of 100 times."""


@pytest.mark.spice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH")
@pytest.mark.parametrize("name", names(""))
def test_ngspice_agrees(name: str, tmp_path: Path) -> None:
    circuit = read_netlist(FOLDER / name)
    ours = simulate(circuit, outputs=201)
    assert ours.status.ok, ours.status.message
    theirs = by_ngspice(name, tmp_path)
    compared = 0
    for node in circuit.node_ids:
        if node.lower() not in theirs:
            continue  # within an element: ngspice has another name for it
        wanted = np.interp(ours.t, theirs["time"], theirs[node.lower()])
        # The first row that ngspice writes lies a step after 0 s.
        gap = np.abs(ours[node] - wanted)[1:] / max(np.abs(wanted).max(), 1e-6)
        assert gap[-1] < END, f"{node} ends at {ours[node][-1]:g}, ngspice says {wanted[-1]:g}"
        assert np.quantile(gap, 0.97) < BETWEEN, f"{node} differs by {gap.max():.2g} on the way"
        compared += 1
    assert compared >= 1


@pytest.mark.parametrize("name", names("right"))
def test_the_value_is_right(name: str) -> None:
    """What ngspice reads otherwise, or not at all: formulas and LTspice's own rules."""
    ours = simulate(read_netlist(FOLDER / name), outputs=201)
    for item in mark_of(FOLDER / name)[1].split():
        node, _, value = item.partition("=")
        assert ours[node][-1] == pytest.approx(float(value), rel=END)


@pytest.mark.parametrize("name", names("refused"))
def test_a_refusal_names_the_line(name: str) -> None:
    with pytest.raises(CircuitError) as caught:
        read_netlist(FOLDER / name)
    said = str(caught.value)
    assert mark_of(FOLDER / name)[1] in said
    assert len(said) < 500
    assert "\n" not in said
