"""Our FNO against the equations of the paper written plainly, and against ``neuraloperator``.

The package is no requirement of ours; where it is importable its network with our weights has to
answer as ours does.
"""

import importlib.util

import numpy as np
import pytest
import torch

from backend.models.baselines.fno import FourierNetwork
from backend.shapes import Data, Shape
from benchmarks.fourier_controls import GatedFourierBlock, GatedFourierOperator, peer_network

DOUBLE = torch.double


def parameters(network):
    return sum(value.numel() * (1 + value.is_complex()) for value in network.parameters())


def gelu(x):
    return torch.nn.functional.gelu(torch.from_numpy(x)).numpy()


def by_the_paper(net, u):
    """The answer (S,) of a network to a field (S,): sums over points and waves, no FFT.

    v_0 = P(u, x);  v_{t+1} = gelu(W v_t + b + sum_k e^(2 pi i k x) R_k F_k(v_t)), the last without
    gelu;  Q(v_T), with F_k(v) = mean over x of v e^(-2 pi i k x) and F_{-k} its conjugate.
    """
    weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    size = len(u)
    x = np.arange(size) / size
    v = np.stack((u, x), -1) @ weights["lift.weight"].T + weights["lift.bias"]
    layers, modes = len(net.spectral), weights["spectral.0.weight"].shape[3]
    for layer in range(layers):
        r = weights[f"spectral.{layer}.weight"][0]
        kernel = np.zeros_like(v)
        for k in range(min(modes, size // 2 + 1)):
            wave = np.exp(2j * np.pi * k * x)
            mean = (v * wave.conj()[:, None]).mean(0)
            passed = mean @ (r[:, :, k, 0] + 1j * r[:, :, k, 1])
            twice = 1 if k == 0 or 2 * k == size else 2
            kernel += twice * np.real(np.outer(wave, passed))
        local = weights[f"local.{layer}.weight"][:, :, 0]
        v = kernel + v @ local.T + weights[f"local.{layer}.bias"]
        v = gelu(v) if layer + 1 < layers else v
    hidden = gelu(v @ weights["widen.weight"].T + weights["widen.bias"])
    return (hidden @ weights["project.weight"].T + weights["project.bias"])[:, 0]


@pytest.mark.parametrize("size", [5, 12, 33])
def test_the_network_is_that_of_the_paper(size):
    torch.manual_seed(0)
    net = FourierNetwork(1, 1, 1, width=6, modes=4, layers=3).double()
    with torch.no_grad():
        for weight in net.spectral.parameters():
            weight.normal_(0, 0.3)
    u = torch.randn(size, dtype=DOUBLE)
    found = net(u[None, None])[0, 0].detach()
    assert torch.allclose(found, torch.from_numpy(by_the_paper(net, u.numpy())), atol=1e-12)


@pytest.mark.skipif(not importlib.util.find_spec("neuralop"), reason="needs neuraloperator")
@pytest.mark.parametrize("size", [64, 65])
def test_the_package_answers_as_ours_does(size):
    """Its weights in our network give its answer, in single precision."""
    torch.manual_seed(0)
    peer = peer_network(1, 1, width=32, modes=16, layers=4)
    ours = FourierNetwork(1, 1, 1, width=32, modes=16)
    assert parameters(peer) == parameters(ours) == 139_745
    ours.load_state_dict(translated(dict(peer.named_parameters()), layers=4))
    x = torch.randn(3, 1, size)
    with torch.no_grad():
        assert torch.allclose(ours(x), peer(x), rtol=1e-4, atol=1e-5)


def translated(theirs, layers):
    """Weights of a network of the package under the names of ours."""
    pairs = {"lift": "lifting.fcs.0", "widen": "projection.fcs.0", "project": "projection.fcs.1"}
    found = {}
    for name, other in pairs.items():
        found[f"{name}.weight"] = theirs[f"{other}.weight"].squeeze(-1)
        found[f"{name}.bias"] = theirs[f"{other}.bias"]
    for layer in range(layers):
        convolution = f"fno_blocks.convs.{layer}"
        waves = torch.view_as_real(theirs[f"{convolution}.weight.tensor"])
        found[f"spectral.{layer}.weight"] = waves.unsqueeze(0)
        found[f"local.{layer}.weight"] = theirs[f"fno_blocks.fno_skips.{layer}.conv.weight"]
        found[f"local.{layer}.bias"] = theirs[f"{convolution}.bias"][:, 0]
    return found


def test_the_gated_control_is_that_of_the_search():
    grid = Shape((1, 128), "grid", periodic=True)
    data = Data("waves", "Waves", "operator", grid, grid)
    control = GatedFourierOperator(data, width=32, modes=16, layers=4)
    assert parameters(control) == 149_953


@pytest.mark.parametrize("axes", [1, 2])
def test_the_gated_control_commutes_with_shifts(axes):
    block = GatedFourierBlock(3, 3, axes).double()
    x = torch.randn(*[8] * axes, 2, 3, dtype=DOUBLE)
    assert torch.allclose(block(x.roll(3, 0)), block(x).roll(3, 0), atol=1e-13)
