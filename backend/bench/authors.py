"""KirchhoffNet's right-hand side as its authors formulate it: gather, activation, scatter.

States are (B, N) with a column for ground put in front, one large tensor (B, E) per operation, and
torch's own graph for the gradient (Gao et al. 2023, section 2).
"""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .table import LIMIT_SECONDS, LeftOut
from .workloads import Workload

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh}
MEMORY_SHARE = 0.7
"""A tape may take this share of the memory that is free."""


class AuthorsField(nn.Module):
    """dv/dt (B, N) of states (B, N); counts its calls and gives up after a time limit.

    Args:
        work: graph and weights.
        limit_s: wall time after which a solve is given up [s].
    """

    def __init__(self, work: Workload, limit_s: float = LIMIT_SECONDS) -> None:
        super().__init__()
        self.limit_s = limit_s
        self.theta = nn.Parameter(torch.from_numpy(work.theta.copy()))
        self.source, self.target = (
            torch.from_numpy(ends.astype("int64"))
            for ends in (work.graph.source, work.graph.target)
        )
        self.phi = ACTIVATIONS[work.activation]
        self.calls = 0
        self.deadline = float("inf")

    def start_clock(self) -> None:
        """From now on the time limit of a row runs."""
        self.calls = 0
        self.deadline = time.perf_counter() + self.limit_s

    def forward(self, t: Any, v: Tensor) -> Tensor:
        """The net current into every node; all capacitors are 1 F."""
        if time.perf_counter() > self.deadline:
            raise LeftOut(f"takes more than {self.limit_s:g} s")
        self.calls += 1
        padded = torch.cat([v.new_zeros(len(v), 1), v], 1)
        a, b, c = self.theta
        i = self.phi(a * padded[:, self.source] + b * padded[:, self.target] + c)
        total = torch.zeros_like(padded)
        total = total.scatter_add(1, self.target.expand_as(i), i)
        return total.scatter_add(1, self.source.expand_as(i), -i)[:, 1:]


def check_tape(field: AuthorsField, v: Tensor, calls: int) -> None:
    """Whether the saved tensors of so many evaluations fit into memory.

    Raises:
        LeftOut: they do not.
    """
    storages: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept):
        field(0.0, v.detach().requires_grad_())
    fixed = {tensor.untyped_storage().data_ptr() for tensor in (field.source, field.target)}
    tape = calls * sum(size for place, size in storages.items() if place not in fixed)
    free = free_memory()
    if tape > MEMORY_SHARE * free:
        raise LeftOut(f"its tape of {tape / 1e9:.0f} GB does not fit into {free / 1e9:.0f} GB")


def free_memory() -> float:
    """Bytes that programs can still take; infinite where the system does not tell."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return 1024.0 * float(lines["MemAvailable"].split()[0])
    except (OSError, KeyError):
        return float("inf")
