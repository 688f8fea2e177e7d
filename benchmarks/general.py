"""Random circuits of the general class against ngspice: transients, operating points, sweeps.

Sources, inductors, floating capacitors, nodes without a capacitor, controlled sources, diodes and
transistors, values over decades: see ``tests/general_circuits.py``. Run from the project's folder;
writes ``benchmarks/results/general.json``:

    .venv/bin/python -m benchmarks.general             # 300 transients, 100 rests, 50 sweeps
    .venv/bin/python -m benchmarks.general 30 10 5
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.export.ngspice import rest_by_ngspice, run_deck
from backend.export.spice import netlist
from backend.export.verify import Verification, verify
from backend.simulation.nodal.local import equations
from backend.simulation.nodal.problem import NodalProblem
from backend.simulation.nodal.signals import sweep
from backend.simulation.nodal.transient import moves_at_once
from backend.simulation.operating_point import operating_point
from tests.general_circuits import general_circuit
from tests.ngspice_sweep import response_by_ngspice

RESULTS = Path(__file__).parent / "results" / "general.json"
SECONDS = 20.0
OF_TRANSIENTS, OF_RESTS, OF_SWEEPS = 1e-3, 1e-6, 1e-3


def transient(circuit: Circuit) -> dict[str, Any]:
    """Our voltages against ngspice's, over the duration."""
    result = verify(circuit, tolerance=OF_TRANSIENTS, time_limit=SECONDS)
    if not result.sure:
        return {"outcome": "unsure", "why": result.text}
    if result.ok:
        return {"outcome": "agrees", "error": result.largest_error}
    rests = circuit.start == "operating-point" and _rests_at(circuit, result.theirs[0])
    outcome = "another operating point" if rests else "differs"
    if result.started_empty:
        outcome = "ngspice starts a charged diode empty"
    elif outcome == "differs" and _disagrees_with_itself(circuit, result):
        outcome = "ngspice disagrees with itself"
    elif outcome == "differs" and circuit.start == "voltages" and moves_at_once(circuit):
        outcome = "differs after sources moved charge at 0 s"
    return {"outcome": outcome, "error": result.largest_error, "why": result.text}


def _disagrees_with_itself(circuit: Circuit, result: Verification) -> bool:
    """Whether ngspice moves by a third of the difference or more.

    With finer steps, a tenth of the tolerance, and a leak of 1e-18 S at its junctions, not 1e-12 S.
    """
    text = netlist(circuit, "ngspice", len(result.t))
    tran = re.search(r"\.tran (\S+) (\S+) 0 (\S+)", text)
    assert tran is not None
    step, least = (0.01 * float(tran[k]) for k in (1, 3))
    text = text.replace(tran[0], f".tran {step!r} {tran[2]} 0 {least!r}")
    text = text.replace("reltol=1e-06", "gmin=1e-18 reltol=1e-07")
    _, table, names = run_deck(text, 5 * SECONDS)
    if len(table) < 2 or table[-1, 0] < result.t[-1] * (1 - 1e-9):
        return True
    finer = [
        np.interp(result.t, table[:, 0], table[:, names.index(f"v(n{k})")])
        for k in range(1, len(circuit.nodes) + 1)
    ]
    moved = np.abs(np.stack(finer, axis=1) - result.theirs)[1:].max()
    return bool(moved > result.largest_error * np.abs(result.ours).max() / 3)


def rest(circuit: Circuit) -> dict[str, Any]:
    """The operating point against ngspice's."""
    ours = operating_point(circuit)
    theirs = rest_by_ngspice(circuit, SECONDS)
    found = np.array([ours.voltages[name] for name in circuit.node_ids])
    error = float(np.abs(found - theirs).max() / (np.abs(found).max() or 1.0))
    if error <= OF_RESTS:
        return {"outcome": "agrees", "error": error}
    other = "another operating point" if _rests_at(circuit, theirs) else "differs"
    return {"outcome": other, "error": error}


def _rests_at(circuit: Circuit, voltages: np.ndarray) -> bool:
    """Whether other voltages solve our equations at rest, too, to a millionth of a volt."""
    problem = NodalProblem(circuit)
    x, table = np.zeros(problem.size), problem.table(0)
    known = []
    for place, name in enumerate(circuit.node_ids):
        column = problem.equations.nodes[name]
        if column < problem.size:
            x[column] = voltages[place]
            known.append(column)
    own = np.setdiff1d(np.arange(problem.size), known)
    for turn in range(60):  # own unknowns follow from the voltages; Newton's last steps show
        now = equations(problem.resting, table, np.zeros(1), x[None])  # what is left
        jacobian, free = now.jacobian[0, :, : problem.size], own if turn < 57 else slice(None)
        move = np.linalg.lstsq(jacobian[:, free], now.f[0], rcond=None)[0]
        volts = problem.units[free] == 0
        move[volts] = move[volts].clip(-0.05, 0.05)
        x[free] -= move
    return bool(np.abs(x[known] - np.array(voltages)[: len(known)]).max(initial=0.0) < 1e-3)


def response(circuit: Circuit) -> dict[str, Any]:
    """The small-signal response to the last voltage source against ngspice's."""
    source = [
        device.id
        for device in circuit.devices
        if device.kind == "voltage_source" and device.drive is not None
    ][-1]
    middle = int(np.round(-np.log10(circuit.duration)))
    f, theirs = response_by_ngspice(circuit, source, (middle - 2, middle + 2), seconds=SECONDS)
    ours = sweep(circuit, source, f.tolist()).voltages
    if theirs is None or len(theirs) != len(f):
        return {"outcome": "stopped", "why": "ngspice made no sweep"}
    gap = np.abs(ours - theirs).max()
    error = float(gap / np.abs(ours).max())
    if error <= OF_SWEEPS:
        return {"outcome": "agrees", "error": error}
    at_rest = rest(circuit)["outcome"]
    return {"outcome": "differs" if at_rest == "agrees" else "another operating point"}


def counted(what: Callable[[Circuit], dict[str, Any]], wanted: int, first: int) -> dict[str, Any]:
    """Outcomes over circuits from a seed on, until ``wanted`` were decided by both simulators."""
    outcomes: Counter[str] = Counter()
    errors, notes, seed = [], [], first
    while outcomes["agrees"] + outcomes["differs"] < wanted:
        record: dict[str, Any]
        try:
            record = what(general_circuit(seed))
        except StudioError as error:
            kind = "refused" if "our own" in str(error) or "no " in str(error)[:3] else "stopped"
            record = {"outcome": kind, "why": str(error)}
        outcomes[record["outcome"]] += 1
        if record["outcome"] == "agrees":
            errors.append(record["error"])
        else:
            notes.append({"seed": seed, **record})
            print(json.dumps(notes[-1]), flush=True)
        seed += 1
    return {
        "outcomes": dict(outcomes),
        "seeds": [first, seed - 1],
        "worst": max(errors, default=None),
        "median": float(np.median(errors)) if errors else None,
        "differing": [note for note in notes if note["outcome"] == "differs"],
    }


def main(transients: int = 300, rests: int = 100, sweeps: int = 50) -> None:
    report = {
        "command": f"python -m benchmarks.general {transients} {rests} {sweeps}",
        "witness": "ngspice",
        "transients": {"tolerance": OF_TRANSIENTS, **counted(transient, transients, 1000)},
        "rests": {"tolerance": OF_RESTS, **counted(rest, rests, 5000)},
        "sweeps": {"tolerance": OF_SWEEPS, **counted(response, sweeps, 8000)},
    }
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
