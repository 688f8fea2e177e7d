"""Fields are computed once, and what was kept is believed only when it is whole."""

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS
from backend.datasets.fields import store
from backend.datasets.progress import watched
from backend.errors import StudioError

FEW = {"n": 4, "validation": 2, "test": 2, "resolution": 64}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path))
    return tmp_path / "data" / "fields"


def made(**options):
    """Fields, and how many were computed for them."""
    told = []
    with watched(lambda what, done, total: told.append((what, done, total))):
        split = DATASETS["burgers"](**{**FEW, **options}).split()
    return split, told


def test_fields_are_computed_once(home):
    first, told = made()
    assert [(done, total) for _, done, total in told] == [(4, 4), (2, 2), (2, 2)]
    assert len(list(home.iterdir())) == 3
    again, told = made()
    assert not told
    assert torch.equal(first.train.y, again.train.y)
    finer, told = made(resolution=256)
    assert not told, "every resolution is part of the same fields"
    assert torch.equal(finer.train.y[..., ::4], first.train.y)
    _, told = made(seed=1)
    assert len(told) == 3


def test_more_fields_leave_the_others_as_they_are(home):
    first, _ = made()
    more, told = made(n=7)
    assert [(done, total) for _, done, total in told] == [(3, 3)]
    assert torch.equal(more.train.x[:4], first.train.x)
    alone, told = made(n=7, seed=0)
    assert not told
    assert torch.equal(alone.train.y, more.train.y)
    for path in home.iterdir():
        path.unlink()
    whole, _ = made(n=7)
    assert torch.allclose(whole.train.y, more.train.y, atol=1e-6), "in one piece or in two"


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "words", "header"])
def test_a_damaged_file_is_computed_anew(home, damage):
    first, _ = made()
    for path in home.iterdir():
        data = bytearray(path.read_bytes())
        if damage == "flip":
            data[-5] ^= 1
        if damage == "cut":
            del data[-100:]
        if damage == "empty":
            data.clear()
        if damage == "words":
            data[:] = b"these are no fields" * 99
        if damage == "header":
            data[:8] = (2**62).to_bytes(8, "little")
        path.write_bytes(data)
    again, told = made()
    assert len(told) == 3
    assert torch.equal(first.test.y, again.test.y)
    assert not made()[1], "and is kept whole"


def test_fields_of_other_settings_are_not_taken_for_these(home):
    made()
    paths = sorted(home.iterdir())
    paths[0].replace(paths[1])
    _, told = made()
    assert len(told) == 2


def test_a_disk_that_refuses_only_costs_time(tmp_path, monkeypatch):
    place = tmp_path / "file"
    place.write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("KIRCHHOFF_HOME", str(place))
    split, told = made()
    assert len(told) == 3
    assert torch.equal(split.train.x, made()[0].train.x)


def test_arrays_come_back_as_they_were(home):
    pair = np.float32([[[1, 2]]]), np.float32([[[3, 4]]])
    store.keep("name", {"a": 1}, pair)
    found = store.stored("name", {"a": 1})
    assert found is not None
    assert np.array_equal(found, pair)
    assert store.stored("name", {"a": 2}) is None


def test_a_resolution_that_is_no_subsample_is_refused():
    with pytest.raises(StudioError, match=r"choose resolution 128, or another one of 8, 16, "):
        DATASETS["burgers"](resolution=100)
    further = DATASETS["burgers"](**{**FEW, "resolution": 512}).further_tests()
    assert list(further) == ["256"]
