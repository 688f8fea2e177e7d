"""Many samples at a time: number types of compiled kernels that live in vector registers.

``LANES`` is LLVM's ``<64 x float>``: four registers of AVX-512, eight of AVX2, sixteen of NEON;
``LANES64`` is ``<32 x double>``, which takes as many. LLVM splits them as the machine needs, and
every lane sees the same operations in the same order, so a sample's result does not depend on its
place in the tile. A kernel is written once: its arrays say which type it is compiled for.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

from .caching import OPTIONS

INT = ir.IntType(32)
WIDTHS = {np.dtype(np.float32): 64, np.dtype(np.float64): 32}
"""Samples of a tile by the type of its numbers."""


class Lanes(types.Type):
    """The type of the values of one tile, one a sample.

    Args:
        element: the type of each.
    """

    def __init__(self, element: Any) -> None:
        self.element = element
        self.count = WIDTHS[np.dtype(str(element))]
        super().__init__(f"Lanes{self.count}_{element}")

    @property
    def code(self) -> Any:
        """LLVM's type."""
        number = ir.FloatType() if self.element is types.float32 else ir.DoubleType()
        return ir.VectorType(number, self.count)


LANES, LANES64 = Lanes(types.float32), Lanes(types.float64)
_OF = {types.float32: LANES, types.float64: LANES64}


def _of(kind: Any) -> Any:
    """The lanes of an array, a number or lanes."""
    if isinstance(kind, Lanes):
        return kind
    return _OF.get(kind.dtype if isinstance(kind, types.Array) else kind)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.code)


def _intrinsic(make: Callable[..., Any]) -> Any:
    """numba's decorator takes the first argument away, which type checkers do not know."""
    return intrinsic(make)


def by_type(single: Callable[..., Any], double: Callable[..., Any]) -> Callable[..., Any]:
    """A part of kernels that is ``single`` for lanes of float32 and ``double`` for float64."""

    def chosen(x: Any) -> Any:
        raise NotImplementedError("for compiled code only")

    options: Any = OPTIONS | {"forceinline": True}

    @overload(chosen, jit_options=options)
    def _choose(x: Any) -> Any:
        part = single if x is LANES else double

        # numba compares the annotations of both signatures.
        def run(x: Any) -> Any:
            return part(x)

        return run

    return chosen


def _constant(kind: Any, value: float) -> ir.Constant:
    return ir.Constant(kind, [value] * kind.count)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    place = builder.gep(data, [offset], inbounds=True)
    return builder.bitcast(place, _of(kind).code.as_pointer())


def _call(builder: Any, name: str, values: Sequence[Any]) -> Any:
    vector = values[0].type
    bits = 32 if isinstance(vector.element, ir.FloatType) else 64
    kind = ir.FunctionType(vector, [vector] * len(values))
    full = f"llvm.{name}.v{vector.count}f{bits}"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, full), values)


def _alignment(kind: Any) -> int:
    return kind.dtype.bitwidth // 8


@_intrinsic
def width(typing: Any, like: Any) -> Any:
    """Samples of a tile, a constant of the type of an array or of lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.get_constant(types.int64, _of(signature.args[0]).count)

    return types.int64(like), code


@_intrinsic
def load(typing: Any, array: Any, offset: Any) -> Any:
    """Lanes from a flat array, beginning at ``offset``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.args[0]
        return builder.load(_pointer(context, builder, kind, *args), align=_alignment(kind))

    return _of(array)(array, types.int64), code


@_intrinsic
def store(typing: Any, array: Any, offset: Any, value: Any) -> Any:
    """Write lanes to a flat array, beginning at ``offset``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, offset, value = args
        kind = signature.args[0]
        pointer = _pointer(context, builder, kind, array, offset)
        builder.store(value, pointer, align=_alignment(kind))
        return context.get_dummy_value()

    return types.void(array, types.int64, _of(array)), code


def _spread(builder: Any, kind: Any, value: Any) -> Any:
    empty = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(empty, value, ir.Constant(INT, 0))
    order = ir.Constant(ir.VectorType(INT, kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, empty, order)


@_intrinsic
def spread(typing: Any, value: Any) -> Any:
    """The same number in every lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _spread(builder, signature.return_type.code, args[0])

    kind = _of(value)
    return (kind(value), code) if kind else None


@_intrinsic
def fill(typing: Any, like: Any, value: Any) -> Any:
    """A number in every lane, rounded to the type of an array or of lanes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.return_type
        number = context.cast(builder, args[1], signature.args[1], kind.element)
        return _spread(builder, kind.code, number)

    return _of(like)(like, value), code


def _operation(count: int, make: Callable[..., Any]) -> Any:
    """An intrinsic of ``count`` lanes to lanes from a maker of LLVM code."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return make(builder, *args)

    if count == 1:
        return _intrinsic(lambda typing, a: (a(a), code))
    if count == 2:
        return _intrinsic(lambda typing, a, b: (a(a, a), code))
    return _intrinsic(lambda typing, a, b, c: (a(a, a, a), code))


def _select(builder: Any, sign: str, left: Any, right: Any, yes: Any, no: Any) -> Any:
    return builder.select(builder.fcmp_ordered(sign, left, right), yes, no)


def _zero(value: Any) -> ir.Constant:
    return _constant(value.type, 0.0)


def _power_of_two(builder: Any, n: Any) -> Any:
    if isinstance(n.type.element, ir.FloatType):
        integers = ir.VectorType(INT, n.type.count)
        biased = builder.add(builder.fptosi(n, integers), _constant(integers, 127))
        return builder.bitcast(builder.shl(biased, _constant(integers, 23)), n.type)
    # A sum of 2^52 and more has the whole number in its last bits: AVX2 converts no int64.
    integers = ir.VectorType(ir.IntType(64), n.type.count)
    biased = builder.fadd(n, _constant(n.type, 1.5 * 2.0**52 + 1023))
    bits = builder.bitcast(biased, integers)
    return builder.bitcast(builder.shl(bits, _constant(integers, 52)), n.type)


add = _operation(2, lambda builder, a, b: builder.fadd(a, b))
sub = _operation(2, lambda builder, a, b: builder.fsub(a, b))
mul = _operation(2, lambda builder, a, b: builder.fmul(a, b))
div = _operation(2, lambda builder, a, b: builder.fdiv(a, b))
fma = _operation(3, lambda builder, a, b, c: _call(builder, "fma", (a, b, c)))
"""a b + c with one rounding."""
minus = _operation(1, lambda builder, a: builder.fneg(a))
"""-a, which costs nothing as a factor of ``fma``."""
magnitude = _operation(1, lambda builder, a: _call(builder, "fabs", (a,)))
nearest = _operation(1, lambda builder, a: _call(builder, "rint", (a,)))
power_of_two = _operation(1, _power_of_two)
"""2^n of lanes that hold whole numbers between -126 and 127 (-1022 and 1023 in float64)."""
root = _operation(1, lambda builder, a: _call(builder, "sqrt", (a,)))

# Comparisons are written so that NaN comes through: a sample that has failed must show it.
positive = _operation(1, lambda builder, a: _select(builder, ">", _zero(a), a, _zero(a), a))
"""max(a, 0)."""
at_least = _operation(2, lambda builder, a, b: _select(builder, ">", b, a, b, a))
"""max(a, b), NaN where a is."""
at_most = _operation(2, lambda builder, a, b: _select(builder, "<", b, a, b, a))
"""min(a, b), NaN where a is."""
where_positive = _operation(3, lambda builder, u, a, b: _select(builder, ">", u, _zero(u), a, b))
"""a where u > 0, else b."""


def polynomial(coefficients: Sequence[float]) -> Any:
    """A polynomial of lanes by Horner's rule, its highest coefficient first."""

    def horner(builder: Any, x: Any) -> Any:
        value = _constant(x.type, coefficients[0])
        for coefficient in coefficients[1:]:
            value = _call(builder, "fma", (value, x, _constant(x.type, coefficient)))
        return value

    return _operation(1, horner)


def _shuffle(builder: Any, a: Any, b: Any, order: Sequence[int]) -> Any:
    mask = ir.Constant(ir.VectorType(INT, len(order)), list(order))
    return builder.shuffle_vector(a, b, mask)


def _folded(builder: Any, value: Any) -> Any:
    """All lanes to 16 by adding halves or quarters."""
    starts = range(0, value.type.count, 16)
    parts = [_shuffle(builder, value, value, range(at, at + 16)) for at in starts]
    while len(parts) > 1:
        parts = [builder.fadd(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _paired(builder: Any, a: Any, b: Any) -> Any:
    """Neighbours of two vectors of 8 added up, four by four: a shuffle that needs no table."""
    even = [0, 2, 8, 10, 4, 6, 12, 14]
    odd = [index + 1 for index in even]
    return builder.fadd(_shuffle(builder, a, b, even), _shuffle(builder, a, b, odd))


def _sums(builder: Any, values: Sequence[Any]) -> Any:
    """The sums over all lanes of four vectors, as one vector of four; by halves, all at once."""
    eights = [
        builder.fadd(
            _shuffle(builder, value, value, range(8)), _shuffle(builder, value, value, range(8, 16))
        )
        for value in (_folded(builder, value) for value in values)
    ]
    a, b, c, d = eights
    four = _paired(builder, _paired(builder, a, b), _paired(builder, c, d))
    return builder.fadd(
        _shuffle(builder, four, four, range(4)), _shuffle(builder, four, four, range(4, 8))
    )


@_intrinsic
def add_totals(typing: Any, array: Any, offset: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Add the sums over all lanes of four vectors to four neighbouring numbers."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, offset, *values = args
        data = context.make_array(signature.args[0])(context, builder, array).data
        four = ir.VectorType(values[0].type.element, 4)
        place = builder.bitcast(builder.gep(data, [offset], inbounds=True), four.as_pointer())
        align = _alignment(signature.args[0])
        before = builder.load(place, align=align)
        builder.store(builder.fadd(before, _sums(builder, values)), place, align=align)
        return context.get_dummy_value()

    return types.void(array, types.int64, a, a, a, a), code
