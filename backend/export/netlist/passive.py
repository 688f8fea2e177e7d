"""Resistors, capacitors and inductors, with their models and keys."""

import math

from ...errors import CircuitError, clipped
from .deck import Model
from .readers import READERS, Piece

HEAT = {"tc", "tc1", "tc2", "temp", "dtemp", "tnom"}
PARTS = {"rser", "rpar", "lser", "cpar"}
MODELS = {
    "r": {
        "r",
        "res",
        "rsh",
        "short",
        "narrow",
        "defl",
        "defw",
        "l",
        "w",
        "tc",
        "tc1",
        "tc2",
        "tnom",
    },
    "c": {"c", "cap", "tc", "tc1", "tc2", "tnom"},
    "l": {"l", "ind", "tc", "tc1", "tc2", "tnom"},
}
"""Parameters of models that are read; those of noise and level are passed over."""
MODEL_IDLE = {"kf", "af", "level"}


@READERS.register("r")
def resistor(piece: Piece) -> None:
    """``R1 a b 1k``, ``R=1k``, with a model, multiplied, heated."""
    model = _model(piece, ("r", "res"))
    text = _value(piece, "r", "resistance", model)
    keys = {"r", "resistance", "m", "l", "w", "scale", *HEAT}
    piece.only(keys, words=4 + (model is not None and len(piece.words) > 4), what="a resistance")
    value = _of_sheet(piece, model) if text is None else piece.cell.value(text)
    value *= _heated(piece, model) * piece.key("scale", usual=1.0) / _count(piece)
    if value == 0:
        raise CircuitError(f"'{piece.name}' has 0 ohm; join its nodes or give it a resistance")
    if not math.isfinite(1 / value):
        shown = clipped(text or "", 40)
        raise CircuitError(f"'{piece.name}' has too small a resistance: '{shown}' ohm")
    piece.add("resistor", piece.nodes(2), values={"resistance": value})


@READERS.register("c")
def capacitor(piece: Piece) -> None:
    """``C1 a b 1u IC=2``; a resistance or inductance within it becomes elements of their own."""
    model = _model(piece, ("c", "cap"))
    text = _value(piece, "c", "capacitance", model)
    keys = {"c", "capacitance", "ic", "m", "scale", *HEAT, *PARTS}
    piece.only(
        keys, words=4 + (model is not None and len(piece.words) > 4), what="a capacitance and IC"
    )
    value = _whole(model, "cap", "c") if text is None else piece.cell.value(text)
    value *= _heated(piece, model) * piece.key("scale", usual=1.0) * _count(piece)
    ends = _in_series(piece, piece.nodes(2), ("rser", "lser"))
    values = {"capacitance": value}
    if "ic" in piece.found.keys:
        values["ic"] = piece.cell.value(piece.found.keys["ic"])
    piece.add("capacitor", ends, values=values)
    _in_parallel(piece)


@READERS.register("l")
def inductor(piece: Piece) -> None:
    """``L1 a b 1m IC=2``; a resistance or capacitance within it becomes elements of their own."""
    model = _model(piece, ("l", "ind"))
    text = _value(piece, "l", "inductance", model)
    keys = {"l", "inductance", "ic", "m", "scale", *HEAT, *PARTS}
    piece.only(
        keys, words=4 + (model is not None and len(piece.words) > 4), what="an inductance and IC"
    )
    value = _whole(model, "ind", "l") if text is None else piece.cell.value(text)
    value *= _heated(piece, model) * piece.key("scale", usual=1.0) / _count(piece)
    ends = _in_series(piece, piece.nodes(2), ("rser",))
    piece.add("inductor", ends, values={"inductance": value, "current": piece.key("ic")})
    _in_parallel(piece)


def _model(piece: Piece, kinds: tuple[str, ...]) -> Model | None:
    """The model among the words behind the nodes, if one stands there."""
    for word in piece.words[3:5]:
        if word[:1].isalpha() and piece.cell.has_model(word):
            model = piece.cell.model(word)
            if model.kind not in kinds:
                raise CircuitError(
                    f"the model '{clipped(word, 40)}' is one of {model.kind.upper()}, not of "
                    f"{kinds[0].upper()}"
                )
            _check_model(model, kinds[0])
            return model
    return None


def _check_model(model: Model, kind: str) -> None:
    for key in model.values:
        if key not in MODELS[kind] | MODEL_IDLE:
            raise CircuitError(
                f"the parameter '{clipped(key.upper(), 40)}' of the model of {model.place} is not "
                "read; leave it out if it does not matter"
            )


def _value(piece: Piece, key: str, name: str, model: Model | None) -> str | None:
    """The word or key that gives the value; None where the model gives it."""
    for given in (key, name):
        if given in piece.found.keys:
            # Behind the nodes there may only be a model then.
            if len(piece.words) > 3 + (model is not None):
                raise CircuitError(
                    f"'{piece.name}' has two values: '{clipped(piece.words[3], 40)}'"
                )
            return piece.found.keys[given]
    rest = [w for w in piece.words[3:5] if model is None or w.lower() != model.name.lower()]
    if not rest and model is None:
        raise CircuitError(f"'{piece.name}' needs a name, two nodes and a value")
    return rest[0] if rest else None


def _whole(model: Model | None, *names: str) -> float:
    for name in names:
        if model is not None and name in model.values:
            return model.values[name]
    shown = model.name if model else ""
    raise CircuitError(f"neither the card nor the model '{clipped(shown, 40)}' gives a value")


def _of_sheet(piece: Piece, model: Model | None) -> float:
    """R of a model: its own, or its sheet's for length and width."""
    values = model.values if model else {}
    if "rsh" not in values:
        return _whole(model, "r", "res")
    short, narrow = values.get("short", 0.0), values.get("narrow", 0.0)
    length = piece.key("l", usual=values.get("defl", values.get("l", 0.0))) - short
    width = piece.key("w", usual=values.get("defw", values.get("w", 0.0))) - narrow
    if length <= 0 or width <= 0:
        raise CircuitError(f"'{piece.name}' needs l= and w= for its sheet resistance")
    return values["rsh"] * length / width


def _heated(piece: Piece, model: Model | None) -> float:
    """1 + tc1 dT + tc2 dT**2, dT from the temperature of the measurement."""
    values = model.values if model else {}
    first = piece.key("tc", "tc1", usual=values.get("tc1", values.get("tc", 0.0)))
    second = piece.key("tc2", usual=values.get("tc2", 0.0))
    deck = piece.cell.deck
    heat = piece.key("temp", usual=deck.temperature + piece.key("dtemp"))
    rise = heat - piece.key("tnom", usual=values.get("tnom", deck.nominal))
    return 1 + first * rise + second * rise * rise


def _count(piece: Piece) -> float:
    """How many stand side by side."""
    count = piece.key("m", usual=1.0)
    if count <= 0:
        raise CircuitError(
            f"'{piece.name}' stands there {count:g} times; give m= a positive number"
        )
    return count


def _in_series(piece: Piece, ends: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """The ends that are left once a resistance or inductance within stands before them."""
    first, last = ends
    for name in names:
        value = piece.key(name)
        if not value:
            continue
        inner = piece.cell.node(f"{piece.words[0]}.{name}")
        kind, what = ("resistor", "resistance") if name == "rser" else ("inductor", "inductance")
        values = {what: value} if name == "rser" else {what: value, "current": 0.0}
        piece.add(kind, (first, inner), f".{name}", values=values)
        piece.cell.deck.behind[inner] = first
        first = inner
    return first, last


def _in_parallel(piece: Piece) -> None:
    if value := piece.key("rpar"):
        piece.add("resistor", piece.nodes(2), ".rpar", values={"resistance": value})
    if value := piece.key("cpar"):
        piece.add("capacitor", piece.nodes(2), ".cpar", values={"capacitance": value})
