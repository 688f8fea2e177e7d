"""Sources: independent ones, controlled ones, behavioural ones."""

import re
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from itertools import count as naturals

from ...errors import CircuitError
from ...expressions.formula import Current, Formula, Number, Voltage, call
from ...waveforms.constant import Constant
from .readers import READERS, Piece
from .sources import read_course
from .words import split, unquoted

VALUE = re.compile(r"\S+ \S+ \S+ (\w+)\s*=?\s*([{'(].*)", re.IGNORECASE)
TABLE = re.compile(r".* table\s*(\{[^{}]*\}|'[^']*')\s*=?([^={}]*)", re.IGNORECASE)
BEHAVIOUR = re.compile(r"([vi])\s*=\s*(.+)", re.IGNORECASE)


Controls = Callable[[Piece, Sequence[str], int], tuple[list[Formula], Sequence[str]]]


@READERS.register("v")
def voltage_source(piece: Piece) -> None:
    """``V1 a 0 DC 5 AC 1 SIN(0 1 50)``."""
    piece.only({"dc", "ac", "rser", "cpar"}, words=len(piece.words), what="a course")
    _independent(piece, "voltage_source")


@READERS.register("i")
def current_source(piece: Piece) -> None:
    """``I1 a 0 DC 1m``: the current flows from the first node through the source."""
    piece.only({"dc", "ac", "m"}, words=len(piece.words), what="a course")
    _independent(piece, "current_source")


def _independent(piece: Piece, kind: str) -> None:
    deck = piece.cell.deck
    course = read_course(piece.found, 3, piece.cell.value, deck.transient, deck.ltspice or False)
    ends = piece.nodes(2)
    if resistance := piece.key("rser"):
        inner = piece.cell.node(f"{piece.words[0]}.rser")
        piece.add("resistor", (ends[0], inner), ".rser", values={"resistance": resistance})
        ends = inner, ends[1]
    if capacitance := piece.key("cpar"):
        piece.add("capacitor", piece.nodes(2), ".cpar", values={"capacitance": capacitance})
    values = {
        "dc": course.dc,
        "ac": course.magnitude,
        "phase": course.phase,
        "m": piece.key("m", usual=1.0),
    }
    piece.add(kind, ends, values=values, waveform=course.waveform)


@READERS.register("b")
def behavioural(piece: Piece) -> None:
    """``B1 a 0 I={V(a)/1k}``."""
    text = piece.words[3] if len(piece.words) > 3 else ""
    match = BEHAVIOUR.fullmatch(text)
    if match is None:
        raise CircuitError(f"'{piece.name}' must have the form 'I={{expression}}'")
    kind = "behavioural_voltage" if match[1].lower() == "v" else "behavioural_current"
    _by_formula(piece, kind, match[2])


def _by_formula(piece: Piece, kind: str, text: str) -> None:
    """A source that follows an expression; a constant one is an independent source."""
    formula = piece.cell.formula(text)
    if isinstance(formula, Number) and kind == "behavioural_voltage":
        values = {"dc": formula.value, "ac": 0.0, "phase": 0.0, "m": 1.0}
        waveform = Constant(formula.value)
        piece.add("voltage_source", piece.nodes(2), values=values, waveform=waveform)
        return
    raw = "" if piece.cell.prefix else "".join(text.split())
    piece.add(kind, piece.nodes(2), expression=formula, text=unquoted(raw))


@READERS.register("e")
def voltage_by_voltage(piece: Piece) -> None:
    """``E1 out 0 in 0 10``, with ``value={}``, ``POLY(n)`` or ``TABLE``."""
    _by_voltage(piece, "vcvs", "behavioural_voltage", ("value", "vol"))


@READERS.register("g")
def current_by_voltage(piece: Piece) -> None:
    """``G1 out 0 in 0 1m``, with ``value={}``, ``POLY(n)`` or ``TABLE``."""
    _by_voltage(piece, "vccs", "behavioural_current", ("value", "cur"))


def _by_voltage(piece: Piece, linear: str, other: str, names: tuple[str, str]) -> None:
    match = VALUE.fullmatch(piece.card.text)
    if match and match[1].lower() in names:
        _by_formula(piece, other, match[2])
        return
    word = piece.words[3].lower() if len(piece.words) > 3 else ""
    if word == "poly":
        piece.add(other, piece.nodes(2), expression=_polynomial(piece, _pairs))
    elif word == "table":
        piece.add(other, piece.nodes(2), expression=_table(piece))
    elif len(piece.words) == 6 and not set(piece.found.keys) - {"m"}:
        gain = piece.cell.value(piece.words[5])
        gain *= piece.key("m", usual=1.0) if linear == "vccs" else 1.0
        piece.add(linear, piece.nodes(4), values={"gain": gain})
    else:
        example = "1m: two nodes, two that are sensed and a conductance"
        if linear == "vcvs":
            example = "10: two nodes, two that are sensed and a gain"
        raise CircuitError(
            f"'{piece.name}' must be linear, such as '{piece.words[0][0].upper()}1 0 out in 0 "
            f"{example}; or value={{expression}}"
        )


@READERS.register("f")
def current_by_current(piece: Piece) -> None:
    """``F1 out 0 Vsense 10``."""
    _by_current(piece, "cccs", "gain", "behavioural_current")


@READERS.register("h")
def voltage_by_current(piece: Piece) -> None:
    """``H1 out 0 Vsense 1k``."""
    _by_current(piece, "ccvs", "resistance", "behavioural_voltage")


def _by_current(piece: Piece, linear: str, what: str, other: str) -> None:
    if piece.words[3].lower() == "poly":
        piece.add(other, piece.nodes(2), expression=_polynomial(piece, _sensed))
        return
    if len(piece.words) != 5 or set(piece.found.keys) - {"m"}:
        raise CircuitError(
            f"'{piece.name}' must be linear, such as 'F1 a b Vx 2': two nodes, the voltage source "
            "whose current is sensed, and a number"
        )
    value = piece.cell.value(piece.words[4])
    value *= piece.key("m", usual=1.0) if linear == "cccs" else 1.0
    control = piece.cell.name(piece.words[3])
    piece.add(linear, piece.nodes(2), values={what: value}, control=control)


def _pairs(piece: Piece, words: Sequence[str], count: int) -> tuple[list[Formula], Sequence[str]]:
    """Voltages between pairs of nodes."""
    found: list[Formula] = []
    for k in range(count):
        one, two = (_voltage(piece, word) for word in words[2 * k : 2 * k + 2])
        found.append(one - two)
    return found, words[2 * count :]


def _voltage(piece: Piece, word: str) -> Formula:
    node = piece.cell.node(word)
    return Number(0.0) if node == "gnd" else Voltage(node)


def _sensed(piece: Piece, words: Sequence[str], count: int) -> tuple[list[Formula], Sequence[str]]:
    """Currents of voltage sources."""
    return [Current(piece.cell.name(word)) for word in words[:count]], words[count:]


def _polynomial(piece: Piece, controls: Controls) -> Formula:
    """``POLY(n)``: p0 + p1 x1 + ... + pn xn + p11 x1 x1 + p12 x1 x2 + ..., degree by degree."""
    words = piece.words[4:]
    count = int(piece.cell.value(words[0])) if words else 0
    if not 1 <= count <= 20 or len(words) < 1 + count:
        raise CircuitError(
            f"'{piece.name}' has a POLY that is not read; give POLY(1) and its nodes"
        )
    sensed, rest = controls(piece, words[1:], count)
    numbers = [piece.cell.value(word) for word in rest]
    if not numbers or piece.found.keys:
        raise CircuitError(f"'{piece.name}' has a POLY without numbers, or with keys")
    if len(numbers) == 1 and count == 1:  # SPICE takes a single number for the slope
        return Number(numbers[0]) * sensed[0]
    if count == 1:
        powers = [Number(c) * _powered(sensed[0], k) for k, c in enumerate(numbers)]
        return call("+", *powers)
    products = (
        call("*", *factors)
        for degree in naturals(1)
        for factors in combinations_with_replacement(sensed, degree)
    )
    terms = [Number(c) * x for c, x in zip(numbers[1:], products, strict=False) if c]
    return call("+", Number(numbers[0]), *terms)


def _powered(x: Formula, k: int) -> Formula:
    # A product keeps the sign of x, which a power of ngspice's does not.
    return Number(1.0) if k == 0 else call("*", *[x] * k)


def _table(piece: Piece) -> Formula:
    """``TABLE {x} = (x1,y1) (x2,y2)``: straight between points, constant outside."""
    match = TABLE.fullmatch(piece.card.text)
    points = [piece.cell.value(word) for word in split(match[2]).words] if match else []
    if match is None or len(points) < 2 or len(points) % 2:
        raise CircuitError(f"'{piece.name}' needs TABLE {{expression}} = (x1,y1) (x2,y2)")
    if any(after <= before for before, after in zip(points[::2], points[2::2], strict=False)):
        raise CircuitError(f"'{piece.name}' has a TABLE whose points do not ascend")
    return call("table", piece.cell.formula(match[1]), *map(Number, points))
