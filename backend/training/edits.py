"""Edits of a circuit while it trains: the same values, moments and means go on where they can.

A device that stays keeps its parameters, the moments of the optimiser and the means of its
weights, bit for bit; one that goes takes them along; a new one begins with those of its like and
with moments of zero. Which edits were made, and before which step, is all that must be known to
repeat them: a training that is taken up again makes them again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ..changes import Change, changed
from ..circuit import Circuit
from ..circuit.compile import KindGroup
from ..datasets import Dataset
from ..errors import StudioError
from ..models import CircuitModel, Model, with_parameters
from .prepare import build_model
from .spec import TrainSpec

COMPILED = "compiled."


@dataclass(frozen=True)
class Edit:
    """A change that is made before a step.

    Args:
        step: steps done before it.
        change: what is changed.
    """

    step: int
    change: Change


def edited(circuit: Circuit | None, edits: Iterable[Edit]) -> Circuit | None:
    """A circuit with the topology after some edits; values are those of whoever holds them.

    Raises:
        StudioError: an edit does not fit.
    """
    given = [edit.change for edit in edits]
    return circuit if circuit is None or not given else changed(circuit, given)


def check_edit(model: Model, change: Change) -> None:
    """Whether a training can go on with a change.

    Raises:
        StudioError: says why not and what to do.
    """
    if not isinstance(model, CircuitModel):
        raise StudioError(f"a {model.title} is no circuit and cannot be edited while it trains")
    change.check_lasting()
    changed(model.circuit(), [change])


class Moved(NamedTuple):
    """A model after an edit, and what belongs to its parameters by name."""

    model: CircuitModel
    moments: dict[str, Tensor]
    means: dict[str, Tensor]


def moved(
    model: CircuitModel,
    change: Change,
    spec: TrainSpec,
    dataset: Dataset,
    *,
    moments: Mapping[str, Tensor],
    means: Mapping[str, Tensor],
) -> Moved:
    """The model of the changed circuit with everything that belongs to what stays.

    Args:
        model: before the change.
        change: that is made.
        spec: the settings.
        dataset: what is learnt.
        moments: of the optimiser, ``parameter/field``.
        means: of the weights by name; empty where there are none.

    Raises:
        StudioError: the changed circuit does not fit the model or the data.
    """
    check_edit(model, change)
    made = _with_rest(model.circuit(), change, spec, dataset, model.state_dict())
    kept: dict[str, Tensor] = {}
    if means:
        start = with_parameters(model.compiled.circuit, dict(means))
        kept = _with_rest(start, change, spec, dataset, means).state_dict()
    return Moved(made, _rows_moved(model, made, moments), kept)


def _with_rest(
    circuit: Circuit, change: Change, spec: TrainSpec, dataset: Dataset, state: Mapping[str, Tensor]
) -> CircuitModel:
    """A model of the changed circuit; what is no device's is taken from the state of the old."""
    made = build_model(spec, changed(circuit, [change]), dataset)
    assert isinstance(made, CircuitModel)
    rest = {name: value for name, value in state.items() if COMPILED not in name}
    made.load_state_dict({**made.state_dict(), **rest})
    return made


class _Group(NamedTuple):
    """A group of devices: the beginning of its parameters' names, and its devices in order."""

    prefix: str
    devices: tuple[str, ...]


def _groups(model: CircuitModel) -> Iterator[tuple[tuple[int, str], _Group]]:
    """Groups by slice and kind."""
    names = {id(module): name for name, module in model.named_modules()}
    tables = model.compiled.circuit.tables()
    for index, (table, field) in enumerate(zip(tables, model.compiled.fields(), strict=True)):
        ids = table.ids
        for group in field.kinds():
            assert isinstance(group, KindGroup)
            devices = tuple([ids[place] for place in group.places.tolist()])
            yield (index, group.kind), _Group(f"{names[id(group)]}.params.", devices)


def _rows_moved(
    old: CircuitModel, new: CircuitModel, moments: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Moments of the optimiser in the rows of the new model's devices, zero for new devices."""
    found = {name: value for name, value in moments.items() if COMPILED not in name}
    before = dict(_groups(old))
    for key, group in _groups(new):
        if key not in before:
            continue
        known = before[key]
        rows = {device: row for row, device in enumerate(known.devices)}
        pairs = [(k, rows[name]) for k, name in enumerate(group.devices) if name in rows]
        for name, value in moments.items():
            if name.startswith(known.prefix):
                own = f"{group.prefix}{name.removeprefix(known.prefix)}"
                found[own] = _placed(value, pairs, len(group.devices))
    return found


def _placed(value: Tensor, pairs: Sequence[tuple[int, int]], count: int) -> Tensor:
    """Rows of a moment at their new places; a count of steps belongs to all devices."""
    if not value.dim():
        return value.clone()
    made = value.new_zeros((count, *value.shape[1:]))
    if pairs:
        there, here = torch.tensor(pairs, device=value.device).T
        made[there] = value[here]
    return made
