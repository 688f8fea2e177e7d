"""Own tables and pictures: sent, kept under safe names, looked at, refused in one sentence."""

import base64
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend import plugins
from backend.datasets import DATASETS
from backend.errors import StudioError
from backend.models import MODELS
from designer.config import Config
from designer.service import Service
from designer.service.uploads import Uploads

POINTWISE = Path(__file__).parents[1] / "backend" / "models" / "pointwise.py"
FLOWERS = "length,width,kind\n" + "".join(
    f"{1 + k % 7},{k * 0.5},{'rose' if k % 3 else 'aster'}\n" for k in range(24)
)


def send(client, dataset, name, data):
    return client.post(
        f"/api/datasets/{dataset}/files",
        data=data,
        content_type="application/octet-stream",
        headers={"X-Filename": name},
    )


def preview(client, dataset, **options):
    return client.post(f"/api/datasets/{dataset}/preview", json={"options": options}).json


def picture(grey):
    buffer = io.BytesIO()
    Image.new("L", (6, 6), grey).save(buffer, "PNG")
    return buffer.getvalue()


def archive(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return buffer.getvalue()


def test_menus_and_forms_follow_from_the_classes(client, service):
    listed = [item["value"] for group in service.datasets.menu() for item in group["items"]]
    assert sorted(listed) == sorted(DATASETS)
    table = client.get("/api/registry").json["datasets"]["csv"]
    assert table["uploads"] == list(DATASETS["csv"].uploads)
    assert [param["name"] for param in table["params"]] == [p.name for p in DATASETS["csv"].params]


def test_a_table_is_sent_looked_at_and_trained_on(client, service):
    kept = send(client, "csv", "My%20fl%C3%B6wers.csv", FLOWERS.encode())
    assert kept.status_code == 201
    assert kept.json == {"path": "My-fl-wers.csv"}
    assert client.get("/api/datasets/csv/files").json == ["My-fl-wers.csv"]
    found = preview(client, "csv", path="My-fl-wers.csv")
    assert found["problem"] == ""
    assert found["columns"] == ["length", "width", "kind"]
    assert found["rows"][0] == ["1", "0.0", "aster"]
    assert found["counts"] == [["aster", 8], ["rose", 16]]
    assert (found["train"], found["test"]) == (18, 6)
    assert (found["inputs"], found["outputs"]) == (2, 2)
    assert found["choices"]["target"] == ["length", "width", "kind"]
    # The same circuit and settings as a training without further ones would have.
    options = service.datasets.options("csv", {"path": "My-fl-wers.csv"})
    id = service.training.start({"dataset": "csv", "dataset_options": options, "epochs": 1})
    run = client.get(f"/api/runs/{id}").json
    assert run["spec"]["batch_size"] == found["recipe"]["batch_size"]
    circuit = client.get(f"/api/runs/{id}/circuit").json["circuit"]
    assert len(circuit["nodes"]) == found["circuit"]["nodes"]
    client.post(f"/api/runs/{id}/stop")


def test_equal_files_share_a_name_and_others_get_a_number(tmp_path):
    uploads = Uploads(tmp_path)
    names = [uploads.store("t.csv", data, (".csv",)) for data in (b"1", b"1", b"2", b"1", b"2")]
    assert names == ["t.csv", "t.csv", "t-2.csv", "t.csv", "t-2.csv"]
    assert (tmp_path / "t-2.csv").read_bytes() == b"2"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../.bashrc.csv", "bashrc.csv"),
        ("C:\\data\\run 1.CSV", "run-1.csv"),
        ("/etc/$(id).csv", "id.csv"),
        ("日本.csv", "data.csv"),
        ("a" * 300 + ".csv", "a" * 60 + ".csv"),
    ],
)
def test_names_cannot_leave_the_folder(tmp_path, name, kept):
    uploads = Uploads(tmp_path / "uploads")
    assert uploads.store(name, b"x", (".csv",)) == kept
    assert [path.name for path in tmp_path.iterdir()] == ["uploads"]
    assert uploads.resolve(kept) == str(tmp_path / "uploads" / kept)
    assert uploads.resolve("/srv/data.csv") == "/srv/data.csv"


REFUSED = {
    "words.csv": ("a,b\n1,2\nx,3\n4,5\n6,7\n", "words.csv: row 3, column 'a': 'x' is no number"),
    "ragged.csv": ("a,b\n1,2\n3\n", "ragged.csv: row 3 has 1 cells, the first row 2"),
    "single.csv": ("a\n1\n2\n", "single.csv: row 1 has one cell only; separate cells by commas"),
    "one.csv": ("a,b\n1,x\n2,x\n3,x\n4,x\n", "found only the class 'x'; two are needed"),
    "names.csv": ("a,b\n", "names.csv: there is no row with values"),
}


def test_texts_are_sent_and_looked_at(client):
    """Examples stand as text beside their class; no circuit learns from them."""
    rows = [{"text": f"a {'good' if k % 2 else 'bad'} film, number {k % 5}", "label": "-+"[k % 2]}
            for k in range(40)]  # fmt: skip
    data = "\n".join(map(json.dumps, [*rows, {"text": "nobody knows", "label": ""}]))
    assert send(client, "text", "reviews.jsonl", data.encode()).json == {"path": "reviews.jsonl"}
    found = preview(client, "text", path="reviews.jsonl", length=4)
    # A minus stands for nobody's class, here for all of one class.
    assert "40 texts" not in found["problem"]
    assert "texts of one class were found, and two classes are needed" in found["problem"]
    data = data.replace('"-"', '"no"').replace('"+"', '"yes"')
    kept = send(client, "text", "reviews.jsonl", data.encode()).json["path"]
    found = preview(client, "text", path=kept, length=4)
    assert found["problem"] == ""
    assert (found["columns"], found["roles"]) == (["text", "class"], ["text", "target"])
    assert found["rows"][0][1] in ("no", "yes")
    assert found["rows"][0][0].startswith("a ")
    assert found["rows"][0][0].split()[1] == {"no": "bad", "yes": "good"}[found["rows"][0][1]]
    assert found["counts"] == [["no", 20], ["yes", 20]]
    assert (found["kind"], found["inputs"], found["circuit"]) == ("tokens", 4, None)
    # Three numbers of their own, and words that two texts hold or more.
    assert found["symbols"] == 3 + len({"a", "good", "bad", "film", ",", "number"}) + 5
    assert [item["value"] for item in found["models"]] == ["transformer", "kitinet"]
    said = " ".join(found["notes"])
    assert "1 rows of reviews-2.jsonl have no class and are left out." in said
    assert "100 % of the texts have more than 4 words and are cut" in said


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_does_not_do_is_one_sentence(client, name):
    text, words = REFUSED[name]
    send(client, "csv", name, text.encode())
    found = preview(client, "csv", path=name)
    assert words in found["problem"]
    assert found["problem"].startswith(name)
    assert "recipe" not in found


def test_a_table_with_a_wrong_cell_still_shows_its_rows(client):
    send(client, "csv", "words.csv", REFUSED["words.csv"][0].encode())
    found = preview(client, "csv", path="words.csv")
    assert found["rows"][1] == ["x", "3"]
    assert found["choices"]["target"] == ["a", "b"]
    assert preview(client, "csv", path="nowhere.csv")["problem"].startswith("nowhere.csv: there is")


def test_options_that_do_not_fit_are_problems_too(client):
    assert "noise must be at least 0" in preview(client, "two_moons", noise=-1)["problem"]
    assert "unknown parameter" in preview(client, "two_moons", colour=1)["problem"]
    assert preview(client, "two_moons", n=None)["train"] == 1000
    assert client.post("/api/datasets/moons/preview", json={}).status_code == 404


def test_an_archive_of_pictures_is_unpacked_and_shown(client, service):
    files = {f"pets/{name}/{k}.png": picture(grey + k)
             for name, grey in (("cat", 10), ("dog", 200)) for k in range(5)}  # fmt: skip
    files |= {"pets/readme.txt": b"no", "__MACOSX/pets/cat/._0.png": b"no", "pets/loose.png": b"no"}
    del files["pets/loose.png"]
    kept = send(client, "image_folder", "my pets.zip", archive(files)).json["path"]
    assert kept == "my-pets"
    found = preview(client, "image_folder", path=kept, rows=6, columns=6)
    assert found["problem"] == ""
    assert found["counts"] == [["cat", 5], ["dog", 5]]
    shown = found["pictures"]
    size = shown["rows"] * shown["columns"] * shown["channels"]
    pixels = np.frombuffer(base64.b64decode(shown["pixels"]), np.uint8).reshape(-1, size)
    assert (pixels.mean(1) > 100).tolist() == [place == 1 for place in shown["classes"]]
    assert client.get("/api/datasets/image_folder/files").json == ["my-pets"]
    folder = service.datasets.uploads.folder / "my-pets"
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")) == sorted(
        name.removeprefix("pets/") for name in files if name.endswith(".png") and "._" not in name
    )


def test_an_archive_cannot_leave_its_folder(tmp_path):
    inside = {f"{name}/{k}.png": picture(9) for name in ("a", "b") for k in range(2)}
    outside = {"../x/evil.png": b"1", "/x/evil.png": b"1", "a/../../evil.png": b"1"}
    uploads = Uploads(tmp_path / "uploads")
    uploads.store("set.zip", archive({**inside, **outside}), (".zip",))
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    assert written == {f"uploads/set/{name}" for name in inside}


def test_equal_archives_share_a_folder(tmp_path):
    made = [archive({f"{name}/{k}.png": picture(grey) for name in ("a", "b") for k in range(2)})
            for grey in (9, 10)]  # fmt: skip
    uploads = Uploads(tmp_path)
    names = [uploads.store("set.zip", made[k], (".zip",)) for k in (0, 0, 1, 0, 1)]
    assert names == ["set", "set", "set-2", "set", "set-2"]
    assert uploads.names((".zip",)) == ["set-2", "set"]


def test_sent_files_have_a_limit_together(tmp_path, monkeypatch):
    monkeypatch.setattr("designer.service.uploads.MOST_KEPT", 10_000)
    uploads = Uploads(tmp_path)
    uploads.store("a.csv", b"1" * 6000, (".csv",))
    with pytest.raises(StudioError, match=r"b\.csv: needs .*remove older files"):
        uploads.store("b.csv", b"2" * 6000, (".csv",))


def test_links_devices_and_clashing_names_of_an_archive_are_no_files(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "../../../secret")
        for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
            made.writestr(name, picture(3))
    uploads = Uploads(tmp_path / "uploads")
    kept = tmp_path / "uploads" / uploads.store("set.zip", buffer.getvalue(), (".zip",))
    assert not (kept / "a" / "link.png").exists()
    clash = archive({"a/1.png/2.png": picture(1), "a/1.png": picture(2), "b/1.png": picture(3)})
    with pytest.raises(StudioError, match="cannot be unpacked"):
        uploads.store("clash.zip", clash, (".zip",))


def test_what_unpacks_to_much_more_than_pictures_do_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ("a/1.png", "a/2.png", "b/1.png"):
            made.writestr(name, bytes(30_000_000))
    with pytest.raises(StudioError, match=r"3 pictures of 86 MB in all are too much; at most"):
        Uploads(tmp_path).store("zeros.zip", buffer.getvalue(), (".zip",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not an archive", "cannot be read as a zip archive"),
        (archive({"notes.txt": b"text", "top.png": picture(3)}), "found no PNG, JPEG, BMP"),
        (b"", "the file is empty"),
    ],
)
def test_an_archive_that_does_not_do_leaves_nothing(tmp_path, client, service, data, words):
    answer = send(client, "image_folder", "set.zip", data)
    assert answer.status_code == 422
    message = answer.json["error"]["message"]
    assert message.startswith("set.zip")
    assert words in message
    folder = service.datasets.uploads.folder
    assert not folder.exists() or [path.name for path in folder.iterdir()] in ([], [".lock"])


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("designer.service.archives.MOST_BYTES", 10_000)
    bomb = archive({"a/1.png": b"0" * 6000, "b/1.png": b"0" * 6000})
    with pytest.raises(StudioError, match="can be unpacked"):
        Uploads(tmp_path).store("bomb.zip", bomb, (".zip",))
    assert [path.name for path in tmp_path.iterdir()] in ([], [".lock"])


def test_files_of_another_kind_are_refused(client):
    answer = send(client, "csv", "table.xlsx", b"PK")
    assert "table.xlsx: choose a file that ends in .csv, .tsv or .txt" in str(answer.json)
    assert "takes no files" in str(send(client, "digits", "t.csv", b"1").json)


def test_an_archive_with_a_damaged_member_is_refused_in_words(tmp_path):
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a/1.png", "b/1.png"):
            archive.writestr(name, bytes(range(256)) * 40)
    data = bytearray(sent.getvalue())
    for place in range(40, 60):  # inside the first compressed stream
        data[place] ^= 0xFF
    with pytest.raises(StudioError, match=r"x\.zip: cannot be read as a zip archive"):
        Uploads(tmp_path).store("x.zip", bytes(data), (".zip",))
    assert [path.name for path in tmp_path.iterdir()] in ([], [".lock"])


def test_fields_are_shown_as_levels_between_their_ends(client, monkeypatch):
    monkeypatch.setenv(plugins.VARIABLE, str(POINTWISE))
    plugins.load()
    try:
        found = preview(client, "darcy", n=4, validation=2, test=2)
        ring = preview(client, "burgers", n=4, validation=2, test=2)
    finally:
        del MODELS._entries["pointwise"]
        del sys.modules[POINTWISE.stem]
    assert (found["problem"], found["task"], found["inputs"]) == ("", "operator", 43 * 43)
    assert "pointwise" in [model["value"] for model in found["models"]]
    assert "kirchhoffnet" not in [model["value"] for model in found["models"]]
    assert len(found["fields"]) == 3
    x = DATASETS["darcy"](n=4, validation=2, test=2).preview().inputs
    assert x is not None
    shown = found["fields"][0]["input"]
    assert (shown["points"], shown["low"], shown["high"]) == ([43, 43], 3.0, 12.0)
    levels = np.frombuffer(base64.b64decode(shown["levels"]), np.uint8).reshape(43, 43)
    assert np.array_equal(levels == 255, x[0, 0] == 12.0)
    assert [pair["output"]["points"] for pair in ring["fields"]] == [[128]] * 3


def test_a_recipe_says_the_settings_and_one_that_the_model_lacks_is_the_usual_one(client):
    """The twin without collisions has the settings of the network with them."""

    def asked(model, recipe):
        body = {"options": {}, "model": model, "recipe": recipe}
        return client.post("/api/datasets/two_moons/preview", json=body).json

    plain, usual = asked("kitinet", "plain"), asked("kitinet", "")
    assert plain["recipes"] == usual["recipes"] == ["default", "plain"]
    assert (plain["recipe_name"], usual["recipe_name"]) == ("plain", "default")
    assert plain["recipe"] == usual["recipe"]
    assert asked("s4d", "plain")["recipe_name"] == "default"
    refused = client.post("/api/datasets/two_moons/preview", json={"recipe": 3})
    assert refused.status_code in (400, 422)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../../secret.csv", "uploads/../x.csv", "~/x.csv"]
)
def test_a_visitor_from_elsewhere_reads_only_what_was_sent(tmp_path, path):
    """By the form, by a further setting and by the circuit's path."""
    (tmp_path / "secret.csv").write_text(FLOWERS, encoding="utf-8")
    service = Service(Config(home=tmp_path / "home", host="192.0.2.7", token="secret-token"))
    kept = service.datasets.store("csv", "flowers.csv", FLOWERS.encode())
    assert service.datasets.preview("csv", {"path": kept})["problem"] == ""
    assert "send the file instead" in service.datasets.preview("csv", {"path": path})["problem"]
    fields = {"dataset": "csv", "name": "x"}
    for options in ({"path": path}, {"dataset.path": path}, {"circuit": path}):
        with pytest.raises(StudioError, match="send the file instead"):
            service.training.queue(fields, options)
    assert not list(tmp_path.glob("home/runs/*"))
