"""One step of 16 channels with its own x = Δ/τ, forward and back, unrolled for the cells.

``rest`` = e^(-x) and ``fall`` = e^(-x) - 1 are made outside, each to full relative accuracy;
w_h = rest x^h/h!, B_i = -fall - w_1 - .. - w_{i-1}, and dw_h/dx = w_{h-1} - w_h.
"""

from typing import Any

from llvmlite import ir
from numba import types

from .steps import load_state, store_state
from .vectors import OF, Writer, typed

INT = types.int64


class _Weights:
    """w_h for h = 0 .. n - 1 and B_i, from x, rest and fall of a step."""

    def __init__(self, writer: Writer, cells: int, x: Any, rest: Any, fall: Any) -> None:
        build, code = writer.builder, writer.kind.code
        self.w, self.inputs = [rest], [build.fneg(fall)]
        for h in range(1, cells):
            part = ir.Constant(code, [1.0 / h] * code.count)
            self.w.append(build.fmul(build.fmul(self.w[-1], x), part))
            self.inputs.append(build.fsub(self.inputs[-1], self.w[-1]))


@typed
def advance(
    typing: Any, order: Any, u: Any, x: Any, rest: Any, fall: Any, at: Any, state: Any, home: Any,
    taps: Any, at_taps: Any,
) -> Any:  # fmt: skip
    """A step of ``state``, which is written to ``taps`` as well."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _, u, x, rest, fall, at, state, home, taps, at_taps = args
        order, kind, _, _, _, _, state_kind, _, taps_kind, _ = signature.args
        cells, writer = len(order), Writer(context, builder, OF[kind.dtype])
        given, *of_x = (writer.load(kind, array, at) for array in (u, x, rest, fall))
        weights, lost = _Weights(writer, cells, *of_x), of_x[-1]
        before = load_state(writer, state_kind, state, home, cells)
        after = []
        for i, own in enumerate(before):
            value = writer.mul(weights.inputs[i], given)
            for j in range(i):
                value = writer.fma(weights.w[i - j], before[j], value)
            after.append(builder.fadd(own, writer.fma(lost, own, value)))
        store_state(writer, state_kind, state, home, after)
        writer.store_rows(taps_kind, taps, at_taps, after)
        return context.get_dummy_value()

    return types.void(order, u, x, rest, fall, INT, state, INT, taps, INT), code


@typed
def retreat(
    typing: Any, order: Any, grad: Any, u: Any, x: Any, rest: Any, fall: Any, to_u: Any,
    to_x: Any, at: Any, at_taps: Any, before: Any, at_before: Any, lam: Any, home: Any,
) -> Any:  # fmt: skip
    """``lam`` from Aᵀ λ of the step after to that of this step, with the gradients of the step."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (
            _, grad, u, x, rest, fall, to_u, to_x, at, at_taps, before, at_before, lam, home,
        ) = args  # fmt: skip
        order, grad_kind, kind, *_, before_kind, _, lam_kind, _ = signature.args
        cells, writer = len(order), Writer(context, builder, OF[kind.dtype])
        given, *of_x = (writer.load(kind, array, at) for array in (u, x, rest, fall))
        weights, lost = _Weights(writer, cells, *of_x), of_x[-1]
        carried = load_state(writer, lam_kind, lam, home, cells)
        added = writer.load_rows(grad_kind, grad, at_taps, cells)
        own = [builder.fadd(a, b) for a, b in zip(carried, added, strict=True)]
        past = writer.load_rows(before_kind, before, at_before, cells)
        gradients = _gradients(writer, weights, own, past, given)
        for array, value in zip((to_u, to_x), gradients, strict=True):
            writer.store(kind, array, at, value)
        passed = []
        for j, value in enumerate(own):
            rest = writer.mul(lost, value)
            for i in range(j + 1, cells):
                rest = writer.fma(weights.w[i - j], own[i], rest)
            passed.append(builder.fadd(value, rest))
        store_state(writer, lam_kind, lam, home, passed)
        return context.get_dummy_value()

    return types.void(
        order, grad, u, x, rest, fall, to_u, to_x, INT, INT, before, INT, lam, INT
    ), code


def _gradients(
    writer: Writer, weights: _Weights, own: list[Any], past: list[Any], given: Any
) -> tuple[Any, Any]:
    """By u and by x of one step."""
    build, cells = writer.builder, len(own)
    none = ir.Constant(writer.kind.code, None)
    to_u, to_x = none, none
    for gain, value in zip(weights.inputs, own, strict=True):
        to_u = writer.fma(gain, value, to_u)
    excess = [build.fsub(each, given) for each in past]
    for h in range(cells):
        # w_h enters A_i,i-h, and with a minus B_i, of every cell from h + 1 on.
        by_weight = none
        for i in range(h, cells):
            by_weight = writer.fma(own[i], excess[i - h], by_weight)
        slope = build.fsub(weights.w[h - 1] if h else none, weights.w[h])
        to_x = writer.fma(slope, by_weight, to_x)
    return to_u, to_x
