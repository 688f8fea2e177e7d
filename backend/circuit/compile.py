"""From a description to index arrays and parameters: the vector field a solver integrates.

Tensors are batch-last: voltages (N, B), currents (E, B). Ground is row N of the padded state and
stays at 0 V. With i_e the current of device e from s(e) to d(e), Kirchhoff's current law reads

    C_k dv_k/dt = sum_{e: d(e)=k} i_e - sum_{e: s(e)=k} i_e

(Gao et al. 2023, section 2). A one-sided device counts for its target and for ground only.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ..devices import DEVICES, FusedLaw
from ..engine.circuit import reference
from ..engine.circuit.plan import Part, Plan, Terms
from .description import GROUND, Circuit, Slice
from .device_table import table_of
from .general import refuse_general
from .held_field import HeldField, Levels, pieces_of
from .kind_group import KindGroup as KindGroup


def _rank(kind: str) -> tuple[bool, str, str]:
    """Fused kinds first, equal activations side by side."""
    law = DEVICES[kind]
    if issubclass(law, FusedLaw):
        return False, law.activation.name, kind
    return True, "", kind


class SliceField(nn.Module):
    """dv/dt during one slice: a vector field that solvers integrate and differentiate.

    Args:
        part: the slice.
        rows: state row of every node id; ground has the last row.
        capacitance: (N,) [F], infinite for driven nodes, whose voltages this field leaves alone.
        dtype: of the parameters.

    Attributes:
        autonomous: the slope does not depend on time: devices do not age.
    """

    autonomous = True

    def __init__(
        self, part: Slice, rows: dict[str, int], capacitance: Tensor, dtype: torch.dtype
    ) -> None:
        super().__init__()
        self.duration = part.duration
        self.device_count = len(part.devices)
        self.node_count = len(rows) - 1
        table = table_of(part, rows)
        self.groups = nn.ModuleList(
            KindGroup(table, table.kinds.index(kind), dtype)
            for kind in sorted(table.kinds, key=_rank)
        )
        self.fused = [group for group in self.kinds() if group.fused]
        self._plan: Plan | None = None
        self._terms: tuple[tuple[object, ...], Terms] | None = None
        self.inverse: Tensor
        self.register_buffer("inverse", (1.0 / capacitance).to(dtype).unsqueeze(-1), False)

    def __getstate__(self) -> dict[str, Any]:
        # The handle of a copied plan would mean the original, or nothing in another process.
        return {**self.__dict__, "_plan": None, "_terms": None}

    def kinds(self) -> Iterator[KindGroup]:
        """The groups of equal kind."""
        for group in self.groups:
            assert isinstance(group, KindGroup)
            yield group

    def parameter_tensors(self) -> tuple[Tensor, ...]:
        """Parameters (n_kind, 1), kind after kind, in each law's order."""
        return tuple(value for group in self.kinds() for value in group.values().values())

    def forward(self, t: float | Tensor, v: Float[Tensor, " N *B"]) -> Float[Tensor, " N *B"]:
        """dv/dt [V/s], of the shape of ``v`` (N, B) or (N,)."""
        del t
        padded = self._padded(v)
        total = torch.zeros_like(padded)
        if torch.is_grad_enabled():
            for group in self.kinds():
                i = group.law.current(*group.ends(padded), group.values())
                total = total.index_add(0, group.leaves, i, alpha=-1)
                total = total.index_add(0, group.target, i)
        else:
            if self.fused:
                reference.accumulate(*self._packed(), padded, total)
            for group in self.kinds():
                if not group.fused:
                    i = group.law.current(*group.ends(padded), group.values())
                    total.index_add_(0, group.leaves, i, alpha=-1)
                    total.index_add_(0, group.target, i)
        return (self.inverse * total[:-1]).reshape(v.shape)

    @torch.no_grad()
    def vjp(
        self, t: float | Tensor, v: Float[Tensor, " N *B"], w: Float[Tensor, " N *B"]
    ) -> tuple[Float[Tensor, " N *B"], tuple[Tensor, ...]]:
        """The adjoint circuit: J^T w and the parameter gradients sum_B w . d(dv/dt)/dparam.

        With mu = w / C every device e passes q = mu_d - mu_s: g_s q enters its source, g_d q its
        target, and q di/dparam is its parameter gradient (``Gao et al. 2023``, theorem 2.1,
        extended to unequal capacitances and to laws that sense both ends). A one-sided device
        takes its current from ground: q = mu_d.

        Args:
            t: time [s], unused: devices do not age.
            v: voltages (N, B) [V].
            w: cotangent of dv/dt (N, B).
        """
        del t
        padded, mu = self._padded(v), self._padded(self.inverse * w.reshape(len(w), -1))
        total = torch.zeros_like(padded)
        by_slot = None
        if self.fused:
            by_slot = reference.accumulate_vjp(*self._packed(), padded, mu, total)
        gradients: list[Tensor] = []
        start = 0
        for group in self.kinds():
            if group.fused and by_slot:
                stop = start + group.count
                gradients += group.from_slots(by_slot, start, stop)
                start = stop
            else:
                gradients += group.pull(padded, mu, total)
        return total[:-1].reshape(v.shape), tuple(gradients)

    def jacobian(self, t: float | Tensor, v: Float[Tensor, " N *B"]) -> Float[Tensor, "_ N N"]:
        """J = d(dv/dt)/dv, shape (B, N, N)."""
        del t
        padded = self._padded(v)
        size, batch = padded.shape
        flat = padded.new_zeros(size * size, batch)
        for group in self.kinds():
            g_s, g_d = group.law.conductances(*group.ends(padded), group.values())
            g_s, g_d = g_s.expand(-1, batch), g_d.expand(-1, batch)
            s, d, out = group.source, group.target, group.leaves
            flat.index_add_(0, out * size + s, -g_s).index_add_(0, out * size + d, -g_d)
            flat.index_add_(0, d * size + s, g_s).index_add_(0, d * size + d, g_d)
        jacobian = flat.view(size, size, batch)[:-1, :-1] * self.inverse.unsqueeze(-1)
        return jacobian.permute(2, 0, 1)

    def currents(self, v: Float[Tensor, " N *B"]) -> Float[Tensor, "E _"]:
        """Device currents (E, B) [A] in the order of the slice."""
        padded = self._padded(v)
        result = padded.new_zeros(self.device_count, padded.shape[1])
        for group in self.kinds():
            result[group.places] = group.law.current(*group.ends(padded), group.values())
        return result

    def net(self, v: Float[Tensor, " N *B"]) -> Float[Tensor, "N _"]:
        """The current from all devices into every node (N, B) [A]."""
        padded = self._padded(v)
        total = torch.zeros_like(padded)
        for group in self.kinds():
            i = group.law.current(*group.ends(padded), group.values())
            total = total.index_add(0, group.leaves, i, alpha=-1).index_add(0, group.target, i)
        return total[:-1]

    def conductances(
        self, v: Float[Tensor, " N *B"]
    ) -> tuple[Float[Tensor, "E _"], Float[Tensor, "E _"]]:
        """Small-signal conductances g_s and g_d, (E, B) each [S], in the order of the slice."""
        padded = self._padded(v)
        g_s = padded.new_zeros(self.device_count, padded.shape[1])
        g_d = torch.zeros_like(g_s)
        for group in self.kinds():
            pair = group.law.conductances(*group.ends(padded), group.values())
            g_s[group.places], g_d[group.places] = pair
        return g_s, g_d

    def derivatives(self, v: Float[Tensor, " N *B"]) -> dict[str, Float[Tensor, "E _"]]:
        """di/dparam (E, B) for every parameter name; NaN where a device has no such parameter."""
        padded = self._padded(v)
        result: dict[str, Tensor] = {}
        for group in self.kinds():
            pairs = group.law.derivatives(*group.ends(padded), group.values())
            for name, value in pairs.items():
                if name not in result:
                    result[name] = padded.new_full(
                        (self.device_count, padded.shape[1]), float("nan")
                    )
                result[name][group.places] = value
        return result

    def refresh(self) -> None:
        """Forget the packed terms: fused optimisers change parameters without a trace."""
        self._terms = None

    @torch.no_grad()
    def _packed(self) -> tuple[Plan, Terms]:
        """Topology and terms of all fused devices; the terms are renewed when a parameter is."""
        values = [value for group in self.fused for value in group.params.values()]
        state = tuple((value.data_ptr(), value._version) for value in values)
        if self._plan is None or self._plan.source.device != self.inverse.device:
            self._plan = self._make_plan()
        if self._terms is None or self._terms[0] != state:
            parts = [group.terms() for group in self.fused]
            self._terms = state, Terms(*(torch.cat(column) for column in zip(*parts, strict=True)))
        return self._plan, self._terms[1]

    def plan(self) -> Plan | None:
        """The topology for compiled kernels; ``None`` where a device's law is not theirs."""
        if len(self.fused) < len(self.groups):
            return None
        if self._plan is None or self._plan.source.device != self.inverse.device:
            self._plan = self._make_plan()
        return self._plan if self._plan.supported else None

    def _make_plan(self) -> Plan:
        parts: list[Part] = []
        for group in self.fused:
            start = parts[-1].stop if parts else 0
            parts.append(Part(group.fused_law, start, start + group.count))
        none = torch.zeros(0, dtype=torch.long, device=self.inverse.device)
        source = torch.cat([none, *(group.source for group in self.fused)])
        target = torch.cat([none, *(group.target for group in self.fused)])
        inverse = self.inverse.detach().reshape(-1).to("cpu", torch.float64)
        return Plan(source, target, tuple(parts), self.node_count, inverse)

    def _padded(self, v: Tensor) -> Tensor:
        v = v.reshape(self.node_count, -1)
        return torch.cat([v, v.new_zeros(1, v.shape[1])])


class CompiledCircuit(nn.Module):
    """A circuit as arrays, with its device parameters as ``nn.Parameter``.

    Attributes:
        circuit: the description it was made from.
        slices: one vector field per slice.
        levels: what holds the driven nodes.
        disturbances: what is put around every field of ``stretches``, such as noise, of a circuit
            that is only looked at.
        v0: initial voltages (N,) [V].
        capacitance: (N,) [F], infinite for driven nodes.
    """

    def __init__(self, circuit: Circuit, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        refuse_general(circuit, "trainings and their kernels know")
        self.circuit = circuit
        self.node_count = len(circuit.nodes)
        rows = {node.id: row for row, node in enumerate(circuit.nodes)}
        self.rows = rows
        capacitance = torch.tensor(
            [node.capacitance if node.drive is None else torch.inf for node in circuit.nodes],
            dtype=dtype,
        )
        with_ground = {**rows, GROUND: self.node_count}
        self.slices = nn.ModuleList(
            SliceField(part, with_ground, capacitance, dtype) for part in circuit.slices
        )
        self.levels = Levels(circuit, dtype)
        self.disturbances: list[Callable[[Any], Any]] = []
        self.v0: Tensor
        self.capacitance: Tensor
        voltages = torch.tensor([node.voltage for node in circuit.nodes], dtype=dtype)
        self.register_buffer("v0", voltages, False)
        self.register_buffer("capacitance", capacitance, False)

    def fields(self) -> Iterator[SliceField]:
        """The vector fields in the order of time."""
        for field in self.slices:
            assert isinstance(field, SliceField)
            yield field

    def stretches(self) -> list[Any]:
        """The fields in the order of time, each smooth over its own ``duration``.

        Slices, cut where a drive bends or jumps; their time is counted from their own start.
        """
        found: list[Any] = self._stretches()
        for disturb in self.disturbances:
            found = [disturb(field) for field in found]
        return found

    def _stretches(self) -> "list[SliceField | HeldField]":
        if not self.circuit.driven:
            return list(self.fields())
        fields = list(self.fields())
        return [
            HeldField(fields[piece.slice], self.levels, piece, origin=piece.start)
            for piece in pieces_of(self.circuit)
        ]

    def rows_of(self, node_ids: tuple[str, ...]) -> Int64[Tensor, " n"]:
        """State rows of the named nodes."""
        return torch.tensor([self.rows[name] for name in node_ids], dtype=torch.long)

    @torch.no_grad()
    def constrain_(self) -> None:
        """Undo what an optimiser may not do: leave a law's bounds, move a frozen device."""
        for field in self.fields():
            for group in field.kinds():
                group.constrain_()

    @torch.no_grad()
    def to_circuit(self) -> Circuit:
        """The description with the present parameter values."""
        parts = zip(self.circuit.slices, self.circuit.tables(), self.fields(), strict=True)
        slices = []
        for part, table, field in parts:
            trained = table.with_params({group.kind: group.columns() for group in field.kinds()})
            slices.append(replace(part, devices=trained.described()))
        return self.circuit.replace(slices=tuple(slices))


def compile_circuit(
    circuit: Circuit,
    dtype: torch.dtype = torch.float64,
    device: str | torch.device = "cpu",
) -> CompiledCircuit:
    """The circuit as index arrays and parameters on a torch device.

    Args:
        circuit: the description.
        dtype: float64 for reference work, float32 for training.
        device: where the tensors live.
    """
    return CompiledCircuit(circuit, dtype).to(device)
