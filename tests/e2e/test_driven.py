"""A driven circuit opens on the board, plays, and is kept with its source."""

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
    assert "Held by a source: piecewise linear" in desk.text("#pane-node")
