"""How well a trained circuit does on a data set, by any solver."""

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..circuit import Circuit
from ..errors import RunError, SolveError
from ..registry import nearest
from ..solvers import SOLVERS
from .loop import trained_circuit
from .metrics import accuracy, confusion, loss
from .prepare import build_model, make_dataset, merge_options
from .spec import TrainSpec, fields

if TYPE_CHECKING:
    from ..runs import RunDirectory

# Settings of a spec that say how to compute, not how to train.
KEPT = ("model", "model_options", "dataset", "dataset_options", "solver", "solver_options")
CHANGEABLE = ("model", "dataset", "solver", "device")


def evaluate(
    source: "RunDirectory | Circuit",
    dataset: str | None = None,
    split: str = "test",
    overrides: Mapping[str, str] | None = None,
    checkpoint: str = "best",
) -> dict[str, Any]:
    """Accuracy and loss of a run's checkpoint or of any circuit whose roles fit the data set.

    Args:
        source: a run, which brings its own settings, or a circuit.
        dataset: name of a data set; ``None`` for the run's own.
        split: ``test`` or ``train``.
        overrides: ``key=value`` texts: the solver, its options, the device, options of the data
            set and of the model.
        checkpoint: of a run, ``best`` or ``last``.

    Returns:
        ``accuracy``, ``loss`` [nats], ``seconds`` (of the solves), ``examples``, ``confusion``
        (rows true), ``dataset``, ``split``, ``solver``, ``solver_options``.

    Raises:
        StudioError: the settings or the circuit do not fit, or the solve leaves the finite range.
    """
    given = dict(overrides or {})
    if dataset:
        given["dataset"] = dataset
    if isinstance(source, Circuit):
        circuit, base = source, {}
    else:
        snapshot = source.checkpoint(checkpoint)
        circuit, base = trained_circuit(source.start_circuit(), snapshot), _settings(source.spec)
    spec = _spec(base, given)
    data = make_dataset(spec)
    part = data.split().part(split)
    model = build_model(spec, circuit, data)
    x, y = part.x.to(spec.device), part.y.to(spec.device)
    began = time.perf_counter()
    try:
        logits = model.predict(x)
    except SolveError:
        raise SolveError(f"the solve failed: {model.failure(x)}") from None
    seconds = time.perf_counter() - began
    value = loss(logits, y)
    if not math.isfinite(value):
        raise SolveError(f"the loss is not finite: {model.failure(x)}")
    return {
        "accuracy": accuracy(logits, y),
        "loss": value,
        "seconds": seconds,
        "examples": len(y),
        "confusion": confusion(logits, y).tolist(),
        "dataset": spec.dataset,
        "split": split,
        "solver": spec.solver,
        "solver_options": spec.solver_options,
    }


def _settings(spec: TrainSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in KEPT}


def _spec(base: dict[str, Any], given: dict[str, str]) -> TrainSpec:
    """The settings of an evaluation; options of what is replaced are dropped or kept if known."""
    for name in given:
        if name in fields() and name not in CHANGEABLE:
            raise RunError(
                f"the setting {name!r} belongs to training, not to an evaluation: "
                f"{nearest(name, list(CHANGEABLE))}"
            )
    if given.get("dataset", base.get("dataset")) != base.get("dataset"):
        base = {name: value for name, value in base.items() if name != "dataset_options"}
    if "solver" in given and base.get("solver_options"):
        known = {param.name for param in SOLVERS[given["solver"]].params}
        kept = {k: v for k, v in base["solver_options"].items() if k in known}
        base = {**base, "solver_options": kept}
    return TrainSpec.make(**merge_options(given, base))
