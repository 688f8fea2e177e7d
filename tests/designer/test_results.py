from designer.results import Results


def test_results_survive_a_restart(tmp_path):
    Results(tmp_path).put("ab", b"data")
    assert Results(tmp_path).get("ab") == b"data"
    assert Results(tmp_path).get("cd") is None


def test_memory_is_bounded(tmp_path):
    results = Results(tmp_path, memory_limit=25)
    for key in "abcde":
        results.put(key, b"0123456789")
    assert sum(map(len, results._entries.values())) <= 25
    assert list(results._entries) == ["d", "e"]
    assert results.get("a") == b"0123456789"


def test_disk_is_bounded(tmp_path):
    results = Results(tmp_path, disk_limit=25)
    for key in "abcde":
        results.put(key, b"0123456789")
    assert len(list(tmp_path.glob("*.bin"))) == 2


def test_an_unwritable_folder_only_loses_the_copy(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    results = Results(blocked / "cache")
    results.put("ab", b"data")
    assert results.get("ab") == b"data"
