"""``.pt`` and ``.pth`` files: archives that ``torch.save`` wrote, checked before they are read."""

import re
import struct
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import InputError
from ...reading import open_file
from .pickled import Machine, PickleError

MAX_BYTES = 2**30
MAX_PICKLE = 8 * 2**20
"""Names, shapes and plain values; the arrays lie beside them."""

MAX_MEMBERS = 50_000
MAX_DIRECTORY = 100 * MAX_MEMBERS
ENDS = ((rb"PK\x05\x06", 12, "<I", 2**32 - 1), (rb"PK\x06\x06", 40, "<Q", -1))
"""Where an archive states the size of its directory: pattern, place, form, no answer."""

DAMAGED = "it is damaged, or no file that torch.save wrote"


class NotPytorchError(InputError):
    """A file that ``torch.save`` did not write, or not in full."""


def read_pt(path: str | Path) -> Any:
    """What ``torch.save`` wrote: containers, plain values and arrays; nothing in it can run.

    Raises:
        InputError: the file cannot be read.
        NotPytorchError: it is damaged, compressed, or of another kind.
    """
    with open_file(path, MAX_BYTES) as file:
        try:
            _check_directory(file)
            with zipfile.ZipFile(file) as archive:
                return _value(archive)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
            raise NotPytorchError(DAMAGED) from None
        except (PickleError, struct.error, ValueError, LookupError):
            raise NotPytorchError(DAMAGED) from None


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive of so many members that listing them alone would fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 2**17))
    tail = file.read()
    for pattern, place, form, silent in ENDS:
        for match in re.finditer(pattern, tail):
            field = tail[match.start() + place :][: struct.calcsize(form)]
            said = struct.unpack(form, field)[0] if len(field) == struct.calcsize(form) else 0
            if said not in (silent,) and MAX_DIRECTORY < said <= size:
                raise NotPytorchError("the archive has too many members to be a network")


def _value(archive: zipfile.ZipFile) -> Any:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise NotPytorchError("the archive has too many members to be a network")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise NotPytorchError("the archive is compressed, which torch.save never does; unpack it")
    roots = [m.filename[: -len("data.pkl")] for m in members if m.filename.endswith("/data.pkl")]
    if len(roots) != 1:
        raise NotPytorchError(DAMAGED)
    root = roots[0]
    if archive.getinfo(f"{root}data.pkl").file_size > MAX_PICKLE:
        raise NotPytorchError("the file holds too much beside its arrays")
    names = {member.filename for member in members}
    if f"{root}byteorder" in names and archive.read(f"{root}byteorder") != b"little":
        raise NotPytorchError("the numbers are in big-endian order; save them on another machine")
    machine = Machine(lambda key: bytearray(archive.read(f"{root}data/{key}")))
    return machine.read(archive.read(f"{root}data.pkl"))
