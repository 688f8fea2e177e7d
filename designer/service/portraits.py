"""What views show that is worked out from stored arrays, by the library's own functions."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.errors import StudioError

Arrays = Mapping[str, NDArray[Any]]


def errors(answers: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.float64]:
    """The relative L2 error (n,) of every field (n, channels, points...)."""
    import torch

    from backend.training.tasks.operator import relative_l2

    found, asked = (torch.from_numpy(np.asarray(one, np.float64)) for one in (answers, wanted))
    return relative_l2(found, asked).numpy()


def cascades(arrays: Arrays, header: Mapping[str, Any]) -> Arrays:
    """Pulses, kernels and responses of the cascades with the time constants ``tau``.

    Raises:
        StudioError: it was not stored how many cells a cascade has.
    """
    from backend.models.kinn.portrait import cascades

    order = header.get("order")
    if not isinstance(order, int) or not 1 <= order <= 16:
        raise StudioError(
            "this run was stored without the number of cells in series, so that its cascades "
            "cannot be drawn; train it again"
        )
    return cascades(arrays["tau"], order, bool(header.get("periodic")))


def rings(arrays: Arrays, header: Mapping[str, Any]) -> Arrays:
    """Kernels and responses of lanes with the widths ``sigma`` and the drifts ``beta``."""
    from backend.models.kinn.portrait import rings

    sigma, beta, modes = arrays["sigma"], arrays.get("beta"), header.get("modes")
    fitting = beta if beta is not None and beta.shape == sigma.shape else None
    known = modes if isinstance(modes, int) and 0 <= modes <= 4096 else 0
    return rings(sigma, fitting, bool(header.get("periodic")), known)


@lru_cache(8)
def gas(coll: float) -> Arrays:
    """Experiments on a gas by itself.

    Args:
        coll: c of the acceptance fractions.
    """
    from backend.models.kitinet.gas_lab import experiments

    return experiments(coll)
