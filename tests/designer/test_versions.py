"""Versions of circuits beside the circuits: bounded, not twice the same, gone with the circuit."""

import pytest

from designer import versions as module
from designer.documents import DocumentError, Documents
from designer.versions import Versions


@pytest.fixture
def documents(tmp_path):
    return Documents(tmp_path / "circuits")


@pytest.fixture
def versions(documents):
    return Versions(documents)


def test_each_save_on_purpose_is_a_version(documents, versions, rc):
    id, revision = documents.create(rc)
    first = versions.keep(id)
    assert first["new"]
    assert versions.keep(id) == {"version": first["version"], "new": False}
    documents.save(id, {**rc, "name": "Another"}, revision)
    second = versions.keep(id)
    assert int(second["version"]) > int(first["version"])
    kept = versions.kept(id)
    assert [each["circuit"]["name"] for each in kept] == ["Another", "RC pair"]
    assert kept[1]["circuit"] == rc
    assert kept[0]["saved"] == int(second["version"]) / 1000
    assert [row["id"] for row in documents.recent()] == [id], "versions are no circuits"


def test_the_oldest_go_first(documents, versions, rc, monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    monkeypatch.setattr(module.time, "time", lambda: 1.8e9)  # a clock that stands
    id, revision = documents.create(rc)
    for number in range(5):
        revision = documents.save(id, {**rc, "name": str(number)}, revision)
        assert versions.keep(id)["new"]
    assert [each["circuit"]["name"] for each in versions.kept(id)] == ["4", "3", "2"]


def test_damage_and_strangers_are_passed_over(documents, versions, rc):
    id, _ = documents.create(rc)
    name = versions.keep(id)["version"]
    folder = documents.path(id).with_suffix(".versions")
    (folder / "notes.json").write_text("{}")
    (folder / f"{int(name) + 1}.json").write_text("{")
    assert [each["version"] for each in versions.kept(id)] == [name]


def test_there_is_nothing_of_what_is_not_there(versions):
    assert versions.kept("none") == []
    with pytest.raises(DocumentError, match="There is no circuit 'none' here"):
        versions.keep("none")
    with pytest.raises(DocumentError, match="is not the id of a circuit"):
        versions.kept("../x")


def test_the_page_asks_for_them(client, rc):
    id = client.post("/api/circuits", json={"circuit": rc}).get_json()["id"]
    assert client.post(f"/api/circuits/{id}/versions", json={}).status_code == 201
    (kept,) = client.get(f"/api/circuits/{id}/versions").get_json()
    assert kept["circuit"] == rc
    assert client.delete(f"/api/circuits/{id}").status_code == 204
    assert client.get(f"/api/circuits/{id}/versions").get_json() == []
    assert client.post(f"/api/circuits/{id}/versions", json={}).status_code == 404
