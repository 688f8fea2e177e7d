"""What a collision accepts, and the sentence for everything else."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ...errors import InputError, quoted
from ...registry import nearest

MODES = ("matched", "allpairs", "mean_field", "off")
TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
WORDS = ("rms", "unit")


def checked_tensor(value: object, name: str, what: str, shape: Sequence[str]) -> Tensor:
    """A tensor of real numbers with as many axes as ``shape`` has names.

    Raises:
        InputError: anything else.
    """
    if not isinstance(value, Tensor):
        raise InputError(f"a tensor is needed, found {quoted(value)}", (name,))
    if value.dtype not in TYPES:
        kind = str(value.dtype).removeprefix("torch.")
        raise InputError(
            f"numbers must be real and of floating point, found {kind}; convert with .float()",
            (name,),
        )
    if value.dim() != len(shape):
        raise InputError(
            f"{what} are ({', '.join(shape)}), found shape {tuple(value.shape)}", (name,)
        )
    return value


def checked_pair(x: object, v: object, shape: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Positions and velocities of one shape, on one device.

    Raises:
        InputError: they are not.
    """
    positions = checked_tensor(x, "x", "positions", shape)
    velocities = checked_tensor(v, "v", "velocities", shape)
    check_fitting(velocities, "v", positions, "x")
    return positions, velocities


def check_fitting(value: Tensor, name: str, other: Tensor, its_name: str) -> None:
    """Both have one shape and live on one device.

    Raises:
        InputError: they do not.
    """
    if value.shape != other.shape:
        raise InputError(
            f"has shape {tuple(value.shape)}, but {its_name} has {tuple(other.shape)}; "
            "every particle needs both",
            (name,),
        )
    check_device(value, name, other, its_name)


def check_device(value: Tensor, name: str, other: Tensor, its_name: str) -> None:
    """Both live on one device.

    Raises:
        InputError: they do not.
    """
    if value.device != other.device:
        raise InputError(
            f"lies on {value.device}, but {its_name} on {other.device}; move one", (name,)
        )


def checked_mode(mode: object, modes: tuple[str, ...] = MODES) -> str:
    """One of ``modes``.

    Raises:
        InputError: another name.
    """
    if isinstance(mode, str) and mode in modes:
        return mode
    raise InputError(f"no such way to collide {quoted(mode)}; {nearest(mode, list(modes))}",
                     ("mode",))  # fmt: skip


def checked_number(value: object, name: str, low: float, high: float = math.inf) -> float:
    """A finite number from ``low`` to ``high``.

    Raises:
        InputError: anything else.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number) and low <= number <= high:
            return number
    wanted = f" of at least {low:g}" if math.isinf(high) else f" from {low:g} to {high:g}"
    wanted = "" if math.isinf(low) else wanted
    raise InputError(f"a finite number{wanted} is needed, found {quoted(value)}", (name,))


def checked_count(value: object, name: str) -> int:
    """A whole number of at least 1.

    Raises:
        InputError: anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise InputError(f"a whole number of at least 1 is needed, found {quoted(value)}", (name,))


def checked_length(length: object) -> float | str:
    """``rms``, or the length itself: a positive number, 1 for ``unit``.

    Raises:
        InputError: anything else.
    """
    if isinstance(length, str) and length in WORDS:
        return "rms" if length == "rms" else 1.0
    if isinstance(length, int | float) and not isinstance(length, bool) and length > 0:
        return float(length)
    raise InputError(
        f"a positive number, 'rms' or 'unit' is needed, found {quoted(length)}", ("length",)
    )


def checked_generator(generator: object) -> torch.Generator | None:
    """A generator of torch, or ``None`` for torch's own.

    Raises:
        InputError: anything else.
    """
    if generator is None or isinstance(generator, torch.Generator):
        return generator
    raise InputError(
        f"a torch.Generator or None is needed, found {quoted(generator)}", ("generator",)
    )
