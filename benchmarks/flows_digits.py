"""Flows of small images beside Gaussians: is what they learn more than means and covariances?

A row is what ``kirchhoff train --dataset gen_digits --set digit=<its digit>`` trains, judged with 4
times finer steps on images that no training has seen, about 45 a digit, and so are the Gaussians:
one with a full covariance, one whose covariance is drawn to its diagonal as far as the test images
like best, and the mixture of Gaussians with diagonal covariances that they like best. The recipe
was chosen by digit 2.
"""

import time
from typing import Any

import torch
from sklearn.mixture import GaussianMixture

from backend.datasets import DATASETS
from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

DIGITS = (0, 2, 3, 8)
DRAWS = 4000
SHRINKAGES = (0.05, 0.1, 0.2, 0.3, 0.5)
COMPONENTS = (1, 2, 4, 8)


def digit_rows() -> list[dict[str, Any]]:
    """The negative log-likelihood of the test images of some digits, in nats."""
    return [_row(digit) for digit in DIGITS]


def _row(digit: int) -> dict[str, Any]:
    options = {"dataset": "gen_digits", "digit": str(digit), "frame_interval": "0", "threads": "1"}
    trainer = Trainer(TrainSpec.from_options(options))
    began = time.process_time()
    figures = [event for event in trainer.events() if isinstance(event, Evaluated)][-1].figures
    found = {
        "digit": digit,
        "images": len(trainer.test),
        "nll": round(figures["finer_nll"], 2),
        "solver_bias": round(figures["test_nll"] - figures["finer_nll"], 2),
        **_gaussians(digit),
        "parameters": sum(value.numel() for value in trainer.model.parameters()),
        "cpu_s": round(time.process_time() - began, 1),
    }
    print(found, flush=True)
    return found


def _gaussians(digit: int) -> dict[str, float]:
    """What Gaussians fitted to noisy training images say of the test images."""
    dataset: Any = DATASETS["gen_digits"](digit=digit)
    train, test = dataset.sample(DRAWS, 1).double(), dataset.split().test.x.double()
    mean, covariance = train.mean(0), torch.cov(train.T)

    def shrunk(share: float) -> float:
        matrix = (1 - share) * covariance + share * torch.diag(covariance.diag())
        gaussian = torch.distributions.MultivariateNormal(mean, matrix)
        return -float(gaussian.log_prob(test).mean())

    mixtures = [
        GaussianMixture(count, covariance_type="diag", random_state=0).fit(train.numpy())
        for count in COMPONENTS
    ]
    return {
        "gaussian": round(shrunk(0.0), 2),
        "shrunk_gaussian": round(min(map(shrunk, SHRINKAGES)), 2),
        "diagonal_mixture": round(min(-float(model.score(test.numpy())) for model in mixtures), 2),
    }
