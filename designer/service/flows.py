"""Two nodes as a plane: a cloud of starts, its density, and the field that carries both."""

import hashlib
import json
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import CircuitError, StudioError

from .. import serialize
from ..results import Results
from .transport import transport

POINTS = 1000
TIMES = 61
PICTURES = 21  # times at which the density is sampled
GRID = 72
ARROWS = 15
CLOUD_STEPS = (1, 2, 4, 8, 16, 32)  # between two times; the first that twice as many confirm
DENSITY_STEPS = (8, 16, 32, 64, 128)  # of a slice
SEEN = 2e-3  # share of the picture by which a point may be off, and ten times that of the density
MOST_DEVICES = 4000  # a picture moves thousands of points through every one of them
MOST_WORK = 16_000  # devices times steps between two times
EDGE = 0.004  # share of the cloud that may lie outside the picture
VERSION = "2"  # part of every hash; raise it when a container's contents change


class Flows:
    """Pictures of circuits of two nodes that are both input and output.

    Args:
        results: where finished pictures are kept.
    """

    def __init__(self, results: Results) -> None:
        self.results = results

    def picture(self, circuit: Circuit) -> dict[str, Any]:
        """Where the arrays of the picture are, and what is missing in it, in words.

        Raises:
            StudioError: the circuit is none of that form.
        """
        if not is_plane(circuit):
            raise StudioError(
                "a flow in the plane needs two nodes, both of them input and output; give both "
                "the role 'both'"
            )
        if circuit.device_count > MOST_DEVICES:
            raise StudioError(
                f"the picture of a flow through {circuit.device_count:,} devices takes too long "
                f"here; at most {MOST_DEVICES:,} are drawn"
            )
        described = circuit.to_dict()
        for node in described["nodes"]:
            node["x"] = node["y"] = node["voltage"] = 0
        text = json.dumps([VERSION, described["nodes"], described["slices"]], sort_keys=True)
        key = hashlib.sha256(text.encode()).hexdigest()[:32]
        data = self.results.get(key)
        if data is None:
            data = _picture(circuit)
            self.results.put(key, data)
        return {"hash": key, "url": f"/api/sim/{key}.bin"}


def is_plane(circuit: Circuit) -> bool:
    """Whether the state of a circuit is a point of a plane that data enter and leave."""
    return [node.role for node in circuit.nodes] == ["both", "both"]


def _picture(circuit: Circuit) -> bytes:
    """The container.

    ``cloud`` (T, B, 2) [V] at the times ``t``; ``density`` (P, G, G) at ``picture_t``, rows along
    the second node; ``field`` (S, A, 2) [V/s] at ``field_points`` (A, 2), one for every slice that
    begins at ``field_t``: devices do not age, so it stands still in between.
    """
    import torch

    from backend.circuit.compile import compile_circuit
    from backend.models.circuits.flow import check_flow

    compiled = compile_circuit(circuit, torch.float32)
    noise = torch.randn(POINTS, 2, generator=torch.Generator().manual_seed(0))
    duration = sum(part.duration for part in circuit.slices)
    try:
        check_flow(circuit)
        smooth, note = True, ""
    except CircuitError as error:
        smooth, note = False, f"No density: {error.message.split(',')[0]}."
    with torch.no_grad():
        cloud = _cloud(compiled, noise)
        low, high = _extent(cloud.numpy())
        coarse = [_centres(low[k], high[k], ARROWS) for k in range(2)]
        grid = torch.stack([a.flatten() for a in torch.meshgrid(*coarse, indexing="xy")], 1)
        slopes = [field(0.0, grid.T.contiguous()).T.numpy() for field in compiled.fields()]
        arrays = {
            "t": np.linspace(0.0, duration, TIMES),
            "cloud": cloud.numpy(),
            "picture_t": np.linspace(0.0, duration, PICTURES),
            "field": np.stack(slopes),
            "field_t": np.cumsum([0.0, *(part.duration for part in circuit.slices)])[:-1],
            "field_points": grid.numpy(),
        }
        if smooth:
            axes = [torch.linspace(low[k], high[k], GRID) for k in range(2)]
            flow = _settled_flow(compiled, axes)
            if flow is None:
                note = "No density: it is too steep to be computed here."
            else:
                arrays["density"] = _densities(flow, axes, arrays["picture_t"].tolist())
    header = {
        "node_ids": list(circuit.node_ids),
        "device_ids": [],
        "low": [serialize.number(value) for value in low],
        "high": [serialize.number(value) for value in high],
        "note": note,
        "status": serialize.GOOD,
        "stats": {},
    }
    return serialize.encode(header, arrays)


def _cloud(compiled: Any, start: Any) -> Any:
    """Paths (T, B, 2) [V] of the starts, by as few steps as twice as many confirm.

    Raises:
        StudioError: no number of steps that can be taken here does, or paths leave all bounds.
    """
    import torch

    coarse, total = None, sum(part.duration for part in compiled.circuit.slices)
    times = np.linspace(0.0, total, TIMES)
    for steps in CLOUD_STEPS:
        if steps > 2 and steps * compiled.circuit.device_count > MOST_WORK:
            break
        fine = transport(compiled, start, times, steps)
        if coarse is not None and bool(torch.isfinite(fine).all()):
            low, high = (torch.tensor(ends) for ends in _extent(fine.numpy()))
            inside = ((fine > low) & (fine < high)).all(-1)
            if bool(((fine - coarse).abs() <= SEEN * (high - low))[inside].all()):
                return fine
        coarse = fine
    raise StudioError(
        "there is no picture of this flow: its cloud grows beyond all bounds, or moves too fast "
        "for the steps of a picture; simulate single starts, or choose larger capacitances"
    )


def _settled_flow(compiled: Any, axes: Any) -> Any:
    """The flow with as few steps as twice as many confirm at the end, or ``None``."""
    from backend.models.circuits.flow import Flow

    found, coarse = None, None
    for steps in DENSITY_STEPS:
        if steps > DENSITY_STEPS[1] and steps * compiled.circuit.device_count > MOST_WORK:
            break
        flow = Flow(compiled, steps)
        fine = _densities(flow, axes, [flow.duration])
        if coarse is not None and np.abs(fine - coarse).max() <= 10 * SEEN * fine.max():
            return found
        found, coarse = flow, fine
    return None


def _densities(flow: Any, axes: Any, times: list[float]) -> np.ndarray:
    """Pictures of the density; 0 where the way back to the start leaves all bounds."""
    return np.nan_to_num(flow.densities_on(axes, times).numpy(), nan=0.0, posinf=0.0)


def _extent(cloud: np.ndarray) -> tuple[list[float], list[float]]:
    """Ends of a square that holds nearly all points of all times, with a margin."""
    flat = cloud.reshape(-1, 2)
    low, high = np.quantile(flat, EDGE, axis=0), np.quantile(flat, 1 - EDGE, axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2 * 1.12, 1e-6)
    return (middle - half).tolist(), (middle + half).tolist()


def _centres(low: float, high: float, count: int) -> Any:
    import torch

    half = (high - low) / count / 2
    return torch.linspace(low + half, high - half, count)
