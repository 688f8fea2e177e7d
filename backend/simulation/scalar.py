"""One solve of a whole circuit by the compiled kernel for single samples: the quick way."""

import contextlib
from collections import OrderedDict
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import Columns, DeviceTable
from ..devices import DEVICES, DeviceLaw, FusedLaw
from ..devices.passive import THERMAL_VOLTAGE, Diode
from ..engine.circuit import scalar_cpu
from ..engine.circuit.caching import announce
from ..engine.circuit.plan import CODES, SLOTS
from ..engine.circuit.scalar_laws import DIODE
from ..engine.tableaus import ButcherTableau
from ..solvers import Solver
from ..solvers.dopri5 import Dopri5
from ..solvers.runge_kutta import FixedStepSolver
from .trajectory import Trajectory


class _Method(NamedTuple):
    """A Runge-Kutta method as the kernel takes it."""

    a: np.ndarray
    b: np.ndarray
    error: np.ndarray
    dense: np.ndarray
    order: int


def solve_quickly(
    circuit: Circuit, solver: Solver, t: np.ndarray, starts: np.ndarray, slice_of: np.ndarray
) -> Trajectory | None:
    """The trajectory, or ``None`` where the kernel knows no method or law, or the solve fails.

    Args:
        circuit: the description.
        solver: the method.
        t: output times (T,) [s].
        starts: of the slices, and the end [s].
        slice_of: the slice that conducts at each output time (T,).
    """
    method = _method(solver)
    arrays = None if method is None else scalar_arrays(circuit)
    if method is None or arrays is None:
        return None
    nodes, devices = len(circuit.nodes), len(arrays.source)
    voltages, currents = np.empty((len(t), nodes)), np.full((len(t), devices), np.nan)
    residual, stats = np.empty(len(t)), np.zeros(5)
    inverse, v0 = np.zeros(nodes + 1), np.zeros(nodes + 1)
    inverse[:-1] = [1.0 / node.capacitance for node in circuit.nodes]
    v0[:-1] = [node.voltage for node in circuit.nodes]
    settings: Any = solver
    if solver.adaptive:
        steps, control = 0, np.array([settings.rtol, settings.atol, settings.max_steps])
    else:
        steps, control = settings.steps, np.zeros(3)
    _announce()
    failed = scalar_cpu.simulate(
        arrays.runs, arrays.bounds, arrays.source, arrays.target, arrays.leaves, arrays.terms,
        arrays.place, inverse, np.array([part.duration for part in circuit.slices]), v0, *method,
        steps, control, starts, t, slice_of, voltages, currents, residual, stats,
    )  # fmt: skip
    if failed:
        return None
    names = ("steps", "rejected", "evaluations", "smallest_step", "largest_step")
    numbers = stats.tolist()
    return Trajectory(
        t=t,
        voltages=voltages,
        currents=currents,
        node_ids=circuit.node_ids,
        device_ids=circuit.device_ids,
        stats=dict(zip(names, [*map(int, numbers[:3]), *numbers[3:]], strict=True)),
        kcl_residual=residual,
    )


_recent: "OrderedDict[int, tuple[tuple[str, ...], object, ScalarArrays | None]]" = OrderedDict()
KEPT = 16
"""Circuits whose arrays are kept: dragging a voltage asks for the same devices over and over."""


def scalar_arrays(circuit: Circuit) -> "ScalarArrays | None":
    """The devices as arrays, or ``None`` where the kernels do not know a law."""
    key = circuit.slices, circuit.row_names
    made = _recent.get(id(circuit.slices))
    # The kept slices stay alive, so that an id always means the same ones.
    if made is not None and made[0] == key[1]:
        return made[2]
    tables = tuple(circuit.tables())
    known = all(_known(kind) for table in tables for kind in table.kinds)
    arrays = ScalarArrays(tables, sum(map(len, tables))) if known else None
    _recent[id(circuit.slices)] = key[1], key[0], arrays
    while len(_recent) > KEPT:
        with contextlib.suppress(KeyError):
            _recent.popitem(last=False)
    return arrays


@cache
def _announce() -> None:
    announce(scalar_cpu.simulate)


def _known(kind: str) -> bool:
    law = DEVICES[kind]
    return law is Diode or (issubclass(law, FusedLaw) and law.activation.name in CODES)


def _method(solver: Solver) -> _Method | None:
    tableau = solver.tableau
    if tableau is None or not isinstance(solver, FixedStepSolver | Dopri5):
        return None
    return _coefficients(type(solver))


@lru_cache
def _coefficients(kind: type[Solver]) -> _Method:
    tableau = kind.tableau
    assert isinstance(tableau, ButcherTableau)
    stages = len(tableau.b)
    a = np.zeros((stages, stages))
    for i, row in enumerate(tableau.a):
        a[i, : len(row)] = row
    b = np.array(tableau.b, np.float64)
    error = np.zeros(0) if tableau.b_low is None else b - np.array(tableau.b_low)
    dense = np.zeros((0, 0)) if tableau.dense is None else np.array(tableau.dense, np.float64)
    return _Method(a, b, error, dense, getattr(kind, "error_order", tableau.order))


class ScalarArrays:
    """All devices of all slices, kind after kind within a slice, as the kernel takes them."""

    def __init__(self, tables: tuple[DeviceTable, ...], devices: int) -> None:
        self.source, self.target = np.empty(devices, np.int64), np.empty(devices, np.int64)
        self.leaves = np.empty(devices, np.int64)
        self.terms = np.zeros((4, devices))
        self.place = np.empty(devices, np.int64)
        self.stretches: list[list[tuple[type[DeviceLaw], int, int, dict[str, np.ndarray]]]] = []
        runs, bounds, first = [], [0], 0
        column = 0
        for table in tables:
            self.stretches.append([])
            for code, kind in enumerate(table.kinds):
                places = table.places(code)
                last = first + len(places)
                whole = len(table.kinds) == 1
                self.source[first:last] = table.source if whole else table.source[places]
                self.target[first:last] = table.target if whole else table.target[places]
                self.place[first:last] = places + column
                law = DEVICES[kind]
                ground = len(table.names) - 1
                self.leaves[first:last] = ground if law.one_sided else self.source[first:last]
                _enter(law, table.params[code], self.terms[:, first:last])
                number = DIODE
                if issubclass(law, FusedLaw):
                    number = CODES[law.activation.name]
                runs.append((first, last, number))
                own = {**table.params[code], "a": self.terms[1, first:last]}
                self.stretches[-1].append((law, first, last, own))
                first = last
            bounds.append(len(runs))
            column += len(table)
        self.runs = np.array(runs, np.int64).reshape(-1, 3)
        self.bounds = np.array(bounds, np.int64)
        self._numbering: tuple[np.ndarray, np.ndarray] | None = None

    def numbering(self, nodes: int, sparse_from: int) -> tuple[np.ndarray, np.ndarray]:
        """Nodes in an order that keeps Jacobians narrow (N,), and every node's row (N + 1,).

        Reverse Cuthill-McKee; circuits of at most ``sparse_from`` nodes keep their order.
        """
        if self._numbering is None:
            order = np.arange(nodes)
            if nodes > sparse_from:
                order = _narrow(self.source, self.target, nodes)
            rows = np.empty(nodes + 1, np.int64)
            rows[order], rows[nodes] = np.arange(nodes), nodes
            self._numbering = order, rows
        return self._numbering


def _narrow(source: np.ndarray, target: np.ndarray, nodes: int) -> np.ndarray:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    inside = (source < nodes) & (target < nodes)
    ends = source[inside], target[inside]
    graph = coo_matrix((np.ones(len(ends[0]), np.int8), ends), shape=(nodes, nodes)).tocsr()
    return reverse_cuthill_mckee(graph + graph.T, symmetric_mode=True).astype(np.int64)


def _enter(law: type[DeviceLaw], params: Columns, terms: np.ndarray) -> None:
    """Gain, a, b and c of one kind, from its own parameters."""
    if not issubclass(law, FusedLaw):
        terms[0] = params["saturation_current"]
        terms[1] = 1.0 / (params["ideality"] * THERMAL_VOLTAGE)
        terms[2] = -terms[1]
        return
    for slot, value in law.constant.items():
        terms[SLOTS.index(slot)] = value
    for name, entries in law.slots.items():
        for slot, factor in entries.items():
            terms[SLOTS.index(slot)] += factor * params[name]
