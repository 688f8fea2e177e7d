"""Arrays of a model in a checkpoint, however a trainer wrapped it.

``torch.nn.DataParallel`` puts ``module.`` before every name, ``torch.compile`` ``_orig_mod.``, a
Lightning module the name of its field; trainers put the state dict beside the optimiser and the
epoch, under ``state_dict``, ``model``, ``net`` and the like. All of these hold the same arrays.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from ..circuit.networks.pickled import Foreign
from ..errors import CircuitError, clipped, quoted

LAYER = re.compile(r"((?:[^.]+\.)*?)(circuit\.layer_list\.[0-9]{1,4}\.model\.param)")
COUNTERS = ("n_averaged",)
"""Names that ``torch.optim.swa_utils.AveragedModel`` adds; they are no parameters."""

DEPTH = 4
"""State dicts in dictionaries in dictionaries."""


def find_layers(data: Any) -> dict[str, Tensor]:
    """The parameters of the slices by the authors' names, without what trainers put before them.

    Args:
        data: the value in a checkpoint.

    Raises:
        CircuitError: there is no such state dict, there are several, or it holds something else.
    """
    found = list(_state_dicts(data, "", DEPTH))
    if len(found) > 1:
        names = " and ".join(quoted(place) for place, _ in found[:4])
        raise CircuitError(
            f"the file holds {len(found)} networks, {names}; store the state dict of one of them"
        )
    if not found:
        _check_top(data)
    place, arrays = found[0] if found else ("", data)
    return _plain(arrays, place)


def _state_dicts(data: Any, place: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where the names of slices stand, from the outside in."""
    if not isinstance(data, dict):
        return
    if any(isinstance(name, str) and LAYER.fullmatch(name) for name in data):
        yield place, data
    elif depth:
        for name, inner in data.items():
            if isinstance(name, str):
                yield from _state_dicts(inner, f"{place}.{name}" if place else name, depth - 1)


def _check_top(data: Any) -> None:
    if not isinstance(data, dict):
        kind = data.name if isinstance(data, Foreign) else f"a {type(data).__name__}"
        raise CircuitError(f"expected a state dict of arrays, found {clipped(kind)}")


def _plain(arrays: Mapping[Any, Any], place: str) -> dict[str, Tensor]:
    """The arrays under the authors' names; every other entry is refused."""
    plain: dict[str, Tensor] = {}
    prefixes: set[str] = set()
    for name, value in arrays.items():
        if not isinstance(name, str):
            raise CircuitError(f"expected a state dict of named arrays, found the key {name}")
        if name in COUNTERS:
            continue
        match = LAYER.fullmatch(name)
        if match:
            prefixes.add(match[1])
        if not (isinstance(value, Tensor) and value.is_floating_point()):
            kind = _kind(value)
            where = f"{place}.{name}" if place else name
            raise CircuitError(f"{quoted(where)} is not an array of real numbers but {kind}")
        plain[match[2] if match else clipped(name)] = value
    if len(prefixes) > 1:
        raise CircuitError(
            f"the file holds {len(prefixes)} networks, "
            f"{' and '.join(quoted(prefix) for prefix in sorted(prefixes)[:4])}; "
            "store the state dict of one of them"
        )
    return plain


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return str(value.dtype)
    return clipped(value.name) if isinstance(value, Foreign) else f"a {type(value).__name__}"
