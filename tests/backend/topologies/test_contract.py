"""Every registered topology: valid, deterministic, as large as it says, and alive."""

import math

import networkx as nx
import numpy as np
import pytest

from backend.circuit import Circuit
from backend.devices import DEVICES
from backend.errors import StudioError, UnknownNameError
from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES, Topology

# What reads files has no circuit by default; test_file has one of every form.
DRAWN = [name for name, kind in TOPOLOGIES.items() if not kind.reads_files]
EVERY = pytest.mark.parametrize("name", DRAWN)
WANTED = {
    "fully_connected",
    "layered",
    "ring",
    "grid",
    "small_world",
    "scale_free",
    "random",
    "neighbor",
    "rc_ladder",
    "locally_connected",
}


def repeated(name: str, slices: int) -> Topology:
    """A topology with several slices of its wiring, where that is its user's choice."""
    kind = TOPOLOGIES[name]
    return kind(slices=slices) if "slices" in {param.name for param in kind.params} else kind()


def test_all_shapes_exist() -> None:
    assert set(TOPOLOGIES.names()) >= WANTED


@EVERY
def test_describes_itself(name: str) -> None:
    topology = TOPOLOGIES[name]
    assert topology.title
    assert topology.__doc__
    assert {"kind", "strength", "duration"} <= {param.name for param in topology.params}
    assert all(param.doc for param in topology.params)


@EVERY
def test_equal_seeds_give_equal_circuits(name: str) -> None:
    assert TOPOLOGIES[name]().generate(seed=3) == TOPOLOGIES[name]()(3)


@EVERY
def test_seeds_matter(name: str) -> None:
    topology = TOPOLOGIES[name](kind="tanh")
    assert topology(1).devices != topology(2).devices


@EVERY
def test_survives_json(name: str) -> None:
    circuit = repeated(name, 2)()
    assert Circuit.from_json(circuit.to_json()) == circuit


@EVERY
def test_size_is_known_beforehand(name: str) -> None:
    topology = repeated(name, 3)
    circuit = topology()
    size = topology.size()
    assert circuit.device_count == size.devices * int(topology.options.get("slices", 1))
    assert len(circuit.nodes) == size.nodes


@EVERY
def test_ids_count_through_all_slices(name: str) -> None:
    circuit = repeated(name, 2)()
    assert circuit.node_ids == tuple(f"n{k + 1}" for k in range(len(circuit.nodes)))
    assert circuit.device_ids == tuple(f"d{k + 1}" for k in range(len(circuit.devices)))


@EVERY
def test_has_ends_and_room(name: str) -> None:
    circuit = TOPOLOGIES[name]()()
    assert circuit.inputs
    assert circuit.outputs
    places = np.array([(node.x, node.y) for node in circuit.nodes])
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 55, "two nodes lie on top of each other"
    assert 80 < np.median(apart.min(axis=0)) < 200


@EVERY
@pytest.mark.parametrize("kind", DEVICES.names())
def test_takes_every_kind(name: str, kind: str) -> None:
    circuit = TOPOLOGIES[name](kind=kind)()
    assert {device.kind for device in circuit.devices} == {kind}


@EVERY
def test_moves_and_stays_finite(name: str) -> None:
    trajectory = simulate(TOPOLOGIES[name]()(), outputs=11)
    assert trajectory.status.ok
    assert np.isfinite(trajectory.voltages).all()
    assert np.abs(trajectory.voltages[-1] - trajectory.voltages[0]).max() > 1e-3


@EVERY
def test_too_large_is_refused_in_words(name: str) -> None:
    topology = TOPOLOGIES[name]()
    with pytest.raises(StudioError, match=r"would have [\d,]+ devices and at most 3 are possible"):
        topology.generate(limit=3)


@EVERY
def test_unknown_options_are_refused(name: str) -> None:
    with pytest.raises(StudioError, match=r"unknown parameter 'knds'.*kind"):
        TOPOLOGIES[name](knds="tanh")


def test_unknown_topology_has_a_hint() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'ring'"):
        TOPOLOGIES["rign"]


def test_weights_shrink_with_the_in_degree() -> None:
    circuit = TOPOLOGIES["fully_connected"](nodes=60, forward=2, kind="tanh_diff")(0)
    slopes = np.array([device.params["g"] for device in circuit.devices])
    # 120 devices arrive at each node; the spread of 7320 samples is known to about 1 %.
    assert slopes.std() * math.sqrt(120) == pytest.approx(1, abs=0.05)
    assert slopes.min() < 0 < slopes.max()


def test_resistors_are_positive_and_diodes_are_left_alone() -> None:
    conductances = [d.params["conductance"] for d in TOPOLOGIES["grid"](kind="resistor")().devices]
    assert min(conductances) > 0
    diode = TOPOLOGIES["grid"](kind="diode")().devices[0]
    assert diode.params == {"saturation_current": 1e-14, "ideality": 1.0}


def as_graph(circuit: Circuit) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(circuit.node_ids)
    graph.add_edges_from((device.source, device.target) for device in circuit.devices)
    return graph


def test_ring_is_a_cycle() -> None:
    graph = as_graph(TOPOLOGIES["ring"](nodes=200)())
    assert graph.number_of_edges() == 400
    assert nx.is_isomorphic(nx.Graph(graph), nx.cycle_graph(200))
    assert all(
        graph.number_of_edges(a, b) == graph.number_of_edges(b, a) == 1
        for a, b in nx.Graph(graph).edges
    )


def test_ring_with_neighbours_is_circulant() -> None:
    graph = nx.Graph(as_graph(TOPOLOGIES["ring"](nodes=11, neighbours=3)()))
    assert nx.is_isomorphic(graph, nx.circulant_graph(11, [1, 2, 3]))
    with pytest.raises(StudioError, match="11 nodes have at most 5 next neighbours, got 6"):
        TOPOLOGIES["ring"](nodes=11, neighbours=6)()


@pytest.mark.parametrize(("rows", "columns", "wrap"), [(3, 5, False), (4, 5, True), (1, 4, False)])
def test_grid_is_a_grid(rows: int, columns: int, wrap: bool) -> None:
    graph = nx.Graph(as_graph(TOPOLOGIES["grid"](rows=rows, columns=columns, wrap=wrap)()))
    assert nx.is_isomorphic(graph, nx.grid_2d_graph(rows, columns, periodic=wrap))


def test_a_thin_torus_has_no_double_ties() -> None:
    graph = as_graph(TOPOLOGIES["grid"](rows=2, columns=2, wrap=True, both_ways=False)())
    assert graph.number_of_edges() == 4


def test_layers_are_complete_and_forward_only() -> None:
    circuit = TOPOLOGIES["layered"](inputs=2, width=3, depth=2, outputs=4)()
    graph = as_graph(circuit)
    layers = list(nx.topological_generations(graph))
    assert [len(layer) for layer in layers] == [2, 3, 3, 4]
    assert graph.number_of_edges() == 2 * 3 + 3 * 3 + 3 * 4
    assert len(circuit.inputs) == 2
    assert len(circuit.outputs) == 4


def test_small_world_is_connected_with_the_ring_s_degree() -> None:
    graph = nx.Graph(as_graph(TOPOLOGIES["small_world"](nodes=40, neighbours=6, rewire=0.5)(5)))
    assert nx.is_connected(graph)
    assert graph.number_of_edges() == 120
    unchanged = nx.Graph(as_graph(TOPOLOGIES["small_world"](nodes=12, rewire=0.0)()))
    assert nx.is_isomorphic(unchanged, nx.circulant_graph(12, [1, 2]))


def test_scale_free_has_hubs() -> None:
    graph = nx.Graph(as_graph(TOPOLOGIES["scale_free"](nodes=120, attach=2)(1)))
    degrees = sorted(degree for _, degree in graph.degree)
    assert nx.is_connected(graph)
    assert graph.number_of_edges() == 236
    assert degrees[-1] > 5 * degrees[len(degrees) // 2]


def test_random_has_simple_directed_edges() -> None:
    assert TOPOLOGIES["random"](nodes=1000).size().devices == 2000  # nobody chose 40
    assert TOPOLOGIES["random"](nodes=2).size().devices == 2
    graph = as_graph(TOPOLOGIES["random"](nodes=9, devices=72)())
    assert nx.is_isomorphic(nx.DiGraph(graph), nx.complete_graph(9, nx.DiGraph))
    with pytest.raises(StudioError, match="9 nodes have 72 ordered pairs; 73 devices do not fit"):
        TOPOLOGIES["random"](nodes=9, devices=73)()


def test_more_ends_than_nodes_is_refused() -> None:
    with pytest.raises(StudioError, match="Ring: inputs is 9 and there are 5 nodes"):
        TOPOLOGIES["ring"](nodes=5, inputs=9)()
    both = TOPOLOGIES["ring"](nodes=3, inputs=3, outputs=1)()
    assert [node.role for node in both.nodes] == ["input", "input", "both"]
