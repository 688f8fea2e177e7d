"""A request's place among those that compute: who asks, and its turn."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Request, request

from ..service import Asker, StopSignal, Turns

PAGE = "X-Page"
"""Header with the name of the open page: random, made when it was loaded."""

NUMBER = "X-Asking"
"""Header with the number of the question among those of the page: a newer one replaces it."""

_PAGE = re.compile(r"[A-Za-z0-9-]{8,64}")
_NUMBER = re.compile(r"[0-9]{1,15}")


@contextmanager
def turn(lane: Turns, purpose: str) -> Iterator[StopSignal]:
    """Hold a slot of `lane` for this request; its body is read only then.

    Args:
        lane: the sort of work.
        purpose: what the page wants it for.
    """
    with lane.turn(asker(request, purpose)) as stop:
        yield stop


def asker(request: Request, purpose: str) -> Asker:
    """Who sent a request; without a page every connection counts as one."""
    page = request.headers.get(PAGE, "")
    number = request.headers.get(NUMBER, "")
    environ = request.environ
    if not _PAGE.fullmatch(page):
        page, number = f"{request.remote_addr}:{environ.get('REMOTE_PORT')}", ""
    return Asker(page, purpose, int(number) if _NUMBER.fullmatch(number) else None, _gone(environ))


def _gone(environ: dict) -> Callable[[], bool]:
    """Whether the connection was closed; only the real server knows."""
    return environ.get("waitress.client_disconnected") or (lambda: False)
