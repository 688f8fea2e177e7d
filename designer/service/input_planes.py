"""The voltage of every node over the plane of a circuit's two inputs, at several times."""

import hashlib
import json
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import StudioError

from .. import serialize
from ..results import Results
from .transport import settled

GRID = 24
"""Voltages of either input."""

TIMES = 21
MOST_NODES = 60
MOST_DEVICES = 4000
COUNTS = (1, 2, 4, 8, 16, 32)
MOST_WORK = 32_000
SHARE = 2e-3
"""Of the range of all voltages by which a picture may be off."""

VERSION = "1"


class InputPlanes:
    """Pictures of circuits of two inputs.

    Args:
        results: where finished pictures are kept.
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    def picture(self, circuit: Circuit) -> dict[str, Any]:
        """Where the arrays of the picture are.

        Raises:
            StudioError: the circuit has not two inputs, or is too large.
        """
        _check(circuit)
        described = circuit.to_dict()
        for node in described["nodes"]:
            node["x"] = node["y"] = 0
        text = json.dumps([VERSION, described["nodes"], described["slices"]], sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest()[:32]
        if self.results.get(key) is None:
            self.results.put(key, _picture(circuit))
        return {"hash": key, "url": f"/api/sim/{key}.bin"}


def _check(circuit: Circuit) -> None:
    if len(circuit.inputs) != 2:
        raise StudioError(
            f"portraits show every node over two inputs, and this circuit has "
            f"{len(circuit.inputs)}; give two nodes the role 'input'"
        )
    if circuit.driven:
        raise StudioError(
            "portraits are drawn of circuits without driven nodes; remove the source of "
            f"'{circuit.driven[0]:.40}'"
        )
    if len(circuit.nodes) > MOST_NODES or circuit.device_count > MOST_DEVICES:
        raise StudioError(
            f"portraits are drawn of up to {MOST_NODES} nodes and {MOST_DEVICES:,} devices, and "
            f"this circuit has {len(circuit.nodes):,} and {circuit.device_count:,}"
        )


def reach_of(circuit: Circuit) -> float:
    """Largest voltage of either input [V]: twice the larger stated one, rounded up to 1, 2, 5."""
    stated = [abs(n.voltage) for n in circuit.nodes if n.id in circuit.inputs]
    wanted = 2.0 * max(stated) or 1.0
    decade = 10.0 ** np.floor(np.log10(wanted))
    return float(next(m * decade for m in (1, 2, 5, 10) if m * decade >= wanted * (1 - 1e-9)))


def _picture(circuit: Circuit) -> bytes:
    """``portraits`` (T, N, G, G) [V] at the times ``t``, rows along the second input."""
    import torch

    from backend.circuit.compile import compile_circuit

    compiled = compile_circuit(circuit, torch.float32)
    reach = reach_of(circuit)
    axis = np.linspace(-reach, reach, GRID)
    first, second = np.meshgrid(axis, axis, indexing="xy")
    start = np.tile([node.voltage for node in circuit.nodes], (GRID * GRID, 1))
    for name, values in zip(circuit.inputs, (first, second), strict=True):
        start[:, circuit.node_ids.index(name)] = values.ravel()
    times = np.linspace(0.0, sum(part.duration for part in circuit.slices), TIMES)
    with torch.no_grad():
        found = settled(
            compiled, torch.tensor(start, dtype=torch.float32), times, COUNTS, MOST_WORK, SHARE
        )
    header = {
        "node_ids": list(circuit.node_ids),
        "device_ids": [],
        "inputs": list(circuit.inputs),
        "reach": serialize.number(reach),
        "status": serialize.GOOD,
        "stats": {},
    }
    shape = (TIMES, len(circuit.nodes), GRID, GRID)
    pictures = np.ascontiguousarray(found.transpose(0, 2, 1).reshape(shape))
    return serialize.encode(header, {"t": times, "portraits": pictures})
