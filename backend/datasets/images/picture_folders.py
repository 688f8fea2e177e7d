"""Folders of pictures: one folder a class, in one or in two parts."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import StudioError
from ..tables.table_file import shown
from .pictures import FORMAT_NAMES, SUFFIXES

TRAIN_NAMES = ("train", "training")
# The first of them that is there is the test set.
TEST_NAMES = ("test", "testing", "val", "valid", "validation", "eval", "holdout")
# What systems leave in folders.
LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass
class Listing:
    """Classes of a folder.

    Args:
        classes: pictures by class, both in alphabetical order.
        others: how many other files there are, by their ending.
        deeper: a folder inside of a class that holds pictures, which are not read.
    """

    classes: dict[str, list[Path]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    deeper: str = ""


def listing(folder: Path) -> Listing:
    """What a folder holds: a class is a folder that holds pictures.

    Raises:
        StudioError: there is no such folder, or it cannot be read.
    """
    found = Listing()
    try:
        if folder.is_file():
            raise StudioError(
                f"{folder}: this is a file; unpack an archive and give the path of its folder"
            )
        for child in sorted(folder.iterdir()):
            if child.is_dir() and not hidden(child.name):
                _list_class(child, found)
    except OSError as error:
        raise StudioError(
            f"{folder}: cannot be read as a folder ({error.strerror}); correct the path"
        ) from None
    return found


def class_folders(folder: Path) -> dict[str, list[Path]]:
    """Pictures by class, both in alphabetical order.

    Raises:
        StudioError: there is no such folder, or it cannot be read.
    """
    return listing(folder).classes


def hidden(name: str) -> bool:
    """Whether a file or folder is none of the user's own, such as ``._cat.png`` of macOS."""
    return name.startswith(".") or name.lower() in LITTER


def parts_of(folder: Path) -> tuple[Path, Path] | None:
    """The folders of training and test pictures, if there are such."""
    try:
        names = {child.name.lower(): child for child in sorted(folder.iterdir()) if child.is_dir()}
    except OSError:
        return None
    train = next((names[name] for name in TRAIN_NAMES if name in names), None)
    test = next((names[name] for name in TEST_NAMES if name in names), None)
    return (train, test) if train and test else None


def too_few(folder: Path, found: Listing) -> str:
    """Why a folder has less than two classes, in words."""
    count = "one folder" if found.classes else "no folder"
    words = f"{folder}: found {count} with {FORMAT_NAMES} pictures"
    if found.others:
        ending, number = found.others.most_common(1)[0]
        return f"{words}, but {number} files {shown(ending)}; save them in one of these formats"
    inner = _inner(folder)
    if inner:
        return f"{words}; the folder {shown(inner)} in it has some, so give its path"
    return f"{words}; make one folder for each of at least two classes"


def _list_class(child: Path, found: Listing) -> None:
    pictures = []
    for path in sorted(child.iterdir()):
        if hidden(path.name):
            continue
        if path.is_dir():
            if not found.deeper and any(p.suffix.lower() in SUFFIXES for p in path.iterdir()):
                found.deeper = f"{child.name}/{path.name}"
        elif path.suffix.lower() in SUFFIXES and path.is_file():
            pictures.append(path)
        else:
            found.others[path.suffix.lower() or path.name] += 1
    if pictures:
        found.classes[child.name] = pictures


def _inner(folder: Path) -> str:
    """The only folder of a folder that is a set of classes by itself."""
    try:
        children = [c for c in sorted(folder.iterdir()) if c.is_dir() and not hidden(c.name)]
        fitting = [c.name for c in children[:20] if listing(c).classes]
    except (OSError, StudioError):
        return ""
    return fitting[0] if fitting else ""
