"""A trained circuit that is broken again and again, beside what it does when it is whole."""

from collections.abc import Sequence
from typing import NamedTuple

from ..changes import Change, Touched
from ..datasets import Examples
from ..errors import RunError
from ..models import CircuitModel
from .evaluate import TrainedRun, broken, evaluated_spec, figures_of, trained_part
from .prepare import make_dataset, make_task

MOST, WORK, FEWEST = 1000, 50_000_000, 32
"""Examples at most, and so many that devices times examples stay below ``WORK``."""


class Judgement(NamedTuple):
    """What is left of a circuit.

    Args:
        figures: of the task, by metric.
        touched: what the faults are about.
        words: one phrase a fault.
    """

    figures: dict[str, float]
    touched: Touched
    words: list[str]


class Breakable:
    """A trained circuit and the first examples that were held out, read once.

    Args:
        run: whose circuit it is.
        checkpoint: ``best`` or ``last``.

    Attributes:
        part: of the data, ``validation`` or ``test``.
        score: the metric that is asked for first.
        before: figures of the task without faults.

    Raises:
        StudioError: the model is no circuit, or the data are gone.
    """

    def __init__(self, run: TrainedRun, checkpoint: str = "best") -> None:
        if not run.has_circuit:
            raise RunError(f"run {run.id} trains no circuit, so no device of it can break")
        self.spec = evaluated_spec(run, {})
        self.data = make_dataset(self.spec)
        self.task = make_task(self.spec, self.data)
        model = trained_part(run, self.spec, self.data, checkpoint)
        assert isinstance(model, CircuitModel)
        self.model, self.score = model, self.task.score
        split = self.task.split()
        self.part = split.held_out
        found, count = split.part(self.part), model.compiled.circuit.device_count
        most = max(FEWEST, min(MOST, WORK // max(1, count)))
        device = self.spec.device
        self.examples = Examples(found.x[:most].to(device), found.y[:most].to(device))
        self.before = figures_of(self.task, model, self.examples).figures

    def judged(self, faults: Sequence[Change]) -> Judgement:
        """What is left with some faults, as ``evaluate`` computes it.

        Raises:
            StudioError: one of them does not fit.
        """
        circuit = self.model.circuit()
        devices: dict[str, None] = {}
        nodes: dict[str, None] = {}
        for fault in faults:
            touched = fault.touched(circuit)
            devices |= dict.fromkeys(touched.devices)
            nodes |= dict.fromkeys(touched.nodes)
        figures = self.before
        if faults:
            model = broken(self.model, self.spec, self.data, faults)
            figures = figures_of(self.task, model, self.examples).figures
        words = [fault.words() for fault in faults]
        return Judgement(figures, Touched(tuple(devices), tuple(nodes)), words)
