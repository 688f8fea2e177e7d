"""What a sweep is: a training, the settings that are searched, and how.

::

    {"name": "digits", "model": "kirchhoffnet", "dataset": "digits",
     "dataset_options": {"validation": 300}, "epochs": 10,
     "search": {"learning_rate": {"low": 0.001, "high": 0.1, "log": true},
                "batch_size": {"low": 16, "high": 128, "step": 16},
                "schedule": {"choices": ["one_cycle", "cosine"]}},
     "sweep": {"trials": 30, "minutes": 20, "pruner": "median", "seed": 0}}

Everything but ``search`` and ``sweep`` is what ``kirchhoff train`` takes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..datasets import DATASETS
from ..datasets.once import open_dataset, read_once
from ..errors import InputError, RunError, StudioError, quoted
from ..metrics import LOSS, METRICS
from ..params import Param, check_params
from ..registry import nearest
from ..training.spec import SHORT_NAMES, TrainSpec
from .space import Choice, Dimension, Range, Scalar, read_space

SETTINGS: tuple[Param, ...] = (
    Param("trials", 30, low=1, high=10_000, doc="Trials in all; the first is the recipe itself."),
    Param("minutes", 0.0, low=0.0, doc="Of work, after which no trial begins; 0 for no bound."),
    Param(
        "pruner",
        "median",
        choices=("median", "halving", "none"),
        doc="What ends a trial early by its curve on the validation set.",
    ),
    Param("objective", "", doc="Validation figure that decides; empty for the task's own."),
    Param("seed", 0, low=0, high=2**31 - 1, doc="Of the sampler."),
)
BUDGET = ("trials", "minutes")
"""Settings that may change while a sweep rests: they do not decide what it finds next."""

KEEPING = {"dataset", "name", "device", "threads", "test_at", "validation", "test", "data_dir"}
"""What is the same for all trials, else their figures could not be compared."""


@dataclass(frozen=True)
class SweepSpec:
    """A sweep as it was asked for, checked.

    Args:
        fixed: fields of a training, as a file has them.
        space: what is searched, by the names that ``--set`` knows.
        settings: of the search itself, see ``SETTINGS``; all of them.
        start: the searched settings of the recipe, those of trial 0.
        objective: the metric of the validation set that decides.
        epochs: of the recipe's training.
        chosen_by: examples of the validation set.
    """

    fixed: dict[str, Any]
    space: dict[str, Dimension]
    settings: dict[str, Any]
    start: dict[str, Scalar]
    objective: str
    epochs: int
    chosen_by: int

    @property
    def digest(self) -> str:
        """Equal for sweeps that would find the same, whatever their budgets."""
        settings = {name: value for name, value in self.settings.items() if name not in BUDGET}
        text = json.dumps([self.fixed, self.search, settings], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def search(self) -> dict[str, Any]:
        """The space as files have it."""
        return {name: found.to_dict() for name, found in self.space.items()}

    @property
    def higher(self) -> bool:
        """Whether more of the deciding figure is better."""
        return METRICS[self.objective].higher

    def train_spec(self, values: Mapping[str, Scalar], name: str) -> TrainSpec:
        """The training of a trial; the test set stays unread.

        Raises:
            StudioError: the values do not go together.
        """
        base = {**self.fixed, "name": name, "test_at": "never"}
        return TrainSpec.from_options({key: text_of(value) for key, value in values.items()}, base)


def text_of(value: Scalar) -> str:
    """A value as the command line's ``--set`` has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return value if isinstance(value, str) else repr(value)


def read_sweep(data: Mapping[str, Any]) -> SweepSpec:
    """The sweep in a JSON object.

    Raises:
        StudioError: names the place, what was found and what to do.
    """
    fixed = {name: value for name, value in data.items() if name not in ("search", "sweep")}
    if "search" not in data:
        raise InputError(
            'there is nothing to search; add an object "search" with a range for each setting, '
            'such as {"learning_rate": {"low": 0.001, "high": 0.1, "log": true}}'
        )
    space = read_space(data["search"])
    try:
        settings = dict(check_params(SETTINGS, data.get("sweep", {})))
    except ValueError as error:
        raise InputError(str(error), ("sweep",)) from None
    with read_once():
        whole = TrainSpec.make(**{**fixed, "test_at": "never"})
        count = _validation_count(whole)
        objective = _objective(whole, str(settings["objective"]))
        _check_twice(space)
        start = {name: _own_value(name, found, fixed, whole) for name, found in space.items()}
        found = SweepSpec(fixed, space, settings, start, objective, whole.epochs, count)
        for name, dimension in space.items():
            _check_ends(found, name, dimension)
    return found


def _check_twice(space: Mapping[str, Dimension]) -> None:
    """Whether no setting is searched under two names.

    Raises:
        InputError: one is.
    """
    met: dict[str, str] = {}
    for name in space:
        whole = SHORT_NAMES.get(name, name)
        if whole in met:
            raise InputError(f"is {met[whole]} by another name; leave one out", ("search", name))
        met[whole] = name


def _validation_count(spec: TrainSpec) -> int:
    """How many examples there are to choose by.

    Raises:
        RunError: says how to get some.
    """
    kind = DATASETS[spec.dataset]
    kept = open_dataset(spec.dataset, spec.dataset_options).split().validation
    if kept is not None:
        return len(kept)
    begin = f"data set {spec.dataset} has no validation split, and the test set must not choose; "
    if any(param.name == "validation" for param in kind.params):
        raise RunError(
            f'{begin}ask for one: "dataset_options": {{"validation": ...}}, '
            f"{_said(next(p for p in kind.params if p.name == 'validation'))}"
        )
    able = [
        name for name, one in DATASETS.items() if any(p.name == "validation" for p in one.params)
    ]
    raise RunError(f"{begin}it cannot keep one, {', '.join(able)} can")


def _said(param: Param) -> str:
    share = isinstance(param.default, float)
    return "a share such as 0.2" if share else "a number of examples such as 300"


def _objective(spec: TrainSpec, chosen: str) -> str:
    """The metric that decides.

    Raises:
        InputError: the task has none of this name.
    """
    from ..training.tasks import TASKS  # needs torch

    score = TASKS[open_dataset(spec.dataset, spec.dataset_options).task].score
    if chosen in ("", score, LOSS):
        return chosen or score
    raise InputError(f"is {quoted(chosen)}: {nearest(chosen, [score, LOSS])}",
                     ("sweep", "objective"))  # fmt: skip


def _own_value(
    name: str, dimension: Dimension, fixed: Mapping[str, Any], spec: TrainSpec
) -> Scalar:
    """A searched setting as the recipe, or the fixed part, has it.

    Raises:
        StudioError: there is no such setting, it cannot be searched so, or its own value lies
            outside.
    """
    from ..training.prepare import places  # needs torch

    where = ("search", name)
    if name.rpartition(".")[2] in KEEPING:
        raise InputError("must be the same for all trials, so that their figures can be compared; "
                         "set it beside search instead", where)  # fmt: skip
    try:
        place, param = places([name], {**fixed, "model": spec.model})[name]
    except InputError:
        raise
    except StudioError as error:
        raise InputError(str(error), ("search",)) from None
    _check_kind(param, dimension, where)
    own: Any = getattr(spec, place)
    if place.endswith("_options"):
        assert param is not None
        own = own.get(param.name, param.default)
    if own is None or isinstance(own, dict):
        raise InputError(
            "has no value of its own; set one beside search, for the first trial", where
        )
    if not dimension.holds(own):
        raise InputError(
            f"{dimension.words()} does not hold {quoted(own)}, the value of the recipe or of the "
            "fixed part, and the first trial has it; widen the search or set another beside it",
            where,
        )
    return own


def _check_kind(param: Param | None, dimension: Dimension, where: tuple[str, ...]) -> None:
    """Whether a setting of this kind can be searched so.

    Raises:
        InputError: it cannot.
    """
    number = param is not None and not isinstance(param.default, bool | str)
    if isinstance(dimension, Choice):
        return
    if not number:
        raise InputError('is no number: give {"choices": [...]}', where)
    assert param is not None
    if param.integer and not dimension.step and any(v != int(v) for v in dimension.ends().values()):  # type: ignore[arg-type]
        raise InputError(f"is a whole number, got {dimension.words()}; give whole ends", where)


def _check_ends(sweep: SweepSpec, name: str, dimension: Dimension) -> None:
    """Whether the setting itself allows the extreme values; what lies between, it then does, too.

    Raises:
        InputError: it does not.
    """
    for place, value in dimension.ends().items():
        try:
            sweep.train_spec({name: value}, "")
        except StudioError as error:
            raise InputError(str(error), ("search", name, place)) from None


def wholes(sweep: SweepSpec) -> set[str]:
    """Names of searched settings that take whole numbers only."""
    return {
        name
        for name, own in sweep.start.items()
        if isinstance(own, int)
        and not isinstance(own, bool)
        and isinstance(sweep.space[name], Range)
    }
