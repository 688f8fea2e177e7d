"""Whether a trained circuit leans on the coarse steps it was trained with, in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..circuit.budget import FINER
from ..metrics import METRICS, Metric, placed


def last_tried(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The newest report with a finer solve; an empty one when there is none."""
    return next((row for row in reversed(rows) if any(map(_is_finer, row))), {})


def _is_finer(name: str) -> bool:
    return name.startswith("finer_")


def leaning(row: Mapping[str, Any]) -> str:
    """What a report says of a circuit that is much worse when it is solved more finely.

    Args:
        row: a report with figures ``test_...`` and ``finer_...``.

    Returns:
        One sentence with the remedy; empty when both agree, or nothing finer was tried.
    """
    for name in placed("score"):
        metric, pair = METRICS[name], _pair(row, name)
        if pair and metric.worse(*pair) and _agreed(row, metric):
            return f"Solved {FINER}x finer {metric.changed(*pair)}: train with more steps."
    return ""


def inexact(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The newest report that says how accurate the solve is; an empty one when there is none."""
    return next((row for row in reversed(rows) if isinstance(row.get("solve_status"), str)), {})


def doubts(rows: Sequence[Mapping[str, Any]]) -> str:
    """What is to be doubted about a training's result; empty for nothing.

    Voltages that are not those of the circuit, and a score that finer steps do not reach.
    """
    found = inexact(rows).get("solve_message")
    sentences = (found if isinstance(found, str) else "", leaning(last_tried(rows)))
    return " ".join(sentence for sentence in sentences if sentence)


def _agreed(row: Mapping[str, Any], metric: Metric) -> bool:
    """Whether the metric that has a say in it is worse too, where it was reported."""
    pair = _pair(row, metric.agreed) if metric.agreed else None
    return pair is None or METRICS[metric.agreed].worse(*pair)


def _pair(row: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    before, after = row.get(f"test_{name}"), row.get(f"finer_{name}")
    if isinstance(before, int | float) and isinstance(after, int | float):
        return float(before), float(after)
    return None
