"""Whether the adjoint voltages on show are those of the adjoint circuit, over hard random circuits.

    python -m benchmarks.adjoints [--count 200] [--first 0]

Every circuit of ``tests/hard_circuits.py`` gets one output; lambda(t) of its voltage at the end is
held against SciPy, forwards and backwards at 1e-9. *Wrong*: status ``ok`` and off by more than 1e-4
of the largest lambda. Circuits on which SciPy's LSODA and Radau differ by more than 1e-5, that give
up, or that take SciPy over a minute, decide nothing.
"""

import argparse
import json
import signal
import warnings
from collections import Counter
from dataclasses import replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.simulation.simulate import adjoint
from tests.hard_circuits import hard_circuit
from tests.reference import Reference

RESULT = Path(__file__).parent / "results" / "adjoints.json"
TOLERANCE, PATIENCE = 1e-4, 60
DISTRUST = 1e-5


class LateError(Exception):
    """SciPy needs more time than it is given."""


def _late(*_: Any) -> None:
    raise LateError


def with_output(circuit: Circuit) -> Circuit:
    """The circuit with its last node as the one output."""
    first = [replace(node, role="hidden") for node in circuit.nodes[:-1]]
    return replace(circuit, nodes=(*first, replace(circuit.nodes[-1], role="output")))


def truth(circuit: Circuit, t: np.ndarray) -> np.ndarray | str:
    """Lambda (T, N) by SciPy, or why nothing can be said."""
    row = [len(circuit.nodes) - 1]
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE)
    try:
        one, other = (Reference(circuit).adjoint(t, row, method) for method in ("LSODA", "Radau"))
    except LateError:
        return "late"
    except (AssertionError, ValueError, ArithmeticError):
        return "SciPy gives up"
    finally:
        signal.alarm(0)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return "SciPy gives up"
    apart = np.abs(one - other).max() / max(float(np.abs(one).max()), 1e-300)
    return one if apart <= DISTRUST else "SciPy disagrees with itself"


def judged(seed: int) -> tuple[str, float]:
    """A word for a circuit, and how far its lambda is off."""
    warnings.simplefilter("ignore")
    circuit = with_output(hard_circuit(seed))
    trajectory, back = adjoint(circuit, outputs=41, throw=False)
    if back is None:
        return f"no adjoint, {trajectory.status.state}", 0.0
    wanted = truth(circuit, trajectory.t)
    if isinstance(wanted, str):
        return wanted, 0.0
    scale = max(float(np.abs(wanted).max()), 1e-300)
    error = float(np.nan_to_num(np.abs(back.voltages - wanted), nan=np.inf).max()) / scale
    if trajectory.status.ok:
        return ("right" if error <= TOLERANCE else "SILENTLY WRONG"), error
    return ("warned" if error > TOLERANCE else "false alarm"), error


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.count)
    judged(given.first)  # compiles
    with Pool(2) as pool:
        found = dict(zip(seeds, pool.imap(judged, seeds, chunksize=4), strict=True))
    right = [error for word, error in found.values() if word == "right"]
    result = {
        "command": f"python -m benchmarks.adjoints --count {given.count} --first {given.first}",
        "circuits": given.count,
        "words": dict(Counter(word for word, _ in found.values())),
        "largest error called right": max(right, default=None),
        "notable": {seed: f for seed, f in found.items() if f[0] != "right"},
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
