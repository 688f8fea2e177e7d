"""The counted data set, loaded as a user's file is: workers find it, too."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import plugins
from backend.datasets import DATASETS
from backend.models import MODELS

COUNTED = Path(__file__).with_name("counted.py")


@pytest.fixture(scope="module")
def reads(tmp_path_factory) -> Iterator[Path]:
    """The file with a line for each time the test set was read."""
    path = tmp_path_factory.mktemp("reads") / "reads"
    path.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(plugins.VARIABLE, str(COUNTED))
        patch.setenv("COUNTED_READS", os.fspath(path))
        plugins.load()
        yield path
    del DATASETS._entries["counted"]
    del MODELS._entries["counted_line"]
    del sys.modules[COUNTED.stem]
