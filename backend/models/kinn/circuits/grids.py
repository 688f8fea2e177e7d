"""Rings, sheets and meshes of a trained block as circuits: whole fields at their nodes."""

from collections.abc import Mapping

import numpy as np
import torch

from ....errors import StudioError
from ...excerpt import Excerpt
from ..grid import GridCells
from ..ring import RingCells
from ..sheet import SheetCells
from .choice import Given, check_size
from .drawing import Drawing
from .mesh import add_mesh, relaxation
from .ring import add_ring, node_name, rows_of
from .sheet import add_sheet

RING = (
    "The lane's current stands on the capacitors at 0 s; resistors spread it, gyrators (pairs of "
    "transconductors) let it drift, and it is read at the end."
)
SHEET = (
    "The lane's current stands on the capacitors at 0 s; resistors spread it between ends that are "
    "open or grounded, and it is read at the end."
)
MESH = (
    "Resistors are the means of two conductivities, which the network computes; the border is "
    "ground, currents are injected; the circuit relaxes from 0 V and is at rest at its end."
)


def of_rings(cells: RingCells, given: Given) -> Excerpt:
    """Rings or tori side by side, read after one unit of time."""
    points = given.field.shape[: cells.axes]
    finer = [size * given.refine for size in points]
    count = int(np.prod(finer)) * len(given.lanes) * cells.axes * 3
    check_size(count * (2 if given.components else 1), len(given.lanes))
    # Waves that do not pass the lanes are left out, and the rest is known between the points too.
    field = cells.resampled(given.field.unsqueeze(-2), finer).squeeze(-2)
    currents = (field @ given.weight.T + given.bias).numpy()
    sigma, beta = (cells.lengths()[name].detach().double().cpu() for name in ("sigma", "beta"))
    beta = beta - beta.round()  # once around a ring is nowhere
    found = given.through(cells)
    drawing, reads = Drawing(), {}
    rows = rows_of(finer, given.components)
    kinds = ["v", *(f"s{axis + 1}_" for axis in range(cells.axes if given.components else 0))]
    for number, lane in enumerate(given.lanes):
        name = given.prefix(lane)
        add_ring(
            drawing, currents[..., lane], sigma[lane].tolist(), beta[lane].tolist(),
            scale=given.scale, slopes=given.components, lane=name, row=number * rows,
        )  # fmt: skip
        for component, kind in enumerate(kinds):
            for place in np.ndindex(*points):
                node = node_name(name, kind, tuple(k * given.refine for k in place))
                reads[node] = float(found[(*place, component, lane)])
    limit = f"the model takes the limit of many nodes, the circuit {given.refine} for every point"
    return _read_at_end(drawing, given, reads, given.scale.seconds, RING, limit)


def of_sheets(cells: SheetCells, given: Given) -> Excerpt:
    """Sheets side by side, read after one unit of time.

    Raises:
        StudioError: components were asked for.
    """
    if given.components:
        raise StudioError(
            "the slopes of a sheet at its ends are not differences of two neighbours, so that no "
            "nodes are added for them; leave components out"
        )
    points = given.field.shape[: cells.axes]
    check_size(int(np.prod(points)) * len(given.lanes) * cells.axes, len(given.lanes))
    sigma, found = cells.lengths()["sigma"].detach().double().cpu(), given.through(cells)
    drawing, reads = Drawing(), {}
    for number, lane in enumerate(given.lanes):
        grounded = lane >= cells.lanes - cells.lanes // 2
        start = cells.passed(given.currents[..., lane], grounded).numpy()
        names = add_sheet(
            drawing, start, sigma[lane].tolist(), grounded, scale=given.scale,
            lane=given.prefix(lane), row=number * (points[0] if len(points) > 1 else 1),
        )  # fmt: skip
        reads |= {node: float(found[(*place, 0, lane)]) for place, node in names.items()}
    limit = "the model takes the limit of many nodes, the circuit one for every point"
    return _read_at_end(drawing, given, reads, given.scale.seconds, SHEET, limit)


def of_meshes(cells: GridCells, given: Given) -> Excerpt:
    """Meshes side by side, read at rest."""
    points = given.field.shape[: cells.axes]
    check_size(int(np.prod(points)) * len(given.lanes) * (cells.axes + 1), len(given.lanes))
    like = cells.conductance.weight
    with torch.no_grad():
        a = cells.conductivity(given.field.to(like))
        found = cells.rested(given.currents.to(like).unsqueeze(-2), a.unsqueeze(-2))
    found, a, currents = found.squeeze(-2).double().cpu(), a.double().cpu(), given.currents
    drawing, reads, duration = Drawing(), {}, 0.0
    for number, lane in enumerate(given.lanes):
        conductivity = a[..., lane].numpy()
        row = number * (points[0] if len(points) > 1 else 1)
        names = add_mesh(drawing, conductivity, currents[..., lane].numpy(), scale=given.scale,
                         lane=given.prefix(lane), row=row)  # fmt: skip
        inner = found[..., lane][tuple(slice(1, -1) for _ in points)].flatten().tolist()
        reads |= dict(zip(names, inner, strict=True))
        duration = max(duration, relaxation(conductivity, given.scale))
    return _read_at_end(drawing, given, reads, duration, MESH)


def _read_at_end(
    drawing: Drawing,
    given: Given,
    reads: Mapping[str, float],
    duration: float,
    note: str,
    limit: str = "",
) -> Excerpt:
    """The circuit, whose nodes are read once, at its end."""
    samples = np.array([list(reads.values())])
    circuit = drawing.circuit(duration, given.name)
    return Excerpt(circuit, (note,), tuple(reads), np.array([duration]), samples, 1, limit)
