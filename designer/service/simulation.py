"""Simulations for the browser: settings, result cache, I-V curves and gradient checks."""

import copy
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from backend.circuit import Circuit
from backend.circuit.budget import check_solve, fitting_steps
from backend.errors import StudioError, clipped
from backend.params import check_params
from backend.simulation.stopping import Stopped, StopSignal

from .. import serialize
from ..results import Results
from ..serialize import SimulationJson
from . import trajectories
from .kinds import law_of
from .known_circuits import KnownCircuits

MAX_VALUES = 6_000_000  # floats of one container, 24 MB
MAX_OUTPUTS = 5001
RESULT_VERSION = "6"  # part of every hash; raise it when a container's contents change


class Simulations:
    """Simulates circuits.

    Args:
        results: where finished simulations are kept.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.circuits = KnownCircuits()

    def run(
        self, circuit: Any, settings: Mapping[str, Any], stop: StopSignal | None = None
    ) -> SimulationJson:
        """Simulate, or find the stored result; the arrays wait under the answer's url.

        Args:
            circuit: as the browser has it.
            settings: of the solve.
            stop: ends the solve early.

        Raises:
            StudioError: a wrong circuit or setting, or more work than a page may ask for.
            Stopped: ``stop`` was set.
        """
        begin = time.perf_counter()
        described, physics = self.circuits.read(circuit)
        chosen = within_budget(described, _settings(described, settings), settings)
        key = content_hash(physics, described, chosen)
        data = self.results.get(key)
        if data is None:
            data = trajectories.simulation(*_solve(described, chosen, stop))
            self.results.put(key, data)
        header = serialize.header_of(data)
        return {
            "hash": key,
            "url": f"/api/sim/{key}.bin",
            "status": header["status"],
            "stats": header["stats"],
            "seconds": time.perf_counter() - begin,
        }

    def course(
        self, circuit: Circuit, outputs: int, stop: StopSignal | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Times (T,) [s] and voltages (T, N) [V] in double precision, both ends included.

        Args:
            circuit: the description.
            outputs: T.
            stop: ends the solve early.

        Raises:
            StudioError: the solve stopped, or is more work than a page may ask for.
            Stopped: ``stop`` was set.
        """
        chosen = {**_settings(circuit, {"adjoint": False}), "outputs": outputs, "energy": False}
        found, *_ = _solve(circuit, within_budget(circuit, chosen, {}), stop)
        if not found.status.reached:
            raise StudioError(found.status.message)
        return found.t, found.voltages

    def curve(self, kind: str, params: Mapping[str, Any], *, low: float, high: float,
              points: int = 101, v_d: float = 0.0) -> dict[str, list[float | None]]:  # fmt: skip
        """The I-V curve of a device law with its target held at `v_d` [V]."""
        import torch

        law = law_of(kind)
        if law is None:
            raise StudioError(
                f"the current of the kind '{clipped(kind)}' does not follow from the voltages of "
                "two nodes, so there is no curve of it"
            )
        try:
            values = check_params(law.params, params)
        except ValueError as error:
            raise StudioError(f"{kind}: {error}") from None
        if not low < high:
            raise StudioError(f"the range of the curve is empty: {low:g} to {high:g} V")
        v = torch.linspace(low, high, max(2, min(int(points), 2001)), dtype=torch.float64)
        p = {
            name: torch.tensor(float(value), dtype=torch.float64) for name, value in values.items()
        }
        i = law.current(v + v_d, torch.full_like(v, v_d), p).expand_as(v)
        return {"v": v.tolist(), "i": [serialize.number(x) for x in i.tolist()]}

    def gradient_check(
        self,
        circuit: Any,
        settings: Mapping[str, Any],
        device: str,
        param: str,
        stop: StopSignal | None = None,
    ) -> dict[str, float | None]:
        """dL/dparam by the adjoint and by central differences, and their relative difference."""
        described = Circuit.from_dict(circuit)
        chosen = {**_settings(described, {**settings, "adjoint": True}), "outputs": 2}
        chosen["energy"] = False
        chosen = within_budget(described, chosen, settings)
        place, value = _place_of(circuit, device, param)
        step = 1e-5 * max(abs(value), 1e-2)
        _, adjoint, refusal = _solve(described, chosen, stop)
        if refusal:
            raise StudioError(refusal)
        if adjoint is None or param not in adjoint.gradient:
            raise StudioError("there is no gradient here; give one node the role 'output'")
        column = described.device_ids.index(device)
        exact = float(adjoint.gradient[param][column])
        losses = []
        for shifted in (value + step, value - step):
            copied = copy.deepcopy(circuit)
            _device_at(copied, place).setdefault("params", {})[param] = shifted
            shifted_adjoint = _solve(Circuit.from_dict(copied), chosen, stop)[1]
            if shifted_adjoint is None:
                raise StudioError("the shifted circuit could not be solved; use more steps")
            losses.append(shifted_adjoint.loss)
        difference = (losses[0] - losses[1]) / (2 * step)
        scale = max(abs(exact), abs(difference), 1e-12)
        return {
            "adjoint": serialize.number(exact),
            "difference": serialize.number(difference),
            "error": serialize.number(abs(exact - difference) / scale),
        }

    def nudge(
        self,
        circuit: Any,
        settings: Mapping[str, Any],
        node: str,
        time: float,
        size: float,
        stop: StopSignal | None = None,
    ) -> dict[str, float | None]:
        """What a small change of one voltage does to the loss, and what the adjoint says.

        Args:
            circuit: as the browser has it.
            settings: of the solve, with loss and targets.
            node: that is moved.
            time: when [s].
            size: by how much [V].
            stop: ends the work early.

        Raises:
            StudioError: a circuit or node for which this is not right; says why.
        """
        from backend.simulation.nudge import nudge

        described = Circuit.from_dict(circuit)
        chosen = {**_settings(described, {**settings, "adjoint": True}), "outputs": 2}
        chosen = within_budget(described, chosen, settings)
        given = {name: chosen[name] for name in ("solver", "loss", "targets")}
        found = nudge(described, node, time, size, stop=stop, **given, **chosen["options"])
        names = ("time", "size", "voltage", "loss", "nudged", "sensitivity", "slope", "change",
                 "predicted")  # fmt: skip
        return {name: serialize.number(getattr(found, name)) for name in names}


def simulated(circuit: Circuit, settings: Mapping[str, Any]) -> bytes:
    """The container of a simulation that is kept nowhere.

    Args:
        circuit: the description.
        settings: of the solve, as the browser sends them.

    Raises:
        StudioError: a wrong setting, or more work than a page may ask for.
    """
    chosen = within_budget(circuit, _settings(circuit, settings), settings)
    return trajectories.simulation(*_solve(circuit, chosen))


def within_budget(
    circuit: Circuit, chosen: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings of a solve that a page may ask for.

    A solver that chooses its own steps may take as many as fit the memory; who wants more than
    that by name is refused.

    Args:
        circuit: the description.
        chosen: complete settings.
        given: as they were sent.

    Raises:
        StudioError: the solve would take too much; says what fits.
    """
    from backend.solvers import SOLVERS

    kind, adjoint, options = SOLVERS[chosen["solver"]], chosen["adjoint"], dict(chosen["options"])
    if "max_steps" in options and given.get("max_steps") is None:
        fits = fitting_steps(circuit, adjoint=adjoint)
        options["max_steps"] = min(options["max_steps"], fits)
    check_solve(circuit, kind, options, chosen["outputs"], adjoint=adjoint)
    return {**chosen, "options": options}


def content_hash(physics: str, circuit: Circuit, settings: Mapping[str, Any]) -> str:
    """A name for a simulation: places and labels on the board do not matter."""
    voltages = [node.voltage for node in circuit.nodes]
    text = json.dumps([RESULT_VERSION, physics, voltages, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _settings(circuit: Circuit, given: Mapping[str, Any]) -> dict[str, Any]:
    """Simulation settings, complete and bounded, in one order so that they hash alike."""
    from backend.simulation.simulate import default_solver
    from backend.solvers import SOLVERS

    solver = given.get("solver") or default_solver(given)
    known = {param.name for param in SOLVERS[solver].params}
    try:
        options = check_params(
            SOLVERS[solver].params, {k: v for k, v in given.items() if k in known and v is not None}
        )
        targets = {str(k): float(v) for k, v in dict(given.get("targets") or {}).items()}
        outputs = int(given.get("outputs") or 201)
    except (TypeError, ValueError) as error:
        raise StudioError(f"solver {solver}: {error}") from None
    width = 2 * len(circuit.nodes) + 6 * len(circuit.device_ids) + 1
    outputs = max(2, min(outputs, MAX_OUTPUTS, max(21, MAX_VALUES // width)))
    loss = given.get("loss") or "sum"
    return {
        "solver": solver,
        "options": options,
        "outputs": outputs,
        "adjoint": bool(given.get("adjoint", True)) and bool(circuit.outputs or targets),
        "loss": loss,
        "targets": targets if loss == "mse" else {},
        "gradient": given.get("gradient") or None,
    }


def _solve(
    circuit: Circuit, settings: Mapping[str, Any], stop: StopSignal | None = None
) -> tuple[Any, Any, str]:
    """Trajectory, adjoint (or ``None``), and why there is none although it was asked for.

    A failed solve is shown as far as it went.
    """
    from backend.simulation.simulate import adjoint, simulate

    common = {"solver": settings["solver"], "outputs": settings["outputs"], "stop": stop}
    common |= settings["options"]
    common["energy"] = settings.get("energy", True)
    refusal = ""
    if settings["adjoint"]:
        loss = {name: settings[name] for name in ("loss", "targets", "gradient")}
        try:
            return *adjoint(circuit, throw=False, **loss, **common), ""
        except StudioError as error:
            # Not every circuit of the general class has an adjoint; its trajectory is shown still.
            if isinstance(error, Stopped) or not circuit.general:
                raise
            refusal = str(error)
    return simulate(circuit, throw=False, **common), None, refusal


def _place_of(circuit: Any, device: str, param: str) -> tuple[tuple[int, int], float]:
    """Where a device stands in a circuit file, and the present value of one parameter."""
    for s, part in enumerate(Circuit.from_dict(circuit).slices):
        for d, found in enumerate(part.devices):
            if found.id == device:
                if param not in found.params:
                    raise StudioError(f"device '{device}' has no parameter {param!r}")
                return (s, d), float(found.params[param])
    raise StudioError(f"there is no device {device!r}")


def _device_at(circuit: Any, place: tuple[int, int]) -> dict[str, Any]:
    return circuit["slices"][place[0]]["devices"][place[1]]
