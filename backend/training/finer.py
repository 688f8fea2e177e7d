"""Whether a trained circuit leans on the coarse steps it was trained with, in one sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..budget import FINER

SHARE = 0.02  # of the test set, or of the targets' variance
NATS = 0.05
RATIO = 1.25  # of squared errors


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
    change = _accuracy(row) or _nats(row, "kl", "KL divergence")
    change = change or _nats(row, "nll", "negative log-likelihood") or _error(row)
    return f"Solved {FINER}x finer {change}: train with more steps." if change else ""


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


def _accuracy(row: Mapping[str, Any]) -> str:
    pair = _pair(row, "accuracy")
    if pair is None or pair[1] > pair[0] - SHARE:
        return ""
    before, after = (f"{100 * value:.{0 if pair[0] - pair[1] > 0.1 else 1}f} %" for value in pair)
    return f"the accuracy falls from {before} to {after}"


def _nats(row: Mapping[str, Any], name: str, words: str) -> str:
    pair = _pair(row, name)
    if pair is None or pair[1] < pair[0] + NATS:
        return ""
    return f"the {words} rises from {pair[0]:.3g} to {pair[1]:.3g} nats"


def _error(row: Mapping[str, Any]) -> str:
    error, fit = _pair(row, "mse"), _pair(row, "r2")
    if error is None or error[1] < RATIO * error[0]:
        return ""
    if fit is not None and fit[1] > fit[0] - SHARE:  # both errors are small
        return ""
    return f"the mean squared error rises from {error[0]:.3g} to {error[1]:.3g}"


def _pair(row: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    before, after = row.get(f"test_{name}"), row.get(f"finer_{name}")
    if isinstance(before, int | float) and isinstance(after, int | float):
        return float(before), float(after)
    return None
