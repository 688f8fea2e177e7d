"""Diodes and transistors with their models."""

from ...errors import CircuitError, clipped
from .deck import Model
from .readers import READERS, Piece

SIZES = {"m", "area", "temp", "dtemp", "off", "perim", "pj"}


@READERS.register("d")
def diode(piece: Piece) -> None:
    """``D1 anode cathode model 2 m=3``."""
    model = _model(piece, 3, ("d",))
    piece.only(SIZES, words=5 + ("off" in _flags(piece)), what="a model and an area")
    _add(piece, "diode", 2, model, {"area": _area(piece, 4)})


@READERS.register("q")
def bipolar(piece: Piece) -> None:
    """``Q1 collector base emitter model``, a substrate at ground between them."""
    words = piece.words
    place = 4 if len(words) < 6 or piece.cell.has_model(words[4]) else 5
    model = _model(piece, place, ("npn", "pnp"))
    piece.only(SIZES, words=place + 2 + ("off" in _flags(piece)), what="a model and an area")
    if place == 5 and piece.cell.node(words[4]) != "gnd":
        raise CircuitError(f"'{piece.name}' has a substrate, which is not modelled; leave it out")
    _add(piece, model.kind, 3, model, {"area": _area(piece, place + 1)})


@READERS.register("m")
def field_effect(piece: Piece) -> None:
    """``M1 drain gate source bulk model w=1u l=1u``."""
    model = _model(piece, 5, ("nmos", "pmos"))
    keys = {"m", "w", "l", "ad", "as", "pd", "ps", "nrd", "nrs", "temp", "dtemp", "off"}
    piece.only(keys, words=6 + ("off" in _flags(piece)), what="a model and sizes")
    values = {key: piece.key(key) for key in piece.found.keys if key in keys - {"off"}}
    _add(piece, model.kind, 4, model, values)


def _flags(piece: Piece) -> set[str]:
    """``off`` says where a search for the operating point begins, nothing of the circuit."""
    return {word.lower() for word in piece.words[4:]} & {"off"}


def _model(piece: Piece, place: int, kinds: tuple[str, ...]) -> Model:
    if len(piece.words) <= place:
        raise CircuitError(f"'{piece.name}' needs {place - 1} nodes and a model")
    model = piece.cell.model(piece.words[place])
    if model.kind not in kinds:
        raise CircuitError(
            f"the model '{clipped(model.name, 40)}' is one of {model.kind.upper()}, and "
            f"'{piece.name}' needs {' or '.join(kind.upper() for kind in kinds)}"
        )
    return model


def _area(piece: Piece, place: int) -> float:
    words = [word for word in piece.words[place:] if word.lower() != "off"]
    area = piece.cell.value(words[0]) if words else piece.key("area", usual=1.0)
    if area <= 0:
        raise CircuitError(f"'{piece.name}' has an area of {area:g}; give a positive number")
    return area


def _add(piece: Piece, kind: str, nodes: int, model: Model, values: dict[str, float]) -> None:
    deck = piece.cell.deck
    heat = piece.key("temp", usual=deck.temperature + piece.key("dtemp"))
    values = {"m": piece.key("m", usual=1.0), "temperature": heat, **values}
    piece.add(kind, piece.nodes(nodes), values=values, model=model)
