"""``--data-dir`` and ``--home`` reach the data sets, and refusals reach the user."""

import json
import os
import sys

import numpy as np
import pytest

from backend import cli
from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import StudioError
from backend.training.prepare import make_dataset
from backend.training.spec import TrainSpec


@pytest.fixture
def kirchhoff(monkeypatch, capsys, tmp_path):
    # What the command sets is taken back at the end of the test.
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("KIRCHHOFF_DATA", str(tmp_path / "nothing"))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
        status = cli.run()
        out, err = capsys.readouterr()
        return status, out, err

    return call


def write_mnist(folder):
    """Ten images, each bright in the pixel of its class."""
    folder.mkdir(parents=True)
    x = np.zeros((10, 784), np.uint8)
    x[np.arange(10), np.arange(10)] = 255
    for part in ("train", "t10k"):
        shape = b"".join(n.to_bytes(4, "big") for n in (10, 28, 28))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + shape + x.tobytes())
        labels = b"\0\0\x08\x01" + (10).to_bytes(4, "big") + bytes(range(10))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)


def reader(path):
    """A circuit that reads the class off the first ten pixels."""
    nodes = [*(Node(f"p{k}", role="input") for k in range(784))]
    nodes += [Node(f"o{k}", role="output") for k in range(10)]
    devices = tuple(
        Device(f"d{k}", "resistor", f"p{k}", f"o{k}", {"conductance": 1.0}) for k in range(10)
    )
    path.write_text(Circuit(tuple(nodes), (Slice(devices),)).to_json())
    return path


@pytest.mark.parametrize("option", ["--data-dir", "--home"])
def test_the_folder_is_found(kirchhoff, tmp_path, option):
    place = tmp_path / "place"
    write_mnist(place / "mnist" if option == "--data-dir" else place / "data" / "mnist")
    words = ("evaluate", reader(tmp_path / "c.json"), "--dataset", "mnist")
    status, _, error = kirchhoff(*words)
    assert status == 2
    assert f"were not found in the folder 'mnist' of {tmp_path / 'nothing'}" in error
    status, _, error = kirchhoff(*words, option, place, "--json", tmp_path / "r.json")
    assert status == 0, error
    assert json.loads((tmp_path / "r.json").read_text())["accuracy"] == 1.0
    # Workers find it there too.
    assert str(place) in os.environ.values()
    if option == "--data-dir":  # the data set's own folder will do as well
        status, out, error = kirchhoff(*words, option, place / "mnist")
        assert status == 0, error
        assert out.startswith("loss ")


def test_training_without_files_is_refused_before_anything_starts(kirchhoff, tmp_path):
    status, out, error = kirchhoff("train", "--dataset", "mnist", "--home", tmp_path / "home")
    assert (status, out) == (2, "")
    assert error.count("\n") == 1
    assert "train-images-idx3-ubyte.gz" in error
    assert not (tmp_path / "home").exists()


def test_a_table_of_numbers_is_trained_by_its_task(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("".join(f"{k},{k / 2}\n" for k in range(9)))
    numbers = TrainSpec.make(dataset="csv", dataset_options={"path": str(path)})
    assert make_dataset(numbers).task == "regress"
    path.write_text("".join(f"{k},{k % 2}\n" for k in range(9)))
    classes = TrainSpec.make(dataset="csv", dataset_options={"path": str(path)})
    assert make_dataset(classes).task == "classify"
    with pytest.raises(StudioError, match="set its path"):
        TrainSpec.make(dataset="csv")
