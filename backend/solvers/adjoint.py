"""The result every adjoint method gives back."""

from dataclasses import dataclass

from torch import Tensor

from .base import Status

OK = Status()


@dataclass(frozen=True)
class Adjoint:
    """``lambda`` along a tape and the gradients it leaves behind.

    Args:
        times: ``(K+1,)`` as on the tape [s].
        states: ``lambda = dL/dy``, ``(K+1, N, B)``; only the first one, ``(1, N, B)``, when the
            path was not recorded.
        gradients: ``dL/dp`` in the order of ``field.parameter_tensors()``.
        increments: per parameter ``(K, *shape)``, the part every step adds to ``dL/dp``; empty
            when the path was not recorded.
        status: whether the way back reached the start (a continuous adjoint can fail).
    """

    times: Tensor
    states: Tensor
    gradients: tuple[Tensor, ...]
    increments: tuple[Tensor, ...] = ()
    status: Status = OK
