"""f(z, t) = -F z - G s - H i(x) of a circuit of the general class, and its derivatives.

A field is the tuple ``codes, args, reads, reading, entering, linear, stored``. ``w`` is the vector
of z, the sources' values, and their first and second derivatives; *reads* are the voltages that
atoms depend on (A, C), arguments are (A, P). Behind the numbers of A laws, ``codes`` has the
programs of expressions: a further array would cost every call something. Sparse matrices are
triples ``start, place, value`` of compressed rows: ``reading`` (reads by w), ``entering`` (atoms by
equation), ``linear`` (equations by w). ``stored`` is E (n, n).
"""

import math
from typing import Any

import numpy as np

from .caching import part
from .laws import law


@part
def wave(table: Any, k: int, s: float, order: int) -> float:
    """Value or derivative of source k, s after the start of its piece [s].

    ``table`` has start, slope, amplitude, omega, phase, fade, tail and decay of u = start + slope s
    + amplitude (exp(-fade s) sin(omega s + phase) - sin(phase)) + tail (exp(-decay s) - 1).
    """
    amplitude, omega, phase, fade = table[k, 2], table[k, 3], table[k, 4], table[k, 5]
    plain = table[k, 0] + table[k, 1] * s if order == 0 else (table[k, 1] if order == 1 else 0.0)
    tail, decay = table[k, 6], table[k, 7]
    if tail != 0.0:
        plain += tail * ((-decay) ** order * math.exp(-decay * s) - (1.0 if order == 0 else 0.0))
    if amplitude == 0.0:
        return plain
    x = omega * s + phase
    # d^n/ds^n of exp(-fade s) sin(x) = Im of (i omega - fade)^n exp(i x - fade s).
    real, imaginary = 1.0, 0.0
    for _ in range(order):
        real, imaginary = -fade * real - omega * imaginary, omega * real - fade * imaginary
    turned = math.exp(-fade * s) * (real * math.sin(x) + imaginary * math.cos(x))
    return plain + amplitude * (turned - (math.sin(phase) if order == 0 else 0.0))


@part
def fill(table: Any, t: float, z: Any, ahead: int, w: Any) -> None:
    """w at a time [s]; with ``ahead`` 1 its derivative by time, of the sources alone."""
    n, count = z.shape[0], table.shape[0]
    for row in range(n):
        w[row] = 0.0 if ahead else z[row]
    for k in range(count):
        for order in range(3):
            w[n + order * count + k] = wave(table, k, t, order + ahead)


@part
def row_of(matrix: Any, row: int, w: Any) -> Any:
    """One row of a sparse matrix times w."""
    total = 0.0 * w[0]
    for j in range(matrix[0][row], matrix[0][row + 1]):
        total += matrix[2][j] * w[matrix[1][j]]
    return total


@part
def look(field: Any, atom: int, w: Any, v: Any) -> None:
    """The controls of an atom (C,); those it has not are 0."""
    for c in range(v.shape[0]):
        read = field[2][atom, c]
        v[c] = row_of(field[3], read, w) if read >= 0 else 0.0 * w[0]


@part
def evaluate(field: Any, w: Any, v: Any, g: Any, d: Any, out: Any) -> None:
    """f (n,) at w; ``v``, ``g`` and ``d`` are room for one atom."""
    codes, args, entering, linear = field[0], field[1], field[4], field[5]
    for row in range(out.shape[0]):
        out[row] = -row_of(linear, row, w)
    for atom in range(args.shape[0]):
        look(field, atom, w, v)
        i = law(codes[atom], args[atom], codes, v, g, d)
        for j in range(entering[0][atom], entering[0][atom + 1]):
            out[entering[1][j]] -= entering[2][j] * i


@part
def differentiate(field: Any, w: Any, v: Any, g: Any, d: Any, out: Any) -> None:
    """df/dw (n, W)."""
    codes, args, reads, reading = field[0], field[1], field[2], field[3]
    entering, linear = field[4], field[5]
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = 0.0
        for j in range(linear[0][row], linear[0][row + 1]):
            out[row, linear[1][j]] -= linear[2][j]
    for atom in range(args.shape[0]):
        look(field, atom, w, v)
        law(codes[atom], args[atom], codes, v, g, d)
        for c in range(reads.shape[1]):
            read = reads[atom, c]
            if read < 0:
                continue
            for k in range(reading[0][read], reading[0][read + 1]):
                by = g[c] * reading[2][k]
                for j in range(entering[0][atom], entering[0][atom + 1]):
                    out[entering[1][j], reading[1][k]] -= entering[2][j] * by


@part
def room(field: Any, like: Any) -> Any:
    """Room for one atom: controls, slopes, derivatives by arguments."""
    controls, arguments = field[2].shape[1], field[1].shape[1]
    return (
        np.zeros(controls, like.dtype), np.zeros(controls, like.dtype),
        np.zeros(arguments, like.dtype),
    )  # fmt: skip
