"""Archives that state sizes they do not have, and what pickles may not do."""

import io
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from backend.circuit.networks.pickled import Foreign, Machine, PickleError
from backend.circuit.networks.pt_file import NotPytorchError, read_pt
from backend.errors import InputError

VALUES = {
    "float64": torch.arange(6, dtype=torch.float64).reshape(2, 3),
    "float16": torch.arange(3, dtype=torch.float16),
    "bfloat16": torch.arange(3, dtype=torch.bfloat16),
    "int64": torch.arange(3),
    "bool": torch.tensor([True, False]),
    "empty": torch.zeros(0, 4),
    "scalar": torch.tensor(2.5),
    "view": torch.arange(12.0).reshape(3, 4)[1:, ::2],
    "transposed": torch.arange(12.0).reshape(3, 4).T,
}


def stored(data: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(data, buffer)
    return buffer.getvalue()


def rewritten(content: bytes, change: dict[str, bytes], compression: int = 0) -> bytes:
    """The archive with the content of some members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, change.get(name.partition("/")[2], old.read(name)))
    return out.getvalue()


def test_arrays_of_every_kind_are_what_torch_reads(tmp_path: Path):
    shared = torch.arange(4.0)
    data = {"arrays": VALUES, "list": [1, 2.5, None, (True, "a")], "a": shared, "b": shared[1:]}
    (tmp_path / "a.pt").write_bytes(stored(data))
    found = read_pt(tmp_path / "a.pt")
    for name, value in VALUES.items():
        assert found["arrays"][name].dtype == value.dtype
        assert torch.equal(found["arrays"][name], value), name
    assert found["list"] == data["list"]
    assert torch.equal(found["a"], shared)
    assert torch.equal(found["b"], shared[1:])


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (torch.zeros(2, device="meta"), "a meta tensor, which has no values"),
        (
            torch.zeros(1).expand(10**6, 10**6),
            "a view that shows its values repeatedly; store it with .clone()",
        ),
        (torch.eye(2).to_sparse(), "a sparse tensor"),
        ({1, 2}, "an object __builtin__.set"),
        (Path("x"), "an object pathlib.PosixPath"),
    ],
)
def test_what_is_no_array_is_named(value: object, what: str, tmp_path: Path):
    (tmp_path / "a.pt").write_bytes(stored(["before", value, "behind"]))
    assert read_pt(tmp_path / "a.pt") == ["before", Foreign(what), "behind"]


def test_sizes_are_compared_with_what_is_there(tmp_path: Path):
    content = stored({"a": torch.zeros(1000)})
    broken = {
        "short record": rewritten(content, {"data/0": b"1234"}),
        "compressed": rewritten(content, {}, zipfile.ZIP_DEFLATED),
        "other order": rewritten(content, {"byteorder": b"big"}),
        "no pickle": rewritten(content, {"data.pkl": b""}),
        "text": b"not an archive",
        "empty": b"",
    }
    for name, data in broken.items():
        (tmp_path / "a.pt").write_bytes(data)
        with pytest.raises(NotPytorchError) as caught:
            read_pt(tmp_path / "a.pt")
        assert len(str(caught.value)) < 120, name
    for path in ("/dev/zero", str(tmp_path)):
        with pytest.raises(InputError, match="cannot be read"):
            read_pt(path)


def test_an_archive_of_millions_of_members_is_not_even_listed(tmp_path: Path):
    end = b"PK\x05\x06" + bytes(6) + b"\xff\xff" + (8 * 10**6).to_bytes(4, "little") + bytes(6)
    (tmp_path / "a.pt").write_bytes(bytes(9 * 10**6) + end)
    with pytest.raises(NotPytorchError, match="too many members"):
        read_pt(tmp_path / "a.pt")


@pytest.mark.parametrize("cut", range(0, 900, 13))
def test_cut_and_altered_archives_end_in_words(cut: int, tmp_path: Path):
    content = stored({"a": VALUES["float64"], "b": [1, "x"]})
    place = cut * len(content) // 900
    for data in (content[:place], content[:place] + b"\xff" + content[place + 1 :]):
        (tmp_path / "a.pt").write_bytes(data)
        try:
            found = read_pt(tmp_path / "a.pt")
        except InputError:
            continue
        assert set(found) <= {"a", "b"}  # the byte was one that does not count


class Caller:
    def __reduce__(self):
        return print, ("this must never be printed",)


def test_nothing_is_called(capsys: pytest.CaptureFixture[str]):
    assert Machine(lambda _: bytearray()).read(pickle.dumps(Caller())) == Foreign(
        "an object builtins.print"
    )
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"\x80\x02.",
        b"\x80\x02h\x05.",  # what was never kept
        b"\x80\x02}(K\x01u.",  # a key without value
        b"\x80\x02}]K\x01s.",  # a list as key
        b"\x80\x02K\x01Q.",  # a storage that is a number
        b"\x80\x02X\xff\xff\xff\x7fabc.",  # a text of 2 GB
        b"\x80\x05\x96\xff\xff\xff\xff\xff\x00\x00\x00abc.",  # an array of bytes of 1 TB
        b"\x80\x02K\x01r\xff\xff\xff\x7f" * 3,
    ],
)
def test_damaged_pickles_end_in_words(program: bytes):
    with pytest.raises(PickleError):
        Machine(lambda _: bytearray()).read(program)
