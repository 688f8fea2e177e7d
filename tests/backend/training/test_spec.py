"""Specs: filled from a recipe, checked, and the same after a file."""

import pytest
from pydantic import ValidationError

from backend.errors import RunError, StudioError
from backend.training import TrainSpec


def test_defaults_come_from_the_recipe():
    spec = TrainSpec.make(dataset="digits")
    assert spec.solver_options == {"steps": 2}
    assert spec.batch_size == 64
    assert spec.versions["torch"]
    assert TrainSpec.make(dataset="digits", batch_size=32).batch_size == 32


def test_json_round_trip(tmp_path):
    spec = TrainSpec.make(dataset="two_moons", name="first", seed=3)
    path = tmp_path / "spec.json"
    path.write_text(spec.to_json())
    assert TrainSpec.read(path) == spec


def test_a_spec_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        TrainSpec.make(dataset="digits").epochs = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_options_go_where_they_belong():
    spec = TrainSpec.from_options(
        {
            "dataset": "two_moons",
            "lr": "0.02",
            "epochs": "5",
            "steps": "7",
            "noise": "0.2",
            "hidden": "4",
            "seed": "9",
            "dataset.seed": "2",
        }
    )
    assert (spec.learning_rate, spec.epochs, spec.seed) == (0.02, 5, 9)
    assert spec.solver_options == {"steps": 7}
    assert spec.dataset_options["noise"] == 0.2
    assert spec.dataset_options["seed"] == 2
    assert spec.model_options["hidden"] == 4


def test_another_solver_takes_its_own_options():
    spec = TrainSpec.from_options({"dataset": "digits", "solver": "dopri5", "rtol": "1e-3"})
    assert spec.solver_options["rtol"] == 1e-3
    assert "steps" not in spec.solver_options


def test_a_topology_gets_the_ends_the_data_set_needs():
    spec = TrainSpec.from_options({"dataset": "two_moons", "topology": "ring", "nodes": "9"})
    assert spec.topology_options["nodes"] == 9
    assert (spec.topology_options["inputs"], spec.topology_options["outputs"]) == (2, 2)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "no data set was chosen: choose one of digits, two_moons"),
        ({"dataset": "two_moon"}, "unknown data set 'two_moon': did you mean 'two_moons'"),
        ({"dataset": "digits", "epoch": "3"}, "unknown setting 'epoch': did you mean 'epochs'"),
        ({"dataset": "digits", "epochs": "0"}, "epochs must be at least 1, got '0'"),
        ({"dataset": "digits", "epochs": "many"}, "epochs must be a finite number, got 'many'"),
        ({"dataset": "digits", "steps": "-1"}, "solver rk4: steps must be at least 1"),
        ({"dataset": "digits", "noise": "0.1"}, "unknown setting 'noise'"),
        ({"dataset": "digits", "solver": "rk5"}, "unknown solver 'rk5': did you mean 'rk4'"),
        ({"dataset": "digits", "schedule": "cycle"}, "schedule is 'cycle': did you mean 'one_"),
        ({"dataset": "digits", "optimiser": "lion"}, "optimiser is 'lion': choose one of adamw"),
        ({"dataset": "digits", "device": "gpu"}, "device is 'gpu'"),
        ({"dataset": "digits", "gradient": "exact"}, "gradient 'exact' is not possible with"),
        ({"dataset": "digits", "model": "cnn"}, "unknown model 'cnn'"),
        ({"dataset": "digits", "learning_rate": "nan"}, "learning_rate must be a finite number"),
    ],
)
def test_refusals_are_one_plain_sentence(options, text):
    with pytest.raises(StudioError) as caught:
        TrainSpec.from_options(options)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_fields_and_versions_are_refused_by_file(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text('{"dataset": "digits", "epocs": 3}')
    with pytest.raises(RunError, match=r"spec.json: unknown setting 'epocs': did you mean"):
        TrainSpec.read(path)
    path.write_text('{"format": "kirchhoff-run/9", "dataset": "digits"}')
    with pytest.raises(RunError, match="this version reads 'kirchhoff-run/1'"):
        TrainSpec.read(path)
    with pytest.raises(RunError, match="cannot be read"):
        TrainSpec.read(tmp_path / "missing.json")
