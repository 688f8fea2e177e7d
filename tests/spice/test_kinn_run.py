"""From a trained run to a netlist and a verdict of ngspice, by the commands of a user."""

import shutil
import sys

import numpy as np
import pytest

from backend import cli
from backend.circuit.files import read_circuit
from backend.export.netlist_import import read_netlist
from backend.simulation.simulate import simulate

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]


@pytest.fixture
def kirchhoff(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
        status = cli.run()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def trained(kirchhoff, tmp_path, cell):
    """The id of a short run on sines with ends that fade."""
    x = np.linspace(0, 1, 21)
    shares = np.random.default_rng(1).normal(size=(48, 3))
    modes = np.sin(np.pi * np.arange(1, 4)[:, None] * x)
    np.savez(tmp_path / "pairs.npz", input=shares @ modes,
             target=shares * np.exp(-0.3 * np.arange(1, 4) ** 2) @ modes)  # fmt: skip
    small = {"cell": cell, "channels": 4, "lanes": 6, "blocks": 2, "epochs": 3,
             "path": tmp_path / "pairs.npz"}  # fmt: skip
    status, out, err = kirchhoff(
        "train", "--model", "kinn", "--dataset", "fields",
        *(word for key, value in small.items() for word in ("--set", f"{key}={value}")),
    )  # fmt: skip
    assert status == 0, err
    return out.split()[0]


def test_lanes_of_a_run_leave_as_a_circuit_and_ngspice_agrees(kirchhoff, tmp_path):
    run = trained(kirchhoff, tmp_path, "cascade")
    deck, drawn = tmp_path / "lanes.cir", tmp_path / "lane.json"
    status, out, err = kirchhoff("export", run, "--to", "spice", "-o", deck)
    assert status == 0, err
    assert "nodes" in out
    text = deck.read_text()
    for words in (out, text):
        assert "No circuit of these parts does the rest of the block" in words
        assert "Block 1 of 2, its lanes" in words
    circuit = read_netlist(deck)
    assert sum(name.startswith("lane") for name in circuit.node_ids) == 2 * 6
    choice = ("--set", "lane=2", "--set", "block=2", "--set", "example=3")
    status, out, err = kirchhoff("export", run, "--to", "json", *choice, "-o", drawn)
    assert status == 0, err
    lane = read_circuit(drawn)
    assert (lane.driven, lane.outputs) == (("u",), ("v2",))
    assert simulate(lane, outputs=11).status.ok
    status, out, err = kirchhoff("verify", run, *choice, "--tolerance", "1e-4")
    assert status == 0, out + err
    assert "ngspice agrees" in out
    assert "ngspice and the model itself" in out
    status, out, err = kirchhoff("verify", run)
    assert status == 0, out + err
    weights = tmp_path / "net.safetensors"
    status, out, _ = kirchhoff("export", run, "--to", "safetensors", "-o", weights)
    assert "the model kinn of run" in out, "all of the network leaves as weights, as ever"


def test_refusals_are_one_line_each(kirchhoff, tmp_path):
    run = trained(kirchhoff, tmp_path, "depth")
    refused = [
        (("export", run, "--to", "spice", "-o", tmp_path / "x.cir"), "no circuit does exactly"),
        (("verify", run), "rule gs"),
        (("verify", run, "--set", "example=99"), "the example is 99, and the test set has"),
        (("verify", run, "--set", "examples=9"), "did you mean 'example'"),
    ]
    for words, text in refused:
        status, out, err = kirchhoff(*words)
        assert (status, out) == (2, "")
        assert text in err
        assert len(err.splitlines()) == 1
    made = tmp_path / "ring.json"
    kirchhoff("generate", "ring", "-o", made)
    status, _, err = kirchhoff("export", made, "--to", "json", "--set", "lane=1", "-o", made)
    assert status == 2
    assert "this is one already" in err
