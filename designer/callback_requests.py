"""Requests of Dash's callbacks, checked before Dash sees them.

Dash takes whatever is sent to its one address for what its own renderer sends, and answers
anything else with status 500. Here a request must name a callback of the page, bring its inputs
in order, and hold in each what the component on the page can hold; else it is answered with 400
in words. What then fails inside a callback is a mistake of ours, and is logged as one.
"""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from dash import Dash
from dash.exceptions import DependencyException, InvalidResourceError
from flask import Response, request
from werkzeug.exceptions import HTTPException

from . import ids
from .admission import admit
from .security import refusal, valid_id
from .service.requests import (
    MOST_WORDS,
    Check,
    InputError,
    a_choice,
    a_flag,
    a_list,
    a_number,
    a_text,
    an_object,
    json_value,
    plain_values,
    quoted,
    required,
)

log = logging.getLogger("kirchhoff")

PATH = "/_dash-update-component"
MOST_TYPED = 100
"""Characters that can stand in a field for numbers."""


def install(app: Dash) -> None:
    """Check every request of a callback of `app`."""
    requests = _Requests(app)

    @app.server.before_request
    def check_callback() -> Response | None:
        if request.path != PATH or request.method != "POST":
            return None
        if not admit():
            return refusal(503, "The server is busy with other large requests; try again.")
        try:
            requests.check(json_value(request.get_data()))
        except InputError as error:
            return refusal(400, f"This is no request of the page: {error}; reload it.")
        return None if request.is_json else refusal(400, "A JSON object was expected.")

    _answer_failures(app)


def _answer_failures(app: Dash) -> None:
    """Answer what fails all the same in words."""

    @app.server.errorhandler(DependencyException)
    @app.server.errorhandler(InvalidResourceError)
    def missing(_error: Exception) -> Response:
        return refusal(404, f"There is nothing at {request.path[:80]}.")

    @app.server.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:  # a redirection
            return error.get_response()  # type: ignore[return-value]
        return refusal(error.code, error.description or error.name)

    @app.server.errorhandler(Exception)
    def unexpected(_error: Exception) -> Response:
        log.exception("%s %s", request.method, request.path)
        return refusal(500, "The server failed on this request; its log says why.")


class _Requests:
    """What the callbacks of one page may be asked."""

    def __init__(self, app: Dash) -> None:
        self.app = app

    def check(self, data: Any) -> None:
        """Refuse anything that the page could not have sent.

        Raises:
            InputError: says what is wrong.
        """
        an_object(data, ())
        name = required(data, "output", a_text)
        known = self.app.callback_map.get(name)
        if known is None or "callback" not in known:
            raise InputError(f"there is no callback {quoted(name)}", ("output",))
        given = [self._values(data, part, known[part]) for part in ("inputs", "state")]
        self._outputs(data, known["output"])
        names = {f"{entry['id']}.{entry['property']}" for part in given for entry in part}
        for place, changed in enumerate(
            a_list(data.get("changedPropIds", []), ("changedPropIds",), MOST_WORDS)
        ):
            a_choice(changed, ("changedPropIds", place), names)

    def _values(self, data: Mapping[str, Any], part: str, wanted: list[Any]) -> list[Any]:
        given = a_list(data.get(part, []), (part,), MOST_WORDS)
        if len(given) != len(wanted):
            raise InputError(f"{len(wanted)} entries are needed, got {len(given)}", (part,))
        for place, (entry, declared) in enumerate(zip(given, wanted, strict=True)):
            where = (part, place)
            _same(entry, declared["id"], declared["property"], where)
            check = self._checks.get((declared["id"], declared["property"]), _anything)
            check(entry.get("value"), (*where, "value"))
        return given

    def _outputs(self, data: Mapping[str, Any], declared: Any) -> None:
        wanted = declared if isinstance(declared, list) else [declared]
        given = data.get("outputs")
        entries = a_list(given, ("outputs",)) if isinstance(declared, list) else [given]
        if len(entries) != len(wanted):
            raise InputError(f"{len(wanted)} outputs are needed, got {len(entries)}", ("outputs",))
        for place, (entry, output) in enumerate(zip(entries, wanted, strict=True)):
            _same(entry, output.component_id, output.component_property, ("outputs", place))

    @cached_property
    def _checks(self) -> dict[tuple[str, str], Check]:
        """What every property of every component on the page can hold."""
        layout = self.app.layout
        found: dict[tuple[str, str], Check] = {}
        for component in _components(layout() if callable(layout) else layout):
            id = getattr(component, "id", None)
            if isinstance(id, str):
                found[id, "n_clicks"] = _number
                found |= {(id, name): check for name, check in _checks_of(component).items()}
        found |= {(store, "data"): check for store, check in STORES.items()}
        return found


def _same(entry: Any, id: Any, name: str, where: tuple) -> None:
    an_object(entry, where)
    # An output that several callbacks share carries its callback's digest behind an @.
    given = a_text(entry.get("property"), where).partition("@")[0]
    if entry.get("id") != id or given != name.partition("@")[0]:
        raise InputError(f"expected {id}.{name}, got {quoted(entry.get('id'))}", where)


def _components(component: Any) -> Iterator[Any]:
    yield component
    inner = getattr(component, "children", None)
    for child in inner if isinstance(inner, list | tuple) else [inner]:
        if hasattr(child, "to_plotly_json"):
            yield from _components(child)


def _checks_of(component: Any) -> dict[str, Check]:
    kind = type(component).__name__
    if kind in ("Select", "SegmentedControl"):
        # A menu without entries is filled by the browser; its callback knows the names.
        return {"value": _one_of(_choices(component.data)) if component.data else _text}
    return {
        "NumberInput": {"value": _typed_number},
        "Slider": {"value": _number},
        "TextInput": {"value": _text},
        "Textarea": {"value": _text},
        "Switch": {"checked": _flag},
    }.get(kind, {})


def _choices(data: list[Any]) -> set[str]:
    """The values of a menu, which may be in groups."""
    found: set[str] = set()
    for entry in data:
        if isinstance(entry, str):
            found.add(entry)
        elif "items" in entry:
            found |= _choices(entry["items"])
        else:
            found.add(entry["value"])
    return found


def _one_of(known: set[str]) -> Check:
    return lambda value, where: a_choice(value, where, sorted(known))


def _anything(value: Any, where: Any) -> None:
    del value, where


def _number(value: Any, where: Any) -> None:
    if value is not None:
        a_number(value, where)


def _typed_number(value: Any, where: Any) -> None:
    """A number, or the beginning of one as it was typed."""
    if isinstance(value, str) and len(value) <= MOST_TYPED:
        return
    _number(value, where)


def _text(value: Any, where: Any) -> None:
    if value is not None:
        a_text(value, where)


def _flag(value: Any, where: Any) -> None:
    if value is not None:
        a_flag(value, where)


def _run(value: Any, where: Any) -> None:
    if value is not None and not valid_id(a_text(value, where)):
        raise InputError(f"{quoted(value)} is not the id of a run", where)


def _document(value: Any, where: Any) -> None:
    """The circuit on the board; the backend says what is wrong inside."""
    if value is None:
        return
    document = an_object(value, where)
    if document.get("circuit") is not None:
        an_object(document["circuit"], (*where, "circuit"))
    if document.get("network") is not None:
        a_text(document["network"], (*where, "network"))


def _data_choice(value: Any, where: Any) -> None:
    chosen = an_object(value, where)
    a_text(chosen.get("dataset"), (*where, "dataset"))
    plain_values(chosen.get("options"), (*where, "options"))


STORES: dict[str, Check] = {
    ids.DOC_OUT: _document,
    ids.RUN_SELECTED: _run,
    ids.THEME_OUT: _text,
    ids.TRAIN_OPTIONS: _data_choice,
}
"""What the stores hold that callbacks read."""
