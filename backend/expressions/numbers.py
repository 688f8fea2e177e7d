"""SPICE numbers: ``4.7k``, ``1meg``, ``10uF``."""

import math
import re

from ..errors import CircuitError, clipped

SUFFIX = {
    "t": 12,
    "g": 9,
    "meg": 6,
    "k": 3,
    "m": -3,
    "u": -6,
    "\u00b5": -6,
    "\u03bc": -6,
    "n": -9,
    "p": -12,
    "f": -15,
}
"""Powers of ten. Any other letters are a unit; both micro signs are in use."""

DIGITS = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
LETTERS = "[a-z\u00b5\u03bc\u03a9\u2126°%]"

# No character can be matched in two ways: any card is read in linear time.
NUMBER = re.compile(rf"([+-]?{DIGITS})({LETTERS}*)", re.IGNORECASE)
POINT = "meg|[tgkmunpfr\u00b5\u03bc]"
INSIDE = re.compile(rf"([+-]?\d+)({POINT})(\d+)({LETTERS}*)", re.IGNORECASE)
"""A letter in the place of the decimal point, as printed on parts."""


def is_number(text: str) -> bool:
    """Whether a word is a number with or without a unit."""
    return NUMBER.fullmatch(text) is not None or INSIDE.fullmatch(text) is not None


def number(text: str, ltspice: bool = False) -> float:
    """A SPICE number such as 4.7k, 1meg or 10uF.

    Args:
        text: one word.
        ltspice: whether the netlist is LTspice's, which reads 4k7 as 4.7k.

    Raises:
        CircuitError: no number, too large, or one that simulators read differently.
    """
    match = NUMBER.fullmatch(text)
    if match:
        return scaled(match[1], match[2])
    inside = INSIDE.fullmatch(text)
    if inside is None:
        raise CircuitError(f"'{clipped(text, 40)}' is not a number")
    whole, letter, rest, unit = inside.groups()
    point, cut = f"{whole}.{rest}{_suffix(letter)}", f"{whole}{_suffix(letter)}"
    if not ltspice:
        raise CircuitError(
            f"'{clipped(text, 40)}' is {clipped(point, 40)} to LTspice and {clipped(cut, 40)} to "
            "ngspice; write out which is meant"
        )
    return scaled(f"{whole}.{rest}", _suffix(letter) + unit)


def _suffix(letter: str) -> str:
    """Nothing for the R of 4R7, which is a mere point."""
    return letter if letter.lower() in SUFFIX else ""


def scaled(digits: str, letters: str) -> float:
    """Digits times what the letters behind them say.

    Raises:
        CircuitError: more than a number holds.
    """
    letters = letters.lower()
    value = float(digits)
    if letters.startswith("mil"):
        value *= 25.4e-6
    else:
        power = SUFFIX.get(letters[:3]) or SUFFIX.get(letters[:1], 0)
        # 10/1e6 is the number nearest to 10u, which 10*1e-6 is not.
        value = value * 10.0**power if power >= 0 else value / 10.0**-power
    if not math.isfinite(value):
        raise CircuitError(f"'{clipped(digits, 40)}' is too large; expected a finite number")
    return value
