"""Bundles as files: equal bytes for equal content, and nothing believed of what comes in."""

import hashlib
import io
import json
import random
import zipfile

import pytest

from backend.bundle_file import (
    FORMAT,
    MANIFEST,
    UNPACKED_BYTES,
    Bundle,
    bundle_bytes,
    is_bundle,
    read_bundle,
)
from backend.circuit.bundles import bundled_circuit, circuit_bundle
from backend.circuit.files import read_circuit
from backend.errors import CircuitError, InputError
from backend.topologies import TOPOLOGIES

FILES = {
    "run/spec.json": b"{}",
    "run/checkpoints/best.safetensors": b"\0" * 5000,
    "run/checkpoints/last.safetensors": b"\0" * 5000,
    "lesson.md": b"# Charge\n",
}
BUNDLE = Bundle("run", "Two moons </script>", FILES, {"numpy": "2"}, "20260101-two-moons-ab12")


def packed(manifest: dict, members: dict[str, bytes], **options) -> bytes:
    """A zip archive with this manifest, written without our writer."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest))
        for path, content in members.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def listed(path: str, content: bytes, **more) -> dict:
    digest = hashlib.sha256(content).hexdigest()
    return {"path": path, "bytes": len(content), "sha256": digest, **more}


def manifest(*files: dict, **more) -> dict:
    about = {"format": FORMAT, "kind": "circuit", "name": "x", "versions": {}}
    return {**about, "files": list(files), **more}


def test_a_bundle_comes_back_bit_by_bit_and_is_the_same_every_time():
    data = bundle_bytes(BUNDLE)
    assert read_bundle(data) == BUNDLE
    assert bundle_bytes(BUNDLE) == data
    assert is_bundle(data)
    assert not is_bundle(b"PK\x03\x04" + b"\0" * 60)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == len(FILES), "equal files are kept once"
        assert archive.testzip() is None


def test_plain_python_reads_it():
    with zipfile.ZipFile(io.BytesIO(bundle_bytes(BUNDLE))) as archive:
        about = json.loads(archive.read(MANIFEST))
        assert about["format"] == FORMAT
        for entry in about["files"]:
            content = archive.read(entry.get("same_as", entry["path"]))
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]


BAD = {
    "another version": (manifest(format="kirchhoff-bundle/9"), {}, "this studio reads"),
    "no kind": (manifest(kind="secret"), {}, "does not say what it holds"),
    "no list": (manifest(files=3), {}, "does not say what it holds"),
    "a path out": (manifest(listed("../evil", b"x")), {"../evil": b"x"}, r"'\.\./evil' that no"),
    "a root": (manifest(listed("/etc/x", b"x")), {"/etc/x": b"x"}, "that no bundle has"),
    "a pickle": (manifest(listed("run/x.pkl", b"x")), {"run/x.pkl": b"x"}, "that no bundle has"),
    "twice listed": (
        manifest(*2 * [listed("lesson.md", b"x")]), {"lesson.md": b"x"}, "that no bundle has",
    ),
    "changed": (manifest(listed("lesson.md", b"x")), {"lesson.md": b"y"}, "changed or damaged"),
    "missing": (manifest(listed("lesson.md", b"x")), {}, "lacks its file lesson.md"),
    "not listed": (manifest(), {"lesson.md": b"x"}, "that it does not list"),
    "same as none": (
        manifest(listed("lesson.md", b"x", same_as="circuit.json")), {}, "is not there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_no_bundle_holds_is_refused(case):
    about, members, words = case
    with pytest.raises(InputError, match=words):
        read_bundle(packed(about, members))


def test_bombs_are_refused_before_they_are_unpacked():
    zeros = b"\0" * 2**20
    bomb = packed(manifest(listed("lesson.md", zeros)), {"lesson.md": zeros},
                  compression=zipfile.ZIP_DEFLATED)  # fmt: skip
    assert len(bomb) < 5000
    place = bomb.rindex(b"PK\x01\x02")  # the directory says how large each file becomes
    large = bytearray(bomb)
    large[place + 24 : place + 28] = (UNPACKED_BYTES + 1).to_bytes(4, "little")
    with pytest.raises(InputError, match="unpacks to more than 512 MB, so it is not opened"):
        read_bundle(bytes(large))
    small = bytearray(bomb)
    small[place + 24 : place + 28] = (100).to_bytes(4, "little")
    with pytest.raises(InputError):  # more comes out than it says
        read_bundle(bytes(small))


def test_damage_is_told_in_one_sentence():
    data = bundle_bytes(BUNDLE)
    chance = random.Random(0)
    for _ in range(150):
        broken = bytearray(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.randrange(1, 4)):
            if broken:
                broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        told = ""
        try:
            found = read_bundle(bytes(broken))
        except InputError as error:
            told = str(error)
        assert told or found.files == FILES
        assert "\n" not in told


def test_circuits_of_every_size_travel(tmp_path):
    ring = TOPOLOGIES["ring"](nodes=5).generate(1)
    large = TOPOLOGIES["fully_connected"](nodes=160).generate(0)
    assert large.device_count > 20_000
    for circuit, name in ((ring, "circuit.json"), (large, "circuit.safetensors")):
        data = circuit_bundle(circuit, {"numpy": "2"}, b"# Lesson\n")
        assert set(read_bundle(data).files) == {name, "lesson.md"}
        assert bundled_circuit(data) == circuit
    path = tmp_path / "ring.kstudio"
    path.write_bytes(circuit_bundle(ring))
    assert read_circuit(path) == ring
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(CircuitError, match=r"ring\.kstudio: is no whole bundle"):
        read_circuit(path)
