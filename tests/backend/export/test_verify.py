"""What verification says when there is no ngspice, or one that fails."""

from pathlib import Path

import pytest

from backend.errors import ExportError, StudioError
from backend.export.verify import verify
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
            r'printf "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" >> "$4"; echo "doAnalyses: too small"',
            r"ngspice stopped at t = 0 s: doAnalyses: too small",
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
