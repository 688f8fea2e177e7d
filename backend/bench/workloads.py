"""The circuits that are timed: random graphs of stated size, and the authors' MNIST graph.

All devices sense both ends, phi(a v_s + b v_d + c), with normal a, b, c of standard deviation
0.7/sqrt(degree of the target), so that voltages stay of order 1 whatever the size. Trained
networks may behave differently.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..circuit import GROUND, Circuit, Device, Node, Slice
from ..topologies.neighbor import neighbor_edges

STRENGTH = 0.7
STEPS = 20
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Graph:
    """Who is connected with whom: node numbers (E,), 0 for ground, nodes are 1..N."""

    nodes: int
    source: np.ndarray
    target: np.ndarray

    @property
    def devices(self) -> int:
        """Number of devices E."""
        return len(self.source)

    @property
    def pairs(self) -> int:
        """Number of unordered node pairs that share at least one device."""
        low, high = np.minimum(self.source, self.target), np.maximum(self.source, self.target)
        return len(np.unique(low * (self.nodes + 1) + high))


@dataclass(frozen=True)
class Workload:
    """A graph with weights and start voltages, as arrays every peer can take.

    Args:
        name: printed.
        graph: the topology.
        batch: number of samples B.
        activation: ``relu`` or ``tanh``.
        theta: a, b, c of every device (3, E), float32; see ``in_double``.
        start: initial voltages (N, B) [V], float32.
    """

    name: str
    graph: Graph
    batch: int
    activation: str
    theta: np.ndarray
    start: np.ndarray

    @property
    def text(self) -> str:
        """Sizes, for people."""
        graph = self.graph
        return (
            f"{graph.nodes} nodes, {graph.devices} devices on {graph.pairs} node pairs, "
            f"batch {self.batch}"
        )

    def in_double(self) -> "Workload":
        """The same numbers in float64: every row then computes in it."""
        theta, start = self.theta.astype(np.float64), self.start.astype(np.float64)
        return replace(self, name=f"{self.name} in float64", theta=theta, start=start)

    def circuit(self) -> Circuit:
        """The description our doors take: one slice of 1 s, voltages of the first sample."""
        graph = self.graph
        ids = [GROUND, *(f"n{k}" for k in range(1, graph.nodes + 1))]
        volts = self.start[:, 0].tolist()
        nodes = [Node(name, voltage=v) for name, v in zip(ids[1:], volts, strict=True)]
        columns = graph.source.tolist(), graph.target.tolist(), self.theta.T.tolist()
        devices = [
            Device(f"d{e}", self.activation, ids[s], ids[d], {"a": a, "b": b, "c": c})
            for e, (s, d, (a, b, c)) in enumerate(zip(*columns, strict=True), start=1)
        ]
        return Circuit(tuple(nodes), (Slice(tuple(devices)),), self.name)


def random_graph(nodes: int, devices: int, pool: int, seed: int = 0) -> Graph:
    """Devices on ordered pairs drawn with replacement from ``pool`` random ones.

    The smaller the pool, the more devices share a node pair.
    """
    rng = np.random.default_rng(seed)
    size = nodes + 1
    # Pair number q stands for source q // nodes and one of the other `nodes` ends.
    chosen = rng.choice(size * nodes, size=pool, replace=False)[rng.integers(0, pool, devices)]
    source, other = np.divmod(chosen, nodes)
    return Graph(nodes, source, other + (other >= source))


def mnist_graph() -> Graph:
    """KirchhoffNet's MNIST topology: 28 x 28 pixels in 4 x 4 windows, ground, 50 extra nodes."""
    return Graph(834, *neighbor_edges(1, 28, 28, 4, repeat=1, extra=50, forward=1, back=1))


GRAPHS = {
    "small": (lambda: random_graph(32, 512, 826), 256),
    "medium": (lambda: random_graph(835, 20_000, 44_400), 128),
    "mnist": (mnist_graph, 64),
    "large": (lambda: random_graph(3072, 200_000, 177_000), 64),
    "board": (lambda: random_graph(12, 40, 120), 1),
}


def workload(name: str, activation: str = "relu", seed: int = 0) -> Workload:
    """One of ``GRAPHS`` with random weights; equal seeds give equal arrays."""
    make, batch = GRAPHS[name]
    graph = make()
    rng = np.random.default_rng(seed)
    ends = np.concatenate([graph.source, graph.target])
    degree = np.bincount(ends, minlength=graph.nodes + 1)
    scale = STRENGTH / np.sqrt(degree[graph.target])
    theta = (scale * rng.standard_normal((3, graph.devices))).astype(np.float32)
    start = rng.uniform(-1, 1, (graph.nodes, batch)).astype(np.float32)
    return Workload(name, graph, batch, activation, theta, start)
