"""Commands about a circuit at rest."""

import csv
import json
import math

import pytest

from backend import cli
from backend.circuit.files import write_circuit
from tests.named_circuits import series_rlc


@pytest.fixture
def kirchhoff(monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr("sys.argv", ["kirchhoff", *map(str, words)])
        return cli.run(), *capsys.readouterr()

    return run


@pytest.fixture
def rlc(tmp_path):
    """Poles of s^2 L C + s R C + 1 with 10 ohm, 1 mH, 1 uF: -5000 +- 31225j 1/s."""
    path = tmp_path / "rlc.json"
    write_circuit(series_rlc(), path)
    return path


def test_poles_stand_beside_the_operating_point(kirchhoff, rlc, tmp_path):
    out = tmp_path / "rest.json"
    status, text, _ = kirchhoff("operating-point", rlc, "--json", out)
    assert status == 0
    assert "v(c) = 1 V" in text
    assert "pole -5000 ± 31225j 1/s: 5033 Hz, time constant 0.0002 s, damping 0.1581" in text
    (pole,) = json.loads(out.read_text())["poles"]
    assert math.hypot(pole["real"], pole["imaginary"]) == pytest.approx(1e-3**-1.5)


def test_a_response_is_written_for_the_nodes_that_are_asked_for(kirchhoff, rlc, tmp_path):
    out = tmp_path / "bode.csv"
    corner = 1e-3**-1.5 / (2 * math.pi)
    words = ("--source", "v", "--node", "c", "--low", corner, "--high", 100 * corner)
    status, text, _ = kirchhoff("frequency-response", rlc, *words, "--points", 3, "-o", out)
    assert status == 0
    assert "V/V of the source 'v'" in text
    with out.open(encoding="utf-8") as file:
        head, first, *_ = csv.reader(file)
    assert head == ["f [Hz]", "c [dB]", "c [deg]"]
    # At |p| the capacitor's voltage is Q = sqrt(L / C) / R = 3.162 of the source's, a quarter late.
    assert float(first[1]) == pytest.approx(10.0)
    assert float(first[2]) == pytest.approx(-90.0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--source", "w"), "there is no source 'w'"),
        (("--node", "x"), "there is no node 'x'"),
        (("--low", "5", "--high", "1"), "range of frequencies is empty"),
    ],
)
def test_bad_input_is_one_line(kirchhoff, rlc, tmp_path, words, said):
    status, _, line = kirchhoff("frequency-response", rlc, *words, "-o", tmp_path / "a.csv")
    assert status == 2
    assert said in line
    assert line.count("\n") == 1
    assert not (tmp_path / "a.csv").exists()
