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
        return [{**entry, **self._size(entry)} for entry in listed if self._there(entry)]

    @property
    def hero(self) -> str:
        """Id of the example that runs on the front page."""
        return next(entry["id"] for entry in self.entries if entry["hero"])

    def ids(self) -> list[str]:
        """Ids of all examples."""
        return [entry["id"] for entry in self.entries]

    def is_network(self, id: str) -> bool:
        """Whether an example is too large to draw: a packed safetensors file, not JSON."""
        return any(entry["id"] == id and entry.get("network") for entry in self.entries)

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

    def _there(self, entry: dict[str, Any]) -> bool:
        return not entry.get("network") or (FOLDER / f"{entry['id']}.safetensors.xz").is_file()

    def _size(self, entry: dict[str, Any]) -> dict[str, Any]:
        if entry.get("network"):
            from ..service.network_files import about, header_of, listed

            path = FOLDER / f"{entry['id']}.safetensors.xz"
            found, score = listed(path), about(header_of(path)).get("score")
            size = {"nodes": found["nodes"], "devices": found["devices"]}
            return {**size, "score": f"{score['text']} {entry['score']}" if score else ""}
        circuit = self._circuit(entry["id"])
        return {
            "nodes": len(circuit["nodes"]),
            "devices": sum(len(part["devices"]) for part in circuit["slices"]),
        }
