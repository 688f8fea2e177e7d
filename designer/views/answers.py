"""What a model answers to the test set, by the task."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import plotly.graph_objects as go
from numpy.typing import NDArray

from .. import outcome_figures, serialize
from ..service import Examples
from ..service.portraits import errors
from .base import Answers, Arrays, Drawn, Header, Painted, view

OPERATOR_FIELDS = ("field_input", "field_target", "field_prediction")
"""What the task ``operator`` stores; on further grids with ``_1``, ``_2`` ... behind it."""


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
