"""Example circuits: one JSON file each, listed with title and text in gallery.json."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class Gallery:
    """The examples that come with the studio."""

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """Id, title, text, settings and size of every example, in order of display."""
        listed = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
        return [{**entry, **self._size(entry["id"])} for entry in listed]

    @property
    def hero(self) -> str:
        """Id of the example that runs on the front page."""
        return next(entry["id"] for entry in self.entries if entry["hero"])

    def ids(self) -> list[str]:
        """Ids of all examples."""
        return [entry["id"] for entry in self.entries]

    def load(self, id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Circuit and simulation settings of an example.

        Raises:
            KeyError: there is no such example.
        """
        for entry in self.entries:
            if entry["id"] == id:
                return self._circuit(id), dict(entry["settings"])
        raise KeyError(id)

    def _circuit(self, id: str) -> dict[str, Any]:
        return json.loads((FOLDER / f"{id}.json").read_text(encoding="utf-8"))

    def _size(self, id: str) -> dict[str, int]:
        circuit = self._circuit(id)
        return {
            "nodes": len(circuit["nodes"]),
            "devices": sum(len(part["devices"]) for part in circuit["slices"]),
        }
