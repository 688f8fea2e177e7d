"""Training runs: the web process only writes a spec, starts a worker and reads its directory."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend import runs
from backend.circuit import Circuit
from backend.datasets import DATASETS
from backend.datasets.once import read_once
from backend.errors import RunError, quoted
from backend.metrics import HELD_OUT, score_of
from backend.params import Param
from backend.training.spec import PARAMS, TrainSpec
from backend.view import PREFIX, View, unpacked

from .. import serialize
from ..serialize import RunJson
from . import trajectories
from .reports import Reader, finite
from .topologies import check_offered
from .uploads import Uploads

ACTIVE = frozenset({"queued", "running"})
Inner = View
"""What a model shows of one example."""

RESUMABLE = frozenset({"cancelled", "failed", "lost"})
LOOK_SECONDS = 1.0
"""Pages that follow runs have the queue looked after no more often than this."""


@dataclass(frozen=True)
class Examples:
    """Classes of a data set, and test examples (n, 2) [V] with their targets where it is plane."""

    classes: list[str]
    points: Any = None
    labels: Any = None


class MissingRunError(RunError):
    """A run that is not there."""


class Training:
    """The runs of one HOME.

    Args:
        home: folder that holds ``runs/``.
        data_dir: folder of data sets.
        uploads: files that visitors sent, which say what else may be read.
    """

    def __init__(
        self, home: Path, data_dir: Path | None = None, uploads: Uploads | None = None
    ) -> None:
        self.home = home
        self.data_dir = data_dir
        self.uploads = uploads or Uploads(home / "data" / "uploads")
        self._ids: dict[tuple[str, int], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._reports = Reader()
        self._looked = -LOOK_SECONDS

    def models(self) -> dict[str, Any]:
        """Models for menus."""
        from backend.models import MODELS

        return {name: serialize.configurable(kind) for name, kind in MODELS.items()}

    def is_circuit(self, model: str) -> bool:
        """Whether a model is a circuit, which can be drawn and opened."""
        from backend.models import MODELS, CircuitModel

        return issubclass(MODELS[model], CircuitModel)

    def no_circuit(self, model: str) -> str:
        """Why a model has no netlist, as a sentence; empty where nothing special is to be said."""
        from backend.models import MODELS

        sentence = MODELS[model].no_netlist if model in MODELS else ""
        return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""

    def weights(self, id: str) -> tuple[str, bytes]:
        """File name and contents of a run's weights as safetensors."""
        from backend.export import EXPORTERS

        run = self._open(id)
        return f"{run.id}.safetensors", EXPORTERS["safetensors"]().model_content(run.model())

    def params(self) -> tuple[Param, ...]:
        """The training settings a user can choose."""
        return PARAMS

    def next_name(self, dataset: str) -> str:
        """A name for the next run on a data set: its title and a number."""
        count = sum(run.status.get("dataset") == dataset for run in runs.list_runs(self.home))
        return f"{DATASETS[dataset].title} {count + 1}"

    def start(self, fields: Mapping[str, Any], options: Mapping[str, str] | None = None) -> str:
        """Start a run; returns its id.

        Args:
            fields: fields of a spec.
            options: further settings as the command line's ``--set`` has them.

        Raises:
            StudioError: a refused setting or circuit.
        """
        id = self.queue(fields, options)
        self.look_after_queue()
        return id

    def look_after_queue(self) -> None:
        """Start what waits, when there is a free slot."""
        runs.reconcile(self.home)

    def queue(self, fields: Mapping[str, Any], options: Mapping[str, str] | None = None) -> str:
        """Leave a run for whoever looks after the queue next; as `start`."""
        given = {key: value for key, value in fields.items() if value is not None}
        options = options or {}
        check_offered(options.get("topology", given.get("topology")))
        for key, path in options.items():
            if key.rpartition(".")[2] in ("circuit", "path"):
                self.uploads.check(path)
        with read_once():
            spec = TrainSpec.from_options(options, given) if options else TrainSpec.make(**given)
            return runs.queue_run(spec, self.home).id

    def recent(self) -> list[RunJson]:
        """All runs, newest first."""
        return [self._row(run) for run in runs.list_runs(self.home)]

    def show(self, id: str) -> dict[str, Any]:
        """One run with its spec and whether it can be stopped or resumed."""
        runs.reconcile(self.home)
        run = self._open(id)
        spec = run.spec.model_dump(mode="json")
        return {**self._shown(run), "spec": spec, "path": str(run.path)}

    def look(self, id: str) -> dict[str, Any]:
        """One run as `show` has it, for pages that ask again and again: without its spec."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            runs.reconcile(self.home)
        return self._shown(self._open(id))

    def _shown(self, run: runs.RunDirectory) -> dict[str, Any]:
        row = self._row(run)
        return {
            **row,
            "active": row["state"] in ACTIVE,
            "no_circuit": "" if row["circuit"] else self.no_circuit(row["model"]),
            "resumable": row["state"] in RESUMABLE,
            "stopping": row["state"] == "running" and run.stop_asked,
            "lanes": self._has_lanes(row["model"]) and bool(run.frames()),
        }

    @staticmethod
    def _has_lanes(model: str) -> bool:
        """Whether parts of a model are circuits; not of one that a missing plugin brought."""
        from backend.models import MODELS

        return model in MODELS.names() and bool(MODELS[model].excerpts)

    def metrics(self, id: str, after: int = 0) -> dict[str, Any]:
        """Reports since byte `after` of the run's metrics."""
        run = self._open(id)
        rows, offset = run.metrics(after=max(0, after))
        return {"rows": [finite(row) for row in rows], "after": offset, "status": dict(run.status)}

    def rows(self, id: str) -> list[dict[str, Any]]:
        """All reports of a run."""
        return self._reports.of(self._open(id)).rows

    def stop(self, id: str) -> None:
        """Ask a run to stop; it keeps its checkpoints."""
        runs.stop_run(self.home, self._open(id).id)

    def resume(self, id: str) -> None:
        """Continue a stopped run from its last checkpoint."""
        runs.resume_run(self.home, self._open(id).id)

    def delete(self, id: str) -> None:
        """Remove a run that is not active, with all its files.

        Raises:
            RunError: it is still active.
        """
        runs.delete_run(self.home, self._open(id).id)
        self._reports.forget(id)

    def trained(self, id: str, checkpoint: str = "best") -> Circuit:
        """The trained circuit of a run, as far as it has come, before the replayed example."""
        run = self._open(id)
        try:
            circuit, example = run.circuit(checkpoint), run.example()
        except RunError:  # no checkpoint yet
            return run.start_circuit()
        driven = set(circuit.driven)
        return circuit.with_voltages({k: v for k, v in example.items() if k not in driven})

    def trained_at(self, id: str, epoch: int) -> Circuit:
        """The circuit that made a stored epoch, with the values of a checkpoint that has it."""
        run = self._open(id)
        count = self._edits_before(run, epoch)
        edits = runs.made_of(runs.edits_of(run))
        if not edits:
            return self.trained(id)
        for which in ("best", "last"):
            try:
                if run.checkpoint(which).edits == count:
                    return self.trained(id, which)
            except RunError:
                continue
        return runs.circuit_after(run, count)

    @staticmethod
    def _edits_before(run: runs.RunDirectory, epoch: int) -> int:
        """How many edits were made before an epoch was stored."""
        known = runs.edits_of(run)
        if not known:
            return 0
        step = int(run.frame(epoch, ("step",))["step"])
        return sum(edit.step < step for edit in runs.made_of(known))

    def edits(self, id: str) -> list[dict[str, Any]]:
        """What was changed while a run trained: ``epoch``, ``step``, ``words``, ``refused``."""
        names = ("id", "epoch", "step", "words")
        return [{**{name: entry[name] for name in names}, "refused": str(entry.get("refused", ""))}
                for entry in runs.edits_of(self._open(id))]  # fmt: skip

    def about(self, id: str) -> dict[str, Any]:
        """What a trained network's file says of it beside its settings: best score and classes."""
        row = self._row(self._open(id))
        score, figures = row["score"], row["figures"]
        best = figures.get(f"best_{score}")
        part = next((one for one in HELD_OUT if f"{one}_{score}" in figures), "test")
        known = {} if best is None else {"score": serialize.score(score, best, part)}
        return {**known, "classes": self.examples(id, 0).classes}

    def frames(self, id: str) -> list[dict[str, int]]:
        """The epochs that can be replayed."""
        return [{"epoch": int(found["epoch"])} for found in self._open(id).frames()]

    def frame(self, id: str, epoch: int) -> bytes:
        """The container of one epoch's trajectory."""
        run = self._open(id)
        count = self._edits_before(run, epoch)
        if (id, count) not in self._ids:
            circuit = runs.circuit_after(run, count)
            self._ids[id, count] = (circuit.node_ids, circuit.device_ids)
        nodes, devices = self._ids[id, count]
        return trajectories.frame(run.replay(epoch, len(nodes), len(devices)), nodes, devices)

    def stored(self, id: str, epoch: int) -> tuple[View | None, dict[str, Any]]:
        """The inside of the model at a stored epoch, and all arrays of that frame.

        Raises:
            RunError: no such frame, or a damaged one.
        """
        run = self._open(id)
        if not run.frames():
            return None, {}
        arrays = run.frame(epoch)
        try:
            return unpacked(arrays), arrays
        except ValueError as error:
            raise RunError(f"the frame of epoch {epoch}: {error}; others can be replayed") from None

    def history(self, id: str, names: Collection[str]) -> dict[str, Any]:
        """Arrays of the inside of every stored epoch, ``all_<name>`` (T, ...), ``epochs`` (T,).

        Of epochs that hold all of them in the shape of the last one, the others are left out.
        """
        run = self._open(id)
        wanted = [f"{PREFIX}{name}" for name in names]
        found: list[tuple[int, list[Any]]] = []
        for stored in run.frames():
            arrays = run.frame(epoch := int(stored["epoch"]), wanted)
            if all(name in arrays for name in wanted):
                found.append((epoch, [arrays[name] for name in wanted]))
        shapes = [[each.shape for each in values] for _, values in found]
        alike = [one for one, shape in zip(found, shapes, strict=True) if shape == shapes[-1]]
        if not alike:
            return {}
        columns = zip(*(values for _, values in alike), strict=True)
        arrays = {f"all_{name}": np.stack(each) for name, each in zip(names, columns, strict=True)}
        return {"epochs": np.array([epoch for epoch, _ in alike]), **arrays}

    def examples(self, id: str, count: int = 300) -> Examples:
        """What a figure shows of a run's data set: classes, and test examples of 2-D data."""
        spec = self._open(id).spec
        data = DATASETS[spec.dataset](**spec.dataset_options)
        classes = list(data.classes)
        if data.input_count != 2:
            return Examples(classes)
        test = data.split().test
        return Examples(classes, test.x[:count].numpy(), test.y[:count].numpy())

    def dataset(self, id: str) -> str:
        """The name of a run's data set."""
        return self._open(id).spec.dataset

    def _open(self, id: str) -> runs.RunDirectory:
        try:
            return runs.RunDirectory(self.home / "runs" / runs.checked_id(id))
        except RunError:
            raise MissingRunError(f"There is no run {quoted(id or '')} here.") from None

    def _row(self, run: runs.RunDirectory) -> RunJson:
        status, reports = run.status, self._reports.of(run)
        step, total = int(status.get("step") or 0), int(status.get("total") or 0)
        figures = reports.figures
        return {
            "id": run.id,
            "name": str(status.get("name") or run.id),
            "state": str(status["state"]),
            "phase": runs.phase_of(status),
            "dataset": str(status.get("dataset", "")),
            "model": str(status.get("model", "")),
            "step": step,
            "total": total,
            "progress": step / total if total else 0.0,
            "score": score_of(figures, status.get("score")),
            "figures": figures,
            "warning": reports.warning,
            "solve": reports.solve,
            "circuit": status.get("nodes") is not None or bool(status.get("damaged")),
            "loss": serialize.number(status.get("train_loss")),
            "seconds": serialize.number(status.get("seconds")),
            "seconds_left": serialize.number(status.get("seconds_left")),
            "started": serialize.number(status.get("created")),
            "message": str(status.get("message") or ""),
        }
