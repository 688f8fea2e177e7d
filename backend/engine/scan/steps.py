"""One step of 16 channels forward and back, unrolled for the number of cells.

The number of cells is that of the tuple ``order``, whose type holds it. Arrays are flat: ``step``
(n, n + 2, STRIP) holds B, A and what rounding took from the diagonal of A; ``state`` and ``lam``
(n, STRIP) hold a vector for every cell; ``start``, ``taps`` and ``grad`` (.., D, n) are natural.
Their places in the first three are all ``home``.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types

from .vectors import OF, WIDTH, Writer, typed

STRIP = 8 * WIDTH
"""Channels that go through time together: their coefficients stay in the nearest cache."""
INT = types.int64


class _Step:
    """The coefficients of 16 channels, from ``step`` at ``home``."""

    def __init__(self, writer: Writer, kind: Any, cells: int, step: Any, home: Any) -> None:
        self.writer, self.kind, self.cells = writer, kind, cells
        self.step, self.home = step, home

    def weight(self, i: int, j: int) -> Any:
        """B_i for j = 0, A_ij, or for j = n + 1 what the diagonal lacks."""
        strip = ir.Constant(self.home.type, STRIP)
        place = self.writer.shifted(self.home, i * (self.cells + 2) + j, strip)
        return self.writer.load(self.kind, self.step, place)

    def forward(self, x: Any, state: Sequence[Any]) -> list[Any]:
        """A s + B u; small contributions are added before the large one."""
        fma, made = self.writer.fma, []
        for i, own in enumerate(state):
            value = self.writer.mul(self.weight(i, 0), x)
            for j in range(i):
                value = fma(self.weight(i, j + 1), state[j], value)
            value = fma(self.weight(i, self.cells + 1), own, value)
            made.append(fma(self.weight(i, i + 1), own, value))
        return made

    def back(self, lam: Sequence[Any], added: Sequence[Any]) -> list[Any]:
        """ȳ + Aᵀ λ."""
        fma, made = self.writer.fma, []
        for i, (own, value) in enumerate(zip(lam, added, strict=True)):
            for j in range(i + 1, self.cells):
                value = fma(self.weight(j, i + 1), lam[j], value)
            value = fma(self.weight(i, self.cells + 1), own, value)
            made.append(fma(self.weight(i, i + 1), own, value))
        return made


def load_state(writer: Writer, kind: Any, array: Any, home: Any, cells: int) -> list[Any]:
    """A vector for every cell of a state (n, STRIP), from ``home`` on."""
    strip = ir.Constant(home.type, STRIP)
    return [writer.load(kind, array, writer.shifted(home, i, strip)) for i in range(cells)]


def store_state(writer: Writer, kind: Any, array: Any, home: Any, values: Sequence[Any]) -> None:
    """The reverse of ``load_state``."""
    strip = ir.Constant(home.type, STRIP)
    for i, value in enumerate(values):
        writer.store(kind, array, writer.shifted(home, i, strip), value)


@typed
def begin(typing: Any, order: Any, start: Any, at: Any, state: Any, home: Any) -> Any:
    """Spread 16 channels of ``start`` into ``state``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, start, at, state, home = args
        _, start_kind, _, state_kind, _ = signature.args
        writer = Writer(context, builder, OF[start_kind.dtype])
        rows = writer.load_rows(start_kind, start, at, len(signature.args[0]))
        store_state(writer, state_kind, state, home, rows)
        return context.get_dummy_value()

    return types.void(order, start, INT, state, INT), code


@typed
def advance(
    typing: Any, order: Any, u: Any, at_u: Any, step: Any, state: Any, home: Any, taps: Any,
    at_taps: Any,
) -> Any:  # fmt: skip
    """A step of ``state``, which is written to ``taps`` as well."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, u, at_u, step, state, home, taps, at_taps = args
        order, u_kind, _, step_kind, state_kind, _, taps_kind, _ = signature.args
        writer = Writer(context, builder, OF[u_kind.dtype])
        coefficients = _Step(writer, step_kind, len(order), step, home)
        before = load_state(writer, state_kind, state, home, len(order))
        after = coefficients.forward(writer.load(u_kind, u, at_u), before)
        store_state(writer, state_kind, state, home, after)
        writer.store_rows(taps_kind, taps, at_taps, after)
        return context.get_dummy_value()

    return types.void(order, u, INT, step, state, INT, taps, INT), code


@typed
def retreat(
    typing: Any, order: Any, grad: Any, at_grad: Any, u: Any, to_u: Any, at_u: Any, step: Any,
    before: Any, at_before: Any, lam: Any, sums: Any, home: Any,
) -> Any:  # fmt: skip
    """λ one step back; its products with u and the states before are added to ``sums``.

    ``sums`` (n, n + 1, STRIP) has its place at ``home`` as well.
    """

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, grad, at_grad, u, to_u, at_u, step, before, at_before, lam, sums, home = args
        (
            order, grad_kind, _, u_kind, to_kind, _, step_kind, before_kind, _, lam_kind,
            sums_kind, _,
        ) = signature.args  # fmt: skip
        cells, strip = len(order), ir.Constant(home.type, STRIP)
        writer = Writer(context, builder, OF[u_kind.dtype])
        coefficients = _Step(writer, step_kind, cells, step, home)
        # Everything is read before anything is written: a read behind a write to an address that
        # differs by a multiple of 4096 bytes, as of u and its gradient, waits for it.
        later = load_state(writer, lam_kind, lam, home, cells)
        added = writer.load_rows(grad_kind, grad, at_grad, cells)
        factors = [
            writer.load(u_kind, u, at_u),
            *writer.load_rows(before_kind, before, at_before, cells),
        ]
        places = [
            (i, j, writer.shifted(home, i * (cells + 1) + j, strip))
            for i in range(cells)
            for j in range(i + 2)
        ]
        totals = [writer.load(sums_kind, sums, place) for _, _, place in places]
        now = coefficients.back(later, added)
        back = writer.mul(coefficients.weight(0, 0), now[0])
        for i in range(1, cells):
            back = writer.fma(coefficients.weight(i, 0), now[i], back)
        store_state(writer, lam_kind, lam, home, now)
        writer.store(to_kind, to_u, at_u, back)
        for (i, j, place), total in zip(places, totals, strict=True):
            writer.store(sums_kind, sums, place, writer.fma(now[i], factors[j], total))
        return context.get_dummy_value()

    return types.void(
        order, grad, INT, u, to_u, INT, step, before, INT, lam, sums, INT
    ), code  # fmt: skip


@typed
def arrive(
    typing: Any, order: Any, step: Any, lam: Any, home: Any, to_start: Any, at_start: Any,
) -> Any:  # fmt: skip
    """Aᵀ λ of the first step into ``to_start``; ``lam`` becomes zero."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, step, lam, home, to_start, at_start = args
        order, step_kind, lam_kind, _, start_kind, _ = signature.args
        writer = Writer(context, builder, OF[lam_kind.dtype])
        none = ir.Constant(OF[lam_kind.dtype].code, None)
        coefficients = _Step(writer, step_kind, len(order), step, home)
        later = load_state(writer, lam_kind, lam, home, len(order))
        rows = coefficients.back(later, [none] * len(order))
        writer.store_rows(start_kind, to_start, at_start, rows)
        store_state(writer, lam_kind, lam, home, [none] * len(order))
        return context.get_dummy_value()

    return types.void(order, step, lam, INT, to_start, INT), code


@typed
def finish(typing: Any, order: Any, lam: Any, home: Any, to_start: Any, at: Any) -> Any:
    """Gather ``lam`` into 16 channels of ``to_start``; it becomes zero."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, lam, home, to_start, at = args
        order, lam_kind, _, start_kind, _ = signature.args
        writer = Writer(context, builder, OF[lam_kind.dtype])
        rows = load_state(writer, lam_kind, lam, home, len(order))
        writer.store_rows(start_kind, to_start, at, rows)
        none = ir.Constant(OF[lam_kind.dtype].code, None)
        store_state(writer, lam_kind, lam, home, [none] * len(order))
        return context.get_dummy_value()

    return types.void(order, lam, INT, to_start, INT), code
