"""KITINet as a model of the menus: of fields, of images, of texts, and of vectors."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ...params import Param
from ...shapes import Data
from ..base import MODELS, Model
from .fields import KitiFields
from .gas import PARTICLES, Collisions, Gas
from .images import KitiImages
from .recipes import recipes
from .residual import MOTIONS, RULES
from .texts import KitiTexts
from .vectors import KitiVectors

OPTIONS: dict[type[Gas], tuple[str, ...]] = {
    KitiFields: ("channels", "modes", "blocks"),
    KitiImages: ("channels", "blocks", "stages"),
    KitiTexts: ("channels", "blocks", "dropout"),
    KitiVectors: ("channels", "blocks"),
}

COLLISIONS = ("coll", "rounds", "motion", "particles", "anneal")


@MODELS.register("kitinet")
class Kitinet(Gas):
    """Kinetic-theory-inspired network: what is built depends on the data.

    A residual network, in which what a branch adds is the velocity of particles at the features
    it is added to. While training the velocities collide in pairs, by chance; evaluation is the
    residual network itself. Fields are learnt by a Fourier neural operator, images by a ResNet,
    texts by a transformer, all else by residual layers.

    Collisions did not help where we measured (``benchmarks/kitinet_study.py``: few fields, few
    digits, short texts; ten arms, as many tries each, five seeds): no rule was better than the
    plain twin, and matched pairs were worse on fields and digits. They are on by default because
    they are what the model is. ``collisions=off`` is the plain twin, of equal parameters. The rule
    of the public code multiplies energy instead of keeping it, and no figure of the paper was
    reproduced here.

    References:
        Feng, Fu, Zhang, Jiang, Huang, Yan 2025, arXiv 2505.17919. ``published`` is the rule of its
        code, with directions drawn anew; all others, networks and settings are ours.
    """

    title: ClassVar[str] = "KITINet"
    tasks: ClassVar[tuple[str, ...]] = ("operator", "classify", "regress", "language")
    reads: ClassVar[tuple[str, ...]] = ("vector", "image", "grid", "tokens")
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            "collisions",
            "matched",
            choices=RULES,
            doc="Who collides while training: disjoint pairs, all pairs, nobody; in our study "
            "none did better than nobody.",
        ),
        Param("coll", 0.9, low=0.0, high=1.0, doc="How readily pairs collide."),
        Param("rounds", 1, low=1, high=64, slider=(1, 8), doc="Collisions of a layer, in turn."),
        Param(
            "motion",
            "velocities",
            choices=MOTIONS,
            doc="What collides: what branches add, or the gradients that come back to them.",
        ),
        Param(
            "particles",
            "sites",
            choices=tuple(PARTICLES),
            doc="Who meets in a map: all sites, those of a window, or one half of the channels.",
        ),
        Param("anneal", False, doc="Whether collisions grow rarer until the training ends."),
        Param("channels", 32, low=2, high=1024, slider=(8, 96), doc="Numbers at a point."),
        Param("blocks", 4, low=1, high=64, slider=(1, 8), doc="Blocks; of a stage, for images."),
        Param("stages", 3, low=1, high=6, doc="Stages of ever coarser images."),
        Param("modes", 16, low=1, high=512, slider=(4, 32), doc="Waves of an axis, for fields."),
        Param("dropout", 0.0, low=0.0, high=0.9, doc="Share that falls out, for text."),
    )

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Settings by name; see ``recipes.py``."""
        return recipes(data)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That fields have too many axes."""
        return cls._kind(data).unfit(data)

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> Model:
        """The network for the data.

        Raises:
            StudioError: it does not fit them.
        """
        kind = cls._kind(data)
        own = {name: options[name] for name in OPTIONS[kind]}
        collisions = Collisions(mode=options["collisions"],
                                **{name: options[name] for name in COLLISIONS})  # fmt: skip
        return kind.build(data, {**own, "collisions": collisions}, seed)

    @staticmethod
    def _kind(data: Data) -> type[Gas]:
        if data.task == "operator":
            return KitiFields
        if data.inputs.kind == "tokens":
            return KitiTexts
        images = data.task == "classify" and data.inputs.kind == "image"
        return KitiImages if images else KitiVectors
