"""What the expression of a device must obey, and what it is: a tree, a program, times of change."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..checks import a_number, a_text
from ..devices import ELEMENTS
from ..errors import CircuitError, Place, clipped, quoted
from ..registry import nearest

if TYPE_CHECKING:
    from ..expressions.formula import Formula
    from ..expressions.program import Program
    from .description import Device

NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
PARAM = re.compile(r"[a-z_][a-z0-9_]{0,63}")
ENDS = ("source", "target")
RESERVED = {*ENDS, "ground", "control", "gnd", "current"}
"""No terminals: the ends are there anyway, and the others mean something else."""


def checked_expression(device: "Device", where: Place) -> "Device":
    """A device whose expression is read, with all that it names; defaults where none is given.

    Raises:
        CircuitError: names the place, what was found and what to do.
    """
    kind = ELEMENTS[device.kind]
    if not a_text(device.expression, (*where, "expression")):
        device = replace(
            device, expression=kind.usual, params={**kind.usual_params, **device.params}
        )
    shown = clipped(device.id)
    params = {}
    for name, value in device.params.items():
        place = (*where, "params", name)
        if PARAM.fullmatch(name) is None or name in {"time", "temper"}:
            raise CircuitError(
                f"device '{shown}' has the parameter {quoted(name)}; names are small letters, "
                "digits and _, and time is the time",
                place,
            )
        params[name] = float(a_number(value, place))
    for name in device.terminals:
        if NAME.fullmatch(name) is None or name in RESERVED:
            raise CircuitError(
                f"device '{shown}' has the terminal {quoted(name)}; choose a name of letters, "
                f"digits and _ other than {', '.join(sorted(RESERVED))}",
                (*where, "terminals", name),
            )
    device = replace(device, params=params, terminals=dict(device.terminals))
    try:
        program = program_of(device)
    except CircuitError as error:
        raise CircuitError(f"device '{shown}': {error}", (*where, "expression")) from None
    known = [*ENDS, *device.terminals]
    for name in program.voltages:
        if name not in known:
            raise CircuitError(
                f"device '{shown}' senses V({clipped(name, 40)}), which is none of its terminals; "
                f"{nearest(name, known)}",
                (*where, "expression"),
            )
    return device


def formula_of(device: "Device") -> "Formula":
    """The expression of a device, with constants put in; its own parameters stay names.

    Raises:
        CircuitError: no expression, or names that mean nothing.
    """
    return _read(device.expression, frozenset(device.params))[0]


def program_of(device: "Device") -> "Program":
    """The expression of a device as steps.

    Raises:
        CircuitError: no expression, or names that mean nothing.
    """
    return _read(device.expression, frozenset(device.params))[1]


@lru_cache(maxsize=4096)
def _read(text: str, params: frozenset[str]) -> "tuple[Formula, Program]":
    # numpy only where there is an expression
    from ..expressions.formula import Current, Formula, Name, Number, Voltage, replaced
    from ..expressions.grammar import CONSTANTS, read_formula
    from ..expressions.program import compiled

    def meant(end: Formula) -> Formula:
        match end:
            case Voltage("0" | "gnd" | "GND"):
                return Number(0.0)
            case Current(source):
                raise CircuitError(
                    f"I({clipped(source, 40)}) is no voltage; a current-controlled voltage source "
                    "turns a current into one"
                )
            case Name(name) if name not in params and name != "time":
                if name in CONSTANTS:
                    return Number(CONSTANTS[name])
                raise CircuitError(
                    f"'{clipped(name, 40)}' has no value; give it one among the parameters"
                )
        return end

    formula = replaced(read_formula(text), meant)
    return formula, compiled(formula)


def bends_of(device: "Device", end: float) -> list[float]:
    """Times in (0, end) at which a device's expression bends or jumps by itself [s].

    Raises:
        CircuitError: too many.
    """
    from ..expressions.changes import bends, with_numbers

    if not program_of(device).timed:
        return []
    try:
        return bends(with_numbers(formula_of(device), dict(device.params)), end)
    except CircuitError as error:
        raise CircuitError(f"device '{clipped(device.id)}': {error}") from None


def pace_of(device: "Device", end: float) -> float:
    """The longest step that sees the course of a device's expression in time [s]."""
    from ..expressions.changes import pace, with_numbers

    return pace(with_numbers(formula_of(device), dict(device.params)), end)


def jump_of(device: "Device") -> str:
    """The function of a device's expression that jumps where a voltage or parameter says."""
    from ..expressions.changes import jump

    return jump(formula_of(device))
