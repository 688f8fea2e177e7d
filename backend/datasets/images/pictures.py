"""Picture files as arrays of bytes."""

import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ...errors import StudioError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff"})
FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF")
FORMAT_NAMES = "PNG, JPEG, BMP, WebP, GIF or TIFF"
FITS = ("stretch", "pad", "crop")
BACKGROUNDS = {"white": 255, "black": 0}

PIXEL_LIMIT = 50_000_000
"""Most pixels of a plain picture; a telephone's best camera makes that many."""

DEEP_LIMIT = 25_000_000
"""Most pixels with transparency or 16 bits, which take twice the memory."""

FILE_LIMIT = 256 * 2**20
WORK_LIMIT = 50_000_000_000
"""Most pixels of all pictures of a set together; about ten minutes to decode."""

_DEEP = ("I;16", "I;16L", "I;16B", "I;16N")
# Differences of red, green and blue from which on a picture has colours.
_COLOURED = 12


@dataclass(frozen=True)
class Form:
    """What pictures are made of.

    Args:
        shape: rows and columns.
        colour: red, green and blue, or grey.
        fit: ``stretch`` to the shape, ``pad`` with background, or ``crop`` what is too much.
        background: grey from 0 (black) to 255 behind transparent pixels.
    """

    shape: tuple[int, int]
    colour: bool
    fit: str = "stretch"
    background: int = 255


@dataclass
class Seen:
    """What was found in pictures, to be said.

    Args:
        pixels: decoded so far.
        facts: words for what was met, with the name of the first file.
        sides: widths and heights before resizing.
        deep: the first picture of more than 8 bits.
        brightest: the largest value in pictures of more than 8 bits, and their white.
    """

    pixels: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    sides: set[tuple[int, int]] = field(default_factory=set)
    deep: str = ""
    brightest: tuple[int, int] = (0, 0)


def read_picture(
    source: Path | BinaryIO, name: str, form: Form, seen: Seen | None = None
) -> np.ndarray:
    """The pixels of a picture file: upright, on a plain background, in 8 bits, resized.

    Args:
        source: the file.
        name: what it is called in messages.
        form: what is wanted.
        seen: told what was found.

    Returns:
        Bytes (channels * rows * columns,), ordered channel, row, column.

    Raises:
        StudioError: this is no picture or too large a one, or Pillow is not installed.
    """
    try:
        from PIL import Image  # only pictures need it
    except ImportError:
        raise StudioError("pictures need Pillow: pip install pillow") from None
    seen = seen or Seen()
    _check_file(source, name)
    try:
        with warnings.catch_warnings():
            # Pillow warns of damaged tags and of large pictures, which are judged here.
            warnings.simplefilter("ignore")
            with Image.open(source, formats=FORMATS) as picture:
                _check_size(picture.size, picture.mode in _DEEP or _has_alpha(picture), name)
                pixels = _drawn(picture, form, seen, name)
                array = np.asarray(_fitted(pixels, form), dtype=np.uint8)
    except StudioError:
        raise
    except Image.DecompressionBombError:
        raise StudioError(_too_large(name, "more than 178", PIXEL_LIMIT)) from None
    except Exception as error:  # decoders raise whatever a damaged file makes them stumble over
        raise StudioError(
            f"{name}: cannot be read as a {FORMAT_NAMES} picture ({str(error)[:80]}); replace or "
            "remove it"
        ) from None
    return array.transpose(2, 0, 1).ravel() if form.colour else array.ravel()


def read_pictures(files: Sequence[Path], form: Form, seen: Seen | None = None) -> np.ndarray:
    """Many pictures (n, channels * rows * columns), bytes.

    Raises:
        StudioError: names the first file that is no picture, or they are too much work.
    """
    seen = seen or Seen()
    size = form.shape[0] * form.shape[1] * (3 if form.colour else 1)
    pixels = np.empty((len(files), size), np.uint8)
    for row, path in zip(pixels, files, strict=True):
        row[:] = read_picture(path, str(path), form, seen)
        if seen.pixels > WORK_LIMIT:
            raise StudioError(
                f"{path}: the pictures up to this one hold {seen.pixels / 1e6:,.0f} million "
                "pixels; make them smaller"
            )
    return pixels


def header_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture by its first bytes; nothing is decoded.

    Raises:
        StudioError: this is no picture, or too large a one.
    """
    from PIL import Image  # only pictures need it

    _check_file(path, str(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as picture:
                _check_size(picture.size, False, str(path))
                return picture.size
    except StudioError:
        raise
    except Image.DecompressionBombError:
        raise StudioError(_too_large(str(path), "more than 178", PIXEL_LIMIT)) from None
    except Exception as error:  # as above
        raise StudioError(
            f"{path}: cannot be read as a {FORMAT_NAMES} picture ({str(error)[:80]}); replace or "
            "remove it"
        ) from None


def _check_file(source: Path | BinaryIO, name: str) -> None:
    """Refuse what is no plain file, and a WebP picture that is allocated before it can be asked."""
    if isinstance(source, Path):
        try:
            if not source.is_file() or source.stat().st_size > FILE_LIMIT:
                raise StudioError(
                    f"{name}: this is no plain file of at most {FILE_LIMIT // 2**20} MB; remove it"
                )
            with source.open("rb") as file:
                start = file.read(30)
        except OSError as error:
            raise StudioError(f"{name}: cannot be read ({error.strerror}); remove it") from None
    else:
        start = source.read(30)
        source.seek(0)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP" and len(start) == 30:
        _check_size(_webp_size(start), True, name)


def _webp_size(start: bytes) -> tuple[int, int]:
    """Width and height in the first 30 bytes of a WebP file, as its specification places them."""
    kind = start[12:16]
    if kind == b"VP8X":
        return (1 + int.from_bytes(start[24:27], "little"),
                1 + int.from_bytes(start[27:30], "little"))  # fmt: skip
    if kind == b"VP8L":
        bits = int.from_bytes(start[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", start[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _check_size(size: tuple[int, int], deep: bool, name: str) -> None:
    limit = DEEP_LIMIT if deep else PIXEL_LIMIT
    if size[0] * size[1] > limit:
        raise StudioError(_too_large(name, f"{size[0] * size[1] / 1e6:.0f}", limit))


def _too_large(name: str, found: str, limit: int) -> str:
    return (
        f"{name}: {found} million pixels are too many; at most {limit // 1_000_000} million are "
        "read, so make the picture smaller"
    )


def _has_alpha(picture: "Picture") -> bool:
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def _drawn(picture: "Picture", form: Form, seen: Seen, name: str) -> "Picture":
    """A decoded picture in grey or colour of 8 bits, upright, on its background."""
    seen.sides.add(picture.size)
    rows, columns = form.shape
    if picture.format == "JPEG":
        # JPEG decodes to a half, a quarter or an eighth much faster: means of areas, too.
        side = 4 * max(rows, columns)
        picture.draft("RGB", (side, side))
    picture.load()
    seen.pixels += picture.size[0] * picture.size[1]
    if getattr(picture, "n_frames", 1) > 1:
        seen.facts.setdefault("frames", name)
    turned = _orientation(picture)
    if picture.mode in _DEEP or picture.mode in ("I", "F"):
        plain = _shallow(picture, form, seen, name).convert("RGB" if form.colour else "L")
    elif _has_alpha(picture):
        plain = _turned_grey(_composite(picture, form, seen, name), form, seen, name)
    else:
        plain = _turned_grey(picture, form, seen, name)
    return plain if turned is None else plain.transpose(turned)


def _turned_grey(picture: "Picture", form: Form, seen: Seen, name: str) -> "Picture":
    """A picture in the wanted mode; colours that are lost are told."""
    if form.colour:
        return picture.convert("RGB")
    if "coloured" not in seen.facts and picture.mode not in ("L", "1"):
        few = picture.convert("RGB").resize((16, 16))
        if int(np.ptp(np.asarray(few, dtype=int), axis=2).max()) > _COLOURED:
            seen.facts["coloured"] = name
    return picture.convert("L")


def _orientation(picture: "Picture") -> Any:
    """How a camera's note of its position turns the picture, or nothing."""
    from PIL import Image

    turns = Image.Transpose
    by_number = {2: turns.FLIP_LEFT_RIGHT, 3: turns.ROTATE_180, 4: turns.FLIP_TOP_BOTTOM,
                 5: turns.TRANSPOSE, 6: turns.ROTATE_270, 7: turns.TRANSVERSE,
                 8: turns.ROTATE_90}  # fmt: skip
    try:
        return by_number.get(int(picture.getexif().get(0x0112, 1)))
    except Exception:  # a damaged note says nothing, and viewers show such a picture as it is
        return None


def _shallow(picture: "Picture", form: Form, seen: Seen, name: str) -> "Picture":
    """A grey picture of more than 8 bits, scaled so that its own white becomes 255."""
    from PIL import Image

    tags = getattr(picture, "tag_v2", {})
    values = np.asarray(picture)
    if picture.mode not in _DEEP and (picture.format != "PNG" or values.max(initial=0) > 65535):
        raise StudioError(
            f"{name}: its pixels have 32 bits or fractions, whose white nobody knows; save it with "
            "8 or 16 bits"
        )
    bits = tags.get(258, (16,))
    white = (1 << int(bits[0] if isinstance(bits, tuple) else bits)) - 1
    seen.deep = seen.deep or name
    seen.brightest = max(seen.brightest, (int(values.max(initial=0)), white))
    # Whole numbers: the nearest of 256 levels.
    levels = (values.astype(np.int64) * 510 + white) // (2 * white)
    if tags.get(262) == 0:
        levels = 255 - levels
    hidden = picture.info.get("transparency")
    if isinstance(hidden, int):
        levels = np.where(values == hidden, form.background, levels)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _composite(picture: "Picture", form: Form, seen: Seen, name: str) -> "Picture":
    """A picture with transparency on its background."""
    from PIL import Image

    if picture.mode == "La":
        picture = picture.convert("LA")
    above = picture.convert("RGBA")
    if above.getchannel("A").getextrema() != (255, 255):
        seen.facts.setdefault("transparent", name)
    behind = Image.new("RGBA", above.size, (form.background,) * 3 + (255,))
    behind.alpha_composite(above)
    return behind.convert("RGB")


def _fitted(picture: "Picture", form: Form) -> "Picture":
    """A picture of the wanted shape, by means of areas."""
    from PIL import Image, ImageOps

    rows, columns = form.shape
    if picture.size == (columns, rows):
        return picture
    box = Image.Resampling.BOX
    if form.fit == "pad":
        ground = (form.background,) * 3 if form.colour else form.background
        return ImageOps.pad(picture, (columns, rows), box, color=ground)
    if form.fit == "crop":
        return ImageOps.fit(picture, (columns, rows), box)
    return picture.resize((columns, rows), box)
