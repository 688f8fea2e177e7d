"""Operating point, poles and Bode plot as they stand on the page, against formulas and scipy."""

import copy
import csv
import json
import math
from typing import Any

import numpy as np
import pytest
from scipy import signal

from backend import Circuit
from backend.simulation.operating_point import operating_point
from tests.e2e.test_general import COMPILING_S, field, solved
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

MINUS = "\u2212"


def bode(desk: Workspace) -> None:
    """Open the Bode plot of the circuit on the board and wait for its curves."""
    if desk.debug("dockView") != "frequency":
        desk.page.locator('#lane-switch [data-command="bode"]').click()
    drawn(desk)


def drawn(desk: Workspace) -> None:
    """Wait until the plot shows the newest answer."""
    desk.until(
        "kd.debug.response.state === 'fresh' && kd.debug.rest.state === 'fresh' && "
        "JSON.stringify(document.querySelector('#bode-plot .figure')?.data?.[0]?.y) === "
        "JSON.stringify(kd.debug.response.answer.decibels[0])"
    )


def curves(desk: Workspace, node: str) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and complex response of a node as they were given to the plot."""
    lines = desk.page.evaluate(
        "() => document.querySelector('#bode-plot .figure').data"
        ".map(({ name, x, y, yaxis }) => ({ name, x, y, yaxis }))"
    )
    size, angle = (
        next(line for line in lines if line["name"] == node and line["yaxis"] == axis)
        for axis in ("y", "y2")
    )
    amplitude = 10 ** (np.array(size["y"], float) / 20)
    return np.array(size["x"]), amplitude * np.exp(1j * np.radians(np.array(angle["y"], float)))


def rest(desk: Workspace) -> None:
    desk.tab("rest")
    desk.until("kd.debug.rest.state === 'fresh'", COMPILING_S)
    desk.until("document.querySelector('#pane-rest .rest-nodes')?.children.length > 0")


def rows(desk: Workspace, what: str) -> dict[str, str]:
    """Names and values in a list of the tab At rest."""
    found = desk.page.locator(f"#pane-rest .rest-{what} .device-row")
    return {
        row.locator(".device-id").inner_text(): row.locator(".rest-value").inner_text()
        for row in found.all()
    }


def table(desk: Workspace) -> list[list[str]]:
    return [
        [cell.inner_text() for cell in row.locator("th, td").all()]
        for row in desk.page.locator("#pane-rest .pole-table tbody tr").all()
    ]


def test_a_low_pass_is_seen_to_bend_at_its_pole(desk: Workspace):
    """R = 1 kohm, C = 1 uF: v = 1 / (1 + j f / 159.2 Hz)."""
    desk.open_example("RC low-pass")
    solved(desk)
    rest(desk)
    assert desk.text("#pane-rest .rest-unique") == (
        "Unique: its equations are linear and have an inverse."
    )
    assert "Condition number" in desk.text("#pane-rest .rest-condition")
    assert table(desk) == [[f"{MINUS}1.00k", "159 Hz", "1.00 ms", "1.00"]]
    assert desk.page.locator("#pane-rest .poles .pole").count() == 1
    assert desk.text(".rest-verdict").startswith("Stable")
    bode(desk)
    f, found = curves(desk, "out")
    np.testing.assert_allclose(found, 1 / (1 + 2j * np.pi * f * 1e-3), rtol=1e-9)
    corner = 1000 / (2 * math.pi)
    assert np.interp(np.log(corner), np.log(f), 20 * np.log10(abs(found))) == pytest.approx(
        -10 * math.log10(2), abs=2e-3
    )
    # The plot is really there, with a line in either half.
    assert desk.page.locator("#bode-plot .scatterlayer .js-line").count() == 2
    assert desk.page.locator("#bode-plot").get_by_text("Magnitude (dB)").is_visible()

    # An edit moves the pole: ten times the conductance, ten times the frequency.
    desk.mode("build")
    desk.select_device("R1")
    field(desk, "device", "Conductance in S").first.fill("10m")
    desk.press("Enter")
    desk.until(
        "kd.debug.rest.state === 'fresh' && Math.abs(kd.debug.rest.answer.poles[0].real + 1e4) < 1"
    )
    drawn(desk)
    f, found = curves(desk, "out")
    np.testing.assert_allclose(found, 1 / (1 + 2j * np.pi * f * 1e-4), rtol=1e-9)


def test_a_resonance_is_that_of_scipy_whatever_range_is_chosen(desk: Workspace, tmp_path):
    desk.open_example("RLC step")
    solved(desk)
    bode(desk)
    rest(desk)
    assert table(desk) == [[f"{MINUS}1.00k ± 9.95kj", "1.59 kHz", "1.00 ms", "0.100"]]
    system = signal.TransferFunction([1.0], [1e-2 * 1e-6, 20 * 1e-6, 1.0])
    f, found = curves(desk, "out")
    np.testing.assert_allclose(found, signal.freqresp(system, 2 * np.pi * f)[1], rtol=1e-9)
    peak = 1 / (0.2 * math.sqrt(1 - 0.01))
    assert abs(found).max() == pytest.approx(peak, rel=1e-9)

    fields = desk.page.locator(".bode-range")
    fields.get_by_label("From in Hz").fill("1k")
    desk.press("Enter")
    fields.get_by_label("To in Hz").fill("3k")
    desk.press("Enter")
    desk.until("kd.debug.response.answer?.frequencies.at(-1) === 3000")
    drawn(desk)
    desk.page.locator('.bode-node[data-node="mid"]').click()
    desk.until("kd.debug.response.answer?.nodes.length === 2")
    drawn(desk)
    f, found = curves(desk, "mid")
    assert f[0] == 1000
    assert f[-1] == 3000
    _, out = curves(desk, "out")
    np.testing.assert_allclose(found, out * (1 - (2 * np.pi * f) ** 2 * 1e-8), rtol=1e-9)

    with desk.page.expect_download() as waiting:
        desk.page.locator('.bode-side [data-command="bode-csv"]').click()
    waiting.value.save_as(tmp_path / "bode.csv")
    head, *lines = csv.reader((tmp_path / "bode.csv").read_text(encoding="utf-8").splitlines())
    assert waiting.value.suggested_filename == "RLC-step-bode.csv"
    assert head == ["f [Hz]", "out [dB]", "out [deg]", "mid [dB]", "mid [deg]"]
    kept = np.array(lines, float)
    np.testing.assert_allclose(kept[:, 0], f, rtol=1e-9)
    np.testing.assert_allclose(10 ** (kept[:, 3] / 20), abs(found), rtol=1e-8)


def test_a_pair_is_seen_to_amplify_as_its_operating_points_differ(desk: Workspace):
    desk.open_example("Bipolar differential pair")
    solved(desk)
    rest(desk)
    circuit = desk.document()

    def shifted(volts: float) -> dict[str, float]:
        other: Any = copy.deepcopy(circuit)
        device = next(d for d in other["slices"][0]["devices"] if d["id"] == "VIN")
        device["params"]["voltage"] = volts
        return operating_point(Circuit.from_dict(other)).voltages

    here = shifted(0.0)
    shown = rows(desk, "nodes")
    assert set(shown) == {node["label"] or node["id"] for node in circuit["nodes"]}
    assert shown["c1"] == f"{here['c1']:.3g} V"
    assert shown["tail"] == f"{MINUS}{-here['tail']:.3f} V"
    assert rows(desk, "currents")["IT"] == "2.00 mA"

    bode(desk)
    high, low = shifted(1e-4), shifted(-1e-4)
    for node in ("c1", "c2"):
        _, found = curves(desk, node)
        wanted = (high[node] - low[node]) / 2e-4
        # The lowest frequency is a few hundredths of a percent of the pole's.
        assert found[0].real == pytest.approx(wanted, rel=1e-4)

    # A current source, too: volts an ampere into the tail.
    desk.page.get_by_label("Source of the small sine").select_option("IT")
    desk.until("kd.debug.response.answer?.source === 'IT'")
    drawn(desk)
    _, found = curves(desk, "c1")
    assert abs(found[0]) == pytest.approx(0.5 * 4700 * 100 / 101, rel=1e-4)
    assert desk.page.locator("#bode-plot").get_by_text("Magnitude (dB of 1 Ω)").is_visible()

    # A click on a row selects on the board, a lane brings the curves over time back.
    desk.page.locator("#pane-rest .rest-nodes .device-row", has_text="tail").click()
    desk.until("kd.debug.selection.nodes[0] === 'tail'")
    desk.lane("currents")
    desk.until("kd.debug.dockView === 'time'")
    assert desk.page.locator("#scope").is_visible()
    assert not desk.page.locator("#bode").is_visible()


def test_what_grows_is_said_to_be_unstable(desk: Workspace):
    """Five inverting stages in a ring: -4 1/s and two pairs to the right."""
    desk.open_example("Ring oscillator")
    rest(desk)
    assert desk.text(".rest-verdict").startswith("Unstable")
    assert desk.page.locator('#pane-rest .pole-table [data-grows="true"]').count() == 2
    assert desk.page.locator("#pane-rest .poles .pole.grows").count() == 4
    desk.page.locator("#board").focus()
    desk.press("Shift+5")
    desk.until("kd.debug.dockView === 'frequency'")
    desk.until("document.querySelector('#bode .scope-empty').textContent.includes('no source')")
    assert desk.debug("response.state") == "none"
    desk.press("Shift+5")
    desk.until("kd.debug.dockView === 'time'")


def test_where_nothing_rests_one_sentence_says_why(desk: Workspace):
    """In the tab and in the dock, and without an error in the console."""
    desk.open_example("LC swap")
    desk.until("kd.debug.sim && kd.debug.simState === 'fresh'", COMPILING_S)
    desk.tab("rest")
    desk.until("kd.debug.rest.state === 'error'")
    said = desk.text(".rest-verdict")
    assert "only capacitors lead there" in said
    assert said.count(".") == 1
    desk.page.locator('#lane-switch [data-command="bode"]').click()
    desk.until("document.querySelector('#bode .scope-empty').textContent.includes('capacitors')")
    assert json.loads(desk.page.evaluate("() => JSON.stringify(kd.debug.response.answer)")) is None


def amperes(text: str) -> float:
    """What a figure of the page says in A."""
    number, unit = text.replace(MINUS, "-").split()
    scale = {"A": 1.0, "mA": 1e-3, "µA": 1e-6, "nA": 1e-9, "pA": 1e-12, "fA": 1e-15}
    return float(number) * scale[unit]


def test_the_currents_at_a_node_are_read_off_and_add_up(desk: Workspace):
    desk.open_example("Bipolar differential pair")
    solved(desk)
    desk.pause()
    for node, count in (("in", 2), ("ref", 2), ("tail", 3), ("c1", 2), ("supply", 3)):
        desk.select(node)
        desk.tab("node")
        listed = desk.page.locator("#pane-node .node-devices .device-current")
        desk.until(
            "document.querySelectorAll('#pane-node .node-devices .device-current').length"
            f" === {count}"
        )
        found = [amperes(text) for text in listed.all_inner_texts()]
        # Three digits each: their sum is off by half of the last one of the largest, thrice.
        assert abs(sum(found)) <= 1.5e-2 * max(map(abs, found)), (node, found)
        assert max(map(abs, found)) > 1e-6
        net, charging = (amperes(desk.figure(name)) for name in
                         ("Current into node", "Into its capacitor"))  # fmt: skip
        assert net == pytest.approx(charging, rel=1e-2, abs=1e-6 * max(map(abs, found)))
        if node != "c1":
            assert net == 0.0
    desk.select_device("Q1")
    base = amperes(desk.figure("Into the base"))
    assert 90 < amperes(desk.figure("Current")) / base < 110


def test_the_gradient_by_a_waveform_stands_in_the_form_of_its_source(desk: Workspace):
    desk.open_example("RC low-pass")
    solved(desk)
    desk.lane("adjoint")
    desk.until("Number.isFinite(kd.debug.gradient('R1', 'conductance'))", COMPILING_S)
    x, y = desk.node_at("in")
    desk.mouse.click(x, y + 30 * desk.settled()["zoom"])
    desk.until("kd.debug.selection.devices[0] === 'V1'")
    shown = desk.page.locator("#pane-device .drive-gradient")
    names = shown.locator("tbody th").all_inner_texts()
    assert names == ["∂L/∂offset", "∂L/∂amplitude"]

    from backend import simulate

    circuit = desk.document()

    def loss(**change: float) -> float:
        other: Any = copy.deepcopy(circuit)
        device = next(d for d in other["slices"][0]["devices"] if d["id"] == "V1")
        for name, by in change.items():
            device["drive"]["params"][name] += by
        return float(simulate(Circuit.from_dict(other), outputs=2)["out"][-1])

    # v is linear in both levels.
    wanted = [loss(**{name: 1.0}) - loss() for name in ("offset", "amplitude")]
    for text, value in zip(shown.locator("tbody td").all_inner_texts(), wanted, strict=True):
        assert float(text.replace(MINUS, "-")) == pytest.approx(value, rel=1e-2, abs=1e-3)


def test_a_base_is_a_curve_of_its_node(desk: Workspace):
    """A hundredth of the collector's current, over all times."""
    desk.open_example("Bipolar differential pair")
    solved(desk)
    desk.pause()
    desk.select("in")
    desk.lane("currents")
    desk.until("document.querySelectorAll('.scope-id').length === 2")
    assert desk.page.locator(".scope-id").all_inner_texts() == ["VIN", "base of Q1"]
    assert desk.debug("deviceValueAt('base of Q1')") == pytest.approx(
        desk.debug("deviceValueAt('Q1')") / 100, rel=1e-4
    )
    desk.page.locator(".scope-name", has_text="base of Q1").click()
    desk.until("kd.debug.selection.devices[0] === 'Q1'")
