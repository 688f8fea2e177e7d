"""Images as nodes: a device for every ordered pair of pixels that share a small window.

The edge order is the one of the published KirchhoffNet checkpoints (Gao et al. 2023): column e of
a stored parameter tensor belongs to edge e.
"""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import COMMON, TOPOLOGIES, Size, Topology, Wiring
from .places import SPACING

Edges = tuple[np.ndarray, np.ndarray]


def window_edges(
    channels: int, height: int, width: int, kernel: int, padding: bool = False, repeat: int = 1
) -> Edges:
    """Edges between all ordered pairs of pixels inside every window of kernel x kernel.

    Pixels are numbered from 1 as in a flattened (channels, height, width) image. Windows have
    stride 1 and come in raster order over all channels jointly; inside a window positions are
    ordered channel, row, column, and ``repeat`` copies of (j -> k) stand for each j, then k != j.
    With K = channels kernel^2, E = (height-kernel+1) (width-kernel+1) K (K-1) repeat. Padding
    adds kernel - 1 pixels on each side, whose positions are skipped.

    Returns:
        Source and target node numbers, two arrays (E,).
    """
    margin = kernel - 1 if padding else 0
    shape = (channels, height, width)
    image = np.arange(1, channels * height * width + 1).reshape(shape)
    image = np.pad(image, ((0, 0), (margin, margin), (margin, margin)))
    windows = np.lib.stride_tricks.sliding_window_view(image, (kernel, kernel), axis=(1, 2))
    positions = windows.transpose(1, 2, 0, 3, 4).reshape(-1, channels * kernel * kernel)
    j, k = np.nonzero(~np.eye(positions.shape[1], dtype=bool))
    source, target = positions[:, j].ravel(), positions[:, k].ravel()
    if padding:
        inside = (source > 0) & (target > 0)
        source, target = source[inside], target[inside]
    return np.repeat(source, repeat), np.repeat(target, repeat)


def spoke_edges(pixels: int, extra: int, forward: int, back: int, ground: bool = True) -> Edges:
    """Edges of the pixels with ground, then of all of them and ground with every extra node.

    For node 1..pixels: ``forward`` x (node -> 0), ``back`` x (0 -> node). Then for each extra node
    q, for i = 0..pixels: ``forward`` x (i -> q), ``back`` x (q -> i).

    Returns:
        Source and target node numbers, two arrays of (ground pixels + extra (pixels + ground))
        (forward + back) entries.
    """
    first = 0 if ground else 1
    node = np.arange(1, pixels + 1) if ground else np.arange(0)
    inner = np.tile(np.arange(first, pixels + 1), extra)
    outer = np.repeat(np.arange(pixels + 1, pixels + extra + 1), pixels + 1 - first)
    near = np.concatenate([node, inner])
    far = np.concatenate([np.zeros_like(node), outer])
    copies = forward + back
    ahead = np.tile(np.arange(copies) < forward, len(near))
    near, far = np.repeat(near, copies), np.repeat(far, copies)
    return np.where(ahead, near, far), np.where(ahead, far, near)


def neighbor_edges(
    channels: int,
    height: int,
    width: int,
    kernel: int,
    *,
    padding: bool = False,
    repeat: int = 1,
    extra: int = 0,
    forward: int = 1,
    back: int = 1,
    ground: bool = True,
) -> Edges:
    """All edges of KirchhoffNet's image network: ``window_edges``, then ``spoke_edges``.

    Builds no device objects; two million edges take a fraction of a second.
    """
    window = window_edges(channels, height, width, kernel, padding, repeat)
    spokes = spoke_edges(channels * height * width, extra, forward, back, ground)
    return np.concatenate([window[0], spokes[0]]), np.concatenate([window[1], spokes[1]])


@TOPOLOGIES.register("neighbor")
class Neighbor(Topology):
    """Pixels tied to their neighbours, to ground and to extra nodes that read the image out."""

    title = "Image neighbours"
    params = (
        Param("channels", 1, low=1, high=16, slider=(1, 3), doc="Colours of the image."),
        Param("height", 4, "px", low=1, high=512, slider=(2, 32), doc="Rows of pixels."),
        Param("width", 4, "px", low=1, high=512, slider=(2, 32), doc="Columns of pixels."),
        Param("kernel", 2, "px", low=1, high=16, slider=(1, 5), doc="Side of the window."),
        Param("padding", False, doc="Let windows reach over the border."),
        Param("repeat", 1, low=1, high=100, slider=(1, 5), doc="Copies of each pixel device."),
        Param("extra", 2, low=0, high=10_000, slider=(0, 60), doc="Nodes beside the pixels."),
        Param("outputs", 2, low=0, high=10_000, slider=(0, 10), doc="The last nodes answer."),
        Param("ground", True, doc="Tie pixels and extra nodes to ground."),
        Param("forward", 1, low=0, high=100, slider=(0, 5), doc="Copies towards ground, extra."),
        Param("back", 1, low=0, high=100, slider=(0, 5), doc="Copies back from ground, extra."),
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        channels, height, width = self._shape()
        kernel, extra, ground = self.whole("kernel"), self.whole("extra"), self.flag("ground")
        if kernel > min(height, width):
            raise StudioError(
                f"{self.title}: a window of {kernel} pixels does not fit an image of "
                f"{height} x {width}"
            )
        rows, columns = self._reach(height), self._reach(width)
        members = channels * np.outer(rows, columns)
        pixels = channels * height * width
        if self.whole("outputs") > pixels + extra:
            raise StudioError(f"{self.title}: there are only {pixels + extra} nodes to read")
        inside = int((members * (members - 1)).sum()) * self.whole("repeat")
        spokes = ground * pixels + extra * (pixels + ground)
        copies = self.whole("forward") + self.whole("back")
        return Size(pixels + extra, inside + spokes * copies)

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges in the order of the published checkpoints; pixels are the inputs."""
        channels, height, width = self._shape()
        extra = self.whole("extra")
        source, target = neighbor_edges(
            channels,
            height,
            width,
            self.whole("kernel"),
            padding=self.flag("padding"),
            repeat=self.whole("repeat"),
            extra=extra,
            forward=self.whole("forward"),
            back=self.whole("back"),
            ground=self.flag("ground"),
        )
        pixels = channels * height * width
        channel, row, column = np.unravel_index(np.arange(pixels), (channels, height, width))
        # Extra nodes stand in columns of the image's height to the right of it.
        right, below = np.divmod(np.arange(extra), max(height, 1))
        x = np.concatenate([column + channel * (width + 1), right + channels * (width + 1)])
        y = np.concatenate([row, below])
        answers = range(pixels + extra - self.whole("outputs") + 1, pixels + extra + 1)
        places = x * SPACING, y * SPACING
        return Wiring(source, target, *places, range(1, pixels + 1), answers)

    def _shape(self) -> tuple[int, int, int]:
        return self.whole("channels"), self.whole("height"), self.whole("width")

    def _reach(self, length: int) -> np.ndarray:
        """For every window along one axis, how many of its places lie inside the image."""
        kernel = self.whole("kernel")
        margin = kernel - 1 if self.flag("padding") else 0
        start = np.arange(-margin, length + margin - kernel + 1)
        return np.minimum(start + kernel, length) - np.maximum(start, 0)
