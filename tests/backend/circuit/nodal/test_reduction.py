"""Index 1 by structure: what is solved, what is refused, and that nothing else changes."""

import numpy as np
import pytest

from backend.circuit.nodal import assemble, reduced
from backend.errors import CircuitError
from tests.named_circuits import NAMED, circuit, device


def refused(nodes: dict[str, float], devices: list) -> str:
    with pytest.raises(CircuitError) as caught:
        reduced(assemble(circuit(nodes, devices, 1.0, "")))
    return str(caught.value)


def test_two_sources_on_one_node_are_a_loop():
    text = refused(
        {"a": 0.0},
        [
            device("v", "voltage_source", "a", "gnd"),
            device("w", "voltage_source", "a", "gnd", voltage=2.0),
        ],
    )
    assert "loop of voltage sources" in text
    assert "'v'" in text
    assert "'w'" in text


def test_a_current_source_needs_a_way_for_its_current():
    assert "other way" in refused({"a": 0.0}, [device("i", "current_source", "a", "gnd")])


def test_a_floating_part_is_named():
    text = refused({"a": 0.0, "b": 0.0}, [device("r", "resistor", "a", "b")])
    assert "'a', 'b'" in text


def test_a_source_beside_a_capacitor_leaves_one_component_out():
    found = reduced(
        assemble(
            circuit(
                {"a": 1e-6, "b": 1e-6},
                [device("v", "voltage_source", "a", "b"), device("r", "resistor", "b", "gnd")],
                1.0,
                "",
            )
        )
    )
    assert len(found.kept) == 2
    assert (found.expanded[:2].sum(0) == [2.0, 0.0]).all()


def test_an_inductor_fed_by_a_current_source_has_its_current():
    found = reduced(
        assemble(
            circuit(
                {"a": 0.0},
                [device("i", "current_source", "gnd", "a"), device("l", "inductor", "a", "gnd")],
                1.0,
                "",
            )
        )
    )
    # The current is that of the source: nothing with a derivative is left.
    assert not found.stored.any()


@pytest.mark.parametrize("name", NAMED)
def test_the_reduced_equations_are_those_of_the_circuit(name: str):
    """R (M T) = E and R K T = F, for matrices built apart from the reduction."""
    from backend.simulation.nodal.problem import NodalProblem

    problem = NodalProblem(NAMED[name]())
    r, n = problem.reduced, problem.size
    stored = r.combined @ problem.whole["stored"][:n] @ r.expanded
    linear = r.combined @ problem.whole["linear"][:n] @ r.expanded
    np.testing.assert_allclose(stored, r.stored, rtol=1e-12, atol=1e-30)
    np.testing.assert_allclose(linear, r.linear, rtol=1e-12, atol=1e-15)
    assert np.linalg.matrix_rank(r.stored) == (~r.algebraic).sum()
