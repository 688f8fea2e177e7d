"""Who is told how far a data set is that takes its time to be made."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from .download import Progress

_WATCHER: ContextVar[Progress | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(progress: Progress) -> Generator[None]:
    """Within, ``tell`` calls ``progress``."""
    before = _WATCHER.set(progress)
    try:
        yield
    finally:
        _WATCHER.reset(before)


def tell(what: str, done: int, total: int) -> None:
    """Say how far something is, to whoever watches.

    Args:
        what: is made.
        done: how many of it.
        total: of how many.
    """
    if progress := _WATCHER.get():
        progress(what, done, total)
