"""Whether numbers are at hand, or only their names."""

import torch
from torch import Tensor


def traced(tensor: Tensor) -> bool:
    """Whether a compiler listens, or the tensor is a stand-in."""
    plain = type(tensor) in (Tensor, torch.nn.Parameter)
    return not plain or torch.compiler.is_compiling()
