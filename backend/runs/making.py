"""The files of a new run."""

import json
import re
import secrets
import time
from pathlib import Path
from typing import Any

from ..circuit import Circuit
from ..circuit.files import write_circuit
from ..training.spec import TrainSpec
from .files import replace_file
from .origin import ORIGIN, origin_of

# Circuits above this travel as arrays; the JSON of a device takes some 120 bytes.
JSON_DEVICES = 20_000


def fill(folder: Path, spec: TrainSpec, circuit: Circuit | None, more: dict[str, Any]) -> None:
    """All files of a new run."""
    for name in ("", "checkpoints", "frames"):
        (folder / name).mkdir(parents=True)
    stored = None
    if circuit is not None:
        large = circuit.device_count > JSON_DEVICES
        stored = folder / f"circuit.{'safetensors' if large else 'json'}"
        write_circuit(circuit, stored)
    if stored is not None:
        # The run keeps its own copy, whatever happens to the user's file.
        spec = spec.with_circuit(stored.name)
    (folder / "log.txt").touch()
    (folder / "metrics.jsonl").touch()
    replace_file(folder / "spec.json", spec.to_json().encode())
    replace_file(folder / ORIGIN, origin_of(spec, stored))
    status = {
        "state": "queued",
        "phase": "queued",
        "name": spec.name or spec.dataset,
        "model": spec.model,
        "dataset": spec.dataset,
        **({"nodes": len(circuit.nodes), "devices": circuit.device_count} if circuit else {}),
        "step": 0,
        "total": 0,
        "epoch": 0,
        "epochs": spec.epochs,
        "created": time.time(),
        "queued": time.time(),
        "message": "",
    }
    replace_file(folder / "status.json", json.dumps({**status, **more}).encode())


def new_id(spec: TrainSpec) -> str:
    """A readable id that sorts by time and does not repeat."""
    words = re.sub(r"[^a-z0-9]+", "-", (spec.name or spec.dataset).lower()).strip("-")[:40]
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return "-".join(part for part in (stamp, words, secrets.token_hex(2)) if part)
