"""Random numbers that depend on the seed and a number alone, so that no state must be stored."""

import numpy as np
import torch

ORDER = 0
"""Of the examples in an epoch; the number is the epoch."""

BATCH = 1
"""Of distortions and fresh examples; the number is the step."""

SOLVER = 2
"""Of the number of solver steps; the number is the step."""

MODEL = 3
"""Of what is random in a model; the number is the step."""


def stream(seed: int, purpose: int, number: int) -> torch.Generator:
    """A generator on the CPU for one purpose at one place of a training."""
    word = np.random.SeedSequence([seed, purpose, number]).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(word >> np.uint64(1)))
