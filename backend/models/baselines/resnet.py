"""A plain residual network of 3 x 3 convolutions with batch normalisation."""

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor, nn
from torch.nn.functional import relu

from ...errors import StudioError
from ...params import Param
from ...shapes import Data
from ..base import CHUNK_ENTRIES, MODELS, Group, Model, without_images
from ..decay import grouped

STAGES = 3
"""Of the networks for CIFAR in the paper."""


class ResidualBlock(nn.Module):
    """ReLU(x + f(x)) with f two convolutions; where the shape changes, x goes through one of 1 x 1.

    Args:
        channels: of x.
        width: channels of the answer.
        stride: pixels from one answer to the next.
    """

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        self.shortcut = nn.Identity()
        if stride > 1 or channels != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Images (B, width, rows, columns) of images (B, channels, rows, columns)."""
        return relu(self.joined(self.shortcut(x), self.branch(x)))

    def branch(self, x: Tensor) -> Tensor:
        """f(x)."""
        y = relu(self.first_norm(self.first(x)))
        return self.second_norm(self.second(y))

    def joined(self, x: Tensor, f: Tensor) -> Tensor:
        """The sum of both."""
        return x + f


class ResidualNetwork(nn.Module):
    """A convolution, stages of w, 2 w, 4 w.. channels, the mean over pixels, a linear map.

    Args:
        channels: colours of a pixel.
        outputs: numbers that go out.
        width: channels w of the first stage.
        blocks: of every stage; three make the ResNet-20 of CIFAR.
        stages: how many, three of them for CIFAR.
        block: makes a block of a stage, of channels, width and stride.

    References:
        He, Zhang, Ren, Sun 2016, Deep residual learning, arXiv 1512.03385, section 4.2; with
        projections as shortcuts (option B there).
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        width: int,
        blocks: int,
        stages: int = STAGES,
        block: Callable[[int, int, int, int], ResidualBlock] | None = None,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        layers, before = [], width
        for stage in range(stages):
            for number in range(blocks):
                sizes = before, width * 2**stage, 2 if stage and not number else 1
                layers.append(block(stage, *sizes) if block else ResidualBlock(*sizes))
                before = sizes[1]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(before, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Numbers (B, outputs) of images (B, channels, rows, columns)."""
        return self.head(self.layers(self.stem(x)).mean((2, 3)))


@MODELS.register("resnet")
class ResNet(Model):
    """Classes of images by a plain residual network."""

    title: ClassVar[str] = "ResNet"
    tasks: ClassVar[tuple[str, ...]] = ("classify",)
    params: ClassVar[tuple[Param, ...]] = (
        Param("width", 16, low=1, high=512, slider=(4, 64), doc="Channels of the first stage."),
        Param("blocks", 1, low=1, high=32, slider=(1, 9), doc="Blocks of each of three stages."),
    )

    def __init__(self, data: Data, *, width: int, blocks: int) -> None:
        super().__init__()
        if sentence := self.unfit(data):
            raise StudioError(sentence)
        self.sizes = data.inputs.sizes
        self.network = ResidualNetwork(self.sizes[0], data.outputs.count, width, blocks)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That there are no images."""
        return without_images(cls.title, data)

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """``default``, and ``deep``, the ResNet-20 of CIFAR-10."""
        usual = {
            "epochs": 20 if min(data.image_shape or (0,)) < 16 else 12,
            "batch_size": 64,
            "learning_rate": 0.005,
            "weight_decay": 0.05,
            "decay_on": "gains",
            "warm_up": 0.2,
            "label_smoothing": 0.05,
        }
        return {"default": usual, "deep": {**usual, "model_options": {"blocks": 3}}}

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes) of images (B, channels x rows x columns) [V]."""
        return self.network(x.reshape(-1, *self.sizes))

    def groups(self) -> list[Group]:
        """Kernels, and what shifts or scales a norm."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Images in parts that fit into memory."""
        pixels = self.sizes[1] * self.sizes[2]
        return x.split(max(1, CHUNK_ENTRIES // (4 * pixels * self.network.head.in_features)))
