"""A filter of two cells is found from what goes in and what comes out, by gradient descent."""

import pytest
import torch
from scipy.signal import lfilter

from backend.engine.scan import cascade

DOUBLE = torch.float64
STEP = 0.1
TAUS, GAIN = (0.35, 1.1), -1.7


def filtered(noise):
    """The target, by SciPy: two first-order sections whose joint step is written down by hand."""
    from scipy.linalg import expm

    rates = [1 / tau for tau in TAUS]
    joint = [[-rates[0], 0, rates[0]], [rates[1], -rates[1], 0], [0, 0, 0]]
    step = expm(torch.tensor(joint, dtype=DOUBLE).numpy() * STEP)
    (a, _, c), (d, e, f) = step[0], step[1]
    # v2 of x+ = A x + b u by its transfer function: (f z + d c - a f) / ((z - a)(z - e)).
    return GAIN * lfilter([0, f, d * c - a * f], [1, -(a + e), a * e], noise)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_time_constants_are_found_from_white_noise(seed):
    """Within one per cent, from first guesses that are off by factors, with some noise on top."""
    stream = torch.Generator().manual_seed(seed)
    noise = torch.randn(600, generator=stream, dtype=DOUBLE)
    # lfilter's answer at k holds inputs before k; the scan's tap k holds input k too.
    wanted = torch.from_numpy(filtered(torch.cat((noise, noise.new_zeros(1))).numpy()))[1:]
    wanted = wanted + 1e-3 * wanted.std() * torch.randn(600, generator=stream, dtype=DOUBLE)
    log_tau = torch.tensor([[0.1], [3.0]], dtype=DOUBLE).log().requires_grad_()
    kappa = torch.tensor([[1.0], [-0.5]], dtype=DOUBLE, requires_grad=True)
    optimiser = torch.optim.Adam([log_tau, kappa], lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 400)
    for _ in range(400):
        taps = cascade(noise.reshape(1, -1, 1), log_tau.exp(), kappa, step=STEP)
        loss = (taps[0, :, 0, -1] - wanted).square().mean() / wanted.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    found = sorted(log_tau.detach().exp().flatten().tolist())
    assert found == pytest.approx(sorted(TAUS), rel=0.01)
    assert float(kappa.detach().prod()) == pytest.approx(GAIN, rel=0.01)
