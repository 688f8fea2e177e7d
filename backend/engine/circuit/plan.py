"""What a kernel needs to know of one slice: who is connected, by which activation, in which order.

Devices are described from their *home* node: with ``o`` the other end and ``h`` the home, a device
of the family gain phi(a v_s + b v_d + c) passes gain phi(a v_o + b v_h + c) from o to h. A device
whose source is its home is turned round: gain changes its sign, a and b their places. All devices
between the same two nodes, in both directions, stand side by side and share one difference of
voltages, one load and one update of the other node.
"""

import itertools
import threading
import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from torch import Tensor

from ...devices.activation import Activation
from ...devices.base import FusedLaw

SLOTS = ("gain", "a", "b", "c")
CODES = {"identity": 0, "relu": 1, "leaky_relu": 2, "tanh": 3, "sigmoid": 4, "softplus": 5}
"""Numbers of the activations in compiled code."""


BOTH, DIFFERENCE, INTO_HOME = range(3)
"""Forms of the devices of a block; see ``Packed``."""


class Run(NamedTuple):
    """Neighbouring devices ``start`` to ``stop`` with one activation."""

    activation: Activation
    start: int
    stop: int


class Terms(NamedTuple):
    """The family gain phi(a v_s + b v_d + c), each term (E, 1)."""

    gain: Tensor
    a: Tensor
    b: Tensor
    c: Tensor


class Part(NamedTuple):
    """The devices ``start`` to ``stop`` of one kind, and how its parameters enter the terms."""

    law: type[FusedLaw]
    start: int
    stop: int

    @property
    def difference(self) -> bool:
        """Whether b = -a whatever the parameters."""
        return is_difference(self.law)


class Places(NamedTuple):
    """The devices of a part as kernels meet them: so their terms are read and written in a row.

    Args:
        position: ascending places in the order of the kernels (n,).
        device: number within the part of the device that has each (n,).
        turned: whether its home is its source (n,).
    """

    position: np.ndarray
    device: np.ndarray
    turned: np.ndarray


_handles = itertools.count(1)
_by_handle: "weakref.WeakValueDictionary[int, Plan]" = weakref.WeakValueDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Plan:
    """The topology of all fused devices of a slice, kind after kind; immutable.

    Args:
        source: state rows (E,); ground is the last row of the padded state.
        target: state rows (E,).
        parts: the stretches of equal kind, in order and without gaps.
        node_count: N, also the row of ground.
        inverse: 1 / capacitance (N,) [1/F], float64.
    """

    source: Tensor
    target: Tensor
    parts: tuple[Part, ...]
    node_count: int
    inverse: Tensor

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The stretches of equal activation."""
        runs: list[Run] = []
        for part in self.parts:
            if runs and runs[-1].activation is part.law.activation:
                runs[-1] = runs[-1]._replace(stop=part.stop)
            else:
                runs.append(Run(part.law.activation, part.start, part.stop))
        return tuple(runs)

    @cached_property
    def leaves(self) -> Tensor:
        """The rows that currents leave (E,): the sources, or ground of one-sided devices."""
        if not self.one_sided:
            return self.source
        rows = self.source.clone()
        for part in self.parts:
            if part.law.one_sided:
                rows[part.start : part.stop] = self.node_count
        return rows

    @cached_property
    def one_sided(self) -> bool:
        """Whether a kind among them is, which the kernels of CUDA do not know."""
        return any(part.law.one_sided for part in self.parts)

    @property
    def device_count(self) -> int:
        """E."""
        return len(self.source)

    @cached_property
    def supported(self) -> bool:
        """Whether compiled kernels know every activation and every set of trained terms."""
        return all(_known(part.law) for part in self.parts)

    @cached_property
    def handle(self) -> int:
        """A number by which a torch operator finds the plan again while it lives."""
        with _lock:
            number = next(_handles)
            _by_handle[number] = self
        return number

    def inverse_rows(self, number: np.dtype) -> np.ndarray:
        """1/C of every row of the padded state in a type of numbers, 0 for ground."""
        return self._inverse_rows[number]

    @cached_property
    def _inverse_rows(self) -> dict[np.dtype, np.ndarray]:
        rows = np.append(self.inverse.cpu().numpy(), 0.0)
        return {np.dtype(kind): rows.astype(kind) for kind in (np.float32, np.float64)}

    @cached_property
    def places(self) -> tuple["Places", ...]:
        """Of every part its devices in the order of the kernels."""
        packed, found = self.packed, []
        for part in self.parts:
            position = packed.position[part.start : part.stop]
            numbers = np.full(self.device_count, -1, np.int64)
            numbers[position] = np.arange(len(position))
            order = numbers[numbers >= 0]
            turned = packed.turned[part.start : part.stop][order]
            # Unsigned: compiled code then need not ask whether an index counts from the end.
            columns = position[order].astype(np.uint32), order.astype(np.uint32), turned
            found.append(Places(*columns))
        return tuple(found)

    @cached_property
    def packed(self) -> "Packed":
        """The order and grouping that compiled kernels use."""
        return pack_plan(self)


@dataclass(frozen=True, eq=False)
class Packed:
    """Devices in the order of the kernels: by activation and form, then by home, then by pair.

    Args:
        blocks: one row for all devices of one activation and form (blocks, 5): its number in
            ``CODES``, its form, first and last home, and whether gain and c are trained (else a,
            b and c). Forms are ``BOTH``, ``DIFFERENCE`` (b = -a for all, then u = a (v_o - v_h)
            + c), and ``INTO_HOME``: nothing leaves the other end, and every home is a target.
        homes: state row of every home (H,).
        home_start: pairs of home k are ``home_start[k]`` to ``home_start[k + 1]`` (H + 1,).
        other: state row of the other end of every pair (P,).
        pair_start: devices of pair p are ``pair_start[p]`` to ``pair_start[p + 1]`` (P + 1,).
        position: place in this order of every device of the plan (E,).
        turned: whether the home is the device's source (E,).
    """

    blocks: np.ndarray
    homes: np.ndarray
    home_start: np.ndarray
    other: np.ndarray
    pair_start: np.ndarray
    position: np.ndarray
    turned: np.ndarray

    @cached_property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays of the devices' order, as kernels take them."""
        return self.blocks, self.homes, self.home_start, self.other, self.pair_start


def plan_of(handle: int) -> Plan:
    """The living plan with this handle."""
    return _by_handle[handle]


def is_difference(law: type[FusedLaw]) -> bool:
    """Whether b = -a follows from the law itself."""
    balanced = law.constant.get("a", 0.0) == -law.constant.get("b", 0.0)
    return balanced and all(
        entries.get("a", 0.0) == -entries.get("b", 0.0) for entries in law.slots.values()
    )


def trains_gain(law: type[FusedLaw]) -> bool:
    """Whether a parameter enters the gain."""
    return any("gain" in entries for entries in law.slots.values())


def _known(law: type[FusedLaw]) -> bool:
    """Gains are trained beside thresholds only, of the two activations that are used so.

    One-sided devices are linear.
    """
    if law.one_sided:
        return not trains_gain(law) and law.activation.name == "identity"
    if not trains_gain(law):
        return law.activation.name in CODES
    weights = any("a" in entries or "b" in entries for entries in law.slots.values())
    return is_difference(law) and not weights and law.activation.name in ("relu", "leaky_relu")


def pack_plan(plan: Plan) -> Packed:
    """Sort and group the devices of a plan; no Python loop over devices.

    The home of a pair is the end with more pairs, so that its state stays in registers longest;
    that of one-sided devices is their target.
    """
    source, target = plan.source.cpu().numpy(), plan.target.cpu().numpy()
    position = np.empty(len(source), np.int64)
    turned = np.empty(len(source), bool)
    groups: dict[tuple[int, int, bool], list[Part]] = {}
    for part in plan.parts:
        form = INTO_HOME if part.law.one_sided else DIFFERENCE if part.difference else BOTH
        key = CODES[part.law.activation.name], form, trains_gain(part.law)
        groups.setdefault(key, []).append(part)
    blocks, orders = [], []
    devices = homes = pairs = 0
    for (code, form, gain), parts in groups.items():
        rows = np.concatenate([np.arange(part.start, part.stop) for part in parts])
        order = _group(source[rows], target[rows], plan.node_count + 1, form == INTO_HOME)
        position[rows[order.devices]] = devices + np.arange(len(rows))
        turned[rows] = order.turned
        last = homes + len(order.homes)
        blocks.append((code, form, homes, last, gain))
        orders.append(
            order._replace(
                home_start=order.home_start + pairs, pair_start=order.pair_start + devices
            )
        )
        devices, homes, pairs = devices + len(rows), last, pairs + len(order.other)
    return Packed(
        np.array(blocks, np.int64).reshape(-1, 5),
        _joined([order.homes for order in orders]),
        _joined([*(order.home_start for order in orders), np.array([pairs])]),
        _joined([order.other for order in orders]),
        _joined([*(order.pair_start for order in orders), np.array([devices])]),
        position,
        turned,
    )


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)


class _Order(NamedTuple):
    """One block: order of its devices, who is turned, and the starts without the final end."""

    devices: np.ndarray
    turned: np.ndarray
    homes: np.ndarray
    home_start: np.ndarray
    other: np.ndarray
    pair_start: np.ndarray


def _group(source: np.ndarray, target: np.ndarray, rows: int, at_target: bool) -> _Order:
    home = target if at_target else _crowded(source, target, rows)
    other = source + target - home
    # Stable, so that parallel devices keep their order and sums their bits.
    order = np.lexsort((*_digits(other, rows), *_digits(home, rows)))
    key = (home * rows + other)[order]
    pair_start = np.flatnonzero(np.diff(key, prepend=-1))
    pair = key[pair_start]
    home_start = np.flatnonzero(np.diff(pair // rows, prepend=-1))
    return _Order(
        order, home == source, pair[home_start] // rows, home_start, pair % rows, pair_start
    )


def _digits(numbers: np.ndarray, rows: int) -> list[np.ndarray]:
    """Numbers below ``rows`` in digits of 16 bits, the lowest first: numpy sorts those by radix.

    In wider ones it merges, which takes eight times as long from 65,536 rows on.
    """
    return [(numbers >> shift).astype(np.uint16) for shift in range(0, rows.bit_length(), 16)]


def _crowded(source: np.ndarray, target: np.ndarray, rows: int) -> np.ndarray:
    """Of every device the end with more pairs."""
    low, high = np.minimum(source, target), np.maximum(source, target)
    # Sorted and compared: np.unique hashes, which takes a hundred times as long.
    keys = np.sort(low * rows + high)
    pairs = keys[np.flatnonzero(np.diff(keys, prepend=-1))]
    degree = np.bincount(pairs // rows, minlength=rows) + np.bincount(pairs % rows, minlength=rows)
    return np.where(degree[high] >= degree[low], high, low)
