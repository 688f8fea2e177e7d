"""Images through windows: two locally connected layers and a dense one, a slice each."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..devices import DEVICES
from ..errors import StudioError
from ..params import Param
from .base import COMMON, TOPOLOGIES, Size, Topology, Wiring, two_ways
from .places import SPACING

THRESHOLD = 0.5
GAP = 2 * SPACING


def _adapted(param: Param) -> Param:
    if param.name == "kind":
        return replace(param, default="threshold_relu")
    return replace(param, default=0.7) if param.name == "strength" else param


@TOPOLOGIES.register("locally_connected")
class LocallyConnected(Topology):
    """Pixels, two grids of features over small windows, and outputs; three slices.

    In the first slice every feature is tied to the pixels of its window and to ground, in the
    second every deep feature to all features of a window of positions and to ground, in the third
    every output to all deep features and to ground. Nothing is shared between positions. With
    C, D features a position, P, Q positions and windows of w, u:

        pairs = P C (w^2 channels + 1) + Q D (u^2 C + 1) + outputs (Q D + 1),

    one device a pair, towards the feature, or two with ``both_ways``. All devices of a feature
    stand side by side; features are numbered position after position.

    Threshold devices begin with thresholds U(-0.5, 0.5) V and gains N(0, strength^2 / (pairs of
    the feature x devices a pair)), rectifiers with conductances U(0, 2 strength / (the same)).
    """

    title = "Locally connected"
    params = (
        Param("channels", 1, low=1, high=16, slider=(1, 3), doc="Colours of the image."),
        Param("height", 8, "px", low=1, high=512, slider=(4, 32), doc="Rows of pixels."),
        Param("width", 8, "px", low=1, high=512, slider=(4, 32), doc="Columns of pixels."),
        Param("window", 4, "px", low=1, high=64, slider=(2, 8), doc="Side of a feature's window."),
        Param("stride", 2, "px", low=1, high=64, slider=(1, 4), doc="Pixels between windows."),
        Param("features", 3, low=1, high=1000, slider=(1, 16), doc="Features a position."),
        Param("deep_window", 2, low=1, high=64, slider=(1, 6), doc="Side of a deep window."),
        Param("deep_stride", 1, low=1, high=64, slider=(1, 4), doc="Positions between them."),
        Param("deep_features", 4, low=1, high=1000, slider=(1, 32), doc="Deep features a place."),
        Param("outputs", 4, low=1, high=10_000, slider=(1, 10), doc="The last nodes answer."),
        Param("both_ways", True, doc="Two devices per pair, one in each direction."),
        *(_adapted(param) for param in COMMON if param.name != "slices"),
    )

    def size(self) -> Size:
        """Nodes, and devices of all three slices."""
        counts = self._counts()
        pairs = sum(
            homes * (reach + 1) for homes, reach in zip(counts[1:], self._reaches(), strict=True)
        )
        return Size(sum(counts), pairs * self._ways())

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Slice after slice, feature after feature, its window row by row, ground last."""
        pixels, first, deep, ends = self._counts()
        (rows, columns), (deep_rows, deep_columns) = self._grids()
        image = np.arange(1, pixels + 1).reshape(
            self.whole("channels"), self.whole("height"), self.whole("width")
        )
        features = np.arange(pixels + 1, pixels + first + 1).reshape(rows, columns, -1)
        members = (
            _windows(image.transpose(1, 2, 0), self.whole("window"), self.whole("stride")),
            _windows(features, self.whole("deep_window"), self.whole("deep_stride")),
            np.arange(pixels + first + 1, pixels + first + deep + 1)[None],
        )
        copies = self.whole("features"), self.whole("deep_features"), ends
        layers, home = [], pixels + 1
        for windows, count in zip(members, copies, strict=True):
            layers.append(self._ties(windows, count, home))
            home += len(windows) * count
        source, target = (np.concatenate(column) for column in zip(*layers, strict=True))
        cuts = np.cumsum([len(layer[0]) for layer in layers])[:-1].tolist()
        x, y = self._places((rows, columns), (deep_rows, deep_columns))
        count = pixels + first + deep + ends
        answers = range(count - ends + 1, count + 1)
        return Wiring(source, target, x, y, range(1, pixels + 1), answers, cuts)

    def weights(self, wiring: Wiring, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """First values (E,) of the device parameters by name, for one slice."""
        roles = {param.role: param for param in DEVICES[self.text("kind")].params}
        gain, offset = roles.get("gain"), roles.get("offset")
        if gain is None or offset is None or offset.initial != "uniform":
            return super().weights(wiring, rng)
        # The home of a pair has the higher number: nodes are numbered layer after layer.
        home = np.maximum(wiring.source, wiring.target)
        degree = np.bincount(home)[home]
        strength = self.number("strength")
        if gain.initial == "positive":
            weights = rng.uniform(0, 2, len(home)) * (strength / degree)
        else:
            weights = rng.standard_normal(len(home)) * (strength / np.sqrt(degree))
        return {gain.name: weights, offset.name: rng.uniform(-THRESHOLD, THRESHOLD, len(home))}

    def _ties(self, windows: np.ndarray, copies: int, home: int) -> tuple[np.ndarray, np.ndarray]:
        """Devices between every window's members (W, m), ground, and its ``copies`` features."""
        partners = np.pad(windows, ((0, 0), (0, 1)))
        source = np.repeat(partners, copies, axis=0)
        target = np.broadcast_to(np.arange(home, home + len(source))[:, None], source.shape)
        source, target = source.ravel(), target.ravel()
        return two_ways(source, target) if self.flag("both_ways") else (source, target)

    def _ways(self) -> int:
        return 2 if self.flag("both_ways") else 1

    def _grids(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and columns of the positions of features and of deep features.

        Raises:
            StudioError: a window is larger than what it lies in.
        """
        shape = self.whole("height"), self.whole("width")
        first = self._grid("window", "stride", shape)
        return first, self._grid("deep_window", "deep_stride", first)

    def _grid(self, window: str, stride: str, shape: tuple[int, int]) -> tuple[int, int]:
        side = self.whole(window)
        if side > min(shape):
            raise StudioError(
                f"{self.title}: a {window} of {side} does not fit into {shape[0]} x {shape[1]}"
            )
        rows, columns = ((length - side) // self.whole(stride) + 1 for length in shape)
        return rows, columns

    def _counts(self) -> tuple[int, int, int, int]:
        """Pixels, features, deep features and outputs."""
        first, deep = self._grids()
        return (
            self.whole("channels") * self.whole("height") * self.whole("width"),
            first[0] * first[1] * self.whole("features"),
            deep[0] * deep[1] * self.whole("deep_features"),
            self.whole("outputs"),
        )

    def _reaches(self) -> tuple[int, int, int]:
        """Members of the windows of features, deep features and outputs, without ground."""
        return (
            self.whole("window") ** 2 * self.whole("channels"),
            self.whole("deep_window") ** 2 * self.whole("features"),
            self._counts()[2],
        )

    def _places(
        self, first: tuple[int, int], deep: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Colours, features, deep features and outputs from left to right."""
        blocks = [
            _block((self.whole("height"), self.whole("width")), 1)
            for _ in range(self.whole("channels"))
        ]
        blocks += [_block(first, self.whole("features")), _block(deep, self.whole("deep_features"))]
        blocks.append(_block((self.whole("outputs"), 1), 1))
        xs, ys, left = [], [], 0.0
        for x, y in blocks:
            xs.append(left + x)
            ys.append(y - y.max() / 2)
            left += float(x.max()) + GAP
        return np.concatenate(xs), np.concatenate(ys)


def _windows(grid: np.ndarray, side: int, stride: int) -> np.ndarray:
    """Members (W, side side C) of all windows of a grid (rows, columns, C), C innermost."""
    views = np.lib.stride_tricks.sliding_window_view(grid, (side, side), axis=(0, 1))
    return (
        views[::stride, ::stride].transpose(0, 1, 3, 4, 2).reshape(-1, side * side * grid.shape[2])
    )


def _block(shape: Sequence[int], copies: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of ``copies`` nodes at every place of a grid, each group a small square."""
    side = int(np.ceil(np.sqrt(copies)))
    cell = SPACING * side + (SPACING / 2 if copies > 1 else 0.0)
    row, column, copy = (k.ravel() for k in np.indices((*shape, copies)))
    return column * cell + copy % side * SPACING, row * cell + copy // side * SPACING
