"""Optuna's part of a sweep: which settings come next, and which trial is not worth its time."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RunError, StudioError
from .space import Choice, Dimension, Scalar

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution
    from optuna.pruners import BasePruner
    from optuna.trial import FrozenTrial

JOURNAL = "study.journal"
NAME = "sweep"
FREE_TRIALS = 5
"""Trials that end before the median of them is one."""

MISSING = (
    "a sweep needs Optuna, which is not installed; get it with: "
    "pip install 'kirchhoff-studio[sweep]'"
)


def load_optuna() -> ModuleType:
    """Optuna, quiet.

    Raises:
        StudioError: it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise StudioError(MISSING) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


class Study:
    """A study in a folder, of which this process is the only writer.

    The sampler's random numbers are a function of the seed and the number of the trial. So a sweep
    that was killed and taken up again chooses what it would have chosen anyway.

    Args:
        folder: where its journal lies.
        space: what is searched.
        wholes: names that take whole numbers only.
        seed: of the sampler.
        pruner: ``median``, ``halving`` or ``none``.
        higher: whether more is better.
        epochs: of a training, which say when the first may be pruned.

    Raises:
        StudioError: Optuna is missing, or the journal is damaged.
    """

    def __init__(
        self,
        folder: Path,
        space: Mapping[str, Dimension],
        *,
        wholes: set[str],
        seed: int,
        pruner: str,
        higher: bool,
        epochs: int,
    ) -> None:
        self._optuna = load_optuna()
        self._seed = seed
        self._space = {name: _distribution(found, name in wholes) for name, found in space.items()}
        self._open: dict[int, Trial] = {}
        path = folder / JOURNAL
        _mend(path)
        journal = self._optuna.storages.journal.JournalFileBackend(str(path))
        try:
            self._study = self._optuna.create_study(
                storage=self._optuna.storages.JournalStorage(journal),
                study_name=NAME,
                direction="maximize" if higher else "minimize",
                pruner=_pruner(self._optuna, pruner, epochs),
                load_if_exists=True,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{path}: is damaged ({' '.join(str(error).split())[:80]}); "
                           "start a new sweep") from None  # fmt: skip

    def trials(self) -> "list[FrozenTrial]":
        """All trials in their order."""
        return self._study.get_trials(deepcopy=False)

    def unended(self) -> Iterator[int]:
        """Numbers of the trials that were begun and not ended."""
        running = self._optuna.trial.TrialState.RUNNING
        return (trial.number for trial in self.trials() if trial.state == running)

    def begin(self, start: Mapping[str, Scalar]) -> int:
        """Choose the settings of the next trial; its number.

        Args:
            start: the settings of the first.
        """
        known = self.trials()
        if not known:
            self._study.enqueue_trial(dict(start))
        waiting = self._optuna.trial.TrialState.WAITING
        number = sum(trial.state != waiting for trial in known)
        self._sow(number)
        trial = self._study.ask(self._space)
        self._open[trial.number] = trial
        return trial.number

    def settings(self, number: int) -> dict[str, Scalar]:
        """The settings of a trial; chosen now, where its process was killed before it had all."""
        trial = self._trial(number)
        return {name: _suggested(trial, name, kind) for name, kind in self._space.items()}

    def note(self, number: int, **about: Any) -> None:
        """Keep something beside a trial."""
        for name, value in about.items():
            self._trial(number).set_user_attr(name, value)

    def noted(self, number: int) -> dict[str, Any]:
        """What was kept beside a trial."""
        return dict(self.trials()[number].user_attrs)

    def report(self, number: int, epoch: int, value: float) -> bool:
        """One point of a trial's curve; whether the trial is to be ended by it.

        The first trial, which the others are compared with, goes to its end.
        """
        trial = self._trial(number)
        if epoch <= (self.trials()[number].last_step or 0):
            return False
        trial.report(value, epoch)
        behind = bool(trial.should_prune())  # of the first, too: halving notes what it stands at
        return behind and number > 0

    def end(self, number: int, value: float) -> None:
        """A trial came to its end."""
        self._study.tell(number, value)

    def prune(self, number: int) -> None:
        """A trial was ended by its curve."""
        self._study.tell(number, state=self._optuna.trial.TrialState.PRUNED)

    def fail(self, number: int) -> None:
        """A trial came to nothing."""
        self._study.tell(number, state=self._optuna.trial.TrialState.FAIL)

    def _sow(self, number: int) -> None:
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        self._study.sampler = self._optuna.samplers.TPESampler(seed=seed)

    def _trial(self, number: int) -> "Trial":
        if number not in self._open:
            self._sow(number)
            # Optuna has no public way back to a trial that another process began.
            id = self.trials()[number]._trial_id
            self._open[number] = self._optuna.trial.Trial(self._study, id)
        return self._open[number]


def _distribution(dimension: Dimension, whole: bool) -> "BaseDistribution":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(dimension, Choice):
        return CategoricalDistribution(dimension.choices)
    low, high = dimension.low, dimension.high
    if whole or dimension.step:
        step = dimension.step or 1
        return IntDistribution(int(low), int(high), log=dimension.log, step=step)
    return FloatDistribution(float(low), float(high), log=dimension.log)


def _suggested(trial: "Trial", name: str, kind: "BaseDistribution") -> Scalar:
    """A setting of a trial; the one it has, where it has one."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match kind:
        case CategoricalDistribution():
            found: Any = trial.suggest_categorical(name, kind.choices)
            return found
        case IntDistribution():
            return trial.suggest_int(name, kind.low, kind.high, log=kind.log, step=kind.step)
        case FloatDistribution():
            return trial.suggest_float(name, kind.low, kind.high, log=kind.log)
    raise TypeError(name)


def _pruner(optuna: ModuleType, name: str, epochs: int) -> "BasePruner":
    """Nothing is pruned in the first quarter of its epochs, where curves say little."""
    if name == "median":
        return optuna.pruners.MedianPruner(
            n_startup_trials=FREE_TRIALS, n_warmup_steps=max(1, epochs // 4)
        )
    if name == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=max(1, epochs // 4), reduction_factor=2
        )
    return optuna.pruners.NopPruner()


def _mend(path: Path) -> None:
    """Undo what a killed writer leaves: half a line, and Optuna's own lock.

    Raises:
        RunError: the disk refuses.
    """
    lock = path.with_name(f"{path.name}.lock")
    with suppress(OSError):
        lock.unlink(missing_ok=True)
    if not path.exists():
        return
    try:
        data = path.read_bytes()
        if not data.endswith(b"\n"):
            with path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror or error})") from None
