"""Networks as arrays: equal after loading, safe to open, readable by ten lines of plain torch."""

import os
import re
import runpy
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from backend.circuit import Circuit, Node, Slice
from backend.circuit.files import read_circuit, write_circuit
from backend.circuit.networks import arrays_of, load_network, reader, save_network
from backend.circuit.networks.loader import loader
from backend.errors import CircuitError, ExportError
from backend.export import EXPORTERS
from backend.models.circuits.layer import CircuitLayer
from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES

DRAWN = [name for name, kind in TOPOLOGIES.items() if not kind.reads_files]
FORMS = pytest.mark.parametrize("form", ["safetensors", "pt"])


@FORMS
@pytest.mark.parametrize("name", DRAWN)
def test_generated_networks_come_back_equal(name: str, form: str, tmp_path: Path) -> None:
    # Some shapes bring their own slices.
    several = any(param.name == "slices" for param in TOPOLOGIES[name].params)
    circuit = TOPOLOGIES[name](**({"slices": 2} if several else {}))()
    save_network(circuit, tmp_path / f"a.{form}")
    assert load_network(tmp_path / f"a.{form}") == circuit


@FORMS
def test_awkward_texts_survive(form: str, tmp_path: Path) -> None:
    nodes = (Node("ä 1", label="a\nb\x00\U0001f4a9"), Node("n2", label='"'))
    circuit = Circuit(nodes, (Slice(), Slice(duration=1e-300)), "\U0001f4a9\x00 ~")
    save_network(circuit, tmp_path / f"a.{form}")
    assert load_network(tmp_path / f"a.{form}") == circuit


def test_circuit_files_read_and_write_networks(every_kind: Circuit, tmp_path: Path) -> None:
    write_circuit(every_kind, tmp_path / "a.safetensors")
    assert read_circuit(tmp_path / "a.safetensors") == every_kind


@pytest.mark.parametrize("name", ["ring", "neighbor"])
def test_usual_ids_cost_nothing(name: str) -> None:
    arrays = arrays_of(TOPOLOGIES[name]()())
    assert not set(arrays) & {"node_ids", "device_ids", "labels"}


@FORMS
def test_a_large_network(form: str, tmp_path: Path) -> None:
    topology = TOPOLOGIES["neighbor"](height=12, width=12, kernel=3, extra=10, kind="tanh_diff")
    circuit = topology()
    assert len(circuit.devices) > 10_000
    save_network(circuit, tmp_path / f"a.{form}")
    assert load_network(tmp_path / f"a.{form}") == circuit
    assert (tmp_path / f"a.{form}").stat().st_size < 60 * len(circuit.devices)


@FORMS
def test_the_loader_needs_torch_alone(
    form: str,
    every_kind: Circuit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The program in the file, run beside the file, ends at our final voltages."""
    save_network(every_kind, tmp_path / f"network.{form}")
    program = loader(every_kind, form)
    assert set(re.findall(r"(?:import|from) (\S+)", program)) <= {
        "torch",
        "safetensors.torch",
        "load_file",
    }
    (tmp_path / "program.py").write_text(program)
    monkeypatch.chdir(tmp_path)
    scope = runpy.run_path(str(tmp_path / "program.py"), run_name="__main__")
    assert "tensor(" in capsys.readouterr().out
    ours = simulate(every_kind, solver="rk4", steps=200, outputs=2).voltages[-1]
    start = scope["net"]["voltage"][scope["inputs"]][None]
    assert scope["run"](start)[0].numpy() == pytest.approx(ours, rel=1e-12, abs=1e-12)
    assert np.abs(ours).max() > 0.1


WITHOUT_US = """
import sys
sys.modules["backend"] = None  # any import of it fails
sys.path.insert(0, sys.argv[1])
import numpy, net_loader, torch
x = torch.from_numpy(numpy.load(sys.argv[2]))
numpy.save(sys.argv[3], net_loader.predict(x, steps=50).numpy())
assert not [name for name in sys.modules if name.startswith("backend.")]
"""


@FORMS
def test_the_program_beside_the_weights_takes_a_batch_in_a_process_without_us(
    form: str, every_kind: Circuit, tmp_path: Path
) -> None:
    path = tmp_path / f"net.{form}"
    EXPORTERS[form]().export(every_kind, path)
    x = np.random.default_rng(0).normal(size=(7, len(every_kind.inputs)))
    np.save(tmp_path / "x.npy", x)
    files = [str(tmp_path), str(tmp_path / "x.npy"), str(tmp_path / "y.npy")]
    subprocess.run([sys.executable, "-I", "-c", WITHOUT_US, *files], check=True, cwd="/")
    layer = CircuitLayer(every_kind, "rk4", steps=50, dtype=torch.float64)
    ours = layer(torch.from_numpy(x)).detach().numpy()
    assert ours.shape == (7, len(every_kind.outputs))
    assert np.ptp(ours, axis=0).min() > 0.01
    assert np.load(tmp_path / "y.npy") == pytest.approx(ours, rel=1e-12, abs=1e-12)


@FORMS
def test_a_program_of_ones_own_is_not_overwritten(
    form: str, every_kind: Circuit, tmp_path: Path
) -> None:
    exporter = EXPORTERS[form]()
    exporter.export(every_kind, tmp_path / f"a.{form}")
    exporter.export(every_kind, tmp_path / f"a.{form}")  # ours is replaced
    (tmp_path / "b_loader.py").write_text("print('mine')\n")
    with pytest.raises(ExportError, match=r"b_loader\.py: this file is not from an export"):
        exporter.export(every_kind, tmp_path / f"b.{form}")
    assert (tmp_path / "b_loader.py").read_text() == "print('mine')\n"
    assert not (tmp_path / f"b.{form}").exists()


def test_a_circuit_file_has_no_program_beside_it(every_kind: Circuit, tmp_path: Path) -> None:
    write_circuit(every_kind, tmp_path / "a.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_the_loader_is_short_and_stands_in_the_file(every_kind: Circuit, tmp_path: Path) -> None:
    from safetensors import safe_open

    program = loader(every_kind, "safetensors")
    reading, _, stepping = program.partition("laws = {\n")[2].partition("}\n\n")
    assert len(reading.strip().splitlines()) == len({d.kind for d in every_kind.devices})
    assert len(stepping.strip().splitlines()) < 30
    save_network(every_kind, tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        assert file.metadata()["loader"] == program


def test_no_code_runs_when_a_file_is_read(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
            return Path.touch, (tmp_path / "pwned",)  # type: ignore[return-value]

    torch.save({"metadata": {}, "arrays": Trap()}, tmp_path / "a.pt")
    with pytest.raises(CircuitError, match=r"\.pt file holds something other than"):
        load_network(tmp_path / "a.pt")
    assert not (tmp_path / "pwned").exists()


@FORMS
@pytest.mark.parametrize("keep", [0, 7, 100, 0.5, 0.999])
def test_a_cut_file_is_refused(form: str, keep: float, every_kind: Circuit, tmp_path: Path) -> None:
    path = tmp_path / f"a.{form}"
    save_network(every_kind, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if isinstance(keep, float) else keep])
    with pytest.raises(CircuitError, match="not a complete"):
        load_network(path)


DAMAGES: dict[str, tuple[Callable[[dict[str, torch.Tensor]], object], str]] = {
    "missing": (lambda a: a.pop("0.tanh.b"), r"0\.tanh\.b: this array is missing"),
    "extra": (lambda a: a.update(more=a["voltage"]), "more: there should be no such array"),
    "short": (
        lambda a: a.update({"0.tanh.a": torch.zeros(0, dtype=torch.float64)}),
        r"0\.tanh\.a: expected the shape \(1,\), got \(0,\)",
    ),
    "flat": (
        lambda a: a.update(position=a["voltage"]),
        r"position: expected the shape \(4, 2\), got \(4,\)",
    ),
    "scalar": (
        lambda a: a.update(voltage=a["voltage"][0]),
        "voltage: expected the shape",
    ),
    "float32": (
        lambda a: a.update(voltage=a["voltage"].float()),
        r"voltage: expected an array of torch\.float64",
    ),
    "row": (
        lambda a: a["0.tanh.source"].fill_(5),
        r"0\.tanh\.source: rows must lie between 0 and 4 \(ground\)",
    ),
    "negative row": (lambda a: a["0.tanh.source"].fill_(-1), r"0\.tanh\.source: rows must lie"),
    "loop": (
        lambda a: a["0.tanh.source"].copy_(a["0.tanh.target"]),
        r"slices\[0\]\.devices\[3\]: device 'd4' connects",
    ),
    "place": (lambda a: a["0.tanh.place"].fill_(99), r"0\.\*\.place: the places of the devices"),
    "role": (lambda a: a["role"].fill_(4), "role: a role is 4"),
    "nan": (
        lambda a: a["0.tanh.c"].fill_(float("nan")),
        r"slices\[0\]\.devices\[3\]\.params: device 'd4': c must be a finite number",
    ),
    "capacitance": (lambda a: a["capacitance"].fill_(-1), r"nodes\[0\]\.capacitance: .* positive"),
    "kind": (
        lambda a: a.update({"0.tahn.place": a["0.tanh.place"]}),
        r"0\.tahn: unknown device kind 'tahn'",
    ),
    "ids": (lambda a: a["node_ids"].fill_(0), "node_ids: expected a JSON list of texts"),
    "slices": (
        lambda a: a.update(durations=a["durations"][:1]),
        "device_ids: expected 9 texts, got 18",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named(damage: str, every_kind: Circuit, tmp_path: Path) -> None:
    change, message = DAMAGES[damage]
    arrays = arrays_of(every_kind)
    change(arrays)
    path = tmp_path / "a.safetensors"
    save_file({k: v.clone() for k, v in arrays.items()}, path, {"format": reader.FORMAT})
    with pytest.raises(CircuitError, match=message):
        load_network(path)
    with pytest.raises(CircuitError, match=r"a\.safetensors: "):
        read_circuit(path)


def test_devices_of_a_kind_may_stand_in_any_order(every_kind: Circuit, tmp_path: Path) -> None:
    arrays = arrays_of(every_kind)
    arrays = {k: v.flip(0) if re.match(r"\d+\.\w+\.", k) else v for k, v in arrays.items()}
    assert any((v.diff() < 0).any() for k, v in arrays.items() if k.endswith(".place"))
    metadata = {"format": reader.FORMAT, "name": f'"{every_kind.name}"'}
    save_file(arrays, tmp_path / "a.safetensors", metadata)
    assert load_network(tmp_path / "a.safetensors") == every_kind


def test_other_files_are_refused(tmp_path: Path, every_kind: Circuit) -> None:
    save_file(arrays_of(every_kind), tmp_path / "a.safetensors")
    with pytest.raises(CircuitError, match="format: this file says no format; this version reads"):
        load_network(tmp_path / "a.safetensors")
    torch.save(arrays_of(every_kind), tmp_path / "a.pt")
    with pytest.raises(CircuitError, match="holds something other than an exported network"):
        load_network(tmp_path / "a.pt")
    with pytest.raises(CircuitError, match="cannot be read"):
        load_network(tmp_path / "none.safetensors")
    with pytest.raises(CircuitError, match="cannot be read"):
        load_network(tmp_path / "none.pt")
    with pytest.raises(CircuitError, match=r"written as \.safetensors or \.pt"):
        save_network(every_kind, tmp_path / "a.onnx")


def test_arrays_are_where_the_documentation_says(every_kind: Circuit, tmp_path: Path) -> None:
    save_network(every_kind, tmp_path / "a.safetensors")
    arrays = load_file(tmp_path / "a.safetensors")
    devices = every_kind.slices[0].devices
    relu = [place for place, device in enumerate(devices) if device.kind == "relu"]
    assert arrays["0.relu.place"].tolist() == relu
    assert arrays["0.relu.a"].tolist() == [devices[place].params["a"] for place in relu]
    assert arrays["0.sigmoid.target"].tolist() == [4]
    assert arrays["durations"].tolist() == [1.0, 0.25, 0.5]


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"learning_rate": 1}', '{"solver": 4}', '{"solver_options": []}']
)
def test_damaged_settings_are_named(text: str, every_kind: Circuit, tmp_path: Path) -> None:
    metadata = {"format": reader.FORMAT, "settings": text}
    save_file(arrays_of(every_kind), tmp_path / "a.safetensors", metadata)
    with pytest.raises(CircuitError, match="settings: expected a JSON object of model, "):
        load_network(tmp_path / "a.safetensors")
    with pytest.raises(CircuitError, match="settings: expected a JSON object of model, "):
        reader.settings_of(tmp_path / "a.safetensors")


def header(text: bytes, length: int | None = None) -> bytes:
    return struct.pack("<Q", len(text) if length is None else length) + text


ENTRY = b'{"voltage":{"dtype":"F64","shape":[%s],"data_offsets":[%s]}}'
HEADERS = {
    "nothing": (b"", "cut short"),
    "60 MB": (header(b"{", 60 * 2**20), "header is larger than"),
    "a number": (header(b"5"), "no JSON object"),
    "half a character": (header(b'{"\\ud800": 1}'), "half a character"),
    "doubled": (header(b'{"a": {}, "a": {}}'), "stands twice"),
    "deep": (header(b"[" * 5000), "nested too deeply"),
    "negative": (header(ENTRY % (b"-1", b"-8,0")), "not a complete safetensors file"),
    "beyond the end": (header(ENTRY % (b"9", b"0,72")), "not a complete safetensors file"),
    "another dtype": (header(ENTRY.replace(b"F64", b"X9") % (b"0", b"0,0")), "not a complete"),
    "many nodes": (header(ENTRY % (b"99999999", b"0,8")), "voltage: there are 99,999,999 entries"),
    "empty": (header(b"{}"), "format: this file says no format"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_headers_are_checked_before_anything_is_made(case: str, tmp_path: Path) -> None:
    content, message = HEADERS[case]
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(CircuitError, match=message) as caught:
        load_network(tmp_path / "a.safetensors")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_pipes_and_folders_are_no_networks(suffix: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / f"a{suffix}")
    (tmp_path / f"b{suffix}").mkdir()
    for name in "ab":
        with pytest.raises(CircuitError, match="cannot be read"):
            load_network(tmp_path / f"{name}{suffix}")
        with pytest.raises(CircuitError, match="cannot be read"):
            reader.settings_of(tmp_path / f"{name}{suffix}")
