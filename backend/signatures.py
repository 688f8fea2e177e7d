"""What a file is, told from how it begins: the kept table of forms that circuits are mistaken for.

Names of files say what somebody hoped for; the content decides. A form that ``kirchhoff import``
reads has a ``reader``; every other one is refused with what it is and what to do instead.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

LOOKED_AT = 4096
"""Bytes of the beginning that decide."""

MEMBERS = 200
"""Members of an archive that are looked at."""

IMPORT = "read it with 'kirchhoff import FILE -o circuit.json'"


@dataclass(frozen=True)
class Form:
    """A form of files.

    Args:
        what: with its article, as messages call it.
        remedy: what to do instead.
        heads: how its bytes begin, if they do.
        text: what its text begins with, if it is text.
        reader: by which name an importer knows it; empty for what is not read at all.
    """

    what: str
    remedy: str
    heads: tuple[bytes, ...] = ()
    text: str = ""
    reader: str = ""

    @property
    def sentence(self) -> str:
        """What it is and what to do."""
        return f"this is {self.what}; {self.remedy}"


NETLIST = "export its SPICE netlist there and open that"
PICTURE = "pictures are data of a training (image_folder); a circuit is JSON, SPICE or a network"
UNPACK = "unpack it and open the circuit in it"
TABLE = "tables are data of a training (csv); a circuit is JSON, SPICE or a network"
TO_GRAPHML = "save it as GraphML and open that"
ANOTHER = "open the circuit itself, as JSON, SPICE netlist or network file"

CIRCUITJS = Form(
    "a circuit of the Falstad simulator", IMPORT,
    text=r"\$ +\d+ +[0-9.eE+-]+ +[0-9.eE+-]+ +\d+", reader="circuitjs",
)  # fmt: skip
GRAPHML = Form("a graph in GraphML", IMPORT, reader="graphml")
GEXF = Form("a graph in GEXF", IMPORT, reader="gexf")

BINARY = (
    Form("a PNG picture", PICTURE, (b"\x89PNG\r\n",)),
    Form("a JPEG picture", PICTURE, (b"\xff\xd8\xff",)),
    Form("a GIF picture", PICTURE, (b"GIF87a", b"GIF89a")),
    Form("a TIFF picture", PICTURE, (b"II*\x00", b"MM\x00*")),
    Form("a BMP picture", PICTURE, (b"BM",)),
    Form("a gzip archive", UNPACK, (b"\x1f\x8b",)),
    Form("an xz archive", UNPACK, (b"\xfd7zXZ\x00",)),
    Form("a bzip2 archive", UNPACK, (b"BZh",)),
    Form("a Zstandard archive", UNPACK, (b"\x28\xb5\x2f\xfd",)),
    Form("a 7z archive", UNPACK, (b"7z\xbc\xaf\x27\x1c",)),
    Form("a RAR archive", UNPACK, (b"Rar!\x1a\x07",)),
    Form("a program for Linux", ANOTHER, (b"\x7fELF",)),
    Form("a program for Windows", ANOTHER, (b"MZ",)),
    Form("a program for macOS", ANOTHER, (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")),
    Form("a file of arrays in HDF5", ANOTHER, (b"\x89HDF\r\n",)),
    Form("a NumPy array", ANOTHER, (b"\x93NUMPY",)),
    Form("a MATLAB file", ANOTHER, (b"MATLAB 5.0 MAT-file",)),
    Form("a Parquet table", "save it as CSV; " + TABLE, (b"PAR1",)),
    Form("an SQLite database", ANOTHER, (b"SQLite format 3\x00",)),
    Form("a file of Microsoft Office, OrCAD or Altium", NETLIST, (b"\xd0\xcf\x11\xe0\xa1\xb1",)),
    Form(
        "a Python pickle", "pickles run code when they are opened, so none is read; save the "
        "weights as .safetensors, or with torch.save of version 1.6 or later",
        tuple(b"\x80" + bytes([version]) for version in (2, 3, 4, 5)),
    ),
)  # fmt: skip
"""Forms with NUL or other bytes that no text has."""

TEXTS = (
    CIRCUITJS,
    Form("a PDF document", ANOTHER, text=r"%PDF-"),
    Form("a PostScript document", ANOTHER, text=r"%!PS"),
    Form("a document in RTF", ANOTHER, text=r"\{\\rtf"),
    Form(
        "an LTspice schematic", "export its netlist there (View > SPICE Netlist) and open that",
        text=r"Version +4(\.\d+)?\s+SHEET",
    ),
    Form("an LTspice symbol", "open a circuit that uses it", text=r"Version +4(\.\d+)?\s+Symbol"),
    Form(
        "a KiCad schematic",
        "export its netlist there (File > Export > Netlist > Spice) and open that",
        text=r"\(kicad_sch|EESchema Schematic",
    ),
    Form("a KiCad board", NETLIST, text=r"\(kicad_pcb|PCBNEW-BOARD"),
    Form("a library of KiCad", "open a circuit that uses it", text=r"\(kicad_symbol|EESchema-LIB"),
    Form("a netlist in KiCad's own form", NETLIST, text=r"\(export\s+\(version"),
    Form("a PSpice schematic", NETLIST, text=r"\*version \d"),
    Form("a gEDA schematic", NETLIST, text=r"v 20\d{6} \d"),
    Form(
        "a result of a SPICE simulation", "open the netlist it was made from",
        text=r"Title: .*\s+Date: ",
    ),
    Form("a graph in DOT", TO_GRAPHML, text=r"(strict +)?(di)?graph\b[^\[{\n]*\{"),
    Form("a graph in GML", TO_GRAPHML, text=r"(Creator .*\s+)?graph\s*\["),
    Form("a graph of Pajek", TO_GRAPHML, text=r"\*(vertices|network)\b"),
    Form("a shell script", ANOTHER, text=r"#!\s*/"),
)  # fmt: skip

ROOTS = {
    "graphml": GRAPHML,
    "gexf": GEXF,
    "cir": Form(
        "a circuit of the Falstad simulator in XML",
        "save it there in the text form, which begins with '$', and open that",
    ),
    "eagle": Form("an Eagle drawing", NETLIST),
    "qucs": Form("a Qucs schematic", NETLIST),
    "svg": Form("an SVG picture", PICTURE),
    "html": Form("a page of HTML", "open the circuit file itself; a kept page is none"),
    "export": Form("a netlist in KiCad's own form", NETLIST),
}  # fmt: skip
"""Forms of XML by their outermost element."""

MEMBER_NAMES = (
    ("word/", Form("a Word document", ANOTHER)),
    ("xl/", Form("an Excel workbook", "save the sheet as CSV; " + TABLE)),
    ("ppt/", Form("a PowerPoint presentation", ANOTHER)),
    ("mimetype", Form("a document of LibreOffice or an e-book", ANOTHER)),
)
ZIP = b"PK\x03\x04"
_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(\[.*?\])?\s*>", re.DOTALL)
_TEXTS = tuple((re.compile(form.text, re.IGNORECASE), form) for form in TEXTS)


def form_of(data: bytes) -> Form | None:
    """The form of a file, ``None`` where it may be a circuit of ours or is nothing known.

    Args:
        data: the whole file.
    """
    return form_in(io.BytesIO(data))


def form_in(file: BinaryIO) -> Form | None:
    """The same of an open file, of which no more is read than is needed."""
    head = file.read(LOOKED_AT)
    if head[8:10] in (b'{"', b"{}"):  # a safetensors file begins with a length
        return None
    if head.startswith(ZIP):
        return _archive(file)
    if _strange(head) and (found := _binary(head)):
        return found
    text = _text(head)
    for pattern, form in _TEXTS:
        if pattern.match(text):
            return form
    return _of_root(text) if text.startswith("<") else None


def _strange(head: bytes) -> bool:
    """Whether no text begins so: NUL without a byte-order mark, or control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    return any(byte < 9 or 13 < byte < 27 for byte in head) or not _utf8(head[:4])


def _utf8(head: bytes) -> bool:
    """Whether the first character is one of UTF-8."""
    return not head or not head.decode("utf-8", "replace").startswith("\ufffd")


def _binary(head: bytes) -> Form | None:
    for form in BINARY:
        if head.startswith(form.heads):
            return form
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Form("a WebP picture", PICTURE)
    if head[257:262] == b"ustar":
        return Form("a tar archive", UNPACK)
    return None


def _text(head: bytes) -> str:
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2], "utf-8")
    return head.decode(wide, "replace").lstrip("\ufeff \t\r\n")


def _of_root(text: str) -> Form | None:
    place, html = 0, text[:14].lower() == "<!doctype html"
    while found := _BEFORE_ROOT.match(text, place):
        place = found.end()
    root = re.match(r"<(?:[\w.-]+:)?([\w.-]+)", text[place : place + 100])
    return ROOTS.get("html" if html else root[1].lower() if root else "")


def _archive(file: BinaryIO) -> Form | None:
    """Of a zip archive; those that torch.save writes are read elsewhere."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()[:MEMBERS]
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    if any(name.endswith("data.pkl") for name in names):
        return None
    for begin, form in MEMBER_NAMES:
        if any(name.startswith(begin) for name in names):
            return form
    if _all_end(names, ".npy"):
        return Form("a file of NumPy arrays", ANOTHER)
    return Form("a zip archive", UNPACK)


def _all_end(names: Iterable[str], suffix: str) -> bool:
    found = list(names)
    return bool(found) and all(name.endswith(suffix) for name in found)
