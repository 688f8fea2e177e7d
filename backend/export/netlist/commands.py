"""Cards that begin with a dot: what they say of the circuit, or that they say nothing of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import CircuitError, clipped
from ...registry import Registry
from .cell import Cell
from .deck import Model, Transient
from .lines import Card
from .scope import Macro
from .words import split

NAMES, SETTINGS, STARTS = 0, 1, 2
"""When a command is read: with the names, before the elements, after them."""


@dataclass(frozen=True)
class Command:
    """What a dot card does.

    Args:
        read: enters it into the level where it stands.
        when: ``NAMES``, ``SETTINGS`` or ``STARTS``.
        inner: whether it may stand in a subcircuit.
    """

    read: Callable[[Card, Cell], None]
    when: int = SETTINGS
    inner: bool = False


COMMANDS: "Registry[Command]" = Registry("dot card")

SHOWS = {
    ".print", ".plot", ".save", ".probe", ".meas", ".measure", ".backanno", ".width", ".four",
    ".fourier", ".ac", ".op", ".dc", ".noise", ".tf", ".sens", ".pz", ".disto", ".sp", ".wave",
    ".csparam", ".machine", ".end", ".hb", ".ferret", ".net", ".text",
}  # fmt: skip
"""Other analyses, what is shown of them, and guesses at an operating point."""

OPTIONS = {
    "reltol", "abstol", "vntol", "chgtol", "trtol", "pivtol", "pivrel", "method", "maxord", "xmu",
    "itl1", "itl2", "itl3", "itl4", "itl5", "itl6", "gmin", "gminsteps", "srcsteps", "numdgt",
    "noopiter", "plotwinsize", "savecurrents", "post", "list", "node", "nopage", "nomod", "acct",
    "noacct", "opts", "noinit", "norefvalue", "probe", "interp", "autostop", "sparse", "klu",
    "warn", "seed", "width", "limpts", "lvltim", "cptime", "maxstep", "timeint", "output",
    "nonlin", "linsol", "device", "initial_interval", "nopost", "ingold", "measdgt", "noasic",
    "keepopinfo", "minbreak", "itl7", "noprint", "nopagebreak", "mintimestep", "topologycheck",
    "fastaccess", "gfarad", "cshuntintern", "ptrantau", "solver", "convstep", "convabsstep",
    "trytocompact", "bypass", "brief", "co", "unwrap", "dchold", "timestepmax",
}  # fmt: skip
"""Tolerances, methods and listings."""


def _command(name: str, when: int = SETTINGS, inner: bool = False) -> Callable[..., Callable]:
    def enter(read: Callable[[Card, Cell], None]) -> Callable[[Card, Cell], None]:
        COMMANDS.register(name)(Command(read, when, inner))
        return read

    return enter


def command_of(card: Card) -> Command | None:
    """What a dot card does; None where it says nothing of the circuit.

    Raises:
        CircuitError: a card that is not read.
    """
    if card.word in COMMANDS:
        return COMMANDS[card.word]
    if card.word in SHOWS:
        return None
    if card.word in {".endl", ".endc", ".endif"}:
        raise CircuitError(f"'{card.word}' closes nothing that is open")
    raise CircuitError(
        f"'{clipped(card.word, 40)}' is not read here; this reader knows .model, .param, .func, "
        ".subckt, .include, .lib, .global, .ic, .tran, .temp, .options, .end, and what only shows "
        "results"
    )


DEFINED = re.compile(r"([a-z_][\w.]*)\s*(?:\(([^()]*)\))?\s*=\s*", re.IGNORECASE | re.ASCII)


@_command(".param", NAMES, inner=True)
def param(card: Card, cell: Cell) -> None:
    """``.param a=1 b={2*a}``; also ``f(x)='2*x'``."""
    for name, arguments, text in _assigned(_rest(card)):
        if arguments is None:
            cell.scope.define(name, text, card.place)
        else:
            _enter_macro(card, cell, name, arguments, text)


COMMANDS.register(".params")(COMMANDS[".param"])
COMMANDS.register(".parameter")(COMMANDS[".param"])
COMMANDS.register(".global_param")(COMMANDS[".param"])


def _rest(card: Card) -> str:
    return card.text[len(card.word) :].strip()


def _assigned(text: str) -> list[tuple[str, str | None, str]]:
    """Names, arguments and expressions of ``a=1 b={2*a} f(x)='x'``."""
    found: list[tuple[str, str | None, str]] = []
    starts = [match for match in _outside(text) if match]
    if not starts or text[: starts[0].start()].strip(" ,"):
        raise CircuitError(f"'{clipped(text, 40)}' must have the form name=value")
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        body = text[match.end() : end].strip().rstrip(",").strip()
        if not body:
            raise CircuitError(f"'{clipped(match[1], 40)}=' has no value")
        found.append((match[1], match[2], body))
    return found


def _outside(text: str) -> list[re.Match[str]]:
    """Assignments outside of braces and quotes; ``==`` and ``>=`` are none."""
    found, place, depth, quoted = list[re.Match[str]](), 0, 0, False
    while place < len(text):
        letter = text[place]
        if letter == "'":
            quoted = not quoted
        depth += (letter in "{(") - (letter in "})")
        begins = not place or text[place - 1] in " ,}')"
        match = DEFINED.match(text, place) if begins and not depth and not quoted else None
        if match and text[match.end() : match.end() + 1] != "=":
            found.append(match)
            place = match.end()
            continue
        if begins and not depth and not quoted and (letter.isalnum() or letter in "_."):
            while place < len(text) and (text[place].isalnum() or text[place] in "_."):
                place += 1
            continue
        place += 1
    return found


@_command(".func", NAMES, inner=True)
def func(card: Card, cell: Cell) -> None:
    """``.func f(x,y) {x*y}`` or ``f(x)='2*x'``."""
    match = re.fullmatch(
        r"([a-z_]\w*)\s*\(([^()]*)\)\s*=?\s*(\S.*)", _rest(card), re.IGNORECASE | re.ASCII
    )
    if match is None:
        raise CircuitError("'.func' must have the form '.func name(x,y) {expression}'")
    _enter_macro(card, cell, match[1], match[2], match[3])


def _enter_macro(card: Card, cell: Cell, name: str, arguments: str, body: str) -> None:
    names = tuple(one.strip().lower() for one in arguments.split(",") if one.strip())
    if len(set(names)) < len(names) or not all(one.isidentifier() for one in names):
        raise CircuitError(f"the function '{clipped(name, 40)}' has arguments that are no names")
    if name.lower() in cell.scope.macros:
        known = cell.scope.macros[name.lower()].place
        raise CircuitError(f"the function '{clipped(name, 40)}' is defined in {known} already")
    cell.scope.macros[name.lower()] = Macro(names, body, card.place)


@_command(".global", NAMES)
def shared(card: Card, cell: Cell) -> None:
    """Nodes that are the same in every subcircuit."""
    cell.shared.update(word.lower() for word in card.text.split()[1:])


TEXTS = {
    "mfg",
    "type",
    "vpk",
    "iave",
    "irms",
    "ipk",
    "pn",
    "description",
    "mfr",
    "vceo",
    "icrating",
}
"""Parameters of models that say nothing of a current: makers and ratings."""

KINDS = {
    "d", "r", "res", "c", "cap", "l", "ind", "npn", "pnp", "nmos", "pmos",
}  # fmt: skip


@_command(".model", inner=True)
def model(card: Card, cell: Cell) -> None:
    """``.model name D(IS=1e-14 N=1)``, with or without brackets."""
    found = split(card.text)
    if len(found.words) < 3:
        raise CircuitError("'.model' needs a name and a kind, such as '.model x D(IS=1e-14 N=1)'")
    name, kind = found.words[1], found.words[2].lower()
    if len(found.words) > 3:
        raise CircuitError(f"'{clipped(found.words[3], 40)}' in a model is no parameter=value")
    if name.lower() in cell.scope.models:
        known = cell.scope.models[name.lower()].place
        raise CircuitError(f"the model '{clipped(name, 40)}' is defined in {known} already")
    # A model of another kind matters only where an element has it, which says so.
    read = found.keys if kind in KINDS else {}
    texts = {key: text for key, text in read.items() if key not in TEXTS}
    values = {key: cell.value(text) for key, text in texts.items()}
    cell.scope.models[name.lower()] = Model(name, kind, values, card.place)


@_command(".tran")
def tran(card: Card, cell: Cell) -> None:
    """``.tran step stop [start [longest]] [uic]``, in LTspice also ``.tran stop``."""
    enter_transient(card, cell, card.text.split()[1:])


def enter_transient(card: Card, cell: Cell, words: list[str]) -> None:
    """What a transient analysis asks for."""
    flags = {word.lower() for word in words if word.lower() in {"uic", "nodiscard"}}
    values = [word for word in words if word.lower() not in flags]
    deck = cell.deck
    for word in values:
        if word.lower() in {"startup", "steady", "step"}:
            raise CircuitError(
                f"'{word}' changes how the sources start or when it ends; leave it out of '.tran'"
            )
    if len(values) < 2 and not (values and deck.ltspice):
        raise CircuitError("'.tran' needs a step and an end, such as '.tran 10m 1 uic'")
    if len(values) > 4:
        raise CircuitError(f"'.tran' has more than four numbers: '{clipped(values[4], 40)}'")
    numbers = [cell.value(word) for word in values]
    step, stop = (0.0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    if stop <= 0:
        shown = clipped(values[min(1, len(values) - 1)], 40)
        raise CircuitError(f"'.tran' ends at {shown}; the end must lie after 0 s")
    known = deck.transient
    if known is not None and (known.stop != stop or known.uic != ("uic" in flags)):
        raise CircuitError(f"another '.tran' stands in {known.place}; keep one")
    deck.transient = Transient(step, stop, "uic" in flags, card.place)


@_command(".temp")
def temp(card: Card, cell: Cell) -> None:
    """The temperature of the circuit [°C]."""
    found = split(card.text).words[1:]
    if len(found) != 1:
        raise CircuitError("'.temp' needs one temperature; one circuit is read at a time")
    cell.deck.temperature = cell.value(found[0])


COMMANDS.register(".temperature")(COMMANDS[".temp"])


@_command(".options")
def options(card: Card, cell: Cell) -> None:
    """Temperatures; tolerances say nothing of the circuit."""
    found = split(card.text)
    for key, text in found.keys.items():
        if key == "temp":
            cell.deck.temperature = cell.value(text)
        elif key == "tnom":
            cell.deck.nominal = cell.value(text)
        elif key not in OPTIONS and not (key in {"rshunt", "cshunt"} and cell.value(text) == 0):
            _refuse_option(key)
    for word in found.words[1:]:
        if word.lower() not in OPTIONS:
            _refuse_option(word)


def _refuse_option(name: str) -> None:
    raise CircuitError(
        f"the option '{clipped(name, 40)}' may change the circuit and is not known here; leave it "
        "out if it does not"
    )


for _name in (".option", ".opt", ".opts"):
    COMMANDS.register(_name)(COMMANDS[".options"])


START = re.compile(r"([vi])\s*\(\s*([^()\s,=]+)\s*\)\s*=\s*", re.IGNORECASE)


@_command(".ic", STARTS, inner=True)
def initial(card: Card, cell: Cell) -> None:
    """``.ic v(a)=1 v(b)={x}``, and ``.nodeset`` in the same form.

    A node that is nowhere else is passed over, as in ngspice.
    """
    text = _rest(card)
    place = 0
    while place < len(text):
        if text[place] in " ,":
            place += 1
            continue
        match = START.match(text, place)
        if match is None:
            raise CircuitError(
                f"'{clipped(text[place:].split()[0], 40)}' must have the form V(node)=value"
            )
        value = re.compile(r"\{[^{}]*\}|'[^']*'|[^\s,]+").match(text, match.end())
        if value is None:
            raise CircuitError(f"'{clipped(match[0], 40)}' has no value")
        number = cell.value(value[0])
        node = cell.known_node(match[2])
        if match[1].lower() == "i":
            if card.word == ".ic":
                cell.deck.currents[cell.name(match[2]).lower()] = number, card.place
        elif node is not None and card.word == ".nodeset":
            cell.deck.guesses[node] = number
        elif node is not None:
            cell.deck.initial[node] = number, card.place
        place = value.end()


COMMANDS.register(".nodeset")(COMMANDS[".ic"])
