"""A model that is a circuit: its parameters are those of devices, its inside a trajectory."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ...circuit import Circuit
from ...circuit.budget import FINER
from ...circuit.compile import CompiledCircuit, KindGroup, SliceField, compile_circuit
from ...circuit.held_field import pieces_of
from ...circuit.settings import CircuitSettings
from ...errors import RunError
from ...params import Param
from ...registry import nearest
from ...shapes import Data
from ...simulation.simulate import make_solver, simulate
from ...simulation.trajectory import Trajectory
from ...solvers import SOLVERS, Solver, finer
from ..base import Effort, Group, Model, Moment, Setup, View, Walk
from . import choosing
from .course import SolverCourse
from .solving import check_solve

TIMES = 101
"""Most times of the trajectory in a frame; a large circuit has fewer, eleven at least."""

CURRENT_DEVICES = 20_000
"""Circuits of more devices keep only their voltages in a frame."""


TRIED_STEPS = 50
"""Steps that a solver which chooses its own may take; its limit is no estimate."""


class CircuitModel(Model):
    """A trainable circuit whose inside can be watched.

    Attributes:
        compiled: the circuit as arrays, whose parameters are trained.
        solver: integrates every slice; a training changes it from step to step.
        course: which solver learns from which batch; ``None`` for always the same.
        in_time: answers are integrated along ``compiled.stretches()``, which can be disturbed.
    """

    in_time: ClassVar[bool] = False

    compiled: CompiledCircuit
    solver: Solver
    course: SolverCourse | None = None

    @classmethod
    @abstractmethod
    def start(cls, data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
        """The built-in untrained circuit for a data set.

        Args:
            data: gives the number of inputs and outputs and the shape of images.
            options: values of ``params``.
            seed: of the random initial parameters.
        """

    @classmethod
    @abstractmethod
    def of_circuit(
        cls,
        circuit: Circuit,
        data: Data,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "CircuitModel":
        """A model of a given circuit.

        Raises:
            CircuitError: the circuit does not fit the data set.
        """

    @classmethod
    def option_groups(
        cls, given: Mapping[str, Any], recipe: Mapping[str, Any]
    ) -> dict[str, tuple[Param, ...]]:
        """Options of the solver, of the model, and of the topology where one is named."""
        return choosing.option_groups(given, recipe, cls.params)

    @classmethod
    def complete(
        cls, given: Mapping[str, Any], recipe: Mapping[str, Any], data: Data
    ) -> CircuitSettings:
        """Where the circuit comes from and what integrates it, with nothing missing."""
        return choosing.complete(given, recipe, data)

    @classmethod
    def first_circuit(cls, setup: Setup, folder: Path | None = None) -> Circuit:
        """The given or generated circuit, else the built-in one."""
        given = choosing.given_circuit(_settings(setup), setup.seed, folder)
        return given or cls.start(setup.data, setup.options, setup.seed)

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> "CircuitModel":
        """A model of the built-in circuit with the solver of the default recipe."""
        settings = cls.complete({}, cls.recipes(data)["default"], data)
        return cls.of_setup(Setup(data, options, seed, settings))

    @classmethod
    def of_setup(cls, setup: Setup, circuit: Circuit | None = None) -> "CircuitModel":
        """A model of a given circuit, or of the first one that the settings lead to."""
        own, circuit = _settings(setup), circuit or cls.first_circuit(setup)
        solver = make_solver(own.solver, **own.solver_options)
        gradient = own.gradient or solver.gradients[0]
        model = cls.of_circuit(circuit, setup.data, setup.options, solver, gradient)
        model.course = SolverCourse(own, setup.seed)
        return model

    @classmethod
    def effort(cls, settings: CircuitSettings | None, circuit: Circuit | None, size: int) -> Effort:
        """The counts of the circuit, of the most steps a batch takes, and of their stages."""
        if settings is None or circuit is None:
            return Effort()
        steps = int(settings.solver_options.get("steps") or TRIED_STEPS)
        tableau = SOLVERS[settings.solver].tableau
        nodes, devices = len(circuit.nodes), circuit.device_count
        return Effort(
            nodes=nodes,
            devices=devices,
            slices=len(pieces_of(circuit)),
            steps=max(steps, settings.steps_high),
            stages=4 if tableau is None else len(tableau.b),
            frame=_times(devices, size) * (nodes + (devices if _has_currents(devices) else 0)),
        )

    @classmethod
    def released(cls, circuit: Circuit, example: Mapping[str, float]) -> Circuit:
        """A trained circuit as it leaves a run to be drawn, simulated or exported.

        Args:
            circuit: with the trained values.
            example: voltages of the input nodes [V], as far as one is known.
        """
        del example
        return circuit

    def train(self, mode: bool = True) -> "CircuitModel":
        """As torch has it; whoever only looks on sees the usual solver's answers."""
        if not mode and self.course is not None:
            self.solver = self.course.usual
        super().train(mode)
        return self

    def begin(self, moment: Moment) -> None:
        """Take the solver of the step."""
        if self.course is not None:
            self.solver = self.course.at(moment.step, moment.total)

    def settle(self) -> None:
        """Clamp to the laws' bounds and restore devices that may not be trained."""
        # torch's fused step changes values untold.
        self.refresh()
        self.compiled.constrain_()

    def refresh(self) -> None:
        """Let fields forget what they derived from parameters."""
        for part in self.modules():
            if isinstance(part, SliceField):
                part.refresh()

    def groups(self) -> list[Group]:
        """Gains and slopes, and what shifts a law."""
        offsets = {id(kind.params[param.name]) for kind in self.modules()
                   if isinstance(kind, KindGroup) for param in kind.law.params
                   if param.role == "offset"}  # fmt: skip
        every = list(self.parameters())
        gains = Group(tuple(value for value in every if id(value) not in offsets))
        shifts = Group(tuple(value for value in every if id(value) in offsets), offset=True)
        return [group for group in (gains, shifts) if group.parameters]

    def checks(self) -> dict[str, Callable[[], AbstractContextManager[None]]]:
        """``finer``, with several times the steps, where the solver does not choose them."""
        sharper = finer(self.solver, FINER)
        return {} if sharper is None else {"finer": lambda: self.solved_by(sharper)}

    def trust(self, x: Tensor, walk: Walk | None = None) -> dict[str, Any]:
        """How far the voltages of the solver's own steps are from those of the circuit."""
        report = check_solve(self, x, walk)
        return {} if report is None else report.row()

    @contextmanager
    def solved_by(self, solver: Solver) -> Iterator[None]:
        """The model with another solver, for as long as this lasts."""
        usual = self.solver
        self.solver = solver
        try:
            yield
        finally:
            self.solver = usual

    def view(self, x: Tensor, size: int) -> View:
        """Voltages and currents over time: ``t`` (T,), ``voltages`` (T, N), ``currents`` (T, E).

        Large circuits have no currents. A failed solve is shown as far as it came.
        """
        devices = self.compiled.circuit.device_count
        trajectory = self.trace(x, _times(devices, size))
        arrays = {"t": trajectory.t, "voltages": trajectory.voltages}
        if _has_currents(devices):
            arrays["currents"] = trajectory.currents
        arrays = {name: value.astype(np.float32) for name, value in arrays.items()}
        return View("trajectory", arrays)

    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """Voltages and currents over time for one input (features,) [V], in float64.

        By the library's own ``simulate`` and the model's own steps; a failed solve is returned
        as far as it came.
        """
        circuit = self.circuit()
        voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
        return simulate(
            circuit, solver=self.solver, outputs=outputs, voltages=voltages, throw=False,
            check=False,
        )  # fmt: skip

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        return self.compiled.to_circuit()

    @abstractmethod
    def failure(self, x: Tensor) -> str:
        """Which node leaves the finite range first for inputs (B, features), in plain words."""

    def path(self, x: Tensor, factor: int = 1) -> Iterator[tuple[float, Tensor]]:
        """Times [s] and voltages (N, n) [V] after every step of the solver, each cut into more.

        A solver that chooses its own steps gives the ends of the slices. Nothing where a model
        does not know.

        Args:
            x: inputs (n, features) [V].
            factor: steps in the place of one.
        """
        del x, factor
        return iter(())


def _times(devices: int, size: int) -> int:
    """How many times a frame shows, which may hold about so many numbers."""
    return min(TIMES, max(11, size // max(1, devices)))


def _has_currents(devices: int) -> bool:
    return devices <= CURRENT_DEVICES


def _settings(setup: Setup) -> CircuitSettings:
    if setup.circuit is None:
        raise RunError(f"a circuit needs a solver: {nearest('', SOLVERS.names())}")
    return setup.circuit


def with_parameters(start: Circuit, state: Mapping[str, Tensor]) -> Circuit:
    """A circuit with the device parameters in the state of any model of it.

    Raises:
        RunError: the state belongs to another circuit.
    """
    # Double precision holds the parameters of any model as they are.
    compiled = compile_circuit(start, torch.float64)
    try:
        # Whatever a model is, its circuit is an attribute of that name somewhere in it.
        compiled.load_state_dict(
            {name.partition("compiled.")[2]: value for name, value in state.items()}
        )
    except RuntimeError:
        raise RunError("the checkpoint belongs to another circuit") from None
    return compiled.to_circuit()
