"""Conditions and figures of a lesson, parsed to trees of plain data; nothing is evaluated here.

A tree is JSON that the browser walks: ``{"n": 0.5}`` a number, ``{"w": "r1"}`` a word,
``{"f": "v", "a": [...]}`` a figure of `vocabulary.FIGURES`, ``{"o": "+", "a": [...]}`` an operation
(``+ - * / neg``), a comparison (``< > <= >= =``, the last with ``within`` and ``share``), or
``and`` and ``or``.
"""

import re
from collections.abc import Callable
from typing import Any

from .errors import LessonError
from .vocabulary import FIGURES, PREFIXES, TIMES, UNITS

Tree = dict[str, Any]

MOST_CHARACTERS = 500
MOST_DEPTH = 40
TOLERANCE = 1e-3
"""Share of the right side by which ``=`` may be missed where no ``within`` says more."""

_UNIT = "|".join(re.escape(unit) for unit in UNITS)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"(?:\s*(?P<prefix>[fpnuµmkMG]?)(?P<unit>{_UNIT})(?![\w]))?"
    r"|\"(?P<quoted>[^\"]*)\"|(?P<word>[^\W\d]\w*(?:[.-]\w+)*)"
    r"|(?P<sign><=|>=|[-+*/()<>=,%]))"
)


def condition(text: str) -> Tree:
    """The tree of a condition, e.g. ``v(b, end) = 0.5 V within 2 %``.

    Raises:
        LessonError: names what was found and what to write.
    """
    return _parsed(text, lambda parser: parser.either())


def figure(text: str) -> Tree:
    """The tree of a number, e.g. ``v(a, 0) - v(b, 0)``.

    Raises:
        LessonError: names what was found and what to write.
    """
    return _parsed(text, lambda parser: parser.sum())


def _parsed(text: str, rule: "Callable[[_Parser], Tree]") -> Tree:
    text = " ".join(text.split())
    if len(text) > MOST_CHARACTERS:
        raise LessonError(f"an expression has at most {MOST_CHARACTERS} characters")
    if not text:
        raise LessonError("an expression is missing, such as v(a, end)")
    parser = _Parser(_tokens(text))
    tree = rule(parser)
    if parser.here is not None:
        raise LessonError(f"{_shown(parser.here)} is not expected there in “{text}”")
    return tree


Token = tuple[str, str, float]
"""Sort (``number``, ``word``, ``quoted``, ``sign``), text and value."""


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if not match:
            raise LessonError(f"“{text[place:].strip()[:20]}” is not understood in an expression")
        place = match.end()
        sort = str(match.lastgroup)
        if match["number"] is not None:
            value = float(match["number"]) * PREFIXES[match["prefix"] or ""]
            found.append(("number", match["number"], value))
        else:
            found.append((sort, match[sort], 0.0))
    return found


def _shown(token: Token) -> str:
    return f"“{token[1]}”"


class _Parser:
    """Recursive descent over tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def here(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _takes(self, *signs: str) -> str:
        """The sign or word that stands here, if it is one of these."""
        token = self.here
        if token is None or token[0] not in {"sign", "word"} or token[1] not in signs:
            return ""
        self._place += 1
        return token[1]

    def _must(self, sign: str, after: str) -> None:
        if not self._takes(sign):
            found = _shown(self.here) if self.here else "nothing"
            raise LessonError(f"“{sign}” is missing after {after}; {found} was found")

    def either(self) -> Tree:
        parts = [self.both()]
        while self._takes("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else {"o": "or", "a": parts}

    def both(self) -> Tree:
        parts = [self.comparison()]
        while self._takes("and"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else {"o": "and", "a": parts}

    def comparison(self) -> Tree:
        left = self.sum()
        sign = self._takes("<=", ">=", "<", ">", "=")
        if not sign:
            return left
        tree: Tree = {"o": sign, "a": [left, self.sum()]}
        if sign == "=":
            tree |= self._tolerance()
        elif self._takes("within"):
            raise LessonError("“within” goes with “=” only")
        return tree

    def _tolerance(self) -> Tree:
        if not self._takes("within"):
            return {"within": TOLERANCE, "share": True}
        token = self.here
        if token is None or token[0] != "number":
            raise LessonError("“within” wants a number, such as 5 % or 10 mV")
        self._place += 1
        share = bool(self._takes("%"))
        return {"within": token[2] / 100 if share else token[2], "share": share}

    def sum(self) -> Tree:
        tree = self.product()
        while sign := self._takes("+", "-"):
            tree = {"o": sign, "a": [tree, self.product()]}
        return tree

    def product(self) -> Tree:
        tree = self.atom()
        while sign := self._takes("*", "/"):
            tree = {"o": sign, "a": [tree, self.atom()]}
        return tree

    def atom(self) -> Tree:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise LessonError("an expression is nested too deeply")
        try:
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> Tree:
        if self._takes("-"):
            return {"o": "neg", "a": [self.atom()]}
        if self._takes("("):
            tree = self.either()
            self._must(")", "a bracket")
            return tree
        token = self.here
        if token is None:
            raise LessonError("an expression ends too early")
        self._place += 1
        if token[0] == "number":
            share = 100 if self._takes("%") else 1
            return {"n": token[2] / share}
        if token[0] == "word":
            return self._figure(token[1])
        raise LessonError(f"a number or a figure is missing before {_shown(token)}")

    def _figure(self, name: str) -> Tree:
        if name not in FIGURES:
            known = ", ".join(FIGURES)
            raise LessonError(f"there is no figure “{name}”; there are {known}")
        self._must("(", f"“{name}”")
        sorts = FIGURES[name]
        given: list[Tree] = []
        while not self._takes(")"):
            if given:
                self._must(",", f"an argument of “{name}”")
            if len(given) == len(sorts):
                raise LessonError(f"“{name}” takes {_count(sorts)}")
            given.append(self._argument(sorts[len(given)], name))
        if len(given) < sum(not sort.endswith("?") for sort in sorts):
            raise LessonError(f"“{name}” takes {_count(sorts)}, {len(given)} given")
        return {"f": name, "a": given}

    def _argument(self, sort: str, name: str) -> Tree:
        sort = sort.removesuffix("?")
        token = self.here
        if token is None:
            raise LessonError(f"“)” is missing after “{name}”")
        if sort == "time" and token[0] == "word" and token[1] in TIMES:
            self._place += 1
            return {"w": token[1]}
        if sort in {"time", "number"}:
            return self.sum()
        if token[0] not in {"word", "quoted"}:
            raise LessonError(f"“{name}” wants the name of a {sort}, not {_shown(token)}")
        self._place += 1
        return {"w": token[1]}


def _count(sorts: tuple[str, ...]) -> str:
    if not sorts:
        return "no argument"
    words = ", ".join(sort.removesuffix("?") for sort in sorts)
    return f"{len(sorts)} argument{'s' if len(sorts) > 1 else ''} ({words})"
