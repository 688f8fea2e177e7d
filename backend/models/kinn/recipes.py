"""Settings of KINN that work.

Those of fields are from a design search on Burgers' equation (viscosity 0.1/(2 pi), 128 points) and
Darcy flow (43 x 43), those of large images from what others train with; see the docstrings of each.
"""

from typing import Any

from ...shapes import Data

LARGE_SIDE = 64
"""Images of at least so many points along a side have the recipe ``imagenet``."""

SMALL_SIDE = 16
"""Images below are not made coarser by the stem."""

FIELDS: dict[str, Any] = {
    "epochs": 100,
    "batch_size": 16,
    "learning_rate": 0.008,
    "weight_decay": 0.0,
    "schedule": "one_cycle",
    "warm_up": 0.2,
    "gradient_clip": 1.0,
    "model_options": {"channels": 32, "lanes": 64},
}
"""R64 of the search: 52,417 parameters for one channel in and out."""

RING_MODES = 32
"""Waves that pass a ring of one axis. On the search's data as good as all 64 that its grid has
(relative errors after 800 updates 0.0080 and 0.0084), in two thirds of the time."""

SHEETS: dict[str, Any] = {
    **FIELDS,
    "epochs": 20,
    "learning_rate": 0.006,
    "model_options": {"channels": 32, "lanes": 32},
}

IMAGES: dict[str, Any] = {
    "epochs": 12,
    "batch_size": 64,
    "learning_rate": 0.003,
    "weight_decay": 0.05,
    "decay_on": "gains",
    "warm_up": 0.2,
    "gradient_clip": 1.0,
    "label_smoothing": 0.05,
    "model_options": {"channels": 24, "stages": "2,2", "halvings": 1},
}

SMALL_IMAGES: dict[str, Any] = {
    **IMAGES,
    "epochs": 20,
    "model_options": {"channels": 16, "stages": "1,1", "halvings": 0},
}

IMAGENET: dict[str, Any] = {
    "epochs": 300,
    "batch_size": 128,
    "learning_rate": 0.001,
    "weight_decay": 0.05,
    "decay_on": "gains",
    "warm_up": 0.05,
    "gradient_clip": 5.0,
    "label_smoothing": 0.1,
    "augment": "std",
    "ema": 0.9999,
    "model_options": {"channels": 96, "stages": "2,2,5,2", "halvings": 2, "drop": 0.2},
}
"""About 28 million parameters, in the manner of VMamba-T and Swin-T; not tried here at its size."""


def recipes(data: Data) -> dict[str, dict[str, Any]]:
    """Settings for a data set by name, as fields of a ``TrainSpec``."""
    if data.inputs.kind == "grid":
        return _fields(data)
    side = min(data.image_shape or (0,))
    if side >= LARGE_SIDE:
        return {"default": _with(IMAGES, halvings=2), "imagenet": IMAGENET}
    small = _with(SMALL_IMAGES if side < SMALL_SIDE else IMAGES)
    return {"default": small, "depth": _with(small, cell="depth")}


def _fields(data: Data) -> dict[str, dict[str, Any]]:
    several = len(data.inputs.points) > 1
    usual = SHEETS if several else FIELDS
    if data.inputs.periodic and not several:
        usual = _with(usual, modes=RING_MODES)
    found = {
        "default": usual,
        "large": _with(usual, channels=48, lanes=48 if several else 96),
        "tied": _with(usual, blocks=1, rounds=4),
        "cascade": _with(usual, cell="cascade"),
        "depth": _with(usual, cell="depth"),
    }
    if not data.inputs.periodic:
        found["grid"] = _with(usual, cell="grid", lanes=4)
    return found


def _with(recipe: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {**recipe, "model_options": {**recipe["model_options"], **options}}
