"""Where the simulation of a netlist starts: stated voltages, or the operating point."""

from collections.abc import Mapping

from ...circuit import GROUND
from ...errors import CircuitError, clipped
from .assembly import Assembly, Store

SAME = 1e-9


def stated(made: Assembly) -> dict[str, float]:
    """Voltages at 0 s by node [V], from ``.ic`` and the capacitors.

    A capacitor begins with its IC, else with the difference of the voltages in ``.ic``, as in
    ngspice with ``uic``; one after the other they give the voltages of their nodes, from ground
    and from nodes that are held.

    Raises:
        CircuitError: they contradict each other; names the line.
    """
    given = dict(made.deck.guesses)
    given |= {node: value for node, (value, _) in made.deck.initial.items()}
    for inner, before in made.deck.behind.items():
        if before in given:
            given.setdefault(inner, given[before])
    for node, (place, wave) in made.drives.items():
        if node in given and abs(given[node] - wave.at(0.0)) > SAME * max(1.0, wave.peak):
            raise place.refusal(
                f"node '{clipped(node, 40)}' is held by a source and has another initial voltage; "
                "leave that out"
            )
    found = {GROUND: 0.0, **{node: wave.at(0.0) for node, (_, wave) in made.drives.items()}}
    beside: dict[str, list[Store]] = {}
    for store in made.stores:
        for node in (store.plus, store.minus):
            beside.setdefault(node, []).append(store)
    _spread(list(found), found, beside, given)
    for node in beside:
        if node not in found:
            found[node] = given.get(node, 0.0)
            _spread([node], found, beside, given)
    for node, value in given.items():
        found.setdefault(node, value)
    return found


def _spread(
    front: list[str],
    found: dict[str, float],
    beside: Mapping[str, list[Store]],
    given: Mapping[str, float],
) -> None:
    """Voltages across capacitors, from nodes that have theirs."""
    roots = set(front)
    while front:
        node = front.pop()
        for store in beside.get(node, ()):
            across = store.start
            if across is None:
                across = given.get(store.plus, 0.0) - given.get(store.minus, 0.0)
            other = store.minus if node == store.plus else store.plus
            value = found[node] + (across if other == store.plus else -across)
            if other not in found:
                found[other] = value
                front.append(other)
            elif not {node, other} <= roots and store.start is not None:
                _check(store, other, found[other], value)


def _check(store: Store, node: str, known: float, value: float) -> None:
    if abs(known - value) > SAME * max(abs(known), abs(value)):
        raise store.element.place.refusal(
            f"node '{clipped(node, 40)}' has two initial voltages, {known:g} V and {value:g} V"
        )


def guessed(made: Assembly, nodes: list[str]) -> dict[str, float]:
    """Where the search for the operating point begins: at rest with ``.nodeset`` held, as in SPICE.

    Without such a rest at the guesses alone.
    """
    guesses = {node: value for node, value in made.deck.guesses.items() if node not in made.drives}
    if not guesses:
        return {}
    held = guesses | {node: value for node, (value, _) in made.deck.initial.items()}
    try:
        found, _ = _at_rest(made, nodes, held, {})
    except CircuitError:
        return guesses
    return {node: value for node, value in found.items() if node not in made.drives}


def rested(made: Assembly, nodes: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Voltages and inductors' currents at rest, with the nodes of ``.ic`` held at theirs.

    This is what ngspice starts from without ``uic``; afterwards the nodes are free.

    Raises:
        CircuitError: there is no such rest.
    """
    held = {node: value for node, (value, _) in made.deck.initial.items()}
    return _at_rest(made, nodes, held, guessed(made, nodes))


def _at_rest(
    made: Assembly, nodes: list[str], held: Mapping[str, float], guesses: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """The operating point while some nodes are held, from guesses at the others."""
    import numpy as np

    from ...circuit import Circuit, Node, Slice
    from ...errors import SolveError
    from ...simulation.nodal.problem import NodalProblem
    from ...simulation.nodal.rest import resting
    from ...waveforms.constant import Constant

    given = {node: Constant(value) for node, value in held.items()}
    drives = {**given, **{node: wave for node, (_, wave) in made.drives.items()}}
    drawn = tuple(
        Node(node, drive=drives[node])
        if node in drives
        else Node(node, guesses.get(node, 0.0), made.capacitance.get(node, 0.0))
        for node in nodes
    )
    circuit = Circuit(drawn, (Slice(tuple(made.devices)),), start="operating-point")
    problem = NodalProblem(circuit)
    try:
        point = resting(problem)
    except SolveError as error:
        raise CircuitError(str(error)) from None
    columns = np.concatenate([point.x, point.sources])
    equations = problem.equations
    voltages = {node: float(columns[equations.nodes[node]]) for node in nodes}
    inductors = {device.id for device in made.devices if device.kind == "inductor"}
    currents = {
        equations.devices[unknown.device].id: float(point.x[row])
        for row, unknown in enumerate(equations.unknowns)
        if unknown.device >= 0 and equations.devices[unknown.device].id in inductors
    }
    return voltages, currents
