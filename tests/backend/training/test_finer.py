"""The sentence about circuits that lean on coarse steps."""

import pytest

from backend.runs import RunDirectory, follow
from backend.training.finer import leaning
from backend.training.prepare import start_circuit
from backend.training.spec import TrainSpec


@pytest.mark.parametrize(
    ("test", "finer", "words"),
    [
        (
            {"accuracy": 0.88},
            {"accuracy": 0.62},
            "Solved 4x finer the accuracy falls from 88 % to 62 %: train with more steps.",
        ),
        ({"accuracy": 0.95}, {"accuracy": 0.925}, "falls from 95.0 % to 92.5 %"),
        ({"accuracy": 0.95}, {"accuracy": 0.94}, ""),
        ({"accuracy": 0.62}, {"accuracy": 0.88}, ""),
        ({"nll": 1.2}, {"nll": 1.4}, "negative log-likelihood rises from 1.2 to 1.4 nats"),
        ({"nll": -3.0}, {"nll": -2.98}, ""),
        ({"kl": 0.01}, {"kl": 0.2}, "KL divergence rises from 0.01 to 0.2 nats"),
        (
            {"mse": 0.01, "r2": 0.9},
            {"mse": 0.02, "r2": 0.8},
            "mean squared error rises from 0.01 to 0.02",
        ),
        ({"mse": 1e-5, "r2": 0.9999}, {"mse": 2e-5, "r2": 0.9998}, ""),
        ({"accuracy": 0.88}, {}, ""),
        ({"accuracy": None}, {"accuracy": 0.5}, ""),
    ],
)
def test_a_much_worse_finer_score_is_said_in_words(test, finer, words):
    row = {f"test_{name}": value for name, value in test.items()}
    row |= {f"finer_{name}": value for name, value in finer.items()}
    sentence = leaning(row)
    assert words in sentence
    assert bool(words) == bool(sentence)


def test_the_command_line_describes_it(tmp_path):
    spec = TrainSpec.make(dataset="two_moons", dataset_options={"n": 20, "test": 20}, epochs=1)
    run = RunDirectory.create(spec, tmp_path, start_circuit(spec))
    row = '{"step": 1, "epoch": 1, "test_accuracy": 0.88, "finer_accuracy": 0.62}\n'
    (run.path / "metrics.jsonl").write_text(row)
    assert "falls from 88 % to 62 %" in follow.describe(run)
    better = row.replace("0.62", "0.87") + '{"step": 3, "epoch": 3, "test_accuracy": 0.9}\n'
    (run.path / "metrics.jsonl").write_text(row + better)
    assert "Solved" not in follow.describe(run), "the last finer solve counts"
