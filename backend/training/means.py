"""Running means of what a training reports."""

from collections.abc import Mapping
from typing import Any


class Means:
    """Running means over examples, by name."""

    def __init__(self, sums: dict[str, float] | None = None, count: int = 0) -> None:
        self.sums, self.count = dict(sums or {}), count

    def add(self, means: Mapping[str, float], count: int) -> None:
        """Take the means over ``count`` more examples in."""
        for name, value in means.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * count
        self.count += count

    def means(self, prefix: str = "") -> dict[str, float]:
        """The means so far, with a prefix before their names."""
        return {prefix + name: total / self.count for name, total in self.sums.items()}

    def to_dict(self) -> dict[str, Any]:
        """Fit for JSON, and for the constructor."""
        return {"sums": dict(self.sums), "count": self.count}
