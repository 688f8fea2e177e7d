"""Netlists back into circuits: our own exactly, plain cards as far as we have their devices.

Only what is listed here is read; everything else is refused with its line, and nothing in a
netlist is ever executed. In one of our own files the comments opened by ``*@`` hold the circuit;
its cards must still be the ones that the circuit gives, so that an edited card is not overlooked.
"""

import json
import re
from pathlib import Path
from typing import Any

from ..circuit import FORMAT as CIRCUIT_FORMAT
from ..circuit import Circuit
from ..errors import CircuitError, StudioError
from .plain_cards import read_cards
from .spice import FORMAT, REMARK, netlist

MAX_BYTES = 64 * 2**20
SUFFIXES = (".cir", ".net", ".sp", ".spice", ".ckt")


def read_netlist(path: str | Path) -> Circuit:
    """The circuit in a netlist file.

    Raises:
        CircuitError: the file cannot be read or holds something we do not; names file and line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CircuitError(f"{path}: a netlist may have {MAX_BYTES // 2**20} MB")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CircuitError(f"{path}: the file is not text in UTF-8") from None
    except OSError as error:
        raise CircuitError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        return parse_netlist(text)
    except CircuitError as error:
        raise CircuitError(f"{path}: {error}") from None


def parse_netlist(text: str) -> Circuit:
    """The circuit in the text of a netlist.

    Raises:
        CircuitError: a card, form or value that we do not read; names the line.
    """
    lines = text.splitlines()
    if lines and lines[0].startswith(f"* {FORMAT}"):
        return _own(lines)
    return read_cards(lines)


def _own(lines: list[str]) -> Circuit:
    """The circuit of a netlist that this program wrote."""
    head, data = _remarks(lines)
    try:
        circuit = Circuit.from_dict(data)
        written = netlist(circuit, head["dialect"], head["outputs"], head["reltol"])
    except CircuitError as error:
        raise CircuitError(f"in the comments opened by '{REMARK.strip()}': {error}") from None
    except (StudioError, KeyError, TypeError, ValueError, ZeroDivisionError):
        raise CircuitError("the comment opened by '*@ circuit' has been changed") from None
    expected = [line for line in written.splitlines() if not line.startswith("*")]
    found = [
        (number, " ".join(line.split()))
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("*")
    ]
    for (number, line), wanted in zip(found, expected, strict=False):
        if line != wanted:
            raise CircuitError(
                f"line {number}: the card was edited and its description above was not; "
                "remove the first line to read the cards alone"
            )
    if len(found) != len(expected):
        raise CircuitError("cards were added or removed; remove the first line to read them alone")
    return circuit


def _remarks(lines: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The netlist's own settings and the circuit in the form of a circuit file."""
    head: dict[str, Any] = {}
    data: dict[str, Any] = {"format": CIRCUIT_FORMAT, "nodes": [], "slices": []}
    for number, line in enumerate(lines, start=1):
        match = re.fullmatch(r"\*@ (circuit|node|slice|device) (\{.*\})\s*", line)
        if not match:
            if line.startswith(REMARK.strip()):
                raise CircuitError(f"line {number}: this description is incomplete")
            continue
        try:
            record = json.loads(match[2])
        except (ValueError, RecursionError):
            raise CircuitError(f"line {number}: this description is not valid JSON") from None
        if match[1] == "circuit":
            head, data["name"] = record, record.get("name", "")
        elif match[1] == "node":
            data["nodes"].append(record)
        elif match[1] == "slice":
            data["slices"].append({**record, "devices": []})
        elif data["slices"]:
            data["slices"][-1]["devices"].append(record)
        else:
            raise CircuitError(f"line {number}: a device stands before the first slice")
    return head, data
