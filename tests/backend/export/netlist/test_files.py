"""Files that a netlist names, and what is too large or deep to be read."""

import time
from pathlib import Path

import pytest

from backend.errors import CircuitError
from backend.export.netlist_import import parse_netlist, read_netlist

REST = "R1 a 0 {r}\nC1 a 0 1u ic=1\n.tran 1u 1m uic\n"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.cir").write_text(text)
    return folder / "main.cir"


def test_files_beside_and_below(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.cir").write_text(".param r={two/2}\n.include c.cir\n")
    (tmp_path / "below" / "c.cir").write_text(".param two=2k\n")
    main = written(tmp_path, main=f"t\n.include 'below/b.cir'\n{REST}")
    (device,) = read_netlist(main).devices
    assert device.params == {"conductance": 1e-3}


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../x.cir", "below/../../x.cir", "C:\\x.cir", "~/x"]
)
def test_files_elsewhere_are_not_opened(name: str, tmp_path: Path) -> None:
    main = written(tmp_path, main=f't\n.include "{name}"\n{REST}')
    with pytest.raises(CircuitError, match=r"line 2: .* lies elsewhere"):
        read_netlist(main)


def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.cir").write_text(".param r=1\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "x.cir").symlink_to(tmp_path / "secret.cir")
    main = written(inside, main=f"t\n.include x.cir\n{REST}")
    with pytest.raises(CircuitError, match="lies elsewhere"):
        read_netlist(main)


def test_a_text_alone_has_no_files() -> None:
    with pytest.raises(CircuitError, match="only the text of the netlist is at hand"):
        parse_netlist("t\n.include x.cir\n")


def test_an_error_names_the_included_file(tmp_path: Path) -> None:
    main = written(tmp_path, main="t\n.include x.cir\n", x="* a\nR1 a 0 1k\nK1 a b c\n")
    with pytest.raises(CircuitError, match=r"x\.cir, line 3: 'K1' is not read here"):
        read_netlist(main)


def test_including_one_another(tmp_path: Path) -> None:
    main = written(tmp_path, main="t\n.include x.cir\n", x=".include y.cir\n", y=".include x.cir\n")
    with pytest.raises(CircuitError, match=r"y\.cir, line 1: the file 'x\.cir' includes itself"):
        read_netlist(main)


def test_a_pile_of_files_is_refused(tmp_path: Path) -> None:
    twice = ".include n{0}.cir\n.include n{0}.cir\n"
    files = {f"n{k}": twice.format(k + 1) for k in range(15)} | {"n15": "*\n"}
    main = written(tmp_path, main="t\n.include n0.cir\n", **files)
    with pytest.raises(CircuitError, match="or 1000 in all"):
        read_netlist(main)


def test_a_missing_section(tmp_path: Path) -> None:
    main = written(tmp_path, main="t\n.lib x.cir fast\n", x=".lib slow\n.endl\n")
    with pytest.raises(CircuitError, match="line 2: the file has no section 'fast'"):
        read_netlist(main)
    main = written(tmp_path, main="t\n.include x.cir\n")
    with pytest.raises(CircuitError, match="line 2: the file has sections; name one"):
        read_netlist(main)


def cells(levels: int, each: int) -> str:
    found = [".subckt c0 a b\nR1 a b 1k\n.ends\n"]
    for k in range(1, levels):
        uses = "".join(f"X{j} a b c{k - 1}\n" for j in range(each))
        found.append(f".subckt c{k} a b\n{uses}.ends\n")
    return f"t\n{''.join(found)}X1 p 0 c{levels - 1}\nC1 p 0 1u\n"


FUNCTIONS = ".func f0(x) {x+1}\n" + "".join(
    f".func f{k}(x) {{f{k - 1}(x)*f{k - 1}(x)}}\n" for k in range(1, 40)
)

BOMBS = {
    "cells": (cells(10, 30), "cards or more, and at most 200,000 are read"),
    "functions": (f"t\n{FUNCTIONS}R1 a 0 {{f39(1)}}\n", "functions stand in one another"),
    "functions of voltages": (f"t\n{FUNCTIONS}B1 a 0 I={{f39(V(a))}}\n", "more than"),
    "parameters": (
        "t\n.param a0=1\n" + "".join(f".param a{k}={{a{k - 1}*2}}\n" for k in range(1, 3000))
        + "R1 a 0 {a2999}\n",
        "more than 50 parameters are made of one another",
    ),
    "huge numbers": ("t\n.param a={9**9**9**9}\nR1 a 0 {a}\n", "gives no finite number"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_at_once(text: str, message: str) -> None:
    begun = time.process_time()
    with pytest.raises(CircuitError, match=message):
        parse_netlist(text)
    assert time.process_time() - begun < 10


def test_many_cells_are_read() -> None:
    assert parse_netlist(cells(3, 60)).device_count == 3600
