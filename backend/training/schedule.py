"""How the learning rate changes in the course of a training."""

import math

from .spec import TrainSpec

FIRST_SHARE = 1 / 25
"""The rate of the first step of a cycle, as a share of the peak (as in torch's ``OneCycleLR``)."""


def learning_rate(spec: TrainSpec, step: int, total: int) -> float:
    """The rate of a step (from 0).

    ``one_cycle`` rises linearly from 1/25 of the peak during the warm-up and falls along a cosine
    to ``final_share`` of it at the last step (Smith and Topin 2017); ``cosine`` only falls;
    ``step`` is multiplied by ``decay_factor`` every ``decay_epochs`` epochs.
    """
    peak = spec.learning_rate
    if spec.schedule == "constant":
        return peak
    if spec.schedule == "step":
        epoch = step * spec.epochs // total
        return peak * spec.decay_factor ** (epoch // spec.decay_epochs)
    rise = spec.warm_up * total if spec.schedule == "one_cycle" else 0.0
    if step < rise:
        return peak * (FIRST_SHARE + (1 - FIRST_SHARE) * step / rise)
    end = peak * spec.final_share
    share = min((step - rise) / max(1.0, total - 1 - rise), 1.0)
    return end + (peak - end) * 0.5 * (1.0 + math.cos(math.pi * share))
