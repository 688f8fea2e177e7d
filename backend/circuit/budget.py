"""What a solve will take, estimated before it starts; more than is allowed is refused in words.

The figures are rough on purpose: they keep a slip of the pen (a hundred million steps) from taking
the memory of a machine or the time of everybody, and never stand in the way of ordinary work.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import StudioError
from .description import Circuit

FINER = 4
"""A trained circuit is solved again with so many times the steps."""

FLOAT = 8
"""Bytes of a number."""

EVALUATION = 1.5e-8
"""Seconds for one device in one stage, or one node in one step, in a compiled loop."""

STEP = 2e-7
"""Seconds that every step takes beside its devices."""

FLOPS = 1e10
"""Operations a second in a dense factorisation."""

DENSE_STEPS = 50
"""Steps that even an easy solve by an implicit method takes."""

DENSE_COPIES = 6
"""Square matrices that an implicit step holds at once."""

BACKWARD = 4
"""How many times as long forward and adjoint take together."""

LARGEST = 10**15
"""Counts beyond are all the same: far too many."""


@dataclass(frozen=True)
class Limit:
    """What one solve may take.

    Args:
        memory: [bytes].
        seconds: of computing.
        otherwise: what else can be done where the limit is met, put behind the remedy.
    """

    memory: int
    seconds: float
    otherwise: str = ""


class SolverKind(Protocol):
    """What the estimate asks of a solver."""

    adaptive: Any
    implicit: Any


@dataclass(frozen=True)
class _Load:
    """Memory [bytes] and time [s] that grow with one setting, and the setting in words."""

    setting: str
    count: int
    memory: float = 0.0
    seconds: float = 0.0


PAGE = Limit(256 * 2**20, 30.0, "or use 'kirchhoff simulate', which may take more of this machine")
"""One request of a page."""


def own_process() -> Limit:
    """What a command may take: half of the machine's memory, and four hours."""
    return Limit(machine_memory() // 2, 4 * 3600.0)


def machine_memory() -> int:
    """Memory of this machine, or of the container around this process [bytes]."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return found


def check_solve(
    circuit: Circuit,
    kind: SolverKind,
    options: Mapping[str, Any],
    outputs: int,
    *,
    adjoint: bool = False,
    limit: Limit = PAGE,
) -> int:
    """Estimate a solve.

    Args:
        circuit: the description.
        kind: class of the solver.
        options: its settings: ``steps``, or ``max_steps`` as far as it was chosen by hand.
        outputs: number of output times.
        adjoint: whether the adjoint circuit is solved, too.
        limit: what the solve may take.

    Returns:
        The memory it may need [bytes].

    Raises:
        StudioError: more than the limit; names the setting and what fits.
    """
    loads = [_outputs(circuit, outputs, adjoint), _steps(circuit, kind, options, adjoint)]
    if kind.implicit:
        loads.append(_dense(circuit))
    for measure, allowed in (("memory", limit.memory), ("seconds", limit.seconds)):
        if sum(getattr(load, measure) for load in loads) > allowed:
            raise StudioError(_refusal(circuit, loads, measure, allowed, limit.otherwise))
    return int(sum(load.memory for load in loads))


def fitting_steps(circuit: Circuit, *, adjoint: bool = False, limit: Limit = PAGE) -> int:
    """How many steps of a solver that chooses its own can be kept within the memory."""
    return max(1, int(0.5 * limit.memory / _step_memory(circuit, adjoint)))


def _outputs(circuit: Circuit, outputs: int, adjoint: bool) -> _Load:
    nodes, devices = len(circuit.nodes), circuit.device_count
    width = 2 * nodes + 6 * devices + 2 if adjoint else nodes + devices + 2
    count = min(outputs, LARGEST)
    # Twice: what is computed is copied into the answer or the file.
    return _Load("outputs", count, 2.0 * FLOAT * width * count, EVALUATION * width * count)


def _steps(circuit: Circuit, kind: SolverKind, options: Mapping[str, Any], adjoint: bool) -> _Load:
    setting = "max_steps" if kind.adaptive else "steps"
    count = min(int(options.get(setting) or 0), LARGEST)
    memory = count * _step_memory(circuit, adjoint)
    if kind.adaptive:  # a solve seldom takes all it may; its deadline looks after the time
        return _Load(setting, count, memory)
    tableau = getattr(kind, "tableau", None)
    stages = 6 if tableau is None else len(tableau.b)
    slices = len(circuit.slices)
    evaluations = stages * circuit.device_count + (stages + 1) * slices * len(circuit.nodes)
    seconds = count * (STEP * slices + EVALUATION * evaluations)
    return _Load(setting, count, memory, BACKWARD * seconds if adjoint else seconds)


def _step_memory(circuit: Circuit, adjoint: bool) -> float:
    """Bytes kept of one step in every slice: the path, and the gradients gathered along it."""
    states, parameters = len(circuit.slices) * len(circuit.nodes), circuit.device_count
    return FLOAT * (4.0 * states + 6.0 * parameters) if adjoint else FLOAT * (states + 4.0)


def _dense(circuit: Circuit) -> _Load:
    nodes = len(circuit.nodes)
    work = DENSE_STEPS * len(circuit.slices) * (2 / 3 * nodes**3 + 12 * nodes**2)
    return _Load("nodes", nodes, float(DENSE_COPIES * FLOAT * nodes**2), work / FLOPS)


def _refusal(
    circuit: Circuit, loads: Sequence[_Load], measure: str, allowed: float, otherwise: str
) -> str:
    """Blames the setting that takes most, and says how much of it fits beside the others."""
    words = _bytes if measure == "memory" else _seconds
    load = max(loads, key=lambda load: getattr(load, measure))
    needed = sum(getattr(load, measure) for load in loads)
    own = getattr(load, measure)
    size = f"{len(circuit.nodes):,} nodes and {circuit.device_count:,} devices"
    said = f"about {words(needed)}, and {words(allowed)} are allowed here"
    otherwise = f", {otherwise}" if otherwise else ""
    if load.setting == "nodes":
        return (
            f"an implicit method solves a dense system of {load.count:,} nodes at every step: "
            f"{said}; choose an explicit solver or a smaller circuit{otherwise}"
        )
    share = max(0.0, allowed - (needed - own)) / own
    fits = _rounded(max(1, int(0.9 * share * load.count)))
    return (
        f"{load.setting} = {_count(load.count)} with {size} needs {said}; "
        f"choose {load.setting} up to {fits:,}{otherwise}"
    )


def _rounded(count: int) -> int:
    """Down to two digits."""
    unit = 10 ** max(0, len(str(count)) - 2)
    return count // unit * unit


def _count(count: int) -> str:
    return f"{count:,}" if count < LARGEST else "10^15 or more"


def _bytes(size: float) -> str:
    return f"{size / 2**20:,.0f} MB" if size < 10 * 2**30 else f"{size / 2**30:,.0f} GB"


def _seconds(seconds: float) -> str:
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{min(seconds / length, 1e6):,.0f} {unit}"
    return f"{seconds:.0f} s"
