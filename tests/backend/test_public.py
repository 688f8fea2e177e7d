"""The public API: every name is there, documented, and loads nothing before it is asked for."""

import ast
import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import backend
from backend.circuit import rules
from backend.errors import RunError, StudioError

ROOT = Path(__file__).parents[2]
GOLDEN_RUN = next((ROOT / "tests" / "golden" / "runs").iterdir())


@pytest.mark.parametrize("name", backend.__all__)
def test_every_name_is_there_and_documented(name):
    value = getattr(backend, name)
    assert not inspect.ismodule(value)
    if name == "GROUND":  # a text has no docstring of its own
        assert '"""Name of the reserved node' in inspect.getsource(rules)
        return
    text = value.__doc__ if not inspect.isclass(value) else value.__dict__.get("__doc__")
    assert text
    assert len(text.split()) > 4
    if inspect.isclass(value):
        for member, function in vars(value).items():
            if not member.startswith("_") and inspect.isfunction(function):
                assert inspect.getdoc(function), f"{name}.{member}"


def test_type_checkers_see_the_same_names():
    tree = ast.parse(Path(backend.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {f"{node.module}.{alias.asname}" for node in imports for alias in node.names}
    assert seen == {f"{home}.{name}" for name, home in backend._HOME_OF.items()}
    assert len(seen) == len(backend.__all__) > 30


def test_functions_stay_functions_whatever_was_imported_before():
    code = (
        "import backend.simulation.simulate, backend.training.evaluate\n"
        "import backend.training.loop, backend.runs\n"
        "import backend, types\n"
        "from backend import adjoint, evaluate, simulate, train, open_run, runs, training\n"
        "functions = [adjoint, evaluate, simulate, train, open_run, backend.simulate]\n"
        "assert all(isinstance(f, types.FunctionType) for f in functions)\n"
        "assert isinstance(runs, types.ModuleType) and isinstance(training, types.ModuleType)\n"
        "assert backend.training.TrainSpec is backend.TrainSpec\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_help_and_the_package_import_nothing_heavy():
    code = (
        "import sys, backend\n"
        "from backend import cli\n"
        "sys.argv = ['kirchhoff', '--help']\n"
        "assert cli.run() == 0\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'numba', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "simulate" in done.stdout


def test_runs_are_opened_by_folder_id_and_the_beginning_of_one(tmp_path, monkeypatch):
    shutil.copytree(GOLDEN_RUN, tmp_path / "runs" / GOLDEN_RUN.name)
    folder = tmp_path / "runs" / GOLDEN_RUN.name
    for name in (folder, str(folder)):
        assert backend.open_run(name).path == folder
    for name in (folder.name, folder.name[:10]):
        assert backend.open_run(name, tmp_path).path == folder
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path))
    assert backend.open_run(folder.name).path == folder
    with pytest.raises(RunError, match="there is no run 'other'"):
        backend.open_run("other")
    with pytest.raises(RunError, match="there is no run here"):
        backend.open_run(tmp_path)


def test_a_training_from_end_to_end_by_public_names(tmp_path):
    """Train, hold the circuit, export it, read it back."""
    spec = backend.TrainSpec.make(dataset="two_moons", epochs=1, frame_interval=0)
    events = list(backend.train(spec))
    assert type(events[-1]).__name__ == "Checkpointed"
    shutil.copytree(GOLDEN_RUN, tmp_path / "runs" / GOLDEN_RUN.name)
    run = backend.open_run(tmp_path / "runs" / GOLDEN_RUN.name)
    assert backend.evaluate(run)["accuracy"] > 0.8
    circuit = run.circuit()
    backend.write_netlist(circuit, tmp_path / "net.cir")
    assert backend.read_netlist(tmp_path / "net.cir") == circuit
    with pytest.raises(StudioError, match="'hspice'"):
        backend.write_netlist(circuit, tmp_path / "other.cir", dialect="hspice")


def test_the_api_reference_is_built_without_a_warning(tmp_path):
    pytest.importorskip("pdoc", reason="pdoc is not installed; make test brings it")
    from tests.build_docs import build

    page = build(tmp_path / "docs").read_text(encoding="utf-8")
    for name in backend.__all__:
        assert f'<section id="{name}">' in page
        section = page.split(f'<section id="{name}">')[1].split("<section")[0]
        assert '<div class="docstring">' in section, name
