"""Which parameters of a network decay."""

from torch import nn

from .base import Group


def grouped(module: nn.Module) -> list[Group]:
    """Matrices and kernels; and offsets: biases, scales of norms, and the lengths of cells.

    A weight decay pulls a matrix towards no connection; a length has no such rest, its logarithm
    stands for one domain length at 0.
    """
    layers = (nn.Linear, nn.Conv1d, nn.Conv2d)
    weights = {id(part.weight) for part in module.modules() if isinstance(part, layers)}
    every = list(module.parameters())
    gains = Group(tuple(value for value in every if id(value) in weights))
    shifts = Group(tuple(value for value in every if id(value) not in weights), offset=True)
    return [group for group in (gains, shifts) if group.parameters]
