"""In a notebook a circuit, a trajectory and a run show themselves as a page that plays.

The library draws nothing. Whatever package knows how to make a page says so by an entry point of
the group ``kirchhoff.pages``; the studio does. Without one, or for what is too large for a cell,
objects are shown as Python shows them.
"""

import html
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from .errors import StudioError

GROUP = "kirchhoff.pages"
HEIGHT = 560
MOST_CHARACTERS = 8_000_000
"""Of one page in a cell; notebooks keep the outputs of all cells in one file."""

Maker = Callable[[Any], str | None]


@cache
def maker() -> Maker | None:
    """Who makes pages of objects, if anybody does."""
    for found in entry_points(group=GROUP):
        return found.load()
    return None


def shown(what: Any) -> str | None:
    """The HTML of a cell for an object; ``None`` where Python's own words are better.

    Args:
        what: a circuit, a trajectory or a run.
    """
    make = maker()
    if make is None:
        return None
    try:
        page = make(what)
    except StudioError as error:
        return f"<p>{html.escape(str(error))}</p>"
    if page is None or len(page) > MOST_CHARACTERS:
        return None
    # Scripts of the page run, but in a place of their own: they see nothing of the notebook.
    return (
        f'<div><iframe srcdoc="{html.escape(page)}" sandbox="allow-scripts allow-downloads" '
        f'title="Kirchhoff Studio" style="width:100%;height:{HEIGHT}px;border:1px solid #8884;'
        'border-radius:8px"></iframe></div>'
    )
