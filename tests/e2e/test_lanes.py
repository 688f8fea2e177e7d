"""Lanes of a trained model as circuits on the canvas, and the layer's samples on their course."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from backend.runs import RunDirectory
from backend.runs.excerpts import excerpt_of_run
from tests.e2e.test_views import SPEC, shown, trained
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

RINGS = {**SPEC, "name": "rings", "model_options": {
    "cell": "ring", "channels": 4, "lanes": 4, "blocks": 1}}  # fmt: skip


@pytest.fixture(scope="module")
def cascades(shared_studio, tmp_path_factory) -> RunDirectory:
    settings = {**SPEC, "name": "cascades"}
    return trained(settings, tmp_path_factory.mktemp("trained"), shared_studio.home)


@pytest.fixture(scope="module")
def rings(shared_studio, tmp_path_factory) -> RunDirectory:
    return trained(RINGS, tmp_path_factory.mktemp("trained"), shared_studio.home)


def seen(desk: Workspace, name: str) -> None:
    """Another view of the run."""
    desk.page.locator(".view-head").get_by_role("button", name=name, exact=True).click()


def choose_second_example(desk: Workspace) -> None:
    seen(desk, "Fields")
    desk.page.locator('#train-extra-curves input[type="range"]').focus()
    desk.press("Home", "ArrowRight")
    desk.page.get_by_text("Example 2 of 4").wait_for()


def lane_of(desk: Workspace, painter: str) -> int:
    """The lane that is shown, from 1 on."""
    words = desk.text(f"#train-extra-{painter} .view-controls")
    found = re.search(r"Lane (\d+) of", words)
    assert found
    return int(found[1])


def wanted(run: RunDirectory, lane: int):
    """What the layer itself computes, by the library."""
    options = {"block": 1, "lane": lane, "example": 2, "split": "validation"}
    return excerpt_of_run(run, options)


def at_samples(desk: Workspace, excerpt) -> np.ndarray:
    """Voltages of the page's simulation at the layer's nodes and times (S, K)."""
    values = desk.page.evaluate(
        "([nodes, times]) => nodes.map((node) => kd.debug.voltagesAt(node, times))",
        [list(excerpt.reads), excerpt.times.tolist()],
    )
    return np.array(values).T


def test_a_cascade_opens_on_the_canvas_and_shows_the_samples_of_its_layer(desk, cascades):
    shown(desk, cascades)
    choose_second_example(desk)
    seen(desk, "Cascades")
    desk.until("document.querySelector('#train-extra-cascade .lane-open')")
    lane = lane_of(desk, "cascade")
    desk.page.locator("#train-extra-cascade .lane-open").click()
    title = f"cascades, epoch 2: block 1, lane {lane}, example 2"
    desk.until(f"kd.debug.doc()?.name === {json.dumps(title)}")
    assert desk.page.evaluate("() => document.documentElement.dataset.mode") == "build"
    desk.fresh()
    excerpt = wanted(cascades, lane)
    nodes = {node["id"]: node for node in desk.document()["nodes"]}
    assert list(nodes) == ["u", "v1", "v2"]
    assert [nodes[id]["x"] for id in nodes] == sorted(nodes[id]["x"] for id in nodes)
    found = at_samples(desk, excerpt)
    # The circuit's input is straight between 512 points of a field that the model takes in waves.
    scale = np.abs(excerpt.samples).max()
    np.testing.assert_allclose(found, excerpt.samples, atol=2e-4 * scale, rtol=0)
    desk.tab("circuit")
    words = desk.text(".circuit-origin")
    assert f"Block 1, lane {lane}, example 2 of run cascades ({cascades.id})" in words
    assert "weights of epoch 2" in words

    # It is edited like any other, and the edit is undone.
    desk.select("v2")
    desk.page.locator("#pane-node").get_by_label("Start voltage in V").first.fill("2")
    desk.press("Enter")
    desk.until("kd.debug.doc().nodes[2].voltage === 2")
    desk.fresh()
    assert np.abs(at_samples(desk, excerpt)[:, 1] - excerpt.samples[:, 1]).max() > 0.01 * scale
    desk.press("Escape", "Control+z")
    desk.until("kd.debug.doc().nodes[2].voltage !== 2")
    desk.fresh()
    np.testing.assert_allclose(at_samples(desk, excerpt), excerpt.samples, atol=2e-4 * scale)

    # It leaves like any other: a source, transconductors, leaks.
    desk.mode("export")
    with desk.page.expect_download() as found:
        desk.page.locator("#export-download").click()
    netlist = Path(found.value.path()).read_text()
    assert netlist.count("PWL(") == 1
    cards = [line.split() for line in netlist.splitlines() if line.startswith("G")]
    devices = desk.document()["slices"][0]["devices"]
    gains = [one["params"]["gain"] for one in devices if one["kind"] == "transconductor"]
    assert [float(card[-1]) for card in cards] == gains
    assert len(gains) == 2


def test_dots_of_the_layer_land_on_the_course_of_the_circuit(desk: Workspace, cascades):
    shown(desk, cascades)
    choose_second_example(desk)
    seen(desk, "Samples")
    note = "document.querySelector('.samples-note')?.innerText ?? ''"
    desk.until(f"{note}.includes('Largest difference')")
    lane = lane_of(desk, "samples")
    plot = "document.querySelector('#train-extra-samples .js-plotly-plot')"
    desk.until(f"{plot}?.data?.length === 5")
    drawn = desk.page.evaluate(f"() => {plot}.data.map((one) => [one.name, one.mode, [...one.y]])")
    assert [one[0] for one in drawn] == ["u", "v1", "v2", "layer, v1", "layer, v2"]
    excerpt = wanted(cascades, lane)
    assert drawn[3][2] == pytest.approx(excerpt.samples[:, 0].tolist(), abs=1e-6)
    lines = np.array([drawn[1][2], drawn[2][2]]).T
    on_line = lines[excerpt.rows(len(lines))]
    largest = float(np.abs(on_line - excerpt.samples).max())
    said = re.search(r"Largest difference ([\d.]+) (.?)V", desk.page.evaluate(f"() => {note}"))
    assert said
    units = {"": 1.0, "m": 1e-3, "µ": 1e-6, "n": 1e-9}
    assert float(said[1]) * units[said[2]] == pytest.approx(largest, rel=0.02, abs=2e-7)
    if shutil.which("ngspice"):
        desk.page.get_by_role("button", name="ngspice", exact=True).click()
        desk.until(f"{note}.includes('solved by ngspice. Largest difference')")
        theirs = desk.page.evaluate(f"() => [...{plot}.data[2].y]")
        assert theirs == pytest.approx(lines[:, 1].tolist(), abs=1e-4)


def test_a_ring_opens_as_a_circle_from_the_export_panel(desk: Workspace, rings):
    shown(desk, rings)
    desk.mode("export")
    panel = desk.page.locator("#export-lane")
    panel.get_by_label("Lane", exact=True).fill("3")
    panel.get_by_label("Example", exact=True).fill("2")
    desk.press("Enter")
    desk.page.locator("#export-lane-open").click()
    desk.until("kd.debug.doc()?.name === 'rings, epoch 2: block 1, lane 3, example 2'")
    desk.fresh()
    nodes = desk.document()["nodes"]
    places = np.array([[node["x"], node["y"]] for node in nodes])
    radii = np.hypot(*(places - places.mean(0)).T)
    assert len(nodes) == 64
    assert radii == pytest.approx([radii[0]] * 64, rel=1e-6)
    excerpt = wanted(rings, 3)
    # One node for every point; the model has the limit of many.
    scale = np.abs(excerpt.samples).max()
    np.testing.assert_allclose(at_samples(desk, excerpt), excerpt.samples, atol=0.1 * scale)
    circuit = excerpt.circuit
    assert [node["voltage"] for node in nodes] == pytest.approx(
        [node.voltage for node in circuit.nodes]
    )

    desk.mode("train")
    seen(desk, "Samples")
    desk.until("document.querySelector('.samples-note')?.innerText.includes('limit of many nodes')")
    plot = "document.querySelector('#train-extra-samples .js-plotly-plot')"
    desk.until(f"{plot}?.data?.length === 3 && {plot}.data[2].name === 'layer'")
