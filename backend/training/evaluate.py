"""How well a trained circuit does on a data set, by any solver."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..changes import Change, changed
from ..circuit import Circuit
from ..circuit.settings import COMPUTING
from ..datasets import Dataset, Examples
from ..errors import RunError, SolveError
from ..models import CircuitModel, Model, carried_over
from ..registry import nearest
from .loop import Snapshot, trained_circuit, trained_model
from .prepare import build_model, make_dataset, make_task, merge_options
from .spec import TrainSpec, fields
from .tasks import Measured, Task

# Settings of a spec that say how to compute, not how to train.
KEPT = ("model", "model_options", "dataset", "dataset_options", *COMPUTING)
CHANGEABLE = ("model", "dataset", "solver", "device")


class TrainedRun(Protocol):
    """What an evaluation needs of a run directory."""

    @property
    def id(self) -> str:
        """The name of its directory."""
        ...

    @property
    def spec(self) -> TrainSpec:
        """What was trained."""
        ...

    @property
    def has_circuit(self) -> bool:
        """Whether that was a circuit."""
        ...

    def circuit_of(self, snapshot: Snapshot) -> Circuit:
        """The circuit of what was learnt, with the values before the training."""
        ...

    def checkpoint(self, which: str = "best") -> Snapshot:
        """What was learnt."""
        ...


def evaluate(
    source: TrainedRun | Circuit,
    dataset: str | None = None,
    split: str = "test",
    overrides: Mapping[str, str] | None = None,
    checkpoint: str = "best",
    *,
    faults: Sequence[Change] = (),
    most: int | None = None,
) -> dict[str, Any]:
    """How well a run's checkpoint does, or any circuit whose roles fit the data set.

    Args:
        source: a run, which brings its own settings, or a circuit.
        dataset: name of a data set; ``None`` for the run's own.
        split: ``test``, ``train`` or, where the data set has one, ``validation``.
        overrides: ``key=value`` texts: the solver, its options, the device, options of the data
            set and of the model.
        checkpoint: of a run, ``best`` or ``last``.
        faults: what is broken of its circuit, in this order.
        most: of the examples only so many, the first ones; ``None`` for all.

    Returns:
        the figures of the task by metric, ``loss`` always, ``seconds`` (of the solves),
        ``solve_error``, ``solve_status`` and the like (see ``events.Evaluated``), for an inaccurate
        solve ``finer_...``, the figures with several times its steps,
        ``examples``, ``dataset``, ``split``, ``solver``, ``solver_options``, for classes
        ``confusion`` (rows true), and for fields ``baselines`` and ``relative_l2@POINTS`` of the
        test set on other grids. With faults ``before``, the figures of the task without them.

    Raises:
        StudioError: the settings or the circuit do not fit, or the solve leaves the finite range.
    """
    spec = evaluated_spec(
        source, {**(overrides or {}), **({"dataset": dataset} if dataset else {})}
    )
    data = make_dataset(spec)
    task = make_task(spec, data)
    part = task.split().part(split)
    model = trained_part(source, spec, data, checkpoint)
    if most is not None:
        part = Examples(part.x[:most], part.y[:most])
    given_part = _placed(part, spec)
    before, model = _with_faults(task, model, given_part, spec, data, faults)
    own, began = spec.circuit_settings, time.perf_counter()
    measured = figures_of(task, model, given_part)
    seconds = time.perf_counter() - began
    return {
        **measured.figures,
        **before,
        **model.figures(given_part.x),
        **_trust(task, model, given_part),
        "seconds": seconds,
        **(_further(task, model, spec) if split == "test" and most is None else {}),
        "examples": len(given_part),
        **task.details(measured, given_part),
        "dataset": spec.dataset,
        "split": split,
        **({name: getattr(own, name) for name in COMPUTING} if own else {}),
    }


def _with_faults(
    task: Task, model: Model, part: Examples, spec: TrainSpec, data: Dataset,
    faults: Sequence[Change],
) -> tuple[dict[str, Any], Model]:  # fmt: skip
    """Figures of a model before its faults, and the model with them."""
    if not faults:
        return {}, model
    return {"before": figures_of(task, model, part).figures}, broken(model, spec, data, faults)


def _placed(part: Examples, spec: TrainSpec) -> Examples:
    return Examples(part.x.to(spec.device), part.y.to(spec.device))


def broken(model: Model, spec: TrainSpec, data: Dataset, faults: Sequence[Change]) -> CircuitModel:
    """A model of the circuit of another one with faults, to be looked at.

    Raises:
        StudioError: it is no circuit, or a fault does not fit it.
    """
    if not isinstance(model, CircuitModel):
        raise RunError(
            f"a {model.title} is no circuit, and faults are those of devices and nodes; leave them "
            "out"
        )
    made = build_model(spec, changed(model.circuit(), faults), data).eval()
    assert isinstance(made, CircuitModel)
    for fault in faults:
        fault.disturb(made)
    return made


def figures_of(task: Task, model: Model, examples: Examples) -> Measured:
    """What a task says of a model.

    Raises:
        SolveError: the solve fails, or leaves the finite range.
    """
    try:
        measured = task.measure(model, examples)
    except SolveError:
        raise SolveError(f"the solve failed: {model.failure(examples.x)}") from None
    if not math.isfinite(measured.figures["loss"]):
        raise SolveError(f"the loss is not finite: {model.failure(examples.x)}")
    return measured


def trained_part(
    source: TrainedRun | Circuit, spec: TrainSpec, data: Dataset, checkpoint: str
) -> Model:
    """The model of a run's checkpoint or of a circuit, to be looked at.

    Raises:
        StudioError: it does not fit the data set.
    """
    if isinstance(source, Circuit):
        return build_model(spec, source, data).eval()
    snapshot = source.checkpoint(checkpoint)
    if source.has_circuit:
        circuit = trained_circuit(source.circuit_of(snapshot), snapshot)
        return build_model(spec, circuit, data).eval()
    if spec.model != source.spec.model:
        raise RunError(f"run {source.id} trained the model {source.spec.model}, and no other")
    return trained_model(spec, None, data, snapshot)


def _further(task: Task, model: Model, spec: TrainSpec) -> dict[str, float]:
    """The score on further test sets, such as other grids."""
    found = {}
    for name, part in task.further_tests().items():
        measured = task.measure(model, _placed(part, spec))
        found[f"{task.score}@{name}"] = measured.figures[task.score]
    return found


def _trust(task: Task, model: Model, examples: Examples) -> dict[str, Any]:
    """How accurate the solve was and, for one that was not, what a finer one gives."""
    if isinstance(model, CircuitModel) and model.compiled.disturbances:
        return {}  # finer steps would meet other disturbances
    row = task.trust(model, examples.x)
    if row.get("solve_status", "ok") == "ok":
        return row
    figures: dict[str, float] = {}
    for name, context in model.checks().items():
        with context():
            found = task.measure(model, examples).figures
        figures |= {f"{name}_{key}": value for key, value in found.items() if math.isfinite(value)}
    return row | figures


def evaluated_spec(source: TrainedRun | Circuit, given: dict[str, str]) -> TrainSpec:
    """The settings of an evaluation of a run or a circuit.

    Raises:
        StudioError: a setting is refused.
    """
    own = dict(source.settings) if isinstance(source, Circuit) else _settings(source)
    return _spec(own, given)


def _settings(run: TrainedRun) -> dict[str, Any]:
    known = run.spec.model_dump()
    return {name: known[name] for name in KEPT}


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
    if given.get("model", base.get("model")) != base.get("model"):
        base = {name: value for name, value in base.items() if name != "model_options"}
    return TrainSpec.make(**merge_options(given, carried_over(base, given)))
