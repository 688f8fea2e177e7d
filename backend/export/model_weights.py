"""Weights of a model that is no circuit: its state by name, and what is needed to build it again.

``.safetensors`` and ``.pt`` hold the same arrays under the names of the model's ``state_dict``. The
metadata hold the format, the model's name and options, what goes in and comes out (``data``), and
``loader``, a short program that makes the module of this very file.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..errors import ExportError, InputError
from ..models import MODELS, Model
from ..models.trained import TrainedModel
from ..params import check_params
from ..reading import check_file, named
from ..shapes import Data, Shape

FORMAT = "kirchhoff-model/1"
FILE_LIMIT = 2**32
LOADER = """\
# pip install kirchhoff-studio{plugin}
from backend import load_model

model = load_model("model.{form}")  # a torch.nn.Module, in eval mode
# model(x): {call}
"""


def weights(trained: TrainedModel, form: str) -> bytes:
    """A whole file of the form ``safetensors`` or ``pt``."""
    state = {name: value.detach().cpu().contiguous() for name, value in
             trained.model.state_dict().items()}  # fmt: skip
    metadata = _metadata(trained, form)
    if form == "safetensors":
        # Two names of one tensor are stored twice: the form knows no shared memory.
        return save({name: value.clone() for name, value in state.items()}, metadata)
    buffer = io.BytesIO()
    torch.save({"metadata": metadata, "arrays": state}, buffer)
    return buffer.getvalue()


def _metadata(trained: TrainedModel, form: str) -> dict[str, str]:
    data, kind = trained.data, type(trained.model)
    builtin = kind.__module__.startswith("backend.")
    program = LOADER.format(
        form=form,
        plugin="" if builtin else f"; KIRCHHOFF_PLUGINS names the file of class {kind.__name__}",
        call=_call(data),
    )
    return {
        "format": FORMAT,
        "model": trained.name,
        "options": json.dumps(dict(trained.options)),
        "data": json.dumps(asdict(data)),
        "loader": program,
    }


def _call(data: Data) -> str:
    """What the module takes and gives, as a comment."""
    if data.outputs.kind == "grid":
        ends = [f"(B, {shape.sizes[0]}, points...)" for shape in (data.inputs, data.outputs)]
        trained = " x ".join(map(str, data.inputs.points))
        return f"fields {ends[0]} in their own units -> {ends[1]}, trained at {trained} points"
    names = f"logits of {len(data.names)} classes" if data.task == "classify" else "numbers"
    if data.inputs.kind == "tokens":
        given = f"x (B, {data.inputs.count}) numbers of data.words, {_numbers(data)}"
        if data.task == "language":
            return f"{given} -> logits (B, {data.inputs.count}, {data.outputs.count}) of the next"
        return f"{given} -> (B, {data.outputs.count}) {names}"
    given = f"x (B, {data.inputs.count}) in volts, scaled as the data set has it"
    return f"{given} -> (B, {data.outputs.count}) {names}"


def _numbers(data: Data) -> str:
    """Which numbers the words or characters have that the metadata list."""
    first = data.inputs.symbols - len(data.words)
    others = "unknown 1" if data.task == "language" else "end 0, unknown 1, gap between texts 2"
    return f"counted from {first}; {others}"


def load_model(path: str | Path) -> Model:
    """The model in a ``.safetensors`` or ``.pt`` file that ``weights`` wrote, in eval mode.

    Raises:
        StudioError: the file cannot be read, or its model is not known here.
    """
    path = Path(path)
    try:
        check_file(path, FILE_LIMIT)
        metadata, state = _read(path)
        if metadata.get("format") != FORMAT:
            raise InputError(f"holds no model of the format {FORMAT}")
        kind = MODELS[metadata["model"]]
        options = check_params(kind.params, json.loads(metadata["options"]))
        model = kind.build(_data(json.loads(metadata["data"])), options, 0)
        model.load_state_dict(state)
    except InputError as error:
        raise ExportError(named(path, error)) from None
    except (SafetensorError, LookupError, TypeError, ValueError, RuntimeError) as error:
        why = " ".join(str(error).split())[:80]
        raise ExportError(f"{path}: this is no model that can be loaded ({why})") from None
    model.settle()
    return model.eval()


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    if path.suffix == ".pt":
        found = torch.load(path, map_location="cpu", weights_only=True)
        return dict(found["metadata"]), dict(found["arrays"])
    with safe_open(path, framework="pt") as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return file.metadata() or {}, state


def _data(found: dict[str, Any]) -> Data:
    shapes = {name: _shape(**found[name]) for name in ("inputs", "outputs")}
    texts = {name: tuple(found.get(name, ())) for name in ("names", "words")}
    return Data(**{**found, **shapes, **texts})


def _shape(sizes: list[int], kind: str, *, extent: Iterable[float] = (), **others: Any) -> Shape:
    return Shape(tuple(sizes), kind, extent=tuple(extent), **others)
