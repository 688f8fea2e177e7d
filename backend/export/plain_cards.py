"""SPICE cards that have a counterpart among our nodes and devices."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..circuit import GROUND, Circuit, Device, Node, Slice
from ..errors import CircuitError
from ..waveforms import Waveform
from .expressions import device_of
from .gates import opens_for_good
from .source_cards import read_source

READ = "R, C, I, V, D, B and G cards, .model of diodes, .ic, .tran, .options, .print, .save, .end"
IGNORED = {".options", ".option", ".print", ".save", ".title", ".probe", ".temp", ".plot"}
SUFFIX = {
    "t": 1e12,
    "g": 1e9,
    "meg": 1e6,
    "k": 1e3,
    "m": 1e-3,
    "u": 1e-6,
    "µ": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
# No character can be matched in two ways: any card is read in linear time.
NUMBER = re.compile(
    r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)([a-zµΩ]*)", re.IGNORECASE | re.ASCII
)
GATED = re.compile(r"i=\{?v\(g\d+\)\*", re.IGNORECASE)
GATE = re.compile(r"vg1 g1 0 pwl\(([^()]*)\)", re.IGNORECASE)


@dataclass
class _Deck:
    """What has been read so far; names are matched without regard to case, as SPICE does."""

    nodes: dict[str, str] = field(default_factory=dict)
    capacitance: dict[str, float] = field(default_factory=dict)
    voltage: dict[str, float] = field(default_factory=dict)
    drives: dict[str, tuple[int, Waveform]] = field(default_factory=dict)
    devices: list[tuple[int, Device]] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)
    models: dict[str, dict[str, float]] = field(default_factory=dict)
    diodes: list[tuple[int, Device, str]] = field(default_factory=list)
    duration: float | None = None
    gated: bool = False

    def node(self, text: str) -> str:
        """Our id of a node; ground is 0 or gnd."""
        if text.lower() in {"0", GROUND}:
            return GROUND
        return self.nodes.setdefault(text.lower(), text)


def read_cards(lines: list[str]) -> Circuit:
    """The circuit of plain cards: one slice, one capacitor from every node to ground.

    Raises:
        CircuitError: a card, form or value that we do not read; names the line.
    """
    deck = _Deck()
    name = ""
    for number, line in _joined(lines):
        if number == 1:
            name = _title(line)
            continue
        try:
            if line.lower() == ".end":
                break
            _card(deck, number, line)
        except CircuitError as error:
            raise CircuitError(f"line {number}: {error.message}") from None
    return _circuit(deck, name)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Cards with their continuations, single spaces and no comments; first the title."""
    opened, words = 0, list[str]()
    for number, line in enumerate(lines, start=1):
        if number == 1:
            yield number, line
            continue
        text = re.split(r";|\s\$\s", line, maxsplit=1)[0].strip()
        if not text or text.startswith("*"):
            continue
        if text.startswith("+") and words:
            words += text[1:].split()
            continue
        if words:
            yield opened, " ".join(words)
        opened, words = number, text.split()
    if words:
        yield opened, " ".join(words)


def _title(line: str) -> str:
    words = line.split(maxsplit=4)
    form = r"[rcidb]\w*|[vg]\d\w*"
    card = re.fullmatch(form, words[0], re.IGNORECASE) if len(words) > 3 else None
    if card or line.startswith("."):
        raise CircuitError("line 1: SPICE takes the first line as the title; put a title above it")
    return "".join(letter for letter in line.lstrip("* ") if letter.isprintable()).strip()[:200]


def _card(deck: _Deck, number: int, line: str) -> None:
    words = line.split()
    word = words[0].lower()
    if word in IGNORED:
        return
    commands: dict[str, Callable[[_Deck, str], None]] = {
        ".ic": _ic,
        ".tran": _tran,
        ".model": _model,
    }
    if word in commands:
        commands[word](deck, line)
        return
    if _is_gate(line):
        deck.gated = True
        return
    if word[0] not in "rcivdbg":
        raise CircuitError(f"'{words[0][:40]}' is not read here; this reader knows {READ}")
    if word in deck.names:
        used = deck.names[word]
        raise CircuitError(f"the name '{words[0][:40]}' is already used in line {used}")
    deck.names[word] = number
    if len(words) < 4:
        raise CircuitError(f"'{words[0][:40]}' needs a name, two nodes and a value")
    readers = {
        "r": _resistor, "c": _capacitor, "i": _source, "d": _diode, "b": _behavioural,
        "g": _controlled, "v": _held,
    }  # fmt: skip
    readers[word[0]](deck, number, words)


def _is_gate(line: str) -> bool:
    """Whether a card is the gate of an exported circuit of one slice, open once it has risen."""
    match = GATE.fullmatch(line)
    if not match:
        return False
    numbers = [_number(word) for word in match[1].split()]
    return len(numbers) % 2 == 0 and opens_for_good(
        list(zip(numbers[::2], numbers[1::2], strict=True))
    )


def _number(text: str) -> float:
    """A SPICE number such as 4.7k, 1meg or 10uF."""
    match = NUMBER.fullmatch(text)
    if not match:
        raise CircuitError(f"'{text[:40]}' is not a number")
    unit = match[2].lower()
    scale = SUFFIX["meg"] if unit.startswith("meg") else SUFFIX.get(unit[:1], 1.0)
    value = float(match[1]) * scale
    if not math.isfinite(value):
        raise CircuitError(f"'{text[:40]}' is too large; expected a finite number")
    return value


def _add(deck: _Deck, number: int, words: list[str], kind: str, params: dict[str, float]) -> None:
    source, target = deck.node(words[1]), deck.node(words[2])
    deck.devices.append((number, Device(words[0], kind, source, target, params)))


def _resistor(deck: _Deck, number: int, words: list[str]) -> None:
    if len(words) != 4:
        raise CircuitError(f"'{words[0][:40]}' has more than a resistance: '{words[4][:40]}'")
    resistance = _number(words[3])
    if resistance == 0:
        raise CircuitError(f"'{words[0][:40]}' has 0 ohm; join its nodes or give it a resistance")
    if not math.isfinite(1 / resistance):
        raise CircuitError(f"'{words[0][:40]}' has too small a resistance: '{words[3][:40]}' ohm")
    _add(deck, number, words, "resistor", {"conductance": 1 / resistance})


def _source(deck: _Deck, number: int, words: list[str]) -> None:
    values = words[3:]
    if values[0].lower() == "dc":
        values = values[1:]
    if len(values) != 1:
        raise CircuitError(f"'{words[0][:40]}' must be a constant current, such as 'I1 a b 1m'")
    _add(deck, number, words, "current_source", {"current": _number(values[0])})


def _held(deck: _Deck, number: int, words: list[str]) -> None:
    plus, minus = deck.node(words[1]), deck.node(words[2])
    if GROUND not in (plus, minus) or plus == minus:
        raise CircuitError(f"'{words[0][:40]}' must lie between a node and ground")
    node = minus if plus == GROUND else plus
    if node in deck.drives:
        raise CircuitError(
            f"node '{node[:40]}' is held by the source of line {deck.drives[node][0]} already"
        )
    drive = read_source(" ".join(words[3:]), _number, -1.0 if plus == GROUND else 1.0)
    deck.drives[node] = number, drive


def _capacitor(deck: _Deck, number: int, words: list[str]) -> None:
    plus, minus = deck.node(words[1]), deck.node(words[2])
    if GROUND not in (plus, minus) or plus == minus:
        raise CircuitError(f"'{words[0][:40]}' must lie between a node and ground")
    node = minus if plus == GROUND else plus
    deck.capacitance[node] = deck.capacitance.get(node, 0.0) + _number(words[3])
    rest = re.sub(r"\s*=\s*", "=", " ".join(words[4:]))
    if not rest:
        return
    if not re.fullmatch(r"ic=\S+", rest, re.IGNORECASE):
        raise CircuitError(f"'{words[0][:40]}' has more than a capacitance and IC: '{rest[:40]}'")
    voltage = _number(rest[3:]) * (-1 if plus == GROUND else 1)
    if deck.voltage.setdefault(node, voltage) != voltage:
        raise CircuitError(f"node '{node[:40]}' has two initial voltages")


def _diode(deck: _Deck, number: int, words: list[str]) -> None:
    if len(words) != 4:
        raise CircuitError(f"'{words[0][:40]}' has more than a model: '{words[4][:40]}'")
    device = Device(words[0], "diode", deck.node(words[1]), deck.node(words[2]))
    deck.diodes.append((number, device, words[3].lower()))


def _behavioural(deck: _Deck, number: int, words: list[str]) -> None:
    text = "".join(words[3:])
    if deck.gated:
        text = re.sub(r"^i=(\{?)v\(g1\)\*\((.*)\)(\}?)$", r"i=\1\2\3", text, flags=re.IGNORECASE)
    if GATED.match(text):
        raise CircuitError("this source is gated by a slice; only whole exported files hold slices")
    match = re.fullmatch(r"i=(\{.*\}|[^{}]*)", text, re.IGNORECASE)
    if not match:
        raise CircuitError(f"'{words[0][:40]}' must have the form 'I={{expression}}'")
    kind, source, params = device_of(match[1].strip("{}"), words[1], words[2])
    _add(deck, number, [words[0], source, words[2]], kind, params)


def _controlled(deck: _Deck, number: int, words: list[str]) -> None:
    """G name n+ n- nc+ nc- gain: gain (v(nc+) - v(nc-)) flows from n+ through the source to n-."""
    if len(words) != 6:
        raise CircuitError(
            f"'{words[0][:40]}' must be linear, such as 'G1 0 out in 0 1m': two nodes, two that "
            "are sensed and a conductance"
        )
    plus, minus, above, below = (deck.node(word) for word in words[1:5])
    gain = _number(words[5])
    for place, device in enumerate(_shares(words[0], plus, minus, above, below, gain)):
        name = f"{device.id}_{place + 1}" if place else device.id
        deck.devices.append((number, replace(device, id=name)))


def _shares(name: str, plus: str, minus: str, above: str, below: str, gain: float) -> list[Device]:
    """A linear controlled source as devices of ours: one for each end and sensed node."""
    if plus == below == GROUND and above != minus:
        return [Device(name, "transconductor", above, minus, {"gain": gain})]
    if (plus, minus) == (above, below):
        return [Device(name, "resistor", plus, minus, {"conductance": gain})]
    shares = []
    for target, sign in ((minus, 1.0), (plus, -1.0)):
        for source, share in ((above, sign * gain), (below, -sign * gain)):
            if target == source != GROUND:
                shares.append(Device(name, "resistor", target, GROUND, {"conductance": -share}))
            elif GROUND not in (target, source):
                shares.append(Device(name, "transconductor", source, target, {"gain": share}))
    if not shares or plus == minus or above == below:
        raise CircuitError(f"'{name[:40]}' passes no current; leave it out")
    return shares


def _ic(deck: _Deck, line: str) -> None:
    body = re.sub(r"\s*=\s*", "=", line[3:].strip())
    for item in body.split():
        match = re.fullmatch(r"v\(([^()\s]+)\)=(\S+)", item, re.IGNORECASE)
        if not match:
            raise CircuitError(f"'{item[:40]}' must have the form V(node)=value")
        deck.voltage[deck.node(match[1])] = _number(match[2])


def _tran(deck: _Deck, line: str) -> None:
    values = [word for word in line.split()[1:] if word.lower() != "uic"]
    if len(values) < 2:
        raise CircuitError("'.tran' needs a step and an end, such as '.tran 10m 1 uic'")
    deck.duration = _number(values[1])
    if deck.duration <= 0:
        raise CircuitError(f"'.tran' ends at {values[1][:40]}; the end must lie after 0 s")


def _model(deck: _Deck, line: str) -> None:
    match = re.fullmatch(r"\.model\s+(\S+)\s+d\s*(?:\((.*)\))?", line, re.IGNORECASE)
    if not match:
        raise CircuitError("only models of diodes are read, such as '.model x D(IS=1e-14 N=1)'")
    known = {"is": "saturation_current", "n": "ideality"}
    params: dict[str, float] = {}
    for item in re.sub(r"\s*=\s*", "=", match[2] or "").replace(",", " ").split():
        key, _, value = item.partition("=")
        if key.lower() not in known:
            raise CircuitError(f"the diode parameter '{key[:40]}' is not modelled; only IS and N")
        params[known[key.lower()]] = _number(value)
    deck.models[match[1].lower()] = params


def _circuit(deck: _Deck, name: str) -> Circuit:
    for number, device, model in deck.diodes:
        if model not in deck.models:
            raise CircuitError(f"line {number}: there is no .model '{model[:40]}'")
        found = Device(device.id, "diode", device.source, device.target, deck.models[model])
        deck.devices.append((number, found))
    deck.devices.sort(key=lambda pair: pair[0])
    for node, (number, _) in deck.drives.items():
        if node in deck.capacitance:
            raise CircuitError(
                f"line {number}: node '{node[:40]}' is held by a source and has a capacitor, which "
                "changes no voltage; leave the capacitor out"
            )
        if node in deck.voltage:
            raise CircuitError(
                f"line {number}: node '{node[:40]}' is held by a source and has an initial "
                "voltage; leave it out"
            )
    for node in deck.nodes.values():
        if node not in deck.capacitance and node not in deck.drives:
            raise CircuitError(
                f"node '{node[:40]}' has no capacitor to ground and every node needs one; "
                f"add 'C_{node[:12]} {node[:40]} 0 1'"
            )
    if not deck.nodes:
        raise CircuitError("the netlist has no node")
    x, y = _places(deck)
    nodes = tuple(
        Node(
            node, deck.voltage.get(node, 0.0), deck.capacitance.get(node, 1.0),
            x=x[row], y=y[row], drive=deck.drives[node][1] if node in deck.drives else None,
        )
        for row, node in enumerate(deck.nodes.values())
    )  # fmt: skip
    duration = 1.0 if deck.duration is None else deck.duration
    devices = tuple(device for _, device in deck.devices)
    return Circuit(nodes, (Slice(devices, duration),), name)


def _places(deck: _Deck) -> tuple[list[float], list[float]]:
    """A force layout: plain netlists say nothing about places."""
    import networkx as nx

    from ..topologies.places import spring

    graph = nx.Graph()
    graph.add_nodes_from(deck.nodes.values())
    pairs = [(device.source, device.target) for _, device in deck.devices]
    graph.add_edges_from(pair for pair in pairs if GROUND not in pair)
    x, y = spring(graph, seed=0)
    return x.round(1).tolist(), y.round(1).tolist()
