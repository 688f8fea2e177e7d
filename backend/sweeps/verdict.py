"""The end of a sweep: which trial won on validation, and what it gives on the test set."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..metrics import METRICS, PERCENT
from ..runs.directory import RunDirectory
from .directory import SweepDirectory

if TYPE_CHECKING:
    from .spec import SweepSpec


def winner(rows: Iterable[Mapping[str, Any]], higher: bool) -> dict[str, Any] | None:
    """The best of the trials that came to their end; of equals the one with the lower loss."""
    ended = [row for row in rows if row.get("state") == "done" and row.get("value") is not None]
    sign = -1.0 if higher else 1.0

    def rank(row: Mapping[str, Any]) -> tuple[float, float, int]:
        loss = row.get("loss")
        return (sign * row["value"], math.inf if loss is None else loss, row["number"])

    return dict(min(ended, key=rank)) if ended else None


def judged(sweep: SweepDirectory, spec: "SweepSpec") -> dict[str, Any]:
    """The result of a sweep; the test set is read now, for its winner, and never again.

    The winner is written down before the test set is read, so that a process that is killed
    in between leaves nothing to choose.

    Raises:
        StudioError: the winner's run cannot be measured.
    """
    from ..training.evaluate import evaluate  # torch only where it is needed

    result = sweep.result
    if not result:
        rows = sweep.trials
        best = winner(rows, spec.higher)
        if best is None:
            return {}
        first = next((row for row in rows if row["number"] == 0), {})
        default = first.get("value") if first.get("state") == "done" else None
        result = {
            "winner": best["number"],
            "run": best["run"],
            "settings": best["settings"],
            "objective": spec.objective,
            "examples": spec.chosen_by,
            "value": best["value"],
            "default": default,
            "beats": default is not None and METRICS[spec.objective].better(
                best["value"], default) != default,
            "test": None,
        }  # fmt: skip
        sweep.write("result.json", result)
    if result.get("test") is None:
        run = RunDirectory(Path(sweep.home) / "runs" / str(result["run"]))
        found = evaluate(run, split="test", checkpoint="best")
        figures = {name: value for name, value in found.items()
                   if isinstance(value, int | float) and not isinstance(value, bool)}  # fmt: skip
        result = {**result, "test": figures}
        sweep.write("result.json", result)
    return result


def sentence(result: Mapping[str, Any]) -> str:
    """What a sweep found, in one or two sentences.

    Args:
        result: the content of ``result.json``.
    """
    metric, validation = METRICS[result["objective"]], int(result.get("examples") or 0)
    value, default = result["value"], result["default"]
    said = f"Trial {result['winner']} (run {result['run']}) has the best validation {metric.words}"
    said += f", {metric.write(value)}"
    if default is None:
        said += "; the default recipe did not come to its end"
    elif result["winner"] == 0:
        said += ": the default recipe itself, which no trial beat"
    elif result["beats"]:
        said += f", beside {metric.write(default)} of the default recipe"
    else:
        said += ", as much as the default recipe, with a lower loss"
    said += "."
    if default is not None and result["beats"] and metric.unit == PERCENT and validation:
        sure = math.sqrt(max(float(default) * (1 - float(default)), 0.0) / validation)
        if abs(value - default) < sure:
            said += (f" The difference is less than one standard error of {validation} examples, "
                     f"{100 * sure:.1f} %.")  # fmt: skip
    test = (result.get("test") or {}).get(result["objective"])
    if test is not None:
        said += f" On the test set, read once, it gives {metric.write(test)}."
    return said
