"""KINN as a model of the menus: what it fits, how large it is, and what it shows."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from backend.errors import StudioError
from backend.export.model_weights import TrainedModel, load_model, weights
from backend.models import MODELS, Data, Shape, models_for
from backend.params import check_params
from backend.training.events import Evaluated
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec

KINN = MODELS["kinn"]


def fields(*points, periodic=False, channels=1):
    shape = Shape((channels, *points), "grid", periodic)
    return Data("", "Fields", "operator", shape, shape)


def pictures(side, colours=1, classes=10):
    names = tuple(map(str, range(classes)))
    shape = Shape((colours, side, side), "image")
    return Data("", "Pictures", "classify", shape, Shape((classes,)), names)


VECTORS = Data("", "Vectors", "classify", Shape((4,)), Shape((2,)), ("a", "b"))
KINDS = [fields(24, periodic=True), fields(17), fields(8, 9, periodic=True), fields(9, 8),
         pictures(8), pictures(28), pictures(32, 3)]  # fmt: skip


def built(data, recipe="default", **options):
    own = {**KINN.recipes(data)[recipe].get("model_options", {}), **options}
    return KINN.build(data, check_params(KINN.params, own), seed=0)


def inputs(data, count=3):
    torch.manual_seed(1)
    vector = data.task == "classify"
    return (
        torch.rand(count, data.inputs.count) if vector else torch.randn(count, *data.inputs.sizes)
    )


def parameters(model):
    return sum(value.numel() for value in model.parameters())


def sizes(data):
    return f"{'x'.join(map(str, data.inputs.sizes))}{'o' if data.inputs.periodic else ''}"


@pytest.mark.parametrize("data", KINDS, ids=sizes)
def test_every_recipe_is_a_network_that_learns(data):
    """Every parameter has a finite gradient, and each belongs to one group of the optimiser."""
    x = inputs(data)
    for recipe in KINN.recipes(data):
        model = built(data, recipe)
        model.adapt(x, x)
        answer = model(x)
        assert answer.shape == ((3, 10) if data.task == "classify" else x.shape)
        answer.square().sum().backward()
        assert all(bool(p.grad.isfinite().all()) for p in model.parameters()), recipe
        grouped = [id(value) for group in model.groups() for value in group.parameters]
        assert sorted(grouped) == sorted(id(value) for value in model.parameters())


def test_recipes_have_the_sizes_of_the_search():
    ring, sheet = fields(128, periodic=True), fields(43, 43)
    found = {name: parameters(built(ring, name)) for name in ("default", "large", "tied")}
    assert found == {"default": 52_417, "large": 115_425, "tied": 14_785}
    assert parameters(built(sheet)) == 39_809
    for side in (8, 28):
        assert all(parameters(built(pictures(side), name)) <= 200_000
                   for name in KINN.recipes(pictures(side)))  # fmt: skip


def test_large_images_have_a_recipe_of_four_stages():
    data = pictures(224, 3, 1000)
    recipe = KINN.recipes(data)["imagenet"]
    assert recipe["epochs"] == 300
    assert 27e6 < parameters(built(data, "imagenet")) < 30e6
    assert "imagenet" not in KINN.recipes(pictures(32, 3))


def test_a_folder_of_large_pictures_is_learnt_by_that_recipe(tmp_path):
    """All settings as they are, for one epoch of few pictures and a network of few channels."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for k in range(4):
            pixels = rng.integers(0, 256, (70, 64, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{k}.png")
    pictures_of = {"path": str(tmp_path), "rows": 64, "columns": 64, "colour": True}
    spec = TrainSpec.make(model="kinn", dataset="image_folder", dataset_options=pictures_of,
                          recipe="imagenet", epochs=1, model_options={"channels": 4})  # fmt: skip
    assert spec.model_options["stages"] == "2,2,5,2"
    assert spec.ema == 0.9999
    rows = [event for event in Trainer(spec).events() if isinstance(event, Evaluated)]
    assert 0 < rows[-1].figures["test_loss"] < 10


@pytest.mark.parametrize("recipe", ["default", "cascade", "grid"])
def test_fields_of_other_resolutions_are_answered_on_their_own_points(recipe):
    data = fields(9, 9)
    model = built(data, recipe)
    model.adapt(inputs(data), inputs(data))
    for points in ((5, 5), (17, 12)):
        assert model(torch.randn(2, 1, *points)).shape == (2, 1, *points)
    with pytest.raises(StudioError, match="channel"):
        model(torch.randn(2, 2, 9, 9))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (VECTORS, "learns classes of images, and 'Vectors' has none"),
        (fields(5, 5, 5), "learns fields of 1 or 2 axes, and those of 'Fields' have 3"),
        (fields(2, 9), "needs 3 points along every axis, and 'Fields' has 2 x 9"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(data, words):
    assert words in KINN.unfit(data)
    assert "kinn" not in models_for(data.task, data)
    with pytest.raises(StudioError, match=words.split(",")[0]):
        KINN.build(data, check_params(KINN.params, {}), 0)


def test_cells_that_do_not_fit_are_refused_in_words():
    with pytest.raises(StudioError, match="grounded at its border, and this grid is periodic"):
        built(fields(16, periodic=True), cell="grid")
    with pytest.raises(StudioError, match="the cell 'ring' is for fields"):
        built(pictures(8), cell="ring")
    for stages in ("", "2,", "0", "a,b", "1,1,1,1,1,1,1", "2.5"):
        with pytest.raises(StudioError, match="expected up to six numbers of blocks"):
            built(pictures(8), stages=stages)


def test_the_inside_of_a_ring_is_its_lanes():
    data = fields(24, periodic=True)
    model = built(data, channels=6, lanes=5, blocks=3)
    x = inputs(data)[0]
    view = model.view(x, 250_000)
    assert view.kind == "fields"
    assert np.array_equal(view.arrays["input"], x.numpy())
    assert np.allclose(view.arrays["prediction"], model(x[None])[0].detach().numpy())
    assert view.arrays["sigma"].shape == view.arrays["beta"].shape == (3, 5, 1)
    # A pulse of area 1 keeps it: the gain of a value at wavenumber 0 is 1, that of a slope 0.
    kernels = view.arrays["kernels"]
    assert kernels.shape == (3, 2, 5, 24)
    assert np.allclose(kernels.mean(-1), np.array([1.0, 0.0])[:, None], atol=1e-5)
    assert model.view(x, 3 * 5 * 24).arrays["kernels"].shape[0] == 1


def test_the_view_has_pictures_of_every_channel():
    for data, points in ((fields(6, 7, channels=2), (6, 7)), (fields(9), (1, 9))):
        x = inputs(data)[0]
        view = built(data, lanes=4, blocks=1).view(x, 1000)
        pictures, count = view.arrays["values"], len(x)
        assert pictures.shape == (2 * count, *points)
        assert np.array_equal(pictures[:count], x.numpy().reshape(count, *points))
        found = view.arrays["prediction"].reshape(count, *points)
        assert np.array_equal(pictures[count:], found)
        numbers = ["Input 1", "Input 2", "Prediction 1", "Prediction 2"]
        assert view.header["titles"] == (numbers if count == 2 else ["Input", "Prediction"])


def test_the_inside_of_a_cascade_has_time_constants():
    for data in (fields(24, periodic=True), fields(9), fields(6, 7)):
        arrays = built(data, "cascade", lanes=4).view(inputs(data)[0], 1000).arrays
        assert arrays["tau"].shape == (4, 4)
        assert (arrays["tau"] > 0).all()


def test_pixels_are_scaled_by_the_training_set():
    data = pictures(8, 3)
    model = built(data)
    x = inputs(data, 50) * torch.tensor([1.0, 5.0, 0.0]).repeat_interleave(64) + 2
    model.adapt(x, torch.zeros(50))
    colours = x.reshape(50, 3, 64).transpose(0, 1).flatten(1)
    assert torch.allclose(model.mean, colours.mean(1))
    assert torch.allclose(model.deviation[:2], colours[:2].std(1))
    assert float(model.deviation[2]) == 1.0  # one grey everywhere tells nothing
    assert bool(model(x).isfinite().all())


@pytest.mark.parametrize("data", [fields(9, 8), pictures(8)], ids=sizes)
def test_trained_weights_leave_and_come_back(data, tmp_path):
    options = check_params(KINN.params, {"channels": 6, "lanes": 4, "blocks": 1})
    model = KINN.build(data, options, 3)
    x = inputs(data)
    model.adapt(x, x)
    path = tmp_path / "kinn.safetensors"
    path.write_bytes(weights(TrainedModel(model, "kinn", options, data), "safetensors"))
    loaded = load_model(path)
    assert torch.equal(loaded(x), model.eval()(x))


def test_meshes_keep_a_conductivity_a_conductivity():
    """Of the cell ``grid`` a field has one scale for all points."""
    data = fields(9, 9)
    assert built(data, "grid").inputs.mean.numel() == 1
    assert built(data).inputs.mean.numel() == 81


def test_classes_count():
    data = replace(pictures(8), outputs=Shape((3,)), names=("a", "b", "c"))
    assert built(data)(inputs(data)).shape == (3, 3)
