"""Gradients of random circuits of the general class against central differences of their solves.

    python -m benchmarks.general_adjoints [--count 100] [--first 20000]

Of every circuit of ``tests/general_circuits.py`` the last free node is the one output; the gradient
of its voltage at the end, or at rest, is held against fourth-order central differences of solves at
rtol 1e-11, by up to six parameters, starts and waveform levels drawn at random. A difference counts
as a share of the largest of them, each times its own value. *Undecided*: two step sizes differ by
more than a fifth of the tolerance, or a shifted circuit has no solution.
"""

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.simulation.nodal.local import values_of
from backend.simulation.nodal.problem import NodalProblem
from backend.simulation.nodal.transient import Control, march
from backend.simulation.simulate import adjoint
from backend.simulation.trajectory import AdjointTrajectory
from tests.general_circuits import general_circuit

RESULT = Path(__file__).parent / "results" / "general_adjoints.json"
TOLERANCE, DRAWN = 1e-6, 6
STEP = 1e-3
"""Of a value, or of its usual size where it is zero."""

Shift = Callable[[float], Circuit]


def with_output(circuit: Circuit) -> Circuit:
    """The circuit with the last node that has a capacitor, or the last of all, as its output."""
    free = [k for k, node in enumerate(circuit.nodes) if node.drive is None]
    held = [k for k in free if circuit.nodes[k].capacitance > 0] or free
    nodes = [
        replace(node, role="output" if k == held[-1] else "hidden")
        for k, node in enumerate(circuit.nodes)
    ]
    return circuit.replace(nodes=tuple(nodes))


def loss(circuit: Circuit) -> float:
    """The output's voltage at the end [V]."""
    problem = NodalProblem(circuit)
    course = march(problem, Control(1e-11))
    if course.message:
        raise StudioError(course.message)
    tape, reduced = course.tapes[-1], problem.reduced
    values = problem.table(len(course.tapes) - 1)
    s = values_of(values, np.array([problem.durations[-1]]))[:, 0]
    x = reduced.expanded @ tape.states[-1] + reduced.shifts[0] @ s[0] + reduced.shifts[1] @ s[1]
    return float(np.concatenate([x, s[0]])[problem.equations.nodes[circuit.outputs[0]]])


def slope(at: Shift, value: float, h: float) -> float:
    """dL/dvalue by a fourth-order central difference."""
    near, far = (loss(at(value + k * h)) - loss(at(value - k * h)) for k in (1, 2))
    return (8 * near - far) / (12 * h)


def with_device(circuit: Circuit, place: int, **changes: Any) -> Circuit:
    """The circuit with one device changed."""
    part = circuit.slices[0]
    devices = list(part.devices)
    devices[place] = replace(devices[place], **changes)
    return circuit.replace(slices=(replace(part, devices=tuple(devices)),))


def with_level(circuit: Circuit, place: int, name: str, value: float) -> Circuit:
    """The circuit with one level of a source's waveform changed, such as ``values[3]``."""
    wave = circuit.devices[place].drive
    field, _, number = name.partition("[")
    if number:
        values = list(getattr(wave, field))
        values[int(number[:-1])] = value
        return with_device(circuit, place, drive=replace(wave, **{field: tuple(values)}))
    return with_device(circuit, place, drive=replace(wave, **{field: value}))


@dataclass(frozen=True)
class Quantity:
    """Something that a loss depends on.

    Args:
        name: for people.
        value: as it is.
        size: by which a gradient is multiplied to be compared.
        found: dL/dvalue by the adjoint.
        at: the circuit with another value.
    """

    name: str
    value: float
    size: float
    found: float
    at: Shift


def quantities(circuit: Circuit, back: AdjointTrajectory) -> list[Quantity]:
    """Parameters that are not zero, levels of waveforms, starts."""
    out = []
    volts = max([abs(node.voltage) for node in circuit.nodes] + [w.peak for w in circuit.waves])
    for place, device in enumerate(circuit.devices):
        for name, value in device.params.items():
            if value and np.isfinite(back.gradient[name][place]):

                def with_param(v: float, place: int = place, name: str = name) -> Circuit:
                    params = {**circuit.devices[place].params, name: v}
                    return with_device(circuit, place, params=params)

                found = float(back.gradient[name][place])
                out.append(Quantity(f"{device.id}.{name}", value, abs(value), found, with_param))
        if device.drive is None:
            continue
        names, levels = device.drive.level_names, device.drive.levels
        for name, level, found in zip(names, levels, back.gradient_wave[device.id], strict=True):
            at = partial(with_level, circuit, place, name)
            size = device.drive.peak or 1.0
            out.append(Quantity(f"{device.id}.{name}", level, size, float(found), at))
    for place, node in enumerate(circuit.nodes):
        if circuit.start == "voltages" and node.capacitance > 0:

            def moved(v: float, id: str = node.id) -> Circuit:
                return circuit.with_voltages({id: v})

            found = float(back.gradient_voltage[place])
            out.append(Quantity(f"{node.id} at 0 s", node.voltage, volts or 1.0, found, moved))
    return out


def judged(seed: int) -> dict[str, Any]:
    """How many gradients of a circuit are right, undecided and wrong."""
    warnings.simplefilter("ignore")
    try:
        circuit = with_output(general_circuit(seed))
        trajectory, back = adjoint(circuit, outputs=3, throw=False)
    except StudioError as error:
        return {"refused": str(error)}
    if back is None or not trajectory.status.ok:
        return {"refused": trajectory.status.message}
    every = quantities(circuit, back)
    largest = max(abs(each.found) * each.size for each in every) or 1.0
    rng = np.random.default_rng(seed)
    words: Counter[str] = Counter()
    worst, notes = 0.0, []
    for k in rng.permutation(len(every))[:DRAWN]:
        each = every[int(k)]
        try:
            coarse, fine = (slope(each.at, each.value, h * each.size) for h in (STEP, STEP / 2))
        except StudioError:
            words["undecided"] += 1
            continue
        if abs(coarse - fine) * each.size > 0.2 * TOLERANCE * largest:
            words["undecided"] += 1
            continue
        error = abs(each.found - fine) * each.size / largest
        words["right" if error <= TOLERANCE else "wrong"] += 1
        worst = max(worst, error)
        if error > TOLERANCE:
            notes.append([each.name, each.found, fine, error])
    return {"words": dict(words), "worst": worst, "wrong": notes, "start": circuit.start}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=20000)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.count)
    judged(given.first)  # compiles
    found = {}
    with Pool(2) as pool:
        for seed, each in zip(seeds, pool.imap(judged, seeds), strict=True):
            found[seed] = each
            if each.get("wrong") or "refused" in each:
                print(seed, json.dumps(each), flush=True)
    words: Counter[str] = Counter()
    for each in found.values():
        words.update(each.get("words", {"refused circuits": 1}))
    result = {
        "command": f"python -m benchmarks.general_adjoints --count {given.count} "
        f"--first {given.first}",
        "tolerance": TOLERANCE,
        "gradients": dict(words),
        "at rest": sum(each.get("start") == "operating-point" for each in found.values()),
        "largest error called right": max(
            (e["worst"] for e in found.values() if e.get("worst", 1.0) <= TOLERANCE), default=None
        ),
        "notable": {k: e for k, e in found.items() if e.get("wrong") or "refused" in e},
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({k: v for k, v in result.items() if k != "notable"}, indent=1))


if __name__ == "__main__":
    main()
