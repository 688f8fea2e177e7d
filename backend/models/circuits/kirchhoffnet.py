"""A circuit as a network: data in as initial voltages, answers out as final voltages.

References:
    Gao, Sun, Rohrer, Boning 2023, KirchhoffNet, arXiv 2310.15872, section 2.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from ...circuit import Circuit
from ...circuit.compile import compile_circuit
from ...errors import CircuitError, StudioError
from ...params import Param
from ...shapes import Data
from ...solvers import Solver, integrate, integrate_all
from ...solvers.fused import plans_of
from ..base import MODELS
from .base import CircuitModel
from .bounded import with_pairs, with_rails
from .builtin import is_large, large_image_circuit, small_image_circuit, vector_circuit
from .initial import initialise
from .recipes import recipes


@MODELS.register("kirchhoffnet")
class KirchhoffNet(CircuitModel):
    """Answers are the output voltages at the end; for classes they are logits, times a constant.

    Input nodes start at the features of an example, in the order of the list of nodes; all other
    nodes start at their stated voltage. Driven nodes follow their sources for every example alike,
    and training leaves these as they are.

    Args:
        circuit: the description; its device parameters are what is trained.
        solver: integrates every slice.
        gradient: how the loss is differentiated.
        logit_scale: answer per output volt [1/V].
    """

    title: ClassVar[str] = "KirchhoffNet"
    in_time: ClassVar[bool] = True
    default_for: ClassVar[tuple[str, ...]] = ("classify", "regress")
    params: ClassVar[tuple[Param, ...]] = (
        Param("logit_scale", 4.0, "1/V", low=0.0, slider=(1, 10), doc="Logit per output volt."),
        Param("hidden", 6, low=1, high=1000, slider=(2, 64), doc="Hidden nodes, for vectors."),
        Param("channels", 8, low=1, high=100, slider=(1, 16), doc="Features a window, for images."),
        Param("window", 4, low=1, high=28, slider=(2, 8), doc="Pixels along a window's side."),
        Param("stride", 2, low=1, high=28, slider=(1, 4), doc="Pixels between two windows."),
        Param("deep_channels", 16, low=1, high=200, slider=(1, 32), doc="Of the second layer."),
        Param("deep_window", 4, low=1, high=28, slider=(2, 8), doc="Of the second layer."),
        Param("deep_stride", 2, low=1, high=28, slider=(1, 4), doc="Of the second layer."),
        Param("rail", 0.0, "V", low=0.0, slider=(0, 5), doc="Clamps conduct beyond; 0 for none."),
        Param("positive", False, doc="Images by positive conductances and pairs of nodes."),
    )

    def __init__(
        self,
        circuit: Circuit,
        solver: Solver,
        gradient: str = "discrete",
        logit_scale: float = 4.0,
    ) -> None:
        super().__init__()
        self.compiled = compile_circuit(circuit, torch.float32)
        self.solver = solver
        self.gradient = gradient
        self.logit_scale = logit_scale
        self.inputs: Tensor
        self.outputs: Tensor
        self.register_buffer("inputs", self.compiled.rows_of(circuit.inputs), False)
        self.register_buffer("outputs", self.compiled.rows_of(circuit.outputs), False)

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Settings found by experiment; see ``benchmarks/results``.

        Large images have others beside ``default``: ``best`` is slower and more accurate,
        ``bounded`` has rails at 1 V, ``positive`` learns positive conductances only, within the
        same rails.
        """
        return recipes(data, is_large(data))

    @classmethod
    def start(cls, data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
        """A layered circuit with random parameters: local windows for images, dense else.

        Images of 16 pixels and more go through two locally connected layers. With ``rail`` every
        node has clamps, with ``positive`` images are learnt by rectifiers and pairs of nodes; see
        ``models/circuits/bounded.py`` for both and what they bound.

        Raises:
            StudioError: a window does not fit, or ``positive`` without images.
        """
        images = data.inputs.kind == "image" and data.task == "classify"
        if options["positive"] and not images:
            raise StudioError(
                f"positive needs images of classes, and '{data.title}' has none; set positive "
                "to false"
            )
        if is_large(data):
            circuit = large_image_circuit(data, options, seed)
        elif images:
            circuit = initialise(small_image_circuit(data, options), seed)
        else:
            circuit = vector_circuit(data.inputs.count, data.names, options["hidden"])
            circuit = initialise(circuit, seed)
        if options["positive"]:
            circuit = with_pairs(circuit)
        if options["rail"]:
            circuit = with_rails(circuit, options["rail"])
        return circuit.replace(name=data.title)

    @classmethod
    def of_circuit(
        cls,
        circuit: Circuit,
        data: Data,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "KirchhoffNet":
        """A model of a circuit whose roles fit the data set.

        Raises:
            CircuitError: too few or too many inputs or outputs, or nothing to train.
        """
        check_fit(circuit, data)
        scale = float(options["logit_scale"]) if data.task == "classify" else 1.0
        return cls(circuit, solver, gradient, scale)

    def forward(self, x: Tensor) -> Tensor:
        """Answers (B, outputs) to inputs (B, features) [V]."""
        fields = self.compiled.stretches()
        v = integrate_all(fields, self._initial(x), self.solver, self.gradient)
        return self._answers(v)

    def entries(self) -> int:
        """Compiled kernels need no room for currents, only for the states after the slices."""
        fields = self.compiled.stretches()
        if self.gradient == "discrete" and plans_of(fields, self.compiled.v0.unsqueeze(-1)):
            return self.compiled.node_count * (len(fields) + 2)
        return super().entries()

    @torch.no_grad()
    def follow(self, x: Tensor) -> tuple[Tensor, float | None]:
        """Answers (n, outputs) and the largest voltage [V] of any node after any fixed step."""
        if getattr(self.solver, "steps", None) is None:
            return super().follow(x)
        answers, largest = [], 0.0
        for part in self.chunks(x):
            v = self._initial(part)
            for _, v in self.path(part):
                largest = max(largest, float(v.abs().max()))
            answers.append(self._answers(v))
        return torch.cat(answers), largest

    @torch.no_grad()
    def path(self, x: Tensor, factor: int = 1) -> Iterator[tuple[float, Tensor]]:
        """Times [s] and voltages (N, n) [V] after every step, or every slice; see ``Model``."""
        steps = getattr(self.solver, "steps", None)
        solver: Any = self.solver
        if steps is not None:
            solver = replace(solver, steps=factor)
        v, time = self._initial(x), 0.0
        for field in self.compiled.stretches():
            span = field.duration / (steps or 1)
            for _ in range(steps or 1):
                v = integrate(field, v, 0.0, span, solver, self.gradient)
                time += span
                yield time, v

    @torch.no_grad()
    def failure(self, x: Tensor) -> str:
        """The node that leaves the finite range first, and when."""
        v, began = self._initial(x), 0.0
        names = self.compiled.circuit.node_ids
        for field in self.compiled.stretches():
            solution = self.solver.solve(field, v, 0.0, field.duration)
            if not solution.status.ok:
                node, time = solution.status.node, solution.status.time
                who = "a node" if node is None else f"node '{names[node]}'"
                when = "" if time is None else f" just after t = {began + time:.3g} s"
                return f"the voltage of {who} grows beyond all bounds{when}"
            v, began = solution.final, began + field.duration
        row = int(v.abs().amax(1).argmax())
        return f"node '{names[row]}' ends at {float(v[row].abs().max()):.3g} V, the largest of all"

    def _answers(self, v: Tensor) -> Tensor:
        return self.logit_scale * v.index_select(0, self.outputs).T

    def _initial(self, x: Tensor) -> Tensor:
        v = self.compiled.v0.unsqueeze(-1).expand(-1, len(x))
        return v.index_copy(0, self.inputs, x.T.to(v.dtype))


def check_fit(circuit: Circuit, data: Data) -> None:
    """Whether the roles of a circuit's nodes fit a data set.

    Raises:
        CircuitError: says how many inputs and outputs were found and how many are needed.
    """
    found = len(circuit.inputs), len(circuit.outputs)
    needed = data.inputs.count, data.outputs.count
    if found != needed:
        raise CircuitError(
            f"the data set '{data.title}' needs {_ends(*needed)}, the circuit has "
            f"{_ends(*found)}; change the roles of its nodes",
            ("nodes",),
        )
    if not any(table.trainable.any() for table in circuit.tables()):
        raise CircuitError("no device is trainable; unlock at least one", ("slices",))


def _ends(inputs: int, outputs: int) -> str:
    return (
        f"{inputs} input {'node' if inputs == 1 else 'nodes'} and "
        f"{outputs} output {'node' if outputs == 1 else 'nodes'}"
    )
