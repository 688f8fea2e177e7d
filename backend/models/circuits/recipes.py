"""Settings of KirchhoffNet that work, found by experiment; see ``benchmarks/results``."""

from typing import Any

from ...shapes import Data

VECTORS: dict[str, Any] = {
    "epochs": 30,
    "batch_size": 64,
    "learning_rate": 0.1,
    "weight_decay": 0.01,
    "label_smoothing": 0.0,
    "solver": "rk4",
    "solver_options": {"steps": 4},
}
NUMBERS: dict[str, Any] = {
    **VECTORS,
    "epochs": 60,
    "batch_size": 32,
    "ema": 0.98,
    "model_options": {"hidden": 24},
}
SMALL_IMAGES: dict[str, Any] = {
    "epochs": 30,
    "batch_size": 64,
    "learning_rate": 0.01,
    "weight_decay": 0.1,
    "label_smoothing": 0.05,
    "solver": "rk4",
    "solver_options": {"steps": 2},
}
LARGE_IMAGES: dict[str, Any] = {
    "epochs": 6,
    "batch_size": 128,
    "learning_rate": 0.005,
    "weight_decay": 0.5,
    "decay_on": "gains",
    "threshold_rate": 0.5,
    "beta2": 0.99,
    "warm_up": 0.1,
    "final_share": 0.002,
    "label_smoothing": 0.05,
    "augment": "mild",
    "ema": 0.99,
    "solver": "heun",
    "solver_options": {"steps": 2},
    "steps_low": 1,
    "steps_high": 3,
    "early_solver": "euler",
    "early_share": 0.5,
    "model_options": {"channels": 8, "window": 5, "stride": 2, "deep_channels": 16},
}
"""Random numbers of steps and strong decay keep the trained circuit true under finer solving."""

BEST_IMAGES: dict[str, Any] = {
    **LARGE_IMAGES,
    "epochs": 20,
    "weight_decay": 0.8,
    "augment": "std",
    "ema": 0.998,
    "model_options": {"channels": 16, "window": 5, "stride": 2, "deep_channels": 32},
}

COLOUR_RATE = 0.001
"""Three colours bring a feature three times the devices: at five times this rate voltages swung to
40 V and little was learnt."""

COLOUR_EPOCHS = 8

BOUNDED_IMAGES: dict[str, Any] = {
    **LARGE_IMAGES,
    "epochs": 5,
    "solver": "euler",
    "solver_options": {"steps": 4},
    "steps_low": 3,
    "steps_high": 6,
    "early_solver": "same",
    "model_options": {**LARGE_IMAGES["model_options"], "rail": 1.0},
}
"""Clamps are stiff: many cheap steps follow them better than few of a higher order."""

POSITIVE_IMAGES: dict[str, Any] = {
    **BOUNDED_IMAGES,
    "weight_decay": 0.02,
    "model_options": {**BOUNDED_IMAGES["model_options"], "positive": True, "logit_scale": 10.0},
}


def recipes(data: Data, large: bool) -> dict[str, dict[str, Any]]:
    """Settings for a data set by name, as fields of a ``TrainSpec``.

    Args:
        data: the data set.
        large: whether its images are too large for a single local layer.
    """
    if large:
        named = {
            "default": LARGE_IMAGES,
            "best": BEST_IMAGES,
            "bounded": BOUNDED_IMAGES,
            "positive": POSITIVE_IMAGES,
        }
        if data.channels == 1:
            return named
        return {
            name: {
                **recipe,
                "learning_rate": COLOUR_RATE,
                "epochs": max(COLOUR_EPOCHS, recipe["epochs"]),
            }
            for name, recipe in named.items()
        }
    if data.task == "regress":
        return {"default": NUMBERS}
    return {"default": SMALL_IMAGES if data.image_shape else VECTORS}
