"""Circuits in other formats, and the comparison with ngspice."""

import hashlib
import json
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.params import Param, check_params
from backend.topologies.base import BOARD_LIMIT

from .. import serialize
from ..serialize import VerificationJson
from .bundling import file_stem
from .lanes import CHECK_SECONDS

LARGE_FORMATS = ("safetensors", "pt")
REMEMBERED = 64
"""Circuits whose last comparison with ngspice is remembered."""


class Exporting:
    """Every way out of the studio."""

    def __init__(self) -> None:
        self._verdicts: OrderedDict[str, str] = OrderedDict()

    def exporters(self) -> dict[str, tuple[str, str, tuple[Param, ...]]]:
        """Title, one sentence and parameters of every export format."""
        from backend.export import EXPORTERS

        return {
            name: (shown["title"] or name, shown["doc"], tuple(getattr(kind, "params", ())))
            for name, kind in EXPORTERS.items()
            for shown in [serialize.configurable(kind)]
        }

    def export(self, circuit: Any, to: str, options: Mapping[str, Any]) -> tuple[str, bytes]:
        """File name and contents of a circuit in another format."""
        from backend.export import EXPORTERS

        described = _described(circuit)
        kind = EXPORTERS[to]
        if described.device_count > BOARD_LIMIT and to not in LARGE_FORMATS:
            raise StudioError(
                f"a network of {described.device_count:,} devices leaves the page as safetensors "
                f"or pt; kirchhoff export FILE --to {to} writes this format"
            )
        try:
            chosen = check_params(kind.params, options)
        except ValueError as error:
            raise StudioError(f"{to}: {error}") from None
        verdict = self._verdicts.get(_contents(described)) if to == "spice" else None
        notes = [verdict] if verdict else []
        return f"{file_stem(described.name)}{kind.suffix}", kind(**chosen).content(described, notes)

    def ngspice(self) -> str | None:
        """Where ngspice is, or ``None``."""
        return shutil.which("ngspice")

    def verify(self, circuit: Any, tolerance: float = 1e-3) -> VerificationJson:
        """Simulate the exported netlist with ngspice beside our own solver.

        The verdict stands in netlists of this circuit that are exported afterwards.
        """
        from backend.export.verify import verify

        described = _described(circuit)
        if described.device_count > BOARD_LIMIT:
            raise StudioError(
                f"ngspice would take too long for {described.device_count:,} devices here; use "
                "kirchhoff verify FILE"
            )
        result = verify(described, tolerance=float(tolerance), time_limit=CHECK_SECONDS)
        self._verdicts[_contents(described)] = f"Compared by Kirchhoff Studio: {result.line}."
        while len(self._verdicts) > REMEMBERED:
            self._verdicts.popitem(last=False)
        return {
            "ok": bool(result.ok),
            "largest_error": serialize.number(result.largest_error),
            "node": result.node,
            "time": serialize.number(result.time),
            "tolerance": float(tolerance),
            "text": result.text,
            "node_ids": list(described.node_ids),
            "t": result.t.tolist(),
            "ours": result.ours.tolist(),
            "theirs": result.theirs.tolist(),
        }


def _described(circuit: Any) -> Circuit:
    return circuit if isinstance(circuit, Circuit) else Circuit.from_dict(circuit)


def _contents(circuit: Circuit) -> str:
    """A digest of all that a netlist depends on."""
    text = json.dumps(circuit.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
