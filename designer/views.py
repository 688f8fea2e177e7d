"""What the page gets of a stored epoch: the inside of the model, and what the model answers.

Each kind is one class here. What is painted has a painter of the same name in
``assets/modules/views/painters``; what is drawn is a figure, made here for plotly.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from numpy.typing import NDArray

from . import outcome_figures, serialize
from .service import Examples, Inner, Registry
from .service.portraits import cascades, errors, rings

Arrays = Mapping[str, NDArray[Any]]
Header = Mapping[str, Any]

OPERATOR_FIELDS = ("field_input", "field_target", "field_prediction")
"""What the task ``operator`` stores; on further grids with ``_1``, ``_2`` ... behind it."""


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
    """

    beside_first: ClassVar[bool] = False

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
    """

    board: ClassVar[bool] = False
    part_of: ClassVar[str] = ""


class Answers(Shown):
    """What a model answers to the test set; the task stores its arrays (``Task.frame``).

    Attributes:
        told_first: whether it is shown in the place of a model's inside, as it holds what should
            have been answered, too.
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


@view("trajectory")
class Trajectory(Inside):
    """Voltages and currents of a circuit over time."""

    title: ClassVar[str] = "Trajectory"
    axes: ClassVar[Mapping[str, int]] = {"t": 1, "voltages": 2}
    board: ClassVar[bool] = True


@view("fields")
class Fields(Inside):
    """Pictures on one grid, such as a field, the answer and their difference.

    ``values`` (K, rows, columns), rows from top to bottom; the header may give their ``titles`` and
    their ``unit``.
    """

    title: ClassVar[str] = "Fields"
    axes: ClassVar[Mapping[str, int]] = {"values": 3}


@view("cascade")
class Cascade(Inside):
    """Lanes of cells in series: a pulse from tap to tap, the kernel, the response.

    ``tau`` (blocks, lanes) in domain lengths; the header says the ``order`` and whether the field
    is ``periodic``.
    """

    title: ClassVar[str] = "Cascades"
    axes: ClassVar[Mapping[str, int]] = {"tau": 2}
    part_of: ClassVar[str] = "fields"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """``tau`` and what ``models.kinn.portrait.cascades`` makes of it."""
        return serialize.encode(header, {"tau": arrays["tau"], **cascades(arrays, header)})


@view("ring")
class Ring(Inside):
    """Lanes that spread and drift: what a pulse becomes, and value and slope of every wave.

    ``sigma`` (blocks, lanes, axes) and perhaps ``beta``, in domain lengths.
    """

    title: ClassVar[str] = "Lanes"
    axes: ClassVar[Mapping[str, int]] = {"sigma": 3}
    part_of: ClassVar[str] = "fields"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """The lengths and what ``models.kinn.portrait.rings`` makes of them."""
        return serialize.encode(header, {**_lengths(arrays), **rings(arrays, header)})


@view("samples")
class Samples(Inside):
    """A lane's circuit, solved for an example, with the layer's own samples as dots on it.

    Its lengths choose the lane; the page asks for course and samples of the one that it shows.
    """

    title: ClassVar[str] = "Samples"
    either: ClassVar[Mapping[str, int]] = {"tau": 2, "sigma": 3}
    part_of: ClassVar[str] = "fields"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """The lengths alone."""
        return serialize.encode(header, _lengths(arrays))


@view("constants")
class Constants(Inside):
    """How often which length was learnt: ``tau`` of cascades, ``sigma`` and ``beta`` of rings."""

    title: ClassVar[str] = "Constants"
    either: ClassVar[Mapping[str, int]] = {"tau": 2, "sigma": 3}
    part_of: ClassVar[str] = "fields"
    beside_first: ClassVar[bool] = True

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """The lengths alone, and what they were at first."""
        before = {f"first_{name}": values for name, values in _lengths(arrays, "first_").items()}
        return serialize.encode(header, {**_lengths(arrays), **before})


def _lengths(arrays: Arrays, prefix: str = "") -> Arrays:
    names = ("tau", "sigma", "beta")
    return {name: arrays[prefix + name] for name in names if prefix + name in arrays}


@view("boundary")
class Boundary(Drawn):
    """Classes over the plane of two inputs."""

    title: ClassVar[str] = "Boundary"
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
class Density(Drawn):
    """A density in the plane of two nodes."""

    title: ClassVar[str] = "Density"
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
class Predictions(Drawn):
    """Numbers beside what they should be."""

    title: ClassVar[str] = "Answers"
    axes: ClassVar[Mapping[str, int]] = {"predictions": 2, "targets": 2}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """Answers over targets."""
        return outcome_figures.predictions(arrays["targets"], arrays["predictions"], theme)


@view("confusion")
class Confusion(Drawn):
    """How often each class was taken for which."""

    title: ClassVar[str] = "Confusion"
    axes: ClassVar[Mapping[str, int]] = {"confusion": 2}

    def figure(
        self, arrays: Arrays, theme: str | None, examples: Callable[[], Examples]
    ) -> go.Figure:
        """The confusion matrix."""
        return outcome_figures.confusion(arrays["confusion"], examples().classes, theme)


class _Operator(Answers, Painted):
    """Fields that training does not learn from, what should come of them, and the answers."""

    told_first: ClassVar[bool] = True
    title: ClassVar[str] = "Fields"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """The fields on every grid, each with ``error`` (n,), the relative L2 error of a field."""
        sent: dict[str, NDArray[Any]] = {}
        for grid in ("", *(f"_{number}" for number in range(1, 10))):
            given, wanted, answer = (arrays.get(name + grid) for name in OPERATOR_FIELDS)
            if given is None or wanted is None or answer is None:
                continue
            sent |= {f"input{grid}": given, f"target{grid}": wanted, f"prediction{grid}": answer}
            sent[f"error{grid}"] = errors(answer, wanted)
        return serialize.encode({"periodic": bool(header.get("periodic"))}, sent)


@view("curves")
class Curves(_Operator):
    """Fields over one axis: (n, channels, points)."""

    axes: ClassVar[Mapping[str, int]] = dict.fromkeys(OPERATOR_FIELDS, 3)


@view("maps")
class Maps(_Operator):
    """Fields over two axes: (n, channels, rows, columns)."""

    axes: ClassVar[Mapping[str, int]] = dict.fromkeys(OPERATOR_FIELDS, 4)


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
            whole = name == inside.kind and not first
            if whole or kind.part_of == inside.kind:
                own[name] = kind
    return {**first, **own, **answers}
