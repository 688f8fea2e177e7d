"""One level of a netlist while it is read: what its names mean, and where its elements go."""

from dataclasses import dataclass, field

from ...circuit import GROUND
from ...errors import CircuitError, clipped
from ...expressions.formula import Current, Formula, Name, Number, Voltage, replaced
from .deck import Deck, Element, Model
from .lines import Place
from .scope import Scope
from .structure import Definition


@dataclass
class Cell:
    """A use of a subcircuit, or the netlist itself.

    Args:
        deck: what is being made.
        definition: whose cards are read.
        scope: of its parameters and models.
        outer: the use of what the definition stands in.
        prefix: in front of the names of its elements and inner nodes.
        nodes: names outside of its nodes by those inside, in small letters.
        shared: nodes that are the same at every level.
        taken: where every name of an element was first used.
    """

    deck: Deck
    definition: Definition
    scope: Scope
    outer: "Cell | None" = None
    prefix: str = ""
    nodes: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    taken: dict[str, Place] = field(default_factory=dict)

    def node(self, text: str) -> str:
        """The node that a name means here; ground is 0 or gnd."""
        key = text.lower()
        if key in {"0", GROUND}:
            return GROUND
        if key in self.nodes:
            return self.nodes[key]
        full = text if key in self.shared else f"{self.prefix}{text}"
        found = self.deck.nodes.setdefault(full.lower(), full)
        self.nodes[key] = found
        return found

    def known_node(self, text: str) -> str | None:
        """The node of a name at which an element stands, also within a subcircuit: ``x1.a``."""
        key = text.lower()
        if key in {"0", GROUND} or key in self.nodes:
            return self.node(text)
        return self.deck.nodes.get(f"{self.prefix}{text}".lower().replace(":", "."))

    def name(self, text: str) -> str:
        """The full name of an element."""
        return f"{self.prefix}{text}"

    def value(self, text: str) -> float:
        """The number that a word is, see ``Scope.value``."""
        return self.scope.value(text)

    def formula(self, text: str) -> Formula:
        """An expression with full names of nodes and sources."""
        return replaced(self.scope.formula(text), self._full)

    def _full(self, end: Formula) -> Formula:
        match end:
            case Voltage(node):
                found = self.node(node)
                return Number(0.0) if found == GROUND else Voltage(found)
            case Current(source):
                return Current(self.name(source))
            case Name("temper"):
                return Number(self.deck.temperature)
        return end

    def model(self, text: str) -> Model:
        """The model of a name.

        Raises:
            CircuitError: there is none.
        """
        scope: Scope | None = self.scope
        while scope is not None:
            if text.lower() in scope.models:
                return scope.models[text.lower()]
            scope = scope.outer
        raise CircuitError(f"there is no .model '{clipped(text, 40)}'{self.deck.hint}")

    def has_model(self, text: str) -> bool:
        """Whether there is a model of this name."""
        scope: Scope | None = self.scope
        while scope is not None and text.lower() not in scope.models:
            scope = scope.outer
        return scope is not None

    def add(self, element: Element) -> None:
        """Enter an element into the deck."""
        self.deck.elements.append(element)

    def take(self, name: str, place: Place) -> None:
        """Refuse a name that is in use at this level.

        Raises:
            CircuitError: names the line of its first use.
        """
        if name.lower() in self.taken:
            used = self.taken[name.lower()]
            raise CircuitError(f"the name '{clipped(name, 40)}' is already used in {used}")
        self.taken[name.lower()] = place
