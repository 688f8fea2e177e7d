"""All devices of one kind in one slice: parameters, ends, and who may be trained."""

import numpy as np
import torch
from torch import Tensor, nn

from ..devices import DEVICES, DeviceLaw, FusedLaw
from ..engine.circuit.plan import Terms
from .device_table import DeviceTable


class KindGroup(nn.Module):
    """All devices of one kind in one slice.

    Args:
        table: the devices of the slice.
        code: place of the kind among the table's kinds.
        dtype: of the parameters.

    Attributes:
        kind: the registered name.
        law: its law.
        count: number of devices n.
        params: values (n, 1) by name.
        places: places (n,) in the slice.
        source: state rows (n,).
        target: state rows (n,).
        leaves: rows that the currents leave (n,): the sources, or ground for one-sided kinds.
        frozen: devices (n, 1) that may not be trained.
        holds: autograd gives frozen devices no gradient, for optimisers that know of none.
    """

    def __init__(self, table: DeviceTable, code: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.kind = kind = table.kinds[code]
        self.law: type[DeviceLaw] = DEVICES[kind]
        # torch.tensor copies: the arrays of a table are shared and read-only.
        initial = {
            name: torch.tensor(values, dtype=dtype).unsqueeze(-1)
            for name, values in table.params[code].items()
        }
        self.params = nn.ParameterDict(
            {param.name: nn.Parameter(initial[param.name]) for param in self.law.params}
        )
        places = table.places(code)
        self.count = len(places)
        whole = self.count == len(table)
        self.places: Tensor
        self.source: Tensor
        self.target: Tensor
        self.frozen: Tensor
        self.register_buffer("places", torch.tensor(places), False)
        for name in ("source", "target"):
            rows = getattr(table, name)
            self.register_buffer(name, torch.tensor(rows if whole else rows[places]), False)
        self.supply: Tensor | None
        ground = torch.full((self.count,), len(table.names) - 1) if self.law.one_sided else None
        self.register_buffer("supply", ground, False)
        frozen = ~torch.tensor(table.trainable if whole else table.trainable[places])
        self.register_buffer("frozen", frozen.unsqueeze(-1), False)
        self.has_frozen = bool(frozen.any())
        self.holds = False
        if self.has_frozen:
            for name, value in initial.items():
                self.register_buffer(f"initial_{name}", value.clone(), False)

    @torch.no_grad()
    def constrain_(self) -> None:
        """Undo what an optimiser may not do: leave the law's bounds, move a frozen device."""
        for param in self.law.params:
            value = self.params[param.name]
            if param.low is not None or param.high is not None:
                value.clamp_(min=param.low, max=param.high)
            if self.has_frozen:
                initial = self.get_buffer(f"initial_{param.name}")
                value.copy_(torch.where(self.frozen, initial, value))

    def columns(self) -> dict[str, np.ndarray]:
        """A copy of the present parameter values (n,) by name, in float64."""
        return {
            name: value.detach().squeeze(-1).to("cpu", torch.float64, copy=True).numpy()
            for name, value in self.values().items()
        }

    @property
    def fused(self) -> bool:
        """Whether the kind belongs to the family gain phi(a v_s + b v_d + c)."""
        return issubclass(self.law, FusedLaw)

    @property
    def fused_law(self) -> type[FusedLaw]:
        """The law, known to be of the fused family."""
        assert issubclass(self.law, FusedLaw)
        return self.law

    def terms(self) -> Terms:
        """gain, a, b and c of all devices, (n, 1) each."""
        like = next(iter(self.params.values()))
        terms = self.fused_law.fused(self.values())
        return Terms(
            **{
                slot: term if isinstance(term, Tensor) else torch.full_like(like, term)
                for slot, term in terms.items()
            }
        )

    def from_slots(self, by_slot: Terms, start: int, stop: int) -> list[Tensor]:
        """Gradients of the kind's own parameters from those of gain, a, b and c."""
        result = []
        for entries in self.fused_law.slots.values():
            parts = [
                factor * getattr(by_slot, slot)[start:stop] for slot, factor in entries.items()
            ]
            result.append(torch.stack(parts).sum(0) if len(parts) > 1 else parts[0])
        return result

    def pull(self, padded: Tensor, mu: Tensor, total: Tensor) -> list[Tensor]:
        """Add the kind's adjoint currents to ``total``; its parameter gradients."""
        v_s, v_d = self.ends(padded)
        q = self.across(mu)
        values = self.values()
        g_s, g_d = self.law.conductances(v_s, v_d, values)
        total.index_add_(0, self.source, g_s * q).index_add_(0, self.target, g_d * q)
        derivatives = self.law.derivatives(v_s, v_d, values)
        return [(q * derivatives[name]).sum(-1, keepdim=True) for name in values]

    @property
    def leaves(self) -> Tensor:
        """The rows that the currents leave (n,)."""
        return self.source if self.supply is None else self.supply

    def across(self, mu: Tensor) -> Tensor:
        """What devices pass in the adjoint circuit (n, B) from the padded mu (N + 1, B).

        Mu where the current of a device enters, less mu where it leaves.
        """
        return mu.index_select(0, self.target) - mu.index_select(0, self.leaves)

    def values(self) -> dict[str, Tensor]:
        """Parameter tensors (n, 1) by name, in the law's order."""
        values = {param.name: self.params[param.name] for param in self.law.params}
        if self.holds and self.has_frozen and torch.is_grad_enabled():
            return {k: torch.where(self.frozen, v.detach(), v) for k, v in values.items()}
        return values

    def ends(self, padded: Tensor) -> tuple[Tensor, Tensor]:
        """v_s and v_d (n, B) from the padded state (N + 1, B)."""
        return padded.index_select(0, self.source), padded.index_select(0, self.target)
