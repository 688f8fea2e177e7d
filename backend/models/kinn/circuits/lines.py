"""The cascades of a trained block as a circuit: what is given, how it is driven, what is read."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ....errors import StudioError
from ....waveforms import Waveform
from ....waveforms.piecewise_constant import EDGE
from ...excerpt import Excerpt
from ..cascade import CascadeRing, directions
from ..lines import CascadeLines
from .cascade import Lane, cascade_circuit
from .choice import Given, check_size
from .drives import held, straight

FINE = 512
"""Points around which a periodic field is drawn straight from point to point."""

DRAWN = (
    "Each cell is a capacitor with a leak, charged by a transconductor that senses the cell "
    "before; {inward}."
)
INWARD = (
    "W_in is a crossbar of transconductors from the channels into the first cells",
    "the node u holds what W_in makes of the example",
)


def of_lines(cells: CascadeLines, given: Given) -> Excerpt:
    """Cascades along a line of points with ends: the rule ``exact``, so that both are the same."""
    index = given.on_line(given.field.shape[: cells.axes])
    own, currents = given.field[index], given.currents[index]
    steps = len(own) if cells.held else len(own) - 1
    step = given.scale.seconds / steps

    def drive(values: Tensor) -> Waveform:
        mean = values if cells.held else 0.5 * (values[1:] + values[:-1])
        return held(mean.tolist(), step)

    def itself(values: Tensor) -> Waveform | None:
        return None if cells.held else straight(values.tolist(), step)

    ways = directions(cells.lanes, cells.axes)[given.axis].tolist()
    starts = {
        lane: float(currents[0 if way > 0 else -1, lane]) if cells.matched else 0.0
        for lane, way in enumerate(ways)
    }
    line = _Line(
        lanes=_along(ways, given),
        ways=ways,
        starts={lane: [start] * cells.order for lane, start in starts.items()},
        found=given.through(cells)[index],
        steps=steps,
        first=1 if cells.held else 0,
        turned=lambda values: values.flip(0),
    )
    sources = _Sources(given, own, drive, itself, line.turned)
    note = f"The input is held over {steps} equal steps; a netlist has edges of {EDGE:g} of a step."
    return _excerpt(cells, given, line, sources, note)


def of_ring(cells: CascadeRing, given: Given) -> Excerpt:
    """Cascades along a periodic line, which begin with the voltages that the period leads to."""
    points = given.field.shape[: cells.axes]
    index, size = given.on_line(points), points[given.axis]
    fine = size * max(1, math.ceil(FINE / size))
    sizes = [fine if axis == given.axis else count for axis, count in enumerate(points)]
    # Waves that do not pass the lanes are left out, and the rest is known between the points too.
    whole = cells.resampled(given.field.unsqueeze(-2), sizes).squeeze(-2)[index]
    step = given.scale.seconds / fine

    def drive(values: Tensor) -> Waveform:
        return straight(torch.cat((values, values[:1])).tolist(), step)

    found = given.through(cells)[index]
    ways = directions(cells.lanes, cells.axes)[given.axis].tolist()
    line = _Line(
        lanes=_along(ways, given),
        ways=ways,
        starts={lane: taps_of(found)[0, :, lane].tolist() for lane in given.lanes},
        found=found,
        steps=size,
        first=0,
        # Against the axis the first point is the first one too: the line is a ring.
        turned=lambda values: values.flip(0).roll(1, 0),
    )
    sources = _Sources(given, whole, drive, lambda _: None, line.turned)
    note = f"The periodic input is straight between {fine} points; the circuit begins within it."
    limit = "the model takes the waves of the field, the circuit a straight line between points"
    return _excerpt(cells, given, line, sources, note, limit)


def taps_of(components: Tensor) -> Tensor:
    """v_1 ... v_n (L, n, lanes) of z_0 ... z_n (L, n + 1, lanes): v_{n-k} = sum (k over j) z_j."""
    order = components.shape[1] - 1
    found = []
    for k in reversed(range(order)):
        signs = components.new_tensor([math.comb(k, j) for j in range(k + 1)])
        found.append(torch.einsum("k,lke->le", signs, components[:, : k + 1]))
    return torch.stack(found, 1)


@dataclass(frozen=True)
class _Line:
    """What is shown of the lanes along a line of points.

    Args:
        lanes: which.
        ways: of every lane of the block, 1 along the axis and -1 against it.
        starts: voltages of the cells at 0 s by lane.
        found: the model's components (L, n + 1, lanes).
        steps: equal parts of the circuit's duration.
        first: after how many of them the first point is read.
        turned: a sequence of points in the order of lanes that run against the axis.
    """

    lanes: list[int]
    ways: list[float]
    starts: Mapping[int, list[float]]
    found: Tensor
    steps: int
    first: int
    turned: Callable[[Tensor], Tensor]


class _Sources:
    """The driven nodes: one for a single lane's current, else one for every channel and direction.

    Args:
        given: the field and W_in.
        own: the field along the line (L, channels).
        drive: the waveform of a sequence.
        itself: that of v_0 for the component z_n, where the drive is another one; else ``None``.
        turned: see ``_Line``.
    """

    def __init__(
        self,
        given: Given,
        own: Tensor,
        drive: Callable[[Tensor], Waveform],
        itself: Callable[[Tensor], Waveform | None],
        turned: Callable[[Tensor], Tensor],
    ) -> None:
        self.given, self.own, self.turned = given, own, turned
        self.drive, self.itself = drive, itself
        self.waves: dict[str, Waveform] = {}
        self.labels: dict[str, str] = {}

    def inward(self, lane: int, way: float) -> dict[str, Any]:
        """``weights``, ``bias`` and ``direct`` of a lane."""
        weight, bias = self.given.weight[lane], float(self.given.bias[lane])
        if len(self.given.lanes) == 1:
            name, direct = self._node("u", self.own @ weight + bias, way, "current of the lane")
            return {"weights": {name: 1.0}, "direct": direct}
        weights: dict[str, float] = {}
        directs: dict[str, str] = {}
        for channel, w in enumerate(weight.tolist(), start=1):
            name = f"u{channel}" if way > 0 else f"w{channel}"
            values = self.own[:, channel - 1]
            name, direct = self._node(name, values, way, f"channel {channel}")
            weights[name] = w
            directs |= direct
        return {"weights": weights, "direct": directs, "bias": bias}

    def _node(
        self, name: str, values: Tensor, way: float, label: str
    ) -> tuple[str, dict[str, str]]:
        if name not in self.waves:
            values = self.turned(values) if way < 0 else values
            self.waves[name] = self.drive(values)
            self.labels[name] = label
            wave = self.itself(values) if self.given.components else None
            if wave is not None:
                self.waves[f"{name}x"] = wave
        return name, {name: f"{name}x"} if f"{name}x" in self.waves else {}


def _along(ways: list[float], given: Given) -> list[int]:
    """The chosen lanes that run along the axis.

    Raises:
        StudioError: none does.
    """
    found = [lane for lane in given.lanes if ways[lane]]
    if not found:
        raise StudioError(
            f"the lane does not run along axis {given.axis + 1}; choose axis {2 - given.axis}"
        )
    return found


def _excerpt(
    cells: CascadeLines | CascadeRing,
    given: Given,
    line: _Line,
    sources: _Sources,
    note: str,
    limit: str = "",
) -> Excerpt:
    """The circuit, and the model's own numbers at the ends of the steps."""
    single, order = len(given.lanes) == 1, cells.order
    inputs = 1 if single else given.field.shape[-1]
    extra = (order + 1) * (order + 2) // 2 + order + inputs if given.components else 0
    check_size(len(line.lanes) * (2 * order + inputs + extra), len(line.lanes))
    tau = cells.lengths()["tau"].detach().tolist()
    lanes = [
        Lane(
            taus=[tau[lane]] * order,
            start=line.starts[lane],
            name=given.prefix(lane),
            **sources.inward(lane, line.ways[lane]),
        )
        for lane in line.lanes
    ]
    circuit = cascade_circuit(
        lanes, sources.waves, given.scale.seconds, scale=given.scale, components=given.components,
        name=given.name, labels=sources.labels,
    )  # fmt: skip
    reads = _reads(given, line, lanes, order)
    times = (np.arange(len(line.found)) + line.first) / line.steps * given.scale.seconds
    samples = torch.stack(list(reads.values()), 1).numpy()
    inward = INWARD[single]
    return Excerpt(
        circuit, (DRAWN.format(inward=inward), note), tuple(reads), times, samples, line.steps,
        limit,
    )  # fmt: skip


def _reads(given: Given, line: _Line, lanes: list[Lane], order: int) -> dict[str, Tensor]:
    """The model's numbers by the node that shows them, in the order of the circuit's time (S,).

    The component that holds the input is left out where the input jumps when points are read.
    """
    found = {"v": taps_of(line.found), "z": line.found}
    counts = {"v": order, "z": order + (0 if line.first else 1) if given.components else 0}
    reads = {}
    for lane, place in zip(lanes, line.lanes, strict=True):
        for kind, count in counts.items():
            for k in range(count):
                values = found[kind][:, k, place]
                node = f"{lane.name}{kind}{k + (kind == 'v')}"
                reads[node] = line.turned(values) if line.ways[place] < 0 else values
    return reads
