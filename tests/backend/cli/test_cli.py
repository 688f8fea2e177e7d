"""The command line as its users type it; every refusal is one line and status 2."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest

from backend import cli
from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.files import read_circuit, write_circuit


@pytest.fixture
def kirchhoff(monkeypatch, capsys):
    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
        status = cli.run()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def pair(tmp_path):
    nodes = (Node("n1", 1.0, role="input"), Node("n2", role="output"))
    devices = (Device("d1", "resistor", "n1", "n2"), Device("d2", "tanh", "n2", GROUND))
    path = tmp_path / "pair.json"
    write_circuit(Circuit(nodes, (Slice(devices, 2.0),), "pair"), path)
    return path


def test_generate_then_simulate_with_adjoint(kirchhoff, tmp_path):
    circuit, out = tmp_path / "ring.json", tmp_path / "out.npz"
    status, text, _ = kirchhoff("generate", "ring", "--set", "nodes=9", "--seed", 3, "-o", circuit)
    assert status == 0
    assert "9 nodes" in text
    ids = read_circuit(circuit).node_ids
    status, _, _ = kirchhoff(
        *("simulate", circuit, "--solver", "rk4", "--steps", 50, "--outputs", 11),
        *("--adjoint", "--loss", "mse", "--target", f"{ids[0]}=0.5", "-o", out),
    )
    assert status == 0
    with np.load(out) as file:
        keys = set(file)
        assert file["t"].shape == (11,)
        assert tuple(file["node_ids"]) == ids
        assert file["adjoint_voltages"].shape == (11, 9)
        assert file["gradient_voltage"].shape == (9,)
    named = {"t", "voltages", "currents", "node_ids", "device_ids", "loss", "gradient_voltage"}
    named |= {
        "status",
        "message",
        "gradient_gap",
        "adjoint_voltages",
        "adjoint_currents",
        "adjoint_currents_target",
    }
    assert named <= keys
    assert all(key in named or key.startswith(("gradient/", "energy_")) for key in keys)


def test_initial_voltages_and_csv(kirchhoff, pair, tmp_path):
    out = tmp_path / "out.csv"
    status, _, _ = kirchhoff(
        "simulate", pair, "--voltage", "n1=0.25", "--voltage", "n2=-0.5", "-o", out
    )
    assert status == 0
    rows = out.read_text().splitlines()
    assert rows[0] == "t,v(n1),v(n2),i(d1),i(d2)"
    assert [float(x) for x in rows[1].split(",")[:3]] == [0.0, 0.25, -0.5]
    assert len(rows) == 202


REFUSED = [
    (("simulate", "none.json", "-o", "x.npz"), "none.json: cannot be read (No such file"),
    (("simulate", "PAIR", "-o", "x.txt"), "x.txt: trajectories are written as .npz or .csv"),
    (("simulate", "PAIR", "--solver", "rk5", "-o", "x.npz"), "did you mean 'rk4'?"),
    (("simulate", "PAIR", "--steps", "0", "-o", "x.npz"), "steps must be at least 1"),
    (("simulate", "PAIR", "--steps", "x", "-o", "x.npz"), "--steps"),
    (("simulate", "PAIR", "--voltage", "n1", "-o", "x.npz"), "--voltage wants key=value"),
    (("simulate", "PAIR", "--voltage", "n1=nan", "-o", "x.npz"), "expected a finite voltage"),
    (("simulate", "PAIR", "--voltage", "n8=1", "-o", "x.npz"), "there is no node 'n8'"),
    (("simulate", "PAIR", "-o", "/nowhere/x.npz"), "/nowhere/x.npz: cannot be written"),
    (("simulate", "PAIR", "--loss", "sum"), "Missing option"),
    (("generate", "rings", "-o", "x.json"), "unknown topology 'rings': did you mean 'ring'?"),
    (("generate", "ring", "--set", "nodes=1e9", "-o", "x.json"), "topology ring: nodes must be"),
    (("export", "PAIR", "--to", "spise", "-o", "x.cir"), "did you mean 'spice'?"),
    (("export", "PAIR", "--to", "spice", "--dialect", "x", "-o", "x.cir"), "dialect"),
    (("evaluate", "no-such-run", "--dataset", "two_moons"), "no-such-run"),
    (("evaluate", "PAIR", "--fault", "stuc:device=d1"), "did you mean 'stuck'?"),
    (("train", "--dataset", "two_moon", "--model", "kirchhoffnet"), "did you mean 'two_moons'?"),
    (("train", "--dataset", "digits", "--set", "epoch=3"), "did you mean 'epochs'?"),
    (("runs", "show", "../../etc"), "../../etc"),
    (("bench", "simulat"), "did you mean 'simulate'?"),
    (("simulat",), "Did you mean 'simulate'?"),
]


@pytest.mark.parametrize(("words", "text"), REFUSED)
def test_refused_in_one_line(kirchhoff, pair, tmp_path, monkeypatch, words, text):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path / "home"))
    before = pair.read_text()
    status, out, err = kirchhoff(*(str(pair) if word == "PAIR" else word for word in words))
    assert (status, out) == (2, "")
    assert text in err
    assert err.startswith("kirchhoff: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert pair.read_text() == before


def test_a_diverging_circuit_is_named_and_what_exists_is_kept(kirchhoff, tmp_path):
    hot = Device("d1", "resistor", "hot", GROUND, {"conductance": -500.0})
    circuit = Circuit((Node("hot", 1.0, role="output"),), (Slice((hot,), 5.0),))
    path, out = tmp_path / "hot.json", tmp_path / "out.npz"
    write_circuit(circuit, path)
    status, _, err = kirchhoff("simulate", path, "--steps", 5000, "-o", out)
    assert status == 2
    assert err.count("\n") == 1
    assert "hot.json" in err
    assert "'hot'" in err
    with np.load(out) as file:
        assert 1 < len(file["t"]) < 201
        assert np.isfinite(file["voltages"]).all()


@pytest.mark.parametrize("suffix", ["json", "safetensors", "pt"])
def test_export_and_import_keep_the_circuit(kirchhoff, pair, tmp_path, suffix):
    out = tmp_path / f"net.{suffix}"
    assert kirchhoff("export", pair, "--to", suffix, "-o", out)[0] == 0
    back = tmp_path / "back.json"
    assert kirchhoff("import", out, "-o", back)[0] == 0
    assert read_circuit(back) == read_circuit(pair)


def test_netlist_round_trip(kirchhoff, pair, tmp_path):
    out, back = tmp_path / "net.cir", tmp_path / "back.json"
    assert kirchhoff("export", pair, "--to", "spice", "-o", out)[0] == 0
    assert kirchhoff("import", out, "-o", back)[0] == 0
    assert read_circuit(back) == read_circuit(pair)


@pytest.mark.spice
def test_verify_prints_the_largest_error(kirchhoff, pair):
    status, out, _ = kirchhoff("verify", pair)
    assert status == 0
    assert "largest error" in out
    status, out, _ = kirchhoff("verify", pair, "--tolerance", "1e-12")
    assert status == 1
    assert "DIFFERS" in out


def test_bench_writes_ratios(kirchhoff, tmp_path):
    out = tmp_path / "bench.json"
    status, text, _ = kirchhoff("bench", "simulate", "--json", out)
    assert status == 0
    sections = json.loads(out.read_text())["simulate"]["sections"]
    rows = [row for section in sections for row in section["rows"]]
    assert [section["rows"][0]["ratio"] for section in sections] == [1.0] * len(sections)
    assert all(row["label"] in text for row in rows)


def test_help_is_quick_because_torch_stays_away():
    """Half a second is promised; asserted through what is imported, not through a clock."""
    code = (
        "import sys; sys.argv = ['kirchhoff', '--help']\n"
        "from designer.__main__ import main; status = main()\n"
        "heavy = {'torch', 'numpy', 'dash', 'pydantic_core', 'rich'} & set(sys.modules)\n"
        "heavy -= {'pydantic_core', 'rich'}  # typer's own\n"
        "sys.exit(f'imported {heavy}' if heavy else status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "simulate" in done.stdout
    assert "serve" in done.stdout


def test_train_stop_resume_compare(kirchhoff, tmp_path, monkeypatch):
    """A real worker process on a small run."""
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path))
    quick = ("--set", "epochs=2", "--set", "report_interval=5")
    status, out, err = kirchhoff(
        "train", "--model", "kirchhoffnet", "--dataset", "two_moons", *quick, "--name", "first"
    )
    assert status == 0, err
    run, directory = out.splitlines()[0].split(maxsplit=1)
    assert (tmp_path / "runs" / run) == type(tmp_path)(directory)
    assert "test_accuracy" in out
    result = tmp_path / "result.json"
    assert kirchhoff("evaluate", run, "--dataset", "two_moons", "--json", result)[0] == 0
    measured = json.loads(result.read_text())
    assert {"accuracy", "loss", "seconds"} <= set(measured)
    assert 0.5 <= measured["accuracy"] <= 1.0
    broken = ("--fault", "stuck:device=d1", "--fault", "drift:sigma=1,seed=2")
    assert kirchhoff("evaluate", run, *broken, "--json", result)[0] == 0
    assert json.loads(result.read_text())["before"]["loss"] == measured["loss"]
    net = tmp_path / "net.safetensors"
    assert kirchhoff("export", run, "--to", "safetensors", "-o", net)[0] == 0
    status, _, _ = kirchhoff("evaluate", net, "--dataset", "two_moons", "--json", result)
    assert json.loads(result.read_text())["accuracy"] == pytest.approx(measured["accuracy"])
    status, out, _ = kirchhoff("runs", "list")
    assert run in out
    status, out, _ = kirchhoff("runs", "show", run)
    assert "dataset  two_moons" in out
    status, out, _ = kirchhoff(
        "train", "--dataset", "two_moons", "--set", "epochs=100000", "--detach"
    )
    second = out.split()[0]
    wait_for(tmp_path, second, "running")
    assert kirchhoff("runs", "stop", second)[0] == 0
    wait_for(tmp_path, second, "cancelled")
    status, out, _ = kirchhoff("runs", "compare", run, second)
    assert "epochs" in out


def wait_for(home, run: str, state: str) -> None:
    deadline = time.monotonic() + 120
    path = home / "runs" / run / "status.json"
    while json.loads(path.read_text())["state"] != state:
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.1)
