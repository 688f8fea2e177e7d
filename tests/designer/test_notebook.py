"""Circuits, trajectories and runs in the cell of a notebook."""

import html
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from backend import notebook
from backend.circuit import Circuit
from backend.errors import StudioError
from backend.simulation.simulate import adjoint, simulate
from backend.topologies import TOPOLOGIES
from designer.service.pages import notebook_page
from tests.backend.runs.test_bundles import run as run  # the fixture


@pytest.fixture(autouse=True)
def studio(monkeypatch):
    """The studio's own entry point, whether this checkout is installed or not."""
    monkeypatch.setattr(notebook, "maker", lambda: notebook_page)


def page_in(cell: str | None) -> str:
    assert cell
    frame = r'<div><iframe srcdoc="([^"]*)" sandbox="allow-scripts [^>]*></iframe></div>'
    found = re.fullmatch(frame, cell)
    assert found
    return html.unescape(found[1])


def test_the_entry_point_is_the_page_of_the_studio():
    settings = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    module, name = settings["project"]["entry-points"][notebook.GROUP]["studio"].split(":")
    assert getattr(import_module(module), name) is notebook_page


def test_each_shows_itself_as_a_page(rc, run):
    circuit = Circuit.from_dict(rc)
    for what in (circuit, simulate(circuit, outputs=5), adjoint(circuit, outputs=5)[0], run):
        assert page_in(what._repr_html_()).startswith("<!doctype html>")


def test_what_is_too_large_is_left_to_python(rc, monkeypatch):
    large = TOPOLOGIES["ring"](nodes=500).generate(0)
    assert large._repr_html_() is None
    monkeypatch.setattr(notebook, "MOST_CHARACTERS", 100)
    assert Circuit.from_dict(rc)._repr_html_() is None


def test_a_circuit_that_cannot_be_solved_says_why(rc, monkeypatch):
    def refuse(what):
        raise StudioError("node <a> has no way to ground")

    monkeypatch.setattr(notebook, "maker", lambda: refuse)
    assert Circuit.from_dict(rc)._repr_html_() == "<p>node &lt;a&gt; has no way to ground</p>"
    monkeypatch.setattr(notebook, "maker", lambda: None)
    assert Circuit.from_dict(rc)._repr_html_() is None


def test_a_trajectory_knows_its_circuit(rc):
    circuit = Circuit.from_dict(rc)
    trajectory = simulate(circuit, outputs=3)
    assert trajectory.circuit == circuit
    assert "circuit=" not in repr(trajectory)
