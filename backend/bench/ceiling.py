"""What one core can do at best: the forward kernel's instructions without any memory traffic.

Two multiply-adds, a maximum and an addition make one device and 16 samples, here in independent
chains that live in registers. No kernel can be faster; a "ceiling" that one exceeds is broken.
"""

import time
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.extending import intrinsic

AVX512 = get_host_cpu_features().get("avx512f", False)
LANES = 16 if AVX512 else 8
CHAINS = 12 if AVX512 else 6
"""Chains that do not wait for each other: enough to hide the latency of two multiply-adds, few
enough for the 32 (16) vector registers."""
TURNS = 2_000_000
FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, LANES)
COUNT = ir.IntType(64)


class Ceiling(NamedTuple):
    """Highest rates of one core.

    Args:
        edge_samples: device evaluations, relu forward [1/ns].
        edge_ops: vector instructions in that mix [1/ns].
        fma_ops: vector multiply-adds alone [1/ns].
        gflops: of multiply-adds alone, two operations each [GFLOP/s].
    """

    edge_samples: float
    edge_ops: float
    fma_ops: float
    gflops: float


def _splat(builder: Any, value: Any) -> Any:
    empty = ir.Constant(VECTOR, ir.Undefined)
    one = builder.insert_element(empty, value, ir.Constant(ir.IntType(32), 0))
    mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(one, empty, mask)


def _fma(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """a b + c, rounded once; llvmlite's own ``fma`` takes no vectors."""
    kind, name = ir.FunctionType(VECTOR, [VECTOR] * 3), f"llvm.fma.v{LANES}f32"
    known = builder.module.globals.get(name)
    return builder.call(known or ir.Function(builder.module, kind, name), [a, b, c])


def _loop(builder: Any, turns: Any, starts: list[Any], body: Any) -> Any:
    """The sum of all vectors after ``turns`` of ``body``, lane 0."""
    before = builder.block
    inside = builder.append_basic_block("turn")
    after = builder.append_basic_block("end")
    builder.branch(inside)
    builder.position_at_end(inside)
    count = builder.phi(COUNT)
    phis = [builder.phi(VECTOR) for _ in starts]
    ends = body(phis)
    count.add_incoming(ir.Constant(COUNT, 0), before)
    for phi, start, end in zip(phis, starts, ends, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(end, inside)
    following = builder.add(count, ir.Constant(COUNT, 1))
    count.add_incoming(following, inside)
    builder.cbranch(builder.icmp_signed("<", following, turns), inside, after)
    builder.position_at_end(after)
    total = ends[0]
    for end in ends[1:]:
        total = builder.fadd(total, end)
    return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))


@intrinsic
def _fma_chains(typing_context: Any, a: Any, b: Any, turns: Any) -> Any:
    """x <- a x + b in ``CHAINS`` vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scale, shift = (_splat(builder, value) for value in arguments[:2])
        starts = [
            builder.fadd(shift, ir.Constant(VECTOR, [float(k)] * LANES)) for k in range(CHAINS)
        ]
        return _loop(
            builder, arguments[2], starts, lambda xs: [_fma(builder, scale, x, shift) for x in xs]
        )

    return types.float32(types.float32, types.float32, types.int64), generate


@intrinsic
def _edge_chains(typing_context: Any, a: Any, b: Any, turns: Any) -> Any:
    """u <- b (a u + b) + a and total <- total + max(u, 0) in ``CHAINS`` pairs of vectors."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        one, two = (_splat(builder, value) for value in arguments[:2])
        zero = ir.Constant(VECTOR, [0.0] * LANES)

        def body(phis: list[Any]) -> list[Any]:
            us, totals = phis[:CHAINS], phis[CHAINS:]
            us = [_fma(builder, two, _fma(builder, one, u, two), one) for u in us]
            open_ = [builder.select(builder.fcmp_ordered(">", u, zero), u, zero) for u in us]
            return [*us, *(builder.fadd(t, i) for t, i in zip(totals, open_, strict=True))]

        first = [builder.fadd(two, ir.Constant(VECTOR, [float(k)] * LANES)) for k in range(CHAINS)]
        return _loop(builder, arguments[2], [*first, *([zero] * CHAINS)], body)

    return types.float32(types.float32, types.float32, types.int64), generate


@njit
def fma_chains(a: float, b: float, turns: int) -> float:
    """Multiply-adds alone."""
    return _fma_chains(a, b, turns)  # pyright: ignore[reportCallIssue]


@njit
def edge_chains(a: float, b: float, turns: int) -> float:
    """The mix of the forward kernel."""
    return _edge_chains(a, b, turns)  # pyright: ignore[reportCallIssue]


def ceiling(repeats: int = 7, turns: int = TURNS) -> Ceiling:
    """The highest rates of this core, the best of several runs."""
    fma = _best(fma_chains, repeats, turns)
    edge = _best(edge_chains, repeats, turns)
    fma_ops = CHAINS * turns / fma / 1e9
    edges = CHAINS * turns / edge / 1e9
    return Ceiling(LANES * edges, 4 * edges, fma_ops, 2 * LANES * fma_ops)


def _best(kernel: Any, repeats: int, turns: int) -> float:
    """The least CPU time [s]; -0.5 and 0.25 keep every chain finite and normal."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        kernel(np.float32(-0.5), np.float32(0.25), turns)
        best = min(best, time.process_time() - start)
    return float(best)
