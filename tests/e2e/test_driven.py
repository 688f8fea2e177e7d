"""A driven circuit opens on the board, plays, and is kept with its source."""

import math
from pathlib import Path

import pytest

from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

RAMP = {
    "format": "kirchhoff-circuit/2",
    "name": "Ramp",
    "nodes": [
        {"id": "u", "drive": {"kind": "piecewise_linear",
                              "params": {"times": [0.0, 1.0], "values": [0.0, 2.0]}},
         "role": "hidden", "label": "", "x": 0, "y": 0},
        {"id": "v", "voltage": 0.0, "capacitance": 1.0, "role": "output", "label": "",
         "x": 220, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {"id": "g", "kind": "transconductor", "source": "u", "target": "v",
                 "params": {"gain": 1.0}, "trainable": True},
            ],
        }
    ],
}  # fmt: skip


def test_a_driven_circuit_opens_plays_and_stays(desk: Workspace, tmp_path: Path) -> None:
    """A current of 2 t A charges 1 F: t^2 V, where the source has 2 t V."""
    desk.open_circuit(RAMP, tmp_path)
    desk.fresh()
    desk.until("kd.debug.sim?.status.ok")
    desk.pause()
    t = desk.debug("time")
    assert desk.debug("valueAt('u')") == pytest.approx(2 * t, abs=1e-5)
    assert desk.debug("valueAt('v')") == pytest.approx(t * t, abs=1e-4)
    kept = desk.document()
    assert kept["format"] == "kirchhoff-circuit/2"
    assert kept["nodes"][0]["drive"] == RAMP["nodes"][0]["drive"]
    desk.select("u")
    desk.tab("node")
    assert (
        desk.page.locator("#pane-node").get_by_label("Held by").input_value() == "piecewise_linear"
    )
    points = desk.page.locator("#pane-node .field-points")
    assert points.input_value().split() == ["0", "0", "1", "2"]
    # Three points instead of two, with a prefix; a line that is none is refused in words.
    points.fill("0 0\n500m 2\nlate 2")
    points.blur()
    assert "Line 3: expected Times and Values" in desk.text("#pane-node .field-problem:not(:empty)")
    points.fill("0 0\n500m 2\n1 2")
    points.blur()
    desk.until("kd.debug.doc().nodes[0].drive.params.times.length === 3")
    desk.fresh()
    assert desk.document()["nodes"][0]["drive"]["params"]["values"] == [0, 2, 2]
    # 4 t up to half of the time, then 2 V: half a volt second and one.
    assert desk.debug("voltagesAt('v', [1])")[0] == pytest.approx(1.5, abs=1e-4)
    desk.press("Control+z")
    desk.until("kd.debug.doc().nodes[0].drive.params.times.length === 2")
    assert points.input_value().split() == ["0", "0", "1", "2"]


def readings(desk: Workspace, label: str) -> float:
    """A figure of the node, without its unit."""
    text = desk.figure(label).replace("−", "-")
    number, _, unit = text.partition("\u202f") if "\u202f" in text else text.partition(" ")
    factor = {"m": 1e-3, "µ": 1e-6, "n": 1e-9}.get(unit[:1] if len(unit) > 1 else "", 1.0)
    return float(number) * factor


def choose(desk: Workspace, kind: str) -> None:
    desk.page.locator("#pane-node").get_by_label("Held by").select_option(kind)


@pytest.fixture
def driven(desk: Workspace) -> Workspace:
    """The RC pair with its first node held at 2 V, whose fields are open."""
    desk.open_example("RC pair")
    desk.mode("build")
    desk.select("a")
    desk.tab("node")
    choose(desk, "constant")
    desk.until("kd.debug.doc().nodes[0].drive?.kind === 'constant'")
    desk.fresh()
    voltage = desk.page.locator("#pane-node").get_by_label("Voltage in V").first
    voltage.fill("2")
    desk.press("Enter")
    desk.until("kd.debug.doc().nodes[0].drive.params.voltage === 2")
    desk.fresh()
    return desk


def test_a_node_is_driven_by_a_source_that_is_chosen(driven: Workspace):
    """A source of U over 1 S charges 1 F: U (1 - exp(-t)) V, and gives U exp(-t) A."""
    times = [0.0, 0.25, 0.5, 1.0]
    end = driven.debug("duration")
    found = driven.debug(f"voltagesAt('b', {times})")
    assert found == pytest.approx([2 * (1 - math.exp(-t)) for t in times], abs=1e-4)
    given = [driven.debug(f"sourceCurrentAt('a', {t})") for t in times]
    assert given == pytest.approx([2 * math.exp(-t) for t in times], abs=1e-4)
    kept = driven.document()
    assert kept["format"] == "kirchhoff-circuit/2"
    assert kept["nodes"][0]["role"] == "hidden"
    assert "voltage" not in kept["nodes"][0]

    driven.pause()
    t = driven.debug("time")
    driven.until("document.querySelector('#pane-node .reading')")
    assert readings(driven, "Source current") == pytest.approx(2 * math.exp(-t), rel=0.01, abs=1e-4)
    # The loss is the sum of the outputs at the end: b alone.
    assert kept["nodes"][1]["role"] == "output"
    driven.until("document.querySelector('#pane-node table.gradient td')")
    gradient = float(driven.text("#pane-node table.gradient td").replace("−", "-"))
    assert gradient == pytest.approx(1 - math.exp(-end), rel=2e-3)
    density = readings(driven, "∂L/∂u(t)")
    assert density == pytest.approx(math.exp(t - end), rel=0.01)

    # The scope shows what the source gives among the currents there.
    driven.lane("currents")
    driven.page.locator(".scope-id", has_text="source of charged").wait_for()
    driven.lane("voltages")


def test_another_waveform_is_kept_and_taken_back(driven: Workspace):
    """It has its own fields; three edits are undone one by one after a change of their own."""
    choose(driven, "sine")
    driven.until("kd.debug.doc().nodes[0].drive.kind === 'sine'")
    frequency = driven.page.locator("#pane-node").get_by_label("Frequency in Hz").first
    frequency.fill("3")
    driven.press("Enter")
    driven.until("kd.debug.doc().nodes[0].drive.params.frequency === 3")
    driven.fresh()
    assert driven.debug("voltagesAt('a', [0.08])")[0] == pytest.approx(
        math.sin(2 * math.pi * 3 * 0.08), abs=0.02
    )
    driven.saved()
    driven.page.reload()
    driven.until("window.kd && kd.debug.doc()?.nodes[0].drive?.params.frequency === 3")
    driven.fresh()

    driven.select("a")
    driven.tab("node")
    choose(driven, "")
    driven.until("!kd.debug.doc().nodes[0].drive")
    driven.press("Control+z")
    driven.until("kd.debug.doc().nodes[0].drive?.kind === 'sine'")
    # What is driven is no input: the role is refused.
    driven.page.locator("#board").focus()
    driven.press("i")
    assert "its role is hidden" in driven.toast()
