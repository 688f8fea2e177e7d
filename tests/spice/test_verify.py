"""A real ngspice integrates what we export and agrees with us."""

import json
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.devices import DEVICES
from backend.errors import ExportError
from backend.export.netlist_import import parse_netlist
from backend.export.verify import run_ngspice, verify
from backend.topologies import TOPOLOGIES
from tests import strategies

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]
CIRCUITS = 20


def value(name: str, rng: random.Random) -> float:
    ranges = {"conductance": (0.1, 2.0), "ideality": (1.0, 2.0)}
    if name == "saturation_current":
        return 10 ** rng.uniform(-14, -9)
    return rng.uniform(*ranges.get(name, (-1.0, 1.0)))


def random_circuit(kind: str, seed: int) -> Circuit:
    """Mostly one kind; 2 to 5 nodes, 1 to 3 slices, every third pair of parallel devices."""
    rng = random.Random(f"{kind} {seed}")
    swing = 0.6 if kind == "diode" else 1.0
    nodes = tuple(
        Node(f"n{k}", rng.uniform(-swing, swing), rng.uniform(0.5, 2))
        for k in range(rng.randint(2, 5))
    )
    ends = [*(node.id for node in nodes), GROUND]
    slices: list[Slice] = []
    count = 0
    for _ in range(1 + seed % 3):
        devices: list[Device] = []
        for place in range(rng.randint(3, 9)):
            source, target = rng.sample(ends, 2)
            if place == 0:  # ground edges in every slice
                source, target = rng.choice([(ends[0], GROUND), (GROUND, ends[0])])
            for _ in range(1 + (place % 3 == 1)):
                count += 1
                own = kind if rng.random() < 0.8 else rng.choice(DEVICES.names())
                params = {param.name: value(param.name, rng) for param in DEVICES[own].params}
                devices.append(Device(f"d{count}", own, source, target, params))
        slices.append(Slice(tuple(devices), rng.choice([0.05, 0.3, 1.0, 2.0])))
    return Circuit(nodes, tuple(slices))


@pytest.mark.parametrize("kind", DEVICES.names())
def test_random_circuits_of_every_kind(kind: str) -> None:
    worst = 0.0
    for seed in range(CIRCUITS):
        result = verify(random_circuit(kind, seed), outputs=101)
        assert result.ok, f"{kind} {seed}: {result.text}"
        worst = max(worst, result.largest_error)
    assert worst > 0, "two simulators cannot agree to the last bit"
    print(f"{kind}: largest error {worst:.1e} of the largest voltage")


HARSH = {
    "diodes": (["diode"], 1.0, 1.0),
    "among other kinds": (
        ["diode", "tanh", "resistor", "relu", "diode", "current_source"],
        1.0,
        1.0,
    ),
    "1000 times the current": (["diode"], 1e3, 1.0),
    "2.5 times the voltage": (["diode"], 1.0, 2.5),
}
"""Kinds, factor on saturation currents of 1e-9 A to 1e-6 A, factor on initial voltages."""


def harsh_circuit(draw: str, seed: int) -> Circuit:
    """Charge that moves within 1 ps to 1 us at t = 0 and after every boundary."""
    kinds, current, swing = HARSH[draw]
    circuit = strategies.random_circuit(seed, kinds, slices=1 + seed % 3)

    def stronger(device: Device) -> Device:
        if device.kind != "diode":
            return device
        saturation = device.params["saturation_current"] * current
        return replace(device, params={**device.params, "saturation_current": saturation})

    return circuit.replace(
        nodes=tuple(replace(node, voltage=node.voltage * swing) for node in circuit.nodes),
        slices=tuple(
            replace(part, devices=tuple(map(stronger, part.devices))) for part in circuit.slices
        ),
    )


@pytest.mark.parametrize("draw", HARSH)
def test_diodes_that_settle_at_once(draw: str) -> None:
    """The worst of 40 seeds of each draw differs by 5.5e-5, that of diodes alone by 1.2e-5."""
    for seed in range(12):
        result = verify(harsh_circuit(draw, seed), tolerance=1e-4)
        assert result.ok, f"{draw} {seed}: {result.text}"


def test_random_circuits_are_as_promised() -> None:
    circuits = [random_circuit(kind, seed) for kind in DEVICES for seed in range(CIRCUITS)]
    for circuit in circuits:
        for part in circuit.slices:
            pairs = [(device.source, device.target) for device in part.devices]
            assert len(set(pairs)) < len(pairs)
            assert any(GROUND in pair for pair in pairs)
    assert {len(circuit.slices) for circuit in circuits} == {1, 2, 3}


def test_every_kind_at_once(every_kind: Circuit) -> None:
    assert verify(every_kind, tolerance=1e-4).ok


def test_exact_ladder() -> None:
    """ngspice itself, against the matrix exponential."""
    from scipy.linalg import expm

    ladder = TOPOLOGIES["rc_ladder"](sections=5, conductance=3.0, capacitance=0.5)()
    laplacian = np.diag([1.0, 2, 2, 2, 1]) - np.diag(np.ones(4), 1) - np.diag(np.ones(4), -1)
    times = np.linspace(0, 1, 41)
    exact = np.array([expm(-6 * t * laplacian)[:, 0] for t in times])
    assert run_ngspice(ladder, times) == pytest.approx(exact, abs=2e-5)


def sliced(durations: list[float], **options: float) -> Circuit:
    topology = TOPOLOGIES["random"](nodes=6, devices=14, slices=len(durations), **options)
    circuit = topology(4)
    parts = zip(circuit.slices, durations, strict=True)
    return circuit.replace(slices=tuple(replace(part, duration=d) for part, d in parts))


@pytest.mark.parametrize(
    "durations", [[0.1] * 16, [5.0, 0.01, 2.0], [0.003, 1.0, 0.3, 0.007]], ids=str
)
def test_many_and_unequal_slices(durations: list[float]) -> None:
    assert verify(sliced(durations, strength=3.0), tolerance=1e-4).ok


def test_nanoseconds_and_picofarads() -> None:
    """(C, T) -> (1e-12 C, 1e-12 T) leaves the voltages alone; tolerances must follow."""
    circuit = sliced([0.7, 0.3])
    small = circuit.replace(
        nodes=tuple(replace(node, capacitance=1e-12) for node in circuit.nodes),
        slices=tuple(replace(part, duration=part.duration * 1e-12) for part in circuit.slices),
    )
    assert verify(small, tolerance=1e-4).theirs == pytest.approx(
        verify(circuit, tolerance=1e-4).theirs, abs=1e-4
    )
    assert verify(small, tolerance=1e-4).ok


def test_a_stiff_slice_begins_after_the_boundary() -> None:
    """A time constant of 1e-7 s in the second slice: the boundary value is the one before it."""
    nodes = (Node("a", 1.0), Node("b", 0.0))
    slow = Device("d1", "resistor", "a", "b", {"conductance": 0.2})
    fast = Device("d2", "resistor", "a", "gnd", {"conductance": 1e7})
    result = verify(Circuit(nodes, (Slice((slow,)), Slice((fast,)))), outputs=101)
    assert result.ok, result.text
    assert result.theirs[50, 0] == pytest.approx(0.5 + 0.5 * np.exp(-0.4), rel=1e-4)
    assert abs(result.theirs[51, 0]) < 1e-4


def test_plain_cards_mean_what_ngspice_means(tmp_path: Path) -> None:
    """R, C and I cards of someone else: ngspice on the original, we on the imported circuit."""
    deck = (
        "someone else's\nR1 a b 2\nR2 b 0 0.5k\nC1 a 0 0.3 IC=1\nC2 b 0 2 IC=-0.5\nI1 b a 50m\n"
        ".tran 10m 1 0 5m uic\n.options reltol=1e-7\n.print tran v(a) v(b)\n.end\n"
    )
    (tmp_path / "deck.cir").write_text(deck)
    command = ["ngspice", "-n", "-b", str(tmp_path / "deck.cir")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    rows = [line.split() for line in done.stdout.splitlines() if line[:1].isdigit()]
    table = np.array([[float(word) for word in row[1:4]] for row in rows if len(row) == 4])
    assert len(table) > 90
    ours = verify(parse_netlist(deck), outputs=101)
    assert ours.ok
    for column in (0, 1):
        # The first row that ngspice prints lies a step after t = 0.
        theirs = np.interp(ours.t, table[:, 0], table[:, column + 1])
        assert ours.ours[1:, column] == pytest.approx(theirs[1:], abs=2e-4)


HOSTILE = "\n.control\nshell touch {0}\n.endc\n* `touch {0}` $(touch {0})\n*#shell touch {0}\n\\\\"


def hostile(path: Path) -> Circuit:
    text = HOSTILE.format(path) + "</script><script>alert(1)</script>\u2028.control\r.endc"
    spaced = text.replace("\n", "\u2028").replace("\r", "\u0085")[:99]
    nodes = (Node(spaced, 1.0, label=text), Node("n2", label=text))
    return Circuit(nodes, (Slice((Device(spaced, "tanh", spaced, "n2"),)),), text)


def test_hostile_names_do_nothing(tmp_path: Path) -> None:
    result = verify(hostile(tmp_path / "pwned"))
    assert result.ok
    assert not (tmp_path / "pwned").exists()


def test_hostile_names_would_do_harm_unsanitised(tmp_path: Path) -> None:
    """The same text in a card file as it stands is run by ngspice: the test above can fail."""
    text = HOSTILE.format(tmp_path / "pwned")
    (tmp_path / "deck.cir").write_text(f"* {text}\nR1 a 0 1\n.op\n.end\n")
    subprocess.run(
        ["ngspice", "-n", "-b", "deck.cir"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (tmp_path / "pwned").exists()


def test_a_tolerance_can_be_missed() -> None:
    result = verify(sliced([1.0]), tolerance=1e-12)
    assert not result.ok
    row = int(np.searchsorted(result.t, result.time))
    column = TOPOLOGIES["random"](nodes=6, devices=14)(4).node_ids.index(result.node)
    gap = abs(result.ours[row, column] - result.theirs[row, column])
    assert gap / np.abs(result.ours).max() == pytest.approx(result.largest_error)
    assert "ngspice does not agree: the largest error is" in result.text
    assert f"at node '{result.node}'" in result.text


def test_a_slow_ngspice_is_stopped() -> None:
    with pytest.raises(ExportError, match=r"ngspice did not finish within 0\.001 s"):
        verify(sliced([1.0]), time_limit=0.001)


def test_ngspice_reads_no_start_up_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".spiceinit").write_text(f"shell touch {tmp_path / 'pwned'}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert verify(sliced([1.0])).ok
    assert not (tmp_path / "pwned").exists()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert verify(sliced([1.0])).ok
    assert list(tmp_path.iterdir()) == []


def test_a_circuit_at_rest_agrees() -> None:
    circuit = Circuit((Node("a"),), (Slice((Device("d", "resistor", "a", "gnd"),)),))
    assert verify(circuit).largest_error < 1e-9


def test_json_of_the_result_is_plain() -> None:
    result = verify(sliced([1.0]), outputs=11)
    json.dumps([result.ok, result.largest_error, result.node, result.time, result.theirs.tolist()])
