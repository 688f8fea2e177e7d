"""Every registered data set keeps the same contract."""

import pytest
import torch

from backend.datasets import DATASETS
from backend.errors import StudioError


@pytest.fixture(params=DATASETS.names())
def dataset(request):
    return DATASETS[request.param]()


def test_contract(dataset):
    split = dataset.split()
    for part in (split.train, split.test):
        assert part.x.shape == (len(part), dataset.input_count)
        assert part.x.dtype == torch.float32
        assert part.y.dtype == torch.int64
        assert set(part.y.tolist()) == set(range(len(dataset.classes)))
        assert part.x.abs().max() <= 1.5, "features are voltages of about a volt"
    assert split.part("test") is split.test
    if dataset.image_shape:
        assert dataset.image_shape[0] * dataset.image_shape[1] == dataset.input_count


def test_equal_options_give_equal_examples(dataset):
    again = type(dataset)().split()
    assert torch.equal(again.train.x, dataset.split().train.x)
    assert torch.equal(again.test.y, dataset.split().test.y)


def test_no_example_is_in_both_parts(dataset):
    split = dataset.split()
    seen = {tuple(row) for row in split.train.x.tolist()}
    assert not seen & {tuple(row) for row in split.test.x.tolist()}


def test_unknown_option_and_split_are_refused(dataset):
    with pytest.raises(StudioError, match="unknown parameter 'nois'"):
        type(dataset)(nois=1)
    with pytest.raises(StudioError, match="choose train or test"):
        dataset.split().part("valid")


def test_two_moons_options():
    kind = DATASETS["two_moons"]
    split = kind(n=50, test=30, noise=0.0).split()
    assert (len(split.train), len(split.test)) == (50, 30)
    # Without noise the upper moon is the unit half circle.
    upper = split.train.x[split.train.y == 0].double()
    radius = ((2 * upper[:, 0] + 0.5) ** 2 + (upper[:, 1] + 0.25) ** 2).sqrt()
    assert torch.allclose(radius, torch.ones_like(radius), atol=1e-5)
    other = kind(n=50, test=30, seed=1).split()
    assert not torch.equal(other.train.x, kind(n=50, test=30).split().train.x)
    with pytest.raises(StudioError, match="noise must be at least 0"):
        kind(noise=-1)


def test_digits_are_split_evenly():
    split = DATASETS["digits"]().split()
    assert (len(split.train), len(split.test)) == (1347, 450)
    assert split.train.x.min() == 0.0
    assert split.train.x.max() == 1.0
    counts = torch.bincount(split.test.y)
    assert counts.max() - counts.min() <= 3
