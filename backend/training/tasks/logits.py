"""How well logits fit classes."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def accuracy(logits: Tensor, classes: Tensor) -> float:
    """Share of examples whose largest logit (n, C) is that of their class (n,)."""
    return int((logits.argmax(1) == classes).sum()) / max(1, len(classes))


def loss(logits: Tensor, classes: Tensor) -> float:
    """Mean cross-entropy in nats, without label smoothing."""
    return float(cross_entropy(logits, classes))


def confusion(logits: Tensor, classes: Tensor) -> np.ndarray:
    """Counts (C, C): rows are the true classes, columns the predicted ones."""
    count = logits.shape[1]
    cells = classes * count + logits.argmax(1)
    return torch.bincount(cells, minlength=count * count).reshape(count, count).cpu().numpy()
