"""From a training spec to a data set, a circuit and a model; and from few settings to a spec."""

import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..circuit import Circuit
from ..circuit_files import NETWORK_SUFFIXES, read_circuit
from ..datasets import DATASETS, Dataset
from ..datasets.once import open_dataset
from ..errors import RunError, quoted
from ..export.torch_weights import settings_of
from ..models import MODELS, CircuitModel, Model, initialise, model_for, models_for
from ..params import Param
from ..registry import nearest
from ..shapes import Data
from ..simulate import make_solver
from ..solvers import SOLVERS
from ..topologies import TOPOLOGIES
from .schedule import SolverSchedule, check_solvers
from .spec import (
    CIRCUIT_FIELDS,
    PARAMS,
    SHORT_NAMES,
    TrainSpec,
    check_shapes,
    checked_options,
    fields,
    validated,
)
from .tasks import TASKS, Task

GROUPS = ("solver", "model", "topology", "dataset")
# What a recipe says of the course of its own solver.
STEPPING = ("steps_low", "steps_high", "early_solver", "early_share")
# The studio draws this many epochs of a replay without crowding.
REPLAY_FRAMES = 30


def complete(cls: type[TrainSpec], given: Mapping[str, Any]) -> TrainSpec:
    """A spec with the recipe in the place of what is missing, all names and options checked.

    Raises:
        StudioError: what was refused and what to do.
    """
    check_shapes(given)
    if not given.get("dataset"):
        raise RunError(f"no data set was chosen: {nearest('', DATASETS.names())}")
    data = dict(given)
    dataset_kind = DATASETS[data["dataset"]]
    data["dataset_options"] = checked_options(
        f"data set {data['dataset']}", dataset_kind.params, data.get("dataset_options", {})
    )
    dataset = open_dataset(data["dataset"], data["dataset_options"])
    data = _with_own_settings(data, dataset)
    data["model"] = data.get("model") or model_for(dataset.task)
    model = MODELS[data["model"]]
    if dataset.task not in model.tasks:
        raise RunError(
            f"data set {data['dataset']} is for the task '{dataset.task}', which model "
            f"{data['model']} cannot learn: choose a data set for {' or '.join(model.tasks)}, or "
            f"the model {' or '.join(models_for(dataset.task))}"
        )
    if not issubclass(model, CircuitModel):
        data = _without_circuit(data, model)
    if sentence := dataset.missing() or model.unfit(dataset.data):
        raise RunError(sentence)
    recipe = chosen_recipe(model, dataset.data, str(data.get("recipe", "default")))
    options = {**recipe.get("model_options", {}), **data.get("model_options", {})}
    data["model_options"] = checked_options(f"model {data['model']}", model.params, options)
    data = _with_recipe(data, recipe)
    if data.get("topology"):
        data["topology_options"] = _topology_options(data, dataset)
    elif data.get("topology_options"):
        raise RunError("topology options were given but no topology; name one")
    if data["solver"]:
        _check_gradient(data)
    data["versions"] = data.get("versions") or versions()
    spec = validated(cls, data)
    if spec.solver:
        check_solvers(spec)
    return spec


def _with_own_settings(data: dict[str, Any], dataset: Dataset) -> dict[str, Any]:
    """The given settings over those a network's file brings along."""
    path = data.get("circuit")
    if not isinstance(path, str) or Path(path).suffix not in NETWORK_SUFFIXES:
        return data
    own = settings_of(path)
    for name in ("model", "solver"):
        chosen = str(data.get(name) or own.get(name, ""))
        fits = name == "solver" or (chosen in MODELS and dataset.task in MODELS[chosen].tasks)
        options = f"{name}_options"
        if chosen == own.get(name) and fits:
            data = {
                **data,
                name: chosen,
                options: {**own.get(options, {}), **data.get(options, {})},
            }
    return data


def _without_circuit(data: dict[str, Any], model: type[Model]) -> dict[str, Any]:
    """The settings of a model that is no circuit: no solver, no topology.

    Raises:
        RunError: settings were given that only circuits have.
    """
    defaults = {name: TrainSpec.model_fields[name].default for name in CIRCUIT_FIELDS}
    given = [
        name for name in CIRCUIT_FIELDS if data.get(name) not in (None, "", {}, defaults[name])
    ]
    if given:
        raise RunError(
            f"model {data['model']} ({model.title}) is no circuit and has no "
            f"{given[0].replace('_', ' ')}; leave the setting {given[0]} out"
        )
    return {**data, "solver": ""}


def chosen_recipe(model: type[Model], about: Data, name: str) -> dict[str, Any]:
    """A model's recipe by name.

    Raises:
        RunError: it has no such recipe for this data set.
    """
    recipes = model.recipes(about)
    if name not in recipes:
        raise RunError(f"unknown recipe {quoted(name)}: {nearest(name, list(recipes))}")
    return recipes[name]


def merge_options(options: Mapping[str, str], base: dict[str, Any]) -> dict[str, Any]:
    """Texts ``key=value`` put where they belong in the fields of a spec.

    Raises:
        StudioError: an unknown key, with the nearest known one.
    """
    check_shapes(base)
    data = dict(base)
    plain = [name for name in fields() if not name.endswith("_options")]
    rest: dict[str, str] = {}
    for key, value in options.items():
        name = SHORT_NAMES.get(key, key)
        if name in plain:
            data[name] = value
        else:
            rest[key] = value
    known = _option_params(data)
    for key, value in rest.items():
        group, _, name = key.rpartition(".")
        matches = [
            part
            for part in GROUPS
            if group in ("", part) and any(param.name == name for param in known[part])
        ]
        if not matches:
            names = [*plain, *SHORT_NAMES, *(p.name for part in GROUPS for p in known[part])]
            raise RunError(f"unknown setting {quoted(key)}: {nearest(name or key, names)}")
        field = f"{matches[0]}_options"
        data[field] = {**data.get(field, {}), name: value}
    return data


def make_dataset(spec: TrainSpec) -> Dataset:
    """The data set of a spec."""
    return open_dataset(spec.dataset, spec.dataset_options)


def start_circuit(spec: TrainSpec, folder: Path | None = None) -> Circuit | None:
    """The circuit a training begins with; ``None`` where the model is none.

    Args:
        spec: the settings.
        folder: where a relative path of a circuit file begins.

    Raises:
        CircuitError: the given circuit is not sound.
    """
    kind = MODELS[spec.model]
    if not issubclass(kind, CircuitModel):
        return None
    if spec.circuit is not None:
        if isinstance(spec.circuit, str):
            circuit = read_circuit((folder or Path()) / spec.circuit)
        else:
            circuit = Circuit.from_dict(spec.circuit)
    elif spec.topology:
        circuit = TOPOLOGIES[spec.topology](**spec.topology_options)(spec.seed)
    else:
        return kind.start(make_dataset(spec).data, spec.model_options, spec.seed)
    return initialise(circuit, spec.seed) if spec.initial == "random" else circuit


def make_task(spec: TrainSpec, dataset: Dataset) -> Task:
    """What the training on a data set is for."""
    return TASKS[dataset.task](dataset, spec)


def build_model(spec: TrainSpec, circuit: Circuit | None, dataset: Dataset) -> Model:
    """The model of a spec, around a circuit where it is one, on the spec's device.

    Raises:
        StudioError: the circuit does not fit the data set, or there is no such device.
    """
    if spec.device.startswith("cuda") and not torch.cuda.is_available():
        raise RunError("device 'cuda' was asked for and no CUDA device is present; use cpu")
    kind = MODELS[spec.model]
    if not issubclass(kind, CircuitModel):
        return kind.build(dataset.data, spec.model_options, spec.seed).to(spec.device)
    assert circuit is not None
    solver = make_solver(spec.solver, **spec.solver_options)
    gradient = spec.gradient or solver.gradients[0]
    model = kind.of_circuit(circuit, dataset.data, spec.model_options, solver, gradient)
    model.course = SolverSchedule(spec)
    return model.to(spec.device)


def _with_recipe(data: dict[str, Any], recipe: dict[str, Any]) -> dict[str, Any]:
    """The given settings over the recipe, whose solver options count where they are known."""
    if data.get("solver", recipe.get("solver")) != recipe.get("solver"):
        recipe = {name: value for name, value in recipe.items() if name not in STEPPING}
    merged = {**recipe, **data}
    if merged["solver"]:
        kind = SOLVERS[merged["solver"]]
        known = {param.name for param in kind.params}
        usual = {k: v for k, v in recipe.get("solver_options", {}).items() if k in known}
        merged["solver_options"] = checked_options(
            f"solver {merged['solver']}", kind.params, {**usual, **data.get("solver_options", {})}
        )
    if "frame_interval" not in data:
        epochs = next(param for param in PARAMS if param.name == "epochs")
        try:
            count = int(epochs.check(merged.get("epochs", epochs.default)))
        except ValueError as error:
            raise RunError(str(error)) from None
        merged["frame_interval"] = -(-count // REPLAY_FRAMES)
    return merged


def _topology_options(data: dict[str, Any], dataset: Dataset) -> dict[str, Any]:
    """A topology's options, with as many inputs and outputs as the data set needs."""
    kind = TOPOLOGIES[data["topology"]]
    known = {param.name for param in kind.params}
    fitting = {"inputs": dataset.input_count, "outputs": dataset.output_count}
    if dataset.image_shape:
        height, width = dataset.image_shape
        fitting |= {"channels": dataset.channels, "height": height, "width": width}
    usual = {name: value for name, value in fitting.items() if name in known}
    return checked_options(
        f"topology {data['topology']}", kind.params, {**usual, **data.get("topology_options", {})}
    )


def _check_gradient(data: dict[str, Any]) -> None:
    wanted, allowed = data.get("gradient"), SOLVERS[data["solver"]].gradients
    if wanted and wanted not in allowed:
        raise RunError(
            f"gradient {quoted(wanted)} is not possible with solver {data['solver']}: "
            f"{nearest(wanted, list(allowed))}"
        )


def _option_params(data: Mapping[str, Any]) -> dict[str, tuple[Param, ...]]:
    """The parameters of everything the spec names, by group."""
    dataset = DATASETS[data["dataset"]] if data.get("dataset") else None
    # A table is for classes or numbers, whatever its columns say: one model learns both.
    model = MODELS[data.get("model") or model_for(dataset.task if dataset else "classify")]
    solver = data.get("solver")
    if solver is None and dataset is not None:
        name = str(data.get("recipe", "default"))
        given = open_dataset(str(data["dataset"]), data.get("dataset_options", {}))
        solver = chosen_recipe(model, given.data, name).get("solver")
    topology = data.get("topology")
    return {
        "solver": SOLVERS[solver or "rk4"].params,
        "model": model.params,
        "topology": TOPOLOGIES[topology].params if topology else (),
        "dataset": dataset.params if dataset else (),
    }


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide what a training computes."""
    found = {"python": platform.python_version()}
    for name in ("kirchhoff-studio", "torch", "numpy", "scikit-learn"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found
