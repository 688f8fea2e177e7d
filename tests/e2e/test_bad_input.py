"""Bad files and bad circuits: one plain sentence each, and nothing of the user's is lost."""

import copy
import json

import pytest

from tests.e2e.conftest import REFUSED
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

GOOD = {
    "format": "kirchhoff-circuit/1",
    "name": "Good",
    "nodes": [
        {"id": "n1", "voltage": 1.0, "role": "input", "x": 0, "y": 0},
        {"id": "n2", "role": "output", "x": 200, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {"id": "d1", "kind": "resistor", "source": "n1", "target": "n2",
                 "params": {"conductance": 1.0}},
            ],
        }
    ],
}  # fmt: skip


def changed(change) -> str:
    circuit = copy.deepcopy(GOOD)
    change(circuit, circuit["nodes"], circuit["slices"][0]["devices"])
    return json.dumps(circuit)


# File contents and what the sentence must name.
BAD = {
    "broken.json": ('{"format": "kirchhoff-circuit/1", "nodes": [', "broken.json"),
    "list.json": ("[1, 2, 3]", "list.json"),
    "empty-object.json": ("{}", "format"),
    "version.json": (
        changed(lambda c, n, d: c.update(format="kirchhoff-circuit/3")),
        "kirchhoff-circuit/3",
    ),
    "field.json": (changed(lambda c, n, d: c.update(colour="red")), "colour"),
    "kind.json": (changed(lambda c, n, d: d[0].update(kind="transistor")), "transistor"),
    "loop.json": (changed(lambda c, n, d: d[0].update(target="n1")), "n1"),
    "node.json": (changed(lambda c, n, d: d[0].update(target="n9")), "n9"),
    "double.json": (changed(lambda c, n, d: n[1].update(id="n1")), "n1"),
    "nan.json": (
        changed(lambda c, n, d: d[0]["params"].update(conductance=float("nan"))),
        "conductance",
    ),
    "negative.json": (changed(lambda c, n, d: n[0].update(capacitance=-1.0)), "capacitance"),
    "nothing.json": (changed(lambda c, n, d: (n.clear(), d.clear())), "at least one node"),
    "noise.safetensors": ("not a network", "noise.safetensors"),
    "shell.cir": ("title\nR1 a b 1k\n.control\nshell touch owned\n.endc\n.end\n", "shell.cir"),
    "prose.cir": ("Once upon a time\nthere was no circuit.\n", "prose.cir"),
}


@pytest.fixture(scope="module")
def bench(shared_studio, browser):
    """One page for all refusals: each must leave it as it was."""
    from tests.e2e.conftest import Watch, new_window

    context = new_window(browser)
    page = context.new_page()
    watch = Watch(page, (REFUSED,))
    page.goto(shared_studio.url)
    studio = Workspace(page)
    studio.open_example("RC pair")
    studio.mode("build")
    studio.add_node(200, 120)
    studio.saved()
    yield studio
    context.close()
    watch.check()


def dismiss(bench: Workspace) -> None:
    """Close the message by its button, if it has not gone by itself."""
    bench.page.evaluate("() => document.querySelector('#toast .toast-close')?.click()")
    bench.until("document.querySelectorAll('#toast .toast').length === 0")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence(bench, tmp_path, name):
    content, named = BAD[name]
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    before = bench.debug("hash()"), bench.page.url
    bench.open_file(path)
    sentence = bench.toast()
    assert named in sentence
    assert name in sentence
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 240
    assert (bench.debug("hash()"), bench.page.url) == before
    assert bench.debug("saved") == "saved"
    dismiss(bench)


def test_an_empty_file_is_one_sentence(bench, tmp_path):
    path = tmp_path / "void.json"
    path.touch()
    bench.open_file(path)
    assert bench.toast() == "void.json is empty."
    dismiss(bench)


def test_a_file_dropped_on_the_board_opens(bench):
    """Drag and drop takes the same way as the dialog."""
    bench.page.evaluate(
        """(text) => {
            const files = new DataTransfer();
            files.items.add(new File([text], "dropped.json", { type: "application/json" }));
            for (const type of ["dragenter", "dragover", "drop"]) {
                document.getElementById("board").dispatchEvent(
                    new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
            }
        }""",
        BAD["kind.json"][0],
    )
    assert "transistor" in bench.toast()
    dismiss(bench)


def test_a_circuit_that_diverges_shows_what_it_could(desk, tmp_path):
    studio: Workspace = desk
    wild = copy.deepcopy(GOOD)
    wild["name"] = "Wild"
    wild["slices"][0]["duration"] = 400.0
    wild["slices"][0]["devices"] = [
        {"id": "d1", "kind": "relu", "source": "n1", "target": "n2", "params": {"a": 1.0}},
        {"id": "d2", "kind": "relu", "source": "gnd", "target": "n2",
         "params": {"a": 0.0, "b": 3.0, "c": 0.1}},
    ]  # fmt: skip
    studio.open_circuit(wild, tmp_path)
    studio.until("kd.debug.simState === 'error'")
    error = studio.debug("simError")
    assert error["node"] == "n2"
    assert "n2" in error["message"]
    assert error["message"].endswith("Shown up to there.")
    assert studio.text(".scope-alert").startswith(error["message"])
    # What exists can be watched, and the circuit can be mended.
    assert studio.debug("sim.T") > 1
    assert studio.debug("duration") < 400
    studio.tab("circuit")
    field = studio.page.locator("#pane-circuit").get_by_label("Duration")
    field.fill("1")
    field.press("Enter")
    studio.fresh()
    assert studio.debug("simError") is None
    studio.saved()


def test_an_empty_circuit_is_no_error(desk):
    studio: Workspace = desk
    studio.new_circuit()
    assert studio.debug("simState") == "none"
    assert "no simulation yet" in studio.text("#transport .transport-time")
    studio.press("r", "Space", "l", "f", "Control+a", "Delete", "Control+z")
    assert studio.debug("simState") == "none"
    studio.mode("export")
    studio.page.locator("#export-download").click()
    studio.until("document.getElementById('export-note').classList.contains('error')")
    assert "draw" in studio.text("#export-note")
    studio.page.locator("#verify-run").click()
    studio.until("document.getElementById('verify-note').classList.contains('bad')")
    assert "draw" in studio.text("#verify-note")
    studio.saved()
    studio.page.reload()
    studio.until("window.kd?.debug.doc()?.nodes.length === 0")
    studio.mode("build")
    studio.add_node(200, 200)
    studio.fresh()


def test_an_address_that_does_not_exist_leads_back(shared_studio, open_studio):
    studio: Workspace = open_studio(shared_studio, "/c/never-was", allow=(REFUSED,))
    studio.until("document.getElementById('banner').dataset.open === 'true'")
    assert "never-was" in studio.text("#banner")
    studio.page.get_by_role("button", name="To the gallery").click()
    studio.until("document.documentElement.dataset.page === 'gallery'")


def test_a_number_that_is_none_is_refused_at_its_field(desk):
    studio: Workspace = desk
    studio.open_example("RC pair")
    studio.select("a")
    before = studio.debug("hash()")
    field = studio.page.locator("#pane-node").get_by_label("Capacitance to ground").first
    for text, words in (("-1", "At least"), ("much", "Not a number.")):
        field.fill(text)
        field.press("Enter")
        problem = studio.page.locator("#pane-node .field-problem", has_text=words)
        problem.wait_for()
    assert studio.debug("hash()") == before
    field.press("Escape")
    assert field.input_value() == "1"
