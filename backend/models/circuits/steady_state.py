"""A circuit as an equilibrium network: inputs are held, answers are where all else settles.

References:
    Bai, Kolter, Koltun 2019, Deep equilibrium models, NeurIPS; for circuits: Kendall, Pantone,
    Manickavasagam, Bengio, Scellier 2020, arXiv 2006.01981.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import torch
from torch import Tensor

from ...circuit import Circuit
from ...circuit.compile import compile_circuit
from ...circuit.settings import COURSE, CircuitSettings
from ...errors import RunError
from ...params import Param
from ...shapes import Data
from ...simulation.simulate import simulate
from ...simulation.steady_state import SteadyCircuit, SteadyState, held
from ...simulation.trajectory import Trajectory
from ...simulation.uniqueness import proof
from ...solvers import Solver, integrate
from ..base import MODELS, Walk
from .base import CircuitModel
from .builtin import is_large
from .kept_field import KeptField
from .kirchhoffnet import check_fit
from .steady_start import recipe, start

PROBED, TRIES = 32, 4
"""Examples whose further steady states are looked for, and random starts for each."""


@MODELS.register("steady_state")
class SteadyStateNet(CircuitModel):
    """Answers are the output voltages at rest, times a constant for classes, which are logits.

    Input nodes are held at the features x of an example by ideal sources, in the order of the list
    of nodes; all others settle to i(v; x) = 0, the sum of the currents into each of them. The
    gradient is that of the implicit function: one transposed system an example. Examples that do
    not converge, are unstable or ill-conditioned answer 0 V, teach nothing, and are counted.

    Voltages are double precision: systems are small, and digits are what conditioning costs.

    Args:
        circuit: the description, of one slice; its device parameters are what is trained.
        solver: integrates the transient that is compared and shown.
        logit_scale: answer per output volt [1/V].
    """

    title: ClassVar[str] = "KirchhoffNet at rest"
    params: ClassVar[tuple[Param, ...]] = (
        Param("logit_scale", 4.0, "1/V", low=0.0, slider=(1, 10), doc="Logit per output volt."),
        Param("hidden", 6, low=1, high=300, slider=(2, 64), doc="Hidden nodes, for vectors."),
        Param("channels", 4, low=1, high=100, slider=(1, 16), doc="Features a window, for images."),
        Param("window", 4, low=1, high=28, slider=(2, 8), doc="Pixels along a window's side."),
        Param("stride", 2, low=1, high=28, slider=(1, 4), doc="Pixels between two windows."),
        Param("leak", 0.5, "S", low=0.0, slider=(0.1, 5), doc="Of every node to ground."),
    )

    resting: SteadyCircuit
    last: SteadyState | None

    def __init__(self, circuit: Circuit, solver: Solver, logit_scale: float = 4.0) -> None:
        super().__init__()
        self.compiled = compile_circuit(circuit, torch.float64)
        self.resting = SteadyCircuit(self.compiled)
        self.solver = solver
        self.logit_scale = logit_scale
        self.by_transient = False
        self.last = None
        self.outputs: Tensor
        self.register_buffer("outputs", self.compiled.rows_of(circuit.outputs), False)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """Large images make circuits too large for dense equations."""
        if not is_large(data):
            return ""
        return (
            f"images of '{data.title}' make circuits of thousands of nodes that settle at once; "
            "choose the model kirchhoffnet, which solves transients"
        )

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Settings found by experiment; see ``benchmarks/steady_state.py``."""
        return {"default": recipe(data)}

    @classmethod
    def complete(
        cls, given: Mapping[str, Any], recipe: Mapping[str, Any], data: Data
    ) -> CircuitSettings:
        """Where the circuit comes from, and what integrates the transient it is compared with.

        Raises:
            RunError: a setting of steps that learn, or of their gradient.
        """
        for name in ("gradient", *(param.name for param in COURSE)):
            if given.get(name):
                raise RunError(
                    f"{name} is a setting of trainings by transients, and a steady state takes no "
                    f"steps in time; leave {name} out"
                )
        return super().complete(given, recipe, data)

    @classmethod
    def start(cls, data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
        """One slice of tanh devices with leaks at every node: windows for images, dense else."""
        return start(data, options, seed)

    @classmethod
    def of_circuit(
        cls,
        circuit: Circuit,
        data: Data,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "SteadyStateNet":
        """A model of a circuit whose roles fit the data set.

        Raises:
            CircuitError: the roles do not fit, nothing can be trained, several slices, or too many
                nodes.
        """
        del gradient
        check_fit(circuit, data)
        scale = float(options["logit_scale"]) if data.task == "classify" else 1.0
        return cls(circuit, solver, scale)

    @classmethod
    def released(cls, circuit: Circuit, example: Mapping[str, float]) -> Circuit:
        """With sources at the input nodes, at the voltages of an example or as stated [V]."""
        stated = {node.id: node.voltage for node in circuit.nodes}
        return held(circuit, {name: example.get(name, stated[name]) for name in circuit.inputs})

    def forward(self, x: Tensor) -> Tensor:
        """Answers (B, outputs) to inputs (B, features) [V]."""
        if self.by_transient:
            return self._read(self._transient(x))
        found = self.resting.settle(x.T)
        self.last = found
        return torch.where(found.usable.unsqueeze(-1), self._read(found.voltages), 0.0)

    def learnt(self) -> dict[str, float]:
        """Which shares of the batch converged and are stable."""
        found = {} if self.last is None else self.last.figures()
        return {name: found[name] for name in ("converged", "stable") if name in found}

    @torch.no_grad()
    def figures(self, x: Tensor) -> dict[str, float]:
        """Shares that converge and are stable, median and worst condition number."""
        return self._settled(x).figures() if len(x) else {}

    @torch.no_grad()
    def trust(self, x: Tensor, walk: Walk | None = None) -> dict[str, Any]:
        """How many examples have no answer and why, digits, and whether rests are unique."""
        del walk
        if not len(x):
            return {}
        found = self._settled(x)
        good = found.usable
        sentences = [self._lost(found)] if not bool(good.all()) else []
        if more := self._others(x[good][:PROBED]):
            sentences.append(more)
        worst = float(found.condition[good].max()) if bool(good.any()) else None
        return {
            "solve_error": None if worst is None else worst * torch.finfo(torch.float64).eps,
            "solve_status": "ok" if bool(good.all()) else "inaccurate",
            **({"solve_message": " ".join(sentences)} if sentences else {}),
        }

    def checks(self) -> dict[str, Callable[[], AbstractContextManager[None]]]:
        """``transient``: where the circuit is after its duration from its stated voltages."""
        return {"transient": self._in_time}

    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """Voltages and currents while the circuit settles for one input (features,) [V]."""
        example = dict(zip(self.compiled.circuit.inputs, x.tolist(), strict=True))
        return simulate(
            held(self.circuit(), example), solver=self.solver, outputs=outputs, throw=False,
            check=False,
        )  # fmt: skip

    def entries(self) -> int:
        """Jacobian, its factors and its inverse, and the conductances of all devices."""
        free = len(self.resting.free)
        return 4 * free * free + 4 * self.compiled.circuit.device_count

    @torch.no_grad()
    def failure(self, x: Tensor) -> str:
        """How many examples do not settle."""
        return self._lost(self._settled(x)).rstrip(".")

    def _read(self, v: Tensor) -> Tensor:
        # Tasks and their targets are of single precision.
        return self.logit_scale * v.index_select(0, self.outputs).T.float()

    def _settled(self, x: Tensor) -> SteadyState:
        """All examples at once, solved in chunks."""
        parts = [self.resting.settle(part.T.to(self.compiled.v0)) for part in self.chunks(x)]
        return SteadyState.joined(parts)

    def _lost(self, found: SteadyState) -> str:
        count = len(found.usable)
        reasons = {
            "do not converge": ~found.converged,
            "are unstable": found.converged & ~found.stable,
            "are ill-conditioned": found.converged & found.stable & ~found.usable,
        }
        said = [f"{int(mask.sum())} {words}" for words, mask in reasons.items() if bool(mask.any())]
        listed = ", ".join(said) or "none is lost"
        return f"Of {count} steady states {listed}; such examples answer 0 V."

    def _others(self, x: Tensor) -> str:
        """A sentence about further steady states; empty where none is known."""
        if not len(x) or proof(self.compiled, self.resting.names):
            return ""
        more = self.resting.others(self.resting.settle(x.T.to(self.compiled.v0)), TRIES)
        if not bool(more.any()):
            return ""
        return (
            f"{int((more > 0).sum())} of {len(x)} examples have another stable state: which one "
            "the circuit takes depends on where it starts."
        )

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        self.by_transient = True
        try:
            yield
        finally:
            self.by_transient = False

    def _transient(self, x: Tensor) -> Tensor:
        """Voltages (N, B) [V] after the circuit's duration."""
        v = self.resting.start(x.T)
        for field in self.compiled.stretches():
            kept = KeptField(field, self.resting.held.to(v.device))
            gradient = self.solver.gradients[0]
            v = integrate(kept, v, 0.0, field.duration, self.solver, gradient)
        return v
