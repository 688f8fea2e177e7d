"""Samples of a batch as particles: what is kept, who meets, and what evaluation sees of it."""

import pytest
import torch
from torch import nn

from backend.engine.collide import Batch
from backend.errors import InputError
from backend.models.kitinet import KITIResidual

from .gas import RANDOM, after

SHAPES = [(9, 24), (8, 5, 6), (7, 3, 4, 2)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_particle_is_a_sample(shape):
    features = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    particles = Batch().particles(features)
    assert particles.shape == (1, shape[0], torch.Size(shape[1:]).numel())
    for k, sample in enumerate(features):
        assert particles[0, k].tolist() == sample.flatten().tolist()
    assert torch.equal(Batch().restored(particles, shape), features)


@pytest.mark.parametrize("mode", [*RANDOM, "mean_field"])
@pytest.mark.parametrize("shape", SHAPES)
def test_momentum_and_energy_of_a_batch(shape, mode):
    """I1 in every number of a sample; I2, the energy of all samples together."""
    generator = torch.Generator().manual_seed(2)
    x, v = torch.randn(2, *shape, generator=generator, dtype=torch.double)
    way = Batch()
    done = way.restored(after(way.particles(x), way.particles(v), mode, coll=5.0), shape)
    assert not torch.equal(done, v)
    assert torch.allclose(done.sum(0), v.sum(0), rtol=0, atol=1e-13)
    energies = float(done.square().sum()), float(v.square().sum())
    if mode == "mean_field":
        assert energies[0] < energies[1]
    else:
        assert energies[0] == pytest.approx(energies[1], rel=1e-14)


def test_a_pair_keeps_its_relative_speed():
    """I3; with two samples the pair is known, and certain to meet where both are in one place."""
    generator = torch.Generator().manual_seed(0)
    x, v = torch.zeros(2, 6).double(), torch.randn(2, 6, generator=generator).double()
    way = Batch()
    done = way.particles(v), after(way.particles(x), way.particles(v), "matched")
    gaps = [float((each[0, 0] - each[0, 1]).norm()) for each in done]
    assert gaps[0] == pytest.approx(gaps[1], rel=1e-14)
    assert not torch.equal(*done)


@pytest.mark.parametrize("mode", [*RANDOM, "published"])
def test_samples_meet_while_training_only(mode):
    """Evaluation is the plain residual, one by one or together; a lone sample meets nobody."""
    torch.manual_seed(0)
    f = nn.Sequential(nn.Linear(12, 20), nn.Tanh(), nn.Linear(20, 12))
    block, x = KITIResidual(f, Batch(), mode=mode, coll=0.9), 0.05 * torch.randn(10, 12)
    plain = x + f(x)
    assert torch.equal(block.eval()(x), plain)
    torch.manual_seed(1)
    trained = block.train()(x)
    assert not torch.equal(trained, plain)
    # I5: what the batch means is the same, whoever met whom.
    assert torch.allclose(trained.mean(0), plain.mean(0), atol=1e-6)
    trained.sin().sum().backward()
    assert all(bool(value.grad.isfinite().all()) for value in f.parameters())
    with pytest.warns(RuntimeWarning, match="a group has a single particle"):
        assert torch.equal(block(x[:1]), x[:1] + f(x[:1]))


def test_what_has_no_samples_is_refused():
    with pytest.raises(InputError, match=r"x: features are \(batch, axes...\), found shape \(4,\)"):
        Batch().particles(torch.zeros(4))
    assert Batch().particles(torch.zeros(0, 3, 2)).shape == (1, 0, 6)
