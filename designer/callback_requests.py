"""Requests for Dash's callbacks, held against the callbacks that there are before Dash sees them.

Dash trusts what its own page sends and answers anything else with a traceback.
"""

import logging
from typing import Any

from dash import Dash
from dash.exceptions import DependencyException, InvalidResourceError
from flask import Response, request
from werkzeug.exceptions import HTTPException

from .admission import admit
from .security import refusal

CALLBACKS = "/_dash-update-component"

log = logging.getLogger("kirchhoff")


def install(app: Dash) -> None:
    """Refuse what is no request of the page, and answer what fails all the same in words."""

    @app.server.before_request
    def check() -> Response | None:
        if request.path != CALLBACKS or request.method != "POST":
            return None
        if not admit():
            return refusal(503, "The server is busy with other large requests; try again.")
        if _fits(app.callback_map, request.get_json(silent=True)):
            return None
        return refusal(400, "This is no request of the page; reload it.")

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


def _fits(known: dict[str, Any], body: Any) -> bool:
    """Whether a body names a callback, with exactly its outputs, inputs and state."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    callback = known.get(body["output"])
    changed = body.get("changedPropIds", [])
    if callback is None or not isinstance(changed, list):
        return False
    outputs = body.get("outputs")
    return (
        all(isinstance(name, str) for name in changed)
        and _places(body.get("inputs")) == _places(callback["inputs"])
        and _places(body.get("state", [])) == _places(callback["state"])
        and _names(outputs if isinstance(outputs, list) else [outputs]) == _split(body["output"])
    )


def _places(entries: Any) -> list[tuple[str, str]] | None:
    """Id and property of every entry; ``None`` when one is no entry."""
    if not isinstance(entries, list):
        return None
    found = []
    for entry in entries:
        if not isinstance(entry, dict):
            return None
        place = entry.get("id"), entry.get("property")
        if not all(isinstance(part, str) for part in place):
            return None
        found.append(place)
    return found


def _names(outputs: list[Any]) -> list[str] | None:
    places = _places(outputs)
    return None if places is None else [f"{id}.{name}" for id, name in places]


def _split(output: str) -> list[str]:
    """``..a.data...b.data..`` and ``a.data`` as Dash writes them."""
    whole = output.startswith("..") and output.endswith("..")
    return output[2:-2].split("...") if whole else [output]
