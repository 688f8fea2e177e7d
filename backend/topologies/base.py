"""From a wiring plan to a circuit: names, places, roles and first parameter values.

A topology says who is connected with whom, as arrays of node numbers (0 is ground, nodes are
1..N); everything else is common to all of them. Node k is called ``n<k>``, devices are ``d1``,
``d2``, ... through all slices. Every slice has the same wiring with its own parameters, unless
the wiring itself is cut into slices.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from ..circuit import GROUND, Circuit, Node, Slice
from ..circuit.device_table import DeviceTable
from ..devices import DEVICES
from ..errors import StudioError
from ..params import Param, check_params
from ..registry import Registry

TOPOLOGIES: "Registry[type[Topology]]" = Registry("topology")

BOARD_LIMIT = 10_000
"""More devices than this do not travel as JSON and are not drawn on a board."""

DEVICE_LIMIT = 10_000_000
"""More devices than this are not built at all."""

COMMON = (
    Param("kind", "tanh", choices=tuple(DEVICES.names()), doc="Kind of all devices."),
    Param(
        "strength",
        1.0,
        low=0.0,
        high=1e3,
        slider=(0.0, 3.0),
        doc="Spread of the first weights, before the division by sqrt(in-degree).",
    ),
    Param("slices", 1, low=1, high=64, slider=(1, 8), doc="Stretches of time, each with devices."),
    Param("duration", 1.0, "s", low=1e-15, high=1e9, slider=(0.1, 5), doc="Length of a slice."),
)
ENDS = (
    Param("inputs", 2, low=0, high=10_000, slider=(0, 10), doc="The first nodes take data."),
    Param("outputs", 1, low=0, high=10_000, slider=(0, 10), doc="The last nodes give the answer."),
)
BOTH_WAYS = Param("both_ways", True, doc="Two devices per pair, one in each direction.")


@dataclass(frozen=True)
class Size:
    """How much a topology will build: nodes, and devices in one wiring."""

    nodes: int
    devices: int


@dataclass(frozen=True)
class Wiring:
    """Who is connected with whom.

    Args:
        source: node number at the source of each device (E,), 0 for ground.
        target: node number at the target of each device (E,).
        x: horizontal places of nodes 1..N (N,) [px].
        y: vertical places (N,) [px].
        inputs: node numbers that take data.
        outputs: node numbers that give the answer.
        cuts: where a new slice begins among the devices; none when all are in one slice.
    """

    source: np.ndarray
    target: np.ndarray
    x: np.ndarray
    y: np.ndarray
    inputs: Sequence[int] = ()
    outputs: Sequence[int] = ()
    cuts: Sequence[int] = ()

    def parts(self) -> "list[Wiring]":
        """The wiring of every slice."""
        bounds = pairwise([0, *self.cuts, len(self.source)])
        return [
            replace(self, source=self.source[a:b], target=self.target[a:b], cuts=())
            for a, b in bounds
        ]

    @property
    def count(self) -> int:
        """Nodes without ground."""
        return len(self.x)


class Topology(ABC):
    """A generator of circuits of one shape.

    Args:
        options: values of the class's ``params``; missing ones take their defaults.

    Attributes:
        title: name shown in menus.
        params: its options.
        reads_files: whether an option is a path of this machine, which visitors of a page may not
            choose.

    Raises:
        StudioError: an unknown option or a refused value.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]]
    reads_files: ClassVar[bool] = False

    def __init__(self, **options: Any) -> None:
        try:
            self.options = check_params(self.params, options)
        except ValueError as error:
            raise StudioError(f"{self.title}: {error}") from None

    def __call__(self, seed: int = 0) -> Circuit:
        """The circuit; the same as ``generate``."""
        return self.generate(seed)

    @abstractmethod
    def size(self) -> Size:
        """Nodes and devices of the wiring, known before anything is built."""

    @abstractmethod
    def wire(self, rng: np.random.Generator) -> Wiring:
        """The wiring; draws whatever is random from ``rng``."""

    def voltages(self, wiring: Wiring, rng: np.random.Generator) -> np.ndarray:
        """Initial voltages (N,) [V]: the inputs anywhere in -1..1, all others 0."""
        voltages = np.zeros(wiring.count)
        rows = np.asarray(wiring.inputs, dtype=int) - 1
        voltages[rows] = rng.uniform(-1, 1, len(rows)).round(3)
        return voltages

    def capacitance(self) -> float:
        """Capacitance of every node [F]."""
        return 1.0

    def weights(self, wiring: Wiring, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """First values (E,) of the device parameters by name.

        Weights that may have either sign are normal with standard deviation
        strength/sqrt(in-degree of the target), so that the current arriving at a node does not
        grow with the number of devices; conductances are positive with the same scale; bounded
        parameters such as a saturation current keep their default.
        """
        law = DEVICES[self.text("kind")]
        degree = np.bincount(wiring.target, minlength=wiring.count + 1)
        scale = self.number("strength") / np.sqrt(degree[wiring.target])
        values: dict[str, np.ndarray] = {}
        for param in law.params:
            if param.low is not None and param.unit != "S":
                values[param.name] = np.full(len(scale), float(param.default))
            elif param.slider is not None and param.slider[0] >= 0:
                values[param.name] = (scale * rng.uniform(0.5, 1.5, len(scale))).round(6)
            else:
                values[param.name] = (scale * rng.standard_normal(len(scale))).round(6)
        return values

    def generate(self, seed: int = 0, limit: int = DEVICE_LIMIT) -> Circuit:
        """The circuit; equal seeds give equal circuits.

        Args:
            seed: of everything random.
            limit: the largest number of devices that is acceptable.

        Raises:
            StudioError: the circuit would be larger than ``limit``.
        """
        size, slices = self.size(), int(self.options.get("slices", 1))
        if size.devices * slices > limit:
            raise StudioError(
                f"{self.title} would have {size.devices * slices:,} devices and at most {limit:,} "
                "are possible here; choose a smaller one"
            )
        rng = np.random.default_rng(seed)
        wiring = self.wire(rng)
        nodes = self._nodes(wiring, rng)
        names = (*(node.id for node in nodes), GROUND)
        # Node k has state row k - 1 and ground, number 0, the last one.
        rows = np.arange(-1, wiring.count)
        rows[0] = wiring.count
        built: list[Slice] = []
        for part in wiring.parts() * slices:
            ends = rows[part.source], rows[part.target]
            first = sum(len(done.devices) for done in built)
            built.append(self._slice(part, ends, names, rng, first))
        return Circuit(nodes, tuple(built), f"{self.title}, {size.nodes} nodes")

    def _nodes(self, wiring: Wiring, rng: np.random.Generator) -> tuple[Node, ...]:
        voltages = self.voltages(wiring, rng).tolist()
        inputs, outputs = set(map(int, wiring.inputs)), set(map(int, wiring.outputs))
        roles = {(True, True): "both", (True, False): "input", (False, True): "output"}
        x, y = wiring.x.round(1).tolist(), wiring.y.round(1).tolist()
        return tuple(
            Node(
                f"n{number}",
                voltages[number - 1],
                self.capacitance(),
                roles.get((number in inputs, number in outputs), "hidden"),
                x=x[number - 1],
                y=y[number - 1],
            )
            for number in range(1, wiring.count + 1)
        )

    def _slice(
        self,
        wiring: Wiring,
        ends: tuple[np.ndarray, np.ndarray],
        names: tuple[str, ...],
        rng: np.random.Generator,
        first: int,
    ) -> Slice:
        values = self.weights(wiring, rng)
        table = DeviceTable.uniform(names, self.text("kind"), *ends, values, first)
        return Slice(table.described(), self.number("duration"))

    def first_and_last(self, count: int) -> tuple[range, range]:
        """Node numbers of the inputs (the first ones) and the outputs (the last ones).

        Raises:
            StudioError: more inputs or outputs than nodes.
        """
        inputs, outputs = self.whole("inputs"), self.whole("outputs")
        for name, value in (("inputs", inputs), ("outputs", outputs)):
            if value > count:
                raise StudioError(f"{self.title}: {name} is {value} and there are {count} nodes")
        return range(1, inputs + 1), range(count - outputs + 1, count + 1)

    def whole(self, name: str) -> int:
        """The value of a whole-number option."""
        return int(self.options[name])

    def number(self, name: str) -> float:
        """The value of a number option."""
        return float(self.options[name])

    def text(self, name: str) -> str:
        """The value of a text option."""
        return str(self.options[name])

    def flag(self, name: str) -> bool:
        """The value of a yes-or-no option."""
        return bool(self.options[name])


def two_ways(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair followed by its reverse: (E,), (E,) become (2E,), (2E,)."""
    return (
        np.stack([source, target], axis=1).ravel(),
        np.stack([target, source], axis=1).ravel(),
    )
