"""From the settings that were chosen for a circuit to all of them, checked against all tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...circuit import Circuit
from ...circuit.files import NETWORK_SUFFIXES, read_circuit
from ...circuit.networks import settings_of
from ...circuit.settings import COURSE, NAMES, CircuitSettings
from ...errors import RunError, quoted
from ...params import Param, checked_options
from ...registry import nearest
from ...shapes import Data
from ...solvers import SOLVERS
from ...topologies import TOPOLOGIES
from ..base import MODELS
from .course import check_course
from .initial import initialise

USUAL = CircuitSettings().solver


def complete(given: Mapping[str, Any], recipe: Mapping[str, Any], data: Data) -> CircuitSettings:
    """Settings with the recipe in the place of what is missing; see ``Model.complete``.

    Raises:
        StudioError: an unknown name, or a refused value.
        ValidationError: a setting of another type, or out of range.
    """
    given, recipe = _own(given), _own(recipe)
    if given.get("solver", recipe.get("solver")) != recipe.get("solver"):
        # What a recipe says of the course of a solver is said of its own.
        recipe = _without(recipe, [param.name for param in COURSE])
    chosen = {"solver": USUAL, **recipe, **given}
    kind = SOLVERS[chosen["solver"]]
    usual = _known(chosen["solver"], recipe.get("solver_options", {}))
    chosen["solver_options"] = checked_options(
        f"solver {chosen['solver']}", kind.params, {**usual, **given.get("solver_options", {})}
    )
    if chosen.get("topology"):
        chosen["topology_options"] = _topology_options(chosen, data)
    elif chosen.get("topology_options"):
        raise RunError("topology options were given but no topology; name one")
    wanted = chosen.get("gradient")
    if wanted and wanted not in kind.gradients:
        raise RunError(
            f"gradient {quoted(wanted)} is not possible with solver {chosen['solver']}: "
            f"{nearest(wanted, list(kind.gradients))}"
        )
    settings = CircuitSettings(**chosen)
    check_course(settings)
    return settings


def option_groups(given: Mapping[str, Any], recipe: Mapping[str, Any],
                  model: tuple[Param, ...]) -> dict[str, tuple[Param, ...]]:  # fmt: skip
    """Declarations of all options; see ``Model.option_groups``."""
    solver, topology = given.get("solver"), given.get("topology")
    if solver is None:
        solver = recipe.get("solver")
    return {
        "solver": SOLVERS[solver or USUAL].params,
        "model": model,
        "topology": TOPOLOGIES[topology].params if topology else (),
    }


def given_circuit(settings: CircuitSettings, seed: int, folder: Path | None) -> Circuit | None:
    """The circuit that the settings name or generate; ``None`` where they leave it to the model.

    Args:
        settings: of the circuit.
        seed: of what is random in it.
        folder: where a relative path of a circuit file begins.

    Raises:
        CircuitError: the circuit is not sound.
    """
    if isinstance(settings.circuit, str):
        circuit = read_circuit((folder or Path()) / settings.circuit)
    elif settings.circuit is not None:
        circuit = Circuit.from_dict(settings.circuit)
    elif settings.topology:
        circuit = TOPOLOGIES[settings.topology](**settings.topology_options)(seed)
    else:
        return None
    return initialise(circuit, seed) if settings.initial == "random" else circuit


def with_file_settings(given: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Fields of a ``TrainSpec`` over those that the network's file among them brings along.

    Args:
        given: fields that were chosen.
        task: of the data set.

    Raises:
        CircuitError: the file cannot be read.
    """
    data, path = dict(given), given.get("circuit")
    if not isinstance(path, str) or Path(path).suffix not in NETWORK_SUFFIXES:
        return data
    own = settings_of(path)
    for name in ("model", "solver"):
        chosen = str(data.get(name) or own.get(name, ""))
        fits = name == "solver" or (chosen in MODELS and task in MODELS[chosen].tasks)
        options = f"{name}_options"
        if chosen == own.get(name) and fits:
            data[name] = chosen
            data[options] = {**own.get(options, {}), **data.get(options, {})}
    return data


def carried_over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a ``TrainSpec`` that others are put over, without what these make meaningless.

    Args:
        base: fields of a training.
        given: those that replace some of them; of another solver, only what it has is kept.
    """
    if "solver" not in given:
        return dict(base)
    return {**base, "solver_options": _known(given["solver"], base.get("solver_options", {}))}


def _topology_options(chosen: Mapping[str, Any], data: Data) -> dict[str, Any]:
    """A topology's options, with as many inputs and outputs as the data need."""
    kind = TOPOLOGIES[chosen["topology"]]
    known = {param.name for param in kind.params}
    fitting: dict[str, Any] = {"inputs": data.inputs.count, "outputs": data.outputs.count}
    if data.image_shape:
        height, width = data.image_shape
        fitting |= {"channels": data.channels, "height": height, "width": width}
    usual = {name: value for name, value in fitting.items() if name in known}
    options = {**usual, **chosen.get("topology_options", {})}
    return checked_options(f"topology {chosen['topology']}", kind.params, options)


def _known(solver: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those options, said of some solver, that another one has as well."""
    known = {param.name for param in SOLVERS[solver].params}
    return {name: value for name, value in options.items() if name in known}


def _own(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in NAMES}


def _without(fields: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}
