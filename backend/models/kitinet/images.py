"""The residual network of convolutions with collisions, from images to classes."""

from torch import Tensor

from ...errors import StudioError
from ...shapes import Data
from ..base import CHUNK_ENTRIES, Group, without_images
from ..baselines.resnet import ResidualBlock, ResidualNetwork
from ..decay import grouped
from .gas import Collisions, Gas


class GasBlock(ResidualBlock):
    """ReLU(x + f(x)): the shortcut of x is where particles are, f(x) how fast they move.

    Args:
        collisions: of f(x).
        sizes: channels, width and stride of ``ResidualBlock``.
    """

    def __init__(self, collisions: Collisions, *sizes: int) -> None:
        super().__init__(*sizes)
        self.step = collisions.of_maps()

    def joined(self, x: Tensor, f: Tensor) -> Tensor:
        """Their sum; while training after collisions."""
        return self.step(x, f)


class KitiImages(Gas):
    """Classes of images.

    Velocities collide from the second stage on, as in the paper's largest version.

    Args:
        data: images and their classes.
        collisions: of every block.
        channels: of the first stage; each further one has twice as many.
        blocks: of every stage.
        stages: how many; 4 of 2 blocks, with 64 channels, are the ResNet-18 for CIFAR.

    Raises:
        StudioError: there are no images.
    """

    tasks = ("classify",)

    def __init__(
        self, data: Data, *, collisions: Collisions, channels: int, blocks: int, stages: int
    ) -> None:
        super().__init__()
        self.collisions = collisions
        if sentence := self.unfit(data):
            raise StudioError(sentence)
        self.sizes = data.inputs.sizes

        def block(stage: int, *sizes: int) -> ResidualBlock:
            return GasBlock(collisions, *sizes) if stage else ResidualBlock(*sizes)

        self.network = ResidualNetwork(
            self.sizes[0], data.outputs.count, channels, blocks, stages, block
        )
        self.width = 4 * self.sizes[1] * self.sizes[2] * self.network.head.in_features

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That there are no images."""
        return without_images(cls.title, data)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes) of images (B, channels x rows x columns) [V]."""
        return self.network(x.reshape(-1, *self.sizes))

    def groups(self) -> list[Group]:
        """Kernels, and what shifts or scales a norm."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Images in parts that fit into memory."""
        return x.split(max(1, CHUNK_ENTRIES // self.width))
