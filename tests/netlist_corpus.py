"""Netlists in the manner of several tools, and what ngspice makes of each.

``tests/golden/netlists`` has a folder a tool. Behind ``.end``, where nothing is read any more, a
line ``* right: node=value`` gives voltages at the end that ngspice does not know, and
``* refused: text`` what the refusal must say. ``.inc``, ``.lib`` files are included by others.
"""

import os
import re
import subprocess
from pathlib import Path

import numpy as np

from backend.export.netlist.text import decoded

FOLDER = Path(__file__).parent / "golden" / "netlists"
FILES = sorted(p for p in FOLDER.rglob("*") if p.suffix in {".cir", ".net", ".spice"})


def names(marked: str) -> list[str]:
    """Files with such a mark; those without any for an empty one."""
    return [str(p.relative_to(FOLDER)) for p in FILES if mark_of(p)[0] == marked]


def mark_of(path: Path) -> tuple[str, str]:
    """``right`` or ``refused`` and the text behind it, or two empty ones."""
    found = re.search(r"^\* (right|refused): (.*?)\s*$", decoded(path.read_bytes()), re.MULTILINE)
    return (found[1], found[2]) if found else ("", "")


def by_ngspice(name: str, scratch: Path) -> dict[str, np.ndarray]:
    """Time and node voltages by their names in small letters, by ngspice itself.

    A control block gives way to its analysis: ngspice writes no file of results with one.
    """
    text = decoded((FOLDER / name).read_bytes())
    block = re.search(r"^\.control$(.*?)^\.endc$", text, re.MULTILINE | re.DOTALL)
    if block:
        tran = re.search(r"^tran .*$", block[1], re.MULTILINE)
        text = text.replace(block[0], f".{tran[0]}" if tran else "")
    # Only the transient is wanted, at all its steps, in double precision, and finely.
    lines = [line for line in text.splitlines() if not SKIPPED.match(line)]
    lines.insert(1, ".options reltol=1e-6 filetype=ascii" if not FINE.search(text) else "* fine")
    deck = scratch / "deck.cir"
    deck.write_text("\n".join(lines) + "\n")
    for beside in (FOLDER / name).parent.rglob("*"):
        if beside.suffix in {".lib", ".inc"}:
            copy = scratch / beside.relative_to((FOLDER / name).parent)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(beside.read_bytes())
    done = subprocess.run(
        ["ngspice", "-n", "-b", "-r", "out.raw", "deck.cir"],
        cwd=scratch, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "SPICE_ASCIIRAWFILE": "1"},
    )  # fmt: skip
    assert (scratch / "out.raw").exists(), done.stdout[-2000:] + done.stderr[-2000:]
    return _raw((scratch / "out.raw").read_text())


SKIPPED = re.compile(r"\s*\.(ac|op|dc|four|plot|print|width|meas|probe|save)\b", re.IGNORECASE)
FINE = re.compile(r"reltol", re.IGNORECASE)


def _raw(text: str) -> dict[str, np.ndarray]:
    """The vectors of a raw file in ASCII."""
    head, _, body = text.partition("Values:")
    count = int(re.search(r"No\. Variables: (\d+)", head)[1])  # type: ignore[index]
    names = re.findall(r"^\s*\d+\s+(\S+)\s+\S+", head.partition("Variables:\n")[2], re.MULTILINE)
    numbers = np.array(body.split(), float).reshape(-1, count + 1)[:, 1:]
    shown = [re.sub(r"^v\((.*)\)$", r"\1", name.lower()) for name in names[:count]]
    return dict(zip(shown, numbers.T, strict=True))
