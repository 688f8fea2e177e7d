"""What a page that plays by itself shows: a circuit with its trajectory and adjoint, or a run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.metrics import METRICS
from backend.runs import RunDirectory, circuit_after, edits_of, made_of
from backend.topologies.base import BOARD_LIMIT
from backend.training.finer import doubts

from .. import serialize
from ..player.page import page
from ..player.payload import Part
from . import trajectories
from .kinds import kinds
from .networks import network_data
from .reports import finite
from .simulation import simulated
from .sketch import sketch
from .waveforms import waveforms

MOST_BYTES = 64 * 2**20
"""Numbers of a page before they are packed; browsers open no larger file gladly."""

MOST_EPOCHS = 101
"""Recorded epochs of a run that a page shows, spread over all; more would only make it larger."""

MOST_ROWS = 400
EXAMPLES = 200
QUICK = 400
"""Nodes and devices up to which a circuit is solved without being asked, as on the page."""

GROUND_KINDS = ("title", "symbol", "terminals", "controlled", "measured")


def circuit_page(
    circuit: Circuit,
    settings: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
) -> str:
    """A page of a circuit that plays its trajectory and, where there is one, its adjoint.

    Args:
        circuit: of any size; of one too large to draw the sketch is shown.
        settings: of the solve, as the studio has them.
        about: what is known of a network, such as the names of its classes.

    Raises:
        StudioError: it cannot be solved, or would make too large a page.
    """
    if is_large(circuit):
        shown = sketch(circuit)
        board = {
            "circuit": shown.circuit,
            "network": {**shown.network, **(about or {}), "id": None},
        }
        data = network_data(circuit, shown, settings or {})
    else:
        board, data = {"circuit": circuit.to_dict()}, simulated(circuit, settings or {})
    header, arrays = serialize.decode(data)
    words = {**_words("circuit", circuit.name or "Circuit", _size(circuit)), "board": board}
    words |= {"registry": _registry(board["circuit"]), "settings": {**(settings or {})}}
    words["note"] = header["status"]["message"]
    return _page(words, [Part("simulation", _without_arrays(header), arrays)])


def trajectory_page(circuit: Circuit, trajectory: Any, adjoint: Any = None) -> str:
    """A page of a trajectory that was computed already, on the board of its circuit.

    Args:
        circuit: that it belongs to.
        trajectory: a ``Trajectory``.
        adjoint: its ``AdjointTrajectory``, if there is one.
    """
    header, arrays = serialize.decode(trajectories.simulation(trajectory, adjoint))
    board = {"circuit": circuit.to_dict()}
    words = {**_words("circuit", circuit.name or "Circuit", _size(circuit)), "board": board}
    words |= {"registry": _registry(board["circuit"]), "settings": {}}
    words["note"] = header["status"]["message"]
    return _page(words, [Part("simulation", _without_arrays(header), arrays)])


def run_page(run: RunDirectory) -> str:
    """A page of a run: its recorded epochs, curves and figures.

    Raises:
        StudioError: nothing was recorded yet, or a file of the run is damaged.
    """
    rows = [finite(row) for row in run.metrics()[0] if "epoch" in row]
    if not rows:
        raise StudioError(f"run {run.id} has reported nothing yet; wait for its first epoch")
    board, parts = _recorded(run)
    status = run.status
    epochs = [int(part.name.split("/")[1]) for part in parts if part.name.startswith("epoch/")]
    epochs = epochs or sorted({int(row["epoch"]) for row in rows})
    words: dict[str, Any] = {
        **_words("run", str(status.get("name") or run.id), _about_run(run, status)),
        "board": board,
        "registry": _registry(board["circuit"]) if board else None,
        "settings": {},
        "epochs": epochs,
        "rows": _thinned(rows),
        "groups": _groups(rows),
        "figures": _figures(rows),
        "note": doubts(rows),
    }
    return _page(words, parts)


def notebook_page(what: Any) -> str | None:
    """The page of a circuit, a trajectory or a run; ``None`` where it would keep a cell waiting.

    Args:
        what: an object of the library.
    """
    if isinstance(what, RunDirectory):
        return run_page(what)
    if isinstance(what, Circuit):
        return circuit_page(what) if what.nodes and _is_quick(what) else None
    circuit = getattr(what, "circuit", None)
    if isinstance(circuit, Circuit) and circuit.nodes and not is_large(circuit):
        return trajectory_page(circuit, what)
    return None


def _is_quick(circuit: Circuit) -> bool:
    return len(circuit.nodes) + circuit.device_count <= QUICK


def is_large(circuit: Circuit) -> bool:
    """Whether a circuit is shown as a sketch instead of being drawn."""
    return max(circuit.device_count, len(circuit.nodes)) > BOARD_LIMIT


def _page(words: Mapping[str, Any], parts: Sequence[Part]) -> str:
    size = sum(array.nbytes for part in parts for array in part.arrays.values())
    if size > MOST_BYTES:
        raise StudioError(
            f"a page of this would hold {size / 1e6:,.0f} MB of numbers, and browsers open no more "
            f"than {MOST_BYTES / 1e6:.0f} MB gladly; bundle it as .kstudio, or with fewer outputs"
        )
    return page(words, parts)


def _words(kind: str, title: str, about: str) -> dict[str, Any]:
    return {"kind": kind, "title": title, "about": about}


def _size(circuit: Circuit) -> str:
    slices = len(circuit.slices)
    more = f" in {slices} slices" if slices > 1 else ""
    duration = sum(part.duration for part in circuit.slices)
    nodes, devices = _count(len(circuit.nodes), "node"), _count(circuit.device_count, "device")
    return f"{nodes}, {devices}{more}, {duration:g} s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _about_run(run: RunDirectory, status: Mapping[str, Any]) -> str:
    counts = [(int(status.get(name) or 0), name) for name in ("nodes", "devices")]
    size = "".join(f", {count:,} {name}" for count, name in counts if count)
    return f"{status.get('model', '')} on {status.get('dataset', '')}{size}; run {run.id}"


def _registry(circuit: Mapping[str, Any]) -> dict[str, Any]:
    """What the board needs to know of the kinds that occur: names and symbols."""
    used = {device["kind"] for part in circuit["slices"] for device in part["devices"]}
    forms = {node["drive"]["kind"] for node in circuit["nodes"] if node.get("drive")}
    known, waves = kinds(), waveforms()
    return {
        "devices": {name: {key: known[name].get(key) for key in GROUND_KINDS} for name in used},
        "waveforms": {name: waves[name] for name in forms},
        "solvers": {},
    }


def _without_arrays(header: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in header.items() if key != "arrays"}


def _recorded(run: RunDirectory) -> tuple[dict[str, Any] | None, list[Part]]:
    """The board and the parts of the epochs; no board where the model is no circuit."""
    stored = run.frames()
    every = max(1, -(-len(stored) // MOST_EPOCHS))
    chosen = stored[::-1][::every][::-1]  # the newest always
    if not run.has_circuit or not chosen:
        return None, []
    # The board holds one circuit: epochs before an edit had another one.
    edits = made_of(edits_of(run))
    counts = [sum(edit.step < int(run.frame(one["epoch"], ("step",))["step"]) for edit in edits)
              if edits else 0 for one in chosen]  # fmt: skip
    chosen = [one for one, count in zip(chosen, counts, strict=True) if count == counts[-1]]
    circuit = circuit_after(run, counts[-1])
    columns = None
    if is_large(circuit):
        shown = sketch(circuit)
        board = {"circuit": shown.circuit, "network": {"id": None, **shown.network}}
        columns = shown.columns
    else:
        board = {"circuit": circuit.to_dict()}
    parts: list[Part] = []
    for each in chosen:
        epoch = int(each["epoch"])
        arrays = run.replay(epoch, len(circuit.nodes), circuit.device_count)
        parts += _epoch(arrays, epoch, circuit, columns)
    return board, [*parts, *_examples(run, parts)]


def _epoch(arrays: Mapping[str, Any], epoch: int, circuit: Circuit, columns: Any) -> list[Part]:
    devices = list(circuit.device_ids)
    known = dict(arrays)
    if columns is not None and "currents" in known:
        known["currents"] = known["currents"][:, columns]
        devices = [devices[column] for column in columns.tolist()]
    header, course = serialize.decode(trajectories.frame(known, circuit.node_ids, devices))
    found = [Part(f"epoch/{epoch}", _without_arrays(header), course)]
    names = ("boundary", "boundary_x", "boundary_y")
    if all(name in arrays for name in names):
        plane = {name: np.asarray(arrays[name], "f4") for name in names}
        found.append(Part(f"boundary/{epoch}", {}, plane))
    return found


def _examples(run: RunDirectory, parts: Sequence[Part]) -> list[Part]:
    """Test examples in the plane, where the decision over it is shown."""
    from backend.datasets import DATASETS

    if not any(part.name.startswith("boundary/") for part in parts):
        return []
    spec = run.spec
    try:
        test = DATASETS[spec.dataset](**spec.dataset_options).split().test
    except StudioError:  # its files are gone: the picture comes without dots
        return []
    points, labels = test.x[:EXAMPLES].numpy(), test.y[:EXAMPLES].numpy()
    arrays = {"points": np.asarray(points, "f4"), "labels": np.asarray(labels, "f4")}
    return [Part("examples", {}, arrays)]


def _thinned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Reports of every epoch, of many the newest of each stretch, as numbers alone."""
    last = {int(row["epoch"]): row for row in rows}
    kept = [last[epoch] for epoch in sorted(last)]
    every = max(1, -(-len(kept) // MOST_ROWS))
    drawn = {c["name"]: c["factor"] for group in _groups(rows) for c in group["curves"]}

    def numbers(row: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: factor * row[name] for name, factor in drawn.items() if row.get(name)}
        return {"epoch": row["epoch"], **{n: 0.0 for n in drawn if row.get(n) == 0}, **known}

    return [numbers(row) for row in kept[::-1][::every][::-1]]


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Which curves are drawn together: the loss, then the score that is asked for first."""
    found = []
    held = "validation" if any("validation_loss" in row for row in rows) else "test"
    scores = [n for n, metric in METRICS.items() if metric.place == "score" and metric.curve]
    for name in ("loss", *scores):
        curves = [
            {"name": f"{part}_{name}", "title": part, "factor": METRICS[name].factor}
            for part in ("train", held)
            if any(row.get(f"{part}_{name}") is not None for row in rows)
        ]
        if curves and len(found) < 2:
            found.append({"title": METRICS[name].axis.capitalize(), "curves": curves})
    return found


def _figures(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The last figures of loss and score on what is held out."""
    last: dict[str, Any] = {}
    for row in rows:
        last |= {key: value for key, value in row.items() if value is not None}
    names = [n for n, metric in METRICS.items() if metric.place in ("loss", "score")]
    wanted = [(part, name) for part in ("test", "validation", "train") for name in names]
    known = [(part, name) for part, name in wanted if f"{part}_{name}" in last]
    return [serialize.score(name, float(last[f"{part}_{name}"]), part) for part, name in known][:4]
