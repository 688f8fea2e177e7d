"""Parameters, functions and models by name: those of a subcircuit, then those around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import CircuitError, clipped
from ...expressions.formula import Call, Formula, Name, Number, call, size_of
from ...expressions.grammar import CONSTANTS, Own, read_formula
from .lines import Place
from .words import plain_number

if TYPE_CHECKING:
    from .deck import Model
    from .structure import Definition

MAX_CHAIN = 50
"""Parameters that wait for one another."""

MAX_SIZE = 100_000
"""Parts of an expression once the netlist's own functions stand in it."""


MAX_CALLS = 2000
"""Uses of the netlist's own functions in one expression."""


@dataclass
class _Budget:
    """How often own functions were put into one expression, and how deep."""

    calls: int = 0
    within: int = 0


@dataclass(frozen=True, slots=True)
class Macro:
    """A function that the netlist defines."""

    arguments: tuple[str, ...]
    body: str
    place: Place


@dataclass
class Scope:
    """What names mean at one level of a netlist; small letters throughout.

    Args:
        outer: the level around it.
        ltspice: whether numbers are read as LTspice does.
    """

    outer: "Scope | None" = None
    ltspice: bool = False
    texts: dict[str, tuple[str, Place]] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    macros: dict[str, Macro] = field(default_factory=dict)
    models: "dict[str, Model]" = field(default_factory=dict)
    subcircuits: "dict[str, Definition]" = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    def define(self, name: str, text: str, place: Place) -> None:
        """A parameter by its expression, evaluated when it is asked for.

        Raises:
            CircuitError: it has another value already.
        """
        name = name.lower()
        known = self.texts.get(name)
        if known is not None and known[0].split() != text.split():
            raise CircuitError(
                f"the parameter '{clipped(name, 40)}' is given in {known[1]} already; keep one"
            )
        self.texts[name] = text, place

    def value(self, text: str) -> float:
        """The number that a word or an expression is.

        Raises:
            CircuitError: neither; or an expression of voltages or time.
        """
        plain = plain_number(text, self.ltspice)
        if plain is not None:
            return plain
        if text[:1] == '"':
            text = text[1:-1]
        if text.isidentifier() and text.lower() not in CONSTANTS and not self._knows(text.lower()):
            raise CircuitError(
                f"'{clipped(text, 40)}' is not a number, and no .param has this name"
            )
        formula = self.formula(text)
        if not isinstance(formula, Number):
            raise CircuitError(
                f"'{clipped(text, 40)}' is not a number: it follows voltages, currents or time"
            )
        return formula.value

    def formula(self, text: str) -> Formula:
        """An expression in which every parameter and own function has been put in.

        Raises:
            CircuitError: not an expression, or names that mean nothing.
        """
        return self._bound(read_formula(text, self.ltspice, self._functions()), {}, _Budget())

    def _functions(self) -> frozenset[str]:
        outer = self.outer._functions() if self.outer else frozenset()
        return outer | frozenset(self.macros)

    def _knows(self, name: str) -> bool:
        if name in self.numbers or name in self.texts:
            return True
        return self.outer is not None and self.outer._knows(name)

    def parameter(self, name: str) -> float | None:
        """The value of a parameter; None where there is none."""
        if name in self.numbers:
            return self.numbers[name]
        if name not in self.texts:
            return self.outer.parameter(name) if self.outer else None
        if name in self.waiting:
            raise CircuitError(f"the parameter '{clipped(name, 40)}' is made of itself")
        if len(self.waiting) >= MAX_CHAIN:
            raise CircuitError(f"more than {MAX_CHAIN} parameters are made of one another")
        text, place = self.texts[name]
        self.waiting.append(name)
        try:
            self.numbers[name] = self.value(text)
        except CircuitError as error:
            if len(self.waiting) > 1:  # the first of a chain says where
                raise
            raise place.refusal(error) from None
        finally:
            self.waiting.pop()
        return self.numbers[name]

    def _macro(self, name: str) -> "tuple[Macro, Scope]":
        if name in self.macros:
            return self.macros[name], self
        assert self.outer is not None  # the reader knew the name
        return self.outer._macro(name)

    def _bound(self, formula: Formula, given: Mapping[str, Formula], budget: _Budget) -> Formula:
        """The expression with names replaced: arguments first, then parameters, then constants."""
        if isinstance(formula, Name):
            return self._named(formula, given)
        if isinstance(formula, Own):
            return self._put_in(formula, given, budget)
        if not isinstance(formula, Call):
            return formula
        return call(
            formula.function, *[self._bound(one, given, budget) for one in formula.arguments]
        )

    def _named(self, name: Name, given: Mapping[str, Formula]) -> Formula:
        if name.text in given:
            return given[name.text]
        found = self.parameter(name.text)
        if found is None:
            found = CONSTANTS.get(name.text)
        if found is not None:
            return Number(found)
        if name.text in {"time", "temper"}:
            return name
        raise CircuitError(f"'{clipped(name.text, 40)}' has no value; no .param has this name")

    def _put_in(self, own: Own, given: Mapping[str, Formula], budget: _Budget) -> Formula:
        macro, home = self._macro(own.name)
        if len(own.arguments) != len(macro.arguments):
            raise CircuitError(
                f"'{clipped(own.name, 40)}' takes {len(macro.arguments)} arguments, and "
                f"{len(own.arguments)} are given"
            )
        budget.calls += 1
        if budget.within >= MAX_CHAIN or budget.calls > MAX_CALLS:
            raise CircuitError(
                f"more than {MAX_CHAIN} functions stand in one another, or {MAX_CALLS:,} in all"
            )
        values = [self._bound(one, given, budget) for one in own.arguments]
        body = read_formula(macro.body, self.ltspice, home._functions())
        budget.within += 1
        found = home._bound(body, dict(zip(macro.arguments, values, strict=True)), budget)
        budget.within -= 1
        if size_of(found) > MAX_SIZE:
            raise CircuitError(
                f"the expression has more than {MAX_SIZE:,} parts once its functions are put in"
            )
        return found
