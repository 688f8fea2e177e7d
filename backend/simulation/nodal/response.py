"""The response of a circuit to a small sine, and its files."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...destinations import destination
from ...errors import StudioError, quoted
from ...registry import nearest


@dataclass(frozen=True)
class Response:
    """The response of all node voltages to one source.

    Args:
        frequencies: (F,) [Hz].
        voltages: complex amplitudes over the source's (F, N); NaN where the circuit rings at the
            frequency without end, so that there is no response; 0 where rounding hides it.
        node_ids: names of the columns.
        source: what was moved.
        unit: of ``voltages``: V/V or V/A.
    """

    frequencies: np.ndarray
    voltages: np.ndarray
    node_ids: tuple[str, ...]
    source: str
    unit: str = "V/V"

    @property
    def decibels(self) -> np.ndarray:
        """20 log10 |v| (F, N)."""
        with np.errstate(divide="ignore"):
            return 20.0 * np.log10(np.abs(self.voltages))

    @property
    def degrees(self) -> np.ndarray:
        """The phase (F, N), without jumps of a turn, each column beginning within half a turn."""
        out = np.full(self.voltages.shape, np.nan)
        for column, values in enumerate(self.voltages.T):
            told = np.isfinite(values) & (values != 0)
            out[told, column] = np.degrees(np.unwrap(np.angle(values[told])))
        return out

    def chosen(self, nodes: Sequence[str] | None) -> list[str]:
        """The given nodes, or all.

        Raises:
            StudioError: there is no such node.
        """
        for name in nodes or ():
            if name not in self.node_ids:
                raise StudioError(
                    f"there is no node {quoted(name)}; {nearest(name, list(self.node_ids))}"
                )
        return list(nodes or self.node_ids)

    def save(self, path: str | Path, nodes: Sequence[str]) -> None:
        """Write ``.csv`` (f, then decibels and degrees of each node) or ``.npz``, as a whole.

        Args:
            path: of the file.
            nodes: which ones.

        Raises:
            StudioError: another suffix, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix not in {".npz", ".csv"}:
            raise StudioError(f"{path}: a frequency response is written as .npz or .csv")
        path = destination(path)
        part = path.with_name(path.name + ".part")
        columns = [self.node_ids.index(name) for name in nodes]
        try:
            if path.suffix == ".npz":
                with part.open("wb") as file:
                    np.savez_compressed(
                        file, allow_pickle=False, frequencies=self.frequencies,
                        voltages=self.voltages[:, columns], node_ids=np.array(nodes, np.str_),
                        source=np.array(self.source), unit=np.array(self.unit),
                    )  # fmt: skip
            else:
                self._save_csv(part, columns)
            os.replace(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise StudioError(f"{path}: cannot be written ({error.strerror})") from None

    def _save_csv(self, path: Path, columns: list[int]) -> None:
        names = [self.node_ids[column] for column in columns]
        head = ["f [Hz]", *(f"{name} [{unit}]" for name in names for unit in ("dB", "deg"))]
        pairs = np.stack([self.decibels[:, columns], self.degrees[:, columns]], axis=2)
        rows = np.column_stack([self.frequencies, pairs.reshape(len(pairs), -1)])
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows([v if np.isfinite(v) else "" for v in row] for row in rows.tolist())
