"""What every exporter answers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
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
        models: whether it holds models that are no circuits.

    Raises:
        StudioError: an unknown option or a refused value.
    """

    title: ClassVar[str]
    suffix: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    models: ClassVar[bool] = False

    def __init__(self, **options: Any) -> None:
        try:
            self.options = check_params(self.params, options)
        except ValueError as error:
            raise StudioError(f"{self.title}: {error}") from None

    @abstractmethod
    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The whole file.

        Args:
            circuit: the description.
            notes: sentences for forms that hold comments.
        """

    def model_content(self, trained: "TrainedModel") -> bytes:
        """The whole file of a model that is no circuit.

        Raises:
            ExportError: this form holds circuits only.
        """
        if own := trained.model.no_netlist:
            raise ExportError(f"{self.title} holds circuits, and {own}")
        raise ExportError(
            f"{self.title} holds circuits, and a {trained.model.title} is none; export it as "
            "safetensors or pt"
        )

    def export(self, circuit: Circuit, path: str | Path, notes: Sequence[str] = ()) -> None:
        """Write the file; an older one stays until the new one is complete.

        Args:
            circuit: the description.
            path: of the file.
            notes: see ``content``.

        Raises:
            ExportError: the file cannot be written.
        """
        write_whole(Path(path), self.content(circuit, notes))


@EXPORTERS.register("json")
class JsonExporter(Exporter):
    """The circuit file that people can read."""

    title = "Circuit JSON"
    suffix = ".json"

    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The circuit as JSON text, which holds no comments."""
        del notes
        return circuit.to_json().encode("utf-8")
