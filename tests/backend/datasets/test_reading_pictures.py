"""Pictures as cameras, drawing programs and systems leave them."""

import io
import os

import numpy as np
import pytest
import torch
from PIL import Image

from backend.datasets import DATASETS
from backend.datasets.images.pictures import Form, Seen, header_size, read_picture
from backend.errors import StudioError

FOLDER = DATASETS["image_folder"]
GREY = Form((4, 6), colour=False)
COLOUR = Form((4, 6), colour=True)


def saved(picture: Image.Image, format: str, **options) -> io.BytesIO:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    buffer.seek(0)
    return buffer


def read(picture: Image.Image, format: str, form: Form = GREY, **options) -> np.ndarray:
    pixels = read_picture(saved(picture, format, **options), "picture", form)
    return pixels.reshape(-1, *form.shape)


@pytest.fixture
def ramp() -> np.ndarray:
    """A picture (4, 6) in which every pixel differs, from 0 to 253."""
    return (np.arange(24) * 11).reshape(4, 6).astype(np.uint8)


def folder(root, names=("a", "b"), count=3, ending=".png", size=(6, 4)):
    for place, name in enumerate(names):
        (root / name).mkdir(parents=True, exist_ok=True)
        for k in range(count):
            Image.new("L", size, 100 * place + k).save(root / name / f"{k}{ending}")
    return root


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(ramp, format):
    deep = Image.fromarray(ramp.astype(np.uint16) * 257)
    assert read(deep, format)[0].tolist() == ramp.tolist()
    assert read(deep, format, COLOUR).tolist() == [ramp.tolist()] * 3
    half = Image.fromarray(np.full((4, 6), 32768, np.uint16))
    assert set(read(half, format).ravel().tolist()) == {128}


def test_pictures_that_use_a_small_part_of_their_range_are_told(tmp_path):
    for white, told in ((4095, True), (65535, False)):
        for place, name in enumerate("ab"):
            (tmp_path / str(white) / name).mkdir(parents=True)
            for k in range(3):
                values = np.full((4, 6), white - 100 * place - k, np.uint16)
                Image.fromarray(values).save(tmp_path / str(white) / name / f"{k}.png")
        notes = " ".join(FOLDER(path=str(tmp_path / str(white)), rows=4, columns=6).preview().notes)
        assert ("reach 4,095 of 65,535 at most and so are dark" in notes) == told


def test_pixels_whose_white_nobody_knows_are_refused(ramp):
    for values in (ramp.astype(np.float32) / 255, ramp.astype(np.int32) * 1000):
        with pytest.raises(StudioError, match="whose white nobody knows; save it with 8 or 16"):
            read(Image.fromarray(values), "TIFF")


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("ground", [255, 0])
def test_transparent_pixels_lie_on_the_background(format, ground):
    """What stands under full transparency (red here) is never seen."""
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[:, :3] = (200, 0, 0, 0)
    pixels[:, 3:] = (10, 20, 30, 255)
    form = Form((4, 6), True, background=ground)
    options = {"lossless": True} if format == "WEBP" else {}
    seen = Seen()
    found = read_picture(saved(Image.fromarray(pixels), format, **options), "x", form, seen)
    found = found.reshape(3, 4, 6)
    assert (found[:, :, :3] == ground).all()
    assert found[:, 0, 4].tolist() == [10, 20, 30]
    assert seen.facts == {"transparent": "x"}


def test_half_transparency_and_palettes():
    half = Image.new("RGBA", (6, 4), (0, 0, 0, 128))
    assert set(read(half, "PNG").ravel().tolist()) == {127}
    palette = Image.new("P", (6, 4), 1)
    palette.putpalette([9, 9, 9, 50, 100, 150])
    for format in ("PNG", "GIF", "BMP"):
        assert read(palette, format, COLOUR)[:, 0, 0].tolist() == [50, 100, 150]
    for format in ("PNG", "GIF"):
        assert read(palette, format, COLOUR, transparency=1)[:, 0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_cameras_note_of_orientation_is_applied(number, format):
    """Of the eight orientations of the Exif standard, each turned back by its definition."""
    upright = np.zeros((16, 24), np.uint8)
    upright[:8, :12] = 240
    stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.T, 6: np.rot90(upright, 1), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1),
    }[number]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = number
    picture = Image.fromarray(np.ascontiguousarray(stored))
    found = read(picture, format, Form((4, 6), colour=False), exif=exif)[0]
    assert (found[:2, :3] > 200).all()
    assert found[2:].max() < 40
    assert found[:, 3:].max() < 40


@pytest.mark.parametrize("ending", [".png", ".jpg", ".bmp", ".webp", ".gif", ".tif", ".TIFF"])
def test_formats(tmp_path, ending):
    data = FOLDER(path=str(folder(tmp_path, ending=ending)), rows=4, columns=6)
    split = data.split()
    assert (len(split.train), len(split.test)) == (4, 2)
    for y, level in ((0, 1), (1, 101)):
        assert split.train.x[split.train.y == y].mean() * 255 == pytest.approx(level, abs=3)


def test_the_first_of_several_frames_is_read(tmp_path):
    root = folder(tmp_path)
    first, second = Image.new("L", (6, 4), 3), Image.new("L", (6, 4), 90)
    first.save(root / "a" / "9.gif", save_all=True, append_images=[second])
    data = FOLDER(path=str(root), rows=4, columns=6)
    x = torch.cat([data.split().train.x, data.split().test.x])
    assert sorted((x[:, 0] * 255).round().int().tolist()) == [0, 1, 2, 3, 100, 101, 102]
    assert "as in 9.gif, the first one is read" in " ".join(data.notes)


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Test"])
def test_the_second_part_has_many_names(tmp_path, name):
    folder(tmp_path / "train")
    folder(tmp_path / name, count=2)
    data = FOLDER(path=str(tmp_path))
    assert (len(data.split().train), len(data.split().test)) == (6, 4)
    assert data.classes == ("a", "b")
    assert data.notes[:1] == (f"The folder '{name}' is the test set.",)


def test_what_systems_leave_in_folders_is_no_picture(tmp_path):
    root = folder(tmp_path)
    for name in ("._0.png", ".DS_Store", "Thumbs.db"):
        (root / "a" / name).write_bytes(b"no picture")
    for name in ("__MACOSX", ".thumbnails"):
        (root / name).mkdir()
        (root / name / "._0.png").write_bytes(b"no picture")
        (root / name / "0.png").write_bytes(b"no picture")
    os.mkfifo(root / "a" / "pipe.png")
    data = FOLDER(path=str(root))
    assert data.classes == ("a", "b")
    assert len(data.split().train) + len(data.split().test) == 6


def test_what_is_left_out_is_said(tmp_path):
    root = folder(tmp_path)
    (root / "a" / "7.heic").write_bytes(b"")
    folder(root / "b", names=("inner",))
    notes = " ".join(FOLDER(path=str(root)).notes)
    assert "1 files are no pictures and left out, 1 of them '.heic'" in notes
    assert "Pictures in 'b/inner' are left out" in notes
    outer = tmp_path / "outer"
    outer.mkdir()
    folder(outer / "set")
    with pytest.raises(StudioError, match="the folder 'set' in it has some, so give its path"):
        FOLDER(path=str(outer))
    only = tmp_path / "only" / "a"
    only.mkdir(parents=True)
    (only / "1.heic").write_bytes(b"")
    with pytest.raises(StudioError, match=r"but 1 files '\.heic'; save them in one of these"):
        FOLDER(path=str(tmp_path / "only"))


def test_other_shapes_are_stretched_padded_or_cropped_and_said(tmp_path):
    root = folder(tmp_path, names=("tall", "wide"))
    for k in range(3):
        Image.new("L", (8, 32), 0).save(root / "tall" / f"{k}.png")
        Image.new("L", (32, 8), 0).save(root / "wide" / f"{k}.png")
    stretched = FOLDER(path=str(root), rows=8, columns=8)
    assert not stretched.split().train.x.any()
    assert "fit=pad or fit=crop keeps their shape" in " ".join(stretched.notes)
    padded = FOLDER(path=str(root), rows=8, columns=8, fit="pad").split().train
    tall = padded.x[padded.y == 0][0].reshape(8, 8)
    assert tall[:, 3:5].max() == 0
    assert tall[:, :3].min() == 1
    black = FOLDER(path=str(root), rows=8, columns=8, fit="pad", background="black").split().train
    assert not black.x.any()


def test_colours_that_are_lost_are_said(tmp_path):
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 250))):
        (tmp_path / name).mkdir()
        for k in range(3):
            Image.new("RGB", (6, 4), colour).save(tmp_path / name / f"{k}.png")
    grey = FOLDER(path=str(tmp_path))
    assert "colour=true keeps them" in " ".join(grey.preview().notes)
    assert FOLDER(path=str(tmp_path), rows=4, columns=6, colour=True).preview().notes == ()


def huge(format: str) -> io.BytesIO:
    """A few kilobytes that say they are 81 million pixels."""
    options = {"PNG": {}, "TIFF": {"compression": "tiff_deflate"}, "GIF": {}}[format]
    return saved(Image.new("L", (9000, 9000)), format, **options)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "GIF"])
def test_too_many_pixels_are_refused_by_the_header(tmp_path, format):
    data = huge(format)
    with pytest.raises(StudioError, match="81 million pixels are too many; at most 50 million"):
        read_picture(data, "big", GREY)
    path = tmp_path / "big.png"
    path.write_bytes(data.getvalue())
    with pytest.raises(StudioError, match="are too many"):
        header_size(path)


def test_a_webp_canvas_is_judged_before_it_is_allocated():
    canvas = (16382).to_bytes(3, "little") * 2
    start = b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8X" + (10).to_bytes(4, "little")
    with pytest.raises(StudioError, match="268 million pixels are too many"):
        read_picture(io.BytesIO(start + b"\x12\0\0\0" + canvas), "big", GREY)


def test_memory_and_work_are_estimated_before_the_start(tmp_path, monkeypatch):
    root = folder(tmp_path)
    monkeypatch.setattr("backend.datasets.images.image_folder.MEMORY_LIMIT", 6 * 784 * 5 - 1)
    with pytest.raises(StudioError, match="6 pictures of 784 values take 0 GB, more than"):
        FOLDER(path=str(root))
    monkeypatch.undo()
    monkeypatch.setattr("backend.datasets.images.image_folder.WORK_LIMIT", 6 * 24 - 1)
    for look in (FOLDER(path=str(root)).preview, FOLDER(path=str(root)).split):
        with pytest.raises(StudioError, match="take very long to read; make them smaller"):
            look()


def test_a_damaged_file_is_named_whatever_its_format(tmp_path, ramp):
    root = folder(tmp_path)
    for format in ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF"):
        whole = saved(Image.fromarray(np.tile(ramp, (20, 20))), format).getvalue()
        path = root / "a" / "damaged.png"
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(StudioError, match=r"damaged\.png: cannot be read as a PNG, JPEG"):
            FOLDER(path=str(root)).split()
