"""Netlists back into circuits, and one clear line for whatever is not read."""

import re
from pathlib import Path

import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.devices import DEVICES
from backend.errors import CircuitError
from backend.export.netlist_import import parse_netlist, read_netlist
from backend.export.spice import DIALECTS, netlist
from backend.topologies import TOPOLOGIES

DRAWN = [name for name, kind in TOPOLOGIES.items() if not kind.reads_files]
PLAIN = """\
* An RC pair with a diode
r1 IN out 4.7k  ; a comment
+
C1 in 0 1u IC=1.5
C2 0 OUT 10uF ic = -0.5
c3 out gnd 0.5u
I1 0 out DC 1meg $ another
Dx out 0 fast
.MODEL fast D(IS = 2e-14,
* in between
+ N=1.5)
b1 in out i = { 0.5*max(1.0*V(in)+-1.0*V(out)+-0.25,0) }
.ic V(extra)=0.25
C4 extra 0 1p
.options reltol=1e-6
.tran 1m 2m uic
.print tran V(in)
.end
this is never read
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_our_own_netlists_come_back_equal(dialect: str, every_kind: Circuit) -> None:
    assert parse_netlist(netlist(every_kind, dialect)) == every_kind


@pytest.mark.parametrize("name", DRAWN)
def test_generated_circuits_come_back_equal(name: str) -> None:
    # Some shapes bring their own slices.
    several = any(param.name == "slices" for param in TOPOLOGIES[name].params)
    circuit = TOPOLOGIES[name](**({"slices": 2} if several else {}))()
    assert parse_netlist(netlist(circuit)) == circuit


@pytest.mark.parametrize("kind", DEVICES.names())
@pytest.mark.parametrize(("source", "target"), [("n1", "n2"), ("gnd", "n1"), ("n2", "gnd")])
@pytest.mark.parametrize("braces", [True, False])
def test_cards_alone_say_what_the_device_is(
    kind: str, source: str, target: str, braces: bool
) -> None:
    values = iter((0.75, -0.5, -1e-7))
    params = {
        param.name: 2e-12 if param.name == "saturation_current" else next(values)
        for param in DEVICES[kind].params
    }
    device = Device("B1", kind, source, target, params)
    circuit = Circuit((Node("n1", 0.5), Node("n2", -0.5)), (Slice((device,), 2.0),))
    lines = netlist(circuit, "ngspice" if braces else "ltspice").splitlines()
    found = parse_netlist("\n".join(["cards alone", *lines[1:]]))
    assert [d.kind for d in found.devices] == [kind]
    assert found.devices[0].params == pytest.approx(params, rel=1e-14)
    assert (found.devices[0].source, found.devices[0].target) == (source, target)
    assert [(n.id, n.voltage) for n in found.nodes] == [("n1", 0.5), ("n2", -0.5)]
    assert found.duration == 2.0


def test_plain_cards() -> None:
    circuit = parse_netlist(PLAIN)
    assert circuit.name == "An RC pair with a diode"
    assert circuit.duration == 2e-3
    nodes = {node.id: (node.voltage, node.capacitance) for node in circuit.nodes}
    assert nodes == {
        "IN": (1.5, 1e-6),
        "out": (0.5, pytest.approx(10.5e-6)),
        "extra": (0.25, 1e-12),
    }
    assert [(d.id, d.kind, d.source, d.target, d.params) for d in circuit.devices] == [
        ("r1", "resistor", "IN", "out", {"conductance": pytest.approx(1 / 4700)}),
        ("I1", "current_source", "gnd", "out", {"current": 1e6}),
        ("Dx", "diode", "out", "gnd", {"saturation_current": 2e-14, "ideality": 1.5}),
        ("b1", "threshold_relu", "IN", "out", {"gain": 0.5, "threshold": 0.25}),
    ]


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (".control", r"line 3: '\.control' is not closed"),
        (".include /etc/passwd", "line 3: '/etc/passwd' is another file, and only the text"),
        (".lib x", "line 3: 'x' is another file"),
        (".step param r 1 2 1", r"line 3: '\.step' is not read here; this reader knows"),
        ("V1 a 0 1\nV2 0 a 1", "line 4: node 'a' is held by the source of line 3 already"),
        ("V1 a 0 1\n.ic v(a)=2", "line 3: node 'a' is held by a source and has another initial"),
        ("V1 b 0 SFFM(0 1)", "line 3: the source 'SFFM 0 1' is not read; this reader knows DC, AC"),
        ("V1 b 0 PULSE(0 1 0)", "line 3: PULSE: its rise is not given, and simulators differ"),
        ("V1 b 0 PULSE(0 1 0 1 1 1 2)", "line 3: PULSE: period: rise, width and fall last 3 s"),
        ("V1 b 0 SIN(0 1)", r"line 3: SIN: its frequency is not given and there is no '\.tran'"),
        ("V1 b 0 PULSE(0 1 0 1 1 0 2)", "line 3: PULSE: a width of 0 s counts as not given"),
        ("V1 b 0 SIN(0 1 0)", "line 3: SIN: a frequency of 0 Hz counts as not given"),
        ("V1 b 0 PWL(0 1 0 2)", r"line 3: PWL: times\[1\]: times must ascend, and 0 s follows 0 s"),
        ("V1 b 0 PWL(0 1 2)", "line 3: PWL: there are 3 numbers; give a time and a voltage each"),
        ("G1 0 a b 0 1 2", "line 3: 'G1' must be linear"),
        ("G1 a a b 0 1", "line 3: 'G1' passes no current; leave it out"),
        ("Q1 a b c x", r"line 3: there is no \.model 'x'"),
        ("J1 a b c x", "line 3: 'J1' is not read here; this reader knows R, C, L"),
        ("R1 a", "line 3: 'R1' needs a name, two nodes and a value"),
        ("R1 a b 1k tg=1", "line 3: 'R1' has more than a resistance: 'tg=1'"),
        ("R1 a b x", "line 3: 'x' is not a number"),
        ("R1 a b 0", "line 3: 'R1' has 0 ohm"),
        ("R1 a a 1", "line 3: 'R1' connects 'a' with itself"),
        ("C2 a 0 1 x=2", "line 3: 'C2' has more than a capacitance and IC: 'x=2'"),
        ("C2 a 0 1 ic=0.5", "line 3: node 'a' has two initial voltages"),
        ("C1 a 0 1", "line 3: the name 'C1' is already used in line 2"),
        ("C2 b 0 -1", r"nodes\[1\]\.capacitance: the capacitance of node 'b' must be positive"),
        ("C2 b 0 1e999", "line 3: '1e999' is too large; expected a finite number"),
        ("R1 a 0 1e-320", "line 3: 'R1' has too small a resistance"),
        ("I1 a 0 am(0 1 50)", "line 3: the source 'am 0 1 50' is not read"),
        ("D1 a 0 x", r"line 3: there is no \.model 'x'"),
        ("D1 a 0 x 2 3", r"line 3: there is no \.model 'x'"),
        (".model x D(IS=1 IKF=1)\nD1 a 0 x", "line 4: the diode parameter 'IKF' of line 3 is not"),
        (
            ".model x VDMOS(RON=1)\nM1 a b c 0 x",
            "line 4: the model 'x' is one of VDMOS, and 'M1' needs NMOS or PMOS",
        ),
        ("B1 a 0 P={1}", "line 3: 'B1' must have the form 'I={expression}'"),
        ("B1 a 0 I={V(g1)*(1.0*tanh(1*V(a)+0*0+0))}", "line 3: this source is gated by a slice"),
        (".ic a=1", r"line 3: 'a=1' must have the form V\(node\)=value"),
        (".tran 1", r"line 3: '\.tran' needs a step and an end"),
        (".tran 1 0", r"line 3: '\.tran' ends at 0"),
    ],
)
def test_what_is_not_read_is_named(card: str, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        parse_netlist(f"title\nC1 a 0 1 IC=1\n{card}\n.end\n")


@pytest.mark.parametrize("text", ["", "title only", "title\n.end"])
def test_an_empty_netlist(text: str) -> None:
    with pytest.raises(CircuitError, match="the netlist has no node"):
        parse_netlist(text)


def test_a_card_in_the_place_of_the_title_is_not_lost() -> None:
    with pytest.raises(CircuitError, match="line 1: SPICE takes the first line as the title"):
        parse_netlist("C1 a 0 1\nR1 a 0 1\n")


def test_an_edited_card_is_noticed(every_kind: Circuit) -> None:
    text = netlist(every_kind)
    number = 1 + next(k for k, line in enumerate(text.splitlines()) if line.startswith("B14"))
    with pytest.raises(CircuitError, match=f"line {number}: the card was edited"):
        parse_netlist(text.replace("(0.8*V(n1)+-0.8", "(0.9*V(n1)+-0.9"))
    with pytest.raises(CircuitError, match="cards were added or removed"):
        parse_netlist(text + ".op\n")


def test_an_edited_description_is_noticed(every_kind: Circuit) -> None:
    text = netlist(every_kind)
    with pytest.raises(CircuitError, match=r"in the comments .* nodes\[0\].* must be positive"):
        parse_netlist(text.replace('"capacitance": 1.0', '"capacitance": -1.0', 1))
    with pytest.raises(CircuitError, match="line 5: this description is incomplete"):
        parse_netlist(text.replace('"x": 10.0, "y": 20.0}', '"x": 10.0', 1))
    with pytest.raises(CircuitError, match="line 5: this description is not valid JSON"):
        parse_netlist(text.replace('"x": 10.0, "y": 20.0}', '"x": }', 1))
    damages = ("1", '"x"', "null", "[]", "1e400", "9" * 400, "9" * 5000, "true")
    for damage in (f'"outputs": {value},' for value in damages):
        with pytest.raises(CircuitError, match=r"'\*@ circuit' has been changed|not valid JSON"):
            parse_netlist(text.replace('"outputs": 201,', damage))
    with pytest.raises(CircuitError, match="line 4: a device stands before the first slice"):
        parse_netlist("* kirchhoff-netlist/2\n\n\n*@ device {}\n")


def test_line_ends_and_spaces_do_not_matter(every_kind: Circuit) -> None:
    text = netlist(every_kind).replace("\n", "  \r\n")
    assert parse_netlist(text) == every_kind


def test_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.cir"
    with pytest.raises(CircuitError, match=r"x\.cir: cannot be read \(No such file"):
        read_netlist(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CircuitError, match=r"x\.cir: the file is not text"):
        read_netlist(path)
    path.write_bytes(b"title\nC1 a 0 \x001\n")
    with pytest.raises(CircuitError, match=r"x\.cir: the file is not text: it holds NUL"):
        read_netlist(path)
    with pytest.raises(CircuitError, match=r"/dev/zero: this is not a file"):
        read_netlist("/dev/zero")
    path.write_text("title\n.control\nalter r1=2\n.endc\n")
    with pytest.raises(CircuitError, match=r"x\.cir: line 3: 'alter' in '\.control' is not read"):
        read_netlist(path)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-8"])
def test_byte_order_marks(codec: str, every_kind: Circuit, tmp_path: Path) -> None:
    path = tmp_path / "x.cir"
    for text, expected in ((netlist(every_kind), every_kind), (PLAIN, parse_netlist(PLAIN))):
        path.write_bytes(text.encode(codec))
        assert read_netlist(path) == expected
        assert parse_netlist("\ufeff" + text) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_netlists_of_version_1_are_still_read(dialect: str, every_kind: Circuit) -> None:
    """Other gates and other control cards, but the same circuit; an edit is still noticed."""
    lines = netlist(every_kind, dialect).replace("-netlist/2", "-netlist/1").splitlines()
    for k, line in enumerate(lines):
        if line.startswith("Vg"):
            lines[k] = re.sub(r"PWL\(.*", "PWL(0.0 0 5e-06 1.5 1e-05 1)", line)
        if line.startswith(".options method"):
            lines[k] = ".options method=trap reltol=1e-07"
        if line.startswith(".tran"):
            lines[k] = f".tran 1e-9 {every_kind.duration!r} 0 0.01 uic"
    text = "\n".join(lines)
    assert parse_netlist(text) == every_kind
    with pytest.raises(CircuitError, match="the card was edited"):
        parse_netlist(text.replace("0 0.01 uic", "0 0.01 uic").replace(" 1.75 0 ", " 9.0 0 "))
    with pytest.raises(CircuitError, match="the card was edited"):
        parse_netlist(text.replace("C2 n2 0 2.0", "C2 n2 0 3.0"))


LONG = 300_000
"""A pattern with two ways to match a character needs hours for so many."""


@pytest.mark.parametrize(
    "card",
    [
        "R1 a 0 " + "1" * LONG + "!",
        "R1 a 0 1e" + "1" * LONG,
        "R1 a 0 1" + "k" * LONG + "!",
        "R1 a 0 " + "1." * LONG,
        "R1 a 0 1" + " " * LONG + "x",
        "R1 a 0\n" + "+ 1\n" * LONG,
        "B1 a 0 I={" + "1" * LONG + "!}",
        "B1 a 0 I={1.0*tanh(" + "9" * LONG + "*V(a)+1*0+0)}",
        "B1 a 0 I={" + "(" * LONG,
        "B1 a 0 I={" + "1+" * LONG + "}",
        ".ic V(a)" + " " * LONG + "1",
        ".ic V(" + "a" * LONG,
        ".ic " + "v(" * LONG,
        ".model x D(" + "IS " * LONG,
        ".model x D(" + ")" * LONG + "!",
        ".model " + "x" * LONG,
        "Vg1 g1 0 PWL(" + "0 " * LONG,
        "C2 b 0 1 ic" + "=" * LONG,
        "x" * LONG,
        "C2 b 0 " + "9" * LONG,
        "I1 a 0 \x00\x01",
    ],
    ids=lambda card: card[:16],
)
def test_long_cards_are_refused_in_one_short_sentence(card: str) -> None:
    with pytest.raises(CircuitError) as caught:
        parse_netlist(f"title\nC1 a 0 1\n{card}\n.end\n")
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_a_title_of_any_length() -> None:
    for title in ("r" + " " * LONG, "r a" + " " * LONG, "r " + "a" * LONG, " " * LONG):
        assert len(parse_netlist(f"{title}\nC1 a 0 1\n").name) <= 200


def test_a_card_may_continue_on_many_lines() -> None:
    text = "title\nC1 a 0 1\nB1 a 0 I={1.0*tanh(\n" + "+\n" * LONG + "+ 1.0*V(a)+0.0*0+0.5)}\n"
    (device,) = parse_netlist(text).devices
    assert device.params == {"a": 1.0, "b": 0.0, "c": 0.5}
