"""Which models learn a data set, and which one does when none is named."""

from ..errors import StudioError
from ..shapes import Data
from .base import MODELS, Model

KINDS = {"vector": "numbers", "image": "images", "grid": "fields", "tokens": "text"}
"""Kinds of inputs in words."""


def models_for(task: str, data: Data | None = None) -> list[str]:
    """The names of the models that learn a task, the one that is taken without a name first.

    Args:
        task: of a data set.
        data: what goes in and comes out, where it is known: only models that fit are named.
    """
    fitting = [name for name, kind in MODELS.items()
               if task in kind.tasks and (data is None or not refusal(kind, data))]  # fmt: skip
    return sorted(fitting, key=lambda name: task not in MODELS[name].default_for)


def model_for(task: str, inputs: str = "vector") -> str:
    """The name of the model that learns a task when none is named.

    Args:
        task: of a data set.
        inputs: their kind.

    Raises:
        StudioError: there is none.
    """
    for name, kind in MODELS.items():
        if task in kind.default_for and inputs in kind.reads:
            return name
    raise StudioError(f"no model learns the task {task!r}")


def refusal(kind: type[Model], data: Data) -> str:
    """Why data of its tasks cannot be learnt by a model, as a sentence with the remedy.

    Empty if they can: inputs are of a kind that it reads, and it finds nothing that is unfit.
    """
    if data.inputs.kind in kind.reads:
        return kind.unfit(data)
    others = [name for name, other in MODELS.items()
              if data.task in other.tasks and data.inputs.kind in other.reads]  # fmt: skip
    *first, last = (KINDS[each] for each in kind.reads)
    read = f"{', '.join(first)} or {last}" if first else last
    return (
        f"a {kind.title} learns from {read}, and '{data.title}' has {KINDS[data.inputs.kind]}; "
        f"choose the model {' or '.join(others) or 'of another package'}"
    )
