"""Fields that took long to compute, kept in the home folder and checked before they are believed.

A file is a safetensors file with the arrays ``x`` and ``y`` and the SHA-256 of their bytes. One
that is damaged, or made by other settings, counts as missing: the fields are computed anew.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..folders import home_data

FOLDER = "fields"

Pair = tuple[np.ndarray, np.ndarray]
"""Inputs and outputs (n, channels, points...), float32."""


def stored(name: str, about: Mapping[str, Any]) -> Pair | None:
    """The fields that were kept under a name with these settings; ``None`` for none.

    Args:
        name: of the data set.
        about: the settings that decide what the fields are.
    """
    path, text = place(name, about), _text(about)
    try:
        with safe_open(path, framework="np") as file:
            known = file.metadata() or {}
            x, y = file.get_tensor("x"), file.get_tensor("y")
    except (OSError, SafetensorError, ValueError, KeyError, TypeError):
        return None
    sound = known.get("about") == text and known.get("sha256") == _checksum(x, y)
    return (x, y) if sound and len(x) == len(y) else None


def keep(name: str, about: Mapping[str, Any], pair: Pair) -> None:
    """Keep fields for the next time; a disk that refuses only costs that time."""
    path = place(name, about)
    x, y = (np.ascontiguousarray(values, dtype=np.float32) for values in pair)
    data = save({"x": x, "y": y}, {"about": _text(about), "sha256": _checksum(x, y)})
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def place(name: str, about: Mapping[str, Any]) -> Path:
    """Where fields are kept: ``data/fields/NAME-<12 digits of the settings' SHA-256>``."""
    key = hashlib.sha256(_text(about).encode()).hexdigest()[:12]
    return home_data() / FOLDER / f"{name}-{key}.safetensors"


def _text(about: Mapping[str, Any]) -> str:
    return json.dumps(dict(about), sort_keys=True)


def _checksum(*arrays: np.ndarray) -> str:
    digest = hashlib.sha256()
    for values in arrays:
        digest.update(f"{values.dtype.str}{values.shape}".encode())
        digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()
