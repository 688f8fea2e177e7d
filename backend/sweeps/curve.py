"""A trial's learning curve as the search sees it, from the reports of its run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..metrics import LOSS


@dataclass(frozen=True)
class Point:
    """What a trial stands at after an epoch.

    Args:
        epoch: done.
        value: the deciding figure of the best checkpoint so far, which is the one with the lowest
            validation loss (``events.Checkpointed``). ``kirchhoff evaluate RUN --split
            validation`` gives the same.
        loss: the validation loss of that checkpoint, which decides between equal values.
    """

    epoch: int
    value: float
    loss: float


def curve(
    rows: Iterable[Mapping[str, Any]], objective: str, last: Point | None = None
) -> list[Point]:
    """The points of a run's reports, one an epoch that was evaluated.

    Args:
        rows: the reports.
        objective: the metric that decides.
        last: the point before them, where the curve goes on.
    """
    found: list[Point] = []
    for row in rows:
        epoch, loss = row.get("epoch"), row.get(f"validation_{LOSS}")
        value = row.get(f"validation_{objective}")
        if not all(isinstance(one, int | float) for one in (epoch, loss, value)):
            continue
        point = Point(int(epoch), float(value), float(loss))  # type: ignore[arg-type]
        # A run that was taken up again may have reported an epoch twice.
        if last and point.epoch <= last.epoch:
            continue
        if last and last.loss <= point.loss:
            point = Point(point.epoch, last.value, last.loss)
        found.append(point)
        last = point
    return found
