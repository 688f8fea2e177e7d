"""Everything that decides a training run, in one immutable object that travels as JSON."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from ..circuit.settings import ABSENT, NAMES, CircuitSettings, flat, nested
from ..errors import InputError, RunError, clipped, quoted
from ..params import Param, check_params
from ..reading import file_json, named
from ..registry import nearest

FORMAT = "kirchhoff-run/1"

OWN = "circuit_settings"
"""The field that holds what only circuits have; files hold its content beside the others."""

PARAMS: tuple[Param, ...] = (
    Param("epochs", 30, low=1, high=1_000_000, slider=(1, 200), doc="Passes over the examples."),
    Param("batch_size", 64, low=1, high=1_000_000, slider=(8, 512), doc="Examples a step."),
    Param("learning_rate", 0.01, low=0.0, slider=(1e-4, 0.3), doc="Largest step of AdamW."),
    Param("weight_decay", 0.01, low=0.0, slider=(0, 1), doc="Pull of parameters to zero."),
    Param("decay_on", "all", choices=("all", "gains"), doc="Parameters that decay."),
    Param("threshold_rate", 1.0, low=0.0, high=10, doc="Learning rate of thresholds, as a share."),
    Param("momentum", 0.9, low=0.0, high=0.9999, doc="Memory of gradients, optimiser 'sgd'."),
    Param("beta2", 0.999, low=0.0, high=0.99999, doc="Memory of squared gradients, a step."),
    Param(
        "schedule",
        "one_cycle",
        choices=("one_cycle", "cosine", "step", "constant"),
        doc="Course of the learning rate.",
    ),
    Param("warm_up", 0.2, low=0.0, high=0.9, doc="Share of the steps in which the rate rises."),
    Param("final_share", 4e-6, low=0.0, high=1.0, doc="Last learning rate by the largest."),
    Param("decay_factor", 0.3, low=0.0, high=1.0, doc="Factor of the rate, schedule 'step'."),
    Param("decay_epochs", 100, low=1, high=1_000_000, doc="Epochs between, schedule 'step'."),
    Param("label_smoothing", 0.0, low=0.0, high=0.9, slider=(0, 0.2), doc="Share of doubt."),
    Param("gradient_clip", 0.0, low=0.0, doc="Largest norm of the gradient; 0 for no bound."),
    Param("ema", 0.0, low=0.0, high=0.99999, doc="Memory of the mean of weights; 0 for none."),
    Param(
        "augment",
        "none",
        choices=("none", "mild", "std", "wide"),
        doc="How far images are distorted anew in every epoch.",
    ),
    Param("patience", 0, low=0, high=1_000_000, doc="Epochs without progress; 0 for no end."),
    Param(
        "check_finer",
        "end",
        choices=("end", "epoch", "never"),
        doc="When to test with what a model offers beside, such as four times the solver's steps.",
    ),
    Param(
        "test_at",
        "end",
        choices=("end", "never"),
        doc="When to read the test set, where a validation set chooses.",
    ),
    Param("seed", 0, low=0, high=2**31 - 1, doc="Of initial parameters and order of examples."),
    Param("frame_interval", 1, low=0, high=1_000_000, doc="Epochs between frames; 0 for none."),
    Param("report_interval", 100, low=1, high=1_000_000, doc="Steps between reports."),
    Param("threads", min(2, os.cpu_count() or 1), low=1, high=256, doc="Threads of the worker."),
)
SHORT_NAMES = {
    "lr": "learning_rate",
    "wd": "weight_decay",
    "batch": "batch_size",
    "optimizer": "optimiser",
}
DEVICES = ["cpu", "cuda"]
_DEFAULT: dict[str, Any] = {param.name: param.default for param in PARAMS}


class TrainSpec(BaseModel):
    """What to train, on what, and how.

    ``make`` and ``from_options`` fill what is missing from the model's recipe for the data set.

    Attributes:
        recipe: which of the model's recipes fills in what is missing.
        circuit_settings: how a circuit is made and integrated; ``None`` for a model that is none.
            Its fields stand beside the others in files and in ``make``, and can be read as if they
            were attributes of the spec.
        device: where torch computes, ``cpu`` or ``cuda``.
        versions: of the packages that made the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    format: str = FORMAT
    name: str = Field(default="", max_length=100)
    model: str = "kirchhoffnet"
    model_options: dict[str, Any] = {}
    dataset: str
    dataset_options: dict[str, Any] = {}
    circuit_settings: CircuitSettings | None = CircuitSettings()
    optimiser: str = "adamw"
    recipe: str = "default"
    learning_rate: float = _DEFAULT["learning_rate"]
    weight_decay: float = _DEFAULT["weight_decay"]
    decay_on: str = _DEFAULT["decay_on"]
    threshold_rate: float = _DEFAULT["threshold_rate"]
    momentum: float = _DEFAULT["momentum"]
    beta2: float = _DEFAULT["beta2"]
    schedule: str = _DEFAULT["schedule"]
    warm_up: float = _DEFAULT["warm_up"]
    final_share: float = _DEFAULT["final_share"]
    decay_factor: float = _DEFAULT["decay_factor"]
    decay_epochs: int = _DEFAULT["decay_epochs"]
    label_smoothing: float = _DEFAULT["label_smoothing"]
    gradient_clip: float = _DEFAULT["gradient_clip"]
    ema: float = _DEFAULT["ema"]
    augment: str = _DEFAULT["augment"]
    epochs: int = _DEFAULT["epochs"]
    batch_size: int = _DEFAULT["batch_size"]
    patience: int = _DEFAULT["patience"]
    check_finer: str = _DEFAULT["check_finer"]
    test_at: str = _DEFAULT["test_at"]
    seed: int = _DEFAULT["seed"]
    device: str = "cpu"
    frame_interval: int = _DEFAULT["frame_interval"]
    report_interval: int = _DEFAULT["report_interval"]
    threads: int = _DEFAULT["threads"]
    versions: dict[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _in_range(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if data.get("format", FORMAT) != FORMAT:
            said = quoted(data["format"])
            raise ValueError(f"this run says {said}; this version reads '{FORMAT}'")
        given = {param.name: data[param.name] for param in PARAMS if param.name in data}
        checked = check_params(PARAMS, given)
        _choice("optimiser", data.get("optimiser", "adamw"), ["adamw", "sgd"])
        device = data.get("device", "cpu")
        _choice("device", device.split(":")[0] if isinstance(device, str) else device, DEVICES)
        return {**_held(data), **{name: checked[name] for name in given}}

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return flat(handler(self), OWN)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A setting of the circuit by its name in files; empty where there is none."""
            if name not in NAMES:
                return super().__getattr__(name)
            own = self.circuit_settings
            return ABSENT[name] if own is None else getattr(own, name)

    @classmethod
    def make(cls, /, **given: Any) -> "TrainSpec":
        """A spec with every missing setting from the model's recipe, checked against all tables.

        Raises:
            StudioError: an unknown name or a refused value; one sentence.
        """
        from .prepare import complete  # the tables of models and solvers need torch

        return complete(cls, given)

    @classmethod
    def from_options(
        cls, options: Mapping[str, str], base: Mapping[str, Any] | None = None
    ) -> "TrainSpec":
        """A spec from ``key=value`` texts, as the command line has them.

        A key is a field of the spec, or a parameter of its model, its data set or, for circuits,
        of the solver and topology; ``dataset.seed`` and the like say which when two have the same
        name.

        Args:
            options: texts by key.
            base: fields that are already known.

        Raises:
            StudioError: an unknown key (with the nearest known one) or a refused value.
        """
        from .prepare import merge_options  # the tables of models and solvers need torch

        return cls.make(**merge_options(options, dict(base or {})))

    @classmethod
    def read(cls, path: Path) -> "TrainSpec":
        """The spec in a JSON file.

        Raises:
            RunError: the file cannot be read or is no spec; names the file and the place.
        """
        try:
            data = file_json(path)
        except InputError as error:
            raise RunError(named(path, error)) from None
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise RunError(f"{path}: {sentence(error)}") from None

    def with_circuit(self, path: str) -> "TrainSpec":
        """The spec with another file in the place of the circuit that was given, if any was."""
        own = self.circuit_settings
        if own is None or own.circuit is None:
            return self
        return self.model_copy(update={OWN: own.model_copy(update={"circuit": path})})

    def to_json(self) -> str:
        """The spec as JSON text."""
        return self.model_dump_json(indent=1)


FREE = ("name", "threads", "device")
"""Fields that may be edited while a training rests: they do not decide what is trained."""


def remembered(spec: TrainSpec) -> dict[str, Any]:
    """What a checkpoint keeps of a spec, for ``check_same``; the circuit lies beside the run."""
    found = spec.model_dump(mode="json").items()
    return {name: value for name, value in found if name not in ("circuit", "versions")}


def check_same(spec: TrainSpec, made: Any, where: str, besides: Iterable[str] = ()) -> None:
    """Whether a spec is the one that a training was begun with.

    Args:
        spec: as it is now.
        made: its fields then.
        where: what the message begins with.
        besides: more fields that may differ.

    Raises:
        RunError: names the first field that was edited.
    """
    if not isinstance(made, Mapping):
        return
    free = {*FREE, *besides}
    for name, value in spec.model_dump(mode="json").items():
        if name not in free and name in made and made[name] != value:
            raise RunError(
                f"{where}: {name} is {_said(value)}, but the training was begun with "
                f"{_said(made[name])}; put it back, or start a new run with it"
            )


def _said(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def kinds() -> dict[str, Any]:
    """Types of the fields of a spec as files have them, by name."""
    own = {name: found.annotation for name, found in CircuitSettings.model_fields.items()}
    found: dict[str, Any] = {}
    for name, field in TrainSpec.model_fields.items():
        found |= own if name == OWN else {name: field.annotation}
    return found


def fields() -> list[str]:
    """Names of the fields a user may set."""
    return [name for name in kinds() if name not in ("format", "versions")]


def check_shapes(data: Mapping[str, Any]) -> None:
    """Whether fields of a spec are known, and texts and objects where they must be.

    Raises:
        RunError: the first that is not.
    """
    known = kinds()
    for name, value in data.items():
        if name not in known:
            raise RunError(f"unknown setting {quoted(name)}: {nearest(name, fields())}")
        if known[name] is str and not isinstance(value, str):
            raise RunError(f"{name} must be text, got {quoted(value)}")
        if known[name] == dict[str, Any] and not isinstance(value, Mapping):
            raise RunError(f"{name} must be values by name, got {quoted(value)}")


def without_own(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that every training has, whatever it trains."""
    return {name: value for name, value in data.items() if name not in NAMES}


@contextmanager
def settled() -> Iterator[None]:
    """Fields that are refused are named in one sentence.

    Raises:
        RunError: the first thing that is wrong, with its place.
    """
    try:
        yield
    except ValidationError as error:
        raise RunError(sentence(error)) from None


def sentence(error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence with its place."""
    first = error.errors()[0]
    place = ".".join(clipped(str(part)) for part in first["loc"] if part != OWN)
    text = clipped(first["msg"].removeprefix("Value error, "), 300)
    if first["type"] == "extra_forbidden":
        return f"unknown setting {place!r}: {nearest(place, fields())}"
    return f"{place}: {text}" if place else text


def _held(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with those of circuits as one checked object, so that complaints name theirs."""
    if OWN in data:
        if not isinstance(data[OWN], CircuitSettings | None):
            raise ValueError(f"unknown setting {OWN!r}: {nearest(OWN, fields())}")
        return dict(data)
    return nested(data, OWN)


def _choice(name: str, value: Any, known: list[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {quoted(value)}: {nearest(value, known)}")
