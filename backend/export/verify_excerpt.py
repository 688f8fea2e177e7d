"""Part of a model in ngspice, against the model itself."""

from dataclasses import dataclass

import numpy as np

from ..models.excerpt import Excerpt
from .verify import Verification, verify


@dataclass(frozen=True)
class ExcerptVerification:
    """How far ngspice is from us and from the model.

    Args:
        circuit: all node voltages over time, ours against ngspice's.
        model_error: the voltages of ngspice that are read against the model's numbers, relative L2.
        tolerance: allowed.
        limit: why they differ by more than rounding; empty where they should not.
    """

    circuit: Verification
    model_error: float
    tolerance: float
    limit: str

    @property
    def ok(self) -> bool:
        """Whether the circuit is right, and is the model wherever it should be."""
        return self.circuit.ok and (bool(self.limit) or self.model_error <= self.tolerance)

    @property
    def line(self) -> str:
        """What is said of the model."""
        found = f"ngspice and the model itself: {self.model_error:.3g} relative L2"
        if self.limit:
            return f"{found}: {self.limit}"
        verdict = "agree" if self.model_error <= self.tolerance else "DIFFER"
        return f"{found}, they {verdict} (tolerance {self.tolerance:g})"


def verify_excerpt(
    excerpt: Excerpt, tolerance: float = 1e-3, time_limit: float = 300.0
) -> ExcerptVerification:
    """Simulate the netlist of an excerpt with ngspice; see ``verify``.

    Args:
        excerpt: the circuit and the model's numbers.
        tolerance: allowed difference, as a share of the largest voltage and in relative L2.
        time_limit: for ngspice [s].

    Raises:
        StudioError: see ``verify``.
    """
    result = verify(excerpt.circuit, tolerance, excerpt.outputs, time_limit)
    columns = [excerpt.circuit.node_ids.index(node) for node in excerpt.reads]
    shown = result.theirs[excerpt.rows(excerpt.outputs)][:, columns]
    size = float(np.linalg.norm(excerpt.samples)) or 1.0
    error = float(np.linalg.norm(shown - excerpt.samples)) / size
    return ExcerptVerification(result, error, tolerance, excerpt.limit)
