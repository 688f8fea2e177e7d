"""A lesson file as plain data; every fault is one sentence with its line.

A file opens with ``title``, ``summary`` and, if wanted, ``order`` and ``minutes`` between two lines
``---``. Each step begins with ``## its title``. Text is Markdown; fenced blocks named ``setup``,
``predict``, ``task`` and ``reveal`` say what a step does, ``circuit NAME`` holds a circuit as JSON;
any other fence is a figure of plain text. docs: ``designer/lessons/README.md``.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from .blocks import BLOCKS
from .errors import LessonError
from .markdown import blocks

MOST_BYTES = 1_000_000
MOST_STEPS = 60
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")

Lines = list[tuple[int, str]]
Check = Callable[[Any], Any]

_FENCE = re.compile(r"```+\s*(?P<name>[\w-]*)(?:\s+(?P<argument>\S+))?\s*")
_HEAD = {"title": str, "summary": str, "order": float, "minutes": float}


def parse(
    text: str, id: str, examples: frozenset[str], check: Check | None = None
) -> dict[str, Any]:
    """The lesson in `text`: ``{id, title, summary, order, minutes, circuits, steps}``.

    Args:
        text: of the file.
        id: what it is to be called.
        examples: ids of circuits that a set-up may open beside those of the file.
        check: returns a circuit with its defaults, or raises with a sentence.

    Raises:
        LessonError: with the line.
    """
    lines = list(enumerate(text.replace("\r\n", "\n").lstrip("\ufeff").split("\n"), start=1))
    head, rest = _head(lines)
    lesson: dict[str, Any] = {"id": id, **head, "circuits": {}, "steps": []}
    for line, title, body in _parts(rest):
        if title is None:
            _before(body, lesson["circuits"], check)
        else:
            step: dict[str, Any] = {"title": title, "line": line}
            _read(step, body, lesson["circuits"], check)
            lesson["steps"].append(step)
    _whole(lesson, examples)
    return lesson


def _head(lines: Lines) -> tuple[dict[str, Any], Lines]:
    if not lines or lines[0][1].strip() != "---":
        raise LessonError("a lesson begins with a line --- and its title below it", 1)
    found: dict[str, Any] = {"order": 100.0, "minutes": 10.0}
    for place, (number, line) in enumerate(lines[1:], start=1):
        if line.strip() == "---":
            for name in ("title", "summary"):
                if not found.get(name):
                    raise LessonError(f"the head has no {name}", number)
            return found, lines[place + 1 :]
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or name not in _HEAD:
            known = ", ".join(_HEAD)
            raise LessonError(
                f"“{line.strip()[:40]}” is not known in the head; it has {known}", number
            )
        found[name] = value.strip() if _HEAD[name] is str else _number(value, name, number)
    raise LessonError("the head is not closed by a second line ---", len(lines))


def _number(text: str, name: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e6:
        raise LessonError(f"{name} must be a number, 0 or more, got “{text.strip()[:20]}”", line)
    return value


def _parts(lines: Lines) -> list[tuple[int, str | None, Lines]]:
    """Line, title and body of what stands before the first step, and of every step."""
    found: list[tuple[int, str | None, Lines]] = [(0, None, [])]
    fenced = False
    for number, line in lines:
        if line.startswith("```"):
            fenced = not fenced
        if line.startswith("## ") and not fenced:
            found.append((number, line[3:].strip(), []))
        else:
            found[-1][2].append((number, line))
    return found


def _before(lines: Lines, circuits: dict[str, Any], check: Check | None) -> None:
    """What stands before the first step: circuits, and nothing else."""
    found: dict[str, Any] = {}
    _read(found, lines, circuits, check)
    if found.pop("text") or found:
        line = next(number for number, text in lines if text.strip())
        raise LessonError("text stands before the first step; a step begins with ## and its title",
                          line)  # fmt: skip


def _read(
    step: dict[str, Any], lines: Lines, circuits: dict[str, Any], check: Check | None
) -> None:
    """Text and blocks of one step, put into `step` and `circuits`."""
    shown: list[Any] = []
    waiting: Lines = []
    place = 0
    while place < len(lines):
        number, line = lines[place]
        place += 1
        if not line.startswith("```"):
            waiting.append((number, line))
            continue
        inner, place = _fenced(lines, place, number)
        match = _FENCE.fullmatch(line)
        name = match["name"] if match else ""
        if name == "circuit":
            _circuit(match["argument"] if match else None, inner, number, circuits, check)
        elif name in BLOCKS:
            if name in step:
                raise LessonError(f"a step has one {name} block, this is the second", number)
            step[name] = BLOCKS[name](inner, number)
        else:
            shown += blocks(waiting)
            waiting = []
            shown.append({"pre": "\n".join(text for _, text in inner)})
    shown += blocks(waiting)
    step["text"] = shown


def _fenced(lines: Lines, place: int, opened: int) -> tuple[Lines, int]:
    inner: Lines = []
    while place < len(lines):
        if lines[place][1].startswith("```"):
            return inner, place + 1
        inner.append(lines[place])
        place += 1
    raise LessonError("the block that opens here is not closed by ```", opened)


def _circuit(
    name: str | None, inner: Lines, line: int, circuits: dict[str, Any], check: Check | None
) -> None:
    if not name or not ID.fullmatch(name):
        raise LessonError("a circuit block has a name of small letters, digits and -, "
                          "such as ```circuit two-nodes", line)  # fmt: skip
    if name in circuits:
        raise LessonError(f"there are two circuits “{name}”", line)
    try:
        data = json.loads("\n".join(text for _, text in inner))
    except (ValueError, RecursionError) as error:
        # A fault of JSON has a line of its own, counted inside the block.
        where = line + getattr(error, "lineno", 0)
        raise LessonError(f"the circuit “{name}” is no JSON: {error}", where) from None
    try:
        circuits[name] = check(data) if check else data
    except Exception as error:  # whatever the circuit's reader says of it
        raise LessonError(f"the circuit “{name}” cannot be used: {error}", line) from None


def _whole(lesson: dict[str, Any], examples: frozenset[str]) -> None:
    """What only the whole file shows."""
    steps = lesson["steps"]
    if not steps:
        raise LessonError("a lesson has steps; each begins with ## and its title")
    if len(steps) > MOST_STEPS:
        raise LessonError(f"a lesson has at most {MOST_STEPS} steps, this one {len(steps)}")
    for step in steps:
        setup = step.get("setup", {})
        wanted = setup.get("open")
        if wanted is not None and wanted not in lesson["circuits"] and wanted not in examples:
            raise LessonError(f"there is no circuit or example “{wanted}”", setup["line"])
        setup.pop("line", None)
    if not steps[0].get("setup", {}).get("open"):
        raise LessonError("the first step has no set-up that opens a circuit", steps[0]["line"])
