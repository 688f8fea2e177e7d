"""What the studio explains: modes, terms with formulas and sources, files; help.json says it."""

import json
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

FILE = Path(__file__).with_name("help.json")


class Term(TypedDict):
    """A term: one sentence, and where there is one its formula with author, year and equation."""

    id: str
    term: str
    group: str
    words: str
    formula: str
    source: str


class Help(TypedDict):
    """Everything that is explained: a sentence by mode, terms, files that are read or written."""

    modes: dict[str, str]
    terms: list[Term]
    files: list[dict[str, str]]


@cache
def explained() -> Help:
    """The content of help.json."""
    found: Any = json.loads(FILE.read_text(encoding="utf-8"))
    return found
