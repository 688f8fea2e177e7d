"""What is shown of a circuit too large to draw: blocks of nodes, counts, the strongest devices."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from backend.circuit import DRIVEN_FORMAT, FORMAT, Circuit
from backend.circuit.device_table import DeviceTable
from backend.devices import DEVICES
from backend.errors import StudioError
from backend.params import Param

STRONGEST = 300
"""Devices drawn of a network, shared out among its slices."""

MOST_NODES = 20_000
"""Networks of more nodes are not shown at all."""

PITCH = 60.0  # between neighbouring cells of a block [px]
NEAR = 1.75  # columns further apart than this many pitches belong to different blocks
MOST_BLOCKS = 12
STRENGTHS = ("gain", "slope")
"""Roles of parameters that say what a volt does to a device's current, the first that it has."""


class BlockJson(TypedDict):
    """Nodes that are painted as one picture."""

    name: str
    role: str
    nodes: list[int]
    rows: int
    columns: int
    pitch: float


class LinkJson(TypedDict):
    """How many devices of a slice join two blocks; ``None`` is ground."""

    slice: int
    ends: list[int | None]
    devices: int


class NetworkJson(TypedDict):
    """A network in numbers."""

    nodes: int
    devices: int
    parallel: int
    shown: int
    kinds: dict[str, int]
    slices: list[dict[str, float]]
    blocks: list[BlockJson]
    links: list[LinkJson]
    inputs: list[int]
    outputs: list[int]


@dataclass(frozen=True)
class Sketch:
    """A small circuit that stands for a large one.

    Args:
        circuit: all nodes, placed block beside block, and the strongest devices, as JSON.
        network: the whole in numbers.
        columns: places of the drawn devices among all devices of the network.
    """

    circuit: dict[str, Any]
    network: NetworkJson
    columns: np.ndarray


@dataclass(frozen=True)
class _Block:
    name: str
    role: str
    rows: np.ndarray  # of the state
    x: np.ndarray  # in pitches, from 0
    y: np.ndarray


def sketch(circuit: Circuit, strongest: int = STRONGEST) -> Sketch:
    """The sketch of a circuit of any size.

    Raises:
        StudioError: more nodes than can be shown.
    """
    count = len(circuit.nodes)
    if count > MOST_NODES:
        raise StudioError(
            f"this network has {count:,} nodes and at most {MOST_NODES:,} can be shown; "
            "use it from the command line"
        )
    tables = tuple(circuit.tables())
    blocks = _blocks(circuit)
    chosen = [_strongest(table, max(1, strongest // len(tables))) for table in tables]
    firsts = np.cumsum([0, *(len(table) for table in tables)])
    columns = np.concatenate(
        [places + first for places, first in zip(chosen, firsts, strict=False)]
    ).astype(np.int64)
    network: NetworkJson = {
        "nodes": count,
        "devices": int(firsts[-1]),
        "parallel": sum(_parallel(table) for table in tables),
        "shown": len(columns),
        "kinds": _kinds(tables),
        "slices": [
            {"duration": part.duration, "devices": len(part.devices)} for part in circuit.slices
        ],
        "blocks": [_block_json(block) for block in blocks],
        "links": _links(tables, blocks, count),
        "inputs": _rows_with(circuit, "input"),
        "outputs": _rows_with(circuit, "output"),
    }
    return Sketch(_small(circuit, tables, chosen, blocks), network, columns)


def _rows_with(circuit: Circuit, role: str) -> list[int]:
    return [row for row, node in enumerate(circuit.nodes) if node.role in (role, "both")]


def _kinds(tables: tuple[DeviceTable, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for table in tables:
        for code, kind in enumerate(table.kinds):
            found[kind] += len(table.places(code))
    return dict(found.most_common())


def _parallel(table: DeviceTable) -> int:
    """Devices that share source and target with another one of their slice."""
    pairs = table.source * (len(table.names) + 1) + table.target
    _, members = np.unique(pairs, return_counts=True)
    return int(members[members > 1].sum())


def _strongest(table: DeviceTable, count: int) -> np.ndarray:
    """Places of the devices between two nodes whose factor before the law is largest, in order."""
    size = np.zeros(len(table))
    for code, kind in enumerate(table.kinds):
        size[table.places(code)] = _size(DEVICES[kind].params, table.params[code])
    ground = len(table.names) - 1
    size[(table.source == ground) | (table.target == ground)] = -1.0
    count = min(count, int((size >= 0).sum()))
    return np.sort(np.argsort(-size, kind="stable")[:count])


def _size(params: Sequence[Param], values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The largest |gain|, or else |slope|: what a volt does to the current of a device (n,)."""
    roles = ([param.name for param in params if param.role == role] for role in STRENGTHS)
    names = next((names for names in roles if names), [params[0].name])
    return np.max([np.abs(values[name]) for name in names], axis=0)


def _blocks(circuit: Circuit) -> list[_Block]:
    """Inputs, hidden nodes and outputs, each cut where their columns stand apart."""
    place = np.array([(node.x, node.y) for node in circuit.nodes], np.float64).reshape(-1, 2)
    roles = np.array([node.role for node in circuit.nodes])
    groups = (
        ("input", "Inputs", np.isin(roles, ("input", "both"))),
        ("hidden", "Hidden", roles == "hidden"),
        ("output", "Outputs", roles == "output"),
    )
    blocks: list[_Block] = []
    for role, name, member in groups:
        rows = np.flatnonzero(member)
        parts = _apart(rows, place[rows, 0]) if len(rows) else []
        for number, part in enumerate(parts, 1):
            title = f"{name} {number}" if len(parts) > 1 else name
            x, y = _cells(place[part])
            if role == "output":
                x, y = np.zeros(len(part)), np.arange(len(part), dtype=float)
            blocks.append(_Block(title, role, part, x, y))
    return blocks


def _pitch(values: np.ndarray) -> float:
    steps = np.diff(np.unique(values.round(3)))
    return float(steps.min()) if len(steps) else 0.0


def _apart(rows: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """The rows cut at gaps between columns, left to right, each part in the order of the file."""
    pitch = _pitch(x)
    order = np.argsort(x, kind="stable")
    cuts = np.flatnonzero(np.diff(x[order]) > NEAR * pitch) + 1 if pitch else np.zeros(0, int)
    if len(cuts) >= MOST_BLOCKS:
        return [rows]
    return [np.sort(part) for part in np.split(rows[order], cuts)]


def _cells(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places in pitches from 0: those of the file where they form a grid, else a square."""
    count = len(place)
    pitch = min((p for p in (_pitch(place[:, 0]), _pitch(place[:, 1])) if p > 0), default=0.0)
    if pitch > 0:
        cell = (place - place.min(0)) / pitch
        halves = np.round(2 * cell)
        taken = len(np.unique(halves, axis=0)) == count
        width, height = halves.max(0) / 2 + 1
        if taken and np.abs(2 * cell - halves).max() < 0.1 and width * height <= 4 * count + 64:
            return halves[:, 0] / 2, halves[:, 1] / 2
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.divmod(np.arange(count), side)
    return columns.astype(float), rows.astype(float)


def _block_json(block: _Block) -> BlockJson:
    return {
        "name": block.name,
        "role": block.role,
        "nodes": block.rows.tolist(),
        "rows": len(np.unique(block.y)),
        "columns": len(np.unique(block.x)),
        "pitch": PITCH,
    }


def _places(blocks: list[_Block], count: int) -> np.ndarray:
    """Where all nodes stand (N, 2) [px]: block beside block, centred, outputs far apart."""
    tallest = max((float(block.y.max()) + 1 for block in blocks), default=1.0)
    total = sum(float(block.x.max()) + 1 for block in blocks)
    gap = max(3.0, 0.12 * total)
    place, left = np.zeros((count, 2)), 0.0
    for block in blocks:
        stretch = 1.0
        if block.role == "output" and len(block.rows) > 1:
            stretch = max(1.0, 0.8 * tallest / (len(block.rows) - 1))
        y = block.y * stretch
        place[block.rows, 0] = (left + block.x) * PITCH
        place[block.rows, 1] = (y - y.max() / 2) * PITCH
        left += float(block.x.max()) + 1 + gap
    return place


def _links(tables: tuple[DeviceTable, ...], blocks: list[_Block], count: int) -> list[LinkJson]:
    """Devices between every two blocks, slice after slice, the many first."""
    block_of = np.full(count + 1, len(blocks))
    for number, block in enumerate(blocks):
        block_of[block.rows] = number
    width = len(blocks) + 1
    links: list[LinkJson] = []
    for part, table in enumerate(tables):
        one, two = block_of[table.source], block_of[table.target]
        found = np.bincount(np.minimum(one, two) * width + np.maximum(one, two))
        for pair in np.argsort(-found, kind="stable").tolist():
            if found[pair] == 0:
                break
            ends = [end if end < len(blocks) else None for end in divmod(pair, width)]
            links.append({"slice": part, "ends": ends, "devices": int(found[pair])})
    return links


def _small(
    circuit: Circuit,
    tables: tuple[DeviceTable, ...],
    chosen: list[np.ndarray],
    blocks: list[_Block],
) -> dict[str, Any]:
    """All nodes and the chosen devices in the shape of a circuit file."""
    place = _places(blocks, len(circuit.nodes)).round(1).tolist()
    nodes = [
        {
            **node.to_dict(), "x": x, "y": y,
        }
        for node, (x, y) in zip(circuit.nodes, place, strict=True)
    ]  # fmt: skip
    slices = []
    for part, table, places in zip(circuit.slices, tables, chosen, strict=True):
        devices = [table[k] for k in places.tolist()]
        slices.append(
            {
                "duration": part.duration,
                "devices": [
                    {
                        "id": device.id, "kind": device.kind, "source": device.source,
                        "target": device.target, "params": dict(device.params),
                        "trainable": device.trainable,
                    }
                    for device in devices
                ],
            }
        )  # fmt: skip
    return {
        "format": DRIVEN_FORMAT if circuit.driven else FORMAT,
        "name": circuit.name,
        "nodes": nodes,
        "slices": slices,
    }
