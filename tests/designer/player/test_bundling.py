"""What ``kirchhoff bundle`` writes, and what it says where it does not."""

import json
from pathlib import Path

import pytest

from backend.bundle_file import is_bundle
from backend.circuit.files import read_circuit
from backend.errors import StudioError
from designer.paths import gallery_dir
from designer.service.bundling import write_bundle

RC = str(gallery_dir() / "rc-pair.json")


def test_a_circuit_becomes_a_page_or_a_bundle(tmp_path):
    page, bundle = tmp_path / "x.html", tmp_path / "x.kstudio"
    assert write_bundle(RC, page, None, None).startswith(f"{page}: 1")
    assert page.read_text().startswith("<!doctype html>")
    lesson = tmp_path / "lesson.md"
    lesson.write_text("# Charge\n")
    write_bundle(RC, bundle, None, lesson)
    assert is_bundle(bundle.read_bytes())
    assert read_circuit(bundle) == read_circuit(RC)
    write_bundle(str(bundle), page, None, None)  # a bundle is a circuit file, too


@pytest.mark.parametrize(
    ("source", "output", "lesson", "words"),
    [
        (RC, "x.zip", None, r"x\.zip: bundles are written as \.kstudio, pages as \.html"),
        (RC, "x.html", "lesson.md", r"lesson\.md: a page has no place for a lesson"),
        (RC, "x.kstudio", "none.md", r"none\.md: cannot be read"),
        ("no-such-run", "x.html", None, "there is no run 'no-such-run'"),
        ("none.json", "x.html", None, r"none\.json: cannot be read"),
        (RC, "none/x.html", None, "cannot be written"),
    ],
)
def test_what_cannot_be_is_said(tmp_path, source, output, lesson, words):
    with pytest.raises(StudioError, match=words):
        write_bundle(source, tmp_path / output, tmp_path, lesson and Path(lesson))
    assert list(tmp_path.iterdir()) == []


def test_a_circuit_that_cannot_be_solved_is_named(tmp_path):
    wrong = tmp_path / "wrong.json"
    data = json.loads(Path(RC).read_text())
    data["nodes"] = []
    data["slices"][0]["devices"] = []
    wrong.write_text(json.dumps(data))
    with pytest.raises(StudioError, match=r"wrong\.json"):
        write_bundle(str(wrong), tmp_path / "x.html", tmp_path, None)
