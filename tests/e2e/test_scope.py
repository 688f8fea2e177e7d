"""The scope by pointer and wheel, and what opening a circuit asks of the server."""

import math
import time
from collections.abc import Callable

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

GLASS = "#scope .scope-glass"
PLOT = "#scope .u-over"
CURVES = "document.querySelector('#scope .uplot canvas')"
# How many pixels of the scope's canvas, and in which columns, have about the colour of an element.
COLOURED = """([selector, k]) => {
    const swatch = document.querySelectorAll(selector)[k];
    const want = getComputedStyle(swatch).backgroundColor.match(/\\d+/g).map(Number);
    const canvas = document.querySelector("#scope .uplot canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const columns = new Set();
    for (let p = 0; p < data.length; p += 4) {
        const off = Math.max(...want.map((value, c) => Math.abs(data[p + c] - value)));
        if (data[p + 3] > 200 && off < 12) columns.add((p / 4) % width);
    }
    return [...columns].sort((a, b) => a - b);
}"""
# Where a curve runs: its voltage half way, as a share of the plot's height from above.
HALF_WAY = """async (id) => {
    const { decode } = await import("/assets/modules/play/trajectory.mjs");
    const { curvesOf } = await import("/assets/modules/panels/traces.mjs");
    const answer = await fetch(`/api/sim/${kd.debug.sim.hash}.bin`);
    const sim = decode(await answer.arrayBuffer());
    const ids = [...document.querySelectorAll("#scope .scope-id")].map((one) => one.textContent);
    const [low, high] = curvesOf(sim, "voltages", { what: "nodes", ids }).values;
    return (high - sim.valueAt(id, sim.duration / 2)) / (high - low);
}"""
# The colours at the right edge of the heat map, from above.
EDGE = """() => {
    const canvas = document.querySelector("#scope .uplot canvas");
    const [box, plot] = [canvas, document.querySelector("#scope .u-over")]
        .map((one) => one.getBoundingClientRect());
    const scale = canvas.width / box.width;
    const x = Math.round((plot.right - 3 - box.left) * scale);
    const [y, height] = [plot.top - box.top + 2, plot.height - 4].map((n) => Math.round(n * scale));
    const pixels = canvas.getContext("2d").getImageData(x, y, 1, height).data;
    const rows = [];
    for (let k = 0; k < pixels.length; k += 4) rows.push([...pixels.slice(k, k + 4)]);
    return rows.filter((row) => row[3] === 255).map((row) => row.slice(0, 3));
}"""
RAMP = """async () => {
    const { rampOf, themeColours } = await import("/assets/modules/paint/colours.mjs");
    const page = document.documentElement;
    return rampOf(themeColours(page.dataset.theme, getComputedStyle(page)), "voltages").rgb;
}"""


@pytest.fixture
def ladder(desk: Workspace) -> Workspace:
    desk.open_example("RC ladder")
    desk.pause()
    desk.until(CURVES)
    return desk


def test_a_circuit_opens_and_plays_without_plotly(shared_studio, open_studio: Callable):
    fresh: Workspace = open_studio(shared_studio, alone=True)
    asked: list[str] = []
    fresh.page.on("request", lambda request: asked.append(request.url))
    fresh.open_example("RC pair")
    fresh.until(CURVES)
    fresh.page.locator("#board").focus()
    if not fresh.debug("playing"):
        fresh.press("Space")
    fresh.until("kd.debug.playing && kd.debug.time > 0.2 * kd.debug.duration")
    fresh.page.locator("#scope [data-command=heat-map]").click()
    fresh.until("document.querySelector('#scope').dataset.view === 'heat'")
    assert [url for url in asked if "/vendor/uplot/" in url]
    assert [url for url in asked if "plotly" in url] == []


def test_every_curve_runs_from_edge_to_edge(ladder):
    plot, canvas = ladder.box(PLOT), ladder.box("#scope .uplot canvas")
    near = 0.03 * plot["width"]  # the beginning of a curve may lie under others
    ids = ladder.page.locator("#scope .scope-id").count()
    assert ids > 1
    for k in range(ids):
        columns = ladder.page.evaluate(COLOURED, ["#scope .scope-legend .scope-swatch", k])
        assert columns[0] == pytest.approx(plot["x"] - canvas["x"], abs=near)
        assert columns[-1] == pytest.approx(plot["x"] + plot["width"] - canvas["x"], abs=near)


def test_a_click_on_a_curve_selects_it_and_a_drag_does_not(ladder):
    id = ladder.page.locator("#scope .scope-id").nth(1).inner_text()
    share = ladder.page.evaluate(HALF_WAY, id)
    plot = ladder.box(PLOT)
    x, y = plot["x"] + 0.5 * plot["width"], plot["y"] + share * plot["height"]
    ladder.mouse.move(x - 60, y)
    ladder.mouse.down()
    ladder.mouse.move(x, y, steps=4)
    ladder.mouse.up()
    assert ladder.debug("selection") == {"nodes": [], "devices": []}
    assert ladder.debug("time") == pytest.approx(0.5 * ladder.debug("duration"), rel=0.02)
    ladder.mouse.click(x, y)
    ladder.until("kd.debug.selection.nodes.length === 1")
    assert ladder.debug("selection.nodes") == [id]


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_shows_all(ladder):
    plot = ladder.box(PLOT)
    x, y = plot["x"] + 0.75 * plot["width"], plot["y"] + 5

    def time_at(place: float) -> float:
        ladder.mouse.click(place, y)
        return ladder.debug("time") / ladder.debug("duration")

    ladder.mouse.move(x, y)
    for _ in range(4):
        ladder.mouse.wheel(0, -100)
    seen = f"document.querySelector('{GLASS} .scope-cursor').hidden"
    ladder.press("Home")
    ladder.until(seen)
    assert time_at(x) == pytest.approx(0.75, abs=0.005)
    assert time_at(plot["x"] + 1) == pytest.approx(0.75 * (1 - 0.8**4), abs=0.01)
    ladder.mouse.dblclick(plot["x"] + 1, y)
    middle, deadline = plot["x"] + 0.5 * plot["width"], time.monotonic() + 20
    while (found := time_at(middle)) != pytest.approx(0.5, abs=0.005):
        assert time.monotonic() < deadline, f"{found} of the duration in the middle"
        ladder.page.wait_for_timeout(50)


def test_the_heat_map_has_the_colours_of_the_board(ladder):
    ladder.page.locator("#scope [data-command=heat-map]").click()
    ladder.until("document.querySelector('#scope').dataset.view === 'heat'")
    ladder.until(f"({EDGE})().length > 50")
    ramp = ladder.page.evaluate(RAMP)
    for shown in ladder.page.evaluate(EDGE):
        off = min(max(abs(a - b) for a, b in zip(shown, rgb, strict=True)) for rgb in ramp)
        assert off <= 3  # colours between two levels of the ramp are there, too
    ladder.page.locator("#scope [data-command=heat-map]").click()


def test_two_cursors_read_the_exact_course_and_are_moved_by_keys(desk):
    desk.open_example("RC pair")
    desk.pause()
    desk.until(CURVES)
    desk.page.locator("#scope [data-command=cursors]").click()
    first = desk.page.locator("#scope .scope-mark").first
    time_a = float(first.get_attribute("aria-valuenow") or "nan")
    first.press("ArrowRight")
    assert float(first.get_attribute("aria-valuenow") or "nan") > time_a
    a, b = (
        float(mark.get_attribute("aria-valuenow") or "nan")
        for mark in desk.page.locator("#scope .scope-mark").all()
    )
    # Both nodes meet at half the charge with time constant 0.5 s.
    exact = 0.5 * (math.exp(-2 * b) - math.exp(-2 * a))
    node = desk.document()["nodes"][0]["id"]
    va, vb = desk.page.evaluate("([id, at]) => kd.debug.voltagesAt(id, at)", [node, [a, b]])
    assert vb - va == pytest.approx(exact, abs=2e-4)
    row = desk.page.locator("#scope .scope-readings tbody tr", has_text=node).first
    delta = row.locator("td").nth(2).inner_text().replace("−", "-")
    value, unit = delta.split()
    assert float(value) * {"V": 1, "mV": 1e-3}[unit] == pytest.approx(exact, rel=5e-3)
    desk.page.locator("#scope [data-command=portrait]").click()
    desk.until("document.querySelector('#scope .portrait-canvas').width > 300")
    assert desk.page.locator("#scope .scope-readings").is_hidden()
    desk.page.locator("#scope [data-command=portrait]").click()
    desk.page.locator("#scope [data-command=cursors]").click()
