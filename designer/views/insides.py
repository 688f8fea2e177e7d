"""The inside of circuits and of networks whose cells are circuits."""

from collections.abc import Mapping
from typing import ClassVar

from .. import serialize
from ..service.portraits import cascades, rings
from .base import Arrays, Header, Inside, view


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
    told: ClassVar[bool] = True


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
