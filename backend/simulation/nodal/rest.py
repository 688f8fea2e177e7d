"""Where a circuit rests, and how it starts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...circuit.nodal import Equations
from ...circuit.nodal.reduction import null_combinations
from ...errors import CircuitError, SolveError, clipped
from .expressed import defined
from .limits import Limiter
from .local import equations, values_of
from .newton import Root, followed, left_open, newton
from .overdriven import overdriven
from .problem import NodalProblem
from .sizes import noise, typical

GMIN = 1e-2
"""The conductance to ground from which the detour over leaks begins [S]."""

ABSURD, BLIND = 1e6, 1e12
"""So many times the largest source, at a condition at which digits are lost, nothing is at rest."""

SOUND = 1e-9
"""The smallest singular value over the largest beyond which rows surely are independent."""

ROUNDED = 1e-14
"""The same share below which rows surely are not."""

MOST_EXACT = 60
"""Rows that are compared as exact fractions, whose digits grow with every row."""

LOST = 1.0 / np.finfo(float).eps
"""A condition number beyond which no digit of an operating point is left."""


@dataclass
class OperatingPoint:
    """Where nothing moves.

    Args:
        x: all unknowns (N,).
        sources: values of the sources (S,).
        steps: Newton steps it took.
        condition: of the equations there; beyond 1e12 digits are lost.
        way: ``newton``, ``leaks`` or ``sources``, the detour that led there.
    """

    x: np.ndarray
    sources: np.ndarray
    steps: int
    condition: float
    way: str


def resting(
    problem: NodalProblem, guess: np.ndarray | None = None, detours: bool = True
) -> OperatingPoint:
    """The operating point with the sources at their values at 0 s.

    K x + B s(0) + L i(x) = 0: capacitors carry no current, inductors no voltage. Newton's method,
    then the same with leaks to ground that fade, then with sources that rise (Nagel 1975).

    Args:
        problem: the circuit.
        guess: a start (N,) in place of the stated voltages.
        detours: whether leaks and rising sources are tried; they forget the start.

    Raises:
        CircuitError: nothing sets some voltage at rest, or sources contradict each other.
        SolveError: no way led to it.
    """
    _check_rest(problem)
    x0 = defined(problem, problem.resting, problem.start if guess is None else guess)

    least, volts = noise(problem), problem.units == 0
    far = ABSURD * float(typical(problem)[0])

    def sane(root: Root) -> bool:
        near = np.abs(root.x[volts]).max(initial=0.0) <= far
        return root.ok and (near or root.condition < BLIND)

    def leaking(s: float) -> _AtRest:
        return _AtRest(problem, 1.0, GMIN * 10.0 ** (-12.0 * s) if s < 1 else 0.0)

    found, way = newton(_AtRest(problem), x0, least), "newton"
    if not sane(found) and detours:
        way, found = "leaks", followed(leaking, 0 * x0, least)
    if not sane(found) and detours:
        way = "sources"
        found = followed(lambda s: _AtRest(problem, share=s), 0 * x0, least)
    if not sane(found):
        trouble = _trouble(problem, found, range(problem.size))
        raise SolveError(f"no operating point was found: {trouble}")
    if found.condition > LOST:
        raise SolveError(_adrift(problem, _AtRest(problem), found.x))
    values = problem.table(0)[:, 0].copy()
    if beyond := overdriven(problem, np.concatenate([found.x, values])[None]):
        words = f"where the equations hold, {beyond.sentence}"
        raise SolveError(f"no operating point was found: {words}")
    return OperatingPoint(found.x, values, found.steps, found.condition, way)


class _AtRest:
    """The equations at rest, with sources at a share of their values and leaks to ground [S]."""

    def __init__(self, problem: NodalProblem, share: float = 1.0, leak: float = 0.0) -> None:
        self.problem, self.leak = problem, leak
        self.places = np.flatnonzero(problem.units == 0)
        self.sources = problem.table(0).copy()
        self.sources[:, 0] *= share
        self.limiter = Limiter(problem.resting)

    @property
    def limited(self) -> bool:
        return self.limiter.limited

    def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        problem, places = self.problem, self.places
        now = equations(problem.resting, self.sources, np.zeros(1), x[None], self.limiter)
        f, jacobian = now.f[0], now.jacobian[0, :, : problem.size].copy()
        f[places] -= self.leak * x[places]
        jacobian[places, places] -= self.leak
        return f, jacobian


def _trouble(problem: NodalProblem, found: Root, names: Sequence[int] | np.ndarray) -> str:
    """Why Newton's method ended, in words."""
    unknowns = problem.equations.unknowns
    if found.open:
        listed = ", ".join(f"{clipped(unknowns[int(names[k])].name)}" for k in found.open)
        places = [unknowns[int(names[k])].device for k in found.open]
        if any(problem.equations.devices[place].expression for place in places if place >= 0):
            return (
                f"the equations leave open {listed}; a voltage by an expression drives a "
                "capacitor or another source, so put a resistor in series"
            )
        return (
            f"the equations leave open {listed}; look for a loop of voltage sources, or a node "
            "that only current sources reach"
        )
    name = clipped(unknowns[int(names[found.worst])].name)
    return (
        f"Newton's method strays at {name}; give voltages near the solution as the start, or "
        "check what is connected there"
    )


def _adrift(
    problem: NodalProblem, at: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], x: np.ndarray
) -> str:
    """What may rest at any value, in words."""
    names = [problem.equations.unknowns[k].name for k in left_open(at(x)[1])]
    listed = ", ".join(f"'{clipped(name)}'" for name in names)
    return (
        f"there is not one operating point but many: the equations leave {listed} open together; "
        "nothing drains a charge there, so add a resistor to ground"
    )


def _check_rest(problem: NodalProblem) -> None:
    """Refuse what the equations at rest leave open, by structure."""
    n, whole = problem.size, problem.whole
    linear, entering = whole["linear"][:n], whole["entering"][:n]
    share, weights = _vanishing(np.hstack([linear, entering]))
    if share > SOUND:
        return
    if n > MOST_EXACT:
        # What rounding leaves in doubt Newton's method finds out, in fewer words.
        if share < ROUNDED:
            members = np.flatnonzero(weights > 1e-6 * weights.max())
            _refuse(problem.equations, dict.fromkeys(members.tolist(), 1), whole["given"])
        return
    rows: list[dict] = [{} for _ in range(n)]
    for row in range(n):
        for column in np.flatnonzero(linear[row]):
            rows[row]["x", int(column)] = linear[row, column]
        for atom in np.flatnonzero(entering[row]):
            rows[row]["atom", int(atom)] = entering[row, atom]
    from fractions import Fraction

    exact = [{key: Fraction(value) for key, value in row.items()} for row in rows]
    for combination in null_combinations(exact):
        _refuse(problem.equations, combination, whole["given"])


def _vanishing(rows: np.ndarray) -> tuple[float, np.ndarray]:
    """How near to nothing a combination of rows of equal size comes, and its weights (n,)."""
    if not len(rows):
        return np.inf, np.zeros(0)
    size = np.abs(rows).max(axis=1, initial=0.0)
    size[size == 0] = 1.0
    left, values, _ = np.linalg.svd(rows / size[:, None])
    return float(values[-1] / max(values[0], 1e-300)), np.abs(left[:, -1])


def _refuse(equations: Equations, combination: dict, given: np.ndarray) -> None:
    names, loop = [], False
    for row in combination:
        unknown = equations.unknowns[row]
        loop = loop or unknown.device >= 0
        name = equations.devices[unknown.device].id if unknown.device >= 0 else unknown.name
        names.append(f"'{clipped(name)}'")
    listed = ", ".join(dict.fromkeys(names[:6])) + (", ..." if len(names) > 6 else "")
    if loop:
        raise CircuitError(
            f"at rest {listed} form a loop of voltage sources or inductors, whose current nothing "
            "sets; put a resistor in series"
        )
    if given[list(combination)].any():
        raise CircuitError(
            f"at rest the current into the nodes {listed} has no way out but capacitors; add a "
            "resistor"
        )
    raise CircuitError(
        f"at rest nothing sets the voltage of the nodes {listed}: only capacitors lead there; add "
        "a resistor, or start at the stated voltages"
    )


def consistent(problem: NodalProblem, k: int, z: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Voltages and currents at the start of piece ``k``.

    What capacitors and inductors hold stays as it is; everything else follows at once.

    Args:
        problem: the circuit.
        k: number of the piece.
        z: a guess (n,).
        kept: what charges and fluxes are (n,), see ``held``; rows with a derivative count.

    Raises:
        SolveError: no such state was found.
    """
    r = problem.reduced
    table = problem.table(k)
    n = len(z)
    differential = ~r.algebraic

    class At:
        """Equations of what follows at once, with leaks to ground; what is held stays."""

        def __init__(self, leak: float) -> None:
            self.leak, self.limiter = leak, Limiter(problem.field)

        @property
        def limited(self) -> bool:
            return self.limiter.limited

        def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            now = equations(problem.field, table, np.zeros(1), x[None], self.limiter)
            f, jacobian = now.f[0], now.jacobian[0, :, :n].copy()
            f[rows] -= self.leak * x[places]
            jacobian[rows, places] -= self.leak
            f[differential] = (held(problem, k, x) - kept)[differential]
            jacobian[differential] = r.stored[differential]
            return f, jacobian

    places = np.flatnonzero(problem.units[r.kept] == 0)
    own = {int(np.abs(row).argmax()): number for number, row in enumerate(r.combined)}
    pairs = [(own[int(r.kept[place])], place) for place in places if int(r.kept[place]) in own]
    rows = np.array([row for row, _ in pairs], np.int64)
    places = np.array([place for _, place in pairs], np.int64)
    least = noise(problem)[r.kept]
    z = defined(problem, problem.field, z) if k == 0 else z
    found = newton(At(0.0), z, least)
    if not found.ok:
        found = followed(lambda s: At(GMIN * 10.0 ** (-12.0 * s) if s < 1 else 0.0), z, least)
    if not found.ok:
        raise SolveError(f"no start was found: {_trouble(problem, found, r.kept)}")
    return found.x


BRIEF = 1e-13
"""How long charges take to go where sources force them, as a share of the duration."""


def breached(problem: NodalProblem, k: int, x: np.ndarray) -> bool:
    """Whether x (N,) cannot be at the start of piece ``k``: sources force some of it elsewhere."""
    r = problem.reduced
    if len(r.kept) == problem.size:
        return False
    forced = columns_of(problem, k, x[r.kept])[: problem.size]
    size = np.array([np.abs(x[problem.units == unit]).max(initial=0.0) for unit in range(3)])
    size = np.maximum(size, [np.abs(problem.table(k)[problem.given, 0]).max(initial=0.0), 0.0, 0.0])
    size[1:] = np.maximum(size[1:], 1e-30)
    # Only what stores charge or flux has a value before; currents of sources follow.
    storing = np.abs(problem.whole["stored"][: problem.size]).max(axis=0, initial=0.0) > 0
    places = np.setdiff1d(np.flatnonzero(storing), r.kept)
    return bool((np.abs(forced - x)[places] > 1e-9 * size[problem.units[places]]).any())


def impulse(problem: NodalProblem, k: int, x: np.ndarray) -> np.ndarray:
    """x (N,) after sources have moved charges at the start of piece ``k``.

    M (x1 - x) + h (K x1 + B s + L i(x1)) = 0 with h next to nothing: charges that nothing forces
    stay, as the currents of sources are impulses.

    Raises:
        SolveError: the equations cannot be solved.
    """
    n, table = problem.size, problem.table(k)
    stored, h = problem.whole["stored"][:n], BRIEF * problem.circuit.duration

    class At:
        """The equations of the moment."""

        def __init__(self) -> None:
            self.limiter = Limiter(problem.resting)

        @property
        def limited(self) -> bool:
            return self.limiter.limited

        def __call__(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            now = equations(problem.resting, table, np.zeros(1), y[None], self.limiter)
            return h * now.f[0] - stored @ (y - x), h * now.jacobian[0, :, :n] - stored

    found = newton(At(), x, noise(problem))
    if not found.ok:
        raise SolveError(f"no start was found: {_trouble(problem, found, range(n))}")
    return found.x


def held(problem: NodalProblem, k: int, z: np.ndarray, at: float = 0.0) -> np.ndarray:
    """R (M x + B' s) (n,): charges and fluxes, which cannot jump, at a time of piece ``k`` [s]."""
    return carried(problem, columns_of(problem, k, z, at))


def columns_of(problem: NodalProblem, k: int, z: np.ndarray, at: float = 0.0) -> np.ndarray:
    """x and s (N + S,) from z at a time of piece ``k`` [s]."""
    r = problem.reduced
    values = values_of(problem.table(k), np.array([at]))[:, 0]
    x = r.expanded @ z + r.shifts[0] @ values[0] + r.shifts[1] @ values[1]
    return np.concatenate([x, values[0]])


def carried(problem: NodalProblem, columns: np.ndarray) -> np.ndarray:
    """R (M x + B' s) (n,) of x and s (N + S,)."""
    n = problem.size
    stored, moved = problem.whole["stored"][:n], problem.whole["moved"][:n]
    return problem.reduced.combined @ (stored @ columns[:n] + moved @ columns[n:])
