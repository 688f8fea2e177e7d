"""From a training spec to a data set, a circuit and a model; and from few settings to a spec."""

import importlib.metadata
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from ..circuit import Circuit
from ..circuit.settings import COURSE, INITIAL
from ..datasets import DATASETS, Dataset
from ..datasets.once import open_dataset
from ..errors import RunError, quoted
from ..models import (
    MODELS,
    Model,
    Setup,
    model_for,
    models_for,
    refusal,
    with_file_settings,
)
from ..params import Param, checked_options
from ..registry import nearest
from ..shapes import Data
from .spec import OWN, PARAMS, SHORT_NAMES, TrainSpec, check_shapes, fields, settled, without_own
from .tasks import TASKS, Task

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
    data = with_file_settings(data, dataset.task)
    data["model"] = data.get("model") or model_for(dataset.task, dataset.data.inputs.kind)
    model = _learning(data["model"], data["dataset"], dataset.data)
    if sentence := dataset.missing() or refusal(model, dataset.data):
        raise RunError(sentence)
    recipe = chosen_recipe(model, dataset.data, str(data.get("recipe", "default")))
    options = {**recipe.get("model_options", {}), **data.get("model_options", {})}
    data["model_options"] = checked_options(f"model {data['model']}", model.params, options)
    data["versions"] = data.get("versions") or versions()
    frames = {} if "frame_interval" in data else {"frame_interval": _interval({**recipe, **data})}
    with settled():
        own = model.complete(data, recipe, dataset.data)
        made: dict[str, Any] = {**without_own({**recipe, **frames, **data}), OWN: own}
        return cls(**made)


def _learning(name: str, dataset: str, about: Data) -> type[Model]:
    """The model that was chosen, which learns the task of a data set.

    Raises:
        StudioError: there is no such model, or it cannot learn the task.
    """
    model = MODELS[name]
    if about.task not in model.tasks:
        raise RunError(
            f"data set {dataset} is for the task '{about.task}', which model {name} cannot learn: "
            f"choose a data set for {' or '.join(model.tasks)}, or the model "
            f"{' or '.join(models_for(about.task, about))}"
        )
    return model


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
    rest: dict[str, str] = {}
    for key, value in options.items():
        name = SHORT_NAMES.get(key, key)
        if name in _plain():
            data[name] = value
        else:
            rest[key] = value
    for key, (field, param) in _places(list(rest), data).items():
        data[field] = {**data.get(field, {}), param.name: rest[key]}
    return data


def places(keys: Iterable[str], base: Mapping[str, Any]) -> dict[str, tuple[str, Param | None]]:
    """Where settings stand in the fields of a spec, by the names that ``--set`` knows them by.

    Returns:
        For each the field and, where it has one, its declaration. An option stands in its field,
        such as ``model_options``, under the name of the declaration.

    Raises:
        StudioError: an unknown name, with the nearest known one.
    """
    check_shapes(base)
    own = {param.name: param for param in (*PARAMS, *COURSE, INITIAL)}
    found: dict[str, tuple[str, Param | None]] = {}
    rest: list[str] = []
    for key in keys:
        name = SHORT_NAMES.get(key, key)
        if name in _plain():
            found[key] = (name, own.get(name))
        else:
            rest.append(key)
    return {**found, **_places(rest, base)}


def _plain() -> list[str]:
    """Settings that are fields of a spec themselves."""
    return [name for name in fields() if not name.endswith("_options")]


def _places(keys: Sequence[str], data: Mapping[str, Any]) -> dict[str, tuple[str, Param]]:
    """Fields and declarations of options by the names that they are set by.

    Raises:
        StudioError: an unknown name, with the nearest known one.
    """
    known = _option_params(data)
    found: dict[str, tuple[str, Param]] = {}
    for key in keys:
        group, _, name = key.rpartition(".")
        groups = known
        matches = _having(name, group, known)
        if not matches:
            groups = _elsewhere(data, known)
            matches = _having(name, group, groups)
        if not matches:
            own = (param.name for part in known.values() for param in part)
            names = [*_plain(), *SHORT_NAMES, *own]
            raise RunError(f"unknown setting {quoted(key)}: {nearest(name or key, names)}")
        param = next(param for param in groups[matches[0]] if param.name == name)
        found[key] = (f"{matches[0]}_options", param)
    return found


def _having(name: str, group: str, known: Mapping[str, tuple[Param, ...]]) -> list[str]:
    """The groups that have an option of this name; of one group only, if it is said."""
    return [
        part
        for part, params in known.items()
        if group in ("", part) and any(param.name == name for param in params)
    ]


def _elsewhere(
    data: Mapping[str, Any], known: Mapping[str, tuple[Param, ...]]
) -> dict[str, tuple[Param, ...]]:
    """Groups of options that other models have: the chosen one says that it has none of them."""
    found: dict[str, tuple[Param, ...]] = {}
    for name in MODELS:
        found |= MODELS[name].option_groups(data, {})
    return {part: params for part, params in found.items() if part not in known}


def make_dataset(spec: TrainSpec) -> Dataset:
    """The data set of a spec."""
    return open_dataset(spec.dataset, spec.dataset_options)


def make_setup(spec: TrainSpec, data: Data) -> Setup:
    """What a spec says of its model.

    Raises:
        RunError: the model cannot learn the data set, or an option is refused.
    """
    model = _learning(spec.model, spec.dataset, data)
    if sentence := refusal(model, data):
        raise RunError(sentence)
    # A spec that ``TrainSpec.make`` did not complete says only what differs from the defaults.
    options = checked_options(f"model {spec.model}", model.params, spec.model_options)
    return Setup(data, options, spec.seed, spec.circuit_settings)


def start_circuit(spec: TrainSpec, folder: Path | None = None) -> Circuit | None:
    """The circuit a training begins with; ``None`` where the model is none.

    Args:
        spec: the settings.
        folder: where a relative path of a circuit file begins.

    Raises:
        CircuitError: the given circuit is not sound.
    """
    return MODELS[spec.model].first_circuit(make_setup(spec, make_dataset(spec).data), folder)


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
    model = MODELS[spec.model].of_setup(make_setup(spec, dataset.data), circuit)
    return model.to(spec.device)


def _interval(data: Mapping[str, Any]) -> int:
    """Epochs between frames, so that a replay is not crowded."""
    epochs = next(param for param in PARAMS if param.name == "epochs")
    try:
        count = int(epochs.check(data.get("epochs", epochs.default)))
    except ValueError as error:
        raise RunError(str(error)) from None
    return -(-count // REPLAY_FRAMES)


def _option_params(data: Mapping[str, Any]) -> dict[str, tuple[Param, ...]]:
    """The parameters of everything the spec names, by group."""
    dataset = DATASETS[data["dataset"]] if data.get("dataset") else None
    # A table is for classes or numbers, whatever its columns say: one model learns both.
    if dataset is None:
        recipe: dict[str, Any] = {}
        model = MODELS[data.get("model") or model_for("classify")]
    else:
        given = open_dataset(str(data["dataset"]), data.get("dataset_options", {})).data
        usual = model_for(dataset.task, given.inputs.kind)
        model = MODELS[data.get("model") or usual]
        recipe = chosen_recipe(model, given, str(data.get("recipe", "default")))
    groups = model.option_groups(data, recipe)
    return {**groups, "dataset": dataset.params if dataset else ()}


def versions() -> dict[str, str]:
    """Of Python and of the packages that decide what a training computes."""
    found = {"python": platform.python_version()}
    for name in ("kirchhoff-studio", "torch", "numpy", "scikit-learn"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found
