"""What a cascade accepts, and the sentence for everything else."""

import math

import torch
from torch import Tensor

from ...errors import InputError, quoted
from ...registry import nearest

TYPES = (torch.float32, torch.float64)
MOST_CELLS = 16
"""Cells in a cascade; the time and accuracy of its table were looked at up to here."""


def _name(kind: torch.dtype) -> str:
    return str(kind).removeprefix("torch.")


def _a_tensor(value: object, name: str) -> Tensor:
    if not isinstance(value, Tensor):
        raise InputError(f"a tensor is needed, found {quoted(value)}", (name,))
    if value.dtype not in TYPES:
        raise InputError(
            f"numbers must be float32 or float64, found {_name(value.dtype)}; convert with "
            ".float()",
            (name,),
        )
    return value


def checked_field(u: object) -> Tensor:
    """Inputs (B, L, D) with at least one step.

    Raises:
        InputError: another shape or type.
    """
    given = _a_tensor(u, "u")
    if given.dim() != 3 or not given.shape[1]:
        raise InputError(
            "inputs are (batch, steps, channels) with at least one step, found shape "
            f"{tuple(given.shape)}",
            ("u",),
        )
    return given


def checked_times(tau: object) -> Tensor:
    """Time constants (n, D) or (D,).

    Raises:
        InputError: another shape or type.
    """
    return _by_cells(tau, "tau", "time constants")


def checked_gain(kappa: object) -> Tensor | None:
    """Gains (n, D), (D,) or ``None``.

    Raises:
        InputError: another shape or type.
    """
    if kappa is None:
        return None
    return _by_cells(kappa, "kappa", "gains")


def _by_cells(value: object, name: str, what: str) -> Tensor:
    given = _a_tensor(value, name)
    if given.dim() not in (1, 2):
        raise InputError(
            f"{what} are (cells, channels) or (channels,), found shape {tuple(given.shape)}",
            (name,),
        )
    return given


def broadcast_cells(tau: Tensor, kappa: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Both as (n, D): one of them with shape (D,) is shared by as many cells as the other has.

    Raises:
        InputError: they do not fit together, or there are no cells or too many.
    """
    lone = kappa is None or kappa.dim() == 1
    cells = len(tau) if tau.dim() == 2 else 1 if lone else len(kappa)  # type: ignore[arg-type]
    if not 1 <= cells <= MOST_CELLS:
        raise InputError(f"a cascade has 1 to {MOST_CELLS} cells, found {cells}", ("tau",))
    channels = tau.shape[-1]
    if kappa is not None and (
        kappa.shape[-1] != channels or (kappa.dim() == 2 and len(kappa) != cells)
    ):
        raise InputError(
            f"gains of shape {tuple(kappa.shape)} do not fit time constants of shape "
            f"{tuple(tau.shape)}; both are (cells, channels) or (channels,)",
            ("kappa",),
        )
    gain = None if kappa is None else kappa.expand(cells, channels)
    return tau.expand(cells, channels), gain


def checked_rule(rule: object, rules: tuple[str, ...], what: str) -> str:
    """One of ``rules``.

    Raises:
        InputError: another name.
    """
    if isinstance(rule, str) and rule in rules:
        return rule
    raise InputError(f"no such {what} {quoted(rule)}; {nearest(rule, list(rules))}", (what,))


def checked_step(step: object) -> float:
    """A positive finite number.

    Raises:
        InputError: anything else; a tensor too, since no gradient would reach it.
    """
    if isinstance(step, int | float) and step is not True and math.isfinite(step) and step > 0:
        return float(step)
    raise InputError(f"a positive finite number is needed, found {quoted(step)}", ("step",))


def checked_initial(initial: object, u: Tensor, cells: int) -> Tensor:
    """States (B, D, n) before the first step.

    Raises:
        InputError: another shape or type.
    """
    given = _a_tensor(initial, "initial")
    wanted = (len(u), u.shape[2], cells)
    if tuple(given.shape) != wanted:
        raise InputError(
            f"states before the first step are (batch, channels, cells) = {wanted}, found shape "
            f"{tuple(given.shape)}; the last taps of a chunk are taps[:, -1]",
            ("initial",),
        )
    return given


def check_together(u: Tensor, others: dict[str, Tensor | None]) -> None:
    """All live where ``u`` lives, have as many channels, and states have its type.

    Raises:
        InputError: one of them does not.
    """
    for name, other in others.items():
        if other is not None and other.device != u.device:
            raise InputError(f"lies on {other.device}, but u on {u.device}; move one", (name,))
    tau, initial = others["tau"], others.get("initial")
    if tau is not None and tau.shape[-1] != u.shape[-1]:
        raise InputError(
            f"{tau.shape[-1]} channels do not fit the {u.shape[-1]} channels of u", ("tau",)
        )
    if initial is not None and initial.dtype != u.dtype:
        raise InputError(
            f"states of {_name(initial.dtype)} do not continue inputs of {_name(u.dtype)}; "
            "convert one of them",
            ("initial",),
        )
