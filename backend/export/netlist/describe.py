"""The circuit of a deck: its nodes with places and voltages, and its devices."""

from dataclasses import replace

from ...circuit import GROUND, Circuit, Device, Node, Slice
from ...errors import CircuitError
from . import behaviour, parts, transistors
from .assembly import GATE, Assembly, assembled
from .deck import Deck
from .start import guessed, rested, stated

__all__ = ["behaviour", "circuit_of", "parts", "transistors"]


def circuit_of(deck: Deck) -> Circuit:
    """The circuit that a deck describes: one slice.

    Raises:
        CircuitError: an element that our circuits cannot hold; names its line.
    """
    made = assembled(deck)
    names = [name for name in deck.nodes.values() if not (made.gated and name.lower() == GATE)]
    if not names:
        raise CircuitError("the netlist has no node")
    voltage, start = _start(made, names)
    x, y = _places(names, made.devices)
    nodes = tuple(
        Node(node, x=x[row], y=y[row], drive=made.drives[node][1])
        if node in made.drives
        else Node(node, voltage.get(node, 0.0), made.capacitance.get(node, 0.0), x=x[row], y=y[row])
        for row, node in enumerate(names)
    )
    duration = 1.0 if deck.transient is None else deck.transient.stop
    slices = (Slice(tuple(made.devices), duration),)
    return Circuit(nodes, slices, deck.title, start=start)


def _start(made: Assembly, names: list[str]) -> tuple[dict[str, float], str]:
    """The stated voltages, and whether the circuit starts there."""
    transient = made.deck.transient
    if transient is None or transient.uic:
        return stated(made), "voltages"
    if not made.deck.initial:
        return guessed(made, names), "operating-point"
    voltage, currents = rested(made, names)
    made.devices[:] = [
        replace(device, params={**device.params, "current": currents[device.id]})
        if device.id in currents
        else device
        for device in made.devices
    ]
    return voltage, "voltages"


def _places(names: list[str], devices: list[Device]) -> tuple[list[float], list[float]]:
    """A force layout: netlists say nothing about places."""
    import networkx as nx

    from ...topologies.places import spring

    graph = nx.Graph()
    graph.add_nodes_from(names)
    pairs = [(device.source, device.target) for device in devices]
    graph.add_edges_from(pair for pair in pairs if GROUND not in pair)
    x, y = spring(graph, seed=0)
    return x.round(1).tolist(), y.round(1).tolist()
