"""The gradient of a loss at the operating point of one circuit of any class.

With F(x, p) = K x + B s(0) + L i(x) = 0 and J = dF/dx, one transposed system gives everything:

    J^T q = dL/dx,    dL/dp = -q . dF/dp,

by parameters, by the levels of sources and by currents that are put into nodes. Start voltages and
capacitances do not matter: an operating point does not depend on them, as long as it is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..circuit import Circuit
from ..circuit.general import one_slice
from ..circuit.nodal.assembly import CONSTANT
from ..errors import SolveError
from .nodal.local import Local, dense, equations, solved
from .nodal.problem import NodalProblem
from .nodal.rest import resting
from .operating_point import POOR
from .simulate import loss_of


@dataclass(frozen=True)
class RestingGradient:
    """Of a loss at an operating point.

    Args:
        loss: its value.
        parameters: dL/dp by device and parameter.
        levels: dL/dy of the levels of every source with a waveform, driven nodes among them, by
            the node or device.
        injected: dL/dI of a current into every free node [1/A times the loss's unit].
        voltages: at the operating point [V].
        condition: of the equations there.
    """

    loss: float
    parameters: dict[str, dict[str, float]]
    levels: dict[str, tuple[float, ...]]
    injected: dict[str, float]
    voltages: dict[str, float]
    condition: float


def operating_gradient(
    circuit: Circuit, loss: str = "sum", targets: Mapping[str, float] | None = None
) -> RestingGradient:
    """The gradient of a loss at the operating point, by everything it depends on.

    Args:
        circuit: of either class, with one slice.
        loss: ``sum`` of the output voltages, or ``mse``, half the sum of squared differences.
        targets: of ``mse`` by node [V].

    Raises:
        CircuitError: several slices, or nothing sets some voltage at rest.
        SolveError: there is no operating point, or its equations leave no digit of a gradient.
        StudioError: an unknown loss or node.
    """
    one_slice(circuit, "an operating point belongs to")
    wanted = loss_of(circuit, loss, targets or {})
    problem = NodalProblem(circuit)
    found, size = resting(problem), problem.size
    places = np.array([problem.equations.nodes[name] for name in circuit.node_ids])
    columns = np.concatenate([found.x, found.sources])
    direct = np.zeros(len(columns))
    np.add.at(direct, places, wanted.cotangent(columns[places]))
    now = equations(problem.resting, problem.table(0), np.zeros(1), found.x[None])
    # The kernels' f is -F.
    q = solved(-now.jacobian[:, :, :size].transpose(0, 2, 1), direct[None, :size])[0]
    if not np.isfinite(q).all() or found.condition > 1e6 * POOR:
        raise SolveError(
            f"the equations of the operating point have the condition number "
            f"{found.condition:.2g}, which leaves no digit of a gradient; add resistors where "
            "voltages are hardly set"
        )
    by_param = _by_parameters(problem, now, columns, q)
    # Sources enter through B and through what senses them.
    by_source = direct[size:] + (now.jacobian[0].T @ q)[size : len(columns)]
    levels: dict[str, tuple[float, ...]] = {}
    piece = problem.pieces[0]
    for source, slope in zip(problem.equations.sources, by_source, strict=True):
        if source.param != CONSTANT:
            by_param[source.param] += slope
        if source.wave is not None:
            shares = source.wave.between(piece.start, piece.end)(piece.start)
            count = len(source.wave.levels)
            levels[source.name] = tuple(float(slope * shares.get(j, 0.0)) for j in range(count))
    nodes = dict(zip(circuit.node_ids, places.tolist(), strict=True))
    parameters: dict[str, dict[str, float]] = {}
    for (place, name), value in zip(problem.equations.names, by_param.tolist(), strict=True):
        parameters.setdefault(problem.equations.devices[place].id, {})[name] = value
    return RestingGradient(
        wanted.value(columns[places]),
        parameters,
        levels,
        {name: float(q[row]) for name, row in nodes.items() if row < size},
        {name: float(columns[row]) for name, row in nodes.items()},
        found.condition,
    )


def _by_parameters(
    problem: NodalProblem, now: Local, columns: np.ndarray, q: np.ndarray
) -> np.ndarray:
    """-q . dF/dp of the entries of K and B and of the arguments of atoms (P,)."""
    size, out = problem.size, np.zeros(len(problem.params))
    for row, column, factor, param in problem.equations.linear:
        if param != CONSTANT and row < size:
            out[param] -= factor * q[row] * columns[column]
    through = dense(problem.resting[4], size) @ q
    for number, atom in enumerate(problem.equations.atoms):
        for k, (_, parts) in enumerate(atom.terms):
            for factor, param in parts:
                out[param] -= factor * now.by[0, number, k] * through[number]
    return out
