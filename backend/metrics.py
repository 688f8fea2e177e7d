"""What a training reports: title, unit, direction and words of every figure.

Reports name a figure ``<part>_<metric>``: the part says what was measured (``train``, ``test``,
or a check of the model such as ``finer``, see ``Model.checks``), the metric is one of `METRICS`.
Tables, curves, sentences, comparisons and the browser read this registry; nobody else knows names.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from .registry import Registry

PERCENT = "%"
"""The unit of shares: reported of 1, shown of 100."""

LOSS = "loss"
"""What every task reports: what its training minimises, without regularisers."""

PEAK = "peak_voltage"
"""The largest voltage of any node in a check [V]."""

HELD_OUT = ("validation", "test")
"""What a model can be judged by; the first that there is chooses."""

PARTS = ("train", *HELD_OUT, "best")
"""What a figure can be of, beside the checks; ``best`` is the best so far of what chooses."""

Place = Literal["loss", "score", "further", "detail", "inside"]


@dataclass(frozen=True)
class Metric:
    """One figure of a model on examples.

    Args:
        title: in a heading, such as ``MSE``.
        words: in a sentence and at an axis, such as ``mean squared error``.
        higher: whether more is better; else less is.
        unit: SI unit, or ``nats``; ``%`` says that values are shares.
        digits: of a written value: decimals of a share in percent, significant ones of all else.
        bare: whether values in tables stand without their unit.
        label: stands before a value in a table of several tasks; empty where it needs none.
        hint: one phrase that explains a value.
        place: ``score`` is what is asked for first, one a task; ``further`` stands beside it in
            tables; ``detail`` in the log alone; ``loss`` is the task's loss; ``inside`` is what a
            model says of how it computes (``Model.figures``), with curves beside the others.
        curve: whether it has a curve of its own beside the loss.
        scale: of that curve's axis.
        minimised: whether it is its task's loss by another name, so that one curve shows both.
        family: whether one is reported for each target, as ``<metric>_<target>``.
        margin: a change for the worse by so much is worth a sentence; ``None``: by any amount.
        ratio: so is one by this factor, of positive figures of which less is better.
        agreed: another metric that must be worse too, where it is reported.
    """

    title: str
    words: str
    higher: bool = False
    unit: str = ""
    digits: int = 3
    bare: bool = False
    label: str = ""
    hint: str = ""
    place: Place = "score"
    curve: bool = False
    scale: Literal["linear", "log"] = "linear"
    minimised: bool = False
    family: bool = False
    margin: float | None = None
    ratio: float | None = None
    agreed: str = ""

    @property
    def factor(self) -> int:
        """What a reported value is multiplied by to be shown in the metric's unit."""
        return 100 if self.unit == PERCENT else 1

    @property
    def suffix(self) -> str:
        """What stands after a value in a table."""
        return f" {self.unit}" if self.unit and not self.bare else ""

    @property
    def axis(self) -> str:
        """Title of an axis, with the unit."""
        return f"{self.words} ({self.unit})" if self.unit else self.words

    def heading(self, part: str = "test") -> str:
        """Above a value of a part of the data."""
        return f"{part.capitalize()} {self.title}"

    def possible(self, value: float) -> bool:
        """Whether the metric can have this value; shares lie between 0 and 1."""
        return 0 <= value <= 1 if self.unit == PERCENT else math.isfinite(value)

    def write(self, value: float | None, more: int = 0) -> str:
        """A value in its usual form, such as ``98.7 %``; a dash for none.

        Args:
            value: as it was reported.
            more: digits beyond the usual ones.
        """
        form = f".{self.digits + more}{'f' if self.unit == PERCENT else 'g'}"
        return "–" if value is None else f"{self.factor * value:{form}}{self.suffix}"

    def better(self, one: float, other: float) -> float:
        """The better of two values."""
        return max(one, other) if self.higher else min(one, other)

    def worse(self, before: float, after: float) -> bool:
        """Whether a change is for the worse, and worth a sentence."""
        if self.margin is None and self.ratio is None:
            return False
        step = self.margin or 0.0
        if after > before - step if self.higher else after < before + step:
            return False
        return self.ratio is None or after >= self.ratio * before

    def changed(self, before: float, after: float) -> str:
        """A change in words: ``the accuracy falls from 88 % to 62 %``."""
        verb = "falls" if after < before else "rises"
        if self.unit == PERCENT:
            digits = 0 if abs(before - after) > 0.1 else 1
            shown = [f"{100 * value:.{digits}f} %" for value in (before, after)]
            unit = ""
        else:
            shown = [f"{value:.3g}" for value in (before, after)]
            unit = f" {self.unit}" if self.unit else ""
        return f"the {self.words} {verb} from {' to '.join(shown)}{unit}"


METRICS: Registry[Metric] = Registry("metric")
"""By the name in reports; the more telling come first in tables."""

METRICS.register("accuracy")(
    Metric(
        "accuracy", "accuracy", higher=True, unit=PERCENT, digits=1, curve=True, margin=0.02,
        hint="Share of the test set that is right",
    )
)  # fmt: skip
METRICS.register("mse")(
    Metric(
        "MSE", "mean squared error", label="MSE", ratio=1.25, agreed="r2",
        hint="Mean squared error of scaled targets of the test set",
    )
)  # fmt: skip
METRICS.register("r2")(
    Metric(
        "R²", "R²", higher=True, label="R²", place="further", curve=True, margin=0.02,
        hint="1 for a perfect answer, 0 for the mean",
    )
)  # fmt: skip
METRICS.register("nll")(
    Metric(
        "NLL", "negative log-likelihood", unit="nats", bare=True, label="NLL", margin=0.05,
        hint="Mean negative log-likelihood of the test set in nats",
    )
)  # fmt: skip
METRICS.register("kl")(
    Metric(
        "KL", "KL divergence", unit="nats", bare=True, label="KL", curve=True, margin=0.05,
        hint="Divergence KL(q||p) of the model from the target in nats",
    )
)  # fmt: skip
METRICS.register("relative_l2")(
    Metric(
        "relative L2", "relative L2 error", label="L2", curve=True, scale="log", minimised=True,
        ratio=1.25, hint="Mean over the test fields of the error's norm as a share of the field's",
    )
)  # fmt: skip
METRICS.register("bits")(
    Metric(
        "bits a symbol", "bits a symbol", unit="bits", label="bits", curve=True, minimised=True,
        margin=0.02, hint="Mean number of bits that the next symbol of the test text needs",
    )
)  # fmt: skip
METRICS.register(LOSS)(Metric("loss", "loss", label="loss", place="loss", curve=True))
METRICS.register("error")(
    Metric("error", "root mean squared error", label="error", place="detail", family=True)
)
METRICS.register(PEAK)(
    Metric("peak voltage", "largest voltage", unit="V", label="peak", place="detail")
)
METRICS.register("converged")(
    Metric(
        "settled", "settled", higher=True, unit=PERCENT, digits=1,
        label="settled", place="inside", curve=True,
        hint="Share of the examples for which a steady state was found",
    )
)  # fmt: skip
METRICS.register("stable")(
    Metric(
        "stable", "stable", higher=True, unit=PERCENT, digits=1, label="stable",
        place="inside", curve=True, hint="Share of the examples whose steady state is stable",
    )
)  # fmt: skip
METRICS.register("condition")(
    Metric(
        "condition", "median condition", label="condition", place="inside", curve=True,
        scale="log", hint="Median over the examples of the condition number at rest",
    )
)  # fmt: skip
METRICS.register("worst_condition")(
    Metric(
        "worst condition", "worst condition", label="worst condition", place="inside",
        curve=True, scale="log", hint="Largest condition number of any example at rest",
    )
)  # fmt: skip


class Figure(NamedTuple):
    """What a reported name says.

    Args:
        part: what was measured: ``train``, ``validation``, ``test``, ``best``, a check such as
            ``finer``, or nothing.
        metric: the name in `METRICS`; the rest of the reported name where none is known.
        target: of a family, the target it belongs to.
    """

    part: str
    metric: str
    target: str = ""

    @property
    def checked(self) -> bool:
        """Whether it is of a check: the test set, computed in another way."""
        return bool(self.part) and self.part not in PARTS


def figure_of(reported: str) -> Figure:
    """A reported name in its parts: ``test_error_price`` is test, error, price.

    A name without a known metric is split after its first word, for ``train_`` and the like.
    """
    words = reported.split("_")
    for start in range(len(words)):
        metric, target = _known("_".join(words[start:]))
        if metric:
            return Figure("_".join(words[:start]), metric, target)
    part, _, rest = reported.partition("_")
    return Figure(part, rest) if part in PARTS else Figure("", reported)


def _known(name: str) -> tuple[str, str]:
    if name in METRICS:
        return name, ""
    for metric, known in METRICS.items():
        if known.family and name.startswith(f"{metric}_"):
            return metric, name.removeprefix(f"{metric}_")
    return "", ""


def better(reported: str, one: float, other: float) -> float:
    """The better of two values of a reported figure; the lower one where nothing is known of it."""
    name = figure_of(reported).metric
    return METRICS[name].better(one, other) if name in METRICS else min(one, other)


def placed(*places: Place) -> list[str]:
    """Names of the metrics in these places, most telling first."""
    return [name for name, metric in METRICS.items() if metric.place in places]


def measures() -> list[str]:
    """Reported names that sum a run up, most telling first, the losses last."""
    shown, losses = placed("score", "further"), placed("loss")
    parts = ("test", "validation", "train")
    return [f"{part}_{name}" for names in (shown, losses) for part in parts for name in names]


def checks(reported: Iterable[str]) -> list[str]:
    """Which of the reported names are scores of a check, and the largest voltage met there."""
    names = list(reported)
    found = [(name, figure_of(name)) for name in names]
    scores = [name for metric in placed("score") for name, figure in found
              if figure.checked and figure.metric == metric]  # fmt: skip
    return scores + [PEAK] * (PEAK in names)


def score_of(figures: Mapping[str, Any], chosen: object = None) -> str:
    """The metric by which a run is judged; the loss where nothing else was reported.

    Args:
        figures: by reported name.
        chosen: the task's own (``Task.score``), where it is known.
    """
    names = [name for name in (chosen, *placed("score"))
             if f"test_{name}" in figures or f"validation_{name}" in figures]  # fmt: skip
    return str(names[0]) if names and names[0] in METRICS else LOSS
