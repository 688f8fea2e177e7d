"""What verification says when there is no ngspice, or one that fails."""

from pathlib import Path

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import ExportError, StudioError
from backend.export.ngspice import complaint
from backend.export.verify import Verification, verify
from backend.topologies import TOPOLOGIES


def test_a_missing_ngspice_is_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        StudioError, match=r"ngspice was not found; install it .* or put it on PATH"
    ):
        verify(TOPOLOGIES["ring"]()())


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'Error: matrix is singular'", "ngspice made no result: Error: matrix is singular"),
        ("true", "ngspice made no result: it said nothing"),
        ("exit 3", "ngspice made no result: it said nothing"),
        (
            r'printf "No. Variables: 1\nVariables:\n\t0\ttime\ttime\nBinary:\n12345678" > "$4"',
            "ngspice made no result",
        ),
        (
            r'printf "No. Variables: 1\nVariables:\n\t0\ttime\ttime\nBinary:\n" > "$4"; '
            r'printf "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" >> "$4"; echo "doAnalyses: Timestep too '
            r'small; time = 0, timestep = 1e-22: trouble with node \"n2\""',
            r"ngspice stopped at t = 0 s of 1 s, so nothing can be said about this circuit: its "
            r"steps became too small to advance the time near node 'n2'; a voltage there jumps",
        ),
    ],
)
def test_a_failing_ngspice_is_quoted(
    script: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ngspice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ExportError, match=message):
        verify(TOPOLOGIES["ring"]()())


def test_ngspice_names_its_trouble_by_numbers_of_its_own() -> None:
    ring = TOPOLOGIES["ring"](nodes=3)()
    line = "doAnalyses: TRAN:  Timestep too small; time = 1, timestep = 1e-22: trouble with "
    assert "near node 'n3';" in complaint(line + 'node "n3"', ring)
    assert "at device 'd2';" in complaint(line + "b2:instance", ring)
    for unknown in ('node "n9"', "b99999:instance", 'node "g1"', ""):
        assert "advance the time;" in complaint(line + unknown, ring)
    assert complaint("Note: x\nError: no such thing\n", ring) == "Error: no such thing"


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 2.0, float("nan")])
def test_a_tolerance_that_nothing_could_meet_is_refused(tolerance: float) -> None:
    with pytest.raises(StudioError, match=r"the tolerance is .*; choose one from 1e-12 to 1"):
        verify(TOPOLOGIES["ring"]()(), tolerance)


def test_an_unsure_solution_of_ours_judges_nothing() -> None:
    t = np.array([0.0, 1.0])
    one = np.ones((2, 1))
    sure = Verification(True, 1e-3, 1e-5, "a", 1.0, t, one, one, 1e-6)
    assert sure.text.startswith("ngspice agrees: the largest error is 1e-05")
    unsure = Verification(False, 1e-3, 1e-5, "a", 1.0, t, one, one, 1e-2)
    assert unsure.text.startswith("Nothing can be said within 0.001: two of our own solves differ")


def test_what_grows_out_of_noise_is_called_chance() -> None:
    t = np.array([0.0, 1.0, 2.0])
    ours = np.array([[1.0], [1e-20], [0.5]])
    result = Verification(False, 1e-3, 1.0, "a", 2.0, t, ours, 0 * ours)
    assert result.text.endswith("what grows from there is chance.")


@pytest.mark.spice
def test_our_own_failure_is_said() -> None:
    """A voltage that leaves the range of numbers is right nowhere."""
    grows = Device("d", "resistor", "a", "gnd", {"conductance": -1e4})
    with pytest.raises(ExportError, match="our own solve stopped, so ngspice has nothing"):
        verify(Circuit((Node("a", 1.0),), (Slice((grows,)),)))
