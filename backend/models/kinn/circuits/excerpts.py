"""From a trained network and an example to the circuit of the lanes that were chosen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from ....errors import StudioError
from ....params import check_params
from ...excerpt import Excerpt
from ..block import GatedBlock
from ..cascade import CascadeRing
from ..cells import Cells
from ..classifier import ImageBlock
from ..grid import GridCells
from ..lines import CascadeLines
from ..ring import RingCells
from ..sheet import SheetCells
from .choice import PARAMS, Given
from .grids import of_meshes, of_rings, of_sheets
from .lines import of_lines, of_ring
from .scale import Scale

OUTSIDE = (
    "No circuit of these parts does the rest of the block: its gate multiplies two voltages, SiLU "
    "and GELU bend them, and W_z mixes what this circuit gives."
)
DEPTH = (
    "the depth form is no circuit: its cells pass the new voltage on within a step (rule gs), "
    "which no circuit does exactly; train the cell ring, cascade or grid for one"
)
DRAWERS: dict[type[Cells], Callable[[Any, Given], Excerpt]] = {
    CascadeLines: of_lines,
    CascadeRing: of_ring,
    RingCells: of_rings,
    SheetCells: of_sheets,
    GridCells: of_meshes,
}
"""What makes a circuit of a bank of lanes."""


def excerpt_of(network: nn.Module, run: Callable[[], Any], options: Mapping[str, Any]) -> Excerpt:
    """The circuit of the chosen lanes of a block.

    Args:
        network: with blocks that have lanes.
        run: computes its answer to the example.
        options: values of ``PARAMS``.

    Raises:
        StudioError: there is no such block or lane, or the circuit would be too large.
    """
    try:
        own = check_params(PARAMS, options)
    except ValueError as error:
        raise StudioError(f"circuit: {error}") from None
    blocks = [part for part in network.modules() if isinstance(part, GatedBlock | ImageBlock)]
    if not blocks:
        raise StudioError(DEPTH)
    number, count = int(own["block"]), len(blocks)
    if number > count:
        raise StudioError(f"the block is {number}, and there are {count}; choose 1 to {count}")
    block = blocks[number - 1]
    cells, inward = block.cells, block.inward
    lane = int(own["lane"])
    if lane > cells.lanes:
        raise StudioError(
            f"the lane is {lane}, and the block has {cells.lanes}; choose 1 to {cells.lanes}, or 0 "
            "for all"
        )
    field = block.seen(_input_of(block, run))[..., 0, :].detach()
    given = Given(
        field=field.double().cpu(),
        weight=inward.weight.detach().double().cpu(),
        bias=inward.bias.detach().double().cpu(),
        lanes=(lane - 1,) if lane else tuple(range(cells.lanes)),
        axis=int(own["axis"]) - 1,
        line=int(own["line"]) - 1 if own["line"] else None,
        components=bool(own["components"]),
        refine=int(own["refine"]),
        scale=Scale(float(own["seconds"]), float(own["farads"])),
        name=f"KINN block {number} {f'lane {lane}' if lane else 'lanes'}",
    )
    found = DRAWERS[type(cells)](cells, given)
    where = f"Block {number} of {count}, {f'lane {lane} of {cells.lanes}' if lane else 'its lanes'}"
    first = f"{where}; 1 V stands for 1, {own['seconds']:g} s for a unit of length or time."
    return replace(found, notes=(first, *found.notes, OUTSIDE))


def _input_of(block: nn.Module, run: Callable[[], Any]) -> Tensor:
    """What comes into a block (points..., B, channels) when it is first passed."""
    met: list[Tensor] = []
    hook = block.register_forward_pre_hook(lambda _, inputs: met.append(inputs[0].detach()))
    try:
        with torch.no_grad():
            run()
    finally:
        hook.remove()
    return met[0]
