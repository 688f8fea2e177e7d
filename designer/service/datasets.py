"""Data sets for the chooser: their options, the files a visitor sends, and a look at them."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backend.datasets import DATASETS
from backend.datasets.once import open_dataset, read_once
from backend.datasets.preview import Preview
from backend.errors import StudioError
from backend.shapes import Data

from .. import serialize
from ..security import BODY_LIMIT
from ..serialize import PreviewJson
from .uploads import Uploads

GROUPS = {
    "user": "Your own",
    "classify": "Classes",
    "regress": "Numbers",
    "generate": "Densities, from examples",
    "match": "Densities, from a formula",
    "operator": "Fields",
    "language": "Text",
}
"""What menus call the user's own data, and the others by task, in their order; further tasks
follow under their own names."""

SEEN = 256
"""At most so many points of a field along an axis in a preview."""


class DataSets:
    """What a visitor can train on.

    Args:
        home: folder that holds ``data/``.
        closed: whether visitors are elsewhere, so that only files they sent are read.
    """

    def __init__(self, home: Path, closed: bool = False) -> None:
        self.uploads = Uploads(home / "data" / "uploads", closed)

    def menu(self) -> list[dict[str, Any]]:
        """Names and titles of all data sets, grouped by what they are for."""
        groups: dict[str, list[dict[str, str]]] = {key: [] for key in GROUPS}
        for name, kind in DATASETS.items():
            group = kind.source if kind.source == "user" else kind.task
            groups.setdefault(group, []).append({"value": name, "label": kind.title})
        titles = {key: GROUPS.get(key, key.capitalize()) for key in groups}
        return [{"group": titles[key], "items": items} for key, items in groups.items()]

    def titles(self) -> dict[str, str]:
        """What data sets are called, by name."""
        return {name: kind.title for name, kind in DATASETS.items()}

    def registry(self) -> dict[str, Any]:
        """Options of every data set, and which files it takes."""
        return {
            name: {
                **serialize.configurable(kind),
                "source": kind.source,
                "uploads": list(kind.uploads),
                "upload_limit": BODY_LIMIT,
            }
            for name, kind in DATASETS.items()
        }

    def store(self, dataset: str, name: str, data: bytes) -> str:
        """Keep a file for a data set of the visitor's own; returns its name for the option `path`.

        Raises:
            StudioError: the file does not fit the data set.
        """
        endings = DATASETS[dataset].uploads
        if not endings:
            raise StudioError(f"{DATASETS[dataset].title} takes no files of your own")
        return self.uploads.store(name, data, endings)

    def files(self, dataset: str) -> list[str]:
        """Names of the files that were sent and fit a data set, newest first."""
        endings = DATASETS[dataset].uploads
        return self.uploads.names(endings) if endings else []

    def is_read(self, dataset: str) -> bool:
        """Whether a data set is read from files, rather than drawn or part of the program."""
        return dataset in DATASETS and DATASETS[dataset].source in ("user", "download")

    def options(self, dataset: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Options as a training takes them: with whole paths, without empty numbers.

        Raises:
            StudioError: a path that must not be read.
        """
        kind = DATASETS[dataset]
        texts = {param.name for param in kind.params if isinstance(param.default, str)}
        found = {
            name: value
            for name, value in given.items()
            if value is not None and (value != "" or name in texts)
        }
        if kind.uploads and isinstance(found.get("path"), str):
            found["path"] = self.uploads.resolve(found["path"].strip())
        return found

    def preview(
        self, dataset: str, given: Mapping[str, Any], model: str = "", recipe: str = ""
    ) -> PreviewJson:
        """A look at a data set, the circuit and the settings that a training would begin with.

        What is wrong stands in ``problem``; whatever can be shown all the same is there, too.
        """
        with read_once():
            return self._looked(dataset, given, model, recipe)

    def _looked(
        self, dataset: str, given: Mapping[str, Any], model: str, recipe: str
    ) -> PreviewJson:
        kind = DATASETS[dataset]
        options: dict[str, Any] = {}
        try:
            options = self.options(dataset, given)
            data = open_dataset(dataset, options)
            if sentence := data.missing():
                raise StudioError(sentence)
            shown, problem = data.preview(), ""
            more = {
                "task": data.task,
                "inputs": data.input_count,
                "outputs": data.output_count,
                "kind": data.data.inputs.kind,
                "symbols": data.data.inputs.symbols,
                "classes": list(data.classes),
                **_beginning(dataset, options, data.data, model, recipe),
            }
        except StudioError as error:
            shown, problem, more = kind.glance(options), self.uploads.shorten(str(error)), {}
        return {"problem": problem, **_shown(shown), **more}  # type: ignore[typeddict-item]


def _beginning(
    dataset: str, options: Mapping[str, Any], about: Data, wanted: str, named: str
) -> dict[str, Any]:
    """The models that learn a data set, and how a training of one of them would begin.

    The circuit is that of the wanted model, else of the usual one; nothing where it is none. The
    settings are those of the named recipe, where the model has one of that name.
    """
    from backend.circuit.settings import COURSE
    from backend.models import MODELS, models_for
    from backend.training.prepare import start_circuit
    from backend.training.spec import PARAMS, TrainSpec

    names = models_for(about.task, about)
    model = wanted if wanted in names else names[0]
    recipes = list(MODELS[model].recipes(about))
    recipe = named if named in recipes else "default"
    spec = TrainSpec.make(
        dataset=dataset, dataset_options=dict(options), model=model, recipe=recipe
    )
    circuit, fields = start_circuit(spec), spec.model_dump(mode="json")
    size = {"nodes": len(circuit.nodes), "devices": circuit.device_count} if circuit else None
    return {
        "model": model,
        "models": [{"value": name, "label": MODELS[name].title} for name in names],
        "recipes": recipes,
        "recipe_name": recipe,
        "circuit": size,
        "recipe": {param.name: fields[param.name] for param in (*PARAMS, *COURSE)},
    }


def _shown(preview: Preview) -> dict[str, Any]:
    """A preview as JSON; pictures as base64 bytes in the order picture, channel, row, column."""
    pictures = points = None
    if preview.pictures is not None:
        _, channels, rows, columns = preview.pictures.shape
        pictures = {
            "channels": channels,
            "rows": rows,
            "columns": columns,
            "classes": list(preview.picture_classes),
            "pixels": base64.b64encode(preview.pictures.tobytes()).decode(),
        }
    if preview.points is not None:
        places = [[serialize.number(round(float(v), 4)) for v in row] for row in preview.points]
        points = {"places": places, "classes": list(preview.point_classes)}
    return {
        "train": preview.train,
        "test": preview.test,
        "counts": [[name, count] for name, count in preview.counts.items()],
        "ranges": [[name, *ends] for name, ends in preview.ranges.items()],
        "columns": list(preview.columns),
        "roles": list(preview.roles),
        "rows": [list(row) for row in preview.rows],
        "choices": {name: list(values) for name, values in preview.choices.items()},
        "notes": list(preview.notes),
        "pictures": pictures,
        "points": points,
        "fields": _fields(preview.inputs, preview.outputs),
    }


def _fields(inputs: np.ndarray | None, outputs: np.ndarray | None) -> list[dict[str, Any]] | None:
    """Pairs of fields (k, channels, points...): the last channel that goes in and the first asked.

    Moments stand in order, so these are the nearest ones.
    """
    if inputs is None or outputs is None:
        return None
    return [
        {"input": _levels(x[-1]), "output": _levels(y[0])}
        for x, y in zip(inputs, outputs, strict=True)
    ]


def _levels(field: np.ndarray) -> dict[str, Any]:
    """A field (points...) as bytes from its smallest value (0) to its largest (255), as base64.

    Of one with three axes the slice in the middle, and of a fine one no more points than are seen.
    """
    while field.ndim > 2:
        field = field[len(field) // 2]
    field = field[tuple(slice(None, None, -(-size // SEEN)) for size in field.shape)]
    low, high = float(field.min()), float(field.max())
    shares = (field.astype(np.float64) - low) / ((high - low) or 1.0)
    levels = np.round(255 * shares).astype(np.uint8)
    return {
        "points": list(levels.shape),
        "low": serialize.number(low),
        "high": serialize.number(high),
        "levels": base64.b64encode(levels.tobytes()).decode(),
    }
