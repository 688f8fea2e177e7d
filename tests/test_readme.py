"""What the README shows works as shown."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from backend import cli
from designer.__main__ import bundle

TEXT = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_every_python_block_is_run_here():
    assert len(blocks("python")) == 6


def test_the_ten_lines_run(capsys):
    exec(blocks("python")[0], {})
    voltage, gradient = capsys.readouterr().out.splitlines()
    assert 0.3 < float(voltage) < 0.6
    assert "nan" in gradient


def test_a_circuit_learns_inside_a_sequential():
    import torch

    torch.manual_seed(0)
    scope: dict[str, Any] = {}
    exec(blocks("python")[1], scope)
    before, after = scope["circuit"], scope["net"][1].circuit()
    assert after.node_ids == before.node_ids
    assert after != before
    assert scope["net"](torch.zeros(5, 4)).shape == (5, 3)


def test_the_classifier_is_cross_validated(capsys):
    exec(blocks("python")[2], {})
    assert float(capsys.readouterr().out) > 0.9


def test_a_ladder_rests_where_it_divides(capsys):
    scope: dict[str, Any] = {}
    exec(blocks("python")[3], scope)
    assert capsys.readouterr().out.splitlines()[-1].startswith("unique: ")
    # Four equal resistors to ground, the last node on top of the last one.
    assert scope["rest"].voltages[-1].tolist() == pytest.approx([0.5 / 4, -1.0 / 4])


def test_a_device_is_added_as_shown():
    """Registered under the README's name, simulated, and taken out again."""
    from backend import Circuit, Device, Node, Slice, simulate
    from backend.devices import DEVICES, FusedLaw
    from backend.devices.activation import Activation
    from backend.devices.activations_ab import AB

    scope = {"DEVICES": DEVICES, "FusedLaw": FusedLaw, "Activation": Activation, "AB": AB}
    try:
        exec(blocks("python")[4], scope)
        device = Device("d", "square", "n1", "gnd", {"a": 1.0, "b": 0.0})
        circuit = Circuit((Node("n1", 1.0),), (Slice((device,), 1.0),))
        # dv/dt = -v^2 from v = 1: v(t) = 1 / (1 + t); RK4's error at 200 steps is below 1e-9.
        assert simulate(circuit)["n1"][-1] == pytest.approx(0.5, abs=1e-9)
    finally:
        del DEVICES._entries["square"]


def test_a_model_is_added_as_shown():
    """The README shows the model that the contract tests train."""
    shown = (Path(__file__).parent / "backend" / "models" / "linear.py").read_text()
    assert blocks("python")[5] in shown
    assert len(blocks("python")[5].splitlines()) <= 20


def test_every_command_exists():
    studio = typer.Typer()
    studio.command("bundle")(bundle)
    studio.command("other")(lambda: None)  # with one command alone there is no group of them
    app = typer.main.get_command(cli.app)
    app.commands |= typer.main.get_command(studio).commands
    lines = blocks("sh")[1].splitlines()
    assert len(lines) >= 8
    for line in lines:
        words = shlex.split(line, comments=True)
        if len(words) < 2:
            continue
        command = app.commands[words[1]]
        options = {text for param in command.params for text in param.opts}
        used = {word for word in words if word.startswith("-")}
        assert used <= options, line


def test_files_named_exist():
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    paths = re.findall(r"\]\((?!http)([^)]+)\)", prose)
    assert len(paths) > 5
    for path in paths:
        assert (Path(__file__).parents[1] / path).is_file(), path
