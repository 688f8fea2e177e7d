import errno
import json
import os

import pytest

from designer.documents import DocumentError, Documents


@pytest.fixture
def documents(tmp_path):
    return Documents(tmp_path / "circuits")


def test_stored_circuit_is_a_plain_circuit_file(documents, rc):
    id, revision = documents.create(rc)
    assert revision == 1
    stored = json.loads((documents.folder / f"{id}.json").read_text(encoding="utf-8"))
    assert stored == rc
    assert documents.load(id) == {"id": id, "revision": 1, "circuit": rc}


def test_a_second_window_does_not_overwrite_the_first(documents, rc):
    id, revision = documents.create(rc)
    first = documents.save(id, {**rc, "name": "first"}, revision, "window-1")
    with pytest.raises(DocumentError, match="another window") as refused:
        documents.save(id, {**rc, "name": "second"}, revision, "window-2")
    assert refused.value.status == 409
    assert refused.value.revision == first == 2
    assert documents.load(id)["circuit"]["name"] == "first"


def test_the_same_window_may_lag_behind(documents, rc):
    id, revision = documents.create(rc)
    documents.save(id, rc, revision, "window-1")
    assert documents.save(id, {**rc, "name": "late"}, revision, "window-1") == 3


def test_a_full_disk_leaves_the_old_file(documents, rc, monkeypatch):
    id, revision = documents.create(rc)

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DocumentError, match="No space left") as refused:
        documents.save(id, {**rc, "name": "new"}, revision)
    assert refused.value.status == 507
    monkeypatch.undo()
    assert documents.load(id)["circuit"]["name"] == "RC pair"
    assert [path.suffix for path in documents.folder.iterdir()].count(".part") == 0


def test_a_damaged_file_is_named_and_left_alone(documents, rc):
    id, _ = documents.create(rc)
    path = documents.folder / f"{id}.json"
    path.write_text('{"format": "kirch', encoding="utf-8")
    with pytest.raises(DocumentError, match=rf"{id}\.json is damaged"):
        documents.load(id)
    assert path.read_text(encoding="utf-8") == '{"format": "kirch'
    assert documents.recent()[0]["damaged"]


def test_a_half_drawn_circuit_is_kept(documents):
    id, _ = documents.create({"format": "kirchhoff-circuit/1", "nodes": [], "slices": []})
    assert documents.load(id)["circuit"]["nodes"] == []


@pytest.mark.parametrize(
    "circuit",
    [None, [], {}, {"format": "kirchhoff-circuit/3", "nodes": [], "slices": []},
     {"format": "kirchhoff-circuit/1", "nodes": {}, "slices": []},
     {"format": "kirchhoff-circuit/1", "nodes": [], "slices": [1]}],
)  # fmt: skip
def test_anything_else_is_refused(documents, circuit):
    with pytest.raises(DocumentError):
        documents.create(circuit)
    assert not documents.folder.exists()


def test_recent_is_newest_first(documents, rc):
    for moment, name in enumerate(("old", "new")):
        id, _ = documents.create({**rc, "name": name}, name)
        os.utime(documents.folder / f"{id}.json", (moment, moment))
    assert [entry["name"] for entry in documents.recent()] == ["new", "old"]
    assert documents.recent()[0] | {"modified": 1} == {
        "id": "new", "name": "new", "nodes": 2, "devices": 1, "modified": 1,
    }  # fmt: skip
