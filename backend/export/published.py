"""The KirchhoffNet authors' checkpoints as ordinary circuits.

A checkpoint holds one array a slice, ``circuit.layer_list.<l>.model.param`` (rows, E): column e
belongs to edge e of the slice, and a row to one parameter of the law. Edges, laws and times are
not in the file; they stand here, by experiment. Node k of the authors is ``n<k>``; input nodes
start at the data and all others at 0 V, as logits or points the output voltages count as they are.

References:
    Gao, Sun, Rohrer, Boning 2023, KirchhoffNet, arXiv 2310.15872; the authors' repository
    ``zhengqigao/kirchhoffnet``, whose ``src/results/<experiment>/model.pth`` are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from ..circuit import Circuit, Slice
from ..circuit.files import check_form
from ..circuit.networks.pt_file import NotPytorchError, read_pt
from ..circuit.networks.reader import holds_network
from ..errors import CircuitError, InputError
from ..reading import named
from ..registry import Registry
from ..topologies import TOPOLOGIES, Topology
from .state_dict import find_layers

EXPERIMENTS: "Registry[Experiment]" = Registry("published experiment")

CLASSES = 10
KEY = "circuit.layer_list.{}.model.param"
Shapes = dict[str, tuple[int, ...]]

# The authors' ShiftRelu1, ShiftTanh2 and ShiftTanh1, which stores a third row and never reads it.
ROWS: Mapping[str, tuple[str | None, ...]] = {
    "threshold_relu": ("threshold", "gain"),
    "tanh": ("a", "b", "c"),
    "tanh_diff": ("c", "g", None),
}


@dataclass(frozen=True)
class Experiment:
    """What a published checkpoint leaves unsaid.

    Args:
        topology: of every slice, with the kind of its devices and the roles of its nodes.
        durations: lengths of the slices [s], the differences of the authors' cut times.
        model: reads the output voltages: as logits, or as points of a density.
        steps: of rk4 in a slice, so many that more of them change nothing.
    """

    topology: Topology
    durations: tuple[float, ...]
    model: str = "kirchhoffnet"
    steps: int = 16

    @property
    def settings(self) -> dict[str, Any]:
        """How the published figures are reproduced, as fields of a training spec."""
        read_out = {"logit_scale": 1.0} if self.model == "kirchhoffnet" else {}
        return {
            "model": self.model,
            "model_options": read_out,
            "solver": "rk4",
            "solver_options": {"steps": self.steps},
        }

    @property
    def rows(self) -> tuple[str | None, ...]:
        """The parameter in every row of an array, ``None`` for a row without use."""
        return ROWS[self.topology.text("kind")]

    @property
    def shapes(self) -> Shapes:
        """Names and shapes of the arrays in a checkpoint."""
        shape = len(self.rows), self.topology.size().devices
        return {KEY.format(place): shape for place in range(len(self.durations))}

    def same(self, other: "Experiment") -> bool:
        """Whether the arrays of a checkpoint mean the same in both."""
        kinds = type(self.topology), type(other.topology)
        return (
            kinds[0] is kinds[1]
            and self.topology.options == other.topology.options
            and (self.durations, self.settings) == (other.durations, other.settings)
        )

    def circuit(self, arrays: Sequence[np.ndarray], name: str = "") -> Circuit:
        """The circuit with the parameters of a checkpoint.

        Args:
            arrays: one (rows, E) a slice, in the order of ``shapes``.
            name: of the circuit.

        Raises:
            CircuitError: a value that is no finite number; names the device.
        """
        # The topology's own circuit has random parameters and inputs, which are replaced.
        drawn = self.topology()
        table = next(drawn.tables())
        slices: list[Slice] = []
        for array, duration in zip(arrays, self.durations, strict=True):
            named = zip(self.rows, np.asarray(array, np.float64), strict=True)
            params = {row: values for row, values in named if row is not None}
            first = len(slices) * len(table)
            part = replace(table, params=(params,), first=first, explicit=None)
            slices.append(Slice(part.described(), duration))
        nodes = tuple(replace(node, voltage=0.0) for node in drawn.nodes)
        return Circuit(nodes, tuple(slices), name, self.settings)


def read_published(path: str | Path, experiment: str | None = None) -> Circuit:
    """The circuit in one of the authors' checkpoints, or in one that a trainer wrapped.

    Args:
        path: a ``model.pth``.
        experiment: a name in ``EXPERIMENTS``; found by the shapes of the arrays when not given.

    Raises:
        StudioError: an unknown experiment, a file that cannot be read, or one of another form;
            says what was found, what was expected and which experiment would fit.
    """
    if experiment is not None:
        EXPERIMENTS[experiment]
    try:
        check_form(path)
        arrays = _arrays(Path(path))
        found = {name: tuple(array.shape) for name, array in arrays.items()}
        names = [experiment] if experiment is not None else _fitting(found)
        chosen = EXPERIMENTS[names[0]]
        if found != chosen.shapes:
            raise CircuitError(_misfit(found, names[0]))
        layers = [arrays[name].detach().double().numpy() for name in chosen.shapes]
        return chosen.circuit(layers, f"KirchhoffNet, {' or '.join(names)}")
    except InputError as error:
        raise CircuitError(named(path, error)) from None


def is_checkpoint(path: str | Path) -> bool:
    """Whether a file of PyTorch holds something other than a network that we exported."""
    if Path(path).suffix != ".pt":
        return Path(path).suffix in (".pth", ".ckpt", ".bin")
    try:
        return not holds_network(read_pt(path))
    except InputError:  # reading it as a network says what is wrong
        return False


def _arrays(path: Path) -> dict[str, Tensor]:
    """The parameters of the slices in a file that ``torch.save`` wrote, by the authors' names."""
    try:
        data = read_pt(path)
    except NotPytorchError as error:
        raise CircuitError(f"not a complete PyTorch checkpoint of arrays only ({error})") from None
    return find_layers(data)


def _fitting(found: Shapes) -> list[str]:
    """The experiments that a file may be of, which are one and the same circuit.

    Raises:
        CircuitError: there is none, or several that differ.
    """
    fits = [name for name, other in EXPERIMENTS.items() if other.shapes == found]
    if not fits:
        first = next(iter(found.items()), None)
        have = f"{first[0]} has the shape {first[1]}" if first else "the file is empty"
        raise CircuitError(
            f"no published experiment has these {len(found)} arrays ({have}); name one with "
            "--experiment to see how the file differs"
        )
    if any(not EXPERIMENTS[name].same(EXPERIMENTS[fits[0]]) for name in fits):
        raise CircuitError(f"the file fits {_listed(fits)}; choose with --experiment")
    return fits


def _misfit(found: Shapes, experiment: str) -> str:
    """How the arrays of a file differ from those of an experiment, and whose they may be."""
    fits = [name for name, other in EXPERIMENTS.items() if other.shapes == found]
    hint = f"the file fits {_listed(fits)}" if fits else "no published experiment has these arrays"
    return f"{_difference(found, experiment)}; {hint}"


def _listed(names: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _difference(found: Shapes, experiment: str) -> str:
    expected = EXPERIMENTS[experiment].shapes
    for name, shape in expected.items():
        if name in found and found[name] != shape:
            return f"'{name}' has the shape {found[name]} and {experiment} needs {shape}"
    have = f"the file has {len(found)} {'array' if len(found) == 1 else 'arrays'}"
    want = f"{experiment} needs {len(expected)}"
    missing = [name for name in expected if name not in found]
    if missing:
        return f"{have} and {want}: '{missing[0]}' is missing"
    return f"{have} and {want}: {min(found.keys() - expected.keys())!r} is too many"


def _plane(kind: str, copies: int, slices: int, duration: float) -> Experiment:
    """A flow of two voltages; each of the six ordered pairs with ground has 2 copies devices."""
    options = {"nodes": 2, "forward": copies, "back": copies, "inputs": 2, "outputs": 2}
    topology = TOPOLOGIES["fully_connected"](kind=kind, **options)
    return Experiment(topology, (duration,) * slices, "flow", 20)


def _pixels(kind: str, slices: int, duration: float, **shape: int) -> Experiment:
    """A network of pixels, windows, ground and extra nodes."""
    model = "kirchhoffnet" if shape.get("outputs") == CLASSES else "flow"
    return Experiment(TOPOLOGIES["neighbor"](kind=kind, **shape), (duration,) * slices, model)


_GREY = {"height": 28, "width": 28}
_COLOUR = {"channels": 3, "height": 32, "width": 32}
_READ_OUT = {"kernel": 4, "extra": 50, "outputs": CLASSES}

for _name, _experiment in {
    "mnist": _pixels("threshold_relu", 2, 1.0, **_GREY, **_READ_OUT),
    # back = 0: ground and the extra nodes only receive.
    "cifar10": _pixels("threshold_relu", 3, 0.6, **_COLOUR, **_READ_OUT, back=0),
    "svhn": _pixels("threshold_relu", 3, 0.6, **_COLOUR, **_READ_OUT, back=0),
    "genmnist": _pixels("tanh_diff", 2, 1.0, **_GREY, kernel=3, extra=0, outputs=28 * 28),
    "twomoon": _plane("tanh", 25, 2, 0.5),
    "2spirals": _plane("tanh", 10, 8, 0.2),
    "8gaussians": _plane("tanh", 25, 4, 0.5),
    "circle": _plane("tanh", 25, 4, 0.5),
    "pinwheel": _plane("tanh", 25, 4, 0.5),
    "swissroll": _plane("tanh", 25, 4, 0.5),
    "potential1": _plane("tanh_diff", 10, 16, 0.1),
    "potential2": _plane("tanh_diff", 10, 8, 0.2),
}.items():
    EXPERIMENTS.register(_name)(_experiment)
