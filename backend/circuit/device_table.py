"""The devices of a slice as arrays: what a circuit of millions of devices is made of.

A table behaves as a sequence of ``Device``, made one by one when somebody looks. Row N stands for
ground in a circuit of N nodes; the k-th device of a kind owns entry k of the kind's parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, overload

import numpy as np

from ..devices import DEVICES, kind_of
from ..errors import CircuitError, Place
from .description import Device, Slice
from .rules import TakenIds, checked_device, taken
from .table_checks import first_breach

OBJECT_LIMIT = 10_000
"""Generated, loaded and trained slices of more devices than this stay tables."""

CHUNK = 4096
"""Devices made at a time by an iteration."""

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False, repr=False)
class DeviceTable(Sequence[Device]):
    """E devices of one slice as read-only arrays; equal to the tuple of the same devices.

    Args:
        names: node ids by state row, ground last.
        kinds: the registered kinds that occur.
        codes: place of every device's kind in ``kinds`` (E,).
        source: state rows (E,).
        target: state rows (E,).
        params: for every kind its parameters (n,) by name, in the order of the slice.
        trainable: whether training may change a device's parameters (E,).
        first: the ids are ``d<first + 1>``, ``d<first + 2>``, ...
        explicit: all ids in order, where they are not of that form.

    Raises:
        CircuitError: arrays of unequal lengths.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    codes: np.ndarray
    source: np.ndarray
    target: np.ndarray
    params: tuple[Columns, ...]
    trainable: np.ndarray
    first: int = 0
    explicit: tuple[str, ...] | None = None
    _checked: tuple[str, ...] | None = field(default=None, init=False)

    __hash__ = None  # type: ignore[assignment]  # like a tuple of devices, whose params are dicts

    def __post_init__(self) -> None:
        given = {"codes": np.uint8, "source": np.int64, "target": np.int64, "trainable": np.bool_}
        for name, dtype in given.items():
            object.__setattr__(self, name, _read_only(getattr(self, name), dtype))
        params = tuple(
            {name: _read_only(value, np.float64) for name, value in columns.items()}
            for columns in self.params
        )
        object.__setattr__(self, "params", params)
        self._check_lengths()

    def _check_lengths(self) -> None:
        count = len(self.codes)
        sizes = [("source", self.source), ("target", self.target), ("trainable", self.trainable)]
        if self.explicit is not None and len(self.explicit) != count:
            raise CircuitError(f"{count} devices have {len(self.explicit)} ids")
        for name, array in sizes:
            if array.shape != (count,):
                raise CircuitError(f"{name} has the shape {array.shape}; expected ({count},)")
        members = [count] if len(self.kinds) == 1 else np.bincount(self.codes).tolist()
        members += [0] * (len(self.kinds) - len(members))
        if len(members) != len(self.kinds) or len(self.params) != len(self.kinds):
            raise CircuitError("every device needs a kind, and every kind its parameters")
        for kind, columns, size in zip(self.kinds, self.params, members, strict=True):
            for name, array in columns.items():
                if array.shape != (size,):
                    raise CircuitError(
                        f"{kind}.{name} has the shape {array.shape}; expected ({size},)"
                    )

    @classmethod
    def uniform(
        cls,
        names: tuple[str, ...],
        kind: str,
        source: np.ndarray,
        target: np.ndarray,
        params: Columns,
        first: int = 0,
    ) -> "DeviceTable":
        """Trainable devices of one kind."""
        count = len(source)
        codes, trainable = np.zeros(count, np.uint8), np.ones(count, np.bool_)
        return cls(names, (kind,), codes, source, target, (params,), trainable, first)

    @property
    def numbers(self) -> range | None:
        """Of ids of the form ``d<number>``; ``None`` for explicit ids."""
        if self.explicit is not None:
            return None
        return range(self.first + 1, self.first + 1 + len(self))

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids in order."""
        if self.explicit is not None:
            return self.explicit
        return tuple([f"d{number}" for number in self.numbers or ()])

    def places(self, code: int) -> np.ndarray:
        """Places (n,) in the slice of the devices of kind ``kinds[code]``."""
        if len(self.kinds) == 1:
            return np.arange(len(self))
        return self._places[code]

    @cached_property
    def _places(self) -> tuple[np.ndarray, ...]:
        return tuple(np.flatnonzero(self.codes == code) for code in range(len(self.kinds)))

    def with_params(self, params: Mapping[str, Columns]) -> "DeviceTable":
        """The table with other parameters of some kinds."""
        changed = tuple(
            params.get(kind, own) for kind, own in zip(self.kinds, self.params, strict=True)
        )
        return replace(self, params=changed)

    def described(self) -> "tuple[Device, ...] | DeviceTable":
        """The devices of a slice as users meet them: objects when few, this table when many."""
        return self if len(self) > OBJECT_LIMIT else tuple(self)

    def checked(self, where: Place, names: tuple[str, ...], ids: TakenIds) -> "DeviceTable":
        """The table with all parameters of its kinds, for the rows of ``names``.

        Args:
            where: the place of the devices in the file.
            names: node ids by state row of the circuit, ground last.
            ids: device ids in use; those of the table are added.

        Raises:
            CircuitError: names the first device that breaks a rule, and what was found.
        """
        table = self if self._checked == names else _complete(self)
        clash = ids.clash(() if self.numbers and not ids.names else self.ids, self.numbers)
        breach = None if table is self else first_breach(table, where, names)
        if clash is not None and (breach is None or clash <= breach):
            raise taken(table[clash].id, (*where, clash))
        if breach is not None:
            checked_device(table[breach], (*where, breach), set(names), TakenIds())
        ids.add(() if self.numbers is not None else self.ids, self.numbers)
        if table is not self:
            table = _on_rows(table, names)
            object.__setattr__(table, "_checked", names)
        return table

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> Device: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Device, ...]: ...
    def __getitem__(self, index: int | slice) -> Device | tuple[Device, ...]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return tuple(self._between(start, max(start, stop)))
            return tuple(self[place] for place in range(start, stop, step))
        place = range(len(self))[index]
        return next(self._between(place, place + 1))

    def __iter__(self) -> Iterator[Device]:
        for start in range(0, len(self), CHUNK):
            yield from self._between(start, min(start + CHUNK, len(self)))

    def _between(self, start: int, stop: int) -> Iterator[Device]:
        """The devices of places ``start`` to ``stop``."""
        params = [self._params_between(code, start, stop) for code in range(len(self.kinds))]
        part = slice(start, stop)
        if self.explicit is None:
            ids = (f"d{self.first + 1 + place}" for place in range(start, stop))
        else:
            ids = iter(self.explicit[part])
        columns = (self.codes, self.source, self.target, self.trainable)
        rows = zip(*(column[part].tolist() for column in columns), strict=True)
        for name, (code, source, target, trainable) in zip(ids, rows, strict=True):
            ends = self.names[source], self.names[target]
            yield Device(name, self.kinds[code], *ends, next(params[code]), trainable)

    def _params_between(self, code: int, start: int, stop: int) -> Iterator[dict[str, float]]:
        own = self.params[code]
        if len(self.kinds) > 1:
            start, stop = np.searchsorted(self._places[code], (start, stop)).tolist()
        columns = [column[start:stop].tolist() for column in own.values()]
        return (
            {name: column[k] for name, column in zip(own, columns, strict=True)}
            for k in range(stop - start)
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DeviceTable):
            return self is other or _equal(self, other)
        if isinstance(other, tuple):
            return len(self) == len(other) and all(
                mine == theirs for mine, theirs in zip(self, other, strict=True)
            )
        return NotImplemented

    def __repr__(self) -> str:
        return f"<{len(self)} devices: {', '.join(self.kinds)}>"


def table_of(part: Slice, rows: Mapping[str, int]) -> DeviceTable:
    """The devices of a slice of a circuit as a table; as it is if it has one already.

    Args:
        part: a slice of a ``Circuit``, which has been checked.
        rows: state row of every node id, in order, ground last.
    """
    devices = part.devices
    if isinstance(devices, DeviceTable):
        return devices
    found = [device.kind for device in devices]
    kinds = tuple(dict.fromkeys(found))
    if len(kinds) == 1:
        codes = np.zeros(len(found), np.uint8)
        params = (_columns(kinds[0], [device.params for device in devices]),)
    else:
        code = {kind: place for place, kind in enumerate(kinds)}
        codes = np.array([code[kind] for kind in found], np.uint8)
        params = tuple(
            _columns(kind, [device.params for device in devices if device.kind == kind])
            for kind in kinds
        )
    table = DeviceTable(
        tuple(rows),
        kinds,
        codes,
        np.array([rows[device.source] for device in devices], np.int64),
        np.array([rows[device.target] for device in devices], np.int64),
        params,
        np.array([device.trainable for device in devices], np.bool_),
        explicit=tuple([device.id for device in devices]),
    )
    object.__setattr__(table, "_checked", table.names)
    return table


def _columns(kind: str, members: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
    return {
        param.name: np.array([params[param.name] for params in members], np.float64)
        for param in kind_of(kind).params
    }


def _read_only(array: Any, dtype: Any) -> np.ndarray:
    """The array in a dtype; the view refuses writes, whoever else holds the memory."""
    array = np.asarray(array, dtype)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


def _complete(table: DeviceTable) -> DeviceTable:
    """Kinds that occur, each with its law's parameters in order, missing ones at their default."""
    members = np.bincount(table.codes, minlength=len(table.kinds))
    used = np.flatnonzero(members).tolist()
    params: list[Columns] = []
    for code in used:
        kind, given = table.kinds[code], table.params[code]
        if kind in DEVICES and {param.name for param in DEVICES[kind].params} >= set(given):
            given = {
                param.name: given[param.name]
                if param.name in given
                else np.full(members[code], param.default, np.float64)
                for param in DEVICES[kind].params
            }
        params.append(given)
    codes = table.codes
    if len(used) < len(table.kinds):
        codes = np.searchsorted(used, codes)
    kinds = tuple(table.kinds[code] for code in used)
    return replace(table, kinds=kinds, codes=codes, params=tuple(params))


def _on_rows(table: DeviceTable, names: tuple[str, ...]) -> DeviceTable:
    """The table for another order of the nodes; every name it needs is among ``names``."""
    if table.names == names:
        return table
    row = _rows_among(table.names, names)
    return replace(table, names=names, source=row[table.source], target=row[table.target])


def _rows_among(own: tuple[str, ...], names: tuple[str, ...]) -> np.ndarray:
    """For every row of ``own`` names the row among ``names``, -1 where there is none."""
    rows = {name: row for row, name in enumerate(names)}
    return np.array([rows.get(name, -1) for name in own], np.int64)


def _equal(one: DeviceTable, two: DeviceTable) -> bool:
    if len(one) != len(two) or not len(one):
        return len(one) == len(two)
    if (one.explicit, one.first) != (two.explicit, two.first) and one.ids != two.ids:
        return False
    code = np.array([one.kinds.index(k) if k in one.kinds else len(one.kinds) for k in two.kinds])
    row = _rows_among(two.names, one.names)
    alike = (
        (one.codes, code[two.codes]),
        (one.source, row[two.source]),
        (one.target, row[two.target]),
        (one.trainable, two.trainable),
    )
    if not all(np.array_equal(mine, theirs) for mine, theirs in alike):
        return False
    theirs = dict(zip(two.kinds, two.params, strict=True))
    return all(
        own.keys() == theirs[kind].keys()
        and all(np.array_equal(column, theirs[kind][name]) for name, column in own.items())
        for kind, own in zip(one.kinds, one.params, strict=True)
        if kind in theirs
    )
