"""What leaves the studio computes the same elsewhere, whatever people write into labels."""

import json
import re
from pathlib import Path

import pytest
from safetensors import safe_open

from backend import Circuit, simulate
from tests.e2e.test_generate import choose
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

HOSTILE = (
    "x\n.control\nshell touch owned\n.endc\n"
    "<script>window.owned = 1</script><img src=x onerror=alert(1)>"
)
CIRCUIT = {
    "format": "kirchhoff-circuit/1",
    "name": "Hostile </title><script>window.owned = 2</script>",
    "nodes": [
        {"id": "a", "voltage": 1.0, "capacitance": 1.5, "role": "input", "label": HOSTILE,
         "x": 0, "y": 0},
        {"id": "b", "voltage": -0.3, "capacitance": 0.8, "role": "output", "label": "b", "x": 240,
         "y": 0},
        {"id": "c", "voltage": 0.1, "capacitance": 1.0, "role": "hidden", "x": 120, "y": 160},
    ],
    "slices": [
        {"duration": 1.0, "devices": [
            {"id": "r", "kind": "resistor", "source": "a", "target": "b",
             "params": {"conductance": 0.8}},
            {"id": "t", "kind": "tanh", "source": "b", "target": "c",
             "params": {"a": 1.1, "b": -0.4, "c": 0.1}},
            {"id": "g", "kind": "softplus", "source": "c", "target": "gnd",
             "params": {"a": 0.6, "b": 0.2, "c": -0.1}},
        ]},
        {"duration": 0.5, "devices": [
            {"id": "s", "kind": "current_source", "source": "gnd", "target": "c",
             "params": {"current": 0.2}},
        ]},
    ],
}  # fmt: skip


@pytest.fixture
def export(desk: Workspace, tmp_path) -> Workspace:
    desk.open_circuit(CIRCUIT, tmp_path)
    desk.fresh()
    desk.mode("export")
    return desk


def download(studio: Workspace, title: str, folder: Path) -> Path:
    choose(studio, "#export-format", title)
    with studio.page.expect_download() as waiting:
        studio.page.locator("#export-download").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_weights_compute_the_same_in_plain_torch(export, tmp_path, monkeypatch):
    path = download(export, "PyTorch weights (safetensors)", tmp_path)
    with safe_open(path, framework="pt") as file:
        program = file.metadata()["loader"]
    assert "backend" not in program
    path.rename(tmp_path / "network.safetensors")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(compile(program, "loader", "exec"), names)
    start = names["net"]["voltage"][names["inputs"]][None]
    found = simulate(Circuit.from_dict(CIRCUIT), solver="dopri5", rtol=1e-10, atol=1e-12)
    assert names["run"](start)[0].numpy() == pytest.approx(found.voltages[-1], abs=1e-6)
    # The page shows the same end.
    export.mode("simulate")
    for id, value in zip("abc", found.voltages[-1], strict=True):
        shown = export.page.evaluate(
            """async (id) => {
                const { decode } = await import("/assets/modules/play/trajectory.mjs");
                const answer = await fetch(`/api/sim/${kd.debug.sim.hash}.bin`);
                const sim = decode(await answer.arrayBuffer());
                return sim.valueAt(id, sim.duration);
            }""",
            id,
        )
        assert shown == pytest.approx(value, abs=1e-5)


def test_netlist_is_verified_by_ngspice(export, tmp_path):
    export.page.locator("#verify-run").click()
    export.until("/good|bad/.test(document.getElementById('verify-note').className)")
    sentence = export.text("#verify-note")
    assert "good" in export.page.locator("#verify-note").get_attribute("class"), sentence
    error = re.search(r"(\d+(?:\.\d+)?)(?:e|\s*×\s*10)([-⁻][\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)", sentence)
    assert error, sentence
    exponent = int(error[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    assert float(error[1]) * 10.0**exponent < 1e-3
    export.until("document.querySelector('#verify-figure .js-plotly-plot')?.data?.length >= 3")
    # The same netlist, downloaded.
    text = download(export, "SPICE netlist", tmp_path).read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if re.match(r"\s*\.control|\s*shell", line)
                and "touch" in line]  # fmt: skip
    assert "shell touch owned" not in [line.strip() for line in text.splitlines()]
    assert [line for line in text.splitlines() if line.lower().startswith(".end")]


def test_hostile_text_stays_text(export, tmp_path):
    export.mode("build")
    export.select("a")
    assert export.page.evaluate("() => window.owned") is None
    label = export.page.locator("#pane-node").get_by_label("Label")
    assert label.input_value() == HOSTILE.replace("\n", "")
    export.page.locator("#board").focus()
    export.press("Control+k", "Escape")
    export.page.locator('#transport [data-command="restart"]').click()
    assert export.page.evaluate("() => document.querySelectorAll('img[src=x]').length") == 0
    assert export.page.evaluate("() => window.owned") is None
    export.mode("export")
    path = download(export, "Circuit JSON", tmp_path)
    assert Circuit.from_json(path.read_text(encoding="utf-8")).nodes[0].label == HOSTILE
    with export.page.expect_download() as waiting:
        export.page.locator('[data-command="share-svg"]').click()
    picture = tmp_path / "board.svg"
    waiting.value.save_as(picture)
    assert "<script" not in picture.read_text(encoding="utf-8")
    # Back in the gallery its name is only words.
    export.saved()
    export.page.locator("#topbar .brand").click()
    row = export.page.locator("#gallery-recent .recent-name", has_text="Hostile").first
    row.wait_for()
    assert row.evaluate("name => name.firstChild.textContent") == CIRCUIT["name"]
    assert export.page.evaluate("() => window.owned") is None


def test_pictures_and_traces(export, tmp_path):
    for command in ("share-png", "scope-png"):
        with export.page.expect_download() as waiting:
            export.page.locator(f'#panel-export [data-command="{command}"]').click()
        picture = tmp_path / f"{command}.png"
        waiting.value.save_as(picture)
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert picture.stat().st_size > 2000
    with export.page.expect_download() as waiting:
        export.page.locator('#panel-export [data-command="traces-csv"]').click()
    table = tmp_path / "traces.csv"
    waiting.value.save_as(table)
    lines = table.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 202
    last = [float(cell) for cell in lines[-1].split(",")]
    found = simulate(Circuit.from_dict(CIRCUIT), solver="dopri5", rtol=1e-9, atol=1e-11)
    assert last[0] == pytest.approx(1.5)
    assert any(value == pytest.approx(found.voltages[-1][0], abs=1e-4) for value in last[1:])


def test_a_downloaded_circuit_opens_as_the_same(export, tmp_path):
    path = download(export, "Circuit JSON", tmp_path)
    before = export.document()
    export.open_file(path)
    export.until("kd.debug.mode === 'simulate'")
    assert export.document() == before
    netlist = tmp_path / "again.cir"
    export.mode("export")
    download(export, "SPICE netlist", tmp_path).rename(netlist)
    export.open_file(netlist)
    export.until("kd.debug.mode === 'simulate' || document.querySelector('#toast .toast-error')")
    assert export.debug("mode") == "simulate", export.toast()
    export.fresh()
    again = Circuit.from_json(json.dumps(export.document()))
    ours = simulate(Circuit.from_dict(CIRCUIT), solver="dopri5", rtol=1e-9, atol=1e-11)
    theirs = simulate(again, solver="dopri5", rtol=1e-9, atol=1e-11)
    assert theirs.voltages[-1] == pytest.approx(ours.voltages[-1], abs=1e-9)
