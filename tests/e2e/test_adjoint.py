"""The adjoint lane: time runs backwards and gathers the gradient the optimiser uses."""

import re

import pytest

from backend import Circuit, adjoint, simulate
from tests.e2e.test_physics import volts
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

CIRCUIT = {
    "format": "kirchhoff-circuit/1",
    "name": "Two laws",
    "nodes": [
        {"id": "a", "voltage": 1.0, "capacitance": 2.0, "role": "input", "x": 0, "y": 0},
        {"id": "b", "voltage": 0.2, "capacitance": 0.5, "role": "hidden", "x": 200, "y": 0},
        {"id": "c", "voltage": 0.0, "capacitance": 1.0, "role": "output", "x": 400, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.5,
            "devices": [
                {"id": "r", "kind": "resistor", "source": "a", "target": "b",
                 "params": {"conductance": 0.7}},
                {"id": "t", "kind": "tanh", "source": "b", "target": "c",
                 "params": {"a": 0.9, "b": -0.4, "c": 0.1}},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def lane(desk: Workspace, tmp_path) -> Workspace:
    desk.open_circuit(CIRCUIT, tmp_path)
    desk.fresh()
    desk.pause()
    desk.lane("adjoint")
    return desk


def difference(device: int, name: str, step: float = 1e-5) -> float:
    """Central difference of the loss, the sum of the output voltages at the end."""
    losses = []
    for sign in (1, -1):
        data = Circuit.from_dict(CIRCUIT).to_dict()
        data["slices"][0]["devices"][device]["params"][name] += sign * step
        found = simulate(Circuit.from_dict(data), solver="dopri5", rtol=1e-10, atol=1e-12)
        losses.append(found.voltages[-1, 2])
    return (losses[0] - losses[1]) / (2 * step)


def test_gathers_the_gradient_backwards(lane):
    assert lane.debug("direction") == -1
    lane.select_device("t")
    lane.page.locator('#transport [data-command="restart"]').click()
    lane.until("kd.debug.time === kd.debug.duration")
    assert lane.debug("gradientNow('t', 'a')") == pytest.approx(0, abs=1e-12)
    lane.page.locator('#transport [data-command="loop"]').click()
    lane.page.locator(".transport-speed").select_option("8")
    lane.page.locator("#transport .transport-play").click()
    lane.until("kd.debug.time === 0 && !kd.debug.playing")

    _, expected = adjoint(Circuit.from_dict(CIRCUIT), solver="dopri5", rtol=1e-9, atol=1e-11)
    assert expected is not None
    for name in ("a", "b", "c"):
        reference = difference(1, name)
        assert expected.gradient[name][1] == pytest.approx(reference, rel=1e-5)
        assert lane.debug(f"gradient('t', '{name}')") == pytest.approx(reference, rel=1e-3)
        gathered = lane.debug(f"gradientNow('t', '{name}')")
        assert gathered == pytest.approx(lane.debug(f"gradient('t', '{name}')"), rel=1e-5)
    row = lane.page.locator("#pane-device table.gradient tbody tr").first.locator("td")
    lane.until("""(() => {
        const cells = document.querySelectorAll("#pane-device table.gradient tbody tr:first-child td");
        return cells[0].textContent === cells[1].textContent;
    })()""")  # noqa: E501
    assert volts(row.nth(1).inner_text()) == pytest.approx(difference(1, "a"), rel=6e-3)
    # Node colour is dL/dv: the output's own is 1 at the end.
    assert lane.debug("valueAt('c')") == pytest.approx(float(expected.voltages[0, 2]), rel=1e-3)


def test_checks_a_gradient_against_a_finite_difference(lane):
    lane.select_device("r")
    lane.page.locator("#pane-device").get_by_role("button", name="Check").first.click()
    lane.until("document.querySelector('#pane-device .check-result').dataset.tone")
    sentence = lane.text("#pane-device .check-result")
    found = re.match(r"adjoint (.+), finite difference (.+): relative error (.+?)( ✓)?$", sentence)
    assert found, sentence
    assert found[4] == " ✓"
    assert volts(found[3]) < 1e-3
    assert volts(found[1]) == pytest.approx(difference(0, "conductance"), rel=1e-3)
    assert volts(found[2]) == pytest.approx(difference(0, "conductance"), rel=1e-3)


def test_without_an_output_it_says_what_to_do(lane):
    lane.select("c")
    lane.press("o")
    lane.fresh()
    lane.select_device("r")
    assert "mark it as output" in lane.text("#pane-device")
    lane.press("Control+z")
    lane.until("kd.debug.doc().nodes[2].role === 'output'")
