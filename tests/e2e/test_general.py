"""Circuits of the general class, drawn, simulated and taken away as any other."""

import json
import math
import shutil
from pathlib import Path

import pytest

from backend import Circuit, simulate
from tests.e2e.test_export import download
from tests.e2e.test_generate import choose
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

WHOLE = json.loads((Path(__file__).parents[1] / "golden" / "general_rules.json").read_text())[
    "circuit"
]
COMPILING_S = 400
"""The first circuit of the general class on a machine waits for its kernels."""


def solved(desk: Workspace) -> None:
    desk.until("kd.debug.sim && kd.debug.simState === 'fresh'", COMPILING_S)
    assert desk.debug("sim.status.ok")


def kind_of_new(desk: Workspace, kind: str) -> None:
    """Choose what the Device tool draws."""
    desk.press("e")
    desk.page.locator(".dock-kind").select_option(kind)


def draw(desk: Workspace, kind: str, source: str, target: str | None) -> None:
    """Drag a device of a kind from node to node, or to the ground of the bar."""
    before = desk.debug("doc().slices[0].devices.length")
    kind_of_new(desk, kind)
    box = desk.box(".dock-ground")
    ground = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.drag(desk.node_at(source), ground if target is None else desk.node_at(target))
    desk.until(f"kd.debug.doc().slices[0].devices.length === {before + 1}")
    desk.press("v")


def field(desk: Workspace, pane: str, label: str):
    return desk.page.locator(f"#pane-{pane}").get_by_label(label, exact=True)


def _energies_add_up(desk: Workspace) -> None:
    """1 - exp(-t) J given, half of its square stored."""
    desk.lane("energy")
    t = desk.debug("time")
    for name, joules in (("Stored", (1 - math.exp(-t)) ** 2 / 2), ("Injected", 1 - math.exp(-t))):
        row = desk.page.locator(".scope-entry", has_text=name).locator(".scope-value")
        number, unit = row.inner_text().split()
        assert float(number) * {"J": 1.0, "mJ": 1e-3}[unit] == pytest.approx(joules, abs=2e-3)
    assert desk.text(".scope-gap").startswith("Balanced within")
    desk.tab("circuit")
    assert "✓" in desk.figure("Energy balance")


def test_a_supply_charges_a_capacitor_that_were_drawn_from_nothing(desk: Workspace, tmp_path):
    """1 V over 1 S and 1 F: v = 1 - exp(-t), and the supply's current is -exp(-t) A."""
    desk.new_circuit()
    supply, out = desk.add_node(240, 180), desk.add_node(560, 180)
    draw(desk, "voltage_source", supply, None)
    draw(desk, "resistor", supply, out)
    draw(desk, "capacitor", out, None)
    for node in (supply, out):
        desk.select(node)
        desk.tab("node")
        field(desk, "node", "Held by").select_option("none")
        desk.until(f"kd.debug.doc().nodes.find((n) => n.id === '{node}').capacitance === 0")
    solved(desk)
    document = desk.document()
    assert document["format"] == "kirchhoff-circuit/2"
    assert [d["kind"] for d in document["slices"][0]["devices"]] == [
        "voltage_source", "resistor", "capacitor",
    ]  # fmt: skip
    times = [0.0, 0.25, 0.5, 1.0]
    assert desk.debug(f"voltagesAt('{out}', {times})") == pytest.approx(
        [1 - math.exp(-t) for t in times], abs=1e-4
    )

    # What the pane shows of the supply is what the library computes.
    desk.pause()
    box = desk.node_at(supply)
    zoom = desk.settled()["zoom"]
    desk.mouse.click(box[0], box[1] + 30 * zoom)
    desk.until("kd.debug.selection.devices.length === 1")
    assert desk.debug("selection.devices") == ["d1"]
    t = desk.debug("time")
    shown = simulate(Circuit.from_dict(document), outputs=201)
    assert shown["d1"][0] == pytest.approx(-1.0, abs=1e-6)
    number, unit = desk.figure("Current").replace("−", "-").split()
    scale = {"A": 1.0, "mA": 1e-3}[unit]
    assert float(number) * scale == pytest.approx(-math.exp(-t), abs=2e-3)
    desk.lane("currents")
    assert desk.page.locator(".scope-id", has_text="d1").count() == 1

    _energies_add_up(desk)

    # Away as a netlist, which ngspice reproduces.
    desk.mode("export")
    netlist = download(desk, "SPICE netlist", tmp_path).read_text(encoding="utf-8")
    cards = {line[0] for line in netlist.splitlines() if line[:1] in "VRCG"}
    assert {"V", "C"} <= cards
    if shutil.which("ngspice") is None:
        pytest.skip("there is no ngspice on this machine")
    desk.page.locator("#verify-run").click()
    desk.until("/good|bad/.test(document.getElementById('verify-note').className)", COMPILING_S)
    assert "good" in (desk.page.locator("#verify-note").get_attribute("class") or ""), desk.text(
        "#verify-note"
    )


def test_a_file_opens_whole_is_kept_and_comes_back(desk: Workspace, tmp_path: Path):
    desk.open_circuit(WHOLE, tmp_path)
    solved(desk)
    assert desk.document() == WHOLE
    desk.saved()
    desk.page.reload()
    desk.until("window.kd?.debug.doc()?.nodes.length === 3 && kd.debug.viewport()")
    assert desk.document() == WHOLE
    desk.mode("export")
    kept = json.loads(download(desk, "Circuit JSON", tmp_path).read_text(encoding="utf-8"))
    assert kept == WHOLE


def test_a_dropped_file_opens_whole(desk: Workspace):
    desk.page.evaluate(
        """(text) => {
            const files = new DataTransfer();
            files.items.add(new File([text], "dropped.json", { type: "application/json" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true }));
        }""",
        json.dumps({**WHOLE, "name": "Dropped"}),
    )
    desk.until("kd.debug.doc()?.name === 'Dropped' && kd.debug.viewport()")
    assert desk.document() == {**WHOLE, "name": "Dropped"}


def test_terminals_waveform_and_start_are_edited_in_the_pane(desk: Workspace):
    desk.open_example("CMOS inverter chain")
    solved(desk)
    desk.mode("build")
    desk.select_device("P2")
    assert field(desk, "device", "Gate").input_value() == "out1"
    field(desk, "device", "Gate").select_option("in")
    desk.until(
        "kd.debug.doc().slices[0].devices.find((d) => d.id === 'P2').terminals.gate === 'in'"
    )
    solved(desk)
    desk.page.locator("#board").focus()
    desk.press("Control+z")
    desk.until(
        "kd.debug.doc().slices[0].devices.find((d) => d.id === 'P2').terminals.gate === 'out1'"
    )

    # A controlled source needs a voltage source to follow, and there are four.
    field(desk, "device", "Kind").select_option("cccs")
    desk.until("kd.debug.doc().slices[0].devices.find((d) => d.id === 'P2').kind === 'cccs'")
    assert field(desk, "device", "Follows the current of").input_value() == "VIN"
    desk.page.locator("#board").focus()
    desk.press("Control+z")

    desk.tab("circuit")
    assert field(desk, "circuit", "Start").input_value() == "operating-point"
    field(desk, "circuit", "Start").select_option("voltages")
    desk.until("kd.debug.doc().start === undefined")
    solved(desk)
    desk.page.locator("#board").focus()
    desk.press("Control+z")
    desk.until("kd.debug.doc().start === 'operating-point'")


def test_a_source_gets_a_waveform_in_its_own_unit(desk: Workspace):
    desk.open_example("Bipolar differential pair")
    solved(desk)
    desk.mode("build")
    x, y = desk.node_at("tail")
    desk.mouse.click(x, y + 30 * desk.settled()["zoom"])
    desk.until("kd.debug.selection.devices[0] === 'IT'")
    field(desk, "device", "Waveform").select_option("sine")
    desk.until("kd.debug.doc().slices[0].devices.find((d) => d.id === 'IT').drive")
    amplitude = field(desk, "device", "Amplitude in A").first
    amplitude.fill("0")
    desk.press("Enter")
    desk.until(
        "kd.debug.doc().slices[0].devices.find((d) => d.id === 'IT').drive.params.amplitude === 0"
    )
    solved(desk)
    drive = next(d for d in desk.document()["slices"][0]["devices"] if d["id"] == "IT")["drive"]
    assert drive["kind"] == "sine"
    assert drive["params"]["amplitude"] == 0
    assert all(math.isfinite(v) for v in desk.debug("voltagesAt('c1', [0, 0.001, 0.003])"))


def test_the_adjoint_lane_follows_the_first_picture(desk: Workspace):
    desk.open_example("RC low-pass")
    solved(desk)
    desk.lane("adjoint")
    desk.until("Number.isFinite(kd.debug.gradient('R1', 'conductance'))", COMPILING_S)
    assert desk.page.locator(".scope-hint").is_hidden()
    desk.tab("circuit")
    desk.until("!/^–?$/.test([...document.querySelectorAll('#pane-circuit .reading')]"
               ".find((row) => row.querySelector('dt').textContent === 'Loss')"
               ".querySelector('dd').textContent)")  # fmt: skip


def test_a_solver_that_cannot_is_refused_by_name(desk: Workspace):
    desk.open_example("RC low-pass")
    solved(desk)
    desk.tab("circuit")
    field(desk, "circuit", "Method").select_option("rk4")
    desk.until("kd.debug.simState === 'error'")
    assert "choose the solver auto or rodas4" in desk.text(".scope-alert")
    assert desk.debug("sim.status.ok"), "the last picture stays"
    field(desk, "circuit", "Method").select_option("rodas4")
    solved(desk)


def test_a_training_says_why_it_does_not_begin(desk: Workspace, tmp_path: Path):
    nodes = [{**node, "role": "both"} for node in WHOLE["nodes"][:2]] + WHOLE["nodes"][2:]
    desk.open_circuit({**WHOLE, "name": "Not to be trained", "nodes": nodes}, tmp_path)
    solved(desk)
    desk.mode("train")
    desk.until("document.getElementById('train-dataset').value")
    choose(desk, "#train-dataset", "Two moons")
    desk.until("!document.getElementById('train-fields').disabled")
    desk.page.locator("#train-source").get_by_text("The open circuit").click()
    desk.page.locator("#train-start").click()
    desk.until("document.getElementById('train-note').textContent.includes('trainings')")
    assert "trainings and their kernels know only circuits with a capacitor" in desk.text(
        "#train-note"
    )
    assert desk.page.locator("#train-start").is_enabled()


def test_an_expression_is_drawn_typed_and_refused_in_place(desk: Workspace):
    """dv/dt = -g v^2 from 2 V ends at 2 / (1 + 2 g t); what is wrong is said below the text."""
    desk.new_circuit()
    node, sensed = desk.add_node(240, 180), desk.add_node(560, 180)
    draw(desk, "expression", node, sensed)
    desk.select(sensed)
    desk.tab("node")
    field(desk, "node", "Start voltage in V").fill("2")
    field(desk, "node", "Start voltage in V").press("Enter")
    desk.until("kd.debug.doc().nodes[1].voltage === 2")
    desk.select_device("d1")
    text = field(desk, "device", "Expression")
    assert text.input_value() == "g*V(source,target)"
    text.fill("-g*V(x)**2")
    text.press("Enter")
    desk.until("kd.debug.doc().slices[0].devices[0].terminals?.x === 'gnd'")
    field(desk, "device", "x").select_option(sensed)
    solved(desk)
    assert desk.debug(f"voltagesAt('{node}', [1])")[0] == pytest.approx(2 - 2 / 1.002, rel=1e-2)

    text = field(desk, "device", "Expression")
    text.fill("-g*(V(x)")
    text.press("Enter")
    said_below(desk, "a bracket is not closed")
    text.fill("-g*sinus(V(x))")
    text.press("Enter")
    said_below(desk, "there is no function 'sinus'")


def said_below(desk: Workspace, words: str) -> None:
    """Beneath a field of the device."""
    desk.until(
        "[...document.querySelectorAll('#pane-device .field-problem')]"
        f".some((each) => each.textContent.includes({json.dumps(words)}))"
    )
