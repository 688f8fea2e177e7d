"""``kirchhoff sweep`` refused: one line each; its trials are in ``tests/backend/sweeps``."""

import json
import sys

import pytest

from backend import cli
from backend.cli.sweep import line
from backend.sweeps.rows import Row


@pytest.fixture
def refused(monkeypatch, capsys):
    def call(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["kirchhoff", "sweep", *map(str, words)])
        assert cli.run() == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        return said

    return call


def test_one_of_file_and_id_is_wanted(refused):
    assert "name a SPEC.json, or a sweep with --resume ID; one of the two" in refused()


def test_an_unknown_sweep_is_not_gone_on_with(refused, tmp_path):
    said = refused("--resume", "none", "--home", tmp_path)
    assert "there is no sweep 'none'; there is none" in said


def test_the_file_is_named_with_the_place(refused, tmp_path):
    path = tmp_path / "spec.json"
    given = {"dataset": "digits", "dataset_options": {"validation": 300}}
    path.write_text(json.dumps({**given, "search": {"learning_rate": {"low": 1, "high": 0}}}))
    assert f"{path}: search.learning_rate.high: must be more than low" in refused(path)
    assert not (tmp_path / "sweeps").exists()


def test_without_optuna_it_says_how_to_get_it(refused, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = refused(tmp_path / "spec.json")
    assert said == (
        "kirchhoff: a sweep needs Optuna, which is not installed; get it with: "
        "pip install 'kirchhoff-studio[sweep]'\n"
    )


def test_a_trial_in_one_line():
    row = Row(3, "pruned", {"learning_rate": 0.012345}, "run-3", 0.5, 0.7, 4, 1.0, "pruned: why")
    said = "trial 3  pruned  validation accuracy 50.0 %  learning_rate 0.01235  pruned: why  run-3"
    assert line(row, "accuracy") == said
