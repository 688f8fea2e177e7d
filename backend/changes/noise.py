"""Voltages that devices read with errors."""

from typing import TYPE_CHECKING, Any, ClassVar

from ..circuit import Circuit
from ..errors import StudioError
from ..params import Param
from .base import CHANGES, Change, Touched

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from ..models import CircuitModel


@CHANGES.register("noise")
class Noise(Change):
    """dv/dt = f(v + n) with n ~ N(0, sigma^2) drawn for every node, example and evaluation.

    White in the sequence of evaluations: it averages out the more, the shorter the steps are.
    """

    title: ClassVar[str] = "Noise"
    params: ClassVar[tuple[Param, ...]] = (
        Param("sigma", 0.1, "V", low=0.0, high=1e3, slider=(0, 1), doc="Standard deviation."),
        Param("seed", 0, low=0, high=2**31 - 1, doc="Of what is drawn."),
    )
    strength: ClassVar[str] = "sigma"
    lasting: ClassVar[bool] = False

    def apply(self, circuit: Circuit) -> Circuit:
        """The circuit itself: its devices only read it wrongly."""
        return circuit

    def disturb(self, model: "CircuitModel") -> None:
        """Every field reads noisy voltages."""
        import torch

        if not model.in_time:
            raise StudioError(
                f"a {model.title} is not solved step by step in time, so there is no noise; "
                "choose another fault"
            )
        if getattr(model.solver, "steps", None) is None:
            raise StudioError(
                "noise needs a solver of equal steps, since one that chooses its steps would "
                "follow the noise; set solver=rk4 and steps=20"
            )
        generator = torch.Generator().manual_seed(self.options["seed"])
        sigma = self.options["sigma"]
        model.compiled.disturbances.append(lambda field: NoisyField(field, sigma, generator))

    def touched(self, circuit: Circuit) -> Touched:
        """Nothing in particular."""
        del circuit
        return Touched()

    def words(self) -> str:
        """How much."""
        return f"noise of {self.options['sigma']:.4g} V at every node"


class NoisyField:
    """A vector field whose devices read voltages with errors.

    Args:
        base: the field without noise.
        sigma: standard deviation of the errors [V].
        generator: on the CPU; every evaluation takes the next numbers.
    """

    autonomous = False

    def __init__(self, base: Any, sigma: float, generator: "Generator") -> None:
        self.base, self.sigma, self.generator = base, sigma, generator
        self.duration = base.duration

    def __call__(self, t: Any, v: "Tensor") -> "Tensor":
        """dv/dt [V/s] of the shape of ``v`` (N, B)."""
        import torch

        n = torch.randn(v.shape, generator=self.generator, dtype=v.dtype)
        return self.base(t, v + self.sigma * n.to(v.device))

    def parameter_tensors(self) -> "tuple[Tensor, ...]":
        """Those of the field."""
        return self.base.parameter_tensors()
