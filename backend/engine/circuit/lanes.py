"""64 samples at a time: a number type of compiled kernels that lives in vector registers.

``Lanes`` is LLVM's ``<64 x float>``: four registers of AVX-512, eight of AVX2, sixteen of NEON.
LLVM splits it as the machine needs, and every lane sees the same operations in the same order, so
a sample's result does not depend on its place in the tile.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

WIDTH = 64
FLOAT = ir.FloatType()
INT = ir.IntType(32)
VECTOR = ir.VectorType(FLOAT, WIDTH)
INTEGERS = ir.VectorType(INT, WIDTH)


class Lanes(types.Type):
    """The type of 64 float32 values, one a sample."""

    def __init__(self) -> None:
        super().__init__("Lanes64")


LANES = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


def _intrinsic(make: Callable[..., Any]) -> Any:
    """numba's decorator takes the first argument away, which type checkers do not know."""
    return intrinsic(make)


def _constant(value: float) -> ir.Constant:
    return ir.Constant(VECTOR, [value] * WIDTH)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, offset: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [offset], inbounds=True), VECTOR.as_pointer())


def _call(builder: Any, name: str, values: Sequence[Any]) -> Any:
    kind = ir.FunctionType(VECTOR, [VECTOR] * len(values))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f32")
    return builder.call(function, values)


@_intrinsic
def load(typing: Any, array: Any, offset: Any) -> Any:
    """Lanes from a flat float32 array, beginning at ``offset``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, signature.args[0], *args), align=4)

    return LANES(array, types.int64), code


@_intrinsic
def store(typing: Any, array: Any, offset: Any, value: Any) -> Any:
    """Write lanes to a flat float32 array, beginning at ``offset``."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, offset, value = args
        pointer = _pointer(context, builder, signature.args[0], array, offset)
        builder.store(value, pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, types.int64, LANES), code


@_intrinsic
def spread(typing: Any, value: Any) -> Any:
    """The same float32 in every lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        empty = ir.Constant(VECTOR, ir.Undefined)
        first = builder.insert_element(empty, args[0], ir.Constant(INT, 0))
        return builder.shuffle_vector(first, empty, ir.Constant(INTEGERS, [0] * WIDTH))

    return LANES(types.float32), code


def _operation(count: int, make: Callable[..., Any]) -> Any:
    """An intrinsic of ``count`` lanes to lanes from a maker of LLVM code."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return make(builder, *args)

    if count == 1:
        return _intrinsic(lambda typing, a: (LANES(LANES), code))
    if count == 2:
        return _intrinsic(lambda typing, a, b: (LANES(LANES, LANES), code))
    return _intrinsic(lambda typing, a, b, c: (LANES(LANES, LANES, LANES), code))


def _select(builder: Any, sign: str, left: Any, right: Any, yes: Any, no: Any) -> Any:
    return builder.select(builder.fcmp_ordered(sign, left, right), yes, no)


def _power_of_two(builder: Any, n: Any) -> Any:
    whole = builder.fptosi(n, INTEGERS)
    biased = builder.add(whole, ir.Constant(INTEGERS, [127] * WIDTH))
    return builder.bitcast(builder.shl(biased, ir.Constant(INTEGERS, [23] * WIDTH)), VECTOR)


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
"""2^n of lanes that hold whole numbers between -126 and 127."""
root = _operation(1, lambda builder, a: _call(builder, "sqrt", (a,)))

# Comparisons are written so that NaN comes through: a sample that has failed must show it.
positive = _operation(
    1, lambda builder, a: _select(builder, ">", _constant(0.0), a, _constant(0.0), a)
)
"""max(a, 0)."""
at_least = _operation(2, lambda builder, a, b: _select(builder, ">", b, a, b, a))
"""max(a, b), NaN where a is."""
at_most = _operation(2, lambda builder, a, b: _select(builder, "<", b, a, b, a))
"""min(a, b), NaN where a is."""
where_positive = _operation(
    3, lambda builder, u, a, b: _select(builder, ">", u, _constant(0.0), a, b)
)
"""a where u > 0, else b."""


def _shuffle(builder: Any, a: Any, b: Any, order: Sequence[int]) -> Any:
    mask = ir.Constant(ir.VectorType(INT, len(order)), list(order))
    return builder.shuffle_vector(a, b, mask)


def _folded(builder: Any, value: Any) -> Any:
    """64 lanes to 16 by adding the quarters."""
    parts = [_shuffle(builder, value, value, range(at, at + 16)) for at in (0, 16, 32, 48)]
    return builder.fadd(builder.fadd(parts[0], parts[1]), builder.fadd(parts[2], parts[3]))


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
        four = ir.VectorType(FLOAT, 4)
        place = builder.bitcast(builder.gep(data, [offset], inbounds=True), four.as_pointer())
        before = builder.load(place, align=4)
        builder.store(builder.fadd(before, _sums(builder, values)), place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.int64, LANES, LANES, LANES, LANES), code
