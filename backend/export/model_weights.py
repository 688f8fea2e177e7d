"""Weights of a model that is no circuit: its state by name, and what is needed to build it again.

``.safetensors`` and ``.pt`` hold the same arrays under the names of the model's ``state_dict``. The
metadata hold the format, the model's name and options, what goes in and comes out (``data``), and
``loader``, a short program that makes the module of this very file.
"""

import io
import json
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
# model(x): x (B, {inputs}) in volts, {scale} -> {outputs}
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
    names = f"logits of {len(data.names)} classes" if data.task == "classify" else "numbers"
    program = LOADER.format(
        form=form,
        plugin="" if builtin else f"; KIRCHHOFF_PLUGINS names the file of class {kind.__name__}",
        inputs=data.inputs.count,
        scale="scaled as the data set has it",
        outputs=f"(B, {data.outputs.count}) {names}",
    )
    return {
        "format": FORMAT,
        "model": trained.name,
        "options": json.dumps(dict(trained.options)),
        "data": json.dumps(asdict(data)),
        "loader": program,
    }


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
    shapes = {name: Shape(tuple(found[name]["sizes"]), found[name]["kind"])
              for name in ("inputs", "outputs")}  # fmt: skip
    return Data(**{**found, **shapes, "names": tuple(found["names"])})
