"""A plan as the index tables the Triton kernels read, and parameters in their order.

Seen from a node k with the other end o, every device is an *entry*: it adds
gain phi(alpha v_o + beta v_k + c) to the current into k. A device enters its target so as it
stands and its source with the sign of gain changed and a, b exchanged; so both ends gather and
nobody needs an atomic addition.
"""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from ..plan import CODES, SLOTS, Plan

SPLIT = 512
"""Entries one program walks at most; longer rows are cut and added up by a second launch."""

DENSE_NODES = 64
"""Networks up to this size may run as dense blocks, one program for a whole trajectory."""

DENSE_CELLS = 16384
"""Cells of all dense layers together: four arrays of 64 KiB, which stay in the first cache."""


@dataclass(frozen=True)
class Rows:
    """Entries of every node side by side, sorted by node, activation and other end.

    Args:
        items: pieces of work (I, G + 3): node, place among the partial sums or -1, then the
            entries at which the activations begin, and the end.
        hubs: rows cut in pieces (H, 3): node, first and last partial sum.
        pieces: number of partial sums.
        other: state row of the other end of every entry (M,).
        take: where gain, alpha, beta and c stand among the terms (4, M).
        sign: +1 where the node is the target, -1 where it is the source (M,).
        longest: entries of the longest piece.
    """

    items: Tensor
    hubs: Tensor
    pieces: int
    other: Tensor
    take: Tensor
    sign: Tensor
    longest: int


@dataclass(frozen=True)
class Edges:
    """Devices sorted by activation, source and target: the order of the parameter gradients.

    Args:
        order: place of every sorted device in the plan (E,).
        source: state rows (E,).
        target: state rows (E,).
        take: where gain, a, b and c stand among the terms (4, E).
        groups: activation, first and last device, and whether gain is trained.
    """

    order: Tensor
    source: Tensor
    target: Tensor
    take: Tensor
    groups: tuple[tuple[int, int, int, bool], ...]


@dataclass(frozen=True)
class Dense:
    """Devices as layers of cells (source, target); those at ground stand on the diagonal.

    Args:
        size: width of a layer, N rounded up to a power of two.
        layers: number of layers.
        first: layer at which every activation begins, and the end (G + 1,).
        cells: flat cell of every entry in ``take`` (E,).
        take: where gain, alpha, beta and c stand among the terms (4, E).
        sign: of gain (E,).
    """

    size: int
    layers: int
    first: Tensor
    cells: Tensor
    take: Tensor
    sign: Tensor


@dataclass(frozen=True, eq=False)
class Layout:
    """What the kernels need of one slice on one device.

    Args:
        plan: the slice.
        device: where the tables live.
        codes: numbers of the activations present, in the order of the tables.
        inverse: 1 / capacitance, with 0 for ground (N + 1,) float32.
    """

    plan: Plan
    device: torch.device
    codes: tuple[int, ...]
    inverse: Tensor

    @property
    def word(self) -> int:
        """The activation numbers as one constant, three bits each."""
        return sum(code << (3 * place) for place, code in enumerate(self.codes))

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Source, target and place of the activation of every device."""
        group = np.empty(self.plan.device_count, np.int64)
        for part in self.plan.parts:
            group[part.start : part.stop] = self.codes.index(CODES[part.law.activation.name])
        return self.plan.source.cpu().numpy(), self.plan.target.cpu().numpy(), group

    @cached_property
    def rows(self) -> Rows:
        """The gather form."""
        source, target, group = self._arrays
        count, nodes, groups = len(source), self.plan.node_count, len(self.codes)
        device = np.tile(np.arange(count), 2)
        node, other = np.concatenate([target, source]), np.concatenate([source, target])
        turned = np.repeat([False, True], count)
        live = np.flatnonzero(node < nodes)
        key = node[live] * max(groups, 1) + group[device[live]]
        order = live[np.lexsort((other[live], key))]
        bounds = np.searchsorted(np.sort(key), np.arange(nodes * groups + 1))
        items, hubs, pieces = _items(bounds, nodes, groups)
        lengths = items[:, -1] - items[:, 2]
        items = items[np.argsort(-lengths, kind="stable")]
        return Rows(
            self._table(items),
            self._table(hubs),
            pieces,
            self._table(other[order]),
            self._index(_take(device[order], turned[order], count)),
            self._floats(np.where(turned[order], -1.0, 1.0)),
            int(lengths.max(initial=1)),
        )

    @cached_property
    def edges(self) -> Edges:
        """The order of the parameter gradients."""
        source, target, group = self._arrays
        order = np.lexsort((target, source, group))
        bounds = np.searchsorted(group[order], np.arange(len(self.codes) + 1)).tolist()
        trained = {
            self.codes.index(CODES[part.law.activation.name])
            for part in self.plan.parts
            if any("gain" in entries for entries in part.law.slots.values())
        }
        groups = tuple(
            (code, bounds[place], bounds[place + 1], place in trained)
            for place, code in enumerate(self.codes)
        )
        straight = np.zeros(len(order), bool)
        return Edges(
            self._index(order),
            self._table(source[order]),
            self._table(target[order]),
            self._index(_take(order, straight, len(order))),
            groups,
        )

    @cached_property
    def dense(self) -> Dense | None:
        """The dense form, for networks small enough and not too thin for it."""
        source, target, group = self._arrays
        nodes, count = self.plan.node_count, len(source)
        if nodes > DENSE_NODES or bool((source == target).any()):
            return None
        size = power_of_two(nodes)
        # From ground's neighbour k, a device at ground is the entry (k, k): alpha multiplies 0 V.
        turned = target == nodes
        row = np.where(source == nodes, target, source)
        column = np.where(turned, source, target)
        cell = row * size + column
        layer, first = _stack(cell, group, size * size, len(self.codes))
        if int(first[-1]) * size * size > DENSE_CELLS:
            return None
        take = _take(np.arange(count), turned, count)
        return Dense(
            size,
            int(first[-1]),
            self._table(first),
            self._index(layer * size * size + cell),
            self._index(take),
            self._floats(np.where(turned, -1.0, 1.0)),
        )

    def terms(self, params: Sequence[Tensor]) -> Tensor:
        """Gain, a, b and c (4, E) of all devices from the kinds' own parameters."""
        terms = torch.zeros(len(SLOTS), self.plan.device_count, device=self.device)
        given = iter(params)
        for part in self.plan.parts:
            block = terms[:, part.start : part.stop]
            for slot, value in part.law.constant.items():
                block[SLOTS.index(slot)] = value
            for entries in part.law.slots.values():
                value = next(given).detach().reshape(-1)
                for slot, factor in entries.items():
                    block[SLOTS.index(slot)].add_(value, alpha=factor)
        return terms

    def gradients(self, by_slot: Tensor) -> list[Tensor]:
        """The kinds' own gradients (n, 1) from those of gain, a, b and c, (4, E) as sorted."""
        in_order = torch.empty_like(by_slot)
        in_order[:, self.edges.order] = by_slot
        result = []
        for part in self.plan.parts:
            block = in_order[:, part.start : part.stop]
            for entries in part.law.slots.values():
                rows = [factor * block[SLOTS.index(slot)] for slot, factor in entries.items()]
                result.append(sum(rows[1:], rows[0]).unsqueeze(-1))
        return result

    def _table(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.int32)).to(self.device)

    def _index(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.int64)).to(self.device)

    def _floats(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self.device)


_layouts: "weakref.WeakKeyDictionary[Plan, dict[torch.device, Layout]]"
_layouts = weakref.WeakKeyDictionary()


def layout_of(plan: Plan, device: torch.device) -> Layout:
    """The tables of a plan on a device, made once."""
    known = _layouts.setdefault(plan, {})
    if device not in known:
        codes = tuple(dict.fromkeys(CODES[part.law.activation.name] for part in plan.parts))
        padded = torch.cat([plan.inverse.float(), torch.zeros(1)])
        # A copy that does not know the plan as its key, or it would keep the plan alive for ever.
        loose = Plan(plan.source, plan.target, plan.parts, plan.node_count, plan.inverse)
        known[device] = Layout(loose, device, codes, padded.to(device))
    return known[device]


def gather_terms(terms: Tensor, take: Tensor, sign: Tensor | None = None) -> Tensor:
    """Terms (4, M) in the order of a table, gain with its sign."""
    packed = terms.reshape(-1)[take]
    if sign is not None:
        packed[0] *= sign
    return packed


def dense_terms(terms: Tensor, dense: Dense) -> Tensor:
    """Terms of all cells (4, layers, size, size); gain 0 where no device stands."""
    result = terms.new_zeros(4, dense.layers * dense.size * dense.size)
    result[:, dense.cells] = gather_terms(terms, dense.take, dense.sign)
    return result


def _take(device: np.ndarray, turned: np.ndarray, count: int) -> np.ndarray:
    """Flat places of gain, alpha, beta and c among the terms (4, E)."""
    a, b = np.where(turned, 2, 1), np.where(turned, 1, 2)
    return np.stack([device, a * count + device, b * count + device, 3 * count + device])


def _items(bounds: np.ndarray, nodes: int, groups: int) -> tuple[np.ndarray, np.ndarray, int]:
    """The pieces of work, the rows that were cut, and the number of partial sums."""
    begin = bounds[np.arange(nodes) * groups]
    end = bounds[(np.arange(nodes) + 1) * groups]
    cuts = np.maximum(-(-(end - begin) // SPLIT), 1)
    node = np.repeat(np.arange(nodes), cuts)
    step = np.arange(len(node)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    low = begin[node] + step * SPLIT
    high = np.minimum(low + SPLIT, end[node])
    columns = bounds[node[:, None] * groups + np.arange(groups + 1)]
    columns = np.clip(columns, low[:, None], high[:, None])
    is_cut = cuts[node] > 1
    slot = np.where(is_cut, np.cumsum(is_cut) - 1, -1)
    hub = np.flatnonzero(cuts > 1)
    last = np.cumsum(cuts[hub])
    hubs = np.stack([hub, last - cuts[hub], last], axis=1)
    return np.column_stack([node, slot, columns]), hubs, int(is_cut.sum())


def _stack(
    cell: np.ndarray, group: np.ndarray, cells: int, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Layer of every device so that no two share a cell, and the first layer of each group."""
    key = group * cells + cell
    order = np.argsort(key, kind="stable")
    fresh = np.flatnonzero(np.diff(key[order], prepend=-1))
    depth = np.empty(len(key), np.int64)
    depth[order] = np.arange(len(key)) - np.repeat(fresh, np.diff(np.append(fresh, len(key))))
    height = np.zeros(groups, np.int64)
    np.maximum.at(height, group, depth + 1)
    first = np.append(0, np.cumsum(height))
    return first[group] + depth, first


def power_of_two(count: int) -> int:
    """The power of two that holds ``count``, one at least."""
    return 1 << max(count - 1, 0).bit_length()
