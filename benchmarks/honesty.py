"""Whether any solver calls a wrong answer ok, over hard random circuits.

    python -m benchmarks.honesty [--count 1000] [--first 0]

Every circuit of ``tests/hard_circuits.py`` is solved by every solver at its defaults and held
against SciPy at tight tolerance. *Silently wrong*: status ``ok`` and off by more than 1e-3 of the
largest voltage. *False alarm*: ``inaccurate`` and off by less. Circuits on which SciPy's two
methods disagree by more than 1e-4, or that take SciPy over a minute, decide nothing.
"""

import argparse
import json
import signal
from collections import Counter
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from backend.simulation.simulate import simulate
from backend.solvers import SOLVERS
from tests.hard_circuits import Truth, hard_circuit

NAMES = [name for name in SOLVERS if name != "torchdiffeq"]
RESULT = Path(__file__).parent / "results" / "honesty.json"
TOLERANCE, PATIENCE = 1e-3, 60


class LateError(Exception):
    """SciPy needs more time than it is given."""


def _late(*_: Any) -> None:
    raise LateError


def judged(seed: int) -> dict[str, str] | str:
    """A word for every solver, or why nothing can be said."""
    circuit = hard_circuit(seed)
    t = np.linspace(0.0, circuit.duration, 41)
    truth = Truth(circuit)
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(PATIENCE)
    try:
        wanted = truth.voltages(t)
    except LateError:
        return "late"
    finally:
        signal.alarm(0)
    if wanted is None or truth.distrust > 1e-4:
        return "undecided"
    return {name: _word(circuit, name, wanted) for name in NAMES}


def _word(circuit: Any, name: str, wanted: np.ndarray) -> str:
    found = simulate(circuit, solver=name, outputs=41, throw=False)
    if found.status.state == "stopped":
        return "stopped"
    scale = max(float(np.abs(wanted).max()), 1e-300)
    error = float(np.nan_to_num(np.abs(found.voltages - wanted), nan=np.inf).max()) / scale
    if found.status.ok:
        return "right" if error <= TOLERANCE else f"SILENTLY WRONG {error:.2g}"
    return "warned" if error > TOLERANCE else f"false alarm {error:.2g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.count)
    judged(given.first)  # compiles
    with Pool(2) as pool:
        words = dict(zip(seeds, pool.imap(judged, seeds, chunksize=4), strict=True))
    decided = {seed: word for seed, word in words.items() if isinstance(word, dict)}
    table = {name: Counter(w[name].split(" ")[0] for w in decided.values()) for name in NAMES}
    notable = {
        seed: {name: word for name, word in w.items() if word.startswith(("SILENTLY", "false"))}
        for seed, w in decided.items()
    }
    result = {
        "command": f"python -m benchmarks.honesty --count {given.count} --first {given.first}",
        "circuits": given.count,
        "decided": len(decided),
        "undecided": Counter(word for word in words.values() if isinstance(word, str)),
        "by solver": table,
        "auto stopped": [seed for seed, w in decided.items() if w["auto"] == "stopped"],
        "notable": {seed: words for seed, words in notable.items() if words},
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
