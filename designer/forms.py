"""From declared parameters to Dash inputs, and from their values back, checked."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import dash_mantine_components as dmc
from dash import State

from . import ids
from .elements import box, text


class Declared(Protocol):
    """What a form needs to know about a parameter; `backend.params.Param` has it."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def default(self) -> Any: ...  # noqa: D102
    @property
    def unit(self) -> str: ...  # noqa: D102
    @property
    def low(self) -> float | None: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102
    @property
    def choices(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def doc(self) -> str: ...  # noqa: D102
    @property
    def integer(self) -> bool: ...  # noqa: D102
    def check(self, value: Any) -> Any: ...  # noqa: D102


class FormError(Exception):
    """A value that a form refuses; one plain sentence."""


def title_of(name: str) -> str:
    """``batch_size`` as ``Batch size``."""
    return name.replace("_", " ").capitalize()


def component_property(param: Declared) -> str:
    """The property of the input that holds its value."""
    return "checked" if isinstance(param.default, bool) else "value"


def grid(form: str, group: str, params: Iterable[Declared], *, hidden: bool = False):
    """The inputs of one group in two columns.

    Args:
        form: name of the form, part of every id.
        group: name of the group, part of every id.
        params: the parameters in order of display.
        hidden: whether the group starts out of sight.
    """
    css = "form-grid off" if hidden else "form-grid"
    return box([entry(form, group, param) for param in params], id=ids.form(form, group), css=css)


def pooled(groups: Iterable[Iterable[Declared]]) -> tuple[Declared, ...]:
    """One parameter of every name in several groups, for a form that shares their inputs.

    Raises:
        ValueError: one name stands for two types of value.
    """
    pool: dict[str, Declared] = {}
    for param in (param for group in groups for param in group):
        known = pool.setdefault(param.name, param)
        if type(known.default) is not type(param.default):
            raise ValueError(f"the parameter {param.name!r} has two types and cannot be shared")
    return tuple(pool.values())


def entry(form: str, group: str, param: Declared):
    """The labelled input of one parameter."""
    id = ids.parameter(form, group, param.name)
    if isinstance(param.default, bool):
        return box(
            dmc.Switch(id=id, label=title_of(param.name), checked=param.default, size="xs"),
            css="form-switch",
            title=param.doc,
        )
    label = box([text(title_of(param.name)), text(param.unit, css="unit")], css="form-label")
    common: dict[str, Any] = {"id": id, "label": label, "size": "xs"}
    if param.choices:
        data = [{"value": choice, "label": title_of(choice)} for choice in param.choices]
        field = dmc.Select(
            data=data, value=param.default, allowDeselect=False, searchable=len(data) > 8, **common
        )
    elif isinstance(param.default, str):
        field = dmc.TextInput(value=param.default, **common)
    else:
        field = dmc.NumberInput(
            value=param.default,
            allowDecimal=not param.integer,
            step=_step(param),
            hideControls=not param.integer,
            debounce=True,  # on leaving the field, which a click on a button is, too
            **common,
        )
    return box(field, css="form-field", title=param.doc)


def states(form: str, group: str, params: Iterable[Declared], kind: type = State) -> list:
    """The `State` (or `Input`, `Output`) of every input of a group, in order."""
    return [
        kind(ids.parameter(form, group, param.name), component_property(param)) for param in params
    ]


def read(params: Sequence[Declared], values: Sequence[Any]) -> dict[str, Any]:
    """Checked values by name; an empty input means the default.

    Raises:
        FormError: a refused value, with what to do.
    """
    result = {}
    for param, value in zip(params, values, strict=True):
        if value is None or value == "":
            result[param.name] = param.default
            continue
        try:
            result[param.name] = param.check(value)
        except ValueError as error:
            raise FormError(f"{title_of(str(error).split(' ')[0])}{_rest(str(error))}.") from None
    return result


def number(value: Any, title: str, usual: float, *, whole: bool = False) -> float:
    """The number in an input that belongs to no declared parameter; an empty one means `usual`.

    Raises:
        FormError: something else, or a number below 0.
    """
    try:
        found = float(usual if value in (None, "") else value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not 0 <= found < 2**63 or (whole and found != int(found)):
        kind = "whole number" if whole else "number"
        raise FormError(f"{title} must be a {kind}, 0 or more.")
    return found


def written(params: Sequence[Declared], values: Mapping[str, Any]) -> list[Any]:
    """Values for the inputs of a group, from a mapping by name."""
    return [values.get(param.name, param.default) for param in params]


def settings_lines(source: str | None) -> dict[str, str]:
    """``key = value`` lines as a mapping; ``#`` starts a comment.

    Raises:
        FormError: a line without ``=``.
    """
    result = {}
    for line in (source or "").splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise FormError(f"{line[:40]!r} is not of the form name = value.")
        result[name.strip()] = value.strip()
    return result


def _rest(sentence: str) -> str:
    return sentence[len(sentence.split(" ")[0]) :].rstrip(".")


def _step(param: Declared) -> float:
    """One click or arrow key: a whole number, or about a tenth of the value."""
    if param.integer:
        return 1
    size = abs(float(param.default)) or 1.0
    step = 10.0
    while step > size / 5:
        step /= 10
    return round(step, 12)
