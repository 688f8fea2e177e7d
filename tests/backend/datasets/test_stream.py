"""Pictures that are read while training: as those in memory, and never many at once."""

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS, Examples
from backend.datasets.streamed import Shelf, Streamed, in_memory
from backend.errors import StudioError
from backend.training.batches import Batches
from backend.training.loop import Trainer
from backend.training.prepare import make_dataset, make_task
from backend.training.spec import TrainSpec

PICTURES, SIDE = 360, 12
BYTES = 3 * SIDE * SIDE
SHAPE = {"rows": SIDE, "columns": SIDE, "colour": True, "fit": "crop"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folders as ImageNet has them: three classes of photographs of 40 x 30 points and noise."""
    image = pytest.importorskip("PIL.Image")
    top, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for part, count in (("train", PICTURES - 60), ("val", 60)):
        for number in range(count):
            home = top / part / f"n0{number % 3}"
            home.mkdir(parents=True, exist_ok=True)
            grey = np.full((30, 40, 3), 60 * (1 + number % 3))
            pixels = (grey + random.integers(-50, 50, (30, 40, 3))).clip(0, 255).astype(np.uint8)
            image.fromarray(pixels).save(home / f"{number}.JPEG")
    return top


def streamed(part: Examples) -> Streamed:
    """The inputs of a part, which stand in a tensor's place."""
    assert isinstance(part.x, Streamed)
    return part.x


def settings(folder, dataset, **more):
    options = {"path": str(folder), **SHAPE, **more}
    return TrainSpec.make(
        model="kinn", dataset=dataset, dataset_options=options, epochs=2, batch_size=32, seed=3,
        frame_interval=0, augment="none",
        model_options={"channels": 4, "stages": "1", "halvings": 1},
    )  # fmt: skip


def test_they_are_the_pictures_of_the_folder_in_memory(folder):
    whole, lazy = (
        DATASETS[name](path=str(folder), **SHAPE).split()
        for name in ("image_folder", "image_stream")
    )
    for part in ("train", "test"):
        there, here = whole.part(part), lazy.part(part)
        torch.testing.assert_close(here.x[:], there.x, rtol=0, atol=0)
        torch.testing.assert_close(here.y, there.y)
        rows = torch.tensor([7, 2, 7])
        torch.testing.assert_close(here.x[rows], there.x[rows], rtol=0, atol=0)
        torch.testing.assert_close(here.x[-1], there.x[-1], rtol=0, atol=0)
        chunks = list(here.x.split(25))
        torch.testing.assert_close(torch.cat(chunks), there.x, rtol=0, atol=0)
        assert len(chunks[0]) == 25


def test_never_more_pictures_are_held_than_the_cache_and_two_batches(folder):
    room = 40
    spec = settings(folder, "image_stream")
    task = make_task(spec, make_dataset(spec))
    split = task.split()
    shelf = streamed(split.train).shelf
    shelf.room = room
    batches = Batches(task, split.train, spec)
    for _x, _y in batches.between(0, 2 * batches.per_epoch):
        assert len(shelf.rows) <= room
    assert shelf.most <= room + 2 * spec.batch_size
    count = PICTURES - 60
    # All are made in the first epoch; in the second those that are kept are not made again.
    assert shelf.made == 2 * count - room


def test_a_cache_of_no_megabyte_keeps_nothing_and_a_large_one_all(folder):
    for cache, kept in ((0, 0), (1, PICTURES)):
        split = DATASETS["image_stream"](path=str(folder), cache=cache, **SHAPE).split()
        assert [streamed(part).shelf.room for part in (split.train, split.test)] == [
            pytest.approx(share * (2**20 * cache // BYTES) / PICTURES, abs=1) for share in (300, 60)
        ]
        for part in (split.train, split.test):
            list(part.x.split(16))
        found = sum(len(streamed(part).shelf.rows) for part in (split.train, split.test))
        assert found == kept


def trained(spec, stop=None):
    """A training up to some step, taken up again from its snapshot in another process's place."""
    trainer = Trainer(spec)
    for event in trainer.events():
        if stop and getattr(event, "step", 0) == stop:
            snapshot = trainer.snapshot()
            trainer = Trainer(spec, resume=snapshot)
            list(trainer.events())
            break
    return trainer.model.state_dict()


def test_a_training_is_the_one_in_memory_and_resumes_bit_for_bit(folder):
    torch.manual_seed(0)
    whole = trained(settings(folder, "image_folder"))
    lazy = trained(settings(folder, "image_stream", cache=0))
    resumed = trained(settings(folder, "image_stream", cache=0), stop=13)
    for name, values in whole.items():
        torch.testing.assert_close(lazy[name], values, rtol=0, atol=0)
        torch.testing.assert_close(resumed[name], values, rtol=0, atol=0)


def test_a_damaged_picture_ends_the_training_with_its_name(folder, tmp_path):
    for part in ("train", "val"):
        for name in ("a", "b"):
            home = tmp_path / part / name
            home.mkdir(parents=True)
            for source in sorted((folder / part / "n00").iterdir())[:4]:
                (home / source.name).write_bytes(source.read_bytes())
    bad = tmp_path / "train" / "b" / "zero.JPEG"
    bad.write_bytes(b"no picture")
    split = DATASETS["image_stream"](path=str(tmp_path), **SHAPE).split()
    with pytest.raises(StudioError, match=r"zero\.JPEG: cannot be read"):
        list(split.train.x.split(2))


def test_statistics_of_very_many_are_those_of_rows_far_apart():
    made = []

    def read(place):
        made.append(place)
        return np.full(3, place % 256, np.uint8)

    x, y = in_memory(Streamed(100_000, 3, read, Shelf(0), 2), torch.arange(100_000))
    assert len(x) == len(y) == len(made) == 2048
    assert sorted(made)[0] == 0
    assert sorted(made)[-1] == 99_999
    assert float((x[:, 0] * 255).round()[5]) == int(y[5]) % 256


def test_large_pictures_have_the_recipe_imagenet():
    about = DATASETS["image_stream"]().data
    from backend.models import MODELS

    assert "imagenet" in MODELS["kinn"].recipes(about)
