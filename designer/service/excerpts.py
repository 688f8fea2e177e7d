"""Parts of trained models that are circuits: to be opened, and beside what the model computes."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from backend import runs
from backend.errors import RunError, StudioError, clipped, quoted
from backend.topologies.base import BOARD_LIMIT

from .. import serialize
from .lanes import CHECK_SECONDS
from .training import MissingRunError

if TYPE_CHECKING:
    from backend.models.excerpt import Excerpt

OURS, NGSPICE = "ours", "ngspice"
BY = {OURS: "Kirchhoff Studio", NGSPICE: "ngspice"}
"""Who solves the circuit, in words."""

NAME = 80
"""Characters of a circuit's name."""


class LaneJson(TypedDict):
    """A lane of a trained model as a circuit, and what it should show.

    ``outputs`` times of a simulation hold the ``times``, at which the nodes ``reads`` have the
    model's ``samples``; ``limit`` says why not exactly.
    """

    circuit: dict[str, Any]
    outputs: int
    words: list[str]
    reads: list[str]
    times: list[float]
    samples: list[list[float]]
    limit: str


class Excerpts:
    """Lanes of the runs of one HOME.

    Args:
        home: folder that holds ``runs/``.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def read(self, id: str, epoch: int, options: Mapping[str, Any]) -> "tuple[Excerpt, str, str]":
        """The circuit of a lane with the model's own numbers, a name, and where it comes from.

        The same part that ``kirchhoff export RUN --set ...`` writes.

        Args:
            id: of the run.
            epoch: that is looked at; the weights are those of the nearest checkpoint.
            options: as ``--set`` has them, such as ``block``, ``lane`` and ``example``.

        Raises:
            StudioError: there is no such part, or it is too large to be drawn.
        """
        from backend.runs.excerpts import excerpt_of_run, kept_weights

        try:
            run = runs.RunDirectory(self.home / "runs" / runs.checked_id(id))
        except RunError:
            raise MissingRunError(f"There is no run {quoted(id)} here.") from None
        which, of = kept_weights(run, epoch)
        excerpt = excerpt_of_run(run, options, which)
        circuit, title = excerpt.circuit, run.spec.name or run.spec.dataset
        size = max(circuit.device_count, len(circuit.nodes))
        if size > BOARD_LIMIT:
            raise StudioError(
                f"these lanes are a circuit of {circuit.device_count:,} devices and at most "
                f"{BOARD_LIMIT:,} are drawn; kirchhoff export {id} --set ... writes them to a file"
            )
        chosen = ", ".join(
            f"{name} {options[name]}" for name in ("block", "lane", "example") if name in options
        )
        name = clipped(f"{title}, epoch {of}: {chosen}", NAME)
        words = f"{chosen.capitalize()} of run {title} ({id}), weights of epoch {of} ({which})."
        if of != epoch:
            words += f" Those of epoch {epoch} were not kept."
        return excerpt, name, words

    def opened(self, id: str, epoch: int, options: Mapping[str, Any]) -> LaneJson:
        """The circuit of a lane for the board, and what it should show; as ``read``."""
        excerpt, name, words = self.read(id, epoch, options)
        return {
            "circuit": excerpt.circuit.replace(name=name).to_dict(),
            "outputs": excerpt.outputs,
            "words": [words, *excerpt.notes],
            "reads": list(excerpt.reads),
            "times": excerpt.times.tolist(),
            "samples": excerpt.samples.tolist(),
            "limit": excerpt.limit,
        }


def landing(excerpt: "Excerpt", words: str, by: str, solved: Any) -> bytes:
    """A container of the circuit's course and the model's samples on it.

    ``t`` (T,), ``voltages`` (T, K) of the nodes that are read, ``drives`` (T, M) of the driven
    ones; ``times`` (S,) and ``samples`` (S, K) of the model, and the ``difference`` (S, K). The
    header has the names, ``by`` whom the circuit was solved, the ``largest`` difference [V] and
    the largest sample.

    Args:
        excerpt: the circuit and the model's numbers.
        words: where they come from.
        by: of ``BY``.
        solved: times (T,) and the voltages of all nodes (T, N) at ``excerpt.outputs`` times.
    """
    circuit, (t, voltages) = excerpt.circuit, solved
    places = [circuit.node_ids.index(node) for node in (*excerpt.reads, *circuit.driven)]
    shown, drives = np.split(voltages[:, places], [len(excerpt.reads)], axis=1)
    difference = shown[excerpt.rows(len(t))] - excerpt.samples
    header = {
        "reads": list(excerpt.reads),
        "driven": list(circuit.driven),
        "by": by,
        "solver": BY[by],
        "words": words,
        "limit": excerpt.limit,
        "largest": serialize.number(np.abs(difference).max()),
        "size": serialize.number(np.abs(excerpt.samples).max()),
    }
    arrays = {
        "t": t, "voltages": shown, "drives": drives, "times": excerpt.times,
        "samples": excerpt.samples, "difference": difference,
    }  # fmt: skip
    return serialize.encode(header, arrays)


def by_ngspice(excerpt: "Excerpt") -> tuple[NDArray[Any], NDArray[Any]]:
    """Times and voltages of the exported netlist in ngspice.

    Raises:
        StudioError: ngspice is not there, or failed.
    """
    from backend.export.ngspice import run_ngspice

    t = np.linspace(0.0, excerpt.circuit.duration, excerpt.outputs)
    return t, run_ngspice(excerpt.circuit, t, CHECK_SECONDS)
