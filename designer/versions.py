"""Versions of circuits: what was saved on purpose, beside the circuit in HOME, the oldest go first.

``circuits/<id>.versions/<milliseconds>.json`` is a circuit file like any other.
"""

import contextlib
import json
import re
import time
from pathlib import Path
from typing import Any

from .documents import DocumentError, Documents, write_atomic, writing
from .serialize import stored_json

KEPT = 30
"""Versions of one circuit."""

NAME = re.compile(r"[0-9]{10,16}")


class Versions:
    """The versions of the circuits of one HOME.

    Args:
        documents: those circuits.
    """

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def keep(self, id: str) -> dict[str, Any]:
        """Keep the circuit as it is on the disk now; ``{version, new}``.

        A circuit that is as its newest version was is not kept twice.

        Raises:
            DocumentError: there is no such circuit, or the disk refused it.
        """
        circuit = self.documents.load(id)["circuit"]
        folder = self._folder(id)
        with writing(self.documents.folder):
            known = self._names(id)
            if known and self._circuit(id, known[-1]) == circuit:
                return {"version": known[-1], "new": False}
            last = int(known[-1]) if known else 0
            name = str(max(int(1000 * time.time()), last + 1))
            write_atomic(folder / f"{name}.json", json.dumps(circuit, ensure_ascii=False).encode())
            for old in known[: max(0, len(known) + 1 - KEPT)]:
                with contextlib.suppress(OSError):
                    (folder / f"{old}.json").unlink()
        return {"version": name, "new": True}

    def kept(self, id: str) -> list[dict[str, Any]]:
        """``{version, saved, circuit}`` of each, the newest first; damaged ones are left out."""
        found = []
        for name in reversed(self._names(id)):
            with contextlib.suppress(DocumentError):
                circuit = self._circuit(id, name)
                found.append({"version": name, "saved": int(name) / 1000, "circuit": circuit})
        return found

    def forget(self, id: str) -> None:
        """Remove all versions of a circuit that was deleted."""
        folder = self._folder(id)
        for name in self._names(id):
            with contextlib.suppress(OSError):
                (folder / f"{name}.json").unlink()
        with contextlib.suppress(OSError):
            folder.rmdir()

    def _folder(self, id: str) -> Path:
        return self.documents.path(id).with_suffix(".versions")

    def _names(self, id: str) -> list[str]:
        try:
            names = [path.stem for path in self._folder(id).iterdir() if path.suffix == ".json"]
        except OSError:
            return []
        return sorted((name for name in names if NAME.fullmatch(name)), key=int)

    def _circuit(self, id: str, name: str) -> Any:
        try:
            return stored_json(self._folder(id) / f"{name}.json")
        except ValueError:
            raise DocumentError(f"Version {name} is damaged; others can be restored.") from None
