"""A model that is a circuit: its parameters are those of devices, its inside a trajectory."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import numpy as np
from torch import Tensor

from ...budget import FINER
from ...circuit import Circuit
from ...compile import CompiledCircuit, KindGroup, SliceField
from ...shapes import Data
from ...simulate import make_solver, simulate
from ...solvers import Solver, finer
from ...trajectory import Trajectory
from ..base import Group, Model, Moment, View

TIMES = 101
"""Most times of the trajectory in a frame; a large circuit has fewer, eleven at least."""

CURRENT_DEVICES = 20_000
"""Circuits of more devices keep only their voltages in a frame."""


class Course(Protocol):
    """Which solver learns from which batch."""

    usual: Solver

    def at(self, step: int, total: int) -> Solver:
        """The solver of a step (from 0)."""
        ...


class CircuitModel(Model):
    """A trainable circuit whose inside can be watched.

    Attributes:
        compiled: the circuit as arrays, whose parameters are trained.
        solver: integrates every slice; a training changes it from step to step.
        course: which solver learns from which batch; ``None`` for always the same.
    """

    compiled: CompiledCircuit
    solver: Solver
    course: Course | None = None

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
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> "CircuitModel":
        """A model of the built-in circuit with the solver of the default recipe."""
        recipe = cls.recipes(data)["default"]
        solver = make_solver(recipe["solver"], **recipe.get("solver_options", {}))
        circuit = cls.start(data, options, seed)
        return cls.of_circuit(circuit, data, options, solver, solver.gradients[0])

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
        times = min(TIMES, max(11, size // max(1, devices)))
        trajectory = self.trace(x, times)
        arrays = {"t": trajectory.t, "voltages": trajectory.voltages}
        if devices <= CURRENT_DEVICES:
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
