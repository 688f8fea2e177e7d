"""The text of exported netlists: golden files, gates, and user text that can do nothing."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import ExportError
from backend.export.gates import opens_for_good
from backend.export.netlist_import import parse_netlist
from backend.export.spice import DIALECTS, netlist
from backend.export.tolerances import tolerances, voltage_scale
from backend.topologies import TOPOLOGIES

EVERY = pytest.mark.parametrize("dialect", DIALECTS)
CARD = re.compile(
    r"\*( .*|@ (circuit|node|slice|device) \{.*\})|C\d+ n\d+ 0 .*|Vg\d+ g\d+ 0 PWL\(.*\)"
    r"|B\d+ (n\d+|0) (n\d+|0) I=.*|\.(options|tran|print|save|end)\b.*|\+ [V()n\d ]+"
)
HOSTILE = (
    "\n.control\nshell touch pwned\n.endc\n",
    "\r\n.include /etc/passwd",
    "\u2028.control\u0085shell touch pwned",
    "\x0b.control\x0cshell touch pwned\x1c",
    "*#shell touch pwned",
    "\\\\",
    "</script><script>alert(1)</script>",
    "`touch pwned` $(touch pwned) ; $ ' \" {1/0}",
    "\U0001f4a9 \x00 \x1b[2J",
)


@EVERY
def test_golden(dialect: str, every_kind: Circuit, golden: Path) -> None:
    assert netlist(every_kind, dialect) == (golden / f"every_kind.{dialect}.cir").read_text()


def hostile_circuit(text: str) -> Circuit:
    """The text wherever a circuit takes text; ids refuse ASCII control characters."""
    name = "".join(letter for letter in text if ord(letter) >= 32 and ord(letter) != 127)
    nodes = (Node(f"a{name}", 1.0, label=text), Node(f"b{name}", label=text * 200))
    device = Device(f"d{name}", "tanh", nodes[0].id, nodes[1].id)
    return Circuit(nodes, (Slice((device,)), Slice((replace(device, id=f"e{name}"),))), text)


@EVERY
@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_never_opens_a_line(text: str, dialect: str) -> None:
    circuit = hostile_circuit(text)
    written = netlist(circuit, dialect)
    assert written.isascii()
    assert "\r" not in written
    for line in written.splitlines():
        assert line.isprintable()
        assert CARD.fullmatch(line), line
        assert not line.endswith("\\")
    assert parse_netlist(written) == circuit


def test_cards_are_the_same_whatever_the_names() -> None:
    def cards(circuit: Circuit) -> list[str]:
        return [line for line in netlist(circuit).splitlines() if not line.startswith("*")]

    assert cards(hostile_circuit(HOSTILE[0])) == cards(hostile_circuit("harmless"))


def gates(circuit: Circuit) -> list[np.ndarray]:
    """Corners (time, level) of every gate."""
    cards = re.findall(r"^Vg\d g\d 0 PWL\((.*)\)$", netlist(circuit), re.MULTILINE)
    return [np.array(card.split(), float).reshape(-1, 2) for card in cards]


DURATIONS = [1.0, 0.001, 10.0, 0.5]


def four_slices() -> Circuit:
    ring = TOPOLOGIES["ring"](nodes=4, slices=4)()
    parts = zip(ring.slices, DURATIONS, strict=True)
    return ring.replace(slices=tuple(replace(part, duration=d) for part, d in parts))


def test_gates_take_turns() -> None:
    ends = np.cumsum(DURATIONS)
    near = [end * (1 + np.linspace(-2e-5, 2e-5, 41)) for end in ends]
    times = np.sort(np.concatenate([np.linspace(0, ends[-1], 1001), *near]))
    levels = np.array([np.interp(times, *corners.T) for corners in gates(four_slices())])
    assert ((levels > 0).sum(axis=0) <= 1).all(), "never two slices at once"
    for level, start, end in zip(levels, [0, *ends[:-1]], ends, strict=True):
        inside = (times > start + 1e-5) & (times < end - 1e-5)
        assert (level[inside] == 1).all()
        assert (level[times <= start] == 0).all()


def test_the_pace_of_a_slice_is_that_of_time() -> None:
    """The integral of a gate: t - start right after its rising edge, the duration at the end."""
    ends = np.cumsum(DURATIONS)
    for corners, start, end in zip(gates(four_slices()), [0, *ends[:-1]], ends, strict=True):
        assert (np.diff(corners[:, 0]) >= 0).all()
        risen = np.flatnonzero(corners[:, 1] == 1)[0]
        rising = corners[: risen + 1]
        assert np.trapezoid(rising[:, 1], rising[:, 0]) == pytest.approx(
            rising[-1, 0] - start, rel=1e-7
        )
        if end != ends[-1]:
            area = np.trapezoid(corners[:, 1], corners[:, 0])
            assert area == pytest.approx(end - start, rel=1e-12)


def test_one_slice_needs_a_gate_only_for_diodes() -> None:
    assert gates(TOPOLOGIES["ring"]()()) == []
    circuit = Circuit((Node("a", 1.0),), (Slice((Device("d", "diode", "a", "gnd"),), 2.0),))
    (corners,) = gates(circuit)
    assert corners[[0, -1]].tolist() == [[0, 0], [2e-5, 1]]
    assert (np.diff(corners[:-1], axis=0) > 0).all(), "rises corner by corner"
    assert opens_for_good([tuple(corner) for corner in corners.tolist()])


def test_unknown_dialect() -> None:
    with pytest.raises(ExportError, match="unknown dialect 'hspice'; choose one of ngspice"):
        netlist(TOPOLOGIES["ring"]()(), "hspice")


def test_long_output_cards_are_continued() -> None:
    text = netlist(TOPOLOGIES["ring"](nodes=30)())
    assert max(len(line) for line in text.splitlines() if line[0] in ".+") < 120
    assert re.findall(r"V\(n\d+\)", text.partition(".print")[2]) == [
        f"V(n{k})" for k in range(1, 31)
    ]


def test_tolerances_follow_the_circuit() -> None:
    """A thousand times the voltages, capacitances or durations: all numbers follow."""
    ring = TOPOLOGIES["ring"]()()
    still = ring.replace(slices=tuple(replace(part, devices=()) for part in ring.slices))
    one = tolerances(still, 201, 1e-8)
    nodes = [replace(n, voltage=1e-3 * n.voltage, capacitance=1e-3) for n in still.nodes]
    slices = tuple(replace(part, duration=1e3 * part.duration) for part in still.slices)
    other = tolerances(still.replace(nodes=tuple(nodes), slices=slices), 201, 1e-8)
    assert other.vntol == pytest.approx(1e-3 * one.vntol)
    assert other.chgtol == pytest.approx(1e-6 * one.chgtol)
    assert other.abstol == pytest.approx(1e-9 * one.abstol)
    assert other.first == pytest.approx(1e3 * one.first)
    assert other.longest == pytest.approx(1e3 * one.longest)


@pytest.mark.parametrize(
    ("start", "current", "conductance", "scale"),
    [(2e-6, 0, 1, 1e-6), (0, 1e-3, 1, 1e-3), (0, 1e-3, 1e3, 1e-6), (0, 9, 0, 1), (0, 0, 1, 1)],
)
def test_the_scale_is_what_starts_or_drives(
    start: float, current: float, conductance: float, scale: float
) -> None:
    source = Device("i", "current_source", "gnd", "a", {"current": current})
    leak = Device("r", "resistor", "a", "gnd", {"conductance": conductance})
    circuit = Circuit((Node("a", start),), (Slice((source, leak), 100.0),))
    assert voltage_scale(circuit) == pytest.approx(scale)
