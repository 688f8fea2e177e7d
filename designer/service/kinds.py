"""Kinds of devices as menus, forms and boards need them."""

from typing import Any

from backend.circuit import DRIVEN_FORMAT, FORMAT
from backend.devices import DEVICES, ELEMENTS, DeviceLaw, Element, kind_names, kind_of
from backend.expressions.grammar import CONSTANTS

from .. import serialize


def kinds() -> dict[str, dict[str, Any]]:
    """Every kind by its name: form, symbol, terminals, and the first file format that knows it."""
    return {name: _described(kind_of(name)) for name in kind_names()}


def _described(kind: type[DeviceLaw] | type[Element]) -> dict[str, Any]:
    shared = {
        **serialize.configurable(kind),
        "group": kind.group,
        "symbol": kind.symbol,
        "terminals": list(kind.terminals),
        "controlled": kind.controlled,
        "waveform": kind.waveform,
        "expressed": _expressed(kind),
    }
    if issubclass(kind, DeviceLaw):
        return {
            **shared,
            "format": FORMAT,
            "measured": False,
            "curve": True,
            "smooth": kind.smooth,
            "difference": kind.difference,
            "one_sided": kind.one_sided,
        }
    return {
        **shared,
        "format": DRIVEN_FORMAT,
        "measured": kind.measured,
        "curve": False,
        "smooth": True,
        "difference": False,
        "one_sided": False,
    }


def _expressed(kind: type[DeviceLaw] | type[Element]) -> dict[str, Any] | None:
    """Of a kind with an expression: the usual one, its parameters, and names that mean numbers."""
    if not issubclass(kind, Element) or not kind.expressed:
        return None
    known = sorted({*CONSTANTS, "time", "temper"})
    return {"usual": kind.usual, "params": dict(kind.usual_params), "known": known}


def law_of(kind: str) -> type[DeviceLaw] | None:
    """The law of two voltages of a kind; ``None`` where its current is not one."""
    return None if kind in ELEMENTS else DEVICES[kind]
