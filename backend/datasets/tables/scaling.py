"""Features and targets brought to the range of a volt, and back."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scaling:
    """Affine map of every column that takes the training set's range to 0 to 1.

    scaled = (value - low) / (high - low); a column without range becomes 0.

    Args:
        low: smallest training value of every column, in its own unit.
        high: largest training value.
    """

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, train: np.ndarray) -> "Scaling":
        """The scaling of training data (n, columns)."""
        return cls(train.min(axis=0), train.max(axis=0))

    @property
    def range(self) -> np.ndarray:
        """Original units per volt, 1 for a column without range."""
        range = self.high - self.low
        return np.where(range > 0, range, 1.0)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Values (n, columns) as voltages."""
        return (values - self.low) / self.range

    def original(self, scaled: np.ndarray) -> np.ndarray:
        """Voltages (n, columns) as values in original units."""
        return np.asarray(scaled) * self.range + self.low

    def error(self, scaled_mse: float, column: int = 0) -> float:
        """Root of a mean squared error of scaled targets, in a target's original unit."""
        return float(np.sqrt(scaled_mse) * self.range[column])
