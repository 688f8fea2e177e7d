"""Circuits whose equations have no index 1, by what is not linear: resistances too small to see."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...circuit import Circuit, Device
from ...errors import CircuitError, clipped
from .local import equations, finite_poles
from .problem import NodalProblem
from .sizes import capacitance, conductance

BRIEF = 1e-5
"""Time constant of a series resistance that is added, as a share of the duration, and the voltage
over it as a share of the others: too small to be seen, and large beside rounding."""


def solvable(circuit: Circuit) -> NodalProblem:
    """The equations of a circuit, of index 1.

    The charge of a diode without resistance that lies across sources follows at once from their
    voltages by a law that is not linear, and so does the output of an ideal amplifier whose
    feedback is not linear. Such a circuit gets resistances in series with its charged diodes, then
    with the sources whose currents are left open, a share of 1e-5 of everything else.

    Raises:
        CircuitError: the equations contradict each other or leave something open.
    """
    problem = NodalProblem(circuit)
    if not problem.reduced.open:
        return problem
    softer = NodalProblem(_softened(problem))
    if softer.reduced.open:
        softer = NodalProblem(softer.circuit, _in_series(softer))
    if softer.reduced.open:
        unknowns = softer.equations.unknowns
        names = ", ".join(clipped(unknowns[place].name) for place in softer.reduced.open[:4])
        raise CircuitError(
            f"the equations leave open {names}: what is not linear sets at once what a capacitor "
            "or an inductor holds; put a resistor in series with the source, or a capacitor from a "
            "node beside it to ground: either may help"
        )
    softer.added |= _charged(circuit, softer.circuit)
    return softer


RUNAWAY = 0.03
"""What grows faster than this share of 1 / (BRIEF duration) does so by an added resistance."""

LOOKS = 12


def runs_away(problem: NodalProblem, states: Sequence[np.ndarray]) -> bool:
    """Whether resistances that were added in series with sources decide where a circuit goes.

    An ideal source in a loop with positive feedback has a solution that any resistance leaves.

    Args:
        problem: the circuit.
        states: of its pieces (K + 1, n).
    """
    if not problem.series:
        return False
    r, least = problem.reduced, RUNAWAY / (BRIEF * problem.circuit.duration)
    for k, piece in enumerate(states):
        places = np.unique(np.linspace(0, len(piece) - 1, LOOKS).astype(int))
        z = piece[places]
        now = equations(problem.field, problem.table(k), np.zeros(len(z)), z)
        for jacobian in now.jacobian[:, :, : z.shape[1]]:
            if np.real(finite_poles(jacobian, r.stored)).max(initial=0.0) > least:
                return True
    return False


def _in_series(problem: NodalProblem) -> dict[int, float]:
    """Resistances for the sources whose currents are left open, by place."""
    siemens, farads = conductance(problem, 0.0), capacitance(problem)
    ohms = _brief(problem.circuit, farads, siemens)
    own = {column: place for place, column in problem.equations.currents.items()}
    return {own[column]: ohms for column in problem.reduced.open if column in own}


def _charged(before: Circuit, after: Circuit) -> dict[str, float]:
    """The resistances [Ohm] of devices that had none before, by id."""
    pairs = zip(before.devices, after.devices, strict=True)
    return {new.id: new.params["resistance"] for old, new in pairs if old != new}


def _softened(problem: NodalProblem) -> Circuit:
    """The circuit with resistances in series with charged diodes that have none."""
    circuit, siemens = problem.circuit, conductance(problem, 0.0)

    def softer(device: Device) -> Device:
        p = device.params
        if device.kind != "junction_diode" or p["resistance"] > 0:
            return device
        farads = _farads(device, siemens)
        if not farads:
            return device
        ohms = _brief(circuit, farads, siemens)
        return replace(device, params={**p, "resistance": ohms})

    part = circuit.slices[0]
    changed = replace(part, devices=tuple(map(softer, part.devices)))
    return circuit.replace(slices=(changed,))


def _brief(circuit: Circuit, farads: float, siemens: float) -> float:
    """A resistance [Ohm] too small to see beside so much capacitance and conductance."""
    limits = [circuit.duration / farads if farads else np.inf, 1.0 / siemens if siemens else np.inf]
    least = min(limits)
    return BRIEF * float(least if np.isfinite(least) else 1.0)


def _farads(device: Device, siemens: float) -> float:
    """The size of a junction's capacitance [F], where the circuit has so much conductance."""
    return device.params["capacitance"] or device.params["transit_time"] * siemens
