"""The inside of a model for one example, and how a frame file holds it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import InputError, quoted
from .reading import json_value

TRAJECTORY = "trajectory"
"""The inside of circuits: ``t`` (T,), ``voltages`` (T, N) and perhaps ``currents`` (T, E)."""

WORDS = "view"
"""The array of a frame that says what its view is: bytes of JSON."""

PREFIX = "view."
"""Before the names of a view's arrays, which may be called like those of a task. Those of a
trajectory have none: frames have held them like that from the beginning."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""Names of kinds and of arrays."""


@dataclass(frozen=True)
class View:
    """The inside of a model for one example: a frame of the replay.

    Args:
        kind: which painter shows it, such as ``trajectory``.
        arrays: real numbers by name.
        header: words about them, fit for JSON.

    Raises:
        ValueError: a name or a type that a file cannot have.
    """

    kind: str
    arrays: Mapping[str, np.ndarray]
    header: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.kind, *self.arrays):
            if not NAME.fullmatch(name):
                raise ValueError(f"a view has the name {quoted(name)}: use a-z, 0-9 and _")
        for name, values in self.arrays.items():
            if np.asarray(values).dtype.kind not in "biuf":
                raise ValueError(f"the array {name} of a view holds no real numbers")


def packed(view: View) -> dict[str, np.ndarray]:
    """The arrays of a frame that hold a view; `unpacked` is the way back."""
    words = json.dumps({"kind": view.kind, "header": dict(view.header)}, allow_nan=False)
    prefix = "" if view.kind == TRAJECTORY else PREFIX
    arrays = {f"{prefix}{name}": np.asarray(values) for name, values in view.arrays.items()}
    return {**arrays, WORDS: np.frombuffer(words.encode(), np.uint8)}


def unpacked(arrays: Mapping[str, np.ndarray]) -> View | None:
    """The view in the arrays of a frame; ``None`` where there is none.

    Frames of before views had kinds hold a trajectory, and nothing says so.

    Raises:
        ValueError: what says its kind is damaged.
    """
    course = {name: arrays[name] for name in ("t", "voltages", "currents") if name in arrays}
    if WORDS not in arrays:
        return View(TRAJECTORY, course) if {"t", "voltages"} <= set(course) else None
    try:
        words = json_value(arrays[WORDS].tobytes())
    except InputError as error:
        raise ValueError(f"the words of its view are damaged ({error})") from None
    found = words if isinstance(words, dict) else {}
    kind, header = found.get("kind"), found.get("header")
    if not isinstance(kind, str) or not isinstance(header, dict):
        raise ValueError("its view does not say what kind it is")
    if kind == TRAJECTORY:
        return View(kind, course, header)
    own = {
        name.removeprefix(PREFIX): values
        for name, values in arrays.items()
        if name.startswith(PREFIX)
    }
    return View(kind, own, header)
