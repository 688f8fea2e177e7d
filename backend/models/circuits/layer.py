"""A circuit as a layer of somebody else's network."""

import math
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ...circuit import Circuit
from ...circuit.compile import compile_circuit
from ...circuit.files import read_circuit
from ...circuit.kind_group import KindGroup
from ...errors import CircuitError, SolveError, StudioError
from ...simulation.simulate import make_solver
from ...solvers import Solver, integrate_all

FORMS = (torch.float32, torch.float64)


class HasCircuit(Protocol):
    """A model or a run: something that gives its circuit when asked."""

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        ...


class CircuitLayer(nn.Module):
    """Voltages in as initial voltages of the input nodes, out as final voltages of the outputs.

    Differentiable by its inputs and by the parameters of its devices, under any optimiser. Before
    every solve parameters are put back within the bounds of their laws, and locked devices
    (``trainable=False``) to their own values; see ``settle``. Locked devices have no gradient.

    Args:
        circuit: a circuit, the path of a circuit file, or a model or run that has one. All nodes
            but the inputs start at their stated voltage. Levels of driven nodes are in
            ``compiled.levels``: ask for their gradients there, or put others in, one waveform
            for all samples or one for each. A circuit that only sources drive needs no input
            node, and is given inputs of no features (B, 0).
        solver: a name from ``SOLVERS`` or an instance; ``None`` for the one a trained circuit was
            trained with, else ``rk4``.
        gradient: ``discrete``, ``continuous`` or ``backprop``; ``None`` for the solver's best.
        dtype: ``torch.float32`` or ``torch.float64``; kernels of the processor know both.
        device: where the tensors live.
        options: the solver's own options, e.g. ``steps`` (per slice), ``rtol``, ``atol`` [V].

    Attributes:
        in_features: number of input nodes.
        out_features: number of output nodes.
        solver: integrates every slice, cut where a drive bends; may be replaced at any time.

    Raises:
        CircuitError: the circuit cannot be read, or has no input or no output node.
        StudioError: an unknown solver, option or gradient.
    """

    def __init__(
        self,
        circuit: Circuit | str | Path | HasCircuit,
        solver: str | Solver | None = None,
        *,
        gradient: str | None = None,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
        **options: Any,
    ) -> None:
        super().__init__()
        described = _described(circuit)
        self.solver = _solver(described, solver, options)
        self.gradient = gradient or self.solver.gradients[0]
        if self.gradient not in self.solver.gradients:
            raise SolveError(
                f"{self.solver.title} has no {self.gradient} gradient: choose "
                f"{' or '.join(self.solver.gradients)}"
            )
        self.compiled = compile_circuit(described, _checked(dtype))
        self.in_features, self.out_features = len(described.inputs), len(described.outputs)
        self._inputs: Tensor
        self._outputs: Tensor
        self.register_buffer("_inputs", self.compiled.rows_of(described.inputs), False)
        self.register_buffer("_outputs", self.compiled.rows_of(described.outputs), False)
        for group in self._groups():
            group.holds = True
            if bool(group.frozen.all()):
                group.requires_grad_(False)
        self.register_load_state_dict_post_hook(_keep_loaded)
        self.register_state_dict_pre_hook(_settled)
        self.to(device)

    def forward(self, x: Tensor) -> Tensor:
        """Final voltages (..., outputs) [V] to initial voltages (..., inputs) [V].

        Raises:
            CircuitError: no tensor of real numbers, or another number of inputs.
            SolveError: an adaptive solve stopped before its end.
        """
        if not isinstance(x, Tensor) or x.is_complex():
            found = str(x.dtype) if isinstance(x, Tensor) else f"a {type(x).__name__}"
            raise CircuitError(f"voltages are a tensor of real numbers, got {found}; convert them")
        if x.dim() == 0 or x.shape[-1] != self.in_features:
            raise CircuitError(
                f"the circuit has {self.in_features} input nodes, got inputs of shape "
                f"{tuple(x.shape)}; the last number must be {self.in_features}"
            )
        self.settle()
        start = self.compiled.v0
        rows = x.reshape(math.prod(x.shape[:-1]), self.in_features).to(start)
        if not len(rows):
            return rows.new_zeros(*x.shape[:-1], self.out_features)
        v = start.unsqueeze(-1).expand(-1, len(rows)).index_copy(0, self._inputs, rows.T)
        fields = self.compiled.stretches()
        for field in fields:
            # Torch's fused optimisers change parameters without counting it.
            field.refresh()
        v = integrate_all(fields, v, self.solver, self.gradient)
        return v.index_select(0, self._outputs).T.reshape(*x.shape[:-1], self.out_features)

    @torch.no_grad()
    def settle(self) -> None:
        """Undo what an optimiser did to locked devices and beyond the bounds of a law.

        ``forward``, ``circuit`` and ``state_dict`` begin with it; what is right stays untouched,
        so a graph may hold several passes through one layer.
        """
        for group in self._groups():
            if _strayed(group):
                group.constrain_()

    def circuit(self) -> Circuit:
        """The description with the present parameter values, to simulate, draw or export."""
        self.settle()
        return self.compiled.to_circuit()

    def extra_repr(self) -> str:
        """Inputs, outputs and how it is solved."""
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"solver={self.solver}, gradient={self.gradient!r}"
        )

    def _groups(self) -> list[KindGroup]:
        return [group for field in self.compiled.fields() for group in field.kinds()]


def _described(source: Circuit | str | Path | HasCircuit) -> Circuit:
    """The circuit of anything that has one.

    Raises:
        CircuitError: it has none, or one without inputs or outputs.
    """
    if isinstance(source, str | Path):
        circuit = read_circuit(source)
    elif isinstance(source, Circuit):
        circuit = source
    elif callable(getattr(source, "circuit", None)):
        circuit = source.circuit()
    else:
        raise CircuitError(
            f"expected a circuit, a circuit file, a model or a run, got a {type(source).__name__}"
        )
    for role, found in (("input", circuit.inputs or circuit.driven), ("output", circuit.outputs)):
        if not found:
            raise CircuitError(f"the circuit has no {role} node; give one the role '{role}'")
    return circuit


def _solver(circuit: Circuit, solver: str | Solver | None, options: dict[str, Any]) -> Solver:
    """The chosen solver, or the one the circuit was trained with.

    Raises:
        StudioError: see ``CircuitLayer``.
    """
    if isinstance(solver, Solver):
        if options:
            raise StudioError(f"{', '.join(options)}: give options with a solver's name only")
        return solver
    known = circuit.settings
    if solver is None and known.get("solver"):
        return make_solver(known["solver"], **{**known.get("solver_options", {}), **options})
    return make_solver(solver or "rk4", **options)


def _checked(dtype: torch.dtype) -> torch.dtype:
    if dtype not in FORMS:
        raise StudioError(f"voltages are torch.float32 or torch.float64, got {dtype}")
    return dtype


def _strayed(group: KindGroup) -> bool:
    """Whether a value left its law's bounds, or a locked one its place."""
    for param in group.law.params:
        value = group.params[param.name]
        low, high = param.low, param.high
        if low is not None and bool((value < low).any()):
            return True
        if high is not None and bool((value > high).any()):
            return True
        if group.has_frozen:
            initial = group.get_buffer(f"initial_{param.name}")
            if bool(((value != initial) & group.frozen).any()):
                return True
    return False


def _settled(layer: nn.Module, prefix: str, keep_vars: bool) -> None:
    del prefix, keep_vars
    assert isinstance(layer, CircuitLayer)
    layer.settle()


@torch.no_grad()
def _keep_loaded(layer: nn.Module, incompatible: Any) -> None:
    """What was loaded is what locked devices keep from now on."""
    del incompatible
    assert isinstance(layer, CircuitLayer)
    for group in layer._groups():
        if group.has_frozen:
            for name, value in group.params.items():
                group.get_buffer(f"initial_{name}").copy_(value)
