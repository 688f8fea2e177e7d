"""16 channels at a time: number types of compiled kernels that live in vector registers.

LLVM's ``<16 x float>`` and ``<16 x double>``; LLVM splits them as the machine needs. Which of the
two an operation is about follows from the arrays that are read.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

WIDTH = 16
"""Channels in a vector; kernels see channels padded to a multiple of it."""
INT = ir.IntType(32)


class Vector(types.Type):
    """The type of 16 numbers of one kind, one a channel."""

    def __init__(self, scalar: Any, code: ir.Type, suffix: str) -> None:
        super().__init__(f"Vector{WIDTH}_{suffix}")
        self.scalar, self.suffix = scalar, suffix
        self.code = ir.VectorType(code, WIDTH)


SINGLE = Vector(types.float32, ir.FloatType(), "f32")
DOUBLE = Vector(types.float64, ir.DoubleType(), "f64")
OF = {SINGLE.scalar: SINGLE, DOUBLE.scalar: DOUBLE}


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.code)


def typed(make: Callable[..., Any]) -> Any:
    """An intrinsic; numba takes its first argument away, which type checkers do not know."""
    return intrinsic(make)


class Writer:
    """Writes the code of an intrinsic: vectors of one kind from and to flat arrays.

    Args:
        context: numba's.
        builder: numba's.
        kind: of the vectors.
    """

    def __init__(self, context: Any, builder: Any, kind: Vector) -> None:
        self.context, self.builder, self.kind = context, builder, kind

    def place(self, array_kind: Any, array: Any, offset: Any) -> Any:
        """The address of a flat array's numbers from ``offset`` on."""
        data = self.context.make_array(array_kind)(self.context, self.builder, array).data
        place = self.builder.gep(data, [offset], inbounds=True)
        return self.builder.bitcast(place, OF[array_kind.dtype].code.as_pointer())

    def shifted(self, offset: Any, count: int, stride: Any) -> Any:
        """``offset`` + ``count`` ``stride``."""
        if not count:
            return offset
        factor = ir.Constant(offset.type, count)
        return self.builder.add(offset, self.builder.mul(factor, stride))

    def load(self, array_kind: Any, array: Any, offset: Any) -> Any:
        """16 numbers."""
        align = array_kind.dtype.bitwidth // 8
        return self.builder.load(self.place(array_kind, array, offset), align=align)

    def store(self, array_kind: Any, array: Any, offset: Any, value: Any) -> None:
        """Write 16 numbers."""
        align = array_kind.dtype.bitwidth // 8
        self.builder.store(value, self.place(array_kind, array, offset), align=align)

    def mul(self, a: Any, b: Any) -> Any:
        """A b."""
        return self.builder.fmul(a, b)

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """A b + c with one rounding."""
        code = self.kind.code
        name = f"llvm.fma.v{WIDTH}{self.kind.suffix}"
        declared = ir.FunctionType(code, [code] * 3)
        function = cgutils.get_or_insert_function(self.builder.module, declared, name)
        return self.builder.call(function, [a, b, c])

    def picked(self, sources: Sequence[Any], lanes: Sequence[tuple[int, int]]) -> Any:
        """One vector of (source, lane) for every lane, by shuffles of two at a time."""
        made = sources[0]
        ready = [lane if source == 0 else None for source, lane in lanes]
        for k in range(1, len(sources)):
            mask = [
                WIDTH + lane if source == k else at if done is not None and k > 1 else done
                for at, ((source, lane), done) in enumerate(zip(lanes, ready, strict=True))
            ]
            order = ir.Constant(ir.VectorType(INT, WIDTH), [each or 0 for each in mask])
            made = self.builder.shuffle_vector(made, sources[k], order)
            ready = [at if each is not None else None for at, each in enumerate(mask)]
        return made

    def load_rows(self, array_kind: Any, array: Any, offset: Any, cells: int) -> list[Any]:
        """A vector for every cell from 16 channels of ``cells`` neighbouring numbers each."""
        width = ir.Constant(offset.type, WIDTH)
        blocks = [
            self.load(array_kind, array, self.shifted(offset, block, width))
            for block in range(cells)
        ]
        return [
            self.picked(blocks, [divmod(lane * cells + cell, WIDTH) for lane in range(WIDTH)])
            for cell in range(cells)
        ]

    def store_rows(self, array_kind: Any, array: Any, offset: Any, values: Sequence[Any]) -> None:
        """The reverse of ``load_rows``."""
        cells, width = len(values), ir.Constant(offset.type, WIDTH)
        for block in range(cells):
            places = [divmod(block * WIDTH + lane, cells) for lane in range(WIDTH)]
            value = self.picked(values, [(cell, lane) for lane, cell in places])
            self.store(array_kind, array, self.shifted(offset, block, width), value)


@typed
def move_wide(typing: Any, wide: Any, at: Any, array: Any, offset: Any) -> Any:
    """Add 16 numbers of ``array`` to 16 of a flat float64 array, and set them to zero."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide_kind, _, kind, _ = signature.args
        wide, at, array, offset = args
        writer = Writer(context, builder, OF[kind.dtype])
        value = writer.load(kind, array, offset)
        writer.store(kind, array, offset, ir.Constant(OF[kind.dtype].code, None))
        if kind.dtype == types.float32:
            value = builder.fpext(value, DOUBLE.code)
        total = builder.fadd(writer.load(wide_kind, wide, at), value)
        writer.store(wide_kind, wide, at, total)
        return context.get_dummy_value()

    return types.void(wide, types.int64, array, types.int64), code
