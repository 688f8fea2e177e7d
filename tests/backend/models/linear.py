"""The smallest model there is: the contract that a model need not be a circuit."""

from torch import Tensor, nn

from backend.models import MODELS, Data, Model


@MODELS.register("linear")
class Linear(Model):
    """Logits or numbers W x + b."""

    title = "Linear"

    def __init__(self, data: Data) -> None:
        super().__init__()
        self.layer = nn.Linear(data.inputs.count, data.outputs.count)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)
