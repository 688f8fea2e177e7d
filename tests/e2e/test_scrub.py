"""Dragging the scope: time, colours and every read-out follow to the same sample."""

import json
import time
from collections.abc import Callable

import pytest

from tests.e2e.test_physics import volts
from tests.e2e.workspace import PATIENCE_S, Workspace

pytestmark = pytest.mark.e2e

GLASS = "#scope .scope-glass"
# The colour the board's ramp has for a value, asked of the module that paints.
EXPECTED = """async ([value, range]) => {
    const { rampLevel, rampOf, themeColours } = await import("/assets/modules/paint/colours.mjs");
    const page = document.documentElement;
    const theme = themeColours(page.dataset.theme, getComputedStyle(page));
    return rampOf(theme, "voltages").rgb[rampLevel(value, range)];
}"""


@pytest.fixture
def ladder(desk: Workspace) -> Workspace:
    desk.open_example("RC ladder")
    desk.pause()
    desk.until("document.querySelector('#scope .uplot canvas')")
    return desk


def scrub(studio: Workspace, share: float, start: float | None = None) -> None:
    """Drag over the scope to a share of its width; the button stays down."""
    box = studio.box(GLASS)
    y = box["y"] + 0.4 * box["height"]
    if start is not None:
        studio.mouse.move(box["x"] + start * box["width"], y)
        studio.mouse.down()
    before = studio.debug("time")
    studio.mouse.move(box["x"] + share * box["width"], y, steps=5)
    studio.until(f"kd.debug.time !== {before}")
    two_frames(studio)


def two_frames(studio: Workspace) -> None:
    """Pointer moves are handled and painted with the frame that follows them."""
    studio.page.evaluate("""() => new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
    })""")


def agree(studio: Workspace, id: str, largest: float) -> tuple[float, list[int]]:
    """Everything on screen tells of the same time; returns it with the colour of the node."""
    two_frames(studio)
    now, value = studio.debug("time"), studio.debug(f"valueAt({json.dumps(id)})")
    shown = studio.text("#transport .transport-time").partition(" s")[0]
    assert float(shown) == pytest.approx(now, abs=0.5 * 10 ** -len(shown.partition(".")[2]))
    figure = settled(lambda: studio.figure("Voltage"), value)
    assert volts(figure) == pytest.approx(value, rel=6e-3)
    entry = studio.page.locator("#scope .scope-entry", has_text=id).locator(".scope-value")
    assert volts(settled(entry.inner_text, value)) == pytest.approx(value, rel=6e-3)
    x, y = studio.node_at(id)
    colour = studio.pixel((x, y + 14))[:3]
    expected = studio.page.evaluate(EXPECTED, [value, largest])
    assert max(abs(a - b) for a, b in zip(colour, expected, strict=True)) <= 3
    return now, colour


def settled(read: Callable[[], str], value: float) -> str:
    """A read-out once it shows `value`, or what it shows at last: read-outs follow playback."""
    deadline = time.monotonic() + PATIENCE_S
    while abs(volts(text := read()) - value) > 6e-3 * abs(value) and time.monotonic() < deadline:
        time.sleep(0.02)
    return text


def test_scope_canvas_and_readouts_tell_of_one_time(ladder):
    id = ladder.debug("doc().nodes[2].id")
    ladder.select(id)
    largest = ladder.page.evaluate("""async () => {
        const { decode } = await import("/assets/modules/play/trajectory.mjs");
        const answer = await fetch(`/api/sim/${kd.debug.sim.hash}.bin`);
        return decode(await answer.arrayBuffer()).ranges("voltages").v;
    }""")
    scrub(ladder, 0.3, start=0.2)
    early = agree(ladder, id, largest)
    scrub(ladder, 0.85)
    late = agree(ladder, id, largest)
    assert late[0] > early[0]
    assert late[1] != early[1]
    scrub(ladder, 0.3)
    back = agree(ladder, id, largest)
    ladder.mouse.up()
    assert back[0] == pytest.approx(early[0], rel=1e-9)
    assert back[1] == early[1]
    # Released, the cursor no longer follows the pointer.
    box = ladder.box(GLASS)
    ladder.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    assert ladder.debug("time") == back[0]
    assert ladder.text("#scope .tip-head").startswith("t =")


def test_the_cursor_stands_where_the_pointer_is(ladder):
    scrub(ladder, 0.5, start=0.3)
    box = ladder.box(GLASS)
    cursor = ladder.box("#scope .scope-cursor")
    middle = cursor["x"] + cursor["width"] / 2
    assert middle == pytest.approx(box["x"] + 0.5 * box["width"], abs=2)
    ladder.mouse.up()


def test_plays_backwards_and_steps(ladder):
    scrub(ladder, 0.5, start=0.45)
    ladder.mouse.up()
    ladder.page.locator("#board").focus()
    moment = ladder.debug("time")
    ladder.press(",")
    assert ladder.debug("time") < moment
    ladder.press(".", ".")
    assert ladder.debug("time") > moment
    ladder.press("Shift+Space")
    ladder.press("Space")
    ladder.until(f"kd.debug.direction === -1 && kd.debug.time < {0.8 * moment}")
    ladder.pause()


# A headless browser has every tab in sight: only what it would say of a hidden one is imitated.
HIDE = """async (hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
    const before = kd.debug.frame;
    for (let k = 0; k < 8; k++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return kd.debug.frame - before;
}"""


def test_a_hidden_tab_paints_nothing(ladder):
    ladder.page.locator("#board").focus()
    ladder.press("Space")
    ladder.until("kd.debug.playing && kd.debug.frame > 5")
    assert ladder.page.evaluate(HIDE, True) <= 1
    assert ladder.page.evaluate(HIDE, False) >= 4


def test_reduced_motion_shows_arrows_and_no_dots(shared_studio, open_studio):
    calm: Workspace = open_studio(shared_studio, reduced_motion="reduce")
    calm.open_example("RC pair")
    calm.pause()
    (ax, ay), (bx, _) = calm.node_at("a"), calm.node_at("b")
    stripes = """async ([ax, bx, y]) => {
        const canvas = document.querySelector("#board .board-flow");
        const box = canvas.getBoundingClientRect();
        const scale = canvas.width / box.width;
        const { data } = canvas.getContext("2d").getImageData(
            Math.round((ax - box.left) * scale), Math.round((y - box.top) * scale),
            Math.round((bx - ax) * scale), 1);
        const alpha = Array.from({ length: data.length / 4 }, (_, k) => data[4 * k + 3]);
        const base = [...alpha].sort((a, b) => a - b)[alpha.length >> 1];
        const places = [];
        alpha.forEach((a, k) => {
            if (a > base + 40 && (k === 0 || !(alpha[k - 1] > base + 40))) places.push(k);
        });
        return places;
    }"""
    line = [ax + 30, bx - 30, ay]
    arrows = calm.page.evaluate(stripes, line)
    assert 1 <= len(arrows) <= 3
    calm.page.locator("#board").focus()
    frames = calm.debug("frame")
    calm.press("Space")
    calm.until(f"kd.debug.frame > {frames + 10}")
    # An arrow is as large as its current, so where it begins may change by a pixel; a dot wanders.
    assert calm.page.evaluate(stripes, line) == pytest.approx(arrows, abs=2)
