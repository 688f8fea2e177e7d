"""Expressions of time that are a waveform of ours: sines and constants."""

import math

import numpy as np

from ...errors import NoMatchError, clipped
from ...expressions.formula import Call, Formula, Name, ends, evaluate, parts_of, written
from ...waveforms import Waveform
from ...waveforms.sine import Sine
from .matching import CLOSE, affine

TIME = Name("time")


def course_of(formula: Formula) -> Waveform:
    """The sine that an expression of time is, from 0 s on.

    offset + a sin(w t) + b cos(w t) by least squares at the frequency of one of its sines, which
    other times must confirm.

    Raises:
        NoMatchError: it follows something else, too, or is no sine.
    """
    if ends(formula) != [TIME]:
        raise NoMatchError("the expression follows time and something else; no device kind does")
    for part in parts_of(formula):
        if not isinstance(part, Call) or part.function not in {"sin", "cos"}:
            continue
        straight = affine(part.arguments[0])
        omega = abs(straight.weights.get(TIME, 0.0)) if straight else 0.0
        if not omega:
            continue
        wave = _sine(formula, omega)
        if wave is not None:
            return wave
    raise NoMatchError(
        f"the course '{clipped(written(formula), 60)}' over time is no sine; give it as PULSE, "
        "SIN, EXP or PWL"
    )


def _sine(formula: Formula, omega: float) -> Sine | None:
    times = np.linspace(0.0, 2 * math.pi / omega, 34)[:-1]
    values = np.broadcast_to(np.asarray(evaluate(formula, {TIME: times}), float), times.shape)
    basis = np.stack([np.ones_like(times), np.sin(omega * times), np.cos(omega * times)], axis=1)
    found, *_ = np.linalg.lstsq(basis, values, rcond=None)
    if not np.all(np.isfinite(values)):
        return None
    if np.abs(basis @ found - values).max() > 100 * CLOSE * np.abs(values).max():
        return None
    offset, sine, cosine = (float(value) for value in found)
    amplitude, phase = math.hypot(sine, cosine), math.degrees(math.atan2(cosine, sine))
    small = 1e-12 * max(abs(offset), amplitude)
    return Sine(
        offset if abs(offset) > small else 0.0,
        amplitude,
        omega / (2 * math.pi),
        phase=phase if abs(phase) > 1e-10 else 0.0,
    )
