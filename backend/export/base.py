"""What every exporter answers."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..circuit import Circuit
from ..destinations import write_whole
from ..errors import ExportError, StudioError
from ..params import Param, check_params
from ..registry import Registry

if TYPE_CHECKING:
    from ..models.trained import TrainedModel

EXPORTERS: "Registry[type[Exporter]]" = Registry("export form")


class Exporter(ABC):
    """Writes a circuit in one form.

    Args:
        options: values of the class's ``params``; missing ones take their defaults.

    Attributes:
        title: name shown in menus.
        suffix: of the files it writes.
        params: its options.

    Raises:
        StudioError: an unknown option or a refused value.
    """

    title: ClassVar[str]
    suffix: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()

    def __init__(self, **options: Any) -> None:
        try:
            self.options = check_params(self.params, options)
        except ValueError as error:
            raise StudioError(f"{self.title}: {error}") from None

    @abstractmethod
    def content(self, circuit: Circuit) -> bytes:
        """The whole file."""

    def model_content(self, trained: "TrainedModel") -> bytes:
        """The whole file of a model that is no circuit.

        Raises:
            ExportError: this form holds circuits only.
        """
        raise ExportError(
            f"{self.title} holds circuits, and a {trained.model.title} is none; export it as "
            "safetensors or pt"
        )

    def export(self, circuit: Circuit, path: str | Path) -> None:
        """Write the file; an older one stays until the new one is complete.

        Raises:
            ExportError: the file cannot be written.
        """
        write_whole(Path(path), self.content(circuit))


@EXPORTERS.register("json")
class JsonExporter(Exporter):
    """The circuit file that people can read."""

    title = "Circuit JSON"
    suffix = ".json"

    def content(self, circuit: Circuit) -> bytes:
        """The circuit as JSON text."""
        return circuit.to_json().encode("utf-8")
