"""The operating point of a circuit of any class: where nothing moves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..circuit import Circuit
from ..circuit.general import one_slice
from ..errors import CircuitError, SolveError, clipped
from .nodal.leaking import leaking
from .nodal.local import equations
from .nodal.modes import Mode, modes, stable
from .nodal.problem import NodalProblem
from .nodal.rest import OperatingPoint, resting
from .nodal.samples import NodalSamples, device_currents, source_currents, terminal_currents
from .nodal.signals import poles_at

POOR = 1e10
"""A condition number beyond which fewer than six digits can be right."""

STARTS = 8
"""Random starts from which further operating points are looked for."""

DISTINCT = 1e-6
"""Operating points nearer to each other than this share of the largest voltage are one."""

MOST_TOLD = 3
"""Nodes that are named in a sentence."""

LINEAR = "its equations are linear and have an inverse"


@dataclass(frozen=True)
class Other:
    """A further operating point: its voltages [V], and whether it is stable."""

    voltages: dict[str, float]
    stable: bool | None


@dataclass(frozen=True)
class RestingCircuit:
    """A circuit at rest.

    Args:
        voltages: of all nodes [V].
        currents: of all devices from source to target, then of the sources of driven nodes, then
            what enters devices at further terminals, ``base of Q1`` [A].
        condition: of the equations there.
        poles: of the circuit linearised there [1/s]; ``None`` where they are not known.
        way: how it was found: ``newton``, ``leaks`` that fade, or ``sources`` that rise.
        steps: Newton steps.
        unique: why there can be no other one; empty where that is not proven.
        others: further ones that were found.
        starts: random starts from which they were looked for.
        leaking: nodes that only the leaks of junctions set, which mean nothing.
    """

    voltages: dict[str, float]
    currents: dict[str, float]
    condition: float
    poles: np.ndarray | None
    way: str
    steps: int
    unique: str = ""
    others: tuple[Other, ...] = ()
    starts: int = 0
    leaking: tuple[str, ...] = ()

    @property
    def stable(self) -> bool | None:
        """Whether what is moved a little comes back; ``None``: stays, swings on, or is unknown."""
        return None if self.poles is None else stable(self.poles)

    @property
    def modes(self) -> list[Mode]:
        """The poles as real ones and pairs, the slowest first."""
        return [] if self.poles is None else modes(self.poles)

    @property
    def sentence(self) -> str:
        """What may be said of it."""
        word = {
            True: "stable",
            False: "unstable: a circuit that starts near it leaves it",
            None: "neither stable nor unstable: what is moved a little stays so, or swings on",
        }[self.stable]
        if self.poles is None:
            word = (
                "whether it is stable is not known: its equations are too many, or not of index 1"
            )
        steps = f"{self.steps} Newton step{'' if self.steps == 1 else 's'}"
        return f"{word}; {steps}"

    @property
    def conditioning(self) -> str:
        """How many digits its equations cost."""
        if not np.isfinite(self.condition):
            return "condition number unknown"
        lost = max(round(float(np.log10(max(self.condition, 1.0)))), 0)
        ill = "ill-conditioned: " if self.condition > POOR else ""
        size = f"{self.condition:.2g}".replace("e+0", "e").replace("e+", "e")
        return f"{ill}condition number {size}; its equations lose {lost} of 16 digits{self._leaks}"

    @property
    def _leaks(self) -> str:
        if not self.leaking:
            return ""
        listed = ", ".join(clipped(name) for name in self.leaking[:MOST_TOLD])
        more = f" and {len(self.leaking) - MOST_TOLD} more" if len(self.leaking) > MOST_TOLD else ""
        return (
            f"; only leaks of junctions (1 pS) set {listed}{more}, so do not rely on the voltage "
            "there"
        )

    @property
    def uniqueness(self) -> str:
        """Whether it is the only one, as far as that is known."""
        if self.unique:
            return f"unique: {self.unique}"
        if not self.others:
            return f"no second one found from {self.starts} starts; that is no proof"
        stable = sum(other.stable is True for other in self.others)
        return (
            f"not unique: {len(self.others)} more found from {self.starts} starts, {stable} of "
            "them stable; where the circuit rests depends on how it starts"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "voltages": self.voltages,
            "currents": self.currents,
            "condition": self.condition if np.isfinite(self.condition) else None,
            "stable": self.stable,
            "poles": [
                {
                    "real": mode.real,
                    "imaginary": mode.imaginary,
                    "frequency": mode.frequency,
                    "time_constant": mode.time_constant if mode.real else None,
                    "damping": mode.damping,
                }
                for mode in self.modes
            ],
            "way": self.way,
            "steps": self.steps,
            "unique": bool(self.unique) or (False if self.others else None),
            "proof": self.unique,
            "leaking": list(self.leaking),
            "others": [{"voltages": o.voltages, "stable": o.stable} for o in self.others],
            "starts": self.starts,
        }


def operating_point(circuit: Circuit, starts: int = STARTS) -> RestingCircuit:
    """Where a circuit rests with its sources at their values at 0 s.

    K x + B s(0) + L i(x) = 0 (Nagel 1975, section 4). Circuits may have several operating points;
    this is one that Newton's method finds from the stated voltages. It is called unique where
    that is proven (``uniqueness``); else others are looked for.

    Args:
        circuit: of either class, with one slice.
        starts: random starts from which others are looked for.

    Raises:
        CircuitError: several slices, or nothing sets some voltage at rest.
        SolveError: none was found.
    """
    one_slice(circuit, "an operating point belongs to")
    problem = NodalProblem(circuit)
    found = resting(problem)
    table = problem.table(0)
    now = equations(problem.resting, table, np.zeros(1), found.x[None])
    still = np.zeros((1, problem.size))
    sources = np.zeros((3, 1, len(table)))
    sources[0, 0] = found.sources
    samples = NodalSamples(found.x[None], still, sources, now.currents)
    ids = [device.id for device in problem.equations.devices]
    currents = dict(zip(ids, device_currents(problem, samples)[0].tolist(), strict=True))
    given = source_currents(problem, samples)[0].tolist()
    currents |= {f"source of {n}": i for n, i in zip(circuit.driven, given, strict=True)}
    ends = terminal_currents(problem, samples)[0].tolist()
    for (place, name), current in zip(problem.equations.terminals, ends, strict=True):
        if name != "target":
            currents[f"{name} of {ids[place]}"] = current
    reason = _proof(problem)
    others = () if reason else tuple(_others(problem, found, starts))
    return RestingCircuit(
        _voltages(problem, found), currents, found.condition, _poles(problem, found.x), found.way,
        found.steps, reason, others, 0 if reason else starts,
        leaking(problem, now.jacobian[0, :, : problem.size]),
    )  # fmt: skip


def _proof(problem: NodalProblem) -> str:
    """Why there is no other operating point, as far as that is known of either class."""
    if not problem.equations.atoms:
        return LINEAR
    circuit = problem.circuit
    if circuit.general:
        return ""
    from ..circuit.compile import compile_circuit  # torch only where it is needed
    from .uniqueness import proof

    return proof(compile_circuit(circuit), ())


def _others(problem: NodalProblem, found: OperatingPoint, starts: int) -> Iterator[Other]:
    """Further operating points from starts within twice the largest voltage, or of 1 V."""
    rng = np.random.default_rng(0)
    volts = problem.units == 0
    size = np.array([np.abs(found.x[problem.units == unit]).max(initial=0.0) for unit in range(3)])
    size[0] = max(size[0], np.abs(found.sources).max(initial=0.0), 0.5)
    known = [found.x]
    for _ in range(starts):
        guess = 2.0 * size[problem.units] * rng.uniform(-1.0, 1.0, problem.size)
        try:
            other = resting(problem, guess, detours=False)
        except SolveError:
            continue
        if all(np.abs(other.x - x)[volts].max(initial=0.0) > DISTINCT * size[0] for x in known):
            known.append(other.x)
            yield Other(_voltages(problem, other), _stable(problem, other.x))


def _voltages(problem: NodalProblem, found: OperatingPoint) -> dict[str, float]:
    columns = np.concatenate([found.x, found.sources])
    nodes = problem.equations.nodes
    return {name: float(columns[nodes[name]]) for name in problem.circuit.node_ids}


def _poles(problem: NodalProblem, x: np.ndarray) -> np.ndarray | None:
    """The poles there; ``None`` where the equations are too many or have no index 1."""
    try:
        return poles_at(problem, x)
    except CircuitError:
        return None


def _stable(problem: NodalProblem, x: np.ndarray) -> bool | None:
    poles = _poles(problem, x)
    return None if poles is None else stable(poles)
