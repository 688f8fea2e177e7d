"""Densities known up to a factor: a model's own samples against a potential."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ...datasets import Dataset, Examples, Split
from ...datasets.generators import points
from ...datasets.toy.potentials import Potential
from ...errors import RunError, StudioError
from ...models import Model
from ...models.circuits.flow import LOG_2PI, even_normal
from ...streams import BATCH, stream
from .base import TASKS
from .generate import TEST_STEP, Density, flow_of

if TYPE_CHECKING:
    from ..spec import TrainSpec

TESTED = 4096
"""Even points of noise by which a matched density is judged, always the same."""

MOST = (0.1, 0.9)
"""Quantiles between which most points lie."""

NEAR = 1.0
"""The flow is near the potential when log q + U differs by less among most points, in nats."""

FAR = 3.0
"""log q + U counts no further from its median than this, in nats."""


@TASKS.register("match")
class Match(Density):
    """Learn p = exp(-U) / Z from U alone; the loss is E[l(T) + U(v(T))] over draws of noise.

    ``kl`` = loss - N/2 (1 + log 2 pi) + log Z is KL(q||p) in nats, where log Z is known.

    The gradient is estimated in two ways. While q is far from p it goes through the points, as
    their energy has a slope. That says little of how much belongs to each of several maxima,
    because hardly a point is on its way between them. Once h = log q + U is nearly constant, it is
    the covariance of h with the gradient of log q at fixed points, whose noise vanishes where
    q = p: all points of a maximum that has too many then say so.

    References:
        Roeder, Wu, Duvenaud 2017, Sticking the landing, arXiv 1703.09194: estimates without noise
        at the optimum.
        Richter, Boustati, Nusken, Ruiz, Akyildiz 2020, VarGrad, arXiv 2010.10436: the covariance,
        which is half the gradient of the variance of h.
    """

    score = "kl"
    whole_batch = "what is minimised depends on quantiles of the whole batch"

    def __init__(self, dataset: Dataset, spec: "TrainSpec") -> None:
        super().__init__(dataset, spec)
        if not isinstance(dataset, Potential):
            raise RunError(f"'{dataset.title}' has no energy to match")
        self.fresh = True
        self.potential = dataset
        self.base = -dataset.input_count / 2 * (1 + LOG_2PI)
        self.offset = self._offset()

    def split(self) -> Split:
        """No examples to learn from; fixed even points of noise to be judged by."""
        generator = stream(self.spec.seed, BATCH, TEST_STEP)
        noise = even_normal(TESTED, self.dataset.input_count, generator)
        return Split(points(noise[:0]), points(noise))

    def draw(self, count: int, generator: torch.Generator) -> Examples:
        """Fresh noise, evenly spread: a batch of 512 then has a far less noisy gradient."""
        return points(even_normal(count, self.dataset.input_count, generator))

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """The matching loss of a batch, with one of the two gradients."""
        flow, energy = flow_of(model), self.potential.energy
        with torch.no_grad():
            found, log_q = flow.push(x)
            excess = log_q + energy(found)
            loss = float(excess.double().mean()) - self.base
        low, high = excess.quantile(excess.new_tensor(MOST))
        if high - low > NEAR:
            return flow.matching_losses(x, energy).mean(), {"loss": loss}
        # A few points far out, where q has no business to be, must not speak for all.
        excess = (excess - excess.median()).clamp(-FAR, FAR)
        covariance = ((excess - excess.mean()) * flow.log_prob(found)).mean()
        return covariance - covariance.detach() + loss, {"loss": loss}

    @torch.no_grad()
    def outputs(self, model: Model, x: Tensor) -> Tensor:
        """The matching losses (n,) of draws of noise."""
        flow = flow_of(model)
        parts = [flow.matching_losses(part, self.potential.energy) for part in model.chunks(x)]
        return torch.cat(parts)

    def followed(self, model: Model, x: Tensor) -> tuple[Tensor, float | None]:
        """The matching losses (n,) and the largest voltage [V] of any node after any step."""
        peak = max(flow_of(model).peak(part) for part in model.chunks(x))
        return self.outputs(model, x), peak

    def trust(self, model: Model, x: Tensor) -> dict[str, Any]:
        """The same on the way from noise to points."""
        return model.trust(x, flow_of(model).path)

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Loss and, where it is known, the divergence."""
        value = float(outputs.double().mean())
        return {"loss": value} | ({} if self.offset is None else {"kl": value + self.offset})

    def _offset(self) -> float | None:
        try:
            return self.potential.log_normaliser + self.base
        except StudioError:
            return None
