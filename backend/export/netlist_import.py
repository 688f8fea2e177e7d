"""Netlists back into circuits: our own exactly, plain cards as far as we have their devices.

What ``netlist`` does not read is refused with its line, and nothing in a netlist is ever
executed. In one of our own files the comments opened by ``*@`` hold the circuit;
its cards must still be the ones that the circuit gives, so that an edited card is not overlooked.
"""

import json
import re
from pathlib import Path
from typing import Any

from ..circuit import DRIVEN_FORMAT, Circuit
from ..circuit import FORMAT as CIRCUIT_FORMAT
from ..devices import ELEMENTS
from ..errors import CircuitError, StudioError
from ..params import check_params
from .netlist import circuit_of, decoded, read_deck
from .netlist.files import read_bytes
from .netlist.lines import lines_of
from .spice import FORMAT, PARAMS, REMARK, netlist

OLDER = "kirchhoff-netlist/1"


def read_netlist(path: str | Path) -> Circuit:
    """The circuit in a netlist file.

    Raises:
        CircuitError: the file cannot be read or holds something we do not; names file and line.
    """
    path = Path(path)
    data = read_bytes(path)
    try:
        return parse_netlist(decoded(data), path.parent)
    except CircuitError as error:
        raise CircuitError(f"{path}: {error}") from None


def parse_netlist(text: str, folder: Path | None = None) -> Circuit:
    """The circuit in the text of a netlist.

    Args:
        text: of the netlist.
        folder: from which, and from below which, it may include files; None for none.

    Raises:
        CircuitError: a card, form or value that we do not read; names the line.
    """
    lines = lines_of(text)
    first = lines[0] if lines else ""
    if first.startswith((f"* {FORMAT}", f"* {OLDER}")):
        return _own(lines, older=first.startswith(f"* {OLDER}"))
    return circuit_of(read_deck(text, folder))


def _own(lines: list[str], older: bool) -> Circuit:
    """The circuit of a netlist that this program wrote, or an older version of it."""
    head, data = _remarks(lines)
    try:
        circuit = Circuit.from_dict(data)
        settings = check_params(PARAMS, {param.name: head[param.name] for param in PARAMS})
        written = netlist(
            circuit, str(settings["dialect"]), int(settings["outputs"]), float(settings["reltol"])
        )
    except CircuitError as error:
        raise CircuitError(f"in the comments opened by '{REMARK.strip()}': {error}") from None
    except (StudioError, KeyError, TypeError, ValueError, ArithmeticError):
        raise CircuitError("the comment opened by '*@ circuit' has been changed") from None
    compared = _describing if older else _whole
    expected = [card for line in written.splitlines() if (card := compared(line))]
    found = [
        (number, card) for number, line in enumerate(lines, start=1) if (card := compared(line))
    ]
    for (number, card), wanted in zip(found, expected, strict=False):
        if card != wanted:
            raise CircuitError(
                f"line {number}: the card was edited and its description above was not; "
                "remove the first line to read the cards alone"
            )
    if len(found) != len(expected):
        raise CircuitError("cards were added or removed; remove the first line to read them alone")
    return circuit


def _whole(line: str) -> str:
    """A card with single spaces; nothing for a comment."""
    return "" if line.startswith("*") else " ".join(line.split())


def _describing(line: str) -> str:
    """Of an older file: the cards that say what the circuit is, not how it is simulated.

    Gates and control cards have changed since; the end of the analysis has not.
    """
    card = _whole(line)
    if card.startswith(".tran"):
        return " ".join(card.split()[2:3])
    return "" if card.startswith((".options", "Vg")) else card


def _remarks(lines: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The netlist's own settings and the circuit in the form of a circuit file."""
    head: dict[str, Any] = {}
    data: dict[str, Any] = {"format": CIRCUIT_FORMAT, "nodes": [], "slices": []}
    for number, line in enumerate(lines, start=1):
        match = re.fullmatch(r"\*@ (circuit|node|slice|device) (\{.*\})", line.rstrip())
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
            if "start" in record:
                data["start"], data["format"] = record["start"], DRIVEN_FORMAT
        elif match[1] == "node":
            data["nodes"].append(record)
            if "drive" in record or record.get("capacitance") == 0:
                data["format"] = DRIVEN_FORMAT
        elif match[1] == "slice":
            data["slices"].append({**record, "devices": []})
        elif data["slices"]:
            data["slices"][-1]["devices"].append(record)
            if record.get("kind") in ELEMENTS or "drive" in record:
                data["format"] = DRIVEN_FORMAT
        else:
            raise CircuitError(f"line {number}: a device stands before the first slice")
    return head, data
