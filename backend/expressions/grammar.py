"""Expressions read: words by one pattern, then recursive descent; nothing is ever executed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import CircuitError, clipped
from . import functions
from .formula import FUNCTIONS, Call, Current, Formula, Name, Number, Voltage, call
from .numbers import DIGITS, LETTERS, number

MAX_TOKENS = 20_000
"""Words of one expression."""

MAX_NESTED = 50
"""Brackets within brackets."""

TOKEN = re.compile(
    rf"""(?P<number>{DIGITS}{LETTERS}*(?:\d+{LETTERS}*)?)
    |(?P<probe>[vi]\(\s*(?P<one>[^(),\s]+)\s*(?:,\s*(?P<two>[^(),\s]+)\s*)?\))
    |(?P<name>[a-z_][\w.\#$]*)
    |(?P<sign>\*\*|&&|\|\||<=|>=|==|!=|[-+*/^(){{}}<>!?:,&|'])""",
    re.IGNORECASE | re.VERBOSE,
)

CONSTANTS = {
    "pi": 3.141592653589793,
    "e": 2.718281828459045,
    "true": 1.0,
    "yes": 1.0,
    "false": 0.0,
    "no": 0.0,
    "boltz": 1.380649e-23,
    "echarge": 1.602176634e-19,
    "kelvin": -273.15,
}
"""Names that every simulator knows; a parameter of the same name goes before."""

CHANCE = {"rand", "random", "gauss", "agauss", "unif", "aunif", "mc", "flat", "white", "limit2"}
MEMORY = {"ddt", "idt", "sdt", "delay", "absdelay", "idtmod", "d"}

LEVELS = (
    {"||": "||", "|": "||"},
    {"&&": "&&", "&": "&&"},
    {"==": "==", "!=": "!="},
    {"<": "<", ">": ">", "<=": "<=", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/"},
)
"""Operators of two sides, the loosest first."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    one: str = ""
    two: str = ""


def read_formula(text: str, ltspice: bool = False, own: frozenset[str] = frozenset()) -> Formula:
    """The expression in a text.

    Args:
        text: with or without braces or quotes around it.
        ltspice: whether numbers are read as LTspice does.
        own: names of functions that the netlist defines.

    Raises:
        CircuitError: no expression, or one that is too long or deep.
    """
    reader = _Reader(list(_tokens(text)), ltspice, own)
    formula = reader.choice()
    if reader.ahead is not None:
        raise CircuitError(f"'{clipped(reader.ahead.text, 40)}' was not expected {reader.where()}")
    return formula


def _tokens(text: str) -> Iterator[_Token]:
    place = count = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = TOKEN.match(text, place)
        count += 1
        if match is None:
            raise CircuitError(
                f"'{clipped(text[place : place + 20], 20)}' in the expression is not read"
            )
        if count > MAX_TOKENS:
            raise CircuitError(f"the expression has more than {MAX_TOKENS:,} words")
        kind = next(name for name in ("number", "probe", "name", "sign") if match[name])
        yield _Token(kind, match[0], match["one"] or "", match["two"] or "")
        place = match.end()


class _Reader:
    """Recursive descent over the words of one expression."""

    def __init__(self, tokens: list[_Token], ltspice: bool, own: frozenset[str]) -> None:
        self.tokens = [one for one in tokens if one.text != "'"]
        self.ltspice, self.own = ltspice, own
        self.place = self.nested = 0

    @property
    def ahead(self) -> _Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def where(self) -> str:
        before = self.tokens[self.place - 1].text if self.place else ""
        return f"behind '{clipped(before, 40)}'" if before else "at the beginning"

    def take(self, *signs: str) -> str:
        """The next word if it is one of these signs."""
        token = self.ahead
        if token is None or token.kind != "sign" or token.text not in signs:
            return ""
        self.place += 1
        return token.text

    def need(self, *signs: str) -> None:
        if not self.take(*signs):
            found = f"'{clipped(self.ahead.text, 40)}'" if self.ahead else "the end"
            raise CircuitError(f"expected {signs[0]} {self.where()}, got {found}")

    def choice(self) -> Formula:
        """``condition ? one : other``."""
        self.nested += 1
        if self.nested > MAX_NESTED:
            raise CircuitError(f"the expression has more than {MAX_NESTED} brackets in brackets")
        found = self.sides(0)
        if self.take("?"):
            one = self.choice()
            self.need(":")
            found = call("if", found, one, self.choice())
        self.nested -= 1
        return found

    def sides(self, level: int) -> Formula:
        """Operators of one level, from left to right."""
        if level == len(LEVELS):
            return self.signed()
        parts, names = [self.sides(level + 1)], LEVELS[level]
        while sign := self.take(*names):
            after = self.sides(level + 1)
            name = names[sign]
            if name in {"+", "-"}:
                parts.append(after if name == "+" else -after)
            elif name == "*" and not _quotient(parts[-1]):
                parts.append(after)
            else:
                parts = [call(name, _joined(level, parts), after)]
        return _joined(level, parts)

    def signed(self) -> Formula:
        """A sign binds looser than a power: -2**2 is -4."""
        negative = False
        while sign := self.take("-", "+"):
            negative ^= sign == "-"
        found = call("!", self.power()) if self.take("!") else self.power()
        return -found if negative else found

    def power(self) -> Formula:
        found = self.part()
        while sign := self.take("**", "^"):
            if sign == "^" and self.ltspice:
                raise CircuitError("^ is an exclusive or in LTspice; write ** for a power")
            negative = bool(self.take("-"))
            exponent = self.part()
            found = call("**", found, -exponent if negative else exponent)
        return found

    def part(self) -> Formula:
        """A number, a name, a function, or brackets."""
        token = self.ahead
        if token is None:
            raise CircuitError(f"the expression ends {self.where()}")
        if self.take("(", "{"):
            found = self.choice()
            self.need(")" if token.text == "(" else "}")
            return found
        self.place += 1
        if token.kind == "number":
            return Number(number(token.text, self.ltspice))
        if token.kind == "probe":
            return _probe(token)
        if token.kind == "name":
            return self.named(token.text.lower())
        self.place -= 1
        raise CircuitError(f"'{clipped(token.text, 40)}' was not expected {self.where()}")

    def named(self, name: str) -> Formula:
        if not self.take("("):
            return Name(name)
        arguments = [self.choice()]
        while self.take(","):
            arguments.append(self.choice())
        self.need(")")
        if name in self.own:
            return Own(name, tuple(arguments))
        return known_function(name, arguments)


@dataclass(frozen=True, slots=True)
class Own(Formula):
    """A function that the netlist defines, until its body takes its place."""

    name: str
    arguments: tuple[Formula, ...]


def known_function(name: str, arguments: list[Formula]) -> Formula:
    """A function that simulators know, under any of its names.

    Raises:
        CircuitError: an unknown one, or one that is no function of the moment's voltages.
    """
    if name in CHANCE:
        raise CircuitError(f"'{name}' draws by chance; write the number that is meant")
    if name in MEMORY:
        raise CircuitError(f"'{name}' depends on what was before, which no device here does")
    if name not in FUNCTIONS and name not in functions.ALIASES:
        raise CircuitError(f"there is no function '{clipped(name, 40)}'")
    return call(functions.ALIASES.get(name, name), *arguments)


def _probe(token: _Token) -> Formula:
    if token.text[0].lower() == "i":
        return Current(token.one)
    one = Voltage(token.one)
    return one - Voltage(token.two) if token.two else one


def _quotient(formula: Formula) -> bool:
    """a/b*c is (a/b)*c, computed in this order."""
    return isinstance(formula, Call) and formula.function == "/"


def _joined(level: int, parts: list[Formula]) -> Formula:
    if len(parts) == 1:
        return parts[0]
    return call("+" if level == 4 else "*", *parts)
