"""What every kind of view answers, and the kinds by name."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from numpy.typing import NDArray

from .. import serialize
from ..service import Examples, Registry

Arrays = Mapping[str, NDArray[Any]]
Header = Mapping[str, Any]


class Shown:
    """One kind of view.

    Attributes:
        title: in the chooser, where there are several.
        axes: arrays that it needs, and how many axes each has.
        either: further ones, of which it needs at least one.
    """

    title: ClassVar[str]
    axes: ClassVar[Mapping[str, int]] = {}
    either: ClassVar[Mapping[str, int]] = {}

    def fits(self, arrays: Arrays) -> bool:
        """Whether all arrays are there that it needs, none of them empty."""

        def there(name: str, count: int) -> bool:
            return name in arrays and arrays[name].ndim == count and bool(arrays[name].size)

        return all(there(*one) for one in self.axes.items()) and (
            not self.either or any(there(*one) for one in self.either.items())
        )


class Painted(Shown):
    """What the painter of its name shows; without more it gets the arrays as they are.

    Attributes:
        beside_first: whether it gets those of the first stored epoch, too, as ``first_<name>``.
        history: arrays of the inside that it gets of every stored epoch, too, as ``all_<name>``
            with an axis more in front, and ``epochs`` (T,).
    """

    beside_first: ClassVar[bool] = False
    history: ClassVar[tuple[str, ...]] = ()

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """Arrays in single precision under a header, as the browser reads them.

        Args:
            arrays: what ``fits`` was asked about.
            header: of the model's inside; empty where it shows none.
        """
        return serialize.encode(header, arrays)


class Inside(Painted):
    """What a model shows of one example.

    Attributes:
        board: whether the board plays it, in the place of a painter beside the curves.
        part_of: another kind whose arrays it looks at, too; empty for none.
        told: whether answers that are ``told_first`` show the same and more.
    """

    board: ClassVar[bool] = False
    part_of: ClassVar[str] = ""
    told: ClassVar[bool] = False


class Answers(Shown):
    """What a model answers to the test set; the task stores its arrays (``Task.frame``).

    Attributes:
        told_first: whether it is shown before a model's inside, as it holds what should have been
            answered, too.
    """

    told_first: ClassVar[bool] = False


class Drawn(Answers, ABC):
    """Answers as a figure."""

    @abstractmethod
    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """What is drawn.

        Args:
            arrays: of the frame.
            theme: ``light`` or ``dark``.
            examples: reads what belongs to the run's data set.
        """


VIEWS: Registry[Shown] = Registry("view")
"""By name; where several kinds of answers are stored the first one is shown."""


def view(name: str) -> Callable[[type[Shown]], type[Shown]]:
    """A decorator that enters a kind under a name."""

    def enter(kind: type[Shown]) -> type[Shown]:
        VIEWS.register(name)(kind())
        return kind

    return enter
