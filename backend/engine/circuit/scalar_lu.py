"""LU factors of one matrix in float64, with partial pivoting, inside the profile of its rows.

Circuits are sparse: numbered by reverse Cuthill-McKee, most of a row is 0 and stays 0. Every row
keeps the place of its last entry, and elimination looks no further.
"""

from typing import Any

from .caching import part


@part
def factorise(matrix: Any, pivots: Any, ends: Any) -> bool:
    """P matrix = L U in place; whether all pivots are usable.

    Args:
        matrix: (N, N), overwritten by the factors, L without its unit diagonal.
        pivots: room for the row that was exchanged with row k (N,).
        ends: room for one past the last entry of every row (N,).
    """
    size = matrix.shape[0]
    for i in range(size):
        last = size
        while last > i + 1 and matrix[i, last - 1] == 0.0:
            last -= 1
        ends[i] = last
    for k in range(size):
        best, place = abs(matrix[k, k]), k
        for i in range(k + 1, size):
            if abs(matrix[i, k]) > best:
                best, place = abs(matrix[i, k]), i
        if not 0.0 < best < 1e300:
            return False
        pivots[k] = place
        if place != k:
            end = max(ends[k], ends[place])
            for j in range(end):
                swap = matrix[k, j]
                matrix[k, j] = matrix[place, j]
                matrix[place, j] = swap
            swapped = ends[k]
            ends[k] = ends[place]
            ends[place] = swapped
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, size):
            if matrix[i, k] != 0.0:
                factor = matrix[i, k] * inverse
                matrix[i, k] = factor
                ends[i] = max(ends[i], ends[k])
                upper, row = matrix[k, k + 1 : ends[k]], matrix[i, k + 1 : ends[k]]
                for j in range(row.shape[0]):
                    row[j] -= factor * upper[j]
    return True


@part
def substitute(matrix: Any, pivots: Any, ends: Any, x: Any) -> None:
    """The solution of matrix x = b in place of b, of which the first N entries are used."""
    size = matrix.shape[0]
    for k in range(size):
        place = pivots[k]
        if place != k:
            swap = x[k]
            x[k] = x[place]
            x[place] = swap
    for i in range(1, size):
        total = 0.0
        row = matrix[i, :i]
        for j in range(i):
            total += row[j] * x[j]
        x[i] -= total
    for i in range(size - 1, -1, -1):
        total = 0.0
        for j in range(i + 1, ends[i]):
            total += matrix[i, j] * x[j]
        x[i] = (x[i] - total) / matrix[i, i]
