"""Bundles, ``.kstudio``: a circuit or a run with everything that belongs to it, in one file.

A bundle is a zip archive whose first member, ``kirchhoff-bundle.json``, lists all others with their
sizes and SHA-256 sums; equal files are kept once. There is no pickle in it: JSON, safetensors and
NumPy arrays, which plain Python reads. Equal content gives equal bytes. Bundles come from anywhere,
so a reader believes nothing: names, sizes and sums are checked before anybody sees a file.

::

    circuit.json | circuit.safetensors       of a circuit
    run/...                                  of a run, as in its directory (``runs.directory``)
    data/sample.npz                          of a run: some test examples, ``x`` and ``y``
    lesson.md                                of either, if one was given
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .checks import is_list, is_object
from .errors import InputError, clipped
from .reading import json_value

FORMAT = "kirchhoff-bundle/1"
SUFFIX = ".kstudio"
MANIFEST = "kirchhoff-bundle.json"
KINDS = ("circuit", "run")

PATH = re.compile(
    r"circuit\.(json|safetensors)|lesson\.md|data/sample\.npz|"
    r"run/(spec|origin|status|circuit|edits)\.json|run/circuit\.safetensors|run/metrics\.jsonl|"
    r"run/checkpoints/(best|last)\.safetensors|run/frames/[0-9]{6,7}\.npz"
)
"""What a file in a bundle can be called; no other place is ever written to."""

FILE_BYTES = 2**29
UNPACKED_BYTES = 2**29
MEMBERS = 5000
MANIFEST_BYTES = 2**22
MOMENT = (1980, 1, 1, 0, 0, 0)

BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError,
    RuntimeError, OSError, ValueError, KeyError, OverflowError, IndexError,
)  # fmt: skip
"""What the reader of zip archives raises on what is none."""


@dataclass(frozen=True)
class Bundle:
    """What is in a bundle.

    Args:
        kind: ``circuit`` or ``run``.
        name: of the circuit or the run, in words.
        files: contents by path.
        versions: of the programs that it was made with.
        id: of a run; empty for a circuit.
    """

    kind: str
    name: str
    files: Mapping[str, bytes]
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    id: str = ""

    def file(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            InputError: there is none.
        """
        if path not in self.files:
            raise InputError(f"the bundle has no file {path}; make it again")
        return self.files[path]


def is_bundle(data: bytes) -> bool:
    """Whether a file begins as a bundle does."""
    return data[:4] == b"PK\x03\x04" and data[30 : 30 + len(MANIFEST)] == MANIFEST.encode()


def bundle_bytes(bundle: Bundle) -> bytes:
    """The file of a bundle."""
    listed: list[dict[str, Any]] = []
    kept: dict[str, str] = {}  # path of the first file with a sum
    for path in sorted(bundle.files):
        if not PATH.fullmatch(path):
            raise ValueError(f"a bundle has no place for {path}")
        content = bundle.files[path]
        digest = hashlib.sha256(content).hexdigest()
        entry: dict[str, Any] = {"path": path, "bytes": len(content), "sha256": digest}
        if digest in kept:
            entry["same_as"] = kept[digest]
        kept.setdefault(digest, path)
        listed.append(entry)
    manifest = {
        "format": FORMAT,
        "kind": bundle.kind,
        "name": bundle.name,
        "id": bundle.id,
        "versions": dict(bundle.versions),
        "files": listed,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
        for path in kept.values():
            _add(archive, path, bundle.files[path])
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    info = zipfile.ZipInfo(path, MOMENT)
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED, 9)


def read_bundle(data: bytes) -> Bundle:
    """The content of a bundle, checked.

    Raises:
        InputError: it is none, of another version, damaged, too large, or holds what no bundle
            has; says what and what to do.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive)
    except BROKEN as error:
        why = clipped(" ".join(str(error).split()))
        raise InputError(f"is no whole bundle ({why}); copy it again") from None


def _read(archive: zipfile.ZipFile) -> Bundle:
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise InputError(f"holds {len(members):,} files, more than the {MEMBERS:,} of a bundle")
    if sum(member.file_size for member in members) > UNPACKED_BYTES:
        size = UNPACKED_BYTES // 2**20
        raise InputError(f"unpacks to more than {size} MB, so it is not opened; bundle less")
    known = {member.filename: member for member in members}
    if len(known) < len(members):
        raise InputError("holds two files of one name; make it again")
    if MANIFEST not in known:
        raise InputError(f"is no bundle of the studio: it has no {MANIFEST}")
    manifest = _manifest(_content(archive, known.pop(MANIFEST), MANIFEST_BYTES))
    files = _files(archive, known, manifest["files"])
    versions = {str(k): str(v) for k, v in manifest["versions"].items()}
    name, id = (clipped(str(manifest.get(key, "")), 200) for key in ("name", "id"))
    return Bundle(manifest["kind"], name, files, versions, id)


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        found = json_value(data)
    except InputError as error:
        raise InputError(f"its {MANIFEST} cannot be read ({error}); make it again") from None
    manifest: dict[str, Any] = found if is_object(found) else {}
    form = manifest.get("format")
    if form != FORMAT:
        raise InputError(
            f"is a bundle of the form {clipped(str(form))}, and this studio reads {FORMAT}; open "
            "it with the version that made it"
        )
    fits = manifest.get("kind") in KINDS and isinstance(manifest.get("name"), str)
    if not fits or not is_list(manifest.get("files")) or not is_object(manifest.get("versions")):
        raise InputError(f"its {MANIFEST} does not say what it holds; make it again")
    return manifest


def _files(
    archive: zipfile.ZipFile, known: dict[str, zipfile.ZipInfo], listed: list[Any]
) -> dict[str, bytes]:
    """The listed files; whatever is not listed or not as it is listed is refused."""
    files: dict[str, bytes] = {}
    for entry in listed:
        path = entry.get("path") if is_object(entry) else None
        if not isinstance(path, str) or not PATH.fullmatch(path) or path in files:
            raise InputError(f"lists a file {clipped(str(path))!r} that no bundle has")
        same = entry.get("same_as")
        if same is not None:
            if same not in files:
                raise InputError(f"its file {path} is said to be another one that is not there")
            content = files[same]
        elif path in known:
            content = _content(archive, known.pop(path), FILE_BYTES)
        else:
            raise InputError(f"lacks its file {path}; copy it again")
        if hashlib.sha256(content).hexdigest() != entry.get("sha256"):
            raise InputError(f"its file {path} was changed or damaged; copy it again")
        files[path] = content
        if sum(map(len, files.values())) > UNPACKED_BYTES:
            raise InputError(f"unpacks to more than {UNPACKED_BYTES // 2**20} MB; bundle less")
    if known:
        raise InputError(f"holds a file {clipped(next(iter(known)))!r} that it does not list")
    return files


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of a member, which may say less than it holds."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"its file {clipped(member.filename)} is packed in an unknown way")
    if member.flag_bits & 1:
        raise InputError("is encrypted; make it without a password")
    if member.file_size > limit:
        raise InputError(f"its file {clipped(member.filename)} is too large to be opened")
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise InputError(f"its file {clipped(member.filename)} is not as large as it says")
    return content
