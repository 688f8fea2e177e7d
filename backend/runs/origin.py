"""What a run was made with, kept beside its spec: a record must describe the run.

A spec or a circuit that somebody edits later would describe another training than the one whose
curve and checkpoints lie beside it. Such an edit is refused by name, or carried out as a whole.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import RunError
from ..training.spec import TrainSpec, check_same, sentence
from .files import DamagedError, file_data, json_data

ORIGIN = "origin.json"
SPEC_BYTES = 2**24
CIRCUIT_BYTES = 2**33


def origin_of(spec: TrainSpec, circuit: Path | None) -> bytes:
    """The content of the file: the whole spec and the digest of the stored circuit, if any."""
    digest = None if circuit is None else _digest(circuit)
    known = {"spec": spec.model_dump(mode="json"), "circuit": digest}
    return json.dumps(known, indent=1).encode()


def read_spec(folder: Path) -> TrainSpec:
    """The spec of a run, as it was made.

    Raises:
        RunError: it cannot be read, or was edited since; names file, field and remedy.
    """
    path = folder / "spec.json"
    try:
        found = json_data(path, SPEC_BYTES)
        if not isinstance(found, dict):
            raise DamagedError("is no specification of a run")
        spec = TrainSpec.model_validate(found)
    except DamagedError as error:
        raise RunError(f"{path}: {error}; put the file back from a copy") from None
    except ValidationError as error:
        raise RunError(f"{path}: {sentence(error)[:300]}") from None
    except (OverflowError, RecursionError, ValueError, TypeError) as error:
        raise RunError(f"{path}: is no specification of a run ({str(error)[:80]})") from None
    known = _origin(folder)
    if known:
        check_same(spec, known.get("spec"), f"{path}")
    return spec


def check_circuit(folder: Path, circuit: Path) -> None:
    """Whether the stored circuit is the one that the run was made with.

    Raises:
        RunError: it was edited, damaged, or is gone.
    """
    known = _origin(folder).get("circuit")
    if not isinstance(known, str):
        return
    try:
        same = _digest(circuit) == known
    except DamagedError as error:
        raise RunError(f"{circuit}: {error}; put the file back from a copy") from None
    if not same:
        raise RunError(
            f"{circuit}: the circuit was changed after the run was made; put the file back from "
            "a copy, or start a new run with it"
        )


def trains_circuit(folder: Path) -> bool:
    """Whether the run was made with a circuit, as all runs of earlier versions were.

    Raises:
        RunError: the record cannot be read.
    """
    return _origin(folder).get("circuit", "") is not None


def no_netlist(id: str, model: str) -> str:
    """Why there is no circuit of a run, as a sentence with the remedy.

    Args:
        id: of the run.
        model: its name, of one that is no circuit.
    """
    from ..models import MODELS  # torch only where it is needed

    own = MODELS[model].no_netlist if model in MODELS else ""
    if own:
        return f"run {id}: {own}"
    return (
        f"run {id} trains the model {model}, which is no circuit; its weights can be exported as "
        "safetensors or pt"
    )


def _origin(folder: Path) -> dict[str, Any]:
    """What the file says; nothing for a run of an earlier version."""
    path = folder / ORIGIN
    if not path.exists():
        return {}
    try:
        found = json_data(path, SPEC_BYTES)
        if not isinstance(found, dict):
            raise DamagedError("is no record of a run's origin")
    except DamagedError as error:
        raise RunError(
            f"{path}: {error}; put it back from a copy, or remove it to trust spec.json"
        ) from None
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(file_data(path, CIRCUIT_BYTES)).hexdigest()
