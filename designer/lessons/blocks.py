"""The fenced blocks of a step: set-up, prediction, task, reveal."""

import math
import re
from collections.abc import Callable
from typing import Any

from .errors import LessonError
from .expressions import Tree, condition, figure
from .markdown import blocks, words
from .vocabulary import LANES, MODES, SETUP

Lines = list[tuple[int, str]]
Entries = list[tuple[int, str, str]]

_NAME = re.compile(r"[\w.-]{1,80}")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
MOST_OUTPUTS = 5001
DEFAULT_SHARE = 0.05
"""How far a predicted number may be off, as a share, where the lesson says nothing."""


def _entries(lines: Lines, block: str, known: tuple[str, ...]) -> Entries:
    """Line, key and value of ``key: value`` lines; a line that begins with a blank goes on."""
    found: Entries = []
    for number, line in lines:
        if not line.strip():
            continue
        if line[0].isspace() and found:
            before = found[-1]
            found[-1] = (before[0], before[1], f"{before[2]} {line.strip()}")
            continue
        key, colon, value = line.partition(":")
        key = key.strip()
        if not colon or key not in known:
            raise LessonError(f"“{line.strip()[:40]}” is not known in a {block} block; it has "
                              + ", ".join(known), number)  # fmt: skip
        if not value.strip():
            raise LessonError(f"“{key}” of the {block} block is empty", number)
        found.append((number, key, value.strip()))
    return found


def _single(entries: Entries, key: str, block: str, line: int) -> tuple[int, str]:
    found = [(number, value) for number, name, value in entries if name == key]
    if len(found) != 1:
        raise LessonError(f"a {block} block has one line “{key}: …”, found {len(found)}", line)
    return found[0]


def _located(read: Callable[[str], Tree], text: str, line: int) -> Tree:
    try:
        return read(text)
    except LessonError as error:
        raise error.at(line) from None


def _setup(lines: Lines, line: int) -> dict[str, Any]:
    found: dict[str, Any] = {"line": line}
    for number, key, value in _entries(lines, "setup", tuple(SETUP)):
        if key in found:
            raise LessonError(f"“{key}” stands twice in the set-up", number)
        read = _READ[key](value)
        if read is None:
            raise LessonError(
                f"“{key}: {value[:40]}” is not understood; it takes {SETUP[key]}", number
            )
        found[key] = read
    return found


def _one_of(known: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda value: value if value in known else None


def _names(value: str) -> list[str] | None:
    found = value.replace(",", " ").split()
    return found if all(_NAME.fullmatch(name) for name in found) else None


def _time(value: str) -> float | str | None:
    return "end" if value == "end" else _finite(value)


def _finite(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _slice(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= 1000 else None


def _yes(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def _outputs(value: str) -> int | None:
    return (
        int(value)
        if value.isascii() and value.isdigit() and 2 <= int(value) <= MOST_OUTPUTS
        else None
    )


def _loss(value: str) -> dict[str, Any] | None:
    """``sum``, or ``mse`` with a target [V] for each output named."""
    name, *targets = value.split()
    if name not in {"sum", "mse"} or (name == "sum" and targets):
        return None
    found: dict[str, float] = {}
    for target in targets:
        node, equals, text = target.partition("=")
        try:
            volts = float(text)
        except ValueError:
            return None
        if not equals or not _NAME.fullmatch(node) or not math.isfinite(volts):
            return None
        found[node] = volts
    return {"loss": name, "targets": found}


_READ: dict[str, Callable[[str], Any]] = {
    "open": lambda value: value if _NAME.fullmatch(value) else None,
    "mode": _one_of(MODES),
    "lane": _one_of(LANES),
    "select": _names,
    "slice": _slice,
    "time": _time,
    "play": _yes,
    "loop": _yes,
    "loss": _loss,
    "outputs": _outputs,
    "run": lambda value: value if _RUN.fullmatch(value) else None,
}


def _predict(lines: Lines, line: int) -> dict[str, Any]:
    entries = _entries(lines, "predict", ("ask", "choice", "number"))
    number, ask = _single(entries, "ask", "predict", line)
    choices = [_choice(value, at) for at, key, value in entries if key == "choice"]
    numbers = [(at, value) for at, key, value in entries if key == "number"]
    if bool(choices) == bool(numbers) or len(numbers) > 1 or len(choices) == 1:
        raise LessonError("a prediction has either two or more choices, or one number", line)
    found: dict[str, Any] = {"ask": words(ask, number)}
    if choices:
        return {**found, "choices": choices}
    return {**found, **_predicted(numbers[0][1], numbers[0][0])}


def _choice(value: str, line: int) -> dict[str, Any]:
    """A choice is right where its condition holds in the running model, or by the word alone."""
    text, _, rest = value.rpartition(" | ")
    if not text:
        raise LessonError("a choice is written as: its words | the condition that makes it right; "
                          "or | right, | wrong", line)  # fmt: skip
    rest = rest.strip()
    right: Any = rest == "right" if rest in {"right", "wrong"} else _located(condition, rest, line)
    return {"text": words(text.strip(), line), "right": right}


def _predicted(value: str, line: int) -> dict[str, Any]:
    parts = [part.strip() for part in value.split("|")]
    if len(parts) > 3:
        raise LessonError(
            "a number is written as: a figure | its unit | how far off it may be in %", line
        )
    text, unit, within = [*parts, "", ""][:3]
    share = DEFAULT_SHARE
    if within:
        percent = _finite(within.removesuffix("%").strip())
        if percent is None or not 0 < percent <= 100:
            raise LessonError(f"“{within[:20]}” is no share; write for example 5 %", line)
        share = percent / 100
    return {"number": _located(figure, text, line), "unit": unit, "share": share}


def _task(lines: Lines, line: int) -> dict[str, Any]:
    entries = _entries(lines, "task", ("do", "check", "hint"))
    number, do = _single(entries, "do", "task", line)
    checks = [_check(value, at) for at, key, value in entries if key == "check"]
    if not checks:
        raise LessonError("a task has a line “check: …” that says when it is done", line)
    hints = [words(value, at) for at, key, value in entries if key == "hint"]
    return {"do": words(do, number), "checks": checks, "hints": hints}


def _check(value: str, line: int) -> dict[str, Any]:
    text, bar, said = value.partition(" | ")
    return {
        "when": _located(condition, text, line),
        "text": words(said.strip(), line) if bar else None,
    }


def _reveal(lines: Lines, line: int) -> list[dict[str, Any]]:
    found = blocks(lines)
    if not found:
        raise LessonError("the reveal block is empty", line)
    return found


BLOCKS: dict[str, Callable[[Lines, int], Any]] = {
    "setup": _setup,
    "predict": _predict,
    "task": _task,
    "reveal": _reveal,
}
"""Reader of every block of a step, by the word after its fence."""
