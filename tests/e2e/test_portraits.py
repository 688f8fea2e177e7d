"""Portraits: the voltage of a node over both inputs, in the colours of the board."""

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

# Two inputs that decay each by itself: at the start a portrait of `a` is 1 V at its right edge and
# -1 V at its left one, at the end a fifth of that.
CIRCUIT = {
    "format": "kirchhoff-circuit/1",
    "name": "Two decays",
    "nodes": [
        {"id": "a", "voltage": 0.5, "capacitance": 1.0, "role": "input", "x": 0, "y": 0},
        {"id": "b", "voltage": 0.2, "capacitance": 1.0, "role": "input", "x": 300, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.6,
            "devices": [
                {"id": f"r{node}", "kind": "resistor", "source": node, "target": "gnd",
                 "params": {"conductance": 1.0}}
                for node in "ab"
            ],
        }
    ],
}  # fmt: skip

# Pixels of the moving layer that have the colour of the lowest voltage of the ramp.
LOWEST = """async () => {
    const { rampOf, themeColours } = await import("/assets/modules/paint/colours.mjs");
    const page = document.documentElement;
    const theme = themeColours(page.dataset.theme, getComputedStyle(page));
    const [r, g, b] = rampOf(theme, "voltages").rgb[0];
    const canvas = document.querySelector("#board .board-flow");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let k = 0; k < data.length; k += 4)
        if (Math.abs(data[k] - r) + Math.abs(data[k + 1] - g) + Math.abs(data[k + 2] - b) < 6
            && data[k + 3] > 250) count += 1;
    return count;
}"""


def lowest(desk: Workspace) -> int:
    return desk.page.evaluate(LOWEST)


def test_portraits_move_with_time(desk: Workspace, tmp_path):
    desk.open_circuit(CIRCUIT, tmp_path)
    desk.fresh()
    desk.pause()
    desk.page.get_by_role("button", name="To the start").click()
    desk.until("kd.debug.time === 0")
    desk.page.wait_for_timeout(200)
    assert lowest(desk) == 0
    with desk.page.expect_response("**/api/portraits"):
        desk.page.get_by_role("button", name="Portraits").click()
    for _ in range(100):
        if lowest(desk) > 300:
            break
        desk.page.wait_for_timeout(100)
    # The left quarter of each portrait or the lower one is at or below -0.5 V, the ramp's end.
    assert lowest(desk) > 300
    desk.page.locator("#transport").get_by_label("Time", exact=True).first.press("End")
    desk.until("kd.debug.time === kd.debug.duration")
    desk.page.wait_for_timeout(300)
    assert lowest(desk) == 0
