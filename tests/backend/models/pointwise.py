"""The smallest model of fields: the contract that it works on every grid."""

import torch
from torch import Tensor, nn

from backend.models import MODELS, Data, Operator


@MODELS.register("pointwise")
class Pointwise(Operator):
    """What a point becomes depends on its own value and the mean."""

    title = "Pointwise operator"

    def __init__(self, data: Data) -> None:
        super().__init__(data)
        channels = data.outputs.sizes[0]
        self.line = nn.Linear(2 * data.inputs.sizes[0], channels)

    def field(self, x: Tensor) -> Tensor:
        points = tuple(range(2, x.dim()))
        both = torch.cat([x, x.mean(points, keepdim=True).expand_as(x)], 1)
        return self.line(both.movedim(1, -1)).movedim(-1, 1)
