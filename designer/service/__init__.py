"""The one door to the backend: every panel and route asks here. Torch is imported on first use."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.circuit import Circuit
from backend.devices import DEVICES
from backend.errors import CircuitError, StudioError, place_text
from backend.params import Param, check_params
from backend.topologies import TOPOLOGIES
from backend.topologies.base import BOARD_LIMIT

from .. import serialize
from ..config import Config
from ..documents import Documents
from ..gallery import Gallery
from ..results import Results
from .exporting import Exporting
from .simulation import Simulations
from .training import MissingRunError, Training

__all__ = ["MissingRunError", "Service", "StudioError", "error_json"]


class Service:
    """Everything one server knows and does.

    Args:
        config: where things lie.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.documents = Documents(config.home / "circuits")
        self.gallery = Gallery()
        self.results = Results(config.home / "cache")
        self.simulations = Simulations(self.results)
        self.training = Training(config.home, config.data_dir)
        self.exporting = Exporting()
        self.ready = threading.Event()

    def registry(self) -> dict[str, Any]:
        """Everything menus and forms choose from."""
        from backend.solvers import SOLVERS

        return {
            "devices": {
                kind: {
                    **serialize.configurable(law),
                    "symbol": law.symbol,
                    "smooth": law.smooth,
                    "difference": law.difference,
                }
                for kind, law in DEVICES.items()
            },
            "solvers": {
                name: {
                    **serialize.configurable(kind),
                    "order": kind.order,
                    "adaptive": kind.adaptive,
                    "implicit": kind.implicit,
                    "gradients": list(kind.gradients),
                }
                for name, kind in SOLVERS.items()
            },
            "topologies": {n: serialize.configurable(t) for n, t in TOPOLOGIES.items()},
            **self.training.registry(),
        }

    def topologies(self) -> dict[str, tuple[str, str, tuple[Param, ...]]]:
        """Title, one sentence and parameters of every topology."""
        return {
            name: (shown["title"] or name, shown["doc"], tuple(topology.params))
            for name, topology in TOPOLOGIES.items()
            for shown in [serialize.configurable(topology)]
        }

    def check(self, circuit: Any) -> dict[str, Any]:
        """The circuit with all defaults filled in.

        Raises:
            CircuitError: names the place.
        """
        return Circuit.from_dict(circuit).to_dict()

    def import_file(self, name: str, data: bytes) -> dict[str, Any]:
        """A circuit from the bytes of a JSON, safetensors or SPICE file."""
        suffix = Path(name).suffix.lower()
        with _readable(Path(name).name or "The file"):
            if suffix == ".safetensors" or (
                data[:1] not in (b"{", b" ", b"\n") and b'{"' in data[8:12]
            ):
                return self._from_safetensors(data)
            text = _text(data)
            if suffix == ".json" or text.lstrip()[:1] == "{":
                return Circuit.from_json(text).to_dict()
            from backend.export.netlist_import import parse_netlist

            return parse_netlist(text).to_dict()

    def _from_safetensors(self, data: bytes) -> dict[str, Any]:
        from backend.circuit_files import read_circuit

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.safetensors"
            path.write_bytes(data)
            try:
                return read_circuit(path).to_dict()
            except CircuitError as error:
                text = str(error).replace(f"{path}: ", "")
                raise CircuitError(text) from None

    def generate(self, topology: str, params: Mapping[str, Any], seed: int = 0) -> dict[str, Any]:
        """A circuit of a topology."""
        kind = TOPOLOGIES[topology]
        try:
            options = check_params(kind.params, params)
        except ValueError as error:
            raise StudioError(f"{topology}: {error}") from None
        return kind(**options).generate(int(seed), limit=BOARD_LIMIT).to_dict()

    def size_text(self, topology: str, params: Mapping[str, Any]) -> str:
        """How large a generated circuit will be, in words."""
        size = TOPOLOGIES[topology](**params).size()
        slices = int(params.get("slices", 1))
        more = f" in each of {slices} slices" if slices > 1 else ""
        return f"{size.nodes:,} nodes, {size.devices:,} devices{more}."

    def gallery_item(self, id: str, simulate: bool = True) -> dict[str, Any]:
        """An example with its simulation, or without: a drawing of it needs none."""
        circuit, settings = self.gallery.load(id)
        item: dict[str, Any] = {"circuit": circuit, "settings": settings}
        return {**item, "sim": self.simulations.run(circuit, settings)} if simulate else item

    def warm_up(self) -> None:
        """Import torch and simulate the hero, so that the first page finds it ready."""
        self.gallery_item(self.gallery.hero)
        from backend import simulate as simulate

        self.ready.set()


def error_json(error: Exception) -> dict[str, dict[str, str]]:
    """The JSON shape of an error of the backend."""
    where = place_text(error.where) if isinstance(error, CircuitError) else ""
    message = error.message if isinstance(error, CircuitError) else str(error)
    return {"error": {"message": message, "where": where}}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CircuitError(
            "the file is not text; a circuit is JSON, SPICE or safetensors"
        ) from None


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Put the file's name in front of what is wrong with it."""
    try:
        yield
    except CircuitError as error:
        raise CircuitError(f"{name[:80]}: {error}") from None
