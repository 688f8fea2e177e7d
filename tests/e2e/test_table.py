"""The circuit beside the board: found by name, edited as a table, reached past it by keys."""

import json
from typing import Any

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

FOCUS = "document.activeElement"
CELL = f"{FOCUS}.dataset.name"


@pytest.fixture(scope="module")
def pair() -> dict[str, Any]:
    """Two nodes and a resistor, as a file."""
    nodes = [
        {"id": "n1", "voltage": 1.0, "role": "input", "label": "charged", "x": 0, "y": 0},
        {"id": "n2", "role": "output", "x": 200, "y": 40},
        {"id": "n3", "x": 90, "y": 160},
    ]
    devices = [{"id": "R", "kind": "resistor", "source": "n1", "target": "n2"}]
    slices = [{"duration": 1.0, "devices": devices}]
    return {
        "format": "kirchhoff-circuit/1", "name": "Pair", "nodes": nodes, "slices": slices,
    }  # fmt: skip


@pytest.fixture
def bench(desk: Workspace, pair, tmp_path) -> Workspace:
    desk.open_circuit(pair, tmp_path)
    desk.fresh()
    return desk


def test_a_circuit_is_edited_as_a_table_by_keys_alone(bench):
    bench.page.locator("#board").focus()
    bench.press("Shift+Digit6")
    bench.until(f"{CELL} === 'id'")
    before = bench.debug("hash()")
    bench.press("ArrowDown", "ArrowRight")
    bench.page.keyboard.type("empty")  # a letter opens the cell
    bench.press("Tab")
    bench.until("kd.debug.doc().nodes[1].label === 'empty'")
    assert bench.page.evaluate(f"() => {CELL}") == "voltage"
    assert bench.debug("selection") == {"nodes": ["n2"], "devices": []}
    bench.page.keyboard.type("much")
    bench.press("Enter")
    bench.until(f"{FOCUS}.getAttribute('aria-invalid') === 'true'")
    assert "Not a number" in bench.page.evaluate(f"() => {FOCUS}.validationMessage")
    bench.press("Escape")
    bench.page.keyboard.type("250m")
    bench.press("Enter")
    bench.until("kd.debug.doc().nodes[1].voltage === 0.25")
    bench.press("Control+z", "Control+z")
    bench.until(f"kd.debug.hash() === {json.dumps(before)}")
    assert bench.page.evaluate(f"() => {CELL}") == "voltage"  # the focus stays in the sheet

    bench.page.locator("#sheet [data-sheet=devices]").click()
    row = bench.page.locator("#sheet tbody tr")
    assert row.locator("td[data-name=target]").inner_text() == "n2"
    row.locator("td[data-name=target]").dblclick()
    bench.page.keyboard.type("ground")
    bench.press("Enter")
    bench.until("kd.debug.doc().slices[0].devices[0].target === 'gnd'")
    bench.press("Control+z", "Escape")
    bench.until("document.activeElement.id === 'board'")


def test_nodes_are_found_lined_up_and_passed(bench):
    bench.press("Control+f")
    bench.page.keyboard.type("charg")
    bench.until("document.querySelector('#palette-list [role=option]')")
    bench.press("Enter")
    bench.until("kd.debug.selection.nodes[0] === 'n1'")
    x, y = bench.node_at("n1")
    board = bench.box("#board")
    assert (x, y) == pytest.approx(
        (board["x"] + board["width"] / 2, board["y"] + board["height"] / 2), abs=3
    )
    bench.press("Control+a", "Control+k")
    bench.page.keyboard.type("Align top")
    bench.press("Enter")
    bench.until("kd.debug.doc().nodes.every(({ y }) => y === 0)")
    bench.press("Control+z")
    bench.until("kd.debug.doc().nodes[2].y === 160")

    bench.page.locator("#board").focus()
    passed = []
    for _ in range(5):
        bench.press("F6")
        passed.append(
            bench.page.evaluate(
                f"() => {FOCUS}.closest('#topbar, #toolstrip, #board, #side, #dock').id"
            )
        )
    assert passed == ["side", "dock", "topbar", "toolstrip", "board"]
