"""Every registered exporter, and files that are replaced whole or not at all."""

import os
from pathlib import Path

import pytest

from backend.circuit import Circuit
from backend.circuit.files import read_circuit, write_circuit
from backend.circuit.networks import load_network
from backend.errors import CircuitError, ExportError, StudioError
from backend.export import EXPORTERS
from backend.export.importing import import_circuit
from backend.export.netlist_import import read_netlist

READERS = {
    "json": read_circuit,
    "safetensors": read_circuit,
    "pt": load_network,
    "spice": read_netlist,
    "graph": import_circuit,
}
SOME = {"circuitjs"}
"""Forms that hold only some devices; their own tests read them back."""

EVERY = pytest.mark.parametrize("name", READERS)


def test_all_forms_exist() -> None:
    assert set(EXPORTERS.names()) == set(READERS) | SOME


@EVERY
def test_what_leaves_comes_back(name: str, every_kind: Circuit, tmp_path: Path) -> None:
    exporter = EXPORTERS[name]()
    assert exporter.title
    path = tmp_path / f"network{exporter.suffix}"
    exporter.export(every_kind, path)
    assert READERS[name](path) == every_kind


# The safetensors library writes its metadata in an order of its own.
@pytest.mark.parametrize("name", [name for name in READERS if name != "safetensors"])
def test_equal_circuits_give_equal_files(name: str, every_kind: Circuit) -> None:
    content = EXPORTERS[name]().content(every_kind)
    assert content == EXPORTERS[name]().content(Circuit.from_json(every_kind.to_json()))


@EVERY
def test_an_older_file_survives_a_full_disk(
    name: str, every_kind: Circuit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "network"
    path.write_text("older")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="No space left on device"):
        EXPORTERS[name]().export(every_kind, path)
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["network"]


def test_a_missing_folder_is_named(every_kind: Circuit, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere/a\.json: cannot be written \(No such file"):
        EXPORTERS["json"]().export(every_kind, tmp_path / "nowhere" / "a.json")
    with pytest.raises(CircuitError, match="cannot be written"):
        write_circuit(every_kind, tmp_path / "nowhere" / "a.safetensors")


def test_files_have_ordinary_permissions(every_kind: Circuit, tmp_path: Path) -> None:
    EXPORTERS["json"]().export(every_kind, tmp_path / "ours")
    (tmp_path / "theirs").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_unknown_dialects_are_refused() -> None:
    with pytest.raises(StudioError, match=r"SPICE netlist: dialect is 'ltspce'.*ltspice"):
        EXPORTERS["spice"](dialect="ltspce")
