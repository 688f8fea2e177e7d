"""Gathers energies interval by interval while a solve passes."""

import numpy as np

from .balance import EnergyBalance
from .quadrature import Values, chunks, integrals, joined

ROUGH = 1e-9
"""An interval whose error is a larger share of all energy that moved is dissipated step by step."""


class Ledger:
    """What devices took and sources gave from the start on, noted at output times.

    Args:
        times: number of output times.
        gives: whether a device is a source (E,).
        drives: number of driven nodes.
    """

    def __init__(self, times: int, gives: np.ndarray, drives: int) -> None:
        self.gives, self.devices = gives, len(gives)
        self.dissipated, self.injected, self.error = np.zeros((3, times))
        self.by_device, self.by_drive = np.zeros(self.devices), np.zeros(drives)
        self._now, self._moved = np.zeros(3), 0.0

    def enter(
        self, edges: np.ndarray, powers: Values, columns: np.ndarray, places: slice,
        outputs: np.ndarray,
    ) -> None:  # fmt: skip
        """Energies over the steps between edges.

        Args:
            edges: ascending (K + 1,) [s].
            powers: at times (P,) the powers (P, e + M) [W] that some devices take and that the
                sources of driven nodes give.
            columns: places of those devices among all (e,).
            places: of the output times among all.
            outputs: their places among the edges.
        """
        with np.errstate(all="ignore"):  # a solve that diverges has no sensible energies
            self._enter(edges, powers, columns, places, outputs)

    def _enter(
        self, edges: np.ndarray, powers: Values, columns: np.ndarray, places: slice,
        outputs: np.ndarray,
    ) -> None:  # fmt: skip
        own, kept = len(columns), joined(edges, outputs)
        course = np.zeros((len(kept), 3))
        course[0] = self._now
        for part in chunks(len(kept) - 1, own + len(self.by_drive)):
            ends = kept[part.start : part.stop + 1]
            found, sums = self._integrated(edges, ends, powers, columns)
            np.add.at(self.by_device, columns, found[:, :own].sum(0))
            self.by_drive += found[:, own:].sum(0)
            course[part.start + 1 : part.stop + 1] = self._now + np.cumsum(sums, axis=0)
            self._now = course[part.stop].copy()
        self.dissipated[places], self.injected[places], self.error[places] = course[
            np.searchsorted(kept, outputs)
        ].T

    def _integrated(
        self, edges: np.ndarray, ends: np.ndarray, powers: Values, columns: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Integrals (J, e + M) between ends, places among the edges, and their sums (J, 3)."""
        found, apart = integrals(edges[ends[:-1]], edges[ends[1:]], powers)
        sums = self._sums(found, apart, columns)
        self._moved += float(np.abs(sums[:, :2]).sum())
        rough = np.flatnonzero((sums[:, 2] > ROUGH * self._moved) & (np.diff(ends) > 1))
        if len(rough):
            steps = np.concatenate([np.arange(ends[j], ends[j + 1]) for j in rough])
            first = np.concatenate([[0], np.cumsum(np.diff(ends)[rough])[:-1]])
            single, off = integrals(edges[steps], edges[steps + 1], powers)
            found[rough] = np.add.reduceat(single, first, axis=0)
            sums[rough] = np.add.reduceat(self._sums(single, off, columns), first, axis=0)
        return found, sums

    def _sums(self, found: np.ndarray, apart: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Taken, injected and error (J, 3) of integrals (J, e + M)."""
        own, gives = len(columns), self.gives[columns]
        dissipated, lost = (part[:, :own][:, ~gives].sum(1) for part in (found, apart))
        injected, gained = (
            part[:, own:].sum(1) - part[:, :own][:, gives].sum(1) for part in (found, apart)
        )
        return np.stack([dissipated, injected, np.abs(lost) + np.abs(gained)], axis=1)

    def jump(self, injected: float) -> None:
        """What sources gave at once [J]."""
        self._now[1] += injected

    def balance(self, stored: np.ndarray, floor: float = 0.0) -> EnergyBalance:
        """The balance at the first output times, with the energies stored at them (T,) [J].

        Args:
            stored: at the first output times (T,) [J].
            floor: what rounding alone may store [J].
        """
        count = len(stored)
        return EnergyBalance(
            stored, self.dissipated[:count], self.injected[:count], self.error[:count],
            self.by_device, self.by_drive, floor,
        )  # fmt: skip
