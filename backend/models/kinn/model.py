"""KINN as a model of the menus: of fields for operators, of images for classes."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ...params import Param
from ...shapes import Data
from ..base import MODELS, Model
from .circuits.choice import PARAMS as EXCERPTS
from .fields import KinnFields
from .images import KinnImages
from .recipes import recipes

SHARED = ("cell", "channels", "order", "boundary")
OF_FIELDS = (*SHARED, "lanes", "blocks", "rounds", "modes")
OF_IMAGES = (*SHARED, "stages", "halvings", "drop")


@MODELS.register("kinn")
class Kinn(Model):
    """Kirchhoff-inspired neural network: what is built depends on the task.

    Fields are learnt by ``KinnFields``, classes of images by ``KinnImages``.

    References:
        Chen et al. 2026, Kirchhoff-inspired neural networks for evolving high-order perception,
        arXiv 2603.23977, for the cell of a capacitor and a leak and for cells in series within a
        layer. Blocks, networks and settings are ours.
    """

    title: ClassVar[str] = "KINN"
    tasks: ClassVar[tuple[str, ...]] = ("operator", "classify")
    default_for: ClassVar[tuple[str, ...]] = ("operator",)
    excerpts: ClassVar[tuple[Param, ...]] = EXCERPTS
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            "cell",
            "auto",
            choices=("auto", "ring", "cascade", "depth", "grid"),
            doc="What the lanes are; auto is ring for fields and cascade for images.",
        ),
        Param("channels", 32, low=1, high=1024, slider=(8, 96), doc="Numbers at a point."),
        Param("order", 2, low=1, high=4, doc="Cells in series, for cascades and depth."),
        Param("lanes", 64, low=2, high=1024, slider=(8, 128), doc="Lanes of a block, for fields."),
        Param("blocks", 4, low=1, high=64, slider=(1, 8), doc="Blocks, for fields."),
        Param("rounds", 1, low=1, high=64, slider=(1, 8), doc="Times through them, for fields."),
        Param("modes", 0, low=0, high=4096, doc="Waves that pass a lane, for fields; 0 for all."),
        Param(
            "boundary",
            "grounded",
            choices=("grounded", "replicate"),
            doc="Where a cascade begins: at 0 V, or as if its first input had always been there.",
        ),
        Param("stages", "2,2", doc="Blocks of every stage, for images, such as 2,2,5,2."),
        Param("halvings", 1, low=0, high=2, doc="Times the stem halves an image."),
        Param("drop", 0.0, low=0.0, high=0.9, doc="Chance that a block rests, for images."),
    )

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Settings by name; see ``recipes.py``."""
        return recipes(data)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That there are neither fields nor images, or fields of too many axes."""
        return cls._kind(data).unfit(data)

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> Model:
        """The network for the task.

        Raises:
            StudioError: it does not fit the data.
        """
        names = OF_FIELDS if data.task == "operator" else OF_IMAGES
        own = {name: options[name] for name in names}
        return cls._kind(data).build(data, own, seed)

    @staticmethod
    def _kind(data: Data) -> type[Model]:
        return KinnFields if data.task == "operator" else KinnImages
