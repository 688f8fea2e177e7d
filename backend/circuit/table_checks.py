"""The first device of a table that breaks a rule, found without looking at devices one by one."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..checks import MAX_ID, an_identifier
from ..devices import DEVICES
from ..errors import CircuitError, Place
from ..params import Param

if TYPE_CHECKING:
    from .device_table import DeviceTable


CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def first_breach(table: "DeviceTable", where: Place, names: tuple[str, ...]) -> int | None:
    """The smallest place of a device that ``checked_device`` would refuse.

    Args:
        table: with all parameters of its kinds.
        where: the place of the devices in the file.
        names: node ids of the circuit, ground included.

    Raises:
        CircuitError: a row that stands for no node; such a device has no description.
    """
    for end, rows in (("source", table.source), ("target", table.target)):
        if len(rows) and (int(rows.min()) < 0 or int(rows.max()) >= len(table.names)):
            place = int(((rows < 0) | (rows >= len(table.names))).argmax())
            raise CircuitError(
                f"the {end} is row {rows[place]}; rows lie between 0 and "
                f"{len(table.names) - 1} (ground)",
                (*where, place, end),
            )
    return min(_breaches(table, names), default=None)


def _breaches(table: "DeviceTable", names: tuple[str, ...]) -> Iterator[int]:
    yield from _first(table.source == table.target)
    if table.explicit is not None:
        yield from _bad_id(table.explicit)
    if table.names != names:
        known = set(names)
        strange = np.array([name not in known for name in table.names])
        yield from _first(strange[table.source] | strange[table.target])
    for code, (kind, columns) in enumerate(zip(table.kinds, table.params, strict=True)):
        laws = DEVICES[kind].params if kind in DEVICES else ()
        if {param.name for param in laws} != set(columns) or kind not in DEVICES:
            yield int(table.places(code)[0])
            continue
        for param in laws:
            for place in _refused(param, columns[param.name]):
                yield int(table.places(code)[place])


def _first(wrong: np.ndarray) -> Iterator[int]:
    if wrong.any():
        yield int(wrong.argmax())


def _refused(param: Param, values: np.ndarray) -> Iterator[int]:
    low = -np.inf if param.low is None else param.low
    high = np.inf if param.high is None else param.high
    # NaN and infinities show in the extremes, so a sound table needs no mask.
    least, most = values.min(), values.max()
    if not (np.isfinite(least) and np.isfinite(most) and least >= low and most <= high):
        yield from _first(~(np.isfinite(values) & (values >= low) & (values <= high)))


def _bad_id(ids: tuple[str, ...]) -> Iterator[int]:
    usual = {*map(type, ids)} <= {str} and all(map(str.strip, ids))
    if usual and max(map(len, ids), default=0) <= MAX_ID and not CONTROL.search("".join(ids)):
        return
    for place, name in enumerate(ids):
        try:
            an_identifier(name, ())
        except CircuitError:
            yield place
            return
