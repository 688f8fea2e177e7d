import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from designer.documents import DocumentError, Documents
from designer.locking import LockedError, locked
from designer.service.uploads import Uploads

from .serving import ask, server


def test_two_servers_on_one_home_lose_no_save(tmp_path, rc):
    with server(tmp_path) as first, server(tmp_path) as second, ThreadPoolExecutor(2) as pool:
        assert ask(first, "/api/circuits", {"circuit": rc, "id": "shared"})[0] == 201
        both, revision = threading.Barrier(2), 1

        def save(address, name):
            body = {"circuit": {**rc, "name": name}, "revision": revision, "client": address}
            both.wait(60)
            return ask(address, "/api/circuits/shared", body, "PUT")

        for race in range(40):
            names = f"first {race}", f"second {race}"
            answers = list(pool.map(save, (first, second), names))
            assert sorted(status for status, _ in answers) == [200, 409]
            winner = next(n for n, (code, _) in zip(names, answers, strict=True) if code == 200)
            _, stored = ask(first, "/api/circuits/shared")
            assert stored["circuit"]["name"] == winner
            revision = stored["revision"]
            assert {answer["revision"] for _, answer in answers} == {revision}


def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(LockedError, match="another program"),
        locked(tmp_path, patience=0.02),
    ):
        pass
    with locked(tmp_path, patience=0.02):
        pass


def test_what_a_killed_writer_left_is_removed(tmp_path, rc):
    documents = Documents(tmp_path)
    id, _ = documents.create(rc)
    (tmp_path / f".{id}.json.0123.part").write_text("half")
    documents.tidy()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".lock", f"{id}.json", f"{id}.rev",
    ]  # fmt: skip


def test_what_is_being_unpacked_is_left_alone(tmp_path):
    for name, age in ((".living.part", 0.0), (".dead.part", 7200.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    Uploads(tmp_path).tidy()
    assert [path.name for path in tmp_path.iterdir()] == [".living.part"]


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a place nobody may write to")
def test_a_home_that_cannot_be_written_to_is_said_in_words(rc):
    home = Path("/sys/kirchhoff-home")  # not even root makes a folder there
    with pytest.raises(DocumentError, match="cannot be written to") as refused:
        Documents(home / "circuits").create(rc)
    assert refused.value.status == 507
    with server(home) as address:
        assert ask(address, "/api/health")[0] == 200
        assert ask(address, "/api/circuits") == (200, [])
        for path, body in (("/api/circuits", {"circuit": rc}), ("/api/sim", {"circuit": rc})):
            status, answer = ask(address, path, body)
            assert status in (200, 507), answer
            assert "writ" in json.dumps(answer) or status == 200
        status, answer = ask(address, "/api/runs", {"dataset": "two_moons"})
        assert status >= 400
        assert answer["error"]["message"]
