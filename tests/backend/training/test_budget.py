"""Trainings that no machine could carry out are refused before anything is written."""

import pytest

from backend.errors import RunError
from backend.runs import start_run
from backend.training import TrainSpec
from backend.training.budget import check_budget
from backend.training.prepare import start_circuit


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"solver_options": {"steps": 10**9}}, "steps 1,000,000,000|1,000,000,000 steps"),
        ({"solver_options": {"steps": 10**15}}, "choose steps up to"),
        (
            {"batch_size": 10**6, "dataset_options": {"n": 10**6},
             "model_options": {"hidden": 999}},
            "batch_size 1,000,000 with .* needs about .* choose batch_size up to",
        ),
        (
            {"epochs": 10**6, "dataset_options": {"n": 10**6}, "solver_options": {"steps": 999}},
            "years of computing; choose fewer steps, a smaller circuit, or epochs up to",
        ),
        (
            {"epochs": 10**6, "report_interval": 1, "dataset_options": {"n": 640}},
            "would leave .* reports, .* larger report_interval",
        ),
        (
            {"epochs": 10**6, "frame_interval": 1, "model_options": {"hidden": 1000},
             "report_interval": 10**6, "dataset_options": {"n": 10}},
            "would store 1,000,000 frames .* choose frame_interval",
        ),
        (
            {"dataset": "gen_two_moons", "batch_size": 10**6, "solver_options": {"steps": 10**5}},
            "choose",
        ),
    ],
)  # fmt: skip
def test_the_absurd_is_refused_in_words(settings, words, tmp_path):
    spec = TrainSpec.make(**{"dataset": "two_moons", **settings})
    with pytest.raises(RunError, match=words):
        start_run(spec, tmp_path / "home")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("setting", [{"epochs": 10**9}, {"batch_size": 10**9}])
def test_a_count_beyond_its_range_is_refused_by_name(setting):
    with pytest.raises(RunError, match=next(iter(setting))):
        TrainSpec.make(dataset="two_moons", **setting)


@pytest.mark.parametrize("dataset", ["two_moons", "digits", "diabetes", "gen_two_moons"])
def test_every_recipe_fits(dataset, tmp_path):
    spec = TrainSpec.make(dataset=dataset)
    check_budget(spec, start_circuit(spec), tmp_path)
