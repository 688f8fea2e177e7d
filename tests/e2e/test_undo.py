"""Twenty mixed edits, all taken back, all done again, and the view stays as it was."""

from collections.abc import Callable

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e


@pytest.fixture
def pair(desk: Workspace) -> Workspace:
    desk.open_example("RC pair")
    desk.mode("build")
    desk.lane("currents")
    desk.pause()
    return desk


def slide(studio: Workspace, share: float) -> None:
    """Drag the slider of device r1 from its middle to a share of its width."""
    studio.select_device("r1")
    box = studio.box("#pane-device .field-slider")
    y = box["y"] + box["height"] / 2
    start = (box["x"] + box["width"] / 2, y)
    studio.drag(start, (box["x"] + share * box["width"], y), steps=12)


def edits(studio: Workspace) -> list[Callable[[], object]]:
    """Twenty edits, each one step of undo; nodes are told apart by where they come in the list."""
    page = studio.page

    def last() -> str:
        return studio.debug("doc().nodes.at(-1).id")

    def typed(label: str, text: str) -> None:
        field = page.locator("#inspector .pane:not([hidden])").get_by_label(label).first
        field.fill(text)
        field.press("Enter")
        field.press("Escape")

    def move(id: str, dx: float, dy: float) -> None:
        x, y = studio.node_at(id)
        studio.drag((x, y), (x + dx, y + dy))

    def rename(name: str) -> None:
        studio.press("F2")
        page.locator(".board-rename").fill(name)
        page.locator(".board-rename").press("Enter")

    def voltage() -> None:
        studio.select("b")
        typed("Start voltage", "0.25")

    def kind() -> None:
        studio.select_device("r1")
        page.locator("#pane-device select[aria-label='Kind']").select_option("tanh_diff")

    def pick(id: str, *keys: str) -> None:
        studio.select(id)
        studio.press(*keys)

    return [
        lambda: studio.add_node(180, 120),
        lambda: studio.add_node(180, 320),
        lambda: studio.connect("a", last()),
        lambda: slide(studio, 0.8),
        lambda: move("b", 30, 50),
        voltage,
        lambda: pick("b", "Shift+g"),
        lambda: studio.press("Shift+r"),
        lambda: pick("a", "o"),
        lambda: (studio.select(last()), rename("corner")),
        lambda: studio.press("Control+d"),
        lambda: studio.press("Shift+ArrowRight"),
        lambda: studio.press("Delete"),
        kind,
        lambda: typed("Name of the device", "coupling"),
        lambda: page.locator("#pane-device .field-check input").click(),
        lambda: studio.press("Delete"),
        lambda: pick("corner", "Control+c", "Control+v"),
        lambda: studio.press("i"),
        lambda: (page.locator("#circuit-name").fill("Edited"), page.keyboard.press("Enter")),
    ]


def test_twenty_edits_and_back(pair):
    pair.settled()
    start = {name: pair.debug(name) for name in ("lane", "playing", "mode", "time")}
    view = pair.settled()
    trail = [pair.debug("hash()")]
    for number, edit in enumerate(edits(pair), 1):
        edit()
        pair.until(f"/* edit {number} */ kd.debug.hash() !== '{trail[-1]}'", seconds=15)
        trail.append(pair.debug("hash()"))
        # The circuit takes the keys again, wherever the edit left the focus.
        pair.page.locator("#board").focus()
    assert len(trail) == 21
    pair.fresh()

    for wanted in reversed(trail[:-1]):
        pair.press("Control+z")
        pair.until(f"kd.debug.hash() === '{wanted}'", seconds=15)
    pair.page.locator('#topbar [data-command="undo"]:disabled').wait_for()
    pair.fresh()
    assert {name: pair.debug(name) for name in start} == start
    assert pair.settled() == view

    for wanted in trail[1:]:
        pair.press("Control+Shift+z")
        pair.until(f"kd.debug.hash() === '{wanted}'", seconds=15)
    pair.page.locator('#topbar [data-command="redo"]:disabled').wait_for()
    pair.fresh()
    assert {name: pair.debug(name) for name in start} == start
    assert pair.settled() == view
    pair.saved()


def test_a_slider_drag_is_one_step_and_the_buttons_work_too(pair):
    def state() -> tuple[str, float]:
        return pair.debug("hash()"), pair.debug("doc().slices[0].devices[0].params.conductance")

    before = state()
    slide(pair, 0.9)
    pair.until(f"kd.debug.hash() !== '{before[0]}'")
    after = state()
    assert after[1] != before[1]
    pair.page.locator('#topbar [data-command="undo"]').click()
    pair.until(f"kd.debug.hash() === '{before[0]}'")
    assert state() == before
    pair.page.locator('#topbar [data-command="redo"]').click()
    pair.until(f"kd.debug.hash() === '{after[0]}'")
    assert state() == after
