"""Waveforms as forms and boards need them."""

from typing import Any

from backend.waveforms import WAVEFORMS, Waveform

from .. import serialize


def waveforms() -> dict[str, Any]:
    """Every waveform by its name: parameters, lists of points, levels, its form."""
    return {name: _described(kind) for name, kind in WAVEFORMS.items()}


def _described(kind: type[Waveform]) -> dict[str, Any]:
    usual = kind()
    return {
        **serialize.configurable(kind),
        "lists": [
            {"name": name, "unit": unit, "default": list(getattr(usual, name))}
            for name, unit in kind.lists.items()
        ],
        "levels": list(usual.level_names),
        "symbol": kind.symbol,
    }
