"""Steady states of batches of circuits of the fast class, differentiable by the implicit function.

Held nodes are kept at given voltages, one for each example; driven ones stand at the values of
their sources at 0 s. All others settle until no capacitor carries a current:

    sum_{e: d(e)=k} i_e(v) - sum_{e: s(e)=k} i_e(v) = 0    for every free node k.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..circuit import Circuit, Node
from ..circuit.compile import CompiledCircuit
from ..circuit.general import one_slice
from ..circuit.held_field import HeldField
from ..errors import CircuitError, SolveError, clipped
from ..solvers.implicit import differentiable_rest
from ..solvers.rest import Equations, Rest, others, rest
from ..waveforms.constant import Constant

LARGEST = 600
"""Free nodes of a dense system; larger circuits are left to transients."""


@dataclass(frozen=True)
class SteadyState:
    """Where the examples of a batch rest.

    Args:
        voltages: (N, B) [V] of all nodes, part of the graph; those of examples that are not
            ``usable`` are where the search ended, and pass no gradient.
        report: what is to be said of every example.
        node_ids: names of the rows.
    """

    voltages: Tensor
    report: Rest
    node_ids: tuple[str, ...]

    @property
    def converged(self) -> Tensor:
        """Whether no capacitor carries a current (B,)."""
        return self.report.converged

    @property
    def stable(self) -> Tensor:
        """Whether what is moved a little comes back: eigenvalues of C^-1 J (B,)."""
        return self.report.stable

    @property
    def condition(self) -> Tensor:
        """Condition numbers (B,) of the equations there."""
        return self.report.condition

    @property
    def usable(self) -> Tensor:
        """Converged, stable, and at least three digits right (B,)."""
        return self.report.usable

    @classmethod
    def joined(cls, parts: "Sequence[SteadyState]") -> "SteadyState":
        """Parts of a batch as one, cut from the graph."""
        report = Rest(
            torch.cat([part.converged for part in parts]),
            torch.cat([part.stable for part in parts]),
            torch.cat([part.condition for part in parts]),
            max(part.report.steps for part in parts),
        )
        voltages = torch.cat([part.voltages.detach() for part in parts], 1)
        return cls(voltages, report, parts[0].node_ids)

    def figures(self) -> dict[str, float]:
        """Shares of the examples and condition numbers, by metric; finite ones only."""
        found = {
            "converged": float(self.converged.double().mean()),
            "stable": float((self.converged & self.stable).double().mean()),
        }
        known = self.condition[self.condition.isfinite()]
        if len(known):
            found |= {"condition": float(known.median()), "worst_condition": float(known.max())}
        return found


class SteadyCircuit:
    """The equations of a compiled circuit at rest.

    Args:
        compiled: the circuit; its parameters may be part of a graph.
        held: ids of nodes whose voltages are given, by default the input nodes.

    Raises:
        CircuitError: several slices, no node that settles, or too many of them.
    """

    def __init__(self, compiled: CompiledCircuit, held: tuple[str, ...] | None = None) -> None:
        circuit = compiled.circuit
        one_slice(circuit, "a steady state belongs to")
        self.compiled = compiled
        self.names = circuit.inputs if held is None else held
        fixed = {*self.names, *circuit.driven}
        free = tuple(name for name in circuit.node_ids if name not in fixed)
        check_size(circuit, len(free))
        self.held, self.free = compiled.rows_of(self.names), compiled.rows_of(free)

    def start(self, voltages: Tensor) -> Tensor:
        """The state (N, B) before it settles, held nodes at their voltages (M, B) [V]."""
        v0 = self.compiled.v0
        v = v0.unsqueeze(-1).expand(-1, voltages.shape[1])
        return v.index_copy(0, self.held.to(v0.device), voltages.to(v0))

    def equations(self) -> Equations:
        """The currents into the capacitors of the free nodes, over their capacitances [V/s]."""
        return Equations(self._field(), 0.0, self.free.to(self.compiled.v0.device))

    def settle(self, voltages: Tensor) -> SteadyState:
        """Where the circuit rests for voltages (M, B) [V] of the held nodes.

        Differentiable by them, by the parameters of the devices and by the levels of the drives.

        Raises:
            SolveError: in no example anything sets the voltage of some node.
        """
        field, equations = self._field(), self.equations()
        v, report = differentiable_rest(equations, self.start(voltages))
        if not bool(report.converged.any()):
            self._refuse_open(equations, v.detach())
        if isinstance(field, HeldField):
            v = field.filled(0.0, v)
        return SteadyState(v, report, self.compiled.circuit.node_ids)

    def others(self, found: SteadyState, tries: int = 8, seed: int = 0) -> Tensor:
        """How many further stable states (B,) are found from random starts."""
        equations = self.equations()
        v = found.voltages.detach()
        return others(lambda start: rest(equations, start), v, equations.free, tries, seed)

    def _field(self) -> Any:
        return self.compiled.stretches()[0]

    def _refuse_open(self, equations: Equations, v: Tensor) -> None:
        """Name what the equations leave open where they are singular in all examples."""
        jacobian = equations.jacobian(v).detach()
        if not bool(jacobian.isfinite().all()):
            return
        size = jacobian.abs().amax(2, keepdim=True)
        even = jacobian / torch.where(size > 0, size, torch.ones_like(size))
        _, strengths, ways = torch.linalg.svd(even)
        eps = torch.finfo(even.dtype).eps
        if bool((strengths[:, -1] > 1e2 * eps * strengths[:, 0].clamp_min(1e-30)).any()):
            return
        way = ways[0, -1].abs()
        rows = equations.free[(way > 0.1 * way.max()).nonzero().squeeze(-1)].tolist()
        if self._conducts(v[:, :1], {self.compiled.circuit.node_ids[k] for k in rows}):
            return  # rounding alone makes the equations singular: the condition number says so
        rows = rows[:4]
        names = ", ".join(f"'{clipped(self.compiled.circuit.node_ids[k])}'" for k in rows)
        raise SolveError(
            f"at rest nothing sets the voltage of {names}: no device conducts there; add a "
            "resistor to ground"
        )

    def _conducts(self, v: Tensor, nodes: set[str]) -> bool:
        """Whether at voltages (N, 1) a device from these nodes to another one, or ground, does."""
        held, (field,) = self._field(), self.compiled.fields()
        if isinstance(held, HeldField):
            v = held.filled(0.0, v)
        slopes = torch.stack(field.conductances(v), 1).squeeze(-1).tolist()
        devices = self.compiled.circuit.slices[0].devices
        return any(
            (device.source in nodes) != (device.target in nodes)
            and (g_s if device.source in nodes else g_d) != 0
            for device, (g_s, g_d) in zip(devices, slopes, strict=True)
        )


def check_size(circuit: Circuit, free: int) -> None:
    """Refuse circuits in which nothing settles, or too much for a dense system.

    Raises:
        CircuitError: says how many nodes there are.
    """
    if not free:
        raise CircuitError(
            "every node is held or driven, so nothing settles; add a hidden or an output node",
            ("nodes",),
        )
    if free > LARGEST:
        raise CircuitError(
            f"{free:,} nodes settle at once and dense equations are solved for at most "
            f"{LARGEST:,}; take a smaller circuit, or the model kirchhoffnet, which solves "
            "transients",
            ("nodes",),
        )


def steady_state(
    compiled: CompiledCircuit, voltages: Tensor, held: tuple[str, ...] | None = None
) -> SteadyState:
    """Where a circuit rests for each example; see ``SteadyCircuit``.

    Args:
        compiled: the circuit, of one slice.
        voltages: (M, B) [V] of the held nodes, one column an example.
        held: their ids, by default the input nodes.

    Raises:
        CircuitError: several slices, no node that settles, or too many of them.
        SolveError: in no example anything sets the voltage of some node.
    """
    return SteadyCircuit(compiled, held).settle(voltages)


def held(circuit: Circuit, voltages: Mapping[str, float]) -> Circuit:
    """The circuit with sources that hold some nodes for good.

    What a batch does with ``SteadyCircuit`` for one example: its transient ends in the steady
    state, if it ends, and the operating point of its netlist is one.

    Args:
        circuit: the description.
        voltages: of the nodes that are held, by id [V].
    """
    nodes = tuple(
        Node(
            node.id, role="hidden", label=node.label, x=node.x, y=node.y,
            drive=Constant(float(voltages[node.id])),
        )
        if node.id in voltages
        else node
        for node in circuit.nodes
    )  # fmt: skip
    return circuit.replace(nodes=nodes)
