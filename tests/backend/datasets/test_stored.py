"""Public files: real MNIST, small files of every layout, damaged ones, and downloads."""

import gzip
import hashlib
import http.server
import io
import os
import pickle
import re
import struct
import tarfile
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from backend.cli import app
from backend.datasets import DATASETS, use_folders
from backend.datasets.download import Remote, fetch
from backend.datasets.images.cifar_batches import PIXELS, read_batch
from backend.datasets.images.idx import read_idx
from backend.datasets.stored import StoredImages
from backend.errors import StudioError

MNIST = DATASETS["mnist"]
CIFAR = DATASETS["cifar10"]


def idx(array: np.ndarray) -> bytes:
    shape = b"".join(struct.pack(">I", length) for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + shape + array.astype(np.uint8).tobytes()


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KIRCHHOFF_DATA", raising=False)
    return tmp_path / "home"


def write_mnist(folder, packed, seed=0):
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    parts = {}
    for part, count in (("train", 30), ("t10k", 12)):
        x = rng.integers(0, 256, (count, 28, 28))
        y = rng.integers(0, 10, count)
        parts[part] = x, y
        for name, array in (("images-idx3", x), ("labels-idx1", y)):
            data = idx(array)
            path = folder / f"{part}-{name}-ubyte{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(data) if packed else data)
    return parts


def test_real_mnist(data_dir):
    split = MNIST(data_dir=str(data_dir)).split()
    assert split.train.x.shape == (60_000, 784)
    assert split.test.x.shape == (10_000, 784)
    # Facts of the published set: its first labels, its class counts and its mean ink.
    assert split.train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert split.test.y[:5].tolist() == [7, 2, 1, 0, 4]
    assert torch.bincount(split.train.y).tolist()[:3] == [5923, 6742, 5958]
    assert float(split.train.x.double().mean()) == pytest.approx(0.1306604762, abs=1e-7)
    assert float(split.train.x.max()) == 1.0
    few = MNIST(data_dir=str(data_dir), n=100, test=50).split()
    assert torch.equal(few.train.x, split.train.x[:100])
    assert len(few.test) == 50


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("folder", ["mnist", "MNIST/raw", ""])
def test_idx_files_of_every_layout(tmp_path, home, folder, packed):
    parts = write_mnist(tmp_path / "data" / folder, packed)
    split = MNIST(data_dir=str(tmp_path / "data"), n=20).split()
    x, y = parts["train"]
    assert np.allclose(split.train.x, x[:20].reshape(20, -1) / 255, atol=1e-7)
    assert split.train.y.tolist() == y[:20].tolist()
    assert len(split.test) == 12


def test_places_in_their_order(tmp_path, home, monkeypatch):
    kind = DATASETS["fashion_mnist"]
    at_home = write_mnist(home / "data" / "fashion_mnist", True, seed=1)
    assert kind().split().train.y.tolist() == at_home["train"][1].tolist()
    named = write_mnist(tmp_path / "named" / "FashionMNIST" / "raw", False, seed=2)
    monkeypatch.setenv("KIRCHHOFF_DATA", str(tmp_path / "nowhere"))
    assert kind().split().train.y.tolist() == at_home["train"][1].tolist()
    use_folders(tmp_path / "named", None)
    assert os.environ["KIRCHHOFF_DATA"] == str(tmp_path / "named")
    assert kind().split().train.y.tolist() == named["train"][1].tolist()
    chosen = write_mnist(tmp_path / "chosen", False, seed=3)
    split = kind(data_dir=str(tmp_path / "chosen")).split()
    assert split.train.y.tolist() == chosen["train"][1].tolist()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "california"])
def test_missing_files_are_named_with_places_and_remedy(home, name):
    data = DATASETS[name]()
    with pytest.raises(StudioError) as caught:
        data.split()
    text = str(caught.value)
    assert text == data.missing()
    assert str(home / "data") in text
    assert f"kirchhoff data fetch {name}" in text
    assert {"california": "cal_housing", "cifar10": "cifar-10-python.tar.gz"}.get(
        name, "train-images-idx3-ubyte.gz"
    ) in text


def test_damaged_idx_files_are_named(tmp_path):
    good = idx(np.arange(12).reshape(3, 4))
    path = tmp_path / "file"
    for data in (b"", b"\x00\x00\x08", b"PNG" + good, good[:-1], good + b"\x00", good[:6]):
        path.write_bytes(data)
        with pytest.raises(StudioError, match=r"file: .*fetch it again"):
            read_idx(path)
    path.write_bytes(bytes([0, 0, 8, 2]) + b"\xff" * 8)
    with pytest.raises(StudioError, match="header promises"):
        read_idx(path)
    path.write_bytes(gzip.compress(good)[:-6])
    with pytest.raises(StudioError, match="cannot be read"):
        read_idx(path)
    path.write_bytes(good)
    assert read_idx(path).tolist() == np.arange(12).reshape(3, 4).tolist()


def test_labels_must_fit_the_images(tmp_path, home):
    write_mnist(tmp_path / "data" / "mnist", False)
    (tmp_path / "data/mnist/train-labels-idx1-ubyte").write_bytes(idx(np.arange(30) + 5))
    with pytest.raises(StudioError, match="not the classes of 30 images"):
        MNIST(data_dir=str(tmp_path / "data")).split()


def batches(protocol=2, seed=0):
    rng = np.random.default_rng(seed)
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    made = {}
    for name in names:
        x, y = rng.integers(0, 256, (10, PIXELS), np.uint8), rng.integers(0, 10, 10).tolist()
        made[name] = pickle.dumps({b"data": x, b"labels": y, b"batch_label": b"x"}, protocol), x, y
    return made


@pytest.mark.parametrize("packed", [False, True])
def test_cifar_batches(tmp_path, home, packed):
    made = batches()
    folder = tmp_path / "cifar10"
    folder.mkdir()
    if packed:
        with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz") as archive:
            for name, (data, _, _) in made.items():
                entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    else:
        (folder / "cifar-10-batches-py").mkdir()
        for name, (data, _, _) in made.items():
            (folder / "cifar-10-batches-py" / name).write_bytes(data)
    data = CIFAR(data_dir=str(tmp_path))
    assert (data.input_count, data.channels, data.image_shape) == (3072, 3, (32, 32))
    split = data.split()
    assert split.train.x.shape == (50, 3072)
    assert np.allclose(split.test.x, made["test_batch"][1] / 255, atol=1e-7)
    assert split.train.y[10:20].tolist() == made["data_batch_2"][2]


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4])
def test_every_protocol_of_a_batch_is_read(protocol):
    data, x, y = batches(protocol)["test_batch"]
    found = read_batch(io.BytesIO(data), "batch")
    assert np.array_equal(found[0], x)
    assert found[1].tolist() == y


class Evil:
    def __reduce__(self):
        return os.system, ("echo evil > evil.txt",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Evil(), 2),
        pickle.dumps({b"data": Evil(), b"labels": [1]}, 2),
        pickle.dumps({b"data": np.array([Evil()], object), b"labels": [1]}, 2),
        pickle.dumps({b"data": np.zeros((1, 5), np.uint8), b"labels": [1]}, 2),
        pickle.dumps({b"data": np.zeros((1, PIXELS)), b"labels": [1]}, 2),
        pickle.dumps({b"data": np.zeros((1, PIXELS), np.uint8), b"labels": [10]}, 2),
        pickle.dumps([1, 2], 2),
        b"",
        b"\x80\x02garbage",
    ],
)
def test_a_pickle_never_runs_code(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudioError, match="batch: this is no batch of CIFAR-10"):
        read_batch(io.BytesIO(content), "batch")
    assert not (tmp_path / "evil.txt").exists()


def png(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_cifar_as_pictures(tmp_path, home, packed):
    """Every picture has one colour, which says its part and its class."""
    files = {
        f"{part}/{name}/{k:04d}.png": png(np.full((32, 32, 3), (k, y, part == "train"), np.uint8))
        for part in ("train", "test")
        for y, name in enumerate(CIFAR.classes)
        for k in range(2)
    }
    folder = tmp_path / "cifar10-jpeg"
    folder.mkdir()
    if packed:
        with tarfile.open(folder / "cifar10.tar.xz", "w:xz") as archive:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    else:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    for _ in range(2):  # the second time from what was kept
        split = CIFAR(data_dir=str(tmp_path)).split()
        for part, mark in ((split.train, 1), (split.test, 0)):
            assert len(part) == 20
            colour = (part.x.reshape(20, 3, 1024) * 255).round()
            assert torch.equal(colour.amin(-1), colour.amax(-1))
            assert torch.equal(colour[:, 1, 0].long(), part.y)
            assert bool((colour[:, 2] == mark).all())
            assert part.y.tolist() != sorted(part.y.tolist()), "classes are mixed"
    assert len(list(home.rglob("cifar10-*.npz"))) == packed


class Server(http.server.BaseHTTPRequestHandler):
    """Serves one content; breaks off when told to; understands ranges."""

    content = bytes(range(256)) * 5000
    stop_after = 0
    asked: list[str | None]

    def do_GET(self):
        begin = 0
        asked = self.headers.get("Range")
        type(self).asked.append(asked)
        if asked:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(self.content):
                self.send_error(416)
                return
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(self.content) - begin))
        self.end_headers()
        cut = type(self).stop_after or len(self.content)
        type(self).stop_after = 0
        self.wfile.write(self.content[begin : begin + cut])

    def log_message(self, format, *args):
        pass


@pytest.fixture
def address():
    Server.asked, Server.stop_after = [], 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/file.bin"
    server.shutdown()
    thread.join()
    server.server_close()


def test_download_goes_on_where_it_broke_off(tmp_path, address):
    remote = Remote(address, hashlib.md5(Server.content).hexdigest())
    Server.stop_after = 700_000
    with pytest.raises(StudioError, match="the download stopped"):
        fetch(remote, tmp_path / "new")
    assert not (tmp_path / "new" / "file.bin").exists()
    seen = []
    path = fetch(remote, tmp_path / "new", lambda *step: seen.append(step))
    assert path.read_bytes() == Server.content
    assert Server.asked == [None, "bytes=700000-"]
    assert seen[-1] == ("file.bin", len(Server.content), len(Server.content))
    assert seen[0][1] > 700_000
    assert [p.name for p in path.parent.iterdir()] == ["file.bin"]
    assert fetch(remote, tmp_path / "new") == path
    assert len(Server.asked) == 2, "a file that is there is not asked for"


def test_a_complete_part_is_only_checked(tmp_path, address):
    (tmp_path / "file.bin.part").write_bytes(Server.content)
    remote = Remote(address, hashlib.md5(Server.content).hexdigest())
    assert fetch(remote, tmp_path).read_bytes() == Server.content


def test_a_wrong_file_is_refused_and_removed(tmp_path, address):
    with pytest.raises(StudioError, match="not the expected file"):
        fetch(Remote(address, "0" * 32), tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_published_sum_the_first_download_counts(tmp_path, address, monkeypatch):
    fetch(Remote(address), tmp_path).unlink()
    fetch(Remote(address), tmp_path).unlink()
    monkeypatch.setattr(Server, "content", b"other")
    with pytest.raises(StudioError, match="not the expected file"):
        fetch(Remote(address), tmp_path)


def test_an_unreachable_server_is_named(tmp_path, address):
    with pytest.raises(StudioError, match=r"127\.0\.0\.1:1/file: cannot be downloaded"):
        fetch(Remote("http://127.0.0.1:1/file"), tmp_path)


def test_public_addresses_are_encrypted_and_their_sums_stated():
    kinds = [kind for kind in map(DATASETS.__getitem__, DATASETS) if issubclass(kind, StoredImages)]
    assert len(kinds) == 3
    for kind in kinds:
        for remote in kind.remotes:
            assert remote.url.startswith("https://")
            assert len(bytes.fromhex(remote.md5)) == 16


def test_what_has_no_public_files_is_not_fetched():
    told = CliRunner().invoke(app, ["data", "fetch", "circles"])
    assert str(told.exception) == "Circles: there is nothing to fetch, it is built in"


def test_download_of_a_data_set_is_found_afterwards(home, address, monkeypatch):
    parts = {remote.name: idx(np.zeros((10, 28, 28))) for remote in MNIST.remotes[::2]}
    parts |= {remote.name: idx(np.arange(10)) for remote in MNIST.remotes[1::2]}
    base = address.rsplit("/", 1)[0]
    remotes = tuple(
        Remote(f"{base}/{name}", hashlib.md5(data).hexdigest()) for name, data in parts.items()
    )
    monkeypatch.setattr(MNIST, "remotes", remotes)

    def answer(self):
        data = parts[self.path.removeprefix("/")]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    monkeypatch.setattr(Server, "do_GET", answer)
    data = MNIST()
    assert data.missing()
    told = CliRunner().invoke(app, ["data", "list"])
    assert re.search(r"^mnist +classify +to be fetched ", told.stdout, re.MULTILINE)
    told = CliRunner().invoke(app, ["data", "fetch", "mnist"])
    assert told.exit_code == 0
    assert told.stdout.splitlines()[-1] == "MNIST 28 x 28 is at hand"
    assert "train-images-idx3-ubyte.gz  0.0 of 0.0 MB" in told.stdout
    told = CliRunner().invoke(app, ["data", "fetch", "mnist"])
    assert told.stdout == "MNIST 28 x 28 is at hand already\n"
    assert data.missing() == ""
    assert data.split().train.y.tolist() == list(range(10))


def test_some_training_images_can_be_kept_to_choose_by(tmp_path, home):
    parts = write_mnist(tmp_path / "mnist", packed=False)
    split = MNIST(data_dir=str(tmp_path), n=12, validation=18, test=10).split()
    pixels, classes = parts["train"]
    assert split.validation is not None
    assert split.held_out == "validation"
    assert split.train.y.tolist() == classes[:12].tolist()
    assert split.validation.y.tolist() == classes[12:30].tolist()
    np.testing.assert_allclose(split.validation.x[3], pixels[15].reshape(-1) / 255, atol=1e-6)
    with pytest.raises(StudioError, match=r"n = 12 and validation = 19 are more than the 30"):
        MNIST(data_dir=str(tmp_path), n=12, validation=19).split()
