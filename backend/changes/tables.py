"""Changes of all devices of a circuit at once, slice by slice."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..errors import StudioError, quoted
from ..registry import nearest


def with_tables(circuit: Circuit, change: Callable[[DeviceTable], DeviceTable]) -> Circuit:
    """The circuit with the devices of every slice changed; those left as they are stay so."""
    slices = []
    for part, table in zip(circuit.slices, circuit.tables(), strict=True):
        made = change(table)
        slices.append(part if made is table else replace(part, devices=made.described()))
    return circuit.replace(slices=tuple(slices))


def without(table: DeviceTable, gone: np.ndarray) -> DeviceTable:
    """The table without some devices.

    Args:
        table: the devices of a slice.
        gone: which ones are left out (E,).
    """
    if not gone.any():
        return table
    kept = ~gone
    params = tuple(
        {name: values[kept[table.places(code)]] for name, values in columns.items()}
        for code, columns in enumerate(table.params)
    )
    ids = table.ids
    return replace(
        table,
        codes=table.codes[kept],
        source=table.source[kept],
        target=table.target[kept],
        trainable=table.trainable[kept],
        params=params,
        explicit=tuple([ids[place] for place in np.flatnonzero(kept)]),
    )


def named(table: DeviceTable, device: str) -> np.ndarray:
    """Which device of a slice has an id (E,)."""
    return np.fromiter((name == device for name in table.ids), np.bool_, len(table))


def check_device(circuit: Circuit, device: str) -> None:
    """Refuse an id that no device has.

    Raises:
        StudioError: names the nearest one.
    """
    ids = circuit.device_ids
    if device not in ids:
        raise StudioError(f"there is no device {quoted(device)}: {nearest(device, list(ids))}")


def check_node(circuit: Circuit, node: str) -> None:
    """Refuse an id that no node has.

    Raises:
        StudioError: names the nearest one.
    """
    if node not in circuit.node_ids:
        names = list(circuit.node_ids)
        raise StudioError(f"there is no node {quoted(node)}: {nearest(node, names)}")
