"""Circuits that were read before: dragging a voltage sends the same devices over and over."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.circuit import Circuit
from backend.errors import CircuitError

TEXT_KEPT = 3 * 2**20
"""Characters of JSON whose circuits are kept; a circuit takes about twenty times its text."""


@dataclass(frozen=True)
class _Known:
    circuit: Circuit
    physics: str
    length: int


class KnownCircuits:
    """Reads circuits of the browser, the devices of each only once.

    Args:
        limit: characters of the kept circuits' JSON.
    """

    def __init__(self, limit: int = TEXT_KEPT) -> None:
        self.limit = limit
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, data: Any) -> tuple[Circuit, str]:
        """The circuit, and a name for its physics without voltages, places and labels.

        Raises:
            CircuitError: names the place.
        """
        text, voltages = _apart(data)
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            known = self._known.get(key) if text else None
            if known is not None:
                self._known.move_to_end(key)
        if known is not None:
            try:
                return known.circuit.with_voltages(voltages), known.physics
            except CircuitError:  # reading all of it names the place better
                pass
        circuit = Circuit.from_dict(data)
        known = _Known(circuit, physics_of(circuit), len(text))
        if text:
            self._remember(key, known)
        return circuit, known.physics

    def _remember(self, key: bytes, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            total = sum(kept.length for kept in self._known.values())
            while total > self.limit:
                total -= self._known.popitem(last=False)[1].length


def physics_of(circuit: Circuit) -> str:
    """A name for what a simulation depends on beside the start voltages."""
    described = circuit.to_dict()
    described["name"] = ""
    for node in described["nodes"]:
        node["voltage"] = node["x"] = node["y"] = node["label"] = None
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _apart(data: Any) -> tuple[str, dict[str, Any]]:
    """The JSON of a circuit without its voltages, and the voltages; nothing where it is none."""
    nodes = data.get("nodes") if isinstance(data, Mapping) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        return "", {}
    bare = [{name: node[name] for name in node if name != "voltage"} for node in nodes]
    try:
        voltages = {node["id"]: node.get("voltage", 0.0) for node in nodes}
        return json.dumps({**data, "nodes": bare}), voltages
    except (KeyError, TypeError, ValueError, RecursionError):
        return "", {}
