"""Circuits being edited: one circuit file each under HOME/circuits, its revision beside it."""

import contextlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .locking import LockedError, locked, remove_parts
from .security import valid_id
from .serialize import stored_json

FORMATS = ("kirchhoff-circuit/1", "kirchhoff-circuit/2")


class DocumentError(Exception):
    """A document that cannot be read or written; one plain sentence.

    Args:
        message: what was found and what to do.
        status: HTTP status of the answer.
        revision: the revision on disk, for a conflict.
    """

    def __init__(self, message: str, status: int = 422, revision: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.revision = revision


class Documents:
    """The circuits of one HOME.

    ``<id>.json`` is a circuit file that every other command reads; ``<id>.rev`` holds the revision
    and the browser tab that wrote it, so that two tabs do not overwrite each other. Servers that
    share a HOME write one after the other.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def recent(self, limit: int = 50) -> list[dict[str, Any]]:
        """Id, name, size and time of change, newest first; unreadable files are named as such."""
        if not self.folder.is_dir():
            return []
        dated = []
        for path in self.folder.glob("*.json"):
            try:
                dated.append((path.stat().st_mtime, path))
            except OSError:  # deleted meanwhile
                continue
        dated.sort(reverse=True)
        return [self._summary(path, modified) for modified, path in dated[:limit]]

    def create(self, circuit: Any, id: str | None = None) -> tuple[str, int]:
        """Store a new document under `id` or an id of its own; returns id and revision."""
        if id is not None and not valid_id(id):
            raise DocumentError(f"{id[:40]!r} cannot be an id; use letters, digits, - and _.", 400)
        _check_outline(circuit)
        with writing(self.folder):
            name = id or _new_id(circuit)
            if id and self.path(name).exists():
                raise DocumentError(f"There is already a circuit '{id}'.", 409, self._revision(id))
            self._write(name, circuit, 1, "")
        return name, 1

    def load(self, id: str) -> dict[str, Any]:
        """``{id, revision, circuit}`` of a document."""
        path = self.path(id)
        if not path.exists():
            raise DocumentError(f"There is no circuit '{id}' here.", 404)
        try:
            circuit = stored_json(path)
            _check_outline(circuit)
        except (ValueError, DocumentError):
            raise DocumentError(
                f"The file {path.name} is damaged and cannot be opened; it was left as it is."
            ) from None
        return {"id": id, "revision": self._revision(id), "circuit": circuit}

    def save(self, id: str, circuit: Any, revision: int, client: str = "") -> int:
        """Replace a document; returns its new revision.

        Raises:
            DocumentError: another tab saved since `revision` (409), or the write failed.
        """
        _check_outline(circuit)
        with writing(self.folder):
            current, writer = self._stamp(id)
            if revision != current and (not client or client != writer) and self.path(id).exists():
                raise DocumentError(
                    "This circuit was changed in another window since; reload it, or save a copy.",
                    409,
                    current,
                )
            self._write(id, circuit, current + 1, client)
        return current + 1

    def delete(self, id: str) -> None:
        """Remove a document."""
        path = self.path(id)
        missing = DocumentError(f"There is no circuit '{id}' here.", 404)
        if not path.exists():
            raise missing
        with writing(self.folder):
            if not path.exists():  # another server was faster
                raise missing
            path.unlink()
            self._stamp_path(id).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what killed writers left; nobody else writes while the folder is held."""
        if self.folder.is_dir():
            with contextlib.suppress(DocumentError), writing(self.folder):
                remove_parts(self.folder)

    def _summary(self, path: Path, modified: float) -> dict[str, Any]:
        entry = {"id": path.stem, "name": path.stem, "nodes": 0, "devices": 0, "modified": modified}
        try:
            circuit = stored_json(path)
            entry["name"] = str(circuit.get("name") or "Untitled circuit")
            entry["nodes"] = len(circuit["nodes"])
            entry["devices"] = sum(len(part["devices"]) for part in circuit["slices"])
        except (ValueError, KeyError, TypeError, AttributeError):
            entry["name"] = f"{path.name} (damaged)"
            entry["damaged"] = True
        return entry

    def path(self, id: str) -> Path:
        """Where a circuit of this id lies, or would."""
        if not valid_id(id):
            raise DocumentError(f"{id[:40]!r} is not the id of a circuit.", 404)
        return self.folder / f"{id}.json"

    def _stamp_path(self, id: str) -> Path:
        return self.folder / f"{id}.rev"

    def _stamp(self, id: str) -> tuple[int, str]:
        """Revision and writer; a missing or broken stamp counts as revision 0."""
        self.path(id)
        try:
            stamp = stored_json(self._stamp_path(id))
            return int(stamp["revision"]), str(stamp["client"])
        except (ValueError, KeyError, TypeError, OverflowError):
            return 0, ""

    def _revision(self, id: str) -> int:
        return self._stamp(id)[0]

    def _write(self, id: str, circuit: Any, revision: int, client: str) -> None:
        # The circuit first: after a crash in between, an old stamp only asks for one more save.
        write_atomic(self.path(id), json.dumps(circuit, ensure_ascii=False).encode())
        stamp = json.dumps({"revision": revision, "client": client[:80]})
        write_atomic(self._stamp_path(id), stamp.encode())


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Be the only one that writes in a folder of HOME.

    Raises:
        DocumentError: the folder cannot be written to, or somebody else holds it for too long.
    """
    try:
        with locked(folder):
            yield
    except LockedError as error:
        raise DocumentError(f"Not saved: {error.strerror}; try again in a moment.", 503) from None
    except OSError as error:
        raise DocumentError(
            f"The folder {folder.name} cannot be written to ({error.strerror}); choose another "
            "home folder. What you see is still in the browser.",
            507,
        ) from None


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` completely or leave the old file as it was.

    Raises:
        DocumentError: the disk refused it, with the reason.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise DocumentError(
            f"{path.name} could not be saved ({error.strerror}); free some space or choose another "
            "home folder. What you see is still in the browser.",
            507,
        ) from None


def _new_id(circuit: dict[str, Any]) -> str:
    words = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(circuit.get("name", "")))
    stem = "-".join(part for part in words.lower().split("-") if part)[:32] or "circuit"
    return f"{stem}-{int(time.time()):x}{secrets.token_hex(2)}"


def _check_outline(circuit: Any) -> None:
    """Enough to be opened again; half-drawn circuits must be kept, so values are not judged."""
    if not isinstance(circuit, dict) or circuit.get("format") not in FORMATS:
        raise DocumentError(f"A circuit of the format '{FORMATS[0]}' was expected.", 422)
    slices = circuit.get("slices")
    if not isinstance(circuit.get("nodes"), list) or not isinstance(slices, list):
        raise DocumentError("The circuit needs a list of nodes and a list of slices.", 422)
    if not all(isinstance(part, dict) and isinstance(part.get("devices"), list) for part in slices):
        raise DocumentError("Every slice needs a list of devices.", 422)
