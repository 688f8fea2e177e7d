"""Every registered metric: how it is named, written, compared and doubted."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from backend.datasets import DATASETS
from backend.errors import UnknownNameError
from backend.metrics import (
    LOSS,
    METRICS,
    PARTS,
    PEAK,
    Figure,
    Metric,
    better,
    checks,
    figure_of,
    measures,
    placed,
    score_of,
)
from backend.training.finer import leaning
from backend.training.spec import TrainSpec
from backend.training.tasks import TASKS
from designer import serialize

ROOT = Path(__file__).parents[2]
KINDS = [pytest.param(name, metric, id=name) for name, metric in METRICS.items()]
FEW = {"n": 64, "test": 32}


@pytest.mark.parametrize(("name", "metric"), KINDS)
def test_a_reported_name_is_taken_apart_and_put_together(name, metric):
    for part in (*PARTS, "finer", "other_grid"):
        assert figure_of(f"{part}_{name}") == Figure(part, name)
        assert figure_of(f"{part}_{name}").checked == (part not in PARTS)
        if metric.family:
            assert figure_of(f"{part}_{name}_of loss") == Figure(part, name, "of loss")
    assert figure_of(name) == Figure("", name)


@pytest.mark.parametrize(("name", "metric"), KINDS)
def test_it_says_what_it_is(name, metric):
    assert metric.title
    assert metric.words
    assert metric.hint or metric.place not in ("score", "further"), "its tooltip would be empty"
    assert not (metric.curve and metric.place == "detail")
    assert not (metric.family and metric.place != "detail"), "tables have no place for a family"
    if metric.place == "score":
        assert (metric.margin, metric.ratio) != (None, None), "nobody would be warned"
    if metric.agreed:
        assert METRICS[metric.agreed].margin is not None
    if metric.ratio is not None:
        assert not metric.higher


@pytest.mark.parametrize(("name", "metric"), KINDS)
def test_the_better_of_two_is_never_worse(name, metric):
    for part in ("train", "test", "finer"):
        assert better(f"{part}_{name}", 0.2, 0.8) == (0.8 if metric.higher else 0.2)
    low, high = sorted((0.2, 0.8), reverse=metric.higher)
    assert not metric.worse(high, low), "that is an improvement"
    assert not metric.worse(high, high)
    if metric.place == "score":
        assert metric.worse(low, high)
        verb = "falls" if metric.higher else "rises"
        assert re.match(f"the {metric.words} {verb} from .* to ", metric.changed(low, high))


@pytest.mark.parametrize(("name", "metric"), KINDS)
def test_a_value_is_read_back_from_what_is_written(name, metric):
    for value in (0.0, 0.5, 0.125, 0.875):
        text = metric.write(value)
        assert text.endswith(metric.suffix)
        read = float(text.removesuffix(metric.suffix)) / metric.factor
        assert read == pytest.approx(value, abs=0.5e-3)
    assert metric.write(None) == "–"
    assert len(metric.write(1 / 3, more=1)) == len(metric.write(1 / 3)) + 1


def test_what_a_name_says_cannot_be_mistaken():
    """A target may be called like a metric, and a metric begin like a family."""
    assert figure_of("test_error_accuracy") == Figure("test", "error", "accuracy")
    assert better("test_error_accuracy", 0.2, 0.8) == 0.2, "it is an error, however it ends"
    assert figure_of("learning_rate") == Figure("", "learning_rate")
    assert figure_of("test_never_heard") == Figure("test", "never_heard")
    assert better("test_never_heard", 0.2, 0.8) == 0.2
    with pytest.raises(UnknownNameError, match="unknown metric 'acuracy': did you mean 'accuracy'"):
        METRICS["acuracy"]


def test_runs_are_summed_up_by_the_test_set_then_the_training_then_the_losses():
    names = measures()
    assert len(set(names)) == len(names) == 3 * len(placed("score", "further", "loss"))
    assert names[-3:] == [f"test_{LOSS}", f"validation_{LOSS}", f"train_{LOSS}"]
    assert {figure_of(name).part for name in names} == {"train", "validation", "test"}
    row = ["step", PEAK, "finer_kl", "finer_r2", "test_kl", "finer_accuracy", "other_grid_mse"]
    assert checks(row) == ["finer_accuracy", "other_grid_mse", "finer_kl", PEAK]


def test_the_score_of_a_run_is_the_task_s_own_where_it_is_known():
    both = {"test_accuracy": 0.5, "test_kl": 0.1, "test_loss": 0.3}
    assert score_of(both) == "accuracy"
    assert score_of(both, "kl") == "kl"
    assert score_of({"test_loss": 0.3, "train_accuracy": 1.0}, "kl") == LOSS
    assert score_of({"test_hits": 1.0}, "hits") == LOSS, "nobody here knows that metric"
    assert score_of({}, None) == LOSS


def test_a_metric_that_must_agree_has_a_say():
    row = {"test_mse": 0.1, "finer_mse": 0.2}
    assert "mean squared error rises from 0.1 to 0.2" in leaning(row)
    assert "0.2" in leaning({**row, "test_r2": 0.9, "finer_r2": 0.8})
    assert not leaning({**row, "test_r2": 0.9, "finer_r2": 0.895})


@pytest.mark.parametrize("task", TASKS.names())
def test_all_that_a_task_reports_is_registered(task, tmp_path):
    """Of the first built-in data set of the task, with outputs that are no model's."""
    own = {"language": "user"}  # no text is built in
    name, kind = next((n, k) for n, k in DATASETS.items()
                      if k.task == task and k.source == own.get(task, "built-in"))  # fmt: skip
    few = {
        param.name: FEW[param.name] for param in kind.params if param.name in FEW and param.integer
    }
    if task in own:
        (tmp_path / "a.txt").write_text("a text that repeats. " * 200, encoding="utf-8")
        few = {"path": str(tmp_path / "a.txt")}
    dataset = kind(**few)
    # A judge reads its own settings alone, and no model is needed for those of fields.
    spec = TrainSpec.make(dataset="two_moons" if task == "operator" else name,
                          dataset_options={} if task == "operator" else few)  # fmt: skip
    judge = TASKS[task](dataset, spec)
    y = judge.split().test.y
    whole = dict.fromkeys(("regress", "operator"), tuple(y.shape))
    shape = {"classify": (len(y), dataset.output_count),
             "language": (*y.shape, dataset.output_count), **whole}  # fmt: skip
    outputs = torch.rand(shape.get(task, (len(y),)))
    figures = judge.judge(outputs, y)
    assert LOSS in figures
    assert TASKS[task].score in {*figures, LOSS}
    assert METRICS[TASKS[task].score].place == "score"
    assert {figure_of(f"test_{name}").metric for name in figures} <= set(METRICS)
    assert all(figure_of(f"test_{name}").part == "test" for name in figures)


def test_the_page_is_told_of_every_curve():
    told = serialize.metrics()
    assert json.loads(json.dumps(told)) == told
    assert [one["name"] for one in told] == [n for n, metric in METRICS.items() if metric.curve]
    assert [one["name"] for one in told if one["place"] == "loss"] == [LOSS], "always drawn"
    for one in told:
        assert one["axis"].startswith(one["words"])


def test_a_bad_direction_of_a_ratio_is_not_hidden():
    """A ratio alone speaks of positive figures; a margin alone of any."""
    by_ratio = Metric("x", "x", ratio=2.0)
    assert by_ratio.worse(1.0, 2.0)
    assert not by_ratio.worse(1.0, 1.9)
    by_both = Metric("x", "x", ratio=2.0, margin=0.5)
    assert not by_both.worse(0.1, 0.3), "twice, but a small change"
    assert not Metric("x", "x").worse(0.0, 9.0), "nothing was said of it"


def test_nobody_else_asks_for_a_metric_by_its_name():
    """Names of scores stand in the registry and in the tasks that report them."""
    names = "|".join(name for name in METRICS if METRICS[name].place in ("score", "further"))
    quoted = re.compile(rf"[\"'`](?:\w+_)?(?:{names})[\"'`]")
    allowed = ("backend/metrics.py", "backend/training/tasks/")
    losses = {
        "backend/simulation/simulate.py",
        "backend/simulation/operating_gradient.py",
        "backend/bench/ours.py",
    }  # of one simulation: sum or mse
    losses |= {f"assets/modules/{path}" for path in (
        "panels/inspector/loss_fields.mjs", "panels/inspector/one_node.mjs", "panels/traces.mjs",
        "play/settings.mjs",
    )}  # fmt: skip
    losses |= {"designer/service/simulation.py"}
    # Lessons speak of the loss, and of the accuracy that their own training reached.
    losses |= {"designer/lessons/blocks.py", "designer/lessons/vocabulary.py"}
    losses |= {"assets/modules/panels/learn/figures.mjs"}
    losses |= {"backend/changes/quantise.py"}  # bits of a number
    found = set()
    for folder, ending in (("backend", "*.py"), ("designer", "*.py"), ("assets", "*.mjs")):
        for path in (ROOT / folder).rglob(ending):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith(allowed) and quoted.search(path.read_text(encoding="utf-8")):
                found.add(place)
    assert found <= losses


def test_it_is_read_without_torch():
    code = "import sys, backend.metrics; assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
