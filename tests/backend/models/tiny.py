"""A few examples of every registered data set; those of files are written first."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from PIL import Image

from backend.datasets import DATASETS
from tests.backend.datasets.test_stored import write_mnist

COUNTS = {"n": 16, "validation": 10, "test": 10}
"""Of examples, where a data set can be asked for fewer."""
FIELDS = {"n": 4, "validation": 2, "test": 2, "resolution": 16}
CHEAP: dict[str, dict[str, Any]] = {
    "darcy": {"resolution": 15},
    "navier_stokes": {"start": 0.0, "lead": 0.1},
}
"""What else makes fields cheap to compute."""


def tiny(name: str, folder: Path) -> dict[str, Any]:
    """Options of a data set that make it small.

    Args:
        name: of the data set.
        folder: where its files are written, if it has some.
    """
    kind = DATASETS[name]
    cheap = CHEAP.get(name, {})
    counts = FIELDS | cheap if kind.task == "operator" else COUNTS
    names = {param.name for param in kind.params if param.integer or param.name in cheap}
    few: dict[str, Any] = {key: count for key, count in counts.items() if key in names}
    if kind.source == "built-in":
        return few
    assert name in WRITERS, f"write a small file for the data set {name} in {__name__}"
    folder.mkdir(parents=True, exist_ok=True)
    return {**few, **WRITERS[name](folder)}


def _of_mnist(folder: Path) -> dict[str, Any]:
    write_mnist(folder / "mnist", packed=False)
    return {"data_dir": str(folder)}


def _of_fashion(folder: Path) -> dict[str, Any]:
    write_mnist(folder / "fashion-mnist", packed=False)
    return {"data_dir": str(folder)}


def _of_cifar(folder: Path) -> dict[str, Any]:
    for part in ("train", "test"):
        _pictures(folder / "cifar10" / part, DATASETS["cifar10"].classes, side=32, each=3)
    return {"data_dir": str(folder)}


def _of_california(folder: Path) -> dict[str, Any]:
    (folder / "sklearn").mkdir()
    raw = np.random.default_rng(0).uniform(1, 1000, (40, 9))
    joblib.dump(raw, folder / "sklearn" / "cal_housing_py3.pkz")
    return {"data_dir": str(folder)}


def _of_csv(folder: Path) -> dict[str, Any]:
    x = np.random.default_rng(0).normal(size=(40, 3))
    rows = [",".join(f"{value:.4f}" for value in row) + f",{'ab'[int(row.sum() > 0)]}" for row in x]
    path = folder / "table.csv"
    path.write_text("\n".join(["one,two,three,kind", *rows]), encoding="utf-8")
    return {"path": str(path)}


def _of_folder(folder: Path) -> dict[str, Any]:
    _pictures(folder, ("left", "right"), side=8, each=16)
    return {"path": str(folder), "rows": 8, "columns": 8}


def _of_stream(folder: Path) -> dict[str, Any]:
    return {**_of_folder(folder), "threads": 1}


def _of_text(folder: Path) -> dict[str, Any]:
    words = np.random.default_rng(0).choice(["good", "bad", "fine", "poor", "film"], (40, 6))
    rows = [json.dumps({"text": " ".join(row), "label": str(row[0])}) for row in words]
    path = folder / "texts.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    return {"path": str(path), "length": 8}


def _of_characters(folder: Path) -> dict[str, Any]:
    path = folder / "text.txt"
    path.write_text("the circuit of a cell is a cell of the circuit. " * 12, encoding="utf-8")
    return {"path": str(path), "length": 16}


def _of_fields(folder: Path) -> dict[str, Any]:
    fields = np.cumsum(np.random.default_rng(0).normal(size=(24, 16)), axis=1)
    np.savez(folder / "fields.npz", input=fields, target=fields[:, ::-1])
    return {"path": str(folder / "fields.npz"), "validation": 0.25}


def _pictures(folder: Path, classes: tuple[str, ...], side: int, each: int) -> None:
    """Noise of another brightness for every class."""
    rng = np.random.default_rng(0)
    for k, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        low = 150 * k // len(classes)
        for number in range(each):
            pixels = rng.integers(low, low + 100, (side, side, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


WRITERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "mnist": _of_mnist,
    "fashion_mnist": _of_fashion,
    "cifar10": _of_cifar,
    "california": _of_california,
    "csv": _of_csv,
    "image_folder": _of_folder,
    "image_stream": _of_stream,
    "text": _of_text,
    "characters": _of_characters,
    "fields": _of_fields,
}
"""By data set: writes its files into a folder and gives the options that read them."""
