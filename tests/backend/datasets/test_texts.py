"""Texts in every form that is read, their words, and what is refused in words."""

import json
import os
from pathlib import Path

import numpy as np
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
        ("a.csv", "text,label\nx,1\n", r"1 texts of one class were found"),
        ("a.csv", "one,two\nx,1\n", r"no column with the text; set text to one of 'one', 'two'"),
        ("a.tsv", "text\tother\nx\ty\n", r"no column with the class; set label to one of"),
        ("a.jsonl", '{"text": "a", "label": "x"}\n{"text": "b"}\n',
         r"row 2: the column 'label' is missing"),
        ("a.jsonl", "[1, 2]\n", r"line 1: expected an object, found '\[1, 2\]'"),
        ("a.jsonl", "{oops\n", r"a.jsonl, line 1: column 2: not valid JSON"),
        ("a.jsonl", '{"text": "\\ud800", "label": 1}', r"line 1: text: the text holds half a char"),
        ("a.csv", "text,label\na film, dull,neg\n", r"row 2: there are more cells than columns"),
        ("a.csv", 'text,label\n"  ",neg\nx,-\n', r"0 texts of no class were found"),
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


def test_texts_without_a_word_are_left_out_and_said(tmp_path):
    folder = imdb(tmp_path)
    written(folder / "train" / "pos" / "99_9.txt", " \n<br /> ")
    data = TEXT(path=str(folder))
    assert "1 texts without a word are left out." in data.notes
    assert len(data.split().train) + len(data.split().validation) == 24
    for file in (folder / "test").rglob("*.txt"):
        file.write_text("", encoding="utf-8")
    with pytest.raises(StudioError, match=r"neg: this class has no \.txt files"):
        TEXT(path=str(folder))


def test_a_part_without_texts_is_refused(tmp_path):
    for part in ("train", "test"):
        label = "-" if part == "test" else "{}"
        rows = [{"text": f"a {k}", "label": label.format(k % 2)} for k in range(8)]
        written(tmp_path / f"{part}.jsonl", "\n".join(map(json.dumps, rows)))
    with pytest.raises(StudioError, match="the test part holds no text with a class"):
        TEXT(path=str(tmp_path))


def test_what_lies_beside_the_classes_is_no_class(tmp_path):
    """The public folder of rt-polarity has a README, and two files that differ in their ending."""
    before = TEXT(path=str(lines(tmp_path))).split()
    written(tmp_path / "README.1.0.txt", "about this data")
    written(tmp_path / "notes.txt", "some notes")
    data = TEXT(path=str(tmp_path))
    assert data.classes == ("neg", "pos")
    assert torch.equal(data.split().train.x, before.train.x)
    assert "Left out, as they are no class: 'README.1.0.txt', 'notes.txt'." in data.notes


def test_parts_are_whole_words_of_names(tmp_path):
    """A contest is no test; of three folders each is the part it says."""
    for name in ("latest_constraints", "all"):
        rows = [{"text": f"a {name} {k % 5}", "label": k % 2} for k in range(40)]
        written(tmp_path / "one" / f"{name}.jsonl", "\n".join(map(json.dumps, rows)))
    with pytest.raises(StudioError, match=r"no classes were found.* or name a table"):
        TEXT(path=str(tmp_path / "one"))
    folder = imdb(tmp_path / "three")
    for name, texts in (("pos", GOOD[:5]), ("neg", BAD[:4])):
        for k, text in enumerate(texts):
            written(folder / "val" / name / f"{k}.txt", text)
    split = TEXT(path=str(folder)).split()
    assert [len(each) for each in (split.train, split.validation, split.test)] == [24, 9, 24]
    (folder / "test").rename(tmp_path / "elsewhere")
    split = TEXT(path=str(folder)).split()
    assert len(split.test) == 9


def test_marks_of_html_are_no_words():
    assert words_of("One.<br /><br/>Two<BR>three") == ["one", ".", "two", "three"]


def test_unknown_characters_are_said(tmp_path):
    written(tmp_path / "a.txt", "abcd " * 100 + "Z" * 60)
    (note,) = CHARACTERS(path=str(tmp_path / "a.txt"), length=8).preview().notes
    assert note.startswith("100 % of the characters tested are unknown")
    written(tmp_path / "b.txt", "abcd " * 100)
    assert not CHARACTERS(path=str(tmp_path / "b.txt"), length=8).notes


@pytest.mark.skipif("KIRCHHOFF_DATA" not in os.environ, reason="real texts are elsewhere")
def test_real_reviews_are_read_whole():
    folder = Path(os.environ["KIRCHHOFF_DATA"]) / "rt-polarity"
    if not folder.is_dir():
        pytest.skip("there are no reviews")
    data = TEXT(path=str(folder))
    shown = data.preview()
    assert shown.counts == {"neg": 5331, "pos": 5331}
    texts = [line for file in folder.iterdir() for line in file.read_text("utf-8").splitlines()]
    lengths = [len(words_of(text)) for text in texts if text.strip()]
    assert len(lengths) == 10_662
    long = float(np.mean(np.array(lengths) > 48))
    assert 0 < long < 0.05
    assert any(f"{100 * long:.1f}"[:2] in note and "are cut" in note for note in data.notes)
