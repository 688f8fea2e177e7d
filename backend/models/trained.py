"""A trained model with what is needed to build it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..shapes import Data
from .base import Model


@dataclass(frozen=True)
class TrainedModel:
    """A model and what it was built with.

    Args:
        model: with the values to be kept.
        name: under which its class is registered.
        options: it was built with.
        data: what goes in and comes out.
    """

    model: Model
    name: str
    options: Mapping[str, Any]
    data: Data
