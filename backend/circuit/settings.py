"""How a training makes and integrates its circuit: the settings that only circuits have.

In ``spec.json``, on the command line and in answers they stand beside the settings of every
training, under the names of the fields below; in memory they are this one object. What they mean is
known to ``models.circuits``. Pages and lists of runs read them, so torch is not needed here.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from ..params import Param, check_params

SAME = "same"
"""The early solver that is the usual one."""

COURSE: tuple[Param, ...] = (
    Param("steps_low", 0, low=0, high=10_000, doc="Fewest random solver steps of a batch."),
    Param("steps_high", 0, low=0, high=10_000, doc="Most random solver steps; 0 for fixed."),
    Param("early_solver", SAME, doc="Solver of the first part of the training."),
    Param("early_share", 0.5, low=0.0, high=1.0, doc="Share of the steps it is used for."),
)
"""How the solver changes while a training goes on."""

INITIAL = Param(
    "initial", "drawn", choices=("drawn", "random"), doc="First parameters of a given circuit."
)
COMPUTING = ("solver", "solver_options")
"""Settings that say how to compute, not how to train."""

_DEFAULT: dict[str, Any] = {param.name: param.default for param in (*COURSE, INITIAL)}


class CircuitSettings(BaseModel):
    """Where a training's circuit comes from, and what integrates it.

    Attributes:
        circuit: a drawn circuit in the file format, or the path of a circuit file.
        topology: a generator to make the circuit with, when none is given; with neither, the
            model builds its own.
        initial: whether a given circuit starts as it is ``drawn``, or at ``random`` parameters.
        solver: integrates every slice.
        gradient: ``discrete``, ``continuous`` or ``backprop``; empty for the solver's best.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    circuit: dict[str, Any] | str | None = None
    topology: str | None = None
    topology_options: dict[str, Any] = {}
    initial: str = _DEFAULT["initial"]
    solver: str = "rk4"
    solver_options: dict[str, Any] = {}
    gradient: str = ""
    steps_low: int = _DEFAULT["steps_low"]
    steps_high: int = _DEFAULT["steps_high"]
    early_solver: str = _DEFAULT["early_solver"]
    early_share: float = _DEFAULT["early_share"]

    @model_validator(mode="before")
    @classmethod
    def _in_range(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        params = (*COURSE, INITIAL)
        given = {param.name: data[param.name] for param in params if param.name in data}
        checked = check_params(params, given)
        return {**data, **{name: checked[name] for name in given}}


NAMES = tuple(CircuitSettings.model_fields)
"""Of the settings, in files and on the command line."""

USUAL: dict[str, Any] = CircuitSettings().model_dump()

ABSENT: dict[str, Any] = {**USUAL, "solver": ""}
"""What a file says of them where the model is no circuit: no solver."""


def chosen(fields: Mapping[str, Any]) -> list[str]:
    """Names of the settings among a training's fields that ask for something."""
    return [name for name in NAMES if fields.get(name) not in (None, "", {}, USUAL[name])]


def nested(fields: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A training's fields with those of circuits, if any, as one object (``None`` for no circuit).

    Args:
        fields: as a file has them.
        place: where the object goes.

    Raises:
        ValueError: a setting of circuits where there is no solver.
    """
    given = {name: fields[name] for name in NAMES if name in fields}
    rest = {name: value for name, value in fields.items() if name not in given}
    if not given:
        return rest
    if given.get("solver") != "":
        return {**rest, place: given}
    if extra := chosen(given):
        raise ValueError(
            f"{extra[0]} is a setting of circuits, and without a solver there is none; "
            f"leave {extra[0]} out"
        )
    return {**rest, place: None}


def flat(fields: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The same fields as a file has them: the inverse of ``nested``."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        found |= (ABSENT if value is None else value) if name == place else {name: value}
    return found
