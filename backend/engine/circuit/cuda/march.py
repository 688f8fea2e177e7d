"""The order of the launches: steps forward, the adjoint backward, then the parameter gradients."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...tableaus import ButcherTableau
from ..plan import Plan
from .dense import dense_adjoint, dense_stages
from .edges import edge_gradients
from .layout import Dense, Layout, dense_terms, gather_terms, layout_of, power_of_two
from .legs import Leg, Weights, cut, weights_of
from .rows import adjoint_hubs, adjoint_rows, stage_hubs, stage_rows

STAGE_BYTES = 1 << 30
"""Memory for stored stage inputs, and once more for their cotangents; then steps are redone."""

TARGET_PROGRAMS = 1024
"""Programs worth having at once; few devices are spread over the stages until there are so many."""

SAMPLE_PROGRAMS = 128
"""Programs before one of them takes a second sample through a dense network."""


class Packed(NamedTuple):
    """The parameters of one slice in the orders of the kernels."""

    rows: Tensor | None
    dense: Tensor | None
    edges: Tensor


class Problem:
    """A trajectory whose shapes are known: tables, weights and the steps of every segment.

    Args:
        slices: the topologies.
        shape: (N, B) of the state.
        tableau: an explicit Runge-Kutta method.
        segments: (slice, steps, duration [s]) in the order of time.
        trace: carry the log-determinant channel.
        device: where everything lives.
    """

    def __init__(
        self,
        slices: Sequence[Plan],
        shape: tuple[int, int],
        tableau: ButcherTableau,
        segments: Sequence[tuple[int, int, float]],
        trace: bool,
        device: torch.device,
    ) -> None:
        self.layouts = [layout_of(plan, device) for plan in slices]
        self.counts = [
            sum(len(part.law.slots) for part in layout.plan.parts) for layout in self.layouts
        ]
        self.nodes, self.batch = shape
        self.stages, self.trace, self.device = tableau.stages, trace, device
        known: dict[float, Weights] = {}
        self.legs: list[Leg] = []
        self.after: list[int] = []
        """Steps done after every segment; a segment may have none."""
        self.steps = 0
        for part, steps, duration in segments:
            if steps:
                h = duration / steps
                if h not in known:
                    known[h] = weights_of(tableau, h, device)
                self.legs.append(Leg(part, known[h], self.steps, self.steps + steps))
                self.steps += steps
            self.after.append(self.steps)
        self.tile = min(power_of_two(self.batch), 64)

    @property
    def step_bytes(self) -> int:
        """Memory of the stage inputs of one step."""
        return 4 * self.stages * self.nodes * self.batch

    @property
    def stores_stages(self) -> bool:
        """Whether the inputs of all stages fit into memory."""
        return self.steps * self.step_bytes <= STAGE_BYTES

    def forward(self, params: Sequence[Tensor], v0: Tensor, keep: bool) -> tuple[Tensor, ...]:
        """States after the segments (S, N, B), logdet (B,), and what backward needs when kept."""
        packed = self._pack(params)
        ends = v0.new_empty(len(self.after), self.nodes, self.batch)
        diagonal = torch.zeros_like(v0) if self.trace else v0.new_empty(0)
        logdet = v0.new_zeros(self.batch)
        per_step = (self.stages if self.stores_stages else 1) if keep else 0
        kept = v0.new_empty(self.steps * per_step, self.nodes, self.batch)
        v = v0
        for leg in self.legs:
            part = kept[leg.start * per_step : leg.stop * per_step]
            end = ends[self.after.index(leg.stop)]
            self._run(leg, packed[leg.slice], v, end, part, (diagonal, logdet))
            v = end
        for place, step in enumerate(self.after):
            first = self.after.index(step)
            if step == 0:
                ends[place].copy_(v0)
            elif first != place:
                ends[place].copy_(ends[first])
        if self.trace:
            logdet += diagonal.sum(0)
        return (ends, logdet, kept) if keep else (ends, logdet)

    def backward(
        self, params: Sequence[Tensor], kept: Tensor, grad_states: Tensor, grad_logdet: Tensor
    ) -> tuple[Tensor, ...]:
        """The gradients of v0 (N, B) and of every parameter tensor."""
        packed = self._pack(params)
        totals = [torch.zeros_like(pack.edges) for pack in packed]
        cotangent = grad_states.new_zeros(self.nodes, self.batch)
        whole = len(kept) == self.steps * self.stages
        chunk = max(self.steps if whole else STAGE_BYTES // self.step_bytes, 1)
        for stop in range(self.steps, 0, -chunk):
            start = max(stop - chunk, 0)
            legs = cut(self.legs, start, stop)
            stages = kept if whole else self._again(legs, packed, kept)
            # One row in front takes what the first stage of all writes for a stage before it.
            mus = stages.new_empty(len(stages) + 1, self.nodes, self.batch)
            for leg in reversed(legs):
                self._enter(leg.stop, grad_states, cotangent)
                rows = slice((leg.start - start) * self.stages, (leg.stop - start) * self.stages)
                self._pull(
                    leg, packed[leg.slice], stages[rows], mus[rows.start : rows.stop + 1],
                    cotangent, grad_logdet,
                )  # fmt: skip
            for place, total in enumerate(totals):
                mine = [leg for leg in legs if leg.slice == place]
                terms = packed[place].edges
                self._gradients(place, mine, start, terms, stages, mus[1:], grad_logdet, total)
        self._enter(0, grad_states, cotangent)
        gradients: list[Tensor] = []
        for layout, total in zip(self.layouts, totals, strict=True):
            gradients += layout.gradients(total)
        return (cotangent, *gradients)

    def _enter(self, step: int, grad_states: Tensor, cotangent: Tensor) -> None:
        """Add the cotangents of the segments that end after a step."""
        for place, at in enumerate(self.after):
            if at == step:
                cotangent += grad_states[place]

    def _pack(self, params: Sequence[Tensor]) -> list[Packed]:
        result, start = [], 0
        for layout, count in zip(self.layouts, self.counts, strict=True):
            terms = layout.terms(params[start : start + count])
            start += count
            sorted_terms = gather_terms(terms, layout.edges.take)
            if layout.dense is not None:
                result.append(Packed(None, dense_terms(terms, layout.dense), sorted_terms))
            else:
                rows = gather_terms(terms, layout.rows.take, layout.rows.sign)
                result.append(Packed(rows, None, sorted_terms))
        return result

    def _again(self, legs: list[Leg], packed: list[Packed], states: Tensor) -> Tensor:
        """The stage inputs of some steps, made again from the states before the steps."""
        first = legs[0].start
        count = (legs[-1].stop - first) * self.stages
        stages = states.new_empty(count, self.nodes, self.batch)
        end = torch.empty_like(states[0])
        nothing = (torch.zeros_like(end), end.new_zeros(self.batch))
        for leg in legs:
            rows = stages[(leg.start - first) * self.stages : (leg.stop - first) * self.stages]
            self._run(leg, packed[leg.slice], states[leg.start], end, rows, nothing)
        return stages

    def _run(
        self, leg: Leg, packed: Packed, v: Tensor, end: Tensor, kept: Tensor,
        volume: tuple[Tensor, Tensor],
    ) -> None:  # fmt: skip
        """The steps of a leg; ``kept`` takes all stage inputs, or one state a step, or nothing."""
        if packed.dense is not None:
            self._run_dense(leg, packed.dense, v, end, kept, volume[1])
        else:
            self._run_rows(leg, packed.rows, v, end, kept, volume[0])

    def _run_rows(
        self, leg: Leg, terms: Tensor | None, v: Tensor, end: Tensor, kept: Tensor, diagonal: Tensor
    ) -> None:
        assert terms is not None
        layout, stages = self.layouts[leg.slice], self.stages
        rows, weights = layout.rows, leg.weights
        slopes = v.new_empty(stages, self.nodes, self.batch)
        partial = v.new_empty(2 * rows.pieces, self.batch)
        inputs = _inputs(kept, v, leg.stop - leg.start, stages)
        inputs[0].copy_(v)
        inputs.append(end)
        tiles, constants = _ceil(self.batch, self.tile), self._constants(layout)
        for r in range(len(inputs) - 1):
            stage = r % stages
            base = inputs[r - stage]
            after = (base, slopes, inputs[r + 1], diagonal, layout.inverse, weights.forward)
            _launch(
                stage_rows, (len(rows.items), tiles),
                inputs[r], *after, rows.items, rows.other, terms, partial,
                stage, stages, self.nodes, self.batch, len(rows.other),
                **constants, TRACE=self.trace,
            )  # fmt: skip
            if len(rows.hubs):
                _launch(
                    stage_hubs, (len(rows.hubs), tiles),
                    *after, rows.hubs, partial, stage, stages, self.nodes, self.batch,
                    TILE=self.tile, TRACE=self.trace,
                )  # fmt: skip

    def _run_dense(
        self, leg: Leg, terms: Tensor, v: Tensor, end: Tensor, kept: Tensor, logdet: Tensor
    ) -> None:
        layout, steps = self.layouts[leg.slice], leg.stop - leg.start
        dense = layout.dense
        assert dense is not None
        keep = 0 if not len(kept) else 2 if len(kept) == steps else 1
        constants = self._dense_constants(layout)
        _launch(
            dense_stages, (_ceil(self.batch, constants["SAMPLES"]),),
            v, end, kept, logdet, leg.weights.forward, leg.weights.quadrature,
            layout.inverse, dense.first, terms,
            steps, self.stages, self.nodes, self.batch, dense.layers * dense.size**2,
            **constants, KEEP=keep, TRACE=self.trace, num_warps=_warps(dense),
        )  # fmt: skip

    def _pull(
        self, leg: Leg, packed: Packed, stages: Tensor, mus: Tensor, cotangent: Tensor, rate: Tensor
    ) -> None:
        """The adjoint of a leg: ``cotangent`` in place, and mu of every stage behind row 0."""
        layout, weights = self.layouts[leg.slice], leg.weights
        if packed.dense is not None:
            dense = layout.dense
            assert dense is not None
            constants = self._dense_constants(layout)
            _launch(
                dense_adjoint, (_ceil(self.batch, constants["SAMPLES"]),),
                stages, cotangent, mus[1:], weights.backward, weights.quadrature, rate,
                layout.inverse, dense.first, packed.dense,
                leg.stop - leg.start, self.stages, self.nodes, self.batch,
                dense.layers * dense.size**2, **constants, TRACE=self.trace,
                num_warps=_warps(dense),
            )  # fmt: skip
            return
        rows, terms = layout.rows, packed.rows
        pulled = torch.empty(self.stages, self.nodes, self.batch, device=self.device)
        partial = cotangent.new_zeros(2 * rows.pieces, self.batch)
        torch.mul(cotangent, layout.inverse[:-1, None] * weights.quadrature[-1], out=mus[-1])
        inputs, outputs = stages.unbind(0), mus.unbind(0)
        tiles, constants = _ceil(self.batch, self.tile), self._constants(layout)
        for r in reversed(range(len(inputs))):
            stage = r % self.stages
            after = (cotangent, pulled, outputs[r], layout.inverse, weights.pull)
            _launch(
                adjoint_rows, (len(rows.items), tiles),
                inputs[r], outputs[r + 1], *after, weights.quadrature, rate,
                rows.items, rows.other, terms, partial,
                stage, self.stages, self.nodes, self.batch, len(rows.other),
                **constants, TRACE=self.trace,
            )  # fmt: skip
            if len(rows.hubs):
                _launch(
                    adjoint_hubs, (len(rows.hubs), tiles),
                    *after, weights.quadrature, rows.hubs, partial,
                    stage, self.stages, self.nodes, self.batch, TILE=self.tile,
                )  # fmt: skip

    def _gradients(
        self, place: int, legs: list[Leg], first: int, terms: Tensor,
        stages: Tensor, mus: Tensor, rate: Tensor, total: Tensor,
    ) -> None:  # fmt: skip
        """Add the gradients of gain, a, b and c (4, E) over the stages of some legs."""
        if not legs or not self.layouts[place].plan.device_count:
            return
        layout = self.layouts[place]
        edges, count = layout.edges, layout.plan.device_count
        spans = [((leg.start - first) * self.stages, (leg.stop - first) * self.stages)
                 for leg in legs]  # fmt: skip
        table = torch.cat(
            [torch.arange(a, b, dtype=torch.int32, device=self.device) for a, b in spans]
        )
        quadrature = torch.cat([leg.weights.quadrature.repeat(leg.stop - leg.start)
                                for leg in legs])  # fmt: skip
        wide = max(1024 // self.tile, 1)
        devices = min(wide, power_of_two(count), 64)
        blocks = sum(_ceil(stop - start, devices) for _, start, stop, _ in edges.groups)
        splits = min(max(_ceil(TARGET_PROGRAMS, blocks), 1), len(table))
        per_split = _ceil(len(table), splits)
        out = terms.new_empty(splits, 4, count)
        for code, start, stop, gain in edges.groups:
            _launch(
                edge_gradients, (_ceil(stop - start, devices), splits),
                stages, mus, layout.inverse, table, quadrature, rate,
                edges.source, edges.target, terms, out,
                start, stop, len(table), per_split, self.nodes, self.batch, count,
                CODE=code, DEVICES=devices, TILE=self.tile, GAIN=gain, TRACE=self.trace,
            )  # fmt: skip
        total += out.sum(0)

    def _constants(self, layout: Layout) -> dict[str, int]:
        longest = power_of_two(layout.rows.longest)
        return {
            "WORD": layout.word,
            "GROUPS": len(layout.codes),
            "CHUNK": min(max(1024 // self.tile, 8), longest, 64),
            "TILE": self.tile,
        }

    def _dense_constants(self, layout: Layout) -> dict[str, int]:
        dense = layout.dense
        assert dense is not None
        # As many samples as fill a program's lanes, unless the batch is too small to share out.
        lanes = max(4096 // dense.size**2, 1)
        spread = max(power_of_two(self.batch) // SAMPLE_PROGRAMS, 1)
        return {
            "WORD": layout.word,
            "GROUPS": len(layout.codes),
            "SIZE": dense.size,
            "SAMPLES": min(lanes, spread, 16),
            "SLOTS": power_of_two(self.stages),
        }


def _launch(kernel: Any, grid: tuple[int, ...], *values: object, **constants: object) -> None:
    """One launch; ``Any`` because Triton's types exist only where Triton is."""
    kernel[grid](*values, **constants)


def _ceil(count: int, size: int) -> int:
    return -(-count // size)


def _warps(dense: Dense) -> int:
    # At 64 x 64 cells four warps run out of registers.
    return 8 if dense.size == 64 else 4


def _inputs(kept: Tensor, v: Tensor, steps: int, stages: int) -> list[Tensor]:
    """Where the input of every stage is written: in ``kept`` as far as that goes, else in turns."""
    if len(kept) == steps * stages:
        return list(kept.unbind(0))
    # Two of each: a launch reads one and writes the other.
    spare = [torch.empty_like(v) for _ in range(4)]
    states = list(kept.unbind(0)) if len(kept) else [spare[n % 2] for n in range(steps)]
    return [states[n] if i == 0 else spare[2 + i % 2] for n in range(steps) for i in range(stages)]
