"""Which trainings the study of KITINet consists of, and what they say together."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scipy.stats import t

from .kitinet_arms import ARMS, Preset, Task
from .trainings import Runs

CHOICE_SEED = 1000
"""Of the trainings that choose settings."""

HIGHER = ("accuracy",)
"""Scores of which more is better."""


@dataclass(frozen=True)
class Job:
    """One training.

    Args:
        task: by name.
        arm: by name.
        attempt: which of the arm's tries.
        seed: of first parameters, order of examples and collisions.
        choice: whether it only chooses among the tries.
    """

    task: str
    arm: str
    attempt: int
    seed: int
    choice: bool = False

    @property
    def key(self) -> str:
        """What the training is called in the file."""
        what = f"try {self.attempt}" if self.choice else f"seed {self.seed}"
        return f"{self.task} / {self.arm} / {what}"


def jobs(preset: Preset, runs: Runs) -> Iterator[Job]:
    """All trainings that can begin, finished ones too; first those that choose."""
    for name, task in preset.tasks.items():
        arms = task.arms or tuple(ARMS)
        for arm in arms:
            yield from _choices(name, arm)
        for seed in range(task.seeds):
            for arm in arms:
                attempt = chosen(name, task, arm, runs)
                if attempt is not None:
                    yield Job(name, arm, attempt, seed)


def _choices(task: str, arm: str) -> list[Job]:
    return [Job(task, arm, k, CHOICE_SEED, choice=True) for k in range(len(ARMS[arm].tries))]


def chosen(name: str, task: Task, arm: str, runs: Runs) -> int | None:
    """The try with the best score on the validation set; ``None`` until all were made."""
    keys = [job.key for job in _choices(name, arm)]
    if not all(key in runs for key in keys):
        return None
    figure = f"validation_{task.score}"
    # A training that failed to give a number is no choice.
    scores = [_signed(task, runs[key].get(figure)) for key in keys]
    return min(range(len(scores)), key=scores.__getitem__)


def _signed(task: Task, score: float | None) -> float:
    if score is None or score != score:
        return float("inf")
    return -score if task.score in HIGHER else score


def summary(preset: Preset, runs: Runs) -> dict[str, Any]:
    """By task and arm: the score, its paired difference from the plain twin, time, condensation."""
    return {
        name: {arm: row for arm in task.arms or ARMS if (row := _row(name, task, arm, runs))}
        for name, task in preset.tasks.items()
    }


def _row(name: str, task: Task, arm: str, runs: Runs) -> dict[str, Any]:
    own = _finished(name, arm, runs)
    if not own:
        return {}
    figure, plain = f"test_{task.score}", _finished(name, "plain", runs)
    paired = [own[seed][figure] - plain[seed][figure] for seed in own if seed in plain]
    other = [seed for seed in own if seed in plain]
    row = {
        figure: _mean(run[figure] for run in own.values()),
        "seeds": [run[figure] for run in own.values()],
        "parameters": next(iter(own.values()))["parameters"],
        "try": ARMS[arm].tries[next(iter(own.values()))["attempt"]],
        "cpu_seconds": statistics.median(run["cpu_seconds"] for run in own.values()),
        **{key: _mean(run[key] for run in own.values())
           for key in next(iter(own.values())) if key.startswith(("accepted", "condensation"))
           or (key.startswith(figure) and key != figure)},
    }  # fmt: skip
    if arm != "plain" and len(paired) > 1:
        row["difference"], row["interval_95"] = _interval(paired)
        row["verdict"] = _verdict(task, row["interval_95"])
        row["overhead"] = float(
            f"""{
                statistics.median(own[s]["cpu_seconds"] / plain[s]["cpu_seconds"] for s in other)
                - 1:.3g}"""
        )
    return row


def _finished(name: str, arm: str, runs: Runs) -> dict[int, dict[str, Any]]:
    """Trainings that count, by seed."""
    prefix = f"{name} / {arm} / seed "
    found = {int(key.removeprefix(prefix)): run for key, run in runs.items()
             if key.startswith(prefix)}  # fmt: skip
    return dict(sorted(found.items()))


def _interval(differences: list[float]) -> tuple[float, list[float]]:
    """Mean of paired differences, and Student's interval of 95 %."""
    count, mean = len(differences), statistics.mean(differences)
    half = t.ppf(0.975, count - 1) * statistics.stdev(differences) / count**0.5
    return float(f"{mean:.3g}"), [float(f"{mean - half:.3g}"), float(f"{mean + half:.3g}")]


def _verdict(task: Task, interval: list[float]) -> str:
    low, high = interval
    if low <= 0 <= high:
        return "no difference"
    return "better" if (low > 0) == (task.score in HIGHER) else "worse"


def _mean(values: Any) -> float:
    return float(f"{statistics.mean(values):.4g}")
