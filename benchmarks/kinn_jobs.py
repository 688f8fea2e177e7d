"""Which trainings the study of KINN consists of, and what they say together."""

import importlib.util
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from .kinn_arms import Arm, Study
from .trainings import Runs

CHOICE_SEED = 1000
"""Of the trainings that choose a learning rate."""


@dataclass(frozen=True)
class Job:
    """One training.

    Args:
        study: by name.
        arm: by name.
        rate: the learning rate.
        seed: of first parameters and order of examples.
        epochs: how long.
        choice: whether it only chooses a rate.
    """

    study: str
    arm: str
    rate: float
    seed: int
    epochs: int
    choice: bool = False

    @property
    def key(self) -> str:
        """What the training is called in the file."""
        what = f"rate {self.rate:g}" if self.choice else f"seed {self.seed}"
        return f"{self.study} / {self.arm} / {what}"


def jobs(studies: Mapping[str, Study], runs: Runs) -> Iterator[Job]:
    """All trainings that can begin, the most important first; finished ones too.

    The first two arms of a study go side by side, so that what is there can be compared.
    """
    for name, study in studies.items():
        titles = [title for title, arm in study.arms.items()
                  if not arm.package or importlib.util.find_spec(arm.package)]  # fmt: skip
        for group in (titles[:2], *([title] for title in titles[2:])):
            each = [list(_of_arm(name, study, title, runs)) for title in group]
            found = [job for together in zip_longest(*each) for job in together if job]
            yield from sorted(found, key=lambda job: not job.choice)


def _of_arm(name: str, study: Study, title: str, runs: Runs) -> Iterator[Job]:
    arm = study.arms[title]
    rate = chosen(name, study, title, runs)
    if rate is None:
        for candidate in study.rates if not arm.like else ():
            yield Job(name, title, candidate, CHOICE_SEED, study.choice_epochs, choice=True)
        return
    epochs = _epochs(name, study, arm, runs)
    for seed in range(study.seeds) if epochs else ():
        yield Job(name, title, rate, seed, epochs)


def chosen(name: str, study: Study, title: str, runs: Runs) -> float | None:
    """The learning rate of an arm: its own, another arm's, or the best on the validation set."""
    arm = study.arms[title]
    if arm.rate is not None:
        return arm.rate
    if arm.like:
        return chosen(name, study, arm.like, runs)
    keys = {
        rate: Job(name, title, rate, CHOICE_SEED, study.choice_epochs, choice=True).key
        for rate in study.rates
    }
    if not all(key in runs for key in keys.values()):
        return None
    return min(keys, key=lambda rate: runs[keys[rate]]["validation_loss"])


def _epochs(name: str, study: Study, arm: Arm, runs: Runs) -> int:
    """Epochs of an arm; 0 as long as the time that it is given is not known."""
    if not arm.time_of:
        return study.epochs
    own, other = (_finished(name, title, runs) for title in (arm.like, arm.time_of))
    if min(len(own), len(other)) < study.seeds:
        return 0
    times = [statistics.median(run["cpu_seconds"] for run in part) for part in (own, other)]
    return max(1, round(study.epochs * times[1] / times[0]))


def _finished(name: str, title: str, runs: Runs) -> list[dict[str, Any]]:
    return [run for key, run in runs.items() if key.startswith(f"{name} / {title} / seed")]


def summary(studies: Mapping[str, Study], runs: Runs) -> dict[str, Any]:
    """By study and arm: means over seeds with the single values of what is judged."""
    found: dict[str, Any] = {}
    for name, study in studies.items():
        for title in study.arms:
            if own := _finished(name, title, runs):
                found.setdefault(name, {})[title] = _row(own)
    return found


def _row(own: list[dict[str, Any]]) -> dict[str, Any]:
    score = "test_accuracy" if "test_accuracy" in own[0] else "test_relative_l2"
    named = {name: [run[name] for run in own] for name in own[0] if name.startswith(score)}
    values = named[score]
    return {
        **{name: float(f"{statistics.mean(each):.4g}") for name, each in named.items()},
        "deviation": float(f"{statistics.stdev(values):.2g}") if len(values) > 1 else None,
        "seeds": values,
        "rate": own[0]["rate"],
        **{name: own[0][name] for name in ("parameters", "updates", "epochs")},
        **{name: round(statistics.median(run[name] for run in own), 1)
           for name in ("wall_seconds", "cpu_seconds")},
    }  # fmt: skip
