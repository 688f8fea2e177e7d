"""Requests read and errors answered alike by all routes."""

import logging
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from ..admission import admit
from ..documents import DocumentError
from ..security import BODY_LIMIT, refusal
from ..service import BusyError, MissingRunError, Stopped, StudioError, error_json
from ..service.requests import InputError, an_object, json_value, required

log = logging.getLogger("kirchhoff")
REFUSED = 422
"""Understood, but impossible: a wrong circuit, a question that has no answer."""


class BadRequest(Exception):
    """A request that does not have the expected shape; one plain sentence."""


def body() -> dict[str, Any]:
    """The JSON object that was sent.

    Raises:
        BadRequest: it is not one.
        BusyError: too many large ones at once.
    """
    if not admit():
        raise BusyError("The server is busy with other large requests; try again in a moment.")
    if not request.is_json:
        raise BadRequest("A JSON object was expected.")
    try:
        data = json_value(request.get_data(cache=False))
    except InputError as error:
        raise BadRequest(f"The request is not understood: {error}.") from None
    if not isinstance(data, dict):
        raise BadRequest("A JSON object was expected.")
    return data


def circuit_of(data: dict[str, Any]) -> dict[str, Any]:
    """The circuit of a request; the backend says what is wrong inside.

    Raises:
        BadRequest: there is none.
    """
    try:
        return required(data, "circuit", an_object)
    except InputError as error:
        raise BadRequest(f"The request has no circuit: {error}.") from None


def binary(data: bytes | Path, *, immutable: bool) -> Response:
    """A container or its file, kept by the browser for good when its address names its contents."""
    kind = "application/octet-stream"
    if isinstance(data, Path):
        response = send_file(data.absolute(), mimetype=kind, etag=False)
    else:
        response = Response(data, mimetype=kind)
    rule = "private, max-age=31536000, immutable" if immutable else "no-cache"
    response.headers["Cache-Control"] = rule
    return response


def not_found(message: str) -> Response:
    """A 404 in the JSON shape."""
    return refusal(404, message)


def install_errors(blueprint: Blueprint) -> None:
    """Answer every error of the blueprint's routes as ``{"error": {message, where}}``.

    A browser writes every status from 400 on into its console as an error of the page. The page
    says by the header ``X-Refusals: answer`` that it reads what was refused (422) as an ordinary
    answer, which then names the status in ``X-Refused``.
    """

    @blueprint.after_request
    def as_answer(response: Response):
        if response.status_code == REFUSED and request.headers.get("X-Refusals") == "answer":
            response.headers["X-Refused"] = str(REFUSED)
            response.status_code = 200
        return response

    @blueprint.errorhandler(StudioError)
    def studio(error: StudioError):
        return jsonify(error_json(error)), 404 if isinstance(error, MissingRunError) else REFUSED

    @blueprint.errorhandler(BusyError)
    def busy(error: BusyError):
        response = refusal(503, str(error))
        response.headers["Retry-After"] = str(error.seconds)
        return response

    @blueprint.errorhandler(Stopped)
    def stopped(error: Stopped):
        return refusal(409, str(error))

    @blueprint.errorhandler(DocumentError)
    def document(error: DocumentError):
        response = refusal(error.status, str(error))
        if error.revision is not None:
            response = jsonify({"error": {"message": str(error), "where": ""},
                                "revision": error.revision})  # fmt: skip
            response.status_code = error.status
        return response

    @blueprint.errorhandler(BadRequest)
    def bad(error: BadRequest):
        return refusal(400, str(error))

    @blueprint.errorhandler(RequestEntityTooLarge)
    def large(error: RequestEntityTooLarge):
        return refusal(413, f"At most {BODY_LIMIT // 2**20} MB can be sent.")

    @blueprint.errorhandler(HTTPException)
    def http(error: HTTPException):
        return refusal(error.code or 500, error.description or error.name)

    @blueprint.errorhandler(OSError)
    def disk(error: OSError):
        log.error("%s %s: %s", request.method, request.path, error)
        return refusal(507, f"The disk refused it: {error.strerror or error}.")

    @blueprint.errorhandler(Exception)
    def unexpected(error: Exception):
        log.exception("%s %s", request.method, request.path)
        return refusal(500, "The server failed on this request; its log says why.")
