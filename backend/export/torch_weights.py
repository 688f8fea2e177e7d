"""Weights as files of arrays: those of a circuit, see ``networks.arrays``, or of another model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..circuit import Circuit
from ..circuit.networks.arrays import CONTENTS
from ..circuit.networks.loader import loader, loader_path
from ..destinations import write_whole
from .base import EXPORTERS, Exporter

if TYPE_CHECKING:
    from ..models.trained import TrainedModel


class _Weights(Exporter):
    """Arrays, with the program that integrates them beside the file."""

    models: ClassVar[bool] = True

    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The whole file, which holds no comments."""
        del notes
        return CONTENTS[self.suffix[1:]](circuit)

    def model_content(self, trained: "TrainedModel") -> bytes:
        """The state of a model that is no circuit, see ``model_weights``."""
        from .model_weights import weights  # models stand above the forms of circuits

        return weights(trained, self.suffix[1:])

    def export(self, circuit: Circuit, path: str | Path, notes: Sequence[str] = ()) -> None:
        """Write the file and its ``..._loader.py``; older ones stay until the new are complete.

        Raises:
            ExportError: a file cannot be written, or the program's name is taken.
        """
        path = Path(path)
        program = loader_path(path)
        super().export(circuit, path, notes)
        write_whole(program, loader(circuit, self.suffix[1:], path.name).encode("utf-8"))


@EXPORTERS.register("safetensors")
class SafetensorsExporter(_Weights):
    """Topology and parameters as arrays in a file that cannot run code."""

    title = "PyTorch weights (safetensors)"
    suffix = ".safetensors"


@EXPORTERS.register("pt")
class PtExporter(_Weights):
    """The same arrays for ``torch.load(path, weights_only=True)``."""

    title = "PyTorch weights (pt)"
    suffix = ".pt"
