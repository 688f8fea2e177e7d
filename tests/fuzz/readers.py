"""Every reader of the studio with valid inputs, and what it may say of invalid ones."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import networkx as nx
import numpy as np
import torch
from PIL import Image

from backend.circuit import Circuit
from backend.circuit.files import read_circuit
from backend.datasets import DATASETS
from backend.errors import StudioError
from backend.export import EXPORTERS
from backend.export.graph_json import to_node_link
from backend.export.importing import import_circuit
from backend.export.netlist_import import read_netlist
from backend.export.published import read_published
from backend.runs.directory import RunDirectory
from backend.training.spec import TrainSpec
from designer import serialize
from designer.documents import DocumentError
from designer.service import trajectories
from designer.service.uploads import Uploads

from . import mutations

GOLDEN = Path(__file__).parents[1] / "golden"
OURS: tuple[type[Exception], ...] = (StudioError, DocumentError)

PLAIN = """a diode beside resistors and capacitors
* plain cards
V1 in 0 DC 1
R1 in a 1k
C1 a 0 1u IC=0.5
R2 a b 2.2k
C2 b 0 10n
D1 b 0 dm
B1 0 b I=tanh(0.5*V(a)-0.1*V(b)+0.01)
I1 0 a 1u
.model dm D(IS=1e-14 N=1)
.ic V(a)=0.2 V(b)=0
.tran 1u 1m UIC
.end
"""
TABLE = "x;y;kind;price\n" + "".join(
    f"{k / 7:.3f};{k * k / 9:.2f};{'red' if k % 3 else 'blue'};{k * 1.5}\n" for k in range(24)
)
FALSTAD = """$ 1 0.000005 10.2 50 5 43 5e-11
R 0 0 0 -48 0 2 40 5 0 0 0.5
207 0 0 32 -16 4 supply
34 mine 0 1e-9 0 1.5 0 0
r 0 0 96 0 0 1000
d 0 0 96 0 2 mine
l 96 0 192 0 0 0.01 0
c 192 0 192 96 0 1e-6 0.5 0
v 192 96 96 96 0 1 40 5 0 0 0.5
t 96 96 160 160 0 1 0 0 100 default
g 192 96 192 112 0 0
O 96 0 144 0 0 0
"""
GRAPHML = "\n".join(nx.generate_graphml(nx.karate_club_graph()))
EDGES = "source,target,weight\n" + "".join(f"a{k},a{k * k % 7},{k / 4}\n" for k in range(2, 7))
SPEC = {
    "format": "kirchhoff-run/1", "name": "a", "model": "kirchhoffnet", "dataset": "two_moons",
    "model_options": {"hidden": 4}, "dataset_options": {"noise": 0.1}, "epochs": 3, "batch_size": 8,
    "solver": "rk4", "solver_options": {"steps": 4}, "learning_rate": 0.01, "seed": 1,
    "schedule": "cosine", "topology": "ring", "topology_options": {"nodes": 8}, "device": "cpu",
}  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """One way in.

    Args:
        suffix: of the file that is written.
        make: invalid bytes from a seed.
        read: reads the file; whatever it raises beside ``errors`` is a failure.
        errors: what may be said.
        share: of all inputs, in parts.
    """

    suffix: str
    make: Callable[[Random], bytes]
    read: Callable[[Path], Any]
    errors: tuple[type[Exception], ...] = OURS
    share: int = 10


def _saved(value: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def _zipped(pictures: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pictures.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _pictures(rng: Random) -> bytes:
    """An archive of pictures of two classes, some of them damaged."""
    found = {}
    for k in range(8):
        image = Image.new(rng.choice(("L", "RGB", "P", "RGBA", "1")), (6, 5), k)
        buffer = io.BytesIO()
        form = rng.choice(("PNG", "BMP", "GIF")) if image.mode != "RGBA" else "PNG"
        image.save(buffer, form)
        data = buffer.getvalue()
        data = mutations.of_bytes(rng, data) if rng.random() < 0.3 else data
        side = rng.choice(("train/", "test/", "", "val/"))
        found[f"{side}{'ab'[k % 2]}/{k}.{form.lower()}"] = data
    data = _zipped(found)
    return mutations.of_bytes(rng, data) if rng.random() < 0.5 else data


def _read_pictures(path: Path) -> None:
    folder = path.parent / "uploads"
    try:
        kept = Uploads(folder).store(path.name, path.read_bytes(), (".zip",))
        data = DATASETS["image_folder"](path=str(folder / kept), rows=4, columns=4)
        if sentence := data.missing():
            raise StudioError(sentence)
        data.preview()
        data.split()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_table(path: Path) -> None:
    chosen = {"path": str(path), "words": "one-hot"}
    DATASETS["csv"].glance(chosen)
    data = DATASETS["csv"](**chosen)
    if sentence := data.missing():
        raise StudioError(sentence)
    data.preview()
    data.split()


def _read_spec(path: Path) -> None:
    from backend.cli.options import read_object

    TrainSpec.from_options({"epochs": "2"}, read_object(path))
    TrainSpec.read(path)


def _frame(rng: Random) -> bytes:
    buffer = io.BytesIO()
    t = np.linspace(0, 1, 5)
    np.savez(buffer, t=t, voltages=np.zeros((5, 2)), currents=np.zeros((5, 1)), epoch=3)
    return mutations.of_bytes(rng, buffer.getvalue())


def _read_frame(path: Path) -> None:
    folder = path.parent / "run"
    (folder / "frames").mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text("{}")
    shutil.copy(path, folder / "frames" / "000003.npz")
    run = RunDirectory(folder)
    run.frame(3)
    trajectories.frame(run.replay(3, 2, 1), ("a", "b"), ("d",))


def _container(rng: Random) -> bytes:
    data = serialize.encode({"node_ids": ["a"]}, {"t": np.zeros(3), "v": np.zeros((3, 1))})
    if rng.random() < 0.5:
        head, start = serialize.header_of(data), 12 + int.from_bytes(data[8:12], "little")
        text = mutations.of_json(rng, head)
        return data[:8] + len(text).to_bytes(4, "little") + text + data[start:]
    return mutations.of_bytes(rng, data)


def _safetensors(rng: Random, valid: bytes) -> bytes:
    if rng.random() < 0.6:
        return mutations.of_bytes(rng, valid)
    length = int.from_bytes(valid[:8], "little")
    text = mutations.of_json(rng, json.loads(valid[8 : 8 + length]))
    return len(text).to_bytes(8, "little") + text + valid[8 + length :]


def readers() -> dict[str, Reader]:
    """All of them, by name."""
    circuit = json.loads((GOLDEN / "every_kind.json").read_text())
    described = Circuit.from_dict(circuit)
    network, pt = (EXPORTERS[form]().content(described) for form in ("safetensors", "pt"))
    layers = {f"circuit.layer_list.{k}.model.param": torch.zeros(3, 300) for k in range(2)}
    checkpoint = _saved({"state_dict": layers, "epoch": 3})
    graph = to_node_link(described)
    own = (GOLDEN / "every_kind.ngspice.cir").read_text()

    def netlist(rng: Random) -> bytes:
        return mutations.of_text(rng, rng.choice((PLAIN, PLAIN, own)), " =(")

    return {
        "circuit": Reader(
            ".json", lambda rng: mutations.of_json(rng, circuit), read_circuit, share=20
        ),
        "safetensors": Reader(".safetensors", lambda rng: _safetensors(rng, network), read_circuit),
        "pt": Reader(".pt", lambda rng: mutations.of_bytes(rng, pt), read_circuit),
        "checkpoint": Reader(
            ".pth", lambda rng: mutations.of_bytes(rng, checkpoint), read_published
        ),
        "netlist": Reader(".cir", netlist, read_netlist, share=20),
        "falstad": Reader(
            ".txt", lambda rng: mutations.of_text(rng, FALSTAD, " "), import_circuit, share=20
        ),
        "graph": Reader(".json", lambda rng: mutations.of_json(rng, graph), import_circuit),
        "graphml": Reader(
            ".graphml", lambda rng: mutations.of_text(rng, GRAPHML, ' <>"'), import_circuit
        ),
        "edges": Reader(".csv", lambda rng: mutations.of_text(rng, EDGES, ",\n"), import_circuit),
        "table": Reader(".csv", lambda rng: mutations.of_text(rng, TABLE, ";,"), _read_table),
        "pictures": Reader(".zip", _pictures, _read_pictures, share=2),
        "spec": Reader(".json", lambda rng: mutations.of_json(rng, SPEC), _read_spec),
        "frame": Reader(".npz", _frame, _read_frame, share=4),
        "container": Reader(
            ".bin", _container, lambda path: serialize.decode(path.read_bytes()), (ValueError,), 8
        ),
    }
