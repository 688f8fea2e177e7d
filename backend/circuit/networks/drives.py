"""What holds the driven nodes of a network, as arrays.

For every kind of waveform, its nodes in order: ``drive.pulse.row`` (n,) are their rows, ``drive.
pulse.low`` (n,) and so on one array for every parameter. Lists stand one behind the other in one
array, and ``drive.piecewise_linear.count`` (n,) says how many entries belong to each node.
"""

from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise

import torch
from torch import Tensor

from ...errors import CircuitError, quoted
from ...waveforms import WAVEFORMS, Waveform
from ..description import Circuit

PREFIX = "drive"


def drive_arrays(circuit: Circuit, dtype: torch.dtype) -> dict[str, Tensor]:
    """The waveforms of all driven nodes by the names of their arrays."""
    arrays: dict[str, Tensor] = {}
    drives = [(row, node.drive) for row, node in enumerate(circuit.nodes) if node.drive]
    for kind, law in WAVEFORMS.items():
        own = [(row, drive) for row, drive in drives if drive.kind == kind]
        if not own:
            continue
        start = f"{PREFIX}.{kind}."
        arrays[start + "row"] = torch.tensor([row for row, _ in own], dtype=torch.int64)
        for param in law.params:
            values = [getattr(drive, param.name) for _, drive in own]
            arrays[start + param.name] = torch.tensor(values, dtype=dtype)
        for name in law.lists:
            lists = [getattr(drive, name) for _, drive in own]
            arrays[start + "count"] = torch.tensor([len(each) for each in lists])
            arrays[start + name] = torch.tensor([v for each in lists for v in each], dtype=dtype)
    return arrays


def read_drives(
    kinds: Iterable[str],
    nodes: int,
    take: Callable[[str, int | None, torch.dtype], Tensor],
    dtype: torch.dtype,
) -> dict[int, Waveform]:
    """The waveforms by the row of their node.

    Args:
        kinds: names of waveforms in the file.
        nodes: rows that there are.
        take: gives an array of a name, a length and a type.
        dtype: of parameters.

    Raises:
        CircuitError: names the array.
    """
    found: dict[int, Waveform] = {}
    for kind in sorted(kinds):
        start = f"{PREFIX}.{kind}"
        if kind not in WAVEFORMS:
            raise CircuitError(f"unknown waveform {quoted(kind)}", (start,))
        law = WAVEFORMS[kind]
        rows = take(f"{start}.row", None, torch.int64).tolist()
        columns = {
            param.name: take(f"{start}.{param.name}", len(rows), dtype).tolist()
            for param in law.params
        }
        if law.lists:
            counts = take(f"{start}.count", len(rows), torch.int64).tolist()
            if min(counts, default=0) < 0:
                raise CircuitError("a count is negative", (f"{start}.count",))
            ends = list(pairwise(accumulate(counts, initial=0)))
            for name in law.lists:
                values = take(f"{start}.{name}", sum(counts), dtype).tolist()
                columns[name] = [tuple(values[low:high]) for low, high in ends]
        for place, row in enumerate(rows):
            if not 0 <= row < nodes or row in found:
                raise CircuitError(
                    f"row {row} is no node, or is driven twice", (f"{start}.row", place)
                )
            try:
                found[row] = law(**{name: column[place] for name, column in columns.items()})
            except CircuitError as error:
                raise CircuitError(error.message, (f"{start}", place, *error.where)) from None
    return found
