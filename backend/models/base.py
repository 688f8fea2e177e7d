"""What every trainable model offers, whether it is a circuit or not."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..circuit.settings import CircuitSettings, chosen
from ..errors import RunError, StudioError
from ..params import Param
from ..registry import Registry
from ..shapes import Data
from ..view import View as View
from .excerpt import Excerpt
from .setup import Effort as Effort
from .setup import Group as Group
from .setup import Moment as Moment
from .setup import Setup as Setup

if TYPE_CHECKING:
    from ..circuit import Circuit

MODELS: "Registry[type[Model]]" = Registry("model")

# Numbers of one evaluation chunk, so that large test sets fit into memory.
CHUNK_ENTRIES = 20_000_000


Walk = Callable[[Tensor, int], Iterator[tuple[float, Tensor]]]
"""Times [s] and voltages (N, n) [V] after a solver's steps, from inputs (n, features) [V] and the
number of steps that are taken in the place of one."""


class Model(nn.Module, ABC):
    """Something that learns.

    Only ``forward`` must be written. ``train()`` and ``eval()`` are called as torch means them:
    before a step, and before the model is only looked at.

    Attributes:
        title: shown to people.
        params: what a user can choose beside the training settings.
        tasks: of data sets it can learn.
        reads: kinds of inputs it can learn from, see ``Shape``.
        default_for: those of the tasks that are learnt by this model when none is named.
        excerpts: what a user can choose of ``excerpt``; nothing where there is none.
        no_netlist: why it is no circuit and what to do instead, as a sentence for those who ask
            for one; empty where nothing special is to be said.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    tasks: ClassVar[tuple[str, ...]] = ("classify", "regress")
    reads: ClassVar[tuple[str, ...]] = ("vector", "image", "grid")
    default_for: ClassVar[tuple[str, ...]] = ()
    excerpts: ClassVar[tuple[Param, ...]] = ()
    no_netlist: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.register_forward_pre_hook(_in_own_numbers)

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Training settings that work on this data by name, as fields of a ``TrainSpec``.

        ``default`` is always there.
        """
        del data
        return {"default": {}}

    @classmethod
    def build(cls, data: Data, options: Mapping[str, Any], seed: int) -> "Model":
        """An untrained model; torch's own random numbers begin at the seed.

        By default ``cls(data, **options)``.

        Args:
            data: what goes in and what comes out.
            options: values of ``params``.
            seed: of the initial parameters.

        Raises:
            StudioError: it cannot learn this.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return cls(data, **options)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """Why data of its tasks cannot be learnt, as a sentence with the remedy; empty if they can.

        Such as a network for images where inputs are none.
        """
        del data
        return ""

    @classmethod
    def option_groups(
        cls, given: Mapping[str, Any], recipe: Mapping[str, Any]
    ) -> dict[str, tuple[Param, ...]]:
        """Declarations of all options that such a training has, by what they belong to.

        Where two have an option of one name the first is meant.

        Args:
            given: fields of a ``TrainSpec`` that were chosen.
            recipe: those that the model recommends.
        """
        del given, recipe
        return {"model": cls.params}

    @classmethod
    def complete(
        cls, given: Mapping[str, Any], recipe: Mapping[str, Any], data: Data
    ) -> CircuitSettings | None:
        """How a training makes and integrates the circuit, complete and checked, if it is one.

        Args:
            given: fields of a ``TrainSpec`` that were chosen.
            recipe: those that the model recommends.
            data: what goes in and what comes out.

        Raises:
            StudioError: a setting that only circuits have, or one that is refused.
            ValidationError: a setting of another type, or out of range.
        """
        del recipe, data
        for name in chosen(given):
            raise RunError(
                f"model {MODELS.name_of(cls)} ({cls.title}) is no circuit and has no "
                f"{name.replace('_', ' ')}; leave the setting {name} out"
            )
        return None

    @classmethod
    def first_circuit(cls, setup: Setup, folder: Path | None = None) -> "Circuit | None":
        """The circuit that a training begins with; ``None`` for a model that is none.

        Args:
            setup: the settings.
            folder: where a relative path of a circuit file begins.

        Raises:
            StudioError: the circuit cannot be read or made.
        """
        del setup, folder
        return None

    @classmethod
    def of_setup(cls, setup: Setup, circuit: "Circuit | None" = None) -> "Model":
        """The model of a training.

        Args:
            setup: the settings.
            circuit: the one it begins with, where it is at hand already.

        Raises:
            StudioError: it cannot learn this, or the circuit does not fit.
        """
        del circuit
        return cls.build(setup.data, setup.options, setup.seed)

    @classmethod
    def effort(
        cls, settings: CircuitSettings | None, circuit: "Circuit | None", size: int
    ) -> Effort:
        """What it takes to solve the circuit; nothing where that is not known.

        Args:
            settings: of the circuit.
            circuit: the one a training begins with.
            size: about how many numbers a frame may hold, as for ``view``.
        """
        del settings, circuit, size
        return Effort()

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Logits or numbers (B, outputs), or log p (B,), of inputs (B, features) [V].

        For the task ``operator``: fields (B, channels, points...) of fields, on any grid.
        """

    def adapt(self, x: Tensor, y: Tensor) -> None:
        """Take over what is measured instead of learnt, such as means; before the first step.

        Args:
            x: inputs of all training examples.
            y: what is asked of them.
        """
        del x, y

    def groups(self) -> list[Group]:
        """All parameters that are trained, by how an optimiser treats them."""
        return [Group(tuple(self.parameters()))]

    def begin(self, moment: Moment) -> None:
        """Get ready for a training step: what is random in it, or changes with time."""
        del moment

    def settle(self) -> None:
        """Put right what a change of parameters from outside has put wrong, such as bounds."""

    def checks(self) -> dict[str, Callable[[], AbstractContextManager[None]]]:
        """Other ways to compute the same answers, by name, such as ``finer``.

        While such a context lasts the model computes in that way; what it then scores is reported
        beside its usual score, with the name in front.
        """
        return {}

    def trust(self, x: Tensor, walk: Walk | None = None) -> dict[str, Any]:
        """Whether the inside is computed well enough, as fields of a report.

        ``solve_error``, ``solve_status`` and the like, see ``training.events``; nothing where there
        is no such question.

        Args:
            x: inputs (n, features) [V].
            walk: another way through the circuit than the usual one.
        """
        del x, walk
        return {}

    def view(self, x: Tensor, size: int) -> View | None:
        """The inside for one input (features,); ``None`` where there is nothing to be seen.

        Args:
            x: the input [V].
            size: about how many numbers a frame may hold.
        """
        del x, size
        return None

    def inside(self, examples: Tensor, size: int) -> View | None:
        """The inside for a few inputs (E, features...); by default that of the first alone.

        Args:
            examples: the inputs [V].
            size: about how many numbers a frame may hold.
        """
        return self.view(examples[0], size)

    def noted(self) -> dict[str, float]:
        """What a model says of a step it has just learnt by, beside what its task measures.

        Finite numbers by name, nothing after most steps; the newest stand in the epoch's report.
        """
        return {}

    def learnt(self) -> dict[str, float]:
        """Figures of the inside for the batch it has just learnt by, by metric.

        Their means over the examples of an epoch are reported beside those of the task.
        """
        return {}

    def figures(self, x: Tensor) -> dict[str, float]:
        """Figures of the inside for many inputs, by metric, reported beside those of the task.

        Args:
            x: inputs (n, features) [V].
        """
        del x
        return {}

    def circuit(self) -> "Circuit":
        """The circuit with the present parameter values.

        Raises:
            StudioError: the model is none.
        """
        raise StudioError(no_circuit(self.title))

    def excerpt(self, x: Tensor | None = None, **options: Any) -> Excerpt:
        """The part that is a circuit, driven by an example, of a model that is more than one.

        Args:
            x: an input as ``forward`` takes it, without the batch; ``None`` for a unit pulse.
            options: values of ``excerpts``.

        Raises:
            StudioError: there is none, or an option is refused.
        """
        del x, options
        raise StudioError(no_circuit(self.title))

    def whole_batch(self) -> str:
        """Why an example's answer depends on the others of its batch while training.

        As words that follow a colon; empty where it does not, and workers can share a batch.
        By default batch normalisation is looked for, and parts that say so: ``examples_meet``.
        """
        for part in self.modules():
            if isinstance(part, _BatchNorm):
                return "batch normalisation takes its means over all examples of a batch"
            if words := getattr(part, "examples_meet", ""):
                return str(words)
        return ""

    def failure(self, x: Tensor) -> str:
        """What leaves the finite range for inputs (B, features), in plain words."""
        del x
        name, value = max(self.named_parameters(), key=lambda pair: _largest(pair[1]))
        return f"the largest of {name} is {_largest(value):.3g}"

    def entries(self) -> int:
        """Numbers that one example needs, so that large sets are cut into chunks."""
        return max(1, sum(len(value) if value.dim() else 1 for value in self.parameters()))

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Many inputs in parts that fit into memory, in whole tiles of 64 where possible."""
        count = CHUNK_ENTRIES // self.entries()
        return x.split(max(1, count if count < 64 else count // 64 * 64))

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """What ``forward`` gives (n, outputs) for many inputs, in chunks."""
        return torch.cat([self(part) for part in self.chunks(x)])

    def follow(self, x: Tensor) -> tuple[Tensor, float | None]:
        """What ``predict`` gives, and the largest voltage [V] of any node after any step.

        The latter is ``None`` where a model does not know it.
        """
        return self.predict(x), None


def _in_own_numbers(model: Model, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Inputs in the floating-point numbers that a model computes with.

    Raises:
        StudioError: they are no tensor of real numbers.
    """
    if not given:
        return given
    x, *others = given
    if not isinstance(x, Tensor) or x.is_complex():
        found = str(x.dtype) if isinstance(x, Tensor) else f"a {type(x).__name__}"
        raise StudioError(
            f"a {model.title} takes a tensor of real numbers, got {found}; convert it"
        )
    own = next((p.dtype for p in model.parameters() if p.is_floating_point()), x.dtype)
    return (x.to(own), *others)


def _largest(values: Tensor) -> float:
    size = values.detach().abs().double()
    return float(size.max()) if bool(size.isfinite().all()) else float("inf")


def no_circuit(title: str) -> str:
    """Why something that needs a circuit cannot be had of a model."""
    return f"a {title} is no circuit; only circuits can be drawn, simulated or made a netlist"


def without_images(title: str, data: Data) -> str:
    """Why a model of images cannot learn data that are none; empty for images."""
    if data.inputs.kind == "image":
        return ""
    return (
        f"a {title} learns classes of images, and '{data.title}' has none; choose a data set of "
        "images, or another model"
    )


def all_parameters(groups: Iterable[Group]) -> list[nn.Parameter]:
    """The parameters of all groups, in order."""
    return [parameter for group in groups for parameter in group.parameters]
