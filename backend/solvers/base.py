"""What a solver sees, what it gives back, and the frame every solver fills in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor

from ..engine.tableaus import ButcherTableau
from ..errors import SolveError
from ..params import Param, check_params
from .dense import OnStep, Sampler, hermite


class VectorField(Protocol):
    """The right-hand side of ``dy/dt = f(t, y)`` with ``y`` of shape ``(N, B)``.

    A field whose value does not depend on ``t`` may say so with an attribute
    ``autonomous = True``; implicit methods then skip the derivative by time. One that keeps
    tables of its parameters may offer ``refresh()``, called before every solve.
    """

    def __call__(self, t: Any, y: Tensor, /) -> Tensor:
        """The slope ``(N, B)``; ``t`` is a float (torchdiffeq passes a scalar tensor)."""
        ...


class DifferentiableField(VectorField, Protocol):
    """A vector field that knows its own derivatives."""

    def vjp(self, t: Any, y: Tensor, cotangent: Tensor, /) -> tuple[Tensor, tuple[Tensor, ...]]:
        """``J^T w`` of shape ``(N, B)`` and ``(df/dp)^T w`` for every parameter tensor."""
        ...

    def parameter_tensors(self) -> tuple[Tensor, ...]:
        """The parameters in the order in which ``vjp`` returns their gradients."""
        ...

    def jacobian(self, t: Any, y: Tensor, /) -> Tensor:
        """``df/dy`` of every sample, shape ``(B, N, N)``."""
        ...


@dataclass(frozen=True)
class Status:
    """Whether a solve reached its end, and if not, where and when it stopped.

    Args:
        ok: the end was reached with finite values.
        message: one plain sentence, empty when ``ok``.
        node: the component that gave the trouble.
        time: the last time that could be reached [s].
    """

    ok: bool = True
    message: str = ""
    node: int | None = None
    time: float | None = None


@dataclass(frozen=True)
class Stats:
    """The work a solve took; step sizes in seconds."""

    steps: int = 0
    rejected: int = 0
    evaluations: int = 0
    jacobians: int = 0
    smallest_step: float = 0.0
    largest_step: float = 0.0


@dataclass(frozen=True)
class Tape:
    """The ends of the accepted steps: ``times (K+1,)`` in float64, ``states (K+1, N, B)``."""

    times: Tensor
    states: Tensor


@dataclass(frozen=True)
class Solution:
    """States ``(T, N, B)`` at the wanted ``times (T,)``, cut where a solve failed.

    ``final`` is the last state that was reached, at ``t1`` when ``status.ok``.
    """

    times: Tensor
    states: Tensor
    final: Tensor
    tape: Tape
    status: Status
    stats: Stats


class March(NamedTuple):
    """What the bare step loop returns, before output times are looked at."""

    tape: Tape
    status: Status
    stats: Stats


@dataclass(frozen=True)
class Solver(ABC):
    """A method with its settings; immutable, so one instance serves many solves.

    Attributes:
        title: name for people.
        params: the settings, one dataclass field each.
        order: convergence order of the end state.
        adaptive: chooses its own steps from ``rtol`` and ``atol``.
        fixed_steps: takes as many equal steps as its setting ``steps`` says.
        implicit: needs ``field.jacobian`` (or solves equations otherwise); made for stiff fields.
        gradients: the gradients ``gradients.integrate`` can form, best first.
        tableau: the coefficients of an explicit Runge-Kutta method, else ``None``.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]]
    order: ClassVar[int]
    adaptive: ClassVar[bool] = False
    fixed_steps: ClassVar[bool] = False
    implicit: ClassVar[bool] = False
    gradients: ClassVar[tuple[str, ...]] = ("discrete", "continuous", "backprop")
    tableau: ClassVar[ButcherTableau | None] = None

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in check_params(self.params, given).items():
            object.__setattr__(self, name, value)

    @torch.no_grad()
    def solve(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        times: Tensor | Sequence[float] | None = None,
    ) -> Solution:
        """Solves ``dy/dt = f(t, y)`` from ``t0`` to ``t1``.

        Args:
            field: the right-hand side.
            y0: start state ``(N, B)``, float32 or float64.
            t0: start time [s].
            t1: end time [s], not before ``t0``.
            times: output times in ascending order; ``None`` for the solver's own steps.

        Raises:
            ValueError: a malformed problem. Numerical failure never raises, see ``Status``.
        """
        check_problem(y0, t0, t1)
        if times is None:
            march = self.march(field, y0, t0, t1)
            tape = march.tape
            return Solution(tape.times, tape.states, tape.states[-1], *march)
        sampler = Sampler(times, y0, t0, t1)
        march = self.march(field, y0, t0, t1, sampler)
        count = sampler.count
        return Solution(
            sampler.times[:count], sampler.states[:count], march.tape.states[-1], *march
        )

    @torch.no_grad()
    def march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None = None,
        check: bool = True,
    ) -> March:
        """The step loop alone: ``on_step`` sees every accepted step in order.

        ``check=False`` lets a fixed-step method skip the search for non-finite values,
        for callers (training) that find them by themselves.
        """
        refresh = getattr(field, "refresh", None)
        if refresh is not None:
            refresh()
        if t1 == t0:
            return March(Tape(as_times([t0]), y0.detach()[None].clone()), Status(), Stats())
        return self._march(field, y0.detach(), float(t0), float(t1), on_step, check)

    @abstractmethod
    def _march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None,
        check: bool,
    ) -> March: ...

    def interpolant(
        self, field: VectorField, t0: float, t1: float, y0: Tensor, y1: Tensor
    ) -> Callable[[float], Tensor]:
        """The dense output of one step this solver took, rebuilt from its two ends."""
        with torch.no_grad():
            return hermite(t1 - t0, y0, y1, field(t0, y0), field(t1, y1))

    def backprop(self, field: VectorField, y0: Tensor, t0: float, t1: float) -> Tensor:
        """``y(t1)`` with torch's own graph through every operation of every step.

        Raises:
            SolveError: the method's steps cannot be differentiated, or a step failed.
        """
        raise SolveError(
            f"{self.title} cannot be differentiated step by step: "
            f"choose the gradient {' or '.join(self.gradients)}."
        )


def check_problem(y0: Tensor, t0: float, t1: float) -> None:
    """Refuses start states and spans that no solver can use.

    Raises:
        ValueError: see above.
    """
    if y0.ndim != 2 or y0.numel() == 0 or not y0.is_floating_point():
        raise ValueError(
            f"y0 must be a real (N, B) tensor, got {y0.dtype} of shape {tuple(y0.shape)}"
        )
    if not t0 <= t1 < float("inf") or t0 == float("-inf"):
        raise ValueError(f"t1 must be finite and not before t0, got t0={t0:g} s and t1={t1:g} s")


def as_times(times: Sequence[float]) -> Tensor:
    """Times always travel as float64 on the CPU, whatever the states are."""
    return torch.tensor(times, dtype=torch.float64)


def first_non_finite(states: Tensor, before: Tensor | None = None) -> tuple[int, int] | None:
    """``(k, component)`` of the first state of ``(K, N, B)`` that is not finite.

    Of several components the one that was largest in the state before is named: a blow-up
    drags its neighbours along within one step.
    """
    bad = ~torch.isfinite(states).all(dim=-1)
    if not bool(bad.any()):
        return None
    k = int(bad.any(dim=1).nonzero()[0])
    before = states[k - 1] if k > 0 else before
    size = bad[k].double()
    if before is not None:
        size = size * (1 + before.abs().amax(dim=-1).double().nan_to_num())
    return k, int(size.argmax())


def non_finite_status(component: int, time: float) -> Status:
    """The status of a solve whose values were last finite at ``time``."""
    message = f"Component {component} stops being finite just after t = {time:.6g} s."
    return Status(False, message, component, time)
