"""A circuit at rest for the browser: operating point, poles, and its answer to a small sine."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.simulation.stopping import StopSignal

from .. import serialize

if TYPE_CHECKING:
    from backend.simulation.operating_point import Other

MOST_SHOWN = 50
"""Nodes of one picture."""

MOST_POINTS = 2001
"""Frequencies that a page may ask for."""


class AtRestJson(TypedDict):
    """Where a circuit rests [V, A] by name, its poles, and what a small sine can be put on."""

    voltages: list[list[Any]]
    currents: list[list[Any]]
    stable: bool | None
    text: str
    uniqueness: str
    unique: bool | None
    conditioning: str
    poor: bool
    others: list[dict[str, Any]]
    poles: list[dict[str, float | None]]
    sources: list[dict[str, str]]


class ResponseJson(TypedDict):
    """Decibels and degrees (N, F) of nodes over one source's small sine; ``unit``: V/V or V/A."""

    source: str
    unit: str
    frequencies: list[float]
    nodes: list[str]
    decibels: list[list[float | None]]
    degrees: list[list[float | None]]


def at_rest(circuit: Any) -> AtRestJson:
    """Where a circuit rests, what its poles are, and what a small sine can be put on.

    Args:
        circuit: as the browser has it.

    Raises:
        StudioError: a wrong circuit, or one that has no operating point; says why.
    """
    from backend.simulation.frequency_response import sources_of
    from backend.simulation.operating_point import POOR, operating_point

    described = Circuit.from_dict(circuit)
    found = operating_point(described)
    return {
        "voltages": [[name, serialize.number(value)] for name, value in found.voltages.items()],
        "currents": [[name, serialize.number(value)] for name, value in found.currents.items()],
        "stable": found.stable,
        "text": found.sentence,
        "uniqueness": found.uniqueness,
        "unique": found.to_dict()["unique"],
        "conditioning": found.conditioning,
        "poor": not found.condition <= POOR,
        "others": [_other(each) for each in found.others],
        "poles": found.to_dict()["poles"],
        "sources": [{"name": each.name, "unit": each.unit} for each in sources_of(described)],
    }


def _other(found: "Other") -> dict[str, Any]:
    pairs = [[name, serialize.number(value)] for name, value in found.voltages.items()]
    return {"voltages": pairs, "stable": found.stable}


def response(
    circuit: Any,
    nodes: Sequence[str],
    source: str | None = None,
    low: float | None = None,
    high: float | None = None,
    points: int | None = None,
    stop: StopSignal | None = None,
) -> ResponseJson:
    """Decibels and degrees of some nodes over one source.

    Args:
        circuit: as the browser has it.
        nodes: whose voltages.
        source: a driven node or a device; else one that moves.
        low: first frequency [Hz]; else below all poles.
        high: last frequency [Hz]; else above them.
        points: frequencies.
        stop: ends the work early.

    Raises:
        StudioError: a wrong circuit or choice, or no operating point; says why.
        Stopped: ``stop`` was set.
    """
    from backend.simulation.frequency_response import USUAL_POINTS, frequency_response

    count = USUAL_POINTS if points is None else points
    if count > MOST_POINTS:
        raise StudioError(f"a page shows at most {MOST_POINTS:,} frequencies, got {count:,}")
    if len(nodes) > MOST_SHOWN:
        raise StudioError(f"a page shows at most {MOST_SHOWN} nodes, got {len(nodes):,}")
    found = frequency_response(Circuit.from_dict(circuit), source, low, high, count, stop)
    names = found.chosen(nodes) if nodes else []
    columns = [found.node_ids.index(name) for name in names]
    return {
        "source": found.source,
        "unit": found.unit,
        "frequencies": found.frequencies.tolist(),
        "nodes": names,
        "decibels": [_numbers(found.decibels[:, column]) for column in columns],
        "degrees": [_numbers(found.degrees[:, column]) for column in columns],
    }


def _numbers(values: Any) -> list[float | None]:
    return [serialize.number(value) for value in values.tolist()]
