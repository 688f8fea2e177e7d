"""Texts in every form that is read, their words, and what is refused in words."""

import json

import pytest
import torch
from sklearn.feature_extraction.text import CountVectorizer

from backend.datasets import DATASETS
from backend.datasets.text.words import FIRST, PADDING, SEPARATOR, UNKNOWN, Vocabulary, words_of
from backend.errors import StudioError

TEXT, CHARACTERS = DATASETS["text"], DATASETS["characters"]
GOOD = [f"a good film , number {k} !" for k in range(12)]
BAD = [f"a bad film , number {k} ." for k in range(12)]


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def imdb(folder):
    for part in ("train", "test"):
        for name, texts in (("pos", GOOD), ("neg", BAD)):
            for k, text in enumerate(texts):
                written(folder / part / name / f"{k}_9.txt", f"{text} {part}")
    written(folder / "train" / "unsup" / "0_0.txt", "nobody knows")
    return folder


def lines(folder):
    written(folder / "reviews.pos", "\n".join(GOOD))
    written(folder / "reviews.neg", "\n".join(BAD))
    return folder


def csv(folder):
    rows = [f'"{text}",{name}' for name, texts in (("pos", GOOD), ("neg", BAD)) for text in texts]
    written(folder / "all.csv", "\n".join(["text,label", *rows]))
    return folder / "all.csv"


def snli(folder):
    for part in ("train", "dev", "test"):
        rows = [
            {"gold_label": label, "sentence1": f"someone says {part}", "sentence2": text}
            for label, texts in (("pos", GOOD), ("neg", BAD), ("-", ["undecided"]))
            for text in texts
        ]
        written(folder / f"snli_1.0_{part}.jsonl", "\n".join(map(json.dumps, rows)))
    return folder


@pytest.mark.parametrize(("form", "counts"), [(imdb, (22, 2, 24)), (lines, (20, 2, 2)),
                                              (csv, (20, 2, 2)), (snli, (24, 24, 24))])  # fmt: skip
def test_every_form_is_read(tmp_path, form, counts):
    data = TEXT(path=str(form(tmp_path)), length=16)
    split = data.split()
    assert data.classes == ("neg", "pos")
    assert (len(split.train), len(split.validation), len(split.test)) == counts
    for part in (split.train, split.validation, split.test):
        assert part.x.shape[1] == 16
        assert set(part.y.tolist()) == {0, 1}
        assert (part.x.max() < data.data.inputs.symbols).item()
    shown = data.preview()
    assert shown.columns == ("text", "class")
    assert {row[1] for row in shown.rows} == {"neg", "pos"}
    assert sum(shown.counts.values()) == sum(counts)
    again = TEXT(path=str(tmp_path if form is not csv else tmp_path / "all.csv"), length=16).split()
    assert torch.equal(again.train.x, split.train.x)
    if form is snli:
        assert any("no class and are left out" in note for note in data.notes)
        assert (split.train.x == SEPARATOR).sum(1).tolist() == [1] * 24
        words = (split.train.x > 0).sum(1)
        assert int(words.min()) == 3 + 1 + 7


def test_no_example_is_in_two_parts(tmp_path):
    split = TEXT(path=str(lines(tmp_path)), words=1000).split()
    both = [part.x for part in (split.train, split.validation, split.test)]
    # Numbers of the films that stand in one part only are unknown, so that rows may look alike.
    assert sum(map(len, both)) == 24
    assert torch.bincount(torch.cat([p.y for p in (split.train, split.validation, split.test)])
                          ).tolist() == [12, 12]  # fmt: skip


def test_words_are_those_of_the_peer():
    """scikit-learn counts the same words with the same pattern, and frequencies rank them."""
    texts = [*GOOD, *BAD, "It's a well-made film: don't miss it… 10/10!"]
    ours = Vocabulary([(text,) for text in texts], 1000)
    peer = CountVectorizer(token_pattern=r"[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s]|_", min_df=2)
    peer.fit(texts)
    assert set(ours.words) == set(peer.vocabulary_)
    assert ours.words[:2] == ("film", "a") or ours.words[:2] == ("a", "film")
    assert words_of("It's a well-made film…") == ["it's", "a", "well-made", "film", "…"]


def test_numbers_of_words_and_what_is_cut():
    known = Vocabulary([("a b c",), ("a b",), ("a",)], 100)
    assert known.words == ("a", "b")
    rows, cut = known.numbers([("a b z",), ("a a a a a",), ("",), ("b", "a a a a a")], 4)
    a, b = FIRST, FIRST + 1
    assert rows.tolist() == [
        [a, b, UNKNOWN, PADDING], [a, a, a, a], [UNKNOWN, 0, 0, 0], [b, SEPARATOR, a, a],
    ]  # fmt: skip
    assert cut == 2
    assert len(Vocabulary([("a b",), ("a b",)], FIRST + 1)) == FIRST + 1


def test_the_test_set_has_no_say_in_the_words(tmp_path):
    folder = imdb(tmp_path)
    before = TEXT(path=str(folder)).split().train.x
    for k in range(12):
        written(folder / "test" / "pos" / f"{k}_9.txt", "entirely entirely other words")
    assert torch.equal(TEXT(path=str(folder)).split().train.x, before)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "text,label\nx,1\n", r"1 texts of 1 class were found"),
        ("a.csv", "one,two\nx,1\n", r"no column with the text; set text to one of 'one', 'two'"),
        ("a.tsv", "text\tother\nx\ty\n", r"no column with the class; set label to one of"),
        ("a.jsonl", '{"text": "a", "label": "x"}\n{"text": "b"}\n',
         r"row 2: the column 'label' is missing"),
        ("a.jsonl", "[1, 2]\n", r"line 1: expected an object, found '\[1, 2\]'"),
        ("a.jsonl", "{oops\n", r"cannot be read as a table"),
        ("a.docx", "x", r"texts with classes are read from .csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(tmp_path, name, content, words):
    written(tmp_path / name, content)
    with pytest.raises(StudioError, match=words):
        TEXT(path=str(tmp_path / name)).split()


def test_folders_without_texts_are_refused_in_words(tmp_path):
    with pytest.raises(StudioError, match="no classes were found; give two folders or more"):
        TEXT(path=str(tmp_path))
    with pytest.raises(StudioError, match="cannot be read"):
        TEXT(path=str(tmp_path / "nowhere"))
    written(tmp_path / "pos" / "a.txt", "x")
    (tmp_path / "neg").mkdir()
    with pytest.raises(StudioError, match=r"neg: this class has no .txt files"):
        TEXT(path=str(tmp_path))
    assert "no texts were chosen" in TEXT().missing()
    assert TEXT(path="").data.inputs.kind == "tokens"


def test_running_text_in_windows(tmp_path):
    text = "the quick brown fox jumps over the lazy dog. " * 40
    written(tmp_path / "a.txt", text + "Z" * 200)
    data = CHARACTERS(path=str(tmp_path / "a.txt"), length=20)
    split = data.split()
    assert torch.equal(split.train.x[:, 1:], split.train.y[:, :-1].float())
    assert torch.equal(split.train.x[1:, 0], split.train.y[:-1, -1].float())
    assert data.output_count == 2 + len(set(text))
    assert int(split.test.y.max()) == UNKNOWN
    kept = [len(part.y) * 20 for part in (split.train, split.validation, split.test)]
    assert sum(kept) <= len(text) + 200
    with pytest.raises(StudioError, match="give more text or a smaller length"):
        CHARACTERS(path=str(tmp_path / "a.txt"), length=900).split()
    assert "no text was chosen" in CHARACTERS().missing()
