"""Settings that only circuits have: one object in memory, plain fields in files."""

import json
from pathlib import Path

import pytest

from backend.circuit.settings import NAMES, CircuitSettings
from backend.errors import RunError, StudioError
from backend.training.spec import TrainSpec, fields

GOLDEN = Path(__file__).parents[2] / "golden" / "runs"


def test_a_spec_holds_them_in_one_field():
    assert not set(TrainSpec.model_fields) & set(NAMES)
    assert set(NAMES) < set(fields())


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.glob("*/spec.json")), ids=lambda path: path.parent.name
)
def test_files_of_older_versions_mean_the_same_and_are_written_the_same(path):
    stored = json.loads(path.read_text())
    spec = TrainSpec.model_validate(stored)
    assert spec.circuit_settings == CircuitSettings(**{n: stored[n] for n in NAMES if n in stored})
    written = json.loads(spec.to_json())
    assert written | stored == written
    assert TrainSpec.model_validate(written) == spec
    assert spec.solver == stored["solver"]


def test_a_model_that_is_no_circuit_has_none_and_its_file_no_solver():
    spec = TrainSpec(dataset="two_moons", model="linear", solver="")
    assert spec.circuit_settings is None
    assert (spec.solver, spec.solver_options) == ("", {})
    written = json.loads(spec.to_json())
    assert written["solver"] == ""
    assert TrainSpec.model_validate(written) == spec
    with pytest.raises(ValueError, match="topology is a setting of circuits, and without a solver"):
        TrainSpec(dataset="two_moons", model="linear", solver="", topology="ring")


def test_their_values_are_judged_as_if_they_were_the_spec_s(tmp_path):
    path = tmp_path / "spec.json"
    for text, said in (
        ('"steps_low": -1', "steps_low must be at least 0, got -1"),
        ('"topology": 3', "topology: Input should be a valid string"),
        ('"initial": "drawm"', "initial is 'drawm': did you mean 'drawn'"),
        ('"circuit_settings": {"solver": "rk4"}', "unknown setting 'circuit_settings'"),
    ):
        path.write_text(f'{{"dataset": "digits", {text}}}')
        with pytest.raises(RunError, match=f"spec.json: {said}"):
            TrainSpec.read(path)


def test_a_circuit_that_is_stored_elsewhere_is_the_only_change():
    spec = TrainSpec(dataset="two_moons", circuit={"nodes": []}, solver="heun", seed=4)
    moved = spec.with_circuit("circuit.json").model_dump()
    assert moved == {**spec.model_dump(), "circuit": "circuit.json"}
    plain = TrainSpec(dataset="two_moons")
    assert plain.with_circuit("circuit.json") == plain


def test_an_early_solver_is_one_with_fixed_steps():
    with pytest.raises(StudioError, match=r"early_solver is 'dopri5': .*same, euler, midpoint"):
        TrainSpec.make(dataset="two_moons", early_solver="dopri5")
