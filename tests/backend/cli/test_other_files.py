"""Files of other programs on the command line: read, or one line that says what they are."""

import json
import sys

import networkx as nx
import pytest

from backend import cli
from backend.circuit.files import read_circuit
from tests.backend.export.test_importing import FALSTAD
from tests.backend.test_signatures import KNOWN


@pytest.fixture
def kirchhoff(monkeypatch, capsys):
    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
        status = cli.run()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_a_graph_becomes_a_circuit_of_any_kind(kirchhoff, tmp_path):
    path, out = tmp_path / "club.graphml", tmp_path / "club.json"
    nx.write_graphml(nx.karate_club_graph(), path)
    options = ("--set", f"path={path}", "--set", "kind=tanh", "--set", "slices=2")
    status, text, _ = kirchhoff("generate", "file", *options, "-o", out)
    assert (status, text) == (0, f"{out}: 34 nodes, 312 devices\n")
    assert {device.kind for device in read_circuit(out).devices} == {"tanh"}
    status, text, _ = kirchhoff("import", path, "-o", out)
    assert (status, text) == (0, f"{out}: 34 nodes, 78 devices, 1 slice\n")


def test_a_falstad_circuit_goes_there_and_back(kirchhoff, tmp_path):
    there, here, again = (tmp_path / name for name in ("a.txt", "a.json", "b.txt"))
    there.write_bytes(FALSTAD)
    assert kirchhoff("import", there, "-o", here)[0] == 0
    assert kirchhoff("export", here, "--to", "circuitjs", "-o", again)[0] == 0
    assert kirchhoff("import", again, "-o", tmp_path / "b.json")[0] == 0
    first, second = read_circuit(here), read_circuit(tmp_path / "b.json")
    assert [d.kind for d in first.devices] == [d.kind for d in second.devices]


@pytest.mark.parametrize("suffix", [".json", ".cir", ".txt", ".safetensors", ".pt", ".pth", ""])
@pytest.mark.parametrize("what", ["a PDF document", "a PNG picture", "a KiCad schematic"])
def test_a_foreign_file_is_named_under_any_name(kirchhoff, tmp_path, what, suffix):
    path = tmp_path / f"thing{suffix}"
    path.write_bytes(KNOWN[what])
    out = tmp_path / "out.json"
    said = {kirchhoff("import", path, "-o", out)[2]}
    said.add(kirchhoff("generate", "file", "--set", f"path={path}", "-o", out)[2])
    if suffix != ".pth":
        said.add(kirchhoff("simulate", path, "-o", tmp_path / "out.npz")[2])
    (line,) = said
    assert line.startswith(f"kirchhoff: {path}: this is {what}; ")
    assert line.count("\n") == 1
    assert not out.exists()


def test_a_list_that_is_no_list_names_its_line(kirchhoff, tmp_path):
    path = tmp_path / "a.edgelist"
    path.write_text("a b 1\nb c heavy\nc d 2\n")
    status, _, line = kirchhoff("import", path, "-o", tmp_path / "a.json")
    assert status == 2
    assert line == "kirchhoff: a.edgelist: line 2: 'heavy' is not a finite number\n"


def test_the_operating_point_of_a_falstad_circuit_is_written(kirchhoff, tmp_path):
    there, here, out = (tmp_path / name for name in ("a.txt", "a.json", "rest.json"))
    there.write_text(
        "$ 1 0.000005 10.2 50 5 43 5e-11\nR 0 0 0 -48 0 0 40 6 0 0 0.5\nr 0 0 96 0 0 1000\n"
        "r 96 0 96 96 0 2000\ng 96 96 96 112 0 0\n"
    )
    assert kirchhoff("import", there, "-o", here)[0] == 0
    status, text, _ = kirchhoff("operating-point", here, "--json", out)
    assert status == 0
    assert "v(n2) = 4 V" in text
    assert text.splitlines()[-1] == "unique: its equations are linear and have an inverse"
    assert "condition number" in text
    rested = json.loads(out.read_text())
    assert rested["voltages"]["n2"] == pytest.approx(4.0)
    assert rested["condition"] >= 1.0
