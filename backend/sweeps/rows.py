"""A trial as a line of a table, the form in which everybody but Optuna knows it."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .space import Scalar

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

STATES = {"RUNNING": "running", "COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


@dataclass(frozen=True)
class Row:
    """One trial.

    Args:
        number: from 0, which is the recipe itself.
        state: ``running``, ``done``, ``pruned`` or ``failed``.
        settings: values of what is searched.
        run: id of its run; empty where none could be made.
        value: the deciding figure of its best checkpoint so far, of the validation set.
        loss: the validation loss of that checkpoint.
        epoch: epochs done.
        seconds: from its beginning to its end; ``None`` before.
        message: why it ended early, in plain words.
    """

    number: int
    state: str
    settings: dict[str, Scalar]
    run: str = ""
    value: float | None = None
    loss: float | None = None
    epoch: int = 0
    seconds: float | None = None
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As ``trials.json`` has it."""
        return asdict(self)


def row_of(trial: "FrozenTrial") -> Row:
    """A trial of Optuna's study, with what was noted beside it."""
    noted = trial.user_attrs
    began, ended = noted.get("began"), noted.get("ended")
    return Row(
        trial.number,
        STATES.get(trial.state.name, "running"),
        dict(trial.params),
        str(noted.get("run", "")),
        noted.get("value"),
        noted.get("loss"),
        int(noted.get("epoch", 0)),
        ended - began if began and ended else None,
        str(noted.get("message", "")),
    )
