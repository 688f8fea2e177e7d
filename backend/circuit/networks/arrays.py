"""Circuits as PyTorch arrays: ``.safetensors`` and ``.pt``, for large networks and for users' code.

Both hold the same named arrays (N nodes, K slices; ``0``, ``1``, ... are the slices):

| name | shape | meaning |
| --- | --- | --- |
| ``voltage``, ``capacitance`` | (N,) | initial voltages [V] and capacitances to ground [F] |
| ``durations`` | (K,) | lengths of the slices [s] |
| ``role``, ``position`` | (N,), (N, 2) | 0 hidden, 1 input, 2 output, 3 both; place on the board |
| ``0.tanh.source``, ``0.tanh.target`` | (n,) | rows of all tanh devices' ends; row N is ground |
| ``0.tanh.a``, ... | (n,) | one array for every parameter of the kind |
| ``0.tanh.place``, ``0.tanh.trainable`` | (n,) | place in the slice; may it be trained |
| ``drive.pulse.row``, ... | (n,) | what holds driven nodes, see ``drives`` |
| ``node_ids``, ``device_ids``, ``labels`` | bytes | JSON lists, absent when all are as generated |

The metadata hold the format, the circuit's name, the ``settings`` it was trained with (absent when
none are known) and ``loader``: a short program in plain torch that integrates this very file for
a batch of inputs (with driven nodes: one that asks this project to); exporters write it beside the
file. Neither form can run code when it is read.
"""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save

from ...destinations import write_whole
from ...errors import CircuitError, ExportError
from ..description import ROLES, Circuit
from ..device_table import DeviceTable
from ..general import refuse_general
from .drives import drive_arrays
from .loader import loader
from .reader import DRIVEN_FORMAT, FLOAT, FORMAT, Arrays, numbered

NODE_ARRAYS = ("voltage", "capacitance", "role", "position", "durations")
TEXT_ARRAYS = ("node_ids", "device_ids", "labels")
OWN = ("source", "target", "place", "trainable")


def save_network(circuit: Circuit, path: str | Path) -> None:
    """Write a ``.safetensors`` or ``.pt`` network, replacing an older one only when complete.

    Raises:
        CircuitError: another suffix, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix[1:] not in CONTENTS:
        raise CircuitError(f"{path}: networks are written as .safetensors or .pt")
    try:
        write_whole(path, CONTENTS[path.suffix[1:]](circuit))
    except ExportError as error:
        raise CircuitError(str(error)) from None


def safetensors_content(circuit: Circuit) -> bytes:
    """A whole ``.safetensors`` file."""
    return save(arrays_of(circuit), metadata=_metadata(circuit, "safetensors"))


def pt_content(circuit: Circuit) -> bytes:
    """A whole file for ``torch.load(path, weights_only=True)``."""
    arrays = arrays_of(circuit)  # refuses what such files do not hold
    buffer = io.BytesIO()
    torch.save({"metadata": _metadata(circuit, "pt"), "arrays": arrays}, buffer)
    return buffer.getvalue()


CONTENTS = {"safetensors": safetensors_content, "pt": pt_content}
"""What makes a whole file, by the form."""


def arrays_of(circuit: Circuit) -> Arrays:
    """The circuit as named arrays, see the table above."""
    refuse_general(circuit, "network files hold")
    nodes = circuit.nodes
    arrays = {
        "voltage": torch.tensor([node.voltage for node in nodes], dtype=FLOAT),
        "capacitance": torch.tensor([node.capacitance for node in nodes], dtype=FLOAT),
        "role": torch.tensor([ROLES.index(node.role) for node in nodes], dtype=torch.uint8),
        "position": torch.tensor([(node.x, node.y) for node in nodes], dtype=FLOAT),
        "durations": torch.tensor([part.duration for part in circuit.slices], dtype=FLOAT),
    }
    arrays |= drive_arrays(circuit, FLOAT)
    tables = list(circuit.tables())
    for index, table in enumerate(tables):
        arrays |= _slice_arrays(f"{index}.", table)
    texts = {"labels": [node.label for node in nodes]} if any(node.label for node in nodes) else {}
    if circuit.node_ids != tuple(numbered("n", len(nodes))):
        texts["node_ids"] = list(circuit.node_ids)
    if not _usual(tables):
        texts["device_ids"] = list(circuit.device_ids)
    for name, values in texts.items():
        content = bytearray(json.dumps(values).encode("ascii"))
        arrays[name] = torch.frombuffer(content, dtype=torch.uint8)
    return arrays


def _slice_arrays(prefix: str, table: DeviceTable) -> Arrays:
    arrays: Arrays = {}
    for code, (kind, params) in enumerate(zip(table.kinds, table.params, strict=True)):
        start, places = f"{prefix}{kind}.", table.places(code)
        whole = len(table.kinds) == 1
        for name in ("source", "target", "trainable"):
            column = getattr(table, name)
            arrays[start + name] = torch.tensor(column if whole else column[places])
        arrays[start + "place"] = torch.tensor(places)
        for name, column in params.items():
            arrays[start + name] = torch.tensor(column)
    return arrays


def _usual(tables: Sequence[DeviceTable]) -> bool:
    """Whether all device ids are ``d1``, ``d2``, ... through all slices."""
    first = 0
    for table in tables:
        usual = range(first + 1, first + 1 + len(table))
        if table.numbers != usual and table.ids != tuple([f"d{number}" for number in usual]):
            return False
        first = usual.stop - 1
    return True


def _metadata(circuit: Circuit, form: str) -> dict[str, str]:
    name = json.dumps(circuit.name)  # ASCII: a name may hold what a file header may not
    known = {"settings": json.dumps(dict(circuit.settings))} if circuit.settings else {}
    version = DRIVEN_FORMAT if circuit.driven else FORMAT
    return {"format": version, "name": name, **known, "loader": loader(circuit, form)}
