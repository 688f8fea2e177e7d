"""The user's own fields: what is read, what is assumed and said, and what is refused."""

import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
import torch
from scipy.io import savemat

from backend.datasets import DATASETS
from backend.errors import StudioError

RNG = np.random.default_rng(0)
LINES = RNG.normal(size=(20, 16))


@pytest.fixture
def fields(tmp_path):
    """Writes arrays to a file and reads it with options."""

    def read(arrays, suffix: str = ".npz", **options):
        path = tmp_path / f"pairs{suffix}"
        if isinstance(arrays, bytes):
            path.write_bytes(arrays)
        elif suffix == ".npz":
            np.savez(path, **arrays)
        else:
            savemat(path, arrays, do_compression=True)
        return DATASETS["fields"](path=str(path), **options)

    return read


def everything(data) -> tuple[np.ndarray, np.ndarray]:
    """All pairs in the order of the file."""
    split = data.split()
    parts = [part for part in (split.train, split.validation, split.test) if part is not None]
    return torch.cat([part.x for part in parts]).numpy(), torch.cat(
        [part.y for part in parts]
    ).numpy()


def test_lines_without_channels(fields):
    data = fields({"input": LINES, "target": 2 * LINES}, order="last")
    assert (data.inputs.sizes, data.outputs.sizes) == ((1, 16), (1, 16))
    x, y = everything(data)
    assert np.array_equal(x, LINES[:, None].astype(np.float32))
    assert np.array_equal(y, 2 * x)
    split = data.split()
    assert [len(split.train), len(split.validation), len(split.test)] == [14, 2, 4]
    assert "input and target name others" in data.notes[0]
    assert "20 pairs on 16 points" in data.notes[0]
    assert any("periodic=true changes that" in note for note in data.notes)
    assert any("extent changes that" in note for note in data.notes)


def test_fields_that_float32_cannot_tell_apart_are_told(fields):
    """1e9 and noise of 1: the spacing of float32 there is 64."""
    for factor, said in ((1.0, True), (1e4, False)):
        data = fields({"input": LINES, "target": 1e9 + factor * LINES})
        data.split()
        told = [note for note in data.notes if "nothing can be learnt" in note]
        assert len(told) == said
        assert all(note.startswith("Targets are the same in every pair") for note in told)
    both = fields({"input": np.ones_like(LINES), "target": np.ones_like(LINES)})
    both.split()
    assert sum("nothing can be learnt" in note for note in both.notes) == 2


def test_channels_first_and_last_and_several_axes(fields):
    many = RNG.normal(size=(5, 3, 16))
    data = fields({"input": many, "target": many[:, :1]}, order="last")
    assert (data.inputs.sizes, data.outputs.sizes) == ((3, 16), (1, 16))
    assert np.array_equal(everything(data)[0], many.astype(np.float32))
    assert any("The second axis of 'input' is taken as 3 channels" in note for note in data.notes)
    last = fields({"input": many.swapaxes(1, 2), "target": many[:, 0]}, order="last")
    assert last.inputs.sizes == (3, 16)
    assert np.array_equal(everything(last)[0], many.astype(np.float32))
    square = RNG.normal(size=(5, 9, 11))
    assert fields({"input": square, "target": square}).inputs.sizes == (1, 9, 11)
    as_lines = fields({"input": square, "target": square}, axes="1")
    assert as_lines.inputs.sizes == (9, 11)
    assert "axes=1, 2 or 3" in " ".join(fields({"input": square, "target": square}).notes)
    turned = fields({"input": square, "target": square}, axes="1", channels="last")
    assert turned.inputs.sizes == (11, 9)
    block = RNG.normal(size=(5, 2, 8, 9, 10))
    assert fields({"input": block[:, 0], "target": block}).outputs.sizes == (2, 8, 9, 10)


def test_moments_of_the_published_flows(fields):
    u = RNG.normal(size=(6, 8, 8, 12))
    first = fields({"a": u[..., 0], "u": u, "t": np.arange(12.0)}, ".mat", order="last")
    assert (first.inputs.sizes, first.outputs.sizes) == ((1, 8, 8), (12, 8, 8))
    x, y = everything(first)
    assert np.array_equal(y, np.moveaxis(u, -1, 1).astype(np.float32))
    assert np.array_equal(x[:, 0], y[:, 0])
    later = fields({"a": u[..., 0], "u": u}, ".mat", given=10, axes="2", order="last")
    assert (later.inputs.sizes, later.outputs.sizes) == ((10, 8, 8), (2, 8, 8))
    assert np.array_equal(np.concatenate(everything(later), 1), y)
    assert fields({"u": u[..., :7]}, ".mat", given=2).outputs.sizes == (5, 8, 8)
    assert "the first 10 go in" in later.notes[0]
    with pytest.raises(StudioError, match="given is 12, and 'u' has 12 channels; choose fewer"):
        fields({"a": u[..., 0], "u": u}, ".mat", given=12, axes="2")


def test_the_published_names_are_found(fields, tmp_path):
    ground = np.where(RNG.normal(size=(6, 9, 9)) > 0, 12.0, 3.0)
    arrays = {"coeff": ground, "sol": ground / 2, "Kcoeff": ground, "Kcoeff_x": ground}
    data = fields(arrays, ".mat", order="last")
    assert np.array_equal(everything(data)[0], 2 * everything(data)[1])
    named = fields({"a": LINES, "u": LINES, "a_x": 3 * LINES}, ".mat", input="a_x", order="last")
    assert np.allclose(everything(named)[0], 3 * everything(named)[1], rtol=1e-6)
    with pytest.raises(StudioError, match=r"name one with target=NAME"):
        fields({"first": LINES, "second": LINES})
    with pytest.raises(StudioError, match=r"no array 'b'; the arrays of numbers are 'a', 'u'"):
        fields({"a": LINES, "u": LINES}, target="b")
    glance = DATASETS["fields"].glance({"path": str(tmp_path / "pairs.npz")})
    assert list(glance.choices["input"]) == ["a", "u"]


def test_files_of_matlab_7_3(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py reads these files")
    path = tmp_path / "flow.mat"
    u = RNG.normal(size=(6, 8, 9, 12))
    with h5py.File(path, "w", userblock_size=512) as file:
        file["u"] = u.T  # MATLAB writes the last axis first
        file["a"] = u[..., 0].T
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/x")
        file["words"] = "no numbers"
    data = bytearray(path.read_bytes())
    data[:19] = b"MATLAB 7.3 MAT-file"
    path.write_bytes(data)
    made = DATASETS["fields"](path=str(path), order="last")
    assert (made.inputs.sizes, made.outputs.sizes) == ((1, 8, 9), (12, 8, 9))
    assert np.array_equal(everything(made)[1], np.moveaxis(u, -1, 1).astype(np.float32))
    with pytest.raises(StudioError, match="the arrays of numbers are 'a', 'u'"):
        DATASETS["fields"](path=str(path), input="elsewhere")
    path.write_bytes(bytes(data[: len(data) // 2]))
    with pytest.raises(StudioError, match="save the arrays again"):
        DATASETS["fields"](path=str(path)).split()


def test_coarser_grids_keep_the_ends(fields):
    lines = RNG.normal(size=(10, 17))
    data = fields({"input": lines, "target": lines}, every=2, order="last", extent="3")
    assert np.array_equal(everything(data)[0][:, 0], lines[:, ::2].astype(np.float32))
    assert data.inputs.extent == (3.0,)
    assert data.inputs.axes()[0][-1] == 3.0
    ring = fields({"input": LINES, "target": LINES}, every=2, periodic=True)
    assert ring.inputs.points == (8,)
    assert ring.inputs.periodic
    with pytest.raises(StudioError, match="every 2 points of 16 leave no grid with the same ends"):
        fields({"input": LINES, "target": LINES}, every=2)
    with pytest.raises(StudioError, match="extent '1,2' must be 1 positive number"):
        fields({"input": LINES, "target": LINES}, extent="1,2")
    whole = fields({"input": lines, "target": lines})
    assert torch.equal(whole.further_tests()["9"].x, whole.split().test.x[..., ::2])
    assert not fields({"input": LINES, "target": LINES}).further_tests()


def test_a_ring_that_is_taken_for_a_line_is_told(fields):
    angle = 2 * np.pi * np.arange(32) / 32
    waves = np.sin(angle + RNG.uniform(0, 6, size=(10, 1)))
    for arrays, expected in (({"input": waves, "target": waves}, True),
                             ({"input": waves + angle, "target": waves}, False)):  # fmt: skip
        data = fields(arrays)
        data.split()
        assert any("periodic=true says so" in note for note in data.notes) is expected


def test_parts_are_random_or_the_last(fields):
    lines = np.arange(1, 161.0).reshape(20, 8)
    last = fields({"input": lines, "target": lines}, order="last", validation=0, test=0.25)
    assert last.split().validation is None
    assert torch.equal(last.split().test.x[:, 0], torch.from_numpy(lines[15:]).float())
    one, other = (fields({"input": lines, "target": lines}, seed=seed).split() for seed in (0, 1))
    assert not torch.equal(one.test.x, other.test.x)
    every = torch.cat([one.train.x, one.validation.x, one.test.x])[:, 0, 0]
    assert sorted(every.tolist()) == lines[:, 0].tolist()
    for share in (0.01, 0.9):
        split = fields(
            {"input": lines[:4], "target": lines[:4]}, test=share, validation=share
        ).split()
        assert min(len(split.train), len(split.validation), len(split.test)) == 1
        assert len(split.train) + len(split.validation) + len(split.test) == 4


def test_what_is_no_field_is_refused(fields):
    def refused(sentence: str, arrays, suffix: str = ".npz", **options):
        with pytest.raises(StudioError, match=sentence) as caught:
            fields(arrays, suffix, **options).split()
        assert "\n" not in str(caught.value)

    bad = LINES.copy()
    bad[6, 3] = np.nan
    refused(
        "field 7 of 'input' has a value that is no finite number", {"input": bad, "target": LINES}
    )
    bad[6, 3] = 1e300
    refused("field 7 of 'target' has a value", {"input": LINES, "target": bad})
    empty = LINES.copy()
    empty[2] = 0
    refused("target 3 is zero everywhere", {"input": LINES, "target": empty})
    empty[2] = 1e-20
    refused("target 3 is zero .* or within 1e-18", {"input": LINES, "target": empty})
    for size in (1e20, 1e-25, 1e-200):  # particles in a cubic metre, a mass [kg]
        refused("the largest value of 'input' is .*; choose a unit", {"input": LINES * size,
                "target": LINES})  # fmt: skip
    refused("the first axis must count the same pairs", {"input": LINES, "target": LINES[:9]})
    refused("3 pairs are too few", {"input": LINES[:3], "target": LINES[:3]})
    refused("on no common grid", {"input": LINES, "target": LINES[:, :9]})
    refused("on no common grid", {"input": LINES[:, :5], "target": LINES[:, :5]})
    refused(
        "the arrays of numbers are 'target' .'input' are something else",
        {"input": LINES.astype(complex), "target": LINES},
    )
    refused("the arrays of numbers are none", {"input": np.array(["a"]), "target": np.array(["b"])})
    refused("save the arrays again", b"no archive at all")
    refused("save the arrays again", b"PK\x03\x04 nearly", ".npz")
    refused("save the arrays again", b"no file of MATLAB, but long enough to be one" * 9, ".mat")
    with pytest.raises(StudioError, match="no file was chosen; set its path"):
        DATASETS["fields"]().split()
    with pytest.raises(StudioError, match=r"nowhere\.npz"):
        DATASETS["fields"](path="nowhere.npz")


class Trap:
    """Does something when it is unpickled."""

    def __reduce__(self):
        return (print, ("unpickled",))


def test_objects_are_never_unpickled(fields, capfd):
    buffer = io.BytesIO()
    np.savez(buffer, input=LINES, target=np.array([Trap()] * 4, dtype=object), allow_pickle=True)
    with pytest.raises(StudioError, match="no array is called 'target'"):
        fields(buffer.getvalue())
    with pytest.raises(StudioError, match="save the arrays again"):
        fields(pickle.dumps(Trap()))
    assert "unpickled" not in capfd.readouterr().out


def archive(header: bytes, body: bytes) -> bytes:
    """A file whose array 'target' has this header, beside a sound 'input'."""
    buffer = io.BytesIO()
    np.savez(buffer, input=LINES)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as file:
        head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
        file.writestr("target.npy", head + body)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (20, 100000000000), }\n", "states"),
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (20, 17), }\n", "holds 320"),
        (b"{'descr': '<f8', 'fortran_order': False, 'shape': (20, -16), }\n", "something else"),
        (
            b"{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os')}\n",
            "something else",
        ),
        (b"{'descr': '|O', 'fortran_order': False, 'shape': (20, 16)}\n", "no array is called"),
        (b"{'descr': '<f8'}\n", "something else"),
        (b"(" * 9000, "something else"),
    ],
)
def test_headers_that_lie_are_refused(fields, header, sentence):
    with pytest.raises(StudioError, match=sentence):
        fields(archive(header, LINES.tobytes())).split()


def test_an_array_that_unpacks_to_more_than_fits_is_not_read(fields, monkeypatch):
    from backend.datasets.fields import arrays

    monkeypatch.setattr(arrays, "ARRAY_LIMIT", 8 * LINES.size - 1)
    for suffix in (".npz", ".mat"):
        with pytest.raises(StudioError, match="'target' states 320 numbers, and 319 can be read"):
            fields({"input": LINES, "target": LINES}, suffix).split()


def test_damaged_files_never_end_in_another_error(fields, tmp_path):
    rng = np.random.default_rng(1)
    for suffix in (".npz", ".mat"):
        fields({"input": LINES, "target": LINES}, suffix)
        whole = (tmp_path / f"pairs{suffix}").read_bytes()
        for _ in range(60):
            data = bytearray(whole)
            for place in rng.integers(0, len(data), size=rng.integers(1, 6)):
                data[place] = rng.integers(256)
            if rng.random() < 0.3:
                del data[rng.integers(len(data)) :]
            try:
                split = fields(bytes(data), suffix).split()
            except StudioError:
                continue
            assert bool(split.train.x.isfinite().all())
