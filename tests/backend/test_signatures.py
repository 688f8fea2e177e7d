"""Files as other programs make them are named as what they are; none of ours is mistaken."""

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backend.circuit import Circuit
from backend.export import EXPORTERS
from backend.signatures import BINARY, ROOTS, TEXTS, form_of
from tests.strategies import random_circuit

TEXT = b"title\nR1 a 0 1k\nC1 a 0 1\n.end\n"


def picture(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), 7).save(buffer, form)
    return buffer.getvalue()


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "content")
    return buffer.getvalue()


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


def saved(save, value) -> bytes:
    buffer = io.BytesIO()
    save(buffer, value)
    return buffer.getvalue()


def database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table a (b)")
    return connection.serialize()


KNOWN = {
    "a PNG picture": picture("PNG"),
    "a JPEG picture": picture("JPEG"),
    "a GIF picture": picture("GIF"),
    "a BMP picture": picture("BMP"),
    "a TIFF picture": picture("TIFF"),
    "a WebP picture": picture("WEBP"),
    "a gzip archive": gzip.compress(TEXT),
    "an xz archive": lzma.compress(TEXT),
    "a bzip2 archive": bz2.compress(TEXT),
    "a tar archive": tar(),
    "a zip archive": archive("a.cir", "b.txt"),
    "a Word document": archive("[Content_Types].xml", "word/document.xml"),
    "an Excel workbook": archive("[Content_Types].xml", "xl/workbook.xml"),
    "a file of NumPy arrays": saved(lambda file, v: np.savez(file, a=v), np.zeros(3)),
    "a NumPy array": saved(np.save, np.zeros(3)),
    "a Python pickle": pickle.dumps({"a": [1, 2]}),
    "an SQLite database": database(),
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a program for Linux": b"\x7fELF\x02\x01\x01" + bytes(60),
    "a program for Windows": b"MZ\x90\x00\x03" + bytes(60),
    "an LTspice schematic": b"Version 4\r\nSHEET 1 880 680\r\nWIRE 128 96 48 96\r\n",
    "a KiCad schematic": b'(kicad_sch (version 20230121) (generator eeschema)\n',
    "a KiCad board": b"(kicad_pcb (version 20221018)\n",
    "an Eagle drawing": b'<?xml version="1.0"?>\n<!DOCTYPE eagle SYSTEM "eagle.dtd">\n<eagle>',
    "a Qucs schematic": b"<Qucs Schematic 0.0.19>\n<Properties>\n",
    "a gEDA schematic": b"v 20130925 2\nC 40000 40000 0 0 0 title-B.sym\n",
    "a PSpice schematic": b"*version 9.1 3498\nu 100\n",
    "an SVG picture": b'<?xml version="1.0"?><!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a page of HTML": b"<!DOCTYPE html>\n<html><body>",
    "a graph in GraphML": b'<?xml version="1.0"?>\n<graphml xmlns="x"><graph/></graphml>',
    "a graph in GEXF": b"<gexf version='1.2'></gexf>",
    "a graph in GML": b"graph [\n  node [\n    id 0\n",
    "a graph in DOT": b"digraph a {\n b -> c;\n}",
    "a circuit of the Falstad simulator": b"$ 1 0.000005 10.2 50 5 43 5e-11\nr 0 0 9 9 0 1\n",
    "a circuit of the Falstad simulator in XML": b'<cir f="1" ts="5e-6"><r x="1"/></cir>',
    "a result of a SPICE simulation": b"Title: rc\nDate: Mon Jan  1\nPlotname: Transient\n",
    "a document in RTF": b"{\\rtf1\\ansi a}",
}  # fmt: skip


@pytest.mark.parametrize("what", KNOWN)
def test_it_is_named_as_what_it_is(what):
    form = form_of(KNOWN[what])
    assert form is not None
    assert form.what == what
    assert form.sentence.startswith(f"this is {what}; ")
    assert len(form.sentence) < 200
    assert "\n" not in form.sentence


@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig"])
def test_a_byte_order_mark_hides_nothing(mark):
    form = form_of("Version 4\nSHEET 1 880 680\n".encode(mark))
    assert form is not None
    assert form.what == "an LTspice schematic"


def test_the_program_that_runs_here_is_one():
    form = form_of(Path(sys.executable).resolve().read_bytes()[:10_000])
    assert form is not None
    assert form.what.startswith("a program for")


OURS = {
    "a netlist": TEXT,
    "a netlist in Latin-1": "µ title\nC1 a 0 1µ\n".encode("latin-1"),
    "a netlist in UTF-16": TEXT.decode().encode("utf-16"),
    "a title like a bitmap": b"BM test circuit\nR1 a 0 1\n",
    "a title like a program": b"MZ filter\nR1 a 0 1\n",
    "a title like a graph": b"Graph of the mean\nR1 a 0 1\n",
    "a torch file": saved(lambda file, v: torch.save(v, file), {"a": torch.zeros(2)}),
    "prose": b"Once upon a time\nthere was no circuit.\n",
    "noise": bytes(range(200, 240)),
    "nothing": b"",
}


@pytest.mark.parametrize("what", OURS)
def test_what_may_be_a_circuit_is_left_to_its_reader(what):
    assert form_of(OURS[what]) is None


@pytest.mark.parametrize("name", [name for name in EXPORTERS.names() if name != "circuitjs"])
def test_nothing_that_we_write_is_mistaken(name):
    circuit: Circuit = random_circuit(4)
    assert form_of(EXPORTERS[name]().content(circuit)) is None


def test_every_form_says_what_to_do():
    for form in (*BINARY, *TEXTS, *ROOTS.values()):
        assert form.what.split()[0] in ("a", "an")
        assert len(form.remedy) > 10


@given(st.binary(max_size=300), st.sampled_from(sorted(KNOWN)))
def test_any_bytes_have_a_form_or_none(more, what):
    for data in (more, KNOWN[what][: len(more)] + more):
        found = form_of(data)
        assert found is None or (found.what and found.remedy)
