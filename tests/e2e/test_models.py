"""A model of a user's file, which is no circuit, through the Train page."""

import os
from pathlib import Path

import pytest
from safetensors.torch import load

from backend import plugins
from tests.e2e.conftest import Studio
from tests.e2e.test_generate import choose
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

LINEAR = Path(__file__).parents[1] / "backend" / "models" / "linear.py"


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """A server that was told of the file."""
    monkeypatch.setitem(os.environ, plugins.VARIABLE, str(LINEAR))
    started = Studio(tmp_path / "home")
    yield started
    started.stop()


def test_a_linear_model_trains_and_leaves_by_the_page(plugged, open_studio, tmp_path):
    page: Workspace = open_studio(plugged)
    page.new_circuit()
    page.mode("train")
    page.until("!document.getElementById('train-fields').disabled")
    choose(page, "#train-model", "Linear")
    page.until("document.getElementById('train-circuit').innerText.includes('no circuit')")
    page.until("!document.getElementById('train-fields').disabled")
    assert not page.page.locator("#train-source").is_visible()
    page.page.locator("#train-start").click()
    page.until("document.getElementById('train-run-state').innerText.toLowerCase() === 'done'")
    assert float(page.text("#train-stat-score").removesuffix("%").strip()) > 70
    assert not page.page.locator("#train-open").is_visible()

    # Replay: the answers of an early epoch stand beside the curves, and nothing on the board.
    page.page.locator("#train-epoch [role=slider]").focus()
    page.press("ArrowRight")
    page.until("document.getElementById('train-epoch-text').innerText.startsWith('Epoch 1 of 30')")
    assert "answers beside the curves" in page.text("#train-epoch-text")
    page.until("document.querySelector('#train-extra .plotly')")
    assert page.debug("doc().nodes.length") == 0
    page.page.wait_for_timeout(1500)  # the page asks once more meanwhile
    assert page.page.locator("#train-run-card").is_visible()
    assert page.text("#train-run-state") == "done"

    with page.page.expect_download() as found:
        page.page.locator("#train-weights").click()
    path = tmp_path / "line.safetensors"
    found.value.save_as(path)
    state = load(path.read_bytes())
    assert {name: tuple(value.shape) for name, value in state.items()} == {
        "layer.weight": (2, 2),
        "layer.bias": (2,),
    }

    # Densities are learnt by another model, which the menu then names.
    choose(page, "#train-dataset", "Two moons (density)")
    page.until("document.getElementById('train-model').value === 'Circuit flow'")
    page.until("!document.getElementById('train-fields').disabled")
    assert page.page.locator("#train-source").is_visible()
