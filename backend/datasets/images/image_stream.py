"""Pictures in class folders that do not fit into memory, such as ImageNet: read while training."""

import os
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from ...params import Param
from ..base import DATASETS, Examples, Split
from ..streamed import Shelf, Streamed
from .image_folder import ImageFolder
from .picture_options import Side, options_of
from .pictures import read_picture

MEGABYTE = 2**20


@DATASETS.register("image_stream")
class ImageStream(ImageFolder):
    """Your own pictures in folders of classes, read and resized while training, batch by batch.

    As ``image_folder``, with the same pictures in the same order, for sets that do not fit into
    memory: ``train`` and ``val`` with one folder a class, as ImageNet has them. As many resized
    pictures are kept as ``cache`` has room for; several threads read the others ahead of the steps.
    """

    title: ClassVar[str] = "Large folder of pictures, streamed"
    uploads: ClassVar[tuple[str, ...]] = ()
    params: ClassVar[tuple[Param, ...]] = (
        *options_of(
            "Folder with train and val, each with one folder for each class.",
            Side(224, high=512, slider=(32, 256)), colour=True, fit="crop",
        ),
        Param("cache", 1024, "MB", low=0, high=1_000_000, doc="Memory for resized pictures."),
        Param("threads", 0, low=0, high=256, doc="Threads that read; 0 for one on every core."),
    )  # fmt: skip

    def split(self) -> Split:
        """Both parts, of which pictures are read when they are asked for.

        Raises:
            StudioError: no folder was chosen.
        """
        files = [self._files(part) for part in ("train", "test")]
        room = int(self.options["cache"]) * MEGABYTE // self.input_count
        total = max(1, sum(map(len, files)))
        self.notes = (*self._said, f"Pictures are read while training; {min(room, total):,} of "
                      f"{total:,} are kept.")  # fmt: skip
        train, test = (self._streamed(part, room * len(part) // total) for part in files)
        return Split(train, test)

    def _streamed(self, files: list[tuple[Path, int]], room: int) -> Examples:
        import torch

        form, threads = self._form, int(self.options["threads"]) or (os.cpu_count() or 1)

        def read(place: int) -> np.ndarray:
            path = files[place][0]
            return read_picture(path, str(path), form)

        x = Streamed(len(files), self.input_count, read, Shelf(room), threads)
        # It answers what trainings ask of the tensor in its place; see ``streamed``.
        return Examples(cast(Any, x), torch.tensor([y for _, y in files]))

    def _check_memory(self) -> None:
        """Any number of pictures fits."""

    def _check_work(self, files: list[tuple[Path, int]]) -> None:
        """Any number of pictures is read, each when its batch comes."""
