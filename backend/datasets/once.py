"""One piece of work asks for its data set several times; it is read once."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from .base import DATASETS, Dataset

_READ: ContextVar[dict[str, Dataset] | None] = ContextVar("read", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within, ``open_dataset`` returns the same object for the same name and options."""
    before = _READ.set({} if _READ.get() is None else _READ.get())
    try:
        yield
    finally:
        _READ.reset(before)


def open_dataset(name: str, options: Mapping[str, Any]) -> Dataset:
    """The data set of a name with these options.

    Raises:
        StudioError: there is none of this name, or its files cannot be read.
    """
    known = _READ.get()
    if known is None:
        return DATASETS[name](**options)
    complete = {param.name: param.default for param in DATASETS[name].params} | dict(options)
    key = json.dumps([name, complete], sort_keys=True, default=repr)
    if key not in known:
        known[key] = DATASETS[name](**options)
    return known[key]
