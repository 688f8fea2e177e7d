"""What the page gets of a stored epoch: the inside of the model, and what the model answers.

Each kind is one class in this folder. What is painted has a painter of the same name in
``assets/modules/views/painters``; what is drawn is a figure, made here for plotly.
"""

from ..service import Inner
from . import answers, gas, insides
from .base import VIEWS as VIEWS
from .base import Answers as Answers
from .base import Arrays as Arrays
from .base import Drawn as Drawn
from .base import Inside as Inside
from .base import Painted as Painted
from .base import Shown as Shown
from .base import view as view

FILES = (insides, gas, answers)
"""Each enters its kinds when it is imported."""


def views_of(inside: Inner | None, arrays: Arrays) -> dict[str, Shown]:
    """The kinds that a frame can be shown as by name, the one that is shown unasked first.

    Args:
        inside: what the model shows of one example.
        arrays: of the frame.
    """
    answers = {
        name: kind
        for name, kind in VIEWS.items()
        if isinstance(kind, Answers) and kind.fits(arrays)
    }
    first = {name: kind for name, kind in answers.items() if kind.told_first}
    own: dict[str, Shown] = {}
    for name, kind in VIEWS.items():
        if isinstance(kind, Inside) and inside and not kind.board and kind.fits(inside.arrays):
            whole = name == inside.kind and not (first and kind.told)
            if whole or kind.part_of == inside.kind:
                own[name] = kind
    return {**first, **own, **answers}
