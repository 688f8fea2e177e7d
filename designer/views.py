"""What the page gets of a stored epoch: the inside of the model, or what the model answers.

Each kind is one class here. The inside of a model (``backend.view.View``) has a painter of the
same name in ``assets/modules/views/painters``; answers are figures, which plotly draws.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from numpy.typing import NDArray

from . import field_figures, outcome_figures, serialize
from .service import Examples, Registry

Arrays = Mapping[str, NDArray[Any]]

OPERATOR_FIELDS = ("field_input", "field_target", "field_prediction")
"""What the task ``operator`` stores."""


class Shown:
    """One kind of view.

    Attributes:
        axes: arrays that it needs, and how many axes each has.
    """

    axes: ClassVar[Mapping[str, int]] = {}

    def fits(self, arrays: Arrays) -> bool:
        """Whether all arrays are there that it needs, none of them empty."""
        return all(
            name in arrays and arrays[name].ndim == count and arrays[name].size
            for name, count in self.axes.items()
        )


class Inside(Shown):
    """What a model shows of one example; without more its arrays go to the painter as they are.

    Attributes:
        board: whether the board plays it, in the place of a painter beside the curves.
    """

    board: ClassVar[bool] = False

    def container(self, arrays: Arrays, header: Mapping[str, Any]) -> bytes:
        """Arrays in single precision under a header, as the browser reads them."""
        return serialize.encode(header, arrays)


class Answers(Shown, ABC):
    """What a model answers to the test set; the task stores its arrays (``Task.frame``).

    Attributes:
        told_first: whether it is shown although the model has an inside that could be, as it holds
            what should have been answered, too.
    """

    told_first: ClassVar[bool] = False

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


@view("trajectory")
class Trajectory(Inside):
    """Voltages and currents of a circuit over time."""

    axes: ClassVar[Mapping[str, int]] = {"t": 1, "voltages": 2}
    board: ClassVar[bool] = True


@view("fields")
class Fields(Inside):
    """Pictures on one grid, such as a field, the answer and their difference.

    ``values`` (K, rows, columns), rows from top to bottom; the header may give their ``titles`` and
    their ``unit``.
    """

    axes: ClassVar[Mapping[str, int]] = {"values": 3}


@view("boundary")
class Boundary(Answers):
    """Classes over the plane of two inputs."""

    axes: ClassVar[Mapping[str, int]] = {"boundary": 2, "boundary_x": 1, "boundary_y": 1}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """The boundary and test examples."""
        known = examples()
        return outcome_figures.boundary(
            arrays["boundary"], arrays["boundary_x"], arrays["boundary_y"], theme,
            points=known.points, labels=known.labels,
        )  # fmt: skip


@view("density")
class Density(Answers):
    """A density in the plane of two nodes."""

    axes: ClassVar[Mapping[str, int]] = {"density": 2, "density_x": 1, "density_y": 1}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """The density and points drawn from it."""
        return outcome_figures.density(
            arrays["density"], arrays["density_x"], arrays["density_y"], theme,
            samples=arrays.get("samples"),
        )  # fmt: skip


@view("predictions")
class Predictions(Answers):
    """Numbers beside what they should be."""

    axes: ClassVar[Mapping[str, int]] = {"predictions": 2, "targets": 2}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """Answers over targets."""
        return outcome_figures.predictions(arrays["targets"], arrays["predictions"], theme)


@view("confusion")
class Confusion(Answers):
    """How often each class was taken for which."""

    axes: ClassVar[Mapping[str, int]] = {"confusion": 2}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """The confusion matrix."""
        return outcome_figures.confusion(arrays["confusion"], examples().classes, theme)


class _Operator(Answers):
    """A field of the test set, what should come of it and what the model makes of it."""

    told_first: ClassVar[bool] = True

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """The first example and the first channel of each."""
        given, wanted, answer = (arrays[name][0, 0] for name in self.axes)
        draw = field_figures.curves if answer.ndim == 1 else field_figures.maps
        return draw(given, wanted, answer, theme)


@view("curves")
class Curves(_Operator):
    """Fields over one axis: (n, channels, points)."""

    axes: ClassVar[Mapping[str, int]] = dict.fromkeys(OPERATOR_FIELDS, 3)


@view("maps")
class Maps(_Operator):
    """Fields over two axes: (n, channels, rows, columns)."""

    axes: ClassVar[Mapping[str, int]] = dict.fromkeys(OPERATOR_FIELDS, 4)


def inside_of(kind: str, arrays: Arrays) -> Inside | None:
    """The registered kind of a model's inside, where its arrays fit and it has a painter."""
    if kind not in VIEWS:
        return None
    found = VIEWS[kind]
    return found if isinstance(found, Inside) and not found.board and found.fits(arrays) else None


def answers_of(arrays: Arrays) -> Answers | None:
    """The first kind of answers that a frame holds."""
    kinds = (kind for _, kind in VIEWS.items() if isinstance(kind, Answers))
    return next((kind for kind in kinds if kind.fits(arrays)), None)
