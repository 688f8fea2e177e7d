"""A plain residual network of 3 x 3 convolutions with batch normalisation."""

from torch import Tensor, nn
from torch.nn.functional import relu

STAGES = 3


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
        y = relu(self.first_norm(self.first(x)))
        return relu(self.shortcut(x) + self.second_norm(self.second(y)))


class ResidualNetwork(nn.Module):
    """A convolution, three stages of w, 2 w and 4 w channels, the mean over pixels, a linear map.

    Args:
        channels: colours of a pixel.
        outputs: numbers that go out.
        width: channels w of the first stage.
        blocks: of every stage; three make the ResNet-20 of CIFAR.

    References:
        He, Zhang, Ren, Sun 2016, Deep residual learning, arXiv 1512.03385, section 4.2; with
        projections as shortcuts (option B there).
    """

    def __init__(self, channels: int, outputs: int, width: int, blocks: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        layers, before = [], width
        for stage in range(STAGES):
            for block in range(blocks):
                after = width * 2**stage
                layers.append(ResidualBlock(before, after, 2 if stage and not block else 1))
                before = after
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(before, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Numbers (B, outputs) of images (B, channels, rows, columns)."""
        return self.head(self.layers(self.stem(x)).mean((2, 3)))
