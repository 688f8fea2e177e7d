"""The user's own pictures: one folder a class."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS, Dataset, Examples, Split, examples
from ..folders import own_path
from ..preview import PICTURES, Preview, spread
from ..tables.table_file import shown
from .picture_folders import TEST_NAMES, Listing, listing, parts_of, too_few
from .picture_options import Side, options_of
from .pictures import BACKGROUNDS, WORK_LIMIT, Form, Seen, header_size, read_pictures

# So many pictures are looked at to find a damaged one before a training does, and so many pixels
# of them are decoded.
CHECKED = 200
CHECKED_PIXELS = 100_000_000

# Pictures that use less than this share of their range are told to be dark.
DARK = 4

MEMORY_LIMIT = 4 * 2**30
"""Bytes that the pixels of all pictures may take, as bytes and as voltages."""
_BYTES = 5


@DATASETS.register("image_folder")
class ImageFolder(Dataset):
    """Your own pictures (PNG, JPEG, BMP, WebP, GIF, TIFF) in a folder with one folder a class.

    When the folder holds ``train`` and ``test`` (or ``val``), these are the two parts; otherwise a
    share of every class is kept for testing. Pictures are turned upright, resized, and become
    voltages from 0 V (black) to 1 V.
    """

    title: ClassVar[str] = "Folder of pictures"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = (".zip",)
    params: ClassVar[tuple[Param, ...]] = options_of(
        "Folder that holds one folder of pictures for each class.",
        Side(28, high=256, slider=(8, 64)), colour=False, fit="stretch",
    )  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        rows, columns = int(self.options["rows"]), int(self.options["columns"])
        self.image_shape = (rows, columns)
        self.channels = 3 if self.options["colour"] else 1
        self.input_count = rows * columns * self.channels
        self._form = Form(
            (rows, columns),
            bool(self.options["colour"]),
            str(self.options["fit"]),
            BACKGROUNDS[str(self.options["background"])],
        )
        self._parts: dict[str, dict[str, list[Path]]] = {}
        self._said: list[str] = []
        if self.options["path"]:
            self._parts = self._listed(own_path(str(self.options["path"])))
            self.classes = tuple(self._parts["train"])
            self._check_memory()
            self.notes = tuple(self._said)

    def missing(self) -> str:
        """That no folder was chosen."""
        return "" if self._parts else "Folder of pictures: no folder was chosen; set its path"

    def split(self) -> Split:
        """The pictures, read and resized.

        Raises:
            StudioError: no folder was chosen, or a picture cannot be read.
        """
        seen = Seen()
        self._check_work(self._files("train"))
        parts = [self._examples(self._files(part), seen) for part in ("train", "test")]
        self.notes = (*self._said, *_said_of(seen, self._form))
        return Split(*parts)

    def preview(self) -> Preview:
        """Counts of all pictures, and some of them as they will be read.

        Raises:
            StudioError: no folder was chosen, or one of the first pictures cannot be read.
        """
        files = self._files("train")
        assert self.image_shape
        sizes = {part: [len(self._parts[part][name]) for name in self.classes]
                 for part in ("train", "test")}  # fmt: skip
        self._check_work(files)
        classes = [y for _, y in files]
        order = list(dict.fromkeys([*spread(classes, PICTURES), *spread(classes, CHECKED)]))
        seen, pixels = Seen(), []
        for place in order:
            if seen.pixels > CHECKED_PIXELS:
                break
            pixels.append(read_pictures([files[place][0]], self._form, seen)[0])
        shown_count = min(len(pixels), PICTURES)
        self.notes = (*self._said, *_said_of(seen, self._form))
        totals = map(sum, zip(*sizes.values(), strict=True))
        return Preview(
            train=sum(sizes["train"]),
            test=sum(sizes["test"]),
            counts=dict(zip(self.classes, totals, strict=True)),
            pictures=np.stack(pixels[:shown_count]).reshape(-1, self.channels, *self.image_shape),
            picture_classes=[classes[place] for place in order[:shown_count]],
            notes=self.notes,
        )

    def _files(self, part: str) -> list[tuple[Path, int]]:
        """Pictures of a part with their classes."""
        if not self._parts:
            raise StudioError(self.missing())
        return [(p, y) for y, name in enumerate(self.classes) for p in self._parts[part][name]]

    def _listed(self, path: Path) -> dict[str, dict[str, list[Path]]]:
        """Files by part and class."""
        both = parts_of(path)
        if both is None:
            found = listing(path)
            if len(found.classes) < 2:
                raise StudioError(too_few(path, found))
            self._say(found)
            return self._divided(found.classes)
        lists = [listing(folder) for folder in both]
        parts = {"train": lists[0].classes, "test": lists[1].classes}
        if not lists[0].classes:
            raise StudioError(too_few(both[0], lists[0]))
        differing = sorted(set(parts["train"]) ^ set(parts["test"]))
        if differing:
            raise StudioError(
                f"{path}: the class {shown(differing[0])} has pictures in only one of "
                f"{both[0].name} and {both[1].name}; add some to the other"
            )
        if len(parts["train"]) < 2:
            raise StudioError(too_few(both[0], lists[0]))
        if both[1].name != TEST_NAMES[0]:
            self._said.append(f"The folder {shown(both[1].name)} is the test set.")
        for each in lists:
            self._say(each)
        return parts

    def _say(self, found: Listing) -> None:
        """What lies in the folders and is not read."""
        if found.others:
            ending, number = found.others.most_common(1)[0]
            total = sum(found.others.values())
            self._said.append(
                f"{total} files are no pictures and left out, {number} of them {shown(ending)}."
            )
        if found.deeper:
            self._said.append(
                f"Pictures in {shown(found.deeper)} are left out; move them a folder up."
            )

    def _divided(self, found: dict[str, list[Path]]) -> dict[str, dict[str, list[Path]]]:
        parts: dict[str, dict[str, list[Path]]] = {"train": {}, "test": {}}
        rng = np.random.default_rng(int(self.options["seed"]))
        for name, files in found.items():
            if len(files) < 2:
                raise StudioError(f"{files[0].parent}: one picture is too few; add at least one")
            count = round(float(self.options["test"]) * len(files))
            count = min(max(1, count), len(files) - 1)
            chosen = set(rng.permutation(len(files))[:count].tolist())
            parts["test"][name] = [p for k, p in enumerate(files) if k in chosen]
            parts["train"][name] = [p for k, p in enumerate(files) if k not in chosen]
        return parts

    def _check_memory(self) -> None:
        """Refuse more pixels than the memory holds, before any is read."""
        count = sum(len(files) for part in self._parts.values() for files in part.values())
        needed = count * self.input_count * _BYTES
        if needed > MEMORY_LIMIT:
            raise StudioError(
                f"{self.options['path']}: {count:,} pictures of {self.input_count:,} values take "
                f"{needed / 2**30:.0f} GB, more than {MEMORY_LIMIT // 2**30} GB; choose fewer rows "
                "and columns"
            )

    def _check_work(self, files: list[tuple[Path, int]]) -> None:
        """Refuse pictures that would take hours to decode, by the sizes that some of them state."""
        some = spread([y for _, y in files], CHECKED)
        sizes = [header_size(files[k][0]) for k in some]
        pixels = sum(width * height for width, height in sizes) / len(sizes)
        count = sum(len(each) for part in self._parts.values() for each in part.values())
        if pixels * count > WORK_LIMIT:
            raise StudioError(
                f"{self.options['path']}: {count:,} pictures of {pixels / 1e6:.0f} million pixels "
                "take very long to read; make them smaller"
            )

    def _examples(self, files: list[tuple[Path, int]], seen: Seen) -> Examples:
        pixels = read_pictures([p for p, _ in files], self._form, seen)
        volts = np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
        return examples(volts, np.array([y for _, y in files]))


def _said_of(seen: Seen, form: Form) -> list[str]:
    """What was assumed of the pictures that were read."""
    ground = next(name for name, grey in BACKGROUNDS.items() if grey == form.background)
    other = next(name for name in BACKGROUNDS if name != ground)
    said = []
    if name := seen.facts.get("transparent"):
        said.append(
            f"Transparent pixels, as in {Path(name).name}, are {ground}; background={other} makes "
            f"them {other}."
        )
    if name := seen.facts.get("frames"):
        said.append(f"Of several frames, as in {Path(name).name}, the first one is read.")
    brightest, white = seen.brightest
    if seen.deep and brightest * DARK <= white:
        said.append(
            f"Pictures of more than 8 bits, such as {Path(seen.deep).name}, reach {brightest:,} of "
            f"{white:,} at most and so are dark; save them with {white:,} as white."
        )
    if name := seen.facts.get("coloured"):
        said.append(f"Colours, as in {Path(name).name}, become grey; colour=true keeps them.")
    rows, columns = form.shape
    odd = [side for side in seen.sides if abs(side[0] * rows - side[1] * columns) * 20
           > side[1] * columns]  # fmt: skip
    if odd and form.fit == "stretch":
        width, height = min(odd)
        said.append(
            f"Pictures of {width} x {height} pixels are stretched to {columns} x {rows}; fit=pad "
            "or fit=crop keeps their shape."
        )
    return said
