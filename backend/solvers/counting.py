"""How much a solve asked of its field."""

from typing import Any

from torch import Tensor


class Counted:
    """A vector field that counts how often it and its Jacobian are evaluated."""

    def __init__(self, field: Any) -> None:
        self._field = field
        self.autonomous = bool(getattr(field, "autonomous", False))
        self.evaluations = 0
        self.jacobians = 0

    def __call__(self, t: Any, y: Tensor) -> Tensor:
        """The slope of the wrapped field."""
        self.evaluations += 1
        return self._field(t, y)

    def jacobian(self, t: Any, y: Tensor) -> Tensor:
        """The Jacobian of the wrapped field."""
        self.jacobians += 1
        return self._field.jacobian(t, y)
