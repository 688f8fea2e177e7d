"""What keeps a circuit within the means of hardware: voltage rails, and pairs of nodes.

Positive conductances alone preserve order: no voltage ever falls because another one is higher
(see ``Rectifier``), and every layer averages what it is given, so differences fade. A pair of
nodes with a fixed cross-coupled pair of transistors between them, seen as the negative resistance
-PAIR, brings both back: an input gets an inverted copy, and what a layer has learnt is driven
apart again while the next layer reads it. That is how latches and sense amplifiers work.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ...circuit import Circuit, Slice
from ...circuit.device_table import Columns, DeviceTable

CLAMP = 8.0
"""Conductance of a clamp [S]: the stiffest that Euler steps of 0.25 s at 1 F follow."""

PAIR = 2.0
"""A cross-coupled pair is a resistor of minus this conductance [S]."""

COPYING = 0.5 * math.log(3)
"""The same of the pairs that invert inputs [S]: in 1 s (x, 0) becomes (2 x, -x)."""


def with_rails(circuit: Circuit, rail: float) -> Circuit:
    """The circuit with two locked clamps at every node of every slice.

    A clamp is a rectifier between node and ground: beyond the rail it draws CLAMP (|v| - rail).
    Where the other devices bring at most I into any node that starts within

        |v| <= rail + I / CLAMP,

    it stays there. Rectifiers with thresholds th bring at most I = sum of conductance max(-th, 0)
    into the largest voltage; pairs of nodes raise the bound to (CLAMP rail + I) /
    (CLAMP - 2 PAIR). Devices with negative gains that outweigh CLAMP at a node know no bound.
    Fixed steps longer than 2 C / CLAMP overshoot the rail.

    Args:
        circuit: whose devices are numbered anew.
        rail: voltage at which clamps begin to conduct [V].
    """
    count = len(circuit.nodes)
    nodes, ground = np.arange(count), np.full(count, count)
    source, target = np.append(nodes, ground), np.append(ground, nodes)
    params = {"conductance": CLAMP, "threshold": rail}
    tables = (_joined(table, "rectifier", source, target, params) for table in circuit.tables())
    return circuit.replace(slices=_numbered(tables, [part.duration for part in circuit.slices]))


def with_pairs(circuit: Circuit) -> Circuit:
    """A layered circuit with a locked cross-coupled pair at every two nodes of a layer.

    The second half of the inputs become inverted copies of the first half in a new first slice of
    1 s: the pair leaves the sum of two voltages and lets their difference grow, so data x and
    0 V become 2 x and -x within it. After that a pair conducts in the slice that reads its nodes,
    which are neighbours in the list of nodes.

    Args:
        circuit: with an even number of inputs and a layer of nodes for every slice; its devices
            are numbered anew.
    """
    inputs = np.array([row for row, node in enumerate(circuit.nodes) if node.role == "input"])
    first, second = np.split(inputs, 2)
    copies = set(second.tolist())
    nodes = tuple(
        replace(node, role="hidden", voltage=0.0) if row in copies else node
        for row, node in enumerate(circuit.nodes)
    )
    none = DeviceTable.uniform(
        circuit.row_names, "resistor", first[:0], first[:0], {"conductance": np.zeros(0)}
    )
    tables = [_joined(none, "resistor", first, second, {"conductance": -COPYING})]
    known = inputs
    for table in circuit.tables():
        tables.append(_joined(table, "resistor", first, second, {"conductance": -PAIR}))
        met = np.setdiff1d(np.append(table.source, table.target), [*known, len(nodes)])
        known = np.append(known, met)
        first, second = met[: len(met) // 2 * 2].reshape(-1, 2).T
    durations = [1.0, *(part.duration for part in circuit.slices)]
    return circuit.replace(nodes=nodes, slices=_numbered(tables, durations))


def _joined(
    table: DeviceTable,
    kind: str,
    source: np.ndarray,
    target: np.ndarray,
    params: Mapping[str, float],
) -> DeviceTable:
    """The table with locked devices of one kind and equal parameters at its end."""
    count = len(source)
    kinds = table.kinds if kind in table.kinds else (*table.kinds, kind)
    code = kinds.index(kind)
    columns: list[Columns] = [*table.params, *[{}] * (len(kinds) - len(table.kinds))]
    columns[code] = {
        name: np.append(columns[code].get(name, []), np.full(count, value))
        for name, value in params.items()
    }
    return replace(
        table,
        kinds=kinds,
        codes=np.append(table.codes, np.full(count, code)),
        source=np.append(table.source, source),
        target=np.append(table.target, target),
        params=tuple(columns),
        trainable=np.append(table.trainable, np.zeros(count, np.bool_)),
        explicit=None,
    )


def _numbered(tables: Iterable[DeviceTable], durations: Iterable[float]) -> tuple[Slice, ...]:
    """Slices whose devices are called d1, d2, ... through all of them."""
    slices, count = [], 0
    for table, duration in zip(tables, durations, strict=True):
        numbered = replace(table, first=count, explicit=None)
        slices.append(Slice(numbered.described(), duration))
        count += len(numbered)
    return tuple(slices)
