"""The same circuit drawn by mouse, by touch and by keyboard alone."""

from typing import Any

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

PLACES = ((220, 180), (520, 180), (520, 330))
LAW = ("resistor", {"conductance": 1})
DRAWN = (
    [("n1", "hidden", 0), ("n2", "hidden", 0), ("n3", "hidden", 0)],
    [("d1", "n1", "n2", *LAW), ("d2", "n2", "n3", *LAW)],
)


def wiring(document: dict[str, Any]) -> tuple:
    """What a circuit is without its places on the board."""
    nodes = [(node["id"], node["role"], node["voltage"]) for node in document["nodes"]]
    devices = [
        (d["id"], d["source"], d["target"], d["kind"], d["params"])
        for part in document["slices"]
        for d in part["devices"]
    ]
    return nodes, devices


@pytest.fixture
def board(desk: Workspace) -> Workspace:
    desk.new_circuit()
    return desk


def test_drawn_by_mouse_comes_back_after_a_reload(board):
    nodes = [board.add_node(*place) for place in PLACES]
    board.connect(nodes[0], nodes[1])
    board.connect(nodes[1], nodes[2])
    assert wiring(board.document()) == DRAWN
    board.mouse.dblclick(*board.node_at(nodes[1]))
    board.page.locator(".board-rename").fill("middle")
    board.press("Enter")
    board.until("kd.debug.doc().nodes[1].id === 'middle'")
    board.saved()
    drawn = board.document()
    assert [node["id"] for node in drawn["nodes"]] == [nodes[0], "middle", nodes[2]]
    ends = [(d["source"], d["target"]) for d in drawn["slices"][0]["devices"]]
    assert ends == [(nodes[0], "middle"), ("middle", nodes[2])]

    board.page.reload()
    board.until("window.kd?.debug.doc()?.nodes.length === 3 && kd.debug.viewport()")
    again = board.document()
    assert wiring(again) == wiring(drawn)
    for before, after in zip(drawn["nodes"], again["nodes"], strict=True):
        assert abs(before["x"] - after["x"]) <= 1
        assert abs(before["y"] - after["y"]) <= 1
    # The nodes stand where the pointer finds them, too.
    board.select("middle")
    assert board.debug("selection") == {"nodes": ["middle"], "devices": []}


def test_nodes_land_under_the_pointer(board):
    for place in PLACES:
        id = board.add_node(*place)
        box = board.box("#board")
        x, y = board.node_at(id)
        assert abs(x - box["x"] - place[0]) <= 2
        assert abs(y - box["y"] - place[1]) <= 2


def test_a_drag_moves_the_node_and_keeps_the_wires(board):
    nodes = [board.add_node(*place) for place in PLACES[:2]]
    board.connect(*nodes)
    start = board.node_at(nodes[1])
    board.drag(start, (start[0] + 90, start[1] + 60))
    board.until(f"kd.debug.doc().nodes[1].y > {board.document()['nodes'][0]['y']} + 30")
    x, y = board.node_at(nodes[1])
    assert (x, y) == pytest.approx((start[0] + 90, start[1] + 60), abs=2)
    assert len(board.document()["slices"][0]["devices"]) == 1


def test_boxes_copies_and_deletes(board):
    nodes = [board.add_node(*place) for place in PLACES]
    board.connect(nodes[0], nodes[1])
    box = board.box("#board")
    board.drag((box["x"] + 120, box["y"] + 110), (box["x"] + 620, box["y"] + 250))
    board.until("kd.debug.selection.nodes.length === 2")
    assert board.debug("selection.nodes") == nodes[:2]
    board.press("Control+c", "Control+v")
    board.until("kd.debug.doc().nodes.length === 5")
    assert len(board.document()["slices"][0]["devices"]) == 2
    board.press("Control+d")
    board.until("kd.debug.doc().nodes.length === 7")
    board.press("Delete")
    board.until("kd.debug.doc().nodes.length === 5")
    assert nodes == [node["id"] for node in board.document()["nodes"]][:3]


def test_a_self_loop_and_a_double_name_are_refused_in_words(board):
    first, second = (board.add_node(*place) for place in PLACES[:2])
    board.connect(first, second)
    board.press("e")
    x, y = board.node_at(first)
    board.mouse.move(x, y)
    board.mouse.down()
    board.mouse.move(x + 60, y - 60, steps=4)
    board.mouse.move(x, y, steps=4)
    board.mouse.up()
    board.press("Escape", "v")
    assert len(board.document()["slices"][0]["devices"]) == 1
    board.mouse.dblclick(*board.node_at(second))
    board.page.locator(".board-rename").fill(first)
    board.press("Enter")
    field = board.page.locator(".board-rename")
    assert first in field.evaluate("(input) => input.validationMessage")
    board.press("Escape")
    assert [node["id"] for node in board.document()["nodes"]] == [first, second]


def test_keyboard_alone_draws_what_the_mouse_draws(shared_studio, open_studio):
    keys: Workspace = open_studio(shared_studio)
    keys.until("document.getElementById('gallery-new').offsetParent !== null")
    walk_to(keys, "document.activeElement.id === 'gallery-new'")
    keys.press("Enter")
    keys.until("kd.debug.doc() && kd.debug.viewport()")
    walk_to(keys, "document.activeElement.id === 'board'")
    keys.press("n", "Enter")
    keys.until("kd.debug.doc().nodes.length === 1")
    keys.press("Escape", "c", "n")
    keys.until("kd.debug.doc().nodes.length === 2")
    keys.press("c", "n")
    keys.until("kd.debug.doc().nodes.length === 3")
    assert wiring(keys.document()) == DRAWN
    # Walk back to the first node and join it to the second by arrows.
    keys.press("ArrowLeft", "ArrowLeft")
    keys.until("kd.debug.selection.nodes[0] === 'n1'")
    keys.press("c", "ArrowRight", "Enter")
    keys.until("kd.debug.doc().slices[0].devices.length === 3")
    last = keys.document()["slices"][0]["devices"][-1]
    assert (last["source"], last["target"]) == ("n1", "n2")
    keys.press("Control+z")
    keys.until("kd.debug.doc().slices[0].devices.length === 2")
    assert wiring(keys.document()) == DRAWN


def walk_to(studio: Workspace, reached: str) -> None:
    """Press Tab until the focus is where `reached` says."""
    for _ in range(60):
        if studio.page.evaluate(f"() => {reached}"):
            return
        studio.press("Tab")
    raise AssertionError(f"60 presses of Tab do not lead to: {reached}")


def test_fingers_draw_what_the_mouse_draws(shared_studio, open_studio):
    touch: Workspace = open_studio(shared_studio, has_touch=True)
    touch.page.locator("#gallery-new").tap()
    touch.until("kd.debug.doc() && kd.debug.viewport()")
    fingers = touch.page.context.new_cdp_session(touch.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        fingers.send("Input.dispatchTouchEvent", {
            "type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points],
        })  # fmt: skip

    touch.page.locator('#toolstrip [data-argument="node"]').tap()
    touch.until("kd.debug.tool === 'node'")
    frame = touch.box("#board")
    for count, (x, y) in enumerate(PLACES, 1):
        touch.page.touchscreen.tap(frame["x"] + x, frame["y"] + y)
        touch.until(f"kd.debug.doc().nodes.length === {count}")
    touch.page.locator('#toolstrip [data-argument="device"]').tap()
    touch.until("kd.debug.tool === 'device'")
    for count, (source, target) in enumerate((("n1", "n2"), ("n2", "n3")), 1):
        (ax, ay), (bx, by) = touch.node_at(source), touch.node_at(target)
        send("touchStart", (ax, ay))
        for k in range(1, 9):
            send("touchMove", (ax + (bx - ax) * k / 8, ay + (by - ay) * k / 8))
        send("touchEnd")
        touch.until(f"kd.debug.doc().slices[0].devices.length === {count}")
    assert wiring(touch.document()) == DRAWN


def test_the_menu_acts_on_what_is_under_the_pointer(board):
    nodes = [board.add_node(*place) for place in PLACES[:2]]
    menu = board.page.locator(".board-menu")
    board.mouse.click(*board.node_at(nodes[1]), button="right")
    board.until("document.activeElement.closest('.board-menu')")
    assert board.debug("selection") == {"nodes": [nodes[1]], "devices": []}
    menu.get_by_text("Connect to ground").click()
    board.until("kd.debug.doc().slices[0].devices.length === 1")
    assert not menu.is_visible()
    device = board.document()["slices"][0]["devices"][0]
    assert (device["source"], device["target"]) == (nodes[1], "gnd")

    board.mouse.click(*board.node_at(nodes[0]), button="right")
    for key in ("End", "Home", "Escape"):
        board.press(key)
    board.until("document.querySelector('.board-menu').hidden")
    assert len(board.document()["nodes"]) == 2
