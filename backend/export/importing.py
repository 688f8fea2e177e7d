"""Any file that holds a circuit, told by its content: netlists, Falstad circuits, graphs, JSON."""

from collections.abc import Callable
from pathlib import Path

from ..circuit import Circuit
from ..errors import CircuitError, InputError
from ..reading import MAX_JSON_BYTES, file_bytes, json_value, named, text_of
from ..signatures import form_of
from ..topologies.base import DEVICE_LIMIT
from ..topologies.file import GraphFile
from ..topologies.graph_files import MAX_BYTES, is_node_link
from ..topologies.graph_lines import rows_of
from .circuitjs import parse_circuitjs
from .graph_json import from_node_link, is_own
from .netlist import decoded
from .netlist_import import parse_netlist

LISTS = (".edgelist", ".edges", ".edge", ".adjlist", ".csv", ".tsv")
"""Endings of graphs whose content could be anything."""

LOOKED_AT = 20
"""Lines of a text by which a list of edges is told from a netlist."""


def import_circuit(path: str | Path, limit: int = DEVICE_LIMIT) -> Circuit:
    """The circuit in a file of text: circuit JSON, SPICE, Falstad, GraphML, GEXF, lists of edges.

    Of a graph without devices every edge is a resistor, its weight the conductance [S].

    Args:
        path: of the file.
        limit: the most devices that a graph may become.

    Raises:
        CircuitError: the file cannot be read, or is something else; says what and what to do.
    """
    try:
        data = file_bytes(path, MAX_BYTES)
        return parse_circuit(data, Path(path).name, limit, Path(path).parent)
    except InputError as error:
        raise CircuitError(named(path, error)) from None


def parse_circuit(
    data: bytes, name: str, limit: int = DEVICE_LIMIT, folder: Path | None = None
) -> Circuit:
    """The circuit in the bytes of a file; see ``import_circuit``.

    Args:
        data: the whole file.
        name: of the file, whose ending decides where the content does not.
        limit: the most devices that a graph may become.
        folder: from which a netlist may include files; None for none.

    Raises:
        CircuitError: without the name.
    """
    form = form_of(data)
    if form is not None:
        if form.reader not in _READERS:
            raise CircuitError(form.sentence)
        return _READERS[form.reader](data, name, limit)
    suffix = Path(name).suffix.lower()
    if suffix in LISTS:
        return _graph(data, name, limit)
    if suffix == ".json" or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json(data, name, limit)
    text = decoded(data)
    return _graph(data, name, limit) if _is_list(text) else parse_netlist(text, folder)


def _json(data: bytes, name: str, limit: int) -> Circuit:
    try:
        value = json_value(data, MAX_JSON_BYTES)
    except InputError as error:
        raise CircuitError(error.message, error.where) from None
    if is_node_link(value) and "format" not in value:
        return from_node_link(value) if is_own(value) else _graph(data, name, limit)
    return Circuit.from_dict(value)


def _graph(data: bytes, name: str, limit: int) -> Circuit:
    """A graph as a network of resistors; with fewer ends than usual where it is small."""
    graph = GraphFile.of(data, name, kind="resistor", both_ways=False)
    count = graph.size().nodes
    for ends in ("inputs", "outputs"):
        graph.options[ends] = min(graph.whole(ends), count)
    return graph.generate(limit=limit).replace(name=Path(name).stem[:200])


def _falstad(data: bytes, name: str, limit: int) -> Circuit:
    del name, limit
    try:
        return parse_circuitjs(text_of(data))
    except InputError as error:
        raise CircuitError(error.message, error.where) from None


def _is_list(text: str) -> bool:
    """Whether lines begin with numbers, as those of a netlist never do."""
    rows = [words for _, words in zip(range(LOOKED_AT), rows_of(text[:20_000]), strict=False)]
    return len(rows) > 0 and all(words[0][:1].isdigit() for _, words in rows)


_READERS: dict[str, Callable[[bytes, str, int], Circuit]] = {
    "circuitjs": _falstad,
    "graphml": _graph,
    "gexf": _graph,
}
