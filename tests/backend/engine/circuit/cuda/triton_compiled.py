"""Compiles every Triton kernel for a GPU that need not be there; fails with what Triton says.

The interpreter runs Python and so forgives what the compiler refuses.
"""

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from backend.engine.circuit.cuda import dense, edges, rows

HOPPER = GPUTarget("cuda", 90, 32)
EVERY = sum(code << (3 * place) for place, code in enumerate(range(6)))
TABLES = {"items", "hubs", "other", "table", "source", "target"}
NUMBERS = {"stage", "nodes", "batch", "entries", "steps", "cells", "rows", "per_split", "devices"}


def types(kernel, constants):
    """Every argument's type: tables are integers, so are counts; all else is float32 in memory."""
    numbers, names = NUMBERS | {"stages"}, {}
    if kernel is edges.edge_gradients:
        numbers = NUMBERS | {"first", "last"}
    for name in kernel.arg_names:
        if name in constants:
            names[name] = "constexpr"
        elif name in numbers:
            names[name] = "i32"
        else:
            names[name] = "*i32" if name in TABLES or name == "first" else "*fp32"
    return names


def build(kernel, **constants):
    place = kernel.arg_names.index
    fixed = {(place(name),): value for name, value in constants.items()}
    source = ASTSource(kernel, types(kernel, constants), constexprs=fixed)
    binary = triton.compile(source, target=HOPPER).asm["cubin"]
    assert binary[:4] == b"\x7fELF"
    print(kernel.__name__)


if __name__ == "__main__":
    tile = {"TILE": 64, "TRACE": True}
    walk = {"WORD": EVERY, "GROUPS": 6, "CHUNK": 16} | tile
    cells = {"WORD": EVERY, "GROUPS": 6, "SIZE": 16, "SAMPLES": 2, "SLOTS": 4, "TRACE": True}
    # Triton treats a count of 1 as a constant.
    least = {"nodes": 1, "batch": 1, "WORD": 3, "GROUPS": 1, "TRACE": False}
    build(rows.stage_rows, **walk)
    build(rows.stage_rows, **least, entries=1, CHUNK=1, TILE=1)
    build(rows.stage_hubs, **tile)
    build(rows.adjoint_rows, **walk)
    build(rows.adjoint_rows, **least, entries=1, CHUNK=1, TILE=1)
    build(rows.adjoint_hubs, TILE=64)
    build(edges.edge_gradients, **tile, CODE=3, DEVICES=16, GAIN=True)
    build(dense.dense_stages, **cells, KEEP=1)
    build(dense.dense_stages, **least, cells=1, SIZE=1, SAMPLES=1, SLOTS=1, KEEP=2)
    build(dense.dense_adjoint, **cells)
    build(dense.dense_adjoint, **least, cells=1, SIZE=1, SAMPLES=1, SLOTS=1)
