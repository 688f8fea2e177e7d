"""Settings of KITINet: those of its plain twins, so that nothing but collisions differs."""

from typing import Any

from ...shapes import Data
from ..baselines.fno import FourierOperator
from ..baselines.resnet import ResNet
from ..baselines.transformer import Transformer

VECTORS: dict[str, Any] = {
    "epochs": 60,
    "batch_size": 32,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "decay_on": "gains",
    "warm_up": 0.2,
    "gradient_clip": 1.0,
    "model_options": {"channels": 64, "blocks": 3},
}

RESNET_18: dict[str, Any] = {
    "epochs": 200,
    "batch_size": 128,
    "optimiser": "sgd",
    "momentum": 0.9,
    "learning_rate": 0.1,
    "weight_decay": 5e-4,
    "warm_up": 0.0,
    "augment": "std",
    "model_options": {"channels": 64, "blocks": 2, "stages": 4},
}
"""Settings of the paper's CIFAR-100 script; not tried here at its size."""


def recipes(data: Data) -> dict[str, dict[str, Any]]:
    """Settings for a data set by name, as fields of a ``TrainSpec``.

    ``plain`` is the twin without collisions.
    """
    found = {"default": _usual(data)}
    found["plain"] = _without(found["default"])
    if data.inputs.kind == "image" and data.task == "classify":
        found |= {"resnet18": RESNET_18, "resnet18_plain": _without(RESNET_18)}
    return found


def _usual(data: Data) -> dict[str, Any]:
    if data.inputs.kind == "tokens":
        return Transformer.recipes(data)["default"]
    if data.task == "operator":
        recipe = FourierOperator.recipes(data)["default"]
        given = recipe["model_options"]
        options = {"channels": given["width"], "modes": given["modes"]}
    elif data.task == "classify" and data.inputs.kind == "image":
        recipe, options = ResNet.recipes(data)["default"], {"channels": 16, "blocks": 1}
    else:
        return VECTORS
    return {**recipe, "model_options": options}


def _without(recipe: dict[str, Any]) -> dict[str, Any]:
    return {**recipe, "model_options": {**recipe["model_options"], "collisions": "off"}}
