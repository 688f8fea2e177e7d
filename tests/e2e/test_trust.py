"""A result that is not right says so on the page, with the numbers of the library."""

import pytest

from backend import Circuit, adjoint
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

STEPS = 40
CIRCUIT = {
    "format": "kirchhoff-circuit/1",
    "name": "Fast and slow",
    "nodes": [
        {"id": "a", "voltage": 1.0, "capacitance": 1.0, "role": "input", "x": 0, "y": 0},
        {"id": "b", "voltage": 0.0, "capacitance": 0.05, "role": "output", "x": 300, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {"id": "r", "kind": "resistor", "source": "a", "target": "b",
                 "params": {"conductance": 1.0}},
                {"id": "t", "kind": "tanh", "source": "b", "target": "gnd",
                 "params": {"a": 2.0, "b": 0.0, "c": 0.1}},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def coarse(desk: Workspace, tmp_path) -> Workspace:
    """Euler with forty steps, 1.5 of the fast time constant each."""
    desk.open_circuit(CIRCUIT, tmp_path)
    desk.fresh()
    choose_method(desk, "euler")
    field = desk.page.locator("#pane-circuit").get_by_label("Steps in a slice")
    field.fill(str(STEPS))
    field.press("Enter")
    desk.until("kd.debug.sim?.status?.state === 'inaccurate'")
    # Euler with the steps offered first is inaccurate too: wait for the answer to these.
    desk.page.locator(".scope-alert", has_text=f"{STEPS} steps are too few").wait_for()
    return desk


def choose_method(desk: Workspace, name: str) -> None:
    desk.tab("circuit")
    desk.page.locator("#pane-circuit").get_by_label("Method").select_option(name)


def test_inaccurate_voltages_are_said_to_be(coarse):
    found, back = adjoint(Circuit.from_dict(CIRCUIT), solver="euler", steps=STEPS, throw=False)
    assert found.status.state == "inaccurate"
    assert back is not None
    assert back.gap is not None
    alert = coarse.page.locator(".scope-alert")
    alert.wait_for()
    assert found.status.message.startswith("Node 'b' is off by")
    assert alert.inner_text().removesuffix(".") == found.status.message.removesuffix(".")
    assert alert.bounding_box()["y"] + alert.bounding_box()["height"] <= top_of_curves(coarse)
    coarse.lane("adjoint")
    gap = coarse.page.locator(".scope-gap")
    gap.wait_for()
    assert f"differs from the circuit's by {100 * back.gap:.2g} %." in gap.inner_text()


def top_of_curves(desk: Workspace) -> float:
    """Where the plot of the voltages begins, below whatever is said about them."""
    return desk.box(".scope-plot .u-over")["y"]


def test_the_remedy_helps(coarse):
    choose_method(coarse, "auto")
    coarse.until("kd.debug.sim?.status?.state === 'ok'")
    assert coarse.page.locator(".scope-alert").is_hidden()


def test_a_person_stops_a_simulation_and_asks_again(desk: Workspace, tmp_path):
    desk.open_circuit(CIRCUIT, tmp_path)
    desk.fresh()
    shown = desk.debug("sim.hash")
    # As long as it takes: the answer is held back on the way.
    desk.page.route("**/api/sim", lambda _: None)
    desk.page.keyboard.press("r")
    desk.page.get_by_role("button", name="Stop the simulation").click()
    desk.until("document.querySelector('.sim-state').textContent.includes('Not simulated')")
    assert "You stopped" in desk.text("#scope")
    assert desk.debug("sim.hash") == shown
    desk.page.unroute("**/api/sim")
    desk.page.get_by_role("button", name="Try again").click()
    desk.until("kd.debug.simState === 'fresh'")
