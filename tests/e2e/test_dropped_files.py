"""Files of other programs, dropped on the page of a real browser."""

import base64
import json

import networkx as nx
import pytest

from tests.backend.export.test_importing import FALSTAD
from tests.designer.conftest import RC
from tests.e2e.conftest import REFUSED

pytestmark = pytest.mark.e2e

DROP = """([name, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], name));
    for (const type of ["dragenter", "dragover", "drop"]) {
        document.documentElement.dispatchEvent(
            new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
    }
}"""


def drop(studio, name: str, data: bytes) -> None:
    studio.page.evaluate(DROP, [name, base64.b64encode(data).decode("ascii")])


def test_a_falstad_circuit_is_drawn_and_computes(desk):
    drop(desk, "square.txt", FALSTAD)
    desk.until("kd.debug.doc() && kd.debug.doc().name === 'square'")
    assert [device["kind"] for device in desk.document()["slices"][0]["devices"]] == [
        "resistor",
        "diode",
    ]
    desk.fresh()
    assert desk.debug("simError") is None


def test_a_graph_is_drawn_and_computes(desk):
    graph = "\n".join(nx.generate_graphml(nx.path_graph(5))).encode()
    drop(desk, "path.graphml", graph)
    desk.until("kd.debug.doc() && kd.debug.doc().name === 'path'")
    assert len(desk.document()["nodes"]) == 5
    desk.fresh()
    assert desk.debug("simError") is None


def test_a_foreign_file_is_named(open_page, shared_studio):
    from tests.e2e.workspace import Workspace

    page = open_page(shared_studio.url, allow=(REFUSED,))
    studio = Workspace(page)
    studio.until("Boolean(window.kd)")
    drop(studio, "board.kicad_sch", b"(kicad_sch (version 20230121))")
    assert studio.toast().startswith("board.kicad_sch: this is a KiCad schematic; export its netl")


def test_a_circuit_leaves_as_page_and_bundle_and_comes_back(desk, tmp_path):
    drop(desk, "square.json", json.dumps({**RC, "name": "square"}).encode())
    desk.until("kd.debug.doc() && kd.debug.doc().name === 'square'")
    before = desk.document()
    desk.page.keyboard.press("5")
    saved = {}
    for command in ("circuit-page", "circuit-bundle"):
        with desk.page.expect_download() as download:
            desk.page.locator(f"#panel-export [data-command={command}]").click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[path.suffix] = path.read_bytes()
    assert saved[".html"].startswith(b"<!doctype html>")
    desk.until("/^square.kstudio, .* kB$|bytes$/.test(document.getElementById('one-file-note')"
               ".textContent)")  # fmt: skip
    desk.page.locator("#topbar .brand").click()
    desk.until("!kd.debug.doc()")
    drop(desk, "again.kstudio", saved[".kstudio"])
    desk.until("kd.debug.doc()")
    assert desk.document() == before
