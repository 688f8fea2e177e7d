"""Files that are published checkpoints, files that are not, and the command that reads them."""

import sys
from argparse import Namespace
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from backend import cli
from backend.circuit.files import read_circuit
from backend.errors import StudioError
from backend.export.published import read_published
from tests.backend.export.authors import Stored, checkpoint, saved


def without(data: Stored, key: int) -> Stored:
    return OrderedDict(item for k, item in enumerate(data.items()) if k != key)


LAYER = "circuit.layer_list.{}.model.param"
TWOMOON, SPIRALS = checkpoint("twomoon"), checkpoint("2spirals")
INFINITE = OrderedDict((name, value.clone()) for name, value in TWOMOON.items())
INFINITE[LAYER.format(1)][2, 7] = float("inf")
REFUSED = {
    "another experiment": (
        TWOMOON,
        "mnist",
        r"'circuit.layer_list.0.model.param' has the shape \(3, 300\) and mnist needs "
        r"\(2, 230068\); the file fits twomoon",
    ),
    "two could fit": (SPIRALS, "twomoon", r"\(3, 120\).*; the file fits 2spirals or potential2"),
    "too few": (
        TWOMOON,
        "circle",
        r"the file has 2 arrays and circle needs 4: 'circuit.layer_list.2.model.param' is missing"
        r"; the file fits twomoon",
    ),
    "too many": (
        checkpoint("pinwheel"),
        "twomoon",
        r"the file has 4 arrays and twomoon needs 2: .*layer_list.[23].* is too many; "
        r"the file fits 8gaussians, circle, pinwheel or swissroll",
    ),
    "a gap": (without(SPIRALS, 3), "2spirals", r"list.3.model.param' is missing; no published"),
    "another name": (
        OrderedDict((f"{name}s", value) for name, value in TWOMOON.items()),
        "twomoon",
        "'circuit.layer_list.0.model.param' is missing; no published experiment has these arrays",
    ),
    "two networks": (
        {"model": TWOMOON, "ema": TWOMOON},
        "twomoon",
        "holds 2 networks, 'model' and 'ema'; store the state dict of one of them",
    ),
    "two prefixes": (
        {f"{side}.{name}": value for side in "ab" for name, value in TWOMOON.items()},
        "twomoon",
        "holds 2 networks, 'a.' and 'b.'",
    ),
    "meta": (
        {LAYER.format(0): torch.zeros(3, 300, device="meta")},
        "twomoon",
        "is not an array of real numbers but a meta tensor, which has no values",
    ),
    "repeated": (
        {LAYER.format(0): torch.zeros(1).expand(3, 300)},
        "twomoon",
        "a view that shows its values repeatedly",
    ),
    "empty": ({}, "twomoon", "the file has 0 arrays and twomoon needs 2"),
    "a list": (list(TWOMOON.values()), "twomoon", "expected a state dict of arrays, found a list"),
    "nested": (
        {"state_dict": {"a": 1}},
        "twomoon",
        "'state_dict' is not an array of real numbers but a dict",
    ),
    "numbers as keys": ({3: torch.zeros(2)}, "twomoon", "found the key 3"),
    "whole numbers": (
        {LAYER.format(0): torch.zeros(3, 300, dtype=torch.int64)},
        "twomoon",
        "is not an array of real numbers but torch.int64",
    ),
    "sparse": (
        {LAYER.format(0): torch.eye(3).to_sparse()},
        "twomoon",
        "is not an array of real numbers",
    ),
    "not finite": (
        INFINITE,
        "twomoon",
        r"slices\[1\].devices\[7\].params: device 'd308': c must be a finite number",
    ),
    "code": (Path("x"), "twomoon", r"found an object pathlib\.PosixPath"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_files_are_refused_in_words(case: str, tmp_path: Path):
    data, experiment, message = REFUSED[case]
    path = saved(data, tmp_path)
    with pytest.raises(StudioError, match=message) as error:
        read_published(path, experiment)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_damaged_files_and_unknown_names_are_refused(tmp_path: Path):
    path = saved(TWOMOON, tmp_path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StudioError, match="not a complete PyTorch checkpoint"):
        read_published(path, "twomoon")
    with pytest.raises(StudioError, match="did you mean 'twomoon'"):
        read_published(path, "twomoons")
    with pytest.raises(StudioError, match=r"none.pth: cannot be read \(No such file"):
        read_published(tmp_path / "none.pth", "twomoon")


def test_order_and_device_of_the_stored_arrays_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The authors' arrays were saved on a GPU, which this machine need not have."""
    arrays = checkpoint("potential1")
    expected = read_published(saved(arrays, tmp_path), "potential1")
    monkeypatch.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")
    shuffled = OrderedDict(sorted(arrays.items()))
    assert list(shuffled) != list(arrays)
    path = saved(shuffled, tmp_path)
    assert b"cuda:0" in path.read_bytes()
    assert read_published(path, "potential1") == expected


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
    return cli.run()


def test_import_writes_the_circuit_and_says_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path, out = saved(TWOMOON, tmp_path), tmp_path / "net.json"
    words = ("import", path, "--experiment", "twomoon", "-o", out)
    assert command(monkeypatch, *words) == 0
    assert capsys.readouterr().out == f"{out}: 2 nodes, 600 devices, 2 slices\n"
    assert read_circuit(out) == read_published(path, "twomoon")


def wrapped(arrays: Stored) -> dict[str, object]:
    """The same arrays as trainers store them."""
    step = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(2))]).state_dict()

    def named(prefix: str) -> dict[str, torch.Tensor]:
        return {f"{prefix}{name}": value for name, value in arrays.items()}

    return {
        "DataParallel": named("module."),
        "compiled": named("_orig_mod."),
        "both": named("module._orig_mod."),
        "averaged": {"n_averaged": torch.tensor(3), **named("module.")},
        "Lightning": {"epoch": 3, "state_dict": named("net."), "optimizer_states": [step]},
        "beside the options": {
            "model": dict(arrays),
            "args": Namespace(lr=1e-3),
            "path": Path("x"),
        },
        "twice": {"trainer": {"net": named("module.")}, "best": 0.99},
        "parameters": {name: torch.nn.Parameter(value) for name, value in arrays.items()},
        "transposed": {name: value.T.contiguous().T for name, value in arrays.items()},
    }


@pytest.mark.parametrize("form", wrapped(TWOMOON))
def test_state_dicts_are_found_where_trainers_put_them(form: str, tmp_path: Path):
    expected = read_published(saved(TWOMOON, tmp_path), "twomoon")
    path = tmp_path / "wrapped.pth"
    torch.save(wrapped(TWOMOON)[form], path)
    assert read_published(path, "twomoon") == expected
    assert read_published(path) == expected


def test_experiments_that_are_one_circuit_need_no_choice(tmp_path: Path):
    """The authors' six flows of 300 devices in four slices differ in their data alone."""
    path = saved(checkpoint("circle"), tmp_path)
    found = read_published(path)
    assert found.name == "KirchhoffNet, 8gaussians or circle or pinwheel or swissroll"
    assert found.replace(name="") == read_published(path, "circle").replace(name="")


def test_experiments_that_differ_are_not_guessed(tmp_path: Path):
    path = saved(checkpoint("2spirals"), tmp_path)
    with pytest.raises(StudioError, match="fits 2spirals or potential2; choose with --experiment"):
        read_published(path)
    with pytest.raises(StudioError, match=r"no published experiment has these 1 arrays \(circuit"):
        read_published(saved({LAYER.format(0): torch.zeros(3, 5)}, tmp_path))
    with pytest.raises(StudioError, match="the file is empty"):
        read_published(saved({}, tmp_path))


def test_import_finds_the_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "net.json"
    for name in ("model.pth", "model.pt"):
        torch.save({"state_dict": TWOMOON}, tmp_path / name)
        assert command(monkeypatch, "import", tmp_path / name, "-o", out) == 0
        assert capsys.readouterr().out == f"{out}: 2 nodes, 600 devices, 2 slices\n"
        assert read_circuit(out) == read_published(tmp_path / name, "twomoon")


def test_import_refuses_json_for_millions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path, out = saved(checkpoint("genmnist"), tmp_path), tmp_path / "net.json"
    assert command(monkeypatch, "import", path, "--experiment", "genmnist", "-o", out) == 2
    assert "100,480 devices and a JSON circuit may have 10,000; write it as .safetensors" in (
        capsys.readouterr().err
    )
    assert not out.exists()
