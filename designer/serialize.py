"""Domain objects to browser data and back: JSON shapes as TypedDicts, arrays as KSIM containers.

A container is little endian: ``KSIM``, version and header length as uint32, a JSON header padded
with spaces to a multiple of 8 bytes, then float32 arrays back to back in the header's order.
"""

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from backend.errors import InputError
from backend.metrics import METRICS
from backend.params import Param
from backend.reading import file_json, json_value

MAGIC = b"KSIM"
VERSION = 1
MOST_AXES = 8


class StatusJson(TypedDict):
    """How a solve ended: state ``ok``, ``inaccurate`` or ``stopped``; error in shares."""

    ok: bool
    state: str
    message: str
    node: str | None
    time: float | None
    error: float | None


GOOD: StatusJson = {
    "ok": True, "state": "ok", "message": "", "node": None, "time": None, "error": None,
}  # fmt: skip


class SimulationJson(TypedDict):
    """Answer to a simulation: where its arrays lie."""

    hash: str
    url: str
    status: StatusJson
    stats: dict[str, float | None]
    seconds: float


class ArrayEntry(TypedDict):
    """One array of a container."""

    name: str
    shape: list[int]
    offset: int


class Header(TypedDict):
    """JSON header of a container."""

    arrays: list[ArrayEntry]
    node_ids: list[str]
    device_ids: list[str]
    status: StatusJson
    stats: dict[str, float | None]
    kcl_residual: float | None
    loss: float | None
    gradient_gap: NotRequired[float | None]
    epoch: NotRequired[int]


class RunJson(TypedDict):
    """One row of the table of runs.

    ``phase`` is what a run that has not ended does: ``queued``, ``starting``, ``loading data``,
    ``compiling``, ``training`` or ``evaluating``; empty afterwards.
    ``solve`` says whether the voltages behind the figures are accurate: ``ok``, ``inaccurate`` or,
    where nobody looked, nothing; ``warning`` says what is to be doubted and what helps.
    ``circuit`` says whether a circuit is trained, or a model that is none.
    ``score`` names the metric that is asked for first; ``figures`` hold it as ``test_...``,
    ``best_...`` and ``finer_...``, and what else was reported last.
    """

    id: str
    name: str
    state: str
    phase: str
    dataset: str
    model: str
    step: int
    total: int
    progress: float
    score: str
    figures: dict[str, float]
    warning: str
    solve: str
    circuit: bool
    loss: float | None
    seconds: float | None
    seconds_left: float | None
    started: float | None
    message: str


class MetricJson(TypedDict):
    """What the page draws of a metric in `METRICS`: its words, the factor to its unit, an axis.

    ``minimised`` says whether it is the task's loss.
    """

    name: str
    place: str
    words: str
    axis: str
    suffix: str
    factor: int
    scale: str
    minimised: bool


class PreviewJson(TypedDict):
    """A look at a data set; what follows ``fields`` is there when nothing is wrong."""

    problem: str
    train: int
    test: int
    counts: list[list[Any]]
    ranges: list[list[Any]]
    columns: list[str]
    roles: list[str]
    rows: list[list[str]]
    choices: dict[str, list[str]]
    notes: list[str]
    pictures: dict[str, Any] | None
    points: dict[str, Any] | None
    fields: list[dict[str, Any]] | None
    task: NotRequired[str]
    inputs: NotRequired[int]
    outputs: NotRequired[int]
    kind: NotRequired[str]
    symbols: NotRequired[int]
    classes: NotRequired[list[str]]
    model: NotRequired[str]
    models: NotRequired[list[dict[str, str]]]
    recipes: NotRequired[list[str]]
    recipe_name: NotRequired[str]
    circuit: NotRequired[dict[str, int] | None]
    recipe: NotRequired[dict[str, Any]]


class VerificationJson(TypedDict):
    """Our trajectory beside ngspice's."""

    ok: bool
    largest_error: float | None
    node: str | None
    time: float | None
    tolerance: float
    text: str
    node_ids: list[str]
    t: list[float]
    ours: list[list[float]]
    theirs: list[list[float]]


def stored_json(path: Path) -> Any:
    """The value in a JSON file of this program.

    Raises:
        ValueError: it is damaged, too large, or no regular file.
    """
    try:
        return file_json(path)
    except InputError as error:
        raise ValueError(str(error)) from None


def number(value: Any) -> float | None:
    """A finite float, or ``None``: JSON has no NaN."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else None


def encode(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A container of `arrays` under `header`."""
    flat = {name: _single(array) for name, array in arrays.items()}
    entries, offset = [], 0
    for name, array in flat.items():
        entries.append({"name": name, "shape": list(array.shape), "offset": offset})
        offset += array.nbytes
    text = json.dumps({**header, "arrays": entries}, ensure_ascii=False, allow_nan=False).encode()
    text += b" " * (-(12 + len(text)) % 8)
    start = MAGIC + struct.pack("<II", VERSION, len(text))
    return b"".join([start, text, *(array.tobytes() for array in flat.values())])


def _single(array: NDArray[Any]) -> NDArray[np.float32]:
    """Single precision; a diverging solve may leave its range and is shown at its edge."""
    edge = np.finfo(np.float32).max
    return np.ascontiguousarray(np.clip(array, -edge, edge), dtype="<f4")


def decode(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """Header and arrays of a container.

    Raises:
        ValueError: not a container of this version, or cut short.
    """
    header, start = _header(data)
    entries = header.get("arrays")
    if not isinstance(entries, list):
        raise ValueError("the container does not say which arrays it holds")
    arrays = {}
    for entry in entries:
        name, shape, offset = _entry(entry)
        count, begin = math.prod(shape), start + offset
        if begin + 4 * count > len(data):
            raise ValueError("the container is cut short")
        values = np.frombuffer(data, dtype="<f4", count=count, offset=begin)
        arrays[name] = values.reshape(shape)
    return header, arrays


def _entry(entry: Any) -> tuple[str, list[int], int]:
    """Name, shape and offset of an array, as the header of a container states them."""
    found = entry if isinstance(entry, dict) else {}
    name, shape, offset = found.get("name"), found.get("shape"), found.get("offset")
    if not isinstance(name, str) or not isinstance(shape, list) or len(shape) > MOST_AXES:
        raise ValueError("an array of the container has no name or no shape")
    if not all(type(size) is int and 0 <= size < 2**40 for size in (offset, *shape)):
        raise ValueError("the shape of an array is not made of sizes")
    return name, shape, int(offset or 0)


def header_of(data: bytes) -> dict[str, Any]:
    """The header of a container alone."""
    return _header(data)[0]


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    if len(data) < 12 or data[:4] != MAGIC:
        raise ValueError("not a KSIM container")
    version, length = struct.unpack("<II", data[4:12])
    if version != VERSION or 12 + length > len(data):
        raise ValueError("the container is cut short or of another version")
    try:
        header = json_value(data[12 : 12 + length])
    except InputError as error:
        raise ValueError(f"the header of the container: {error}") from None
    if not isinstance(header, dict):
        raise ValueError("the header of the container is no object")
    return header, 12 + length


def metrics() -> list[MetricJson]:
    """Every metric with a curve, the more telling first."""
    return [
        {
            "name": name, "place": metric.place, "words": metric.words, "axis": metric.axis,
            "suffix": metric.suffix, "factor": metric.factor, "scale": metric.scale,
            "minimised": metric.minimised,
        }
        for name, metric in METRICS.items()
        if metric.curve
    ]  # fmt: skip


def score(name: str, value: float, part: str = "test") -> dict[str, str]:
    """A metric as a file states it: heading, and value with a digit more.

    Args:
        name: of the metric.
        value: as it was reported.
        part: of the data that it is of.
    """
    metric = METRICS[name]
    return {"title": metric.heading(part), "text": metric.write(value, more=1)}


def configurable(entry: Any) -> dict[str, Any]:
    """Title, first line of the doc and parameters of anything registered."""
    lines = (entry.__doc__ or "").strip().splitlines()
    params: tuple[Param, ...] = getattr(entry, "params", ())
    return {
        "title": getattr(entry, "title", ""),
        "doc": lines[0].replace("``", "") if lines else "",
        "params": [param.to_dict() for param in params],
    }
