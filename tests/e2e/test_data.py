"""A user's own table and pictures: chosen in the browser, looked at, mended, trained on."""

import csv
import io
import json
import zipfile

import pytest
from PIL import Image
from sklearn.datasets import load_iris

from backend.runs import list_runs, stop_run
from tests.e2e.test_generate import choose
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

STATE = "document.querySelector('.data-preview').dataset.state"


@pytest.fixture
def train(desk: Workspace) -> Workspace:
    """The train panel, with the settings of the data set it begins with."""
    desk.open_example("RC pair")
    desk.mode("train")
    desk.until("document.getElementById('train-dataset').value")
    return desk


def shown(studio: Workspace, state: str, words: str) -> None:
    """Wait until the panel says something about the data chosen last."""
    studio.until(f"{STATE} === '{state}'")
    found = studio.page.locator("#train-data", has_text=words)
    found.wait_for()


def own_file(studio: Workspace, path) -> None:
    with studio.page.expect_file_chooser() as chooser:
        studio.page.locator("#train-data .data-own button").click()
    chooser.value.set_files(path)


def test_a_table_from_the_browser_is_mended_and_trained(train, shared_studio, tmp_path):
    found = load_iris()
    table = tmp_path / "flowers.csv"
    rows = [[*map(str, row), str(kind)] for row, kind in zip(*load_iris(return_X_y=True))]  # noqa: B905
    rows[7][2] = "1,4"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([[*found.feature_names, "kind"], *rows])
    choose(train, "#train-dataset", "Table (CSV)")
    own_file(train, table)
    shown(train, "failed", "flowers.csv: row 9, column 'petal length (cm)': '1,4' is no number")
    # The rows are there all the same, to see what is meant.
    assert train.text("#train-data .data-table tbody tr").split() == rows[0]
    train.page.locator("#train-data").get_by_label("Ignore").fill("petal length (cm)")
    train.page.locator("#train-data").get_by_label("Ignore").press("Enter")
    shown(train, "ready", "3 features, 3 classes")
    train.page.locator("#train-data").get_by_label("Target", exact=True).select_option(
        "sepal width (cm)"
    )
    shown(train, "ready", "3 features; sepal width (cm) from 2 to 4.4")
    train.until("!document.getElementById('train-fields').disabled")
    train.page.locator("#train-name").fill("own flowers")
    train.page.locator("#train-start").click()
    train.until("document.getElementById('train-run-title').textContent === 'own flowers'")
    (run,) = [run for run in list_runs(shared_studio.home) if run.status["name"] == "own flowers"]
    stop_run(shared_studio.home, run.id)
    options = run.spec.dataset_options
    assert options["target"] == "sepal width (cm)"
    assert options["path"] == str(shared_studio.home / "data" / "uploads" / "flowers.csv")
    nodes = run.start_circuit().nodes
    assert f"{len(nodes)} nodes" in train.text("#train-circuit")


def test_pictures_from_an_archive_dropped_on_the_page(train, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, grey in (("dark", 10), ("light", 240)):
            for k in range(4):
                picture = io.BytesIO()
                Image.new("L", (8, 8), grey).save(picture, "PNG")
                archive.writestr(f"greys/{name}/{k}.png", picture.getvalue())
    train.page.evaluate(
        """(bytes) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(bytes)], "greys.zip"));
            for (const type of ["dragenter", "dragover", "drop"]) {
                document.getElementById("board").dispatchEvent(
                    new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
            }
        }""",
        list(buffer.getvalue()),
    )
    shown(train, "ready", "6 examples to learn from, 2 to test with.")
    assert train.page.locator("#train-dataset").input_value() == "Folder of pictures"
    first = "document.querySelectorAll('#train-data .data-thumbnail')[{}]"
    pixel = f"{first}.getContext('2d').getImageData(3, 3, 1, 1).data[0]"
    assert [train.page.evaluate(f"() => {pixel.format(k)}") for k in (0, 1)] == [10, 240]


def test_a_missing_file_is_one_sentence_and_nothing_typed_is_lost(train):
    choose(train, "#train-dataset", "Table (CSV)")
    path = train.page.locator("#train-data").get_by_label("Path")
    path.fill("/nowhere/at all.csv")
    path.press("Enter")
    shown(train, "failed", "/nowhere/at all.csv: there is no such file; correct the path")
    choose(train, "#train-dataset", "Circles")
    shown(train, "ready", "outer circle")
    noise = train.page.locator("#train-data").get_by_label("Noise")
    train.page.locator("#train-data summary").click()
    noise.fill("0.5")
    noise.press("Enter")
    choose(train, "#train-dataset", "Table (CSV)")
    shown(train, "failed", "there is no such file")
    assert path.input_value() == "/nowhere/at all.csv"
    choose(train, "#train-dataset", "Circles")
    shown(train, "ready", "outer circle")
    assert noise.input_value() == "0.5"


def test_options_of_any_data_set_change_what_is_shown_and_trained(train, shared_studio):
    choose(train, "#train-dataset", "Spirals")
    shown(train, "ready", "1,000 examples to learn from")
    train.page.locator("#train-data summary").click()
    examples = train.page.locator("#train-data").get_by_label("Examples", exact=True)
    examples.fill("123")
    examples.press("Enter")
    shown(train, "ready", "123 examples to learn from, 1,000 to test with.")
    # The open circuit has one input and one output.
    train.page.locator("#train-source").get_by_text("The open circuit").click()
    train.page.locator("#train-circuit .error", has_text="the open circuit has 1 and 1").wait_for()
    train.page.locator("#train-source").get_by_text("Built-in circuit").click()
    train.page.locator("#train-name").fill("a few spirals")
    train.page.locator("#train-start").click()
    train.until("document.getElementById('train-run-title').textContent === 'a few spirals'")
    (run,) = [run for run in list_runs(shared_studio.home) if run.status["name"] == "a few spirals"]
    stop_run(shared_studio.home, run.id)
    assert json.loads((run.path / "spec.json").read_text())["dataset_options"]["n"] == 123
