"""What every change of a circuit offers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..circuit import Circuit
from ..errors import StudioError
from ..params import Param, checked_options
from ..registry import Registry

if TYPE_CHECKING:
    from ..models import CircuitModel

CHANGES: "Registry[type[Change]]" = Registry("change")


@dataclass(frozen=True)
class Touched:
    """What a change is about, to be marked on a drawing.

    Args:
        devices: ids of devices.
        nodes: ids of nodes.
    """

    devices: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


class Change(ABC):
    """A function from circuits to circuits, of named values; random ones have a seed.

    Attributes:
        title: shown to people.
        params: what can be chosen.
        place: the parameter that names where, ``device`` or ``node``; empty for everywhere.
        needed: parameters without which it means nothing.
        strength: the parameter of a slider; empty where there is none.
        recorded: parameters that records have and forms do not offer.
        fault: whether it breaks something, so that an evaluation can ask what is left.
        lasting: whether a description can say it, so that a training can go on with it.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    place: ClassVar[str] = ""
    needed: ClassVar[tuple[str, ...]] = ()
    strength: ClassVar[str] = ""
    recorded: ClassVar[tuple[str, ...]] = ()
    fault: ClassVar[bool] = True
    lasting: ClassVar[bool] = True

    def __init__(self, **given: Any) -> None:
        self.options = checked_options(f"change {self.name}", self.params, given)

    @property
    def name(self) -> str:
        """Its registered name."""
        return CHANGES.name_of(type(self))

    @abstractmethod
    def apply(self, circuit: Circuit) -> Circuit:
        """The changed circuit; equal circuits are changed alike.

        Raises:
            StudioError: there is no such device or node, or a value is refused.
        """

    def fixed(self, circuit: Circuit) -> "Change":
        """The same change of this circuit, whatever values another one of its topology has.

        A training that is taken up again makes its edits to the circuit it was begun with.
        """
        del circuit
        return self

    def disturb(self, model: "CircuitModel") -> None:
        """Do to a model, which is only looked at, what no description can say.

        Raises:
            StudioError: the model is not solved in a way that allows it.
        """
        del model

    def check_lasting(self) -> None:
        """Whether a training can go on with it.

        Raises:
            StudioError: says why not and what to do.
        """
        if not self.lasting:
            raise StudioError(
                f"{self.title.lower()} is no change of the circuit, so a training cannot go on "
                "with it; try it on the trained run instead"
            )

    @abstractmethod
    def touched(self, circuit: Circuit) -> Touched:
        """What it is about, in a circuit before the change."""

    @abstractmethod
    def words(self) -> str:
        """What it does, in a few words without a full stop."""

    def to_dict(self) -> dict[str, Any]:
        """Name and values, fit for JSON."""
        return {"change": self.name, "params": dict(self.options)}
