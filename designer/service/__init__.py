"""The one door to the backend: every panel and route asks here. Torch is imported on first use."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from backend.bundle_file import is_bundle
from backend.circuit import Circuit
from backend.devices.base import GROUPS
from backend.errors import CircuitError, InputError, StudioError, clipped, place_text
from backend.metrics import HELD_OUT, LOSS, METRICS, PEAK, placed
from backend.params import Param
from backend.registry import Registry
from backend.signatures import form_of
from backend.simulation.stopping import Stopped, StopSignal
from backend.topologies.base import BOARD_LIMIT

from .. import serialize
from ..config import Config
from ..documents import DocumentError, Documents
from ..gallery import FOLDER, Gallery
from ..lessons import Lessons
from ..results import Results
from ..versions import Versions
from . import topologies
from .apart import Apart
from .breaking import Breaking, changes
from .bundling import Bundling
from .datasets import DataSets
from .excerpts import Excerpts
from .exporting import Exporting
from .flows import Flows
from .input_planes import InputPlanes
from .kinds import kinds
from .lanes import Lanes
from .networks import EXAMPLE, Networks
from .simulation import Simulations
from .sketch import sketch
from .sweeps import Sweeps
from .training import Examples, Inner, MissingRunError, Training
from .turns import Asker, BusyError, Turns
from .waveforms import waveforms

GENERATE_LIMIT = 1_000_000
"""Devices of a circuit generated in the page; the command line has no such limit."""

KEPT_EXAMPLES = 64
"""Runs whose examples are kept for their figures."""

ARCHIVE = b"PK\x03\x04"
"""How files of torch.save begin."""

__all__ = [
    "HELD_OUT",
    "LOSS",
    "METRICS",
    "PEAK",
    "Asker",
    "BusyError",
    "Circuit",
    "Examples",
    "Inner",
    "MissingRunError",
    "Registry",
    "Service",
    "StopSignal",
    "Stopped",
    "StudioError",
    "Turns",
    "clipped",
    "error_json",
    "placed",
]


class Service:
    """Everything one server knows and does.

    Args:
        config: where things lie.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.documents = Documents(config.home / "circuits")
        self.versions = Versions(self.documents)
        self.gallery = Gallery()
        self.results = Results(config.home / "cache")
        self.simulations = Simulations(self.results)
        self.flows = Flows(self.results)
        self.input_planes = InputPlanes(self.results)
        self.networks = Networks(config.home / "circuits", FOLDER, self.results)
        self.datasets = DataSets(config.home, closed=bool(config.token))
        self.training = Training(config.home, config.data_dir, self.datasets.uploads)
        self.sweeps = Sweeps(config.home)
        self.excerpts = Excerpts(config.home)
        self.breaking = Breaking(config.home)
        self.exporting = Exporting()
        self.bundling = Bundling(config.home, self.networks, self.opened)
        self.apart = Apart(config)
        self._compiling = threading.Event()
        self.lanes = Lanes(reading=self.apart.seconds, compiling=self._compiling.is_set)
        self._examples: dict[str, Examples] = {}
        self.ready = threading.Event()

    @cached_property
    def lessons(self) -> Lessons:
        """The studio's lessons, those of ``--lessons`` and those under HOME."""
        own = [self.config.lessons_dir] if self.config.lessons_dir else []
        drawn = [id for id in self.gallery.ids() if not self.gallery.is_network(id)]
        return Lessons([*own, self.config.home / "lessons"], drawn, self.check)

    def start_run(
        self, stop: StopSignal, fields: Mapping[str, Any], options: Mapping[str, str] | None = None
    ) -> str:
        """Start a run; a data set of files is read beside the server. Returns its id.

        Args:
            stop: ends the reading early.
            fields: fields of a spec.
            options: further settings as the command line's ``--set`` has them.

        Raises:
            StudioError: a refused setting or circuit.
        """
        if not self.datasets.is_read(str(fields.get("dataset"))):
            return self.training.start(fields, options)
        id = self.apart.call(stop, "training.queue", dict(fields), options)
        self.training.look_after_queue()
        return id

    def examples(self, id: str) -> Examples | None:
        """What a figure shows of a run's data set; ``None``: `read_examples` was not asked yet."""
        if not self.datasets.is_read(self.training.dataset(id)):
            return self.training.examples(id)
        return self._examples.get(id)

    def read_examples(self, stop: StopSignal, id: str) -> Examples:
        """The same, read beside the server and kept."""
        found = self.apart.call(stop, "training.examples", id)
        while len(self._examples) >= KEPT_EXAMPLES:
            self._examples.pop(next(iter(self._examples)))
        self._examples[id] = found
        return found

    def registry(self) -> dict[str, Any]:
        """Everything menus and forms choose from."""
        from backend.solvers import SOLVERS

        return {
            "devices": kinds(),
            "device_groups": list(GROUPS),
            "waveforms": waveforms(),
            "changes": changes(),
            "solvers": {
                name: {
                    **serialize.configurable(kind),
                    "order": kind.order,
                    "adaptive": kind.adaptive,
                    "fixed_steps": kind.fixed_steps,
                    "implicit": kind.implicit,
                    "gradients": list(kind.gradients),
                }
                for name, kind in SOLVERS.items()
            },
            "topologies": {
                name: serialize.configurable(kind) for name, kind in topologies.offered().items()
            },
            "datasets": self.datasets.registry(),
            "models": self.training.models(),
            "ngspice": self.exporting.ngspice() is not None,
        }

    def topologies(self) -> dict[str, tuple[str, str, tuple[Param, ...]]]:
        """Title, one sentence and parameters of every topology."""
        return topologies.described()

    def check(self, circuit: Any) -> dict[str, Any]:
        """The circuit with all defaults filled in.

        Raises:
            CircuitError: names the place.
        """
        return Circuit.from_dict(circuit).to_dict()

    def open_file(self, name: str, data: bytes) -> dict[str, Any]:
        """``{circuit}`` from the bytes of a file, or ``{network}``: the id of a large one.

        Of a bundle of a run ``{run}``, its id.

        Raises:
            CircuitError: the file is no circuit; names the place.
            StudioError: the circuit is too large even for a sketch.
        """
        if is_bundle(data):
            with _readable(Path(name).name or "The file"):
                return self.bundling.open(data)
        return self.opened(self._read(name, data), _as_network(data))

    def opened(
        self,
        circuit: Circuit,
        data: bytes | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """``{circuit}`` to draw, or ``{network}``: the id of one that is now kept as a network.

        Args:
            circuit: of any size.
            data: its safetensors file, where there is one already.
            more: what else is known of a network.
        """
        if not too_large(circuit):
            return {"circuit": circuit.to_dict()}
        return {"network": self.networks.store(circuit, data, more)}

    def open_run(self, id: str) -> dict[str, Any]:
        """The trained circuit of a run as one to work with."""
        return self.opened(self.training.trained(id), None, self.training.about(id))

    def run_circuit(self, id: str, epoch: int | None = None) -> dict[str, Any]:
        """The trained circuit of a run, of a stored epoch if any is said, or its sketch."""
        if epoch is None:
            return self.shown(self.training.trained(id))
        return self.shown(self.training.trained_at(id, epoch))

    def resolve(self, document: Mapping[str, Any] | None) -> Circuit | None:
        """The circuit on the board: as it was drawn, or the network that is shown."""
        if document and document.get("network"):
            try:
                return self.networks.circuit(str(document["network"]))
            except DocumentError as error:  # deleted in another window
                raise StudioError(str(error)) from None
        circuit = (document or {}).get("circuit")
        if isinstance(circuit, Mapping) and not circuit.get("nodes"):
            return None
        return Circuit.from_dict(circuit) if circuit else None

    def shown(self, circuit: Circuit) -> dict[str, Any]:
        """``{circuit}``, or ``{circuit, network}`` with the sketch of one too large to draw."""
        if not too_large(circuit):
            return {"circuit": circuit.to_dict()}
        drawing = sketch(circuit)
        return {"circuit": drawing.circuit, "network": {"id": None, **drawing.network}}

    def recent(self, limit: int = 50) -> list[dict[str, Any]]:
        """Circuits and networks of the home folder, newest first."""
        rows = self.documents.recent(limit) + self.networks.recent()
        return sorted(rows, key=lambda row: -row["modified"])[:limit]

    def document(self, id: str) -> dict[str, Any]:
        """A drawn circuit, or the sketch of a network."""
        return self.networks.document(id) if self.networks.has(id) else self.documents.load(id)

    def delete(self, id: str) -> None:
        """Remove a drawn circuit or a network."""
        if self.networks.has(id):
            self.networks.delete(id)
            return
        self.documents.delete(id)
        self.versions.forget(id)

    def _read(self, name: str, data: bytes) -> Circuit:
        suffix = Path(name).suffix.lower()
        with _readable(Path(name).name or "The file"):
            if suffix == ".safetensors" or _as_network(data):
                return self._from_file(data, ".safetensors")
            if data.startswith(ARCHIVE) and form_of(data) is None:
                return self._from_file(data, ".pt")
            from backend.export.importing import parse_circuit

            return parse_circuit(data, Path(name).name, GENERATE_LIMIT)

    def _from_file(self, data: bytes, suffix: str) -> Circuit:
        """The network or published checkpoint in the bytes of a PyTorch file."""
        from backend.circuit.files import read_circuit
        from backend.export.published import is_checkpoint, read_published

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"network{suffix}"
            path.write_bytes(data)
            try:
                return read_published(path) if is_checkpoint(path) else read_circuit(path)
            except CircuitError as error:
                text = str(error).replace(f"{path}: ", "")
                raise CircuitError(text) from None

    def generate(self, topology: str, params: Mapping[str, Any], seed: int = 0) -> dict[str, Any]:
        """``{circuit}`` of a topology, or ``{network}``: the id of one too large to draw."""
        made = topologies.chosen(topology, params)
        return self.opened(made.generate(int(seed), limit=GENERATE_LIMIT))

    def flow(self, circuit: Any) -> dict[str, Any]:
        """The picture of a drawn circuit of two nodes as a flow in the plane."""
        return self.flows.picture(Circuit.from_dict(circuit))

    def portraits(self, circuit: Any) -> dict[str, Any]:
        """The voltage of every node over the plane of a drawn circuit's two inputs."""
        return self.input_planes.picture(Circuit.from_dict(circuit))

    def size_text(self, topology: str, params: Mapping[str, Any]) -> str:
        """How large a generated circuit will be, in words."""
        size = topologies.chosen(topology, params).size()
        slices = int(params.get("slices", 1))
        more = f" in each of {slices} slices" if slices > 1 else ""
        large = " Shown as a summary." if size.devices * slices > BOARD_LIMIT else ""
        return f"{size.nodes:,} nodes, {size.devices:,} devices{more}.{large}"

    def gallery_item(self, id: str, simulate: bool = True) -> dict[str, Any]:
        """An example with its simulation, or without: a drawing of it needs none."""
        if self.gallery.is_network(id):
            return {**self.networks.document(f"{EXAMPLE}{id}"), "settings": {}}
        circuit, settings = self.gallery.load(id)
        item: dict[str, Any] = {"circuit": circuit, "settings": settings}
        return {**item, "sim": self.simulations.run(circuit, settings)} if simulate else item

    def tidy(self) -> None:
        """Remove what killed writers left in HOME."""
        for part in (self.documents, self.datasets.uploads, self.results):
            part.tidy()

    def warm_up(self) -> None:
        """Import torch and simulate the hero, so that the first page finds it ready."""
        self._compiling.set()
        try:
            self.gallery_item(self.gallery.hero)
            from backend import simulate as simulate

            self.ready.set()
            self._warm_up_general()
            from backend.solvers import warm_up  # compiles what training needs, once per machine

            warm_up()
        finally:
            self._compiling.clear()

    def _warm_up_general(self) -> None:
        """Simulate an example of the general class: its kernels take a minute, once per machine."""
        for id in self.gallery.ids():
            if (
                not self.gallery.is_network(id)
                and Circuit.from_dict(self.gallery.load(id)[0]).general
            ):
                self.gallery_item(id)
                return


def error_json(error: Exception) -> dict[str, dict[str, str]]:
    """The JSON shape of an error of the backend."""
    where = place_text(error.where) if isinstance(error, InputError) else ""
    message = error.message if isinstance(error, InputError) else str(error)
    return {"error": {"message": message, "where": where}}


def too_large(circuit: Circuit) -> bool:
    """Whether a circuit is shown as a sketch instead of being drawn."""
    return max(circuit.device_count, len(circuit.nodes)) > BOARD_LIMIT


def _as_network(data: bytes) -> bytes | None:
    """The bytes of a safetensors file, ``None`` for any other file."""
    text = data[:1] in (b"{", b" ", b"\n") or b'{"' not in data[8:12]
    return None if text else data


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Put the file's name in front of what is wrong with it."""
    try:
        yield
    except InputError as error:
        raise CircuitError(f"{clipped(name)}: {error}") from None
