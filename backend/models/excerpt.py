"""The part of a model that is a circuit, for one example, beside what the model computes there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..circuit import Circuit

LEAST_OUTPUTS = 200
"""Times that are shown or compared at least, where a circuit is read a few times only."""


@dataclass(frozen=True)
class Excerpt:
    """A circuit and what some of its nodes should show.

    Args:
        circuit: driven by an example.
        notes: sentences: what is shown, on what scale, and what of the model no circuit does.
        reads: names of nodes (K,).
        times: when they are read (S,) [s], multiples of the duration over ``steps``.
        samples: what the model itself computes there (S, K) [V].
        steps: equal parts of the duration, at whose ends the samples lie.
        limit: why circuit and model are not the same; empty where they are, to rounding and to the
            width of the waveform's edges.
    """

    circuit: Circuit
    notes: tuple[str, ...]
    reads: tuple[str, ...]
    times: NDArray[np.float64]
    samples: NDArray[np.float64]
    steps: int
    limit: str = ""

    @property
    def outputs(self) -> int:
        """How many equidistant times, both ends included, hold every sample.

        Between two samples lies at least one at which no source jumps.
        """
        return self.steps * max(2, -(-LEAST_OUTPUTS // self.steps)) + 1

    def rows(self, outputs: int) -> NDArray[np.int64]:
        """Which of so many equidistant times, both ends included, the samples are.

        Args:
            outputs: a multiple of ``steps``, and one more.
        """
        return np.rint(self.times / self.circuit.duration * (outputs - 1)).astype(np.int64)
