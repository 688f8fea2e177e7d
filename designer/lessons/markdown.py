"""The little Markdown of lessons as plain data: paragraphs, lists, figures as text, pictures.

Blocks are ``{"p": words}``, ``{"ul": [words, ...]}``, ``{"pre": text}`` and
``{"img": name, "alt": text}``. Words are a list of texts and of ``{"b": words}``, ``{"i": words}``,
``{"code": text}``, ``{"value": tree, "unit": text}`` (a figure computed while it is read, written
``{v(a, end) | V}``) and ``{"claim": text, "value": tree}`` (a number that stands in the text and
that the tests compute, written ``{0.5 V = v(a, end)}``). No HTML passes: the browser makes elements
of these alone.
"""

import re
from typing import Any

from .errors import LessonError
from .expressions import figure

Block = dict[str, Any]
Words = list[Any]

PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<name>[^)]*)\)")
PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(?:png|jpe?g|webp|gif)")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<b>[^*]+)\*\*|\*(?P<i>[^*\s][^*]*)\*|\{(?P<live>[^{}]*)\}"
)
_BULLET = re.compile(r"\s*[-*] +(.*)")


def blocks(lines: list[tuple[int, str]]) -> list[Block]:
    """Blocks of numbered lines without fences.

    Raises:
        LessonError: with the line.
    """
    found: list[Block] = []
    paragraph: list[tuple[int, str]] = []

    def close() -> None:
        if paragraph:
            found.append(_paragraph(list(paragraph)))
        paragraph.clear()

    for number, line in lines:
        if not line.strip():
            close()
        elif picture := PICTURE.fullmatch(line.strip()):
            close()
            found.append(_picture(picture, number))
        else:
            if paragraph and bool(_BULLET.match(line)) and not _BULLET.match(paragraph[0][1]):
                close()
            paragraph.append((number, line))
    close()
    return found


def words(text: str, line: int = 0) -> Words:
    """Marked-up words of one run of text.

    Raises:
        LessonError: a figure that is not understood.
    """
    found: Words = []
    place = 0
    for match in _INLINE.finditer(text):
        if match.start() > place:
            found.append(_plain(text[place : match.start()], line))
        place = match.end()
        if match["code"] is not None:
            found.append({"code": match["code"]})
        elif match["live"] is not None:
            found.append(_live(match["live"], line))
        else:
            sort = "b" if match["b"] is not None else "i"
            found.append({sort: words(match[sort], line)})
    if place < len(text):
        found.append(_plain(text[place:], line))
    return found


def _plain(text: str, line: int) -> str:
    if "{" in text or "}" in text:
        raise LessonError("a brace stands alone; a live number is written {v(a, end) | V}", line)
    return text


def _live(text: str, line: int) -> Block:
    claim, equals, rest = text.partition("=")
    try:
        if equals:
            return {"claim": claim.strip(), "value": figure(rest)}
        tree, _, unit = text.partition("|")
        return {"value": figure(tree), "unit": unit.strip()}
    except LessonError as error:
        raise error.at(line) from None


def _paragraph(lines: list[tuple[int, str]]) -> Block:
    if not _BULLET.match(lines[0][1]):
        return {"p": words(" ".join(line.strip() for _, line in lines), lines[0][0])}
    items: list[tuple[int, str]] = []
    for number, line in lines:
        if bullet := _BULLET.match(line):
            items.append((number, bullet[1].strip()))
        else:
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
    return {"ul": [words(text, number) for number, text in items]}


def _picture(match: re.Match[str], line: int) -> Block:
    if not PICTURE_NAME.fullmatch(match["name"]):
        raise LessonError(
            f"“{match['name'][:40]}” cannot be a picture; use a PNG, JPEG, WebP or GIF file that "
            "lies beside the lesson, named with letters, digits, - and _",
            line,
        )
    if not match["alt"].strip():
        raise LessonError(
            "a picture needs words in its square brackets that say what it shows", line
        )
    return {"img": match["name"], "alt": match["alt"].strip()}
