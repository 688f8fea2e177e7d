"""Graphs that networkx wrote, in every form, as circuits; files that are none, in one sentence."""

import io
import json
from collections import Counter
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.circuit import GROUND
from backend.errors import StudioError
from backend.topologies import TOPOLOGIES
from backend.topologies.file import GraphFile
from backend.topologies.graph_files import GRAPH_FORMS, read_graph

PLAIN = {"kind": "resistor", "both_ways": False}


def bytes_of(write, graph) -> bytes:
    buffer = io.BytesIO()
    write(graph, buffer)
    return buffer.getvalue()


def node_link(graph, edges="edges") -> bytes:
    return json.dumps(nx.node_link_data(graph, edges=edges)).encode()


def table(graph, head=False, mark=",") -> bytes:
    matrix = nx.to_numpy_array(graph)
    rows = [mark.join(f"{value:g}" for value in row) for row in matrix]
    if head:
        names = [str(node) for node in graph]
        rows = [f"{name}{mark}{row}" for name, row in zip(names, rows, strict=True)]
        rows = [mark + mark.join(names), *rows]
    return "\n".join(rows).encode()


WRITERS = {
    "node_link": node_link,
    "node_link of older versions": lambda graph: node_link(graph, "links"),
    "graphml": lambda graph: bytes_of(nx.write_graphml, graph),
    "gexf": lambda graph: bytes_of(nx.write_gexf, graph),
    "edge_list": lambda graph: bytes_of(nx.write_edgelist, graph),
    "weighted_edge_list": lambda graph: bytes_of(nx.write_weighted_edgelist, graph),
    "adjacency_table": table,
    "adjacency_table with names": lambda graph: table(graph, head=True),
    "adjacency_table with semicolons": lambda graph: table(graph, True, ";"),
    "adjacency_table with tabs": lambda graph: table(graph, True, "\t"),
    "adjacency_table with spaces": lambda graph: table(graph, mark=" "),
}


def weighted(seed: int, nodes: int = 9, directed: bool = False) -> nx.Graph:
    """A random graph without self-loops whose weights are short numbers."""
    graph = nx.gnp_random_graph(nodes, 0.4, seed=seed, directed=directed)
    nx.add_path(graph, range(nodes))  # no node is alone, which lists of edges could not say
    rng = np.random.default_rng(seed)
    for _, _, attributes in graph.edges(data=True):
        attributes["weight"] = float(rng.integers(1, 40)) / 8
    return graph


def written(tmp_path: Path, data: bytes, name: str = "graph") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def ties(circuit) -> Counter:
    return Counter(
        (frozenset((d.source, d.target)), round(d.params["conductance"], 6))
        for d in circuit.devices
    )


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("nodes", [3, 9])
def test_what_networkx_writes_is_read_with_its_weights(form, nodes, tmp_path):
    graph = weighted(nodes, nodes)
    path = written(tmp_path, WRITERS[form](graph))
    chosen = "auto" if nodes > 3 else form.split()[0]
    circuit = TOPOLOGIES["file"](path=path, form=chosen, **PLAIN)()
    wanted = Counter((frozenset((str(a), str(b))), w) for a, b, w in graph.edges(data="weight"))
    assert ties(circuit) == wanted
    assert set(circuit.node_ids) == {str(node) for node in graph}


def test_an_adjacency_list_is_read_as_networkx_reads_it(tmp_path):
    graph = nx.barabasi_albert_graph(30, 3, seed=2)
    data = bytes_of(nx.write_adjlist, graph)
    ours, theirs = read_graph(data), nx.parse_adjlist(data.decode().splitlines())
    assert nx.utils.graphs_equal(nx.Graph(ours), nx.Graph(theirs))
    circuit = TOPOLOGIES["file"](path=written(tmp_path, data))()
    assert circuit.device_count == 2 * graph.number_of_edges()


LINES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("ghijkl"), st.integers(1, 9)),
    min_size=1, max_size=12, unique_by=lambda line: line[:2],
)  # fmt: skip


@given(LINES, st.booleans())
def test_lists_of_edges_are_those_of_networkx(lines, directed):
    text = "# a remark\n" + "".join(f"{a} {b} {w}\n" for a, b, w in lines)
    kind = nx.DiGraph if directed else nx.Graph
    theirs = nx.parse_edgelist(text.splitlines(), data=(("weight", float),), create_using=kind)
    for form in ("auto", "weighted_edge_list", "edge_list"):
        assert nx.utils.graphs_equal(read_graph(text.encode(), form, directed), theirs)


def test_arrows_stay_arrows_and_keys_stay_parallel(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="one", weight=1.0)
    graph.add_edge("a", "b", key="two", weight=2.0)
    graph.add_edge("b", "a", weight=3.0)
    for data in (node_link(graph), bytes_of(nx.write_graphml, graph)):
        circuit = TOPOLOGIES["file"](path=written(tmp_path, data), kind="resistor")()
        found = [(d.source, d.target, d.params["conductance"]) for d in circuit.devices]
        assert sorted(found) == [("a", "b", 1.0), ("a", "b", 2.0), ("b", "a", 3.0)]


def test_a_table_that_is_not_symmetric_is_one_of_arrows(tmp_path):
    path = written(tmp_path, b",a,b\na,0,2\nb,0,0\n")
    (device,) = TOPOLOGIES["file"](path=path, **PLAIN)().devices
    assert (device.source, device.target, device.params) == ("a", "b", {"conductance": 2.0})


def test_columns_named_source_and_target_are_edges(tmp_path):
    path = written(tmp_path, b"source,target,weight\nx,y,2.5\ny,z,1\n")
    circuit = TOPOLOGIES["file"](path=path, **PLAIN)()
    assert [d.params["conductance"] for d in circuit.devices] == [2.5, 1.0]


def test_a_node_named_gnd_is_ground(tmp_path):
    circuit = TOPOLOGIES["file"](path=written(tmp_path, b"a gnd\na b\n"), **PLAIN)()
    assert circuit.node_ids == ("a", "b")
    assert [d.target for d in circuit.devices] == [GROUND, "b"]


def test_weights_set_the_parameter_that_is_asked_for(tmp_path):
    path = written(tmp_path, b"a b 0.5\n")
    chosen = TOPOLOGIES["file"](path=path, kind="tanh", parameter="c", both_ways=True)()
    assert [d.params["c"] for d in chosen.devices] == [0.5, 0.5]
    drawn = TOPOLOGIES["file"](path=path, kind="resistor", weight="")
    assert drawn(1).devices != drawn(2).devices
    with pytest.raises(StudioError, match="a resistor has no parameter 'gain'; it has conductance"):
        TOPOLOGIES["file"](path=path, kind="resistor", parameter="gain")()


PLACED = {
    "graphml": lambda graph: bytes_of(nx.write_graphml, graph),
    "node_link": node_link,
    "gexf": lambda graph: bytes_of(nx.write_gexf, graph),
}


@pytest.mark.parametrize("form", PLACED)
def test_places_of_the_file_are_kept_up_to_scale(form, tmp_path):
    graph = nx.path_graph(4)
    for node in graph:
        graph.nodes[node].update(
            {"viz": {"position": {"x": 3.0 * node, "y": 0.0, "z": 0.0}}} if form == "gexf"
            else {"x": 3.0 * node, "y": 0.0}
        )  # fmt: skip
    circuit = TOPOLOGIES["file"](path=written(tmp_path, PLACED[form](graph)))()
    x = [node.x for node in circuit.nodes]
    np.testing.assert_allclose(np.diff(x), 110, atol=0.2)
    assert len({node.y for node in circuit.nodes}) == 1


def test_names_that_cannot_be_ids_become_labels(tmp_path):
    graph = nx.Graph([("a\nb", "n1"), ("n1", "n2")])
    circuit = TOPOLOGIES["file"](path=written(tmp_path, node_link(graph)), **PLAIN)()
    assert circuit.node_ids == ("n3", "n1", "n2")
    assert circuit.nodes[0].label == "a\nb"


REFUSED = {
    "a loop": (b"a a\n", "an edge ties the node 'a' to itself"),
    "two weights": (b"a b 1\nb a 2\n", "line 2: the edge from 'b' to 'a' stands here again"),
    "a word for a weight": (b"a b 1\nb c x\nc d 2\n", "line 2: 'x' is not a finite number"),
    "no number in a table": (b",a,b,c\na,0,1,0\nb,1,x,0\nc,0,0,0\n", "line 3: 'x' is not a finite"),
    "not square": (b"0,1,2,4\n1,0,3,4\n4,5,6\n8,9,1,0\n", "line 3: there are 3 numbers and 4 rows"),
    "nothing": (b"# nothing\n", "the graph has no node"),
    "only ground": (b'{"nodes": [{"id": "gnd"}], "edges": []}', "the graph has no node"),
    "names alike": (
        b'{"nodes": [{"id": 1}, {"id": "1"}], "edges": []}', "the name '1' stands for two nodes",
    ),
    "no names": (b'{"nodes": [{}], "edges": []}', r"nodes\[0\]: the field 'id' is missing"),
    "no list": (b'{"nodes": 3, "edges": []}', "nodes: expected a list"),
    "no graph": (b'{"a": 3}', "is no node-link JSON"),
    "half": (b'{"nodes": [', "line 1, column 12: not valid JSON"),
    "not XML": (b"<graphml><graph></graphml>", "line 1, column 19: not valid XML .mismatched tag"),
    "entities": (
        b'<!DOCTYPE graphml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><graphml/>',
        "line 1: it declares the entity 'a'",
    ),
    "deep": (b"<graphml>" + b"<a>" * 70 + b"</a>" * 70 + b"</graphml>", "nested more than 64 deep"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "this is a PNG picture; pictures are data of"),
    "not text": (b"\xff\xfa\xfb", "not text in UTF-8"),
    "text as weight": (
        b'{"nodes": [{"id": 1}, {"id": 2}], "edges": [{"source": 1, "target": 2, "weight": "x"}]}',
        "the 'weight' of the edge from '1' to '2' must be a number, got 'x'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_one_sentence_with_its_place(name, tmp_path):
    data, sentence = REFUSED[name]
    path = written(tmp_path, data)
    with pytest.raises(StudioError, match=sentence) as caught:
        TOPOLOGIES["file"](path=path, **PLAIN)()
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_the_file_must_be_named_and_there(tmp_path):
    with pytest.raises(StudioError, match=r"which file\? say --set path=FILE"):
        TOPOLOGIES["file"]()()
    with pytest.raises(StudioError, match=r"none.csv: cannot be read \(No such file"):
        TOPOLOGIES["file"](path=str(tmp_path / "none.csv"))()


def test_too_large_is_refused_before_it_is_built(tmp_path):
    path = written(tmp_path, bytes_of(nx.write_edgelist, nx.complete_graph(9)))
    with pytest.raises(StudioError, match="would have 72 devices and at most 3 are possible"):
        TOPOLOGIES["file"](path=path).generate(limit=3)


PIECES = [b"", b"{", b"<a>", b"NaN", b"9e999", b"\n", b'"', b"[[", b"gnd"]
SOUND = [write(weighted(5, directed=k % 2 == 1)) for k, write in enumerate(WRITERS.values())]


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SOUND), st.data())
def test_a_damaged_file_is_a_graph_or_a_sentence(sound, data):
    content = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(max_size=4) | st.sampled_from(PIECES))
        content[place : place + data.draw(st.integers(0, 40))] = piece
        content = content or bytearray(b" ")
    form = data.draw(st.sampled_from(["auto", *GRAPH_FORMS]))
    said = ""
    try:
        GraphFile.of(bytes(content), "damaged", form=form, inputs=0, outputs=0)()
    except StudioError as error:
        said = str(error)
    assert "\n" not in said
