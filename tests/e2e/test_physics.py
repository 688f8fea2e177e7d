"""What the screen says about an RC pair is what the formula says."""

import math
import re

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

TAU = 0.5  # s: two capacitors of 1 F in series behind 1 S
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
PREFIXES = {"": 1.0, "m": 1e-3, "µ": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "k": 1e3}

# Shift of the dots along a straight horizontal device from frame to frame, in pixels, summed.
DRIFT = """async ([ax, bx, y, frames]) => {
    const canvas = document.querySelector("#board .board-flow");
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    const row = () => {
        const [x0, x1] = [ax, bx].map((x) => Math.round((x - box.left) * scale));
        const { data } = canvas.getContext("2d")
            .getImageData(x0, Math.round((y - box.top) * scale), x1 - x0, 1);
        return Array.from({ length: data.length / 4 }, (_, k) => data[4 * k + 3]);
    };
    const overlap = (a, b, shift) => {
        let sum = 0;
        for (let k = 12; k < a.length - 12; k++) sum += a[k] * b[k + shift];
        return sum;
    };
    let total = 0;
    let before = row();
    for (let k = 0; k < frames; k++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = row();
        // Dots are 20 px apart and skip a frame in which they would move more than half of that.
        let best = 0;
        for (let shift = -9; shift <= 9; shift++) {
            if (overlap(before, now, shift) > overlap(before, now, best)) best = shift;
        }
        total += best;
        before = now;
    }
    return total;
}"""


def volts(text: str) -> float:
    """The number in a read-out such as "316 mV" or "1.3 × 10⁻⁷"."""
    clean = text.replace("−", "-").translate(SUPERSCRIPTS)
    found = re.match(r"(-?[\d.]+)(?:\s*×\s*10(-?\d+))?\s*([mµnpfk]?)", clean)
    assert found, text
    return float(found[1]) * 10 ** int(found[2] or 0) * PREFIXES[found[3]]


@pytest.fixture
def pair(desk: Workspace) -> Workspace:
    desk.open_example("RC pair")
    desk.pause()
    return desk


def test_the_voltage_shown_at_tau_is_that_of_the_formula(pair):
    pair.tab("circuit")
    samples = pair.page.get_by_label("Shown samples")
    samples.fill("301")
    samples.press("Enter")
    pair.until("kd.debug.sim.T === 301")
    pair.page.locator('#transport [data-command="restart"]').click()
    pair.page.locator("#board").focus()
    for _ in range(50):
        pair.press(".")
    assert pair.debug("time") == pytest.approx(TAU)
    assert pair.text("#transport .transport-time").startswith("0.500 s")
    exact = {"a": 0.5 + 0.5 * math.exp(-1), "b": 0.5 - 0.5 * math.exp(-1)}
    for id, value in exact.items():
        pair.select(id)
        pair.until(f"kd.debug.selection.nodes[0] === '{id}'")
        assert volts(pair.figure("Voltage")) == pytest.approx(value, rel=0.01)
        assert pair.debug(f"valueAt('{id}')") == pytest.approx(value, rel=1e-4)
    pair.select_device("r1")
    assert volts(pair.figure("Current")) == pytest.approx(math.exp(-1), rel=0.01)


def test_kirchhoffs_current_law_holds_on_screen(pair):
    pair.tab("circuit")
    shown = pair.figure("KCL residual")
    assert shown.endswith("✓")
    assert volts(shown.removesuffix("✓")) < 1e-5


def test_dots_run_with_the_current(pair):
    assert drift(pair) > 0
    for id, start in (("a", "0"), ("b", "1")):
        pair.select(id)
        field = pair.page.locator("#pane-node").get_by_label("Start voltage").first
        field.fill(start)
        field.press("Enter")
    pair.until("kd.debug.doc().nodes[1].voltage === 1")
    pair.fresh()
    pair.page.locator("#board").focus()
    assert drift(pair) < 0
    pair.select_device("r1")
    assert pair.figure("Current").startswith("−")


def drift(studio: Workspace) -> float:
    """Pixels by which the dots on r1 move from a to b while playing from the start."""
    (ax, ay), (bx, _) = studio.node_at("a"), studio.node_at("b")
    studio.page.locator('#transport [data-command="restart"]').click()
    studio.page.locator("#board").focus()
    studio.press("Space")
    studio.until("kd.debug.playing")
    moved = studio.page.evaluate(DRIFT, [ax + 40, ax + 0.4 * (bx - ax), ay, 40])
    studio.press("Space")
    studio.until("!kd.debug.playing")
    return moved
