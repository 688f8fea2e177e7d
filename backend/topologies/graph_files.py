"""Graph files as networkx graphs: node-link JSON, GraphML, GEXF, lists of edges, tables.

JSON and XML are read by networkx, after a look at their shape. Lists and tables are read here, so
that a complaint names its line; they say what ``networkx.read_edgelist`` and the like say of them.
"""

import ast
import io
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from ..checks import a_list, a_record, an_object
from ..errors import InputError, quoted
from ..reading import json_value, text_of
from ..signatures import form_of
from .adjacency_table import looks_like_table, read_table
from .graph_lines import first_separator, number, rows_of
from .xml_checks import check_xml

if TYPE_CHECKING:
    import networkx as nx

MAX_BYTES = 32 * 2**20

FAULTS = (
    ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError, LookupError,
    OverflowError, RecursionError,
)  # fmt: skip
"""What networkx raises of a file that is not as it should be, beside its own errors."""


def read_graph(data: bytes, form: str = "auto", directed: bool = False) -> "nx.Graph":
    """The graph in a file.

    Args:
        data: the file.
        form: one of ``GRAPH_FORMS``, or ``auto`` to tell it from the content.
        directed: whether lists of edges are arrows; other files say so themselves.

    Raises:
        InputError: the file is not of this form; names the line or place.
    """
    import networkx as nx

    chosen = guessed(data) if form == "auto" else form
    try:
        return GRAPH_FORMS[chosen](data, directed)
    except nx.NetworkXException as error:
        raise InputError(f"is not read as {TITLES[chosen]} ({quoted(str(error))})") from None


def guessed(data: bytes) -> str:
    """The form of a graph file by its content.

    Raises:
        InputError: it is a known form of something else.
    """
    found = form_of(data)
    if found is not None:
        if found.reader in GRAPH_FORMS:
            return found.reader
        raise InputError(found.sentence)
    text = text_of(data)
    if text.lstrip()[:1] in ("{", "["):
        return "node_link"
    return _of_rows(text)


def _of_rows(text: str) -> str:
    """Of lists and tables. Only lists between spaces can have rows of any length."""
    if looks_like_table(text):
        return "adjacency_table"
    rows = [words for _, words in rows_of(text)]
    lengths = Counter(map(len, rows))
    weights = sum(len(words) == 3 and _is_number(words[2]) for words in rows)
    separated = first_separator(text) != " "
    if set(lengths) <= {2} or "{" in text:
        return "edge_list"
    if 2 * weights > lengths.total() or (separated and max(lengths) <= 3):
        return "weighted_edge_list" if set(lengths) == {3} else "edge_list"
    return "adjacency_table" if separated else "adjacency_list"


def _is_number(word: str) -> bool:
    try:
        return float(word) == float(word)
    except ValueError:
        return False


def _node_link(data: bytes, _: bool) -> "nx.Graph":
    return from_node_link(json_value(data, MAX_BYTES))


def from_node_link(value: Any) -> "nx.Graph":
    """The graph of parsed node-link JSON, its edges under either of the names that networkx used.

    Raises:
        InputError: names the place.
    """
    import networkx as nx

    if not is_node_link(value):
        raise InputError("is no node-link JSON: an object with the lists 'nodes' and 'edges'")
    edges = "edges" if "edges" in value else "links"
    for place, node in enumerate(a_list(value["nodes"], ("nodes",))):
        _named(node, ("nodes", place), ("id",))
    for place, edge in enumerate(a_list(value[edges], (edges,))):
        _named(edge, (edges, place), ("source", "target"))
    try:
        return nx.node_link_graph(value, edges=edges)
    except FAULTS as error:
        raise InputError(f"is not read as node-link JSON ({quoted(str(error))})") from None


def is_node_link(value: Any) -> bool:
    """Whether parsed JSON has the outer shape of node-link data."""
    return isinstance(value, dict) and "nodes" in value and ("edges" in value or "links" in value)


def _named(value: Any, where: tuple[str | int, ...], names: tuple[str, ...]) -> None:
    record = an_object(value, where)
    a_record({name: record[name] for name in names if name in record}, where, set(names), set())
    for name in names:
        if not isinstance(record[name], str | int | float) or isinstance(record[name], bool):
            raise InputError(
                f"expected a name or a number, got {quoted(record[name])}", (*where, name)
            )


def _graphml(data: bytes, _: bool) -> "nx.Graph":
    import networkx as nx

    check_xml(data)
    try:
        return nx.read_graphml(io.BytesIO(data), node_type=str, edge_key_type=str)
    except FAULTS as error:
        raise InputError(f"is not read as GraphML ({quoted(str(error))})") from None


def _gexf(data: bytes, _: bool) -> "nx.Graph":
    import networkx as nx

    check_xml(data)
    try:
        return nx.read_gexf(io.BytesIO(data), node_type=str)
    except FAULTS as error:
        raise InputError(f"is not read as GEXF ({quoted(str(error))})") from None


def _listed(data: bytes, directed: bool, weighted: bool) -> "nx.Graph":
    """Two names a line, then nothing, a weight, or attributes as Python writes a dict."""
    graph = _new(directed)
    for line, words in rows_of(text_of(data)):
        if len(words) < 2:
            raise InputError(f"line {line}: expected two nodes, got {quoted(' '.join(words))}")
        source, target, *rest = words
        if weighted and len(rest) != 1:
            raise InputError(
                f"line {line}: expected two nodes and a weight, not {len(words)} words"
            )
        _add(graph, line, source, target, _attributes(line, rest))
    return graph


def _attributes(line: int, words: list[str]) -> dict[str, Any]:
    text = " ".join(words)
    if not text:
        return {}
    if not text.startswith("{"):
        if len(words) > 1:
            raise InputError(
                f"line {line}: expected two nodes and a weight, not {len(words) + 2} words; "
                "an adjacency list is read with form=adjacency_list"
            )
        return {"weight": number(words[0], line)}
    try:
        found = ast.literal_eval(text[:1000])
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise InputError(f"line {line}: {quoted(text)} are no attributes; write {{'weight': 1.0}}")
    return found


def _add(graph: "nx.Graph", line: int, source: str, target: str, attributes: dict) -> None:
    if graph.has_edge(source, target) and graph.edges[source, target] != attributes:
        raise InputError(
            f"line {line}: the edge from {quoted(source)} to {quoted(target)} stands here again "
            "with another weight; keep one of them"
        )
    graph.add_edge(source, target, **attributes)


def _adjacent(data: bytes, directed: bool) -> "nx.Graph":
    """A node a line, then its neighbours."""
    graph = _new(directed)
    for line, (node, *neighbours) in rows_of(text_of(data)):
        graph.add_node(node)
        for other in neighbours:
            _add(graph, line, node, other, {})
    return graph


def _table(data: bytes, directed: bool) -> "nx.Graph":
    """Names, then the weight of every pair; arrows where it is not symmetric."""
    names, entries, symmetric = read_table(text_of(data))
    graph = _new(directed or not symmetric)
    graph.add_nodes_from(names)
    graph.add_weighted_edges_from((names[a], names[b], weight) for a, b, weight in entries)
    return graph


def _new(directed: bool) -> "nx.Graph":
    import networkx as nx

    return nx.DiGraph() if directed else nx.Graph()


GRAPH_FORMS: dict[str, Callable[[bytes, bool], Any]] = {
    "node_link": _node_link,
    "graphml": _graphml,
    "gexf": _gexf,
    "edge_list": lambda data, directed: _listed(data, directed, weighted=False),
    "weighted_edge_list": lambda data, directed: _listed(data, directed, weighted=True),
    "adjacency_list": _adjacent,
    "adjacency_table": _table,
}
TITLES = {
    "node_link": "node-link JSON",
    "graphml": "GraphML",
    "gexf": "GEXF",
    "edge_list": "a list of edges",
    "weighted_edge_list": "a list of weighted edges",
    "adjacency_list": "an adjacency list",
    "adjacency_table": "an adjacency table",
}


def edges_of(graph: "nx.Graph") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Edges with both names as text, and their attributes."""
    for source, target, attributes in graph.edges(data=True):
        yield str(source), str(target), attributes
