"""Every registered data set keeps the same contract."""

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS, TASKS
from backend.datasets.base import examples
from backend.errors import StudioError
from tests.backend.datasets.few import few

BUILT_IN = [name for name, kind in DATASETS.items() if kind.source == "built-in"]
WITH_EXAMPLES = [name for name in BUILT_IN if DATASETS[name].task != "match"]


@pytest.fixture(params=WITH_EXAMPLES)
def dataset(request):
    return DATASETS[request.param](**few(request.param))


@pytest.mark.parametrize("name", DATASETS.names())
def test_a_data_set_says_what_it_is(name):
    kind = DATASETS[name]
    assert kind.title
    assert kind.__doc__
    assert kind.task in TASKS
    assert kind.source in ("built-in", "download", "user")
    made = kind()
    if kind.source == "user":
        assert "set its path" in made.missing()
        with pytest.raises(StudioError, match="set its path"):
            made.split()
    elif made.image_shape:
        assert made.channels * np.prod(made.image_shape) == made.input_count


def sizes_of(dataset):
    grid = dataset.task == "operator"
    return dataset.inputs.sizes if grid else (dataset.input_count,)


def test_contract(dataset):
    split = dataset.split()
    for part in filter(None, (split.train, split.validation, split.test)):
        assert part.x.shape == (len(part), *sizes_of(dataset))
        assert part.x.dtype == torch.float32
        assert bool(part.x.isfinite().all())
        if dataset.task == "operator":
            assert part.y.dtype == torch.float32
            assert part.y.shape == (len(part), *dataset.outputs.sizes)
            assert bool((part.y.flatten(1).norm(dim=1) > 0).all()), "errors are relative to it"
        elif dataset.task == "regress":
            assert part.y.dtype == torch.float32
            assert part.y.shape == (len(part), dataset.output_count)
            assert len(dataset.targets) == dataset.output_count
        else:
            assert part.y.dtype == torch.int64
            assert set(part.y.tolist()) == set(range(max(1, len(dataset.classes))))
        if dataset.task in ("classify", "regress"):
            assert part.x.abs().max() <= 1.5, "features are voltages of about a volt"
    assert split.part("test") is split.test
    if dataset.task == "classify":
        assert dataset.output_count == len(dataset.classes)
    if dataset.task == "generate":
        assert dataset.output_count == dataset.input_count
    if dataset.task == "operator":
        inputs, outputs = dataset.data.inputs, dataset.data.outputs
        assert (inputs.kind, outputs.kind) == ("grid", "grid")
        assert inputs.points == outputs.points
        assert dataset.output_count == outputs.count


def test_equal_options_give_equal_examples(dataset):
    again = type(dataset)(**dataset.options).split()
    assert torch.equal(again.train.x, dataset.split().train.x)
    assert torch.equal(again.test.x, dataset.split().test.x)
    assert torch.equal(again.test.y, dataset.split().test.y)


def test_no_example_is_in_both_parts(dataset):
    split = dataset.split()
    parts = [part for part in (split.train, split.validation, split.test) if part is not None]
    rows = [{tuple(row) for row in part.x.flatten(1).tolist()} for part in parts]
    assert len(set.union(*rows)) == sum(map(len, rows))


def test_unknown_option_and_split_are_refused(dataset):
    with pytest.raises(StudioError, match="unknown parameter 'nois'"):
        type(dataset)(nois=1)
    split = dataset.split()
    known = "train or test" if split.validation is None else "train, validation or test"
    assert split.held_out in known
    with pytest.raises(StudioError, match=f"choose {known}"):
        split.part("valid")


def test_further_tests_and_baselines_have_the_form_of_the_test_set(dataset):
    test = dataset.split().test
    for name, answer in dataset.baselines(test.x.numpy()).items():
        assert answer.shape == tuple(test.y.shape), name
        assert np.isfinite(answer).all(), name
    for name, part in dataset.further_tests().items():
        assert len(part) == len(test), name
        assert part.x.shape[1] == test.x.shape[1], name
        assert part.y.shape[2:] == part.x.shape[2:], name


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


def test_circles_without_noise_have_their_radii():
    part = DATASETS["circles"](n=40, noise=0.0).split().train
    expected = torch.where(part.y == 0, 1.0, 0.5)
    assert torch.allclose(part.x.norm(dim=1), expected, atol=1e-6)


def test_spirals_without_noise_are_mirrored_arms():
    part = DATASETS["spirals"](n=200, noise=0.0).split().train
    first = torch.where((part.y == 0)[:, None], part.x, -part.x).double()
    r = first.norm(dim=1)
    angle = torch.atan2(first[:, 1], first[:, 0])
    turns = (angle - 3 * np.pi * r) / (2 * np.pi)
    assert torch.allclose(turns, turns.round(), atol=1e-5)
    assert torch.bincount(part.y).tolist() == [100, 100]


def test_digits_keep_some_of_the_training_images_to_choose_by():
    whole, split = DATASETS["digits"]().split(), DATASETS["digits"](validation=300).split()
    assert whole.validation is None
    assert (len(split.train), len(split.validation), len(split.test)) == (1047, 300, 450)
    assert torch.equal(split.test.x, whole.test.x)
    parts = torch.cat([split.train.x, split.validation.x])
    ordered = [sorted(map(tuple, x.tolist())) for x in (parts, whole.train.x)]
    assert ordered[0] == ordered[1]
    counts = torch.bincount(split.validation.y)
    assert counts.max() - counts.min() <= 2
    with pytest.raises(StudioError, match="validation = 5 is fewer than the 10 classes"):
        DATASETS["digits"](validation=5).split()


def test_digits_are_split_evenly():
    split = DATASETS["digits"]().split()
    assert (len(split.train), len(split.test)) == (1347, 450)
    assert split.train.x.min() == 0.0
    assert split.train.x.max() == 1.0
    counts = torch.bincount(split.test.y)
    assert counts.max() - counts.min() <= 3


@pytest.mark.parametrize("part", ["input", "target"])
def test_numbers_beyond_single_precision_are_refused_with_their_place(part):
    x, y = np.ones((3, 2)), np.ones((3, 1))
    (x if part == "input" else y)[1, 0] = -1e300
    with pytest.raises(StudioError, match=rf"{part} of example 2 is -1e\+300"):
        examples(x, y)
    x[1, 0] = y[1, 0] = 3e38
    assert torch.isfinite(examples(x, y).x).all()
