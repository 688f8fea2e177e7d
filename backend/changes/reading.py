"""Changes as files, requests and command lines have them."""

from collections.abc import Iterable
from typing import Any

from ..checks import a_text, an_object
from ..circuit import Circuit
from ..errors import StudioError, quoted
from .base import CHANGES, Change

MOST = 64
"""Changes at a time."""


def change_of(data: Any) -> Change:
    """A change from ``{"change": name, "params": {...}}``.

    Raises:
        StudioError: another form, an unknown name or a refused value.
    """
    fields = an_object(data, ("change",))
    for name in fields:
        if name not in ("change", "params"):
            raise StudioError(f"a change has no field {quoted(name)}; it has change and params")
    if "change" not in fields:
        raise StudioError("a change needs the field 'change' with its name")
    kind = CHANGES[a_text(fields["change"], ("change",))]
    params = an_object(fields.get("params") or {}, ("params",))
    return kind(**{str(name): value for name, value in params.items() if value is not None})


def change_of_text(text: str) -> Change:
    """A change from ``name:key=value,key=value``, as the command line has it.

    Raises:
        StudioError: see ``change_of``.
    """
    name, _, rest = text.partition(":")
    params: dict[str, str] = {}
    for entry in filter(None, rest.split(",")):
        key, equals, value = entry.partition("=")
        if not equals or not key:
            raise StudioError(f"a change is name:key=value,key=value, got {quoted(text)}")
        params[key.strip()] = value.strip()
    return change_of({"change": name.strip(), "params": params})


def changed(circuit: Circuit, changes: Iterable[Change]) -> Circuit:
    """The circuit after all changes in order.

    Raises:
        StudioError: one of them does not fit, or nothing is left to compute with.
    """
    given = list(changes)
    if len(given) > MOST:
        raise StudioError(f"{len(given)} changes at a time are too many; take {MOST} at most")
    for change in given:
        circuit = change.apply(circuit)
    if given and not any(table.trainable.any() for table in circuit.tables()):
        raise StudioError("no device that can be trained is left; mend one")
    return circuit
