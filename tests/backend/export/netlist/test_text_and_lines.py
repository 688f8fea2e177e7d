"""Bytes to text, lines to cards, words to numbers."""

import math

import pytest

from backend.errors import CircuitError
from backend.export.netlist.lines import cards, lines_of
from backend.export.netlist.text import decoded
from backend.export.netlist.words import split
from backend.export.netlist_import import parse_netlist
from backend.expressions.numbers import number

MICRO = "* title\nR1 a 0 2.2kΩ\nC1 a 0 10µ\nC2 a 0 1μF\n.ic V(a)=3\n.tran 1m 5m uic\n"


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_is_the_same_circuit(codec: str, ending: str) -> None:
    text = MICRO if codec.startswith("utf") else MICRO.replace("Ω", "").replace("μ", "µ")
    circuit = parse_netlist(decoded(text.replace("\n", ending).encode(codec)))
    assert [(n.id, n.voltage, n.capacitance) for n in circuit.nodes] == [
        ("a", 3.0, pytest.approx(11e-6))
    ]
    assert circuit.devices[0].params["conductance"] == pytest.approx(1 / 2200)


def test_what_is_no_text_is_said() -> None:
    with pytest.raises(CircuitError, match="NUL"):
        decoded(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    with pytest.raises(CircuitError, match="not text in UTF-16"):
        decoded(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4.7k", 4700.0),
        ("1MEG", 1e6),
        ("1megOhm", 1e6),
        ("1M", 1e-3),
        ("10uF", 10e-6),
        ("10µ", 10e-6),
        ("3μH", 3e-6),
        ("1mil", 25.4e-6),
        ("1e3k", 1e6),
        ("2T", 2e12),
        (".5n", 5e-10),
        ("-500mV", -0.5),
        ("1e-15F", 1e-30),
        ("1A", 1.0),
        ("5.", 5.0),
        ("47R", 47.0),
        ("1kΩ", 1e3),
        ("1k\u2126", 1e3),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert number(text) == value


def test_a_letter_for_a_point_has_two_readings() -> None:
    assert number("4k7", ltspice=True) == 4700.0
    assert number("2u2", ltspice=True) == 2.2e-6
    assert number("4R7", ltspice=True) == 4.7
    with pytest.raises(CircuitError, match=r"'4k7' is 4\.7k to LTspice and 4k to ngspice"):
        number("4k7")


@pytest.mark.parametrize("text", ["", "k", "1..2", "0x10", "1k!", "--1", "1e999"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(CircuitError, match=r"is not a number|too large"):
        number(text)


def test_cards_keep_their_lines() -> None:
    text = "R1 a 0 1k ; one\n\n* two\n+ tc=1 $three\n+ m=2 // four\nC1 a 0 \\\n1u\nV1 x 0 $5 6\n"
    found = [(card.text, card.place.line) for card in cards(lines_of(text))]
    assert found == [("R1 a 0 1k tc=1 m=2", 1), ("C1 a 0 1u", 6), ("V1 x 0", 8)]


def test_remarks_do_not_begin_within_quotes() -> None:
    (card,) = cards(lines_of('.include "a;b //c $d.lib" ; remark'))
    assert card.text == '.include "a;b //c $d.lib"'


def test_words_and_keys() -> None:
    found = split("R1 (a b) {2 * x} tc = 1m, tc2='y' off")
    assert found.words == ["R1", "a", "b", "{2 * x}", "off"]
    assert found.keys == {"tc": "1m", "tc2": "'y'"}


def test_a_long_number_is_finite() -> None:
    assert math.isfinite(number("9" * 300))
