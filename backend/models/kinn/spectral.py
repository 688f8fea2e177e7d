"""Cells on a periodic grid, evaluated by their response at physical wavenumbers."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from .cells import Cells
from .fourier import analysis, omegas, respond, synthesis

Response = tuple[Tensor, Tensor]
"""Real and imaginary part (K + 1, lanes) of H at the wavenumbers k = 0..K of one axis."""


class SpectralCells(Cells):
    """Lanes of which every component is a product of one response for every axis.

    The response of the continuous circuit is used, not that of its nodes: the answer for a field of
    few waves is then the same on every grid that resolves it. At wavenumber 0 the first component
    has the gain 1, all others 0.

    Args:
        axes: of the field.
        modes: largest wavenumber that passes the lanes; 0 for all that the grid has.
    """

    def __init__(self, axes: int, modes: int) -> None:
        super().__init__()
        self.axes, self.modes = axes, modes

    @abstractmethod
    def responses(self, omegas: Sequence[Tensor]) -> list[Sequence[Response | None]]:
        """For every component the response along every axis; ``None`` stands for 1.

        Args:
            omegas: 2 pi k (K + 1,) for every axis.
        """

    def forward(self, currents: Tensor) -> Tensor:
        """Components (points..., B, components x lanes) of currents (points..., B, lanes)."""
        spectrum = self._analysed(currents)
        return self._synthesised(self._responded(spectrum), currents.shape[: self.axes])

    def mixed(self, x: Tensor, inward: nn.Linear, outward: nn.Linear) -> Tensor:
        """As ``Cells.mixed``, channels mixed wave by wave, of which there are fewer than points.

        Constant currents have a gain of 1 in the first component and 0 in the others, so that the
        bias of ``inward`` can join that of ``outward``.
        """
        own = self.lanes * self.components
        lanes, local = outward.weight[:, :own], outward.weight[:, own:]
        bias = torch.addmv(outward.bias, lanes[:, : self.lanes], inward.bias)
        waves = linear(self._responded(linear(self._analysed(x), inward.weight)), lanes)
        return self._synthesised(waves, x.shape[: self.axes]) + linear(x, local, bias)

    def resampled(self, field: Tensor, points: Sequence[int]) -> Tensor:
        """The waves of a field (points..., B, channels) that pass the lanes, on another grid."""
        return self._synthesised(self._analysed(field), points)

    def _analysed(self, field: Tensor) -> Tensor:
        """Coefficients (2, K + 1, ... one pair for every axis, B, channels)."""
        for axis in range(self.axes):
            moved = field.movedim(2 * axis, 0)
            field = analysis(moved, self.modes).movedim((0, 1), (2 * axis, 2 * axis + 1))
        return field

    def _synthesised(self, spectrum: Tensor, points: Sequence[int]) -> Tensor:
        for axis, size in enumerate(points):
            moved = spectrum.movedim((axis, axis + 1), (0, 1))
            spectrum = synthesis(moved, size).movedim(0, axis)
        return spectrum

    def _responded(self, spectrum: Tensor) -> Tensor:
        """Coefficients of all components (..., B, components x lanes) of those of currents."""
        counts = spectrum.shape[1 : 2 * self.axes : 2]
        components = self.responses(
            [omegas(count, spectrum.dtype, spectrum.device) for count in counts]
        )
        if self.axes == 1:
            return _all_at_once(spectrum, components)
        found = []
        for component in components:
            part = spectrum
            for axis, response in enumerate(component):
                if response is not None:
                    part = _along(part, axis, self.axes, response)
            found.append(part)
        return torch.cat(found, -1)


def _all_at_once(spectrum: Tensor, components: list[Sequence[Response | None]]) -> Tensor:
    """Coefficients (2, K + 1, B, components x lanes) along the only axis."""
    known = [component[0] for component in components]
    # Beside the lanes (K + 1, 1, components, lanes).
    p, q = (
        torch.stack([each[part] for each in known if each], 1).unsqueeze(1) for part in range(2)
    )
    return respond(spectrum.unsqueeze(-2), (p, q)).flatten(-2)


def _along(spectrum: Tensor, axis: int, axes: int, response: Response) -> Tensor:
    """Coefficients after a response along one axis of several."""
    moved = spectrum.movedim((2 * axis, 2 * axis + 1), (0, 1))
    between = [1] * (2 * (axes - 1) + 1)  # the other axes' pairs, and the batch
    p, q = (part.reshape(len(part), *between, -1) for part in response)
    return respond(moved, (p, q)).movedim((0, 1), (2 * axis, 2 * axis + 1))
