"""What lessons say is computed here by the library, and bad files are refused in words."""

import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from designer.lessons import LessonError, Lessons
from designer.lessons.expressions import condition, figure
from designer.lessons.shelf import FOLDER
from designer.lessons.vocabulary import FIGURES
from tests.designer.lesson_model import ACTIONS, Bench, played

IDS = sorted(path.stem for path in FOLDER.glob("[a-z]*.md"))
PREFIXES = {"": 1, "f": 1e-15, "p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6}
LESSON = """---
title: A test
summary: Short.
---

## One

```setup
open: rc-pair
```

Here stands {v(a, 0) | V} and {1 V = v(a, 0)}.

```predict
ask: Up?
choice: yes | v(b, end) > 0.4 V
choice: no | wrong
```

```task
do: Wait.
check: time() >= 0.5 s | half a second
hint: It passes.
```

```reveal
So.
```
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Lessons:
    return Lessons([], ["rc-pair", "cascade", "mean-field"], check=lambda circuit: circuit)


def parts(blocks: Any):
    """Every entry of text, however deep."""
    if isinstance(blocks, dict):
        yield blocks
        blocks = list(blocks.values())
    if isinstance(blocks, list):
        for one in blocks:
            yield from parts(one)


def written(claim: str) -> tuple[float, float]:
    """The number a claim states, and half of its last digit."""
    found = re.match(r"[−-]?(\d+(?:[.,]\d+)?)(?:\s*×\s*10(\S+))?\s*([fpnµmkM]?)", claim)
    assert found, claim
    digits = found[1].partition(".")[2]
    scale = PREFIXES[found[3]] if re.search(r"[A-Z]", claim) or found[3] == "m" else 1
    value = float(found[1]) * scale * (-1 if claim[0] in "−-" else 1)
    return value, 0.51 * 10 ** -len(digits) * scale


def typed(answer: str) -> float:
    """What a student types: a number, perhaps with its unit."""
    return Bench.__new__(Bench).value(figure(answer))


@pytest.mark.parametrize("id", IDS)
def test_every_claim_of_a_lesson_is_what_the_library_computes(id, service):
    lesson = service.lessons.load(id)
    for step, actions, before, after in played(lesson, service):
        place = f"{id}: {step['title']}"
        told = [(step["text"], before), (step.get("task", {}), before), (step.get("reveal"), after)]
        for blocks, bench in told:
            for part in parts(blocks):
                if "claim" in part:
                    value, half = written(part["claim"])
                    assert bench.value(part["value"]) == pytest.approx(value, abs=half), (
                        place, part["claim"])  # fmt: skip
                elif "value" in part:
                    assert bench.value(part["value"]) == bench.value(part["value"]), place
        judged(step, actions, after, place)
        checked(step, actions, before, after, place)


def judged(step, actions, bench: Bench, place: str) -> None:
    """The answer that the fixture calls right is right, and no other choice."""
    predict = step.get("predict")
    if not predict:
        return
    answer = next(value for action in actions for key, value in action.items()
                  if key in {"choose", "number"})  # fmt: skip
    if "choices" in predict:
        right = [choice["right"] for choice in predict["choices"]]
        found = [one if isinstance(one, bool) else bool(bench.value(one)) for one in right]
        assert found.index(True) == answer, (place, found)
        assert sum(found) == 1, (place, found)
    else:
        value = bench.value(predict["number"])
        assert typed(answer) == pytest.approx(value, rel=predict["share"]), (place, value)


def checked(step, actions, before: Bench, after: Bench, place: str) -> None:
    """A task is not done before it is done, and done when it is."""
    checks = [check["when"] for check in step.get("task", {}).get("checks", [])]
    if checks:
        assert not all(before.value(check) for check in checks), f"{place}: done before"
        assert all(after.value(check) for check in checks), f"{place}: not done"


def test_each_lesson_of_the_studio_is_played():
    assert set(ACTIONS) == set(IDS)


def test_every_step_teaches_something(service):
    for about in service.lessons.listed():
        lesson = service.lessons.load(about["id"])
        for step in lesson["steps"]:
            assert step["text"], step["title"]
            assert "predict" in step or "task" in step, step["title"]
            if "task" in step:
                assert step["task"]["hints"], step["title"]
            if "predict" in step:
                assert step["reveal"], step["title"]


def test_the_vocabulary_is_that_of_the_browser_and_of_this_test():
    source = (FOLDER.parents[1] / "assets/modules/panels/learn/figures.mjs").read_text()
    known = set(re.findall(r"^  (\w+)[,:]", source, re.MULTILINE)) - {"neg", "and", "or"}
    assert set(FIGURES) <= known
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in FIGURES:
        assert re.search(rf"`{name}[(`]", told), name
        assert hasattr(Bench, f"_{name}") or name in {"abs", "sqrt", "exp", "tanh", "min", "max"}


# ---- files that are read, and files that are not -------------------------------------------------


def test_reads_a_file(shelf):
    lesson = shelf.read(LESSON)
    (step,) = lesson["steps"]
    assert lesson["title"] == "A test"
    assert step["setup"] == {"open": "rc-pair"}
    assert [type(part) for part in step["text"][0]["p"]] == [str, dict, str, dict, str]
    assert step["predict"]["choices"][1]["right"] is False
    assert step["task"]["checks"][0]["text"] == ["half a second"]
    assert step["reveal"] == [{"p": ["So."]}]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("---\ntitle", "title"), "line 1: a lesson begins with a line ---"),
        (("title: A test\n", ""), "line 3: the head has no title"),
        (("summary: Short.", "colour: red"), "line 3: “colour: red” is not known in the head"),
        (("summary: Short.", "summary: S\norder: x"), "line 4: order must be a number"),
        (("open: rc-pair", "open: nowhere"), "line 8: there is no circuit or example “nowhere”"),
        (("open: rc-pair", "lane: sideways"), "line 9: “lane: sideways” is not understood; it"),
        (("open: rc-pair", "open: rc-pair\nopen: rc-pair"), "line 10: “open” stands twice"),
        (("open: rc-pair", "mode: build"), "line 6: the first step has no set-up that opens"),
        (("v(b, end) > 0.4 V", "volt(b) > 1"), "line 16: there is no figure “volt”"),
        (("choice: no | wrong\n", ""), "line 14: a prediction has either two or more choices"),
        (("choice: no | wrong", "choice: no"), "line 17: a choice is written as"),
        (("check: time() >= 0.5 s | half a second\n", ""), "line 20: a task has a line “check: …”"),
        (("do: Wait.", "dp: Wait."), "line 21: “dp: Wait.” is not known in a task block"),
        (("{v(a, 0) | V}", "{v(a 0)}"), "line 12: “,” is missing after an argument of “v”"),
        (("Here", "}"), "line 12: a brace stands alone"),
        (("So.\n```", "So."), "line 26: the block that opens here is not closed"),
        (("Here", "![](x.png)\n\nHere"), "line 12: a picture needs words"),
        (("Here", "![x](../x.png)\n\nHere"), "line 12: “../x.png” cannot be a picture"),
        (("Here", "```circuit C\n{}\n```\nHere"), "line 12: a circuit block has a name"),
        (("Here", "```circuit c\n{\n```\nHere"), "line 13: the circuit “c” is no JSON"),
        (("## One", "text"), "text stands before the first step"),
    ],
)  # fmt: skip
def test_says_what_is_wrong_and_where(shelf, change, said):
    assert change[0] in LESSON
    with pytest.raises(LessonError) as refused:
        shelf.read(LESSON.replace(*change, 1), name="mine.md")
    assert said in str(refused.value)
    assert str(refused.value).startswith("mine.md, ")
    assert "\n" not in str(refused.value)


NO_CONDITIONS = "1 +|v(1, 2)|v(a)|(1|v(a, end) = 1 within x|1 < 2 within 3|§||x|1 2|min(1)"


@pytest.mark.parametrize("text", NO_CONDITIONS.split("|"))
def test_refuses_what_is_no_condition(text):
    with pytest.raises(LessonError):
        condition(text)


@settings(max_examples=150, deadline=None)
@given(some.text(alphabet=' vbar(,)+-*/<>=1.5%"µVandowithin|{}`#\n', max_size=60))
def test_whatever_is_written_is_read_or_refused_in_one_sentence(text):
    for read in (condition, figure, lambda one: SHELF.read(LESSON.replace("Here", one))):
        said = refusal(read, text)
        assert "\n" not in said.replace(text, "")


def refusal(read, text: str) -> str:
    """Why a text is not read, nothing where it is."""
    try:
        read(text)
    except LessonError as error:
        return str(error)
    return ""


SHELF = Lessons([], ["rc-pair"], check=lambda circuit: circuit)


@settings(max_examples=60, deadline=None)
@given(some.floats(1e-15, 1e9), some.floats(-1e6, 1e6), some.sampled_from("+-*/"))
def test_numbers_mean_what_they_mean_in_python(x, y, sign):
    tree = figure(f"{x!r} {sign} ({y!r})")
    bench = Bench.__new__(Bench)
    expected = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None}[sign]
    if expected is not None:
        assert bench.value(tree) == pytest.approx(expected, rel=1e-12)


UNITS = {
    "0.5 V": 0.5,
    "500 mV": 0.5,
    "2 kΩ": 2e3,
    "50 %": 0.5,
    "3 V/s": 3,
    "1 ns": 1e-9,
    "1 µA": 1e-6,
}


@pytest.mark.parametrize(("text", "value"), UNITS.items())
def test_units_and_prefixes(text, value):
    assert Bench.__new__(Bench).value(figure(text)) == pytest.approx(value, rel=1e-12)


# ---- folders, files and the server ---------------------------------------------------------------


def test_lessons_of_a_teacher_lie_in_a_folder(tmp_path):
    (tmp_path / "My lesson.md").write_text(LESSON, encoding="utf-8")
    (tmp_path / "bad.md").write_text("no lesson", encoding="utf-8")
    (tmp_path / "board.png").write_bytes(b"\x89PNG")
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    lessons = Lessons([tmp_path, tmp_path / "none"], ["rc-pair"], check=lambda circuit: circuit)
    listed = {row["id"]: row for row in lessons.listed()}
    assert listed["own-my-lesson"]["own"] is True
    assert listed["own-bad"]["error"].startswith("bad.md, line 1: ")
    assert lessons.load("own-my-lesson")["title"] == "A test"
    assert lessons.picture("own-my-lesson", "board.png").name == "board.png"
    for name in ("../board.png", "secret.txt", "link.png", "none.png", "", "board.png/.."):
        with pytest.raises(KeyError):
            lessons.picture("own-my-lesson", name)
    (tmp_path / "My lesson.md").write_text(LESSON.replace("A test", "Another"), encoding="utf-8")
    assert lessons.load("own-my-lesson")["title"] == "Another"


def test_the_server_lists_and_serves_them(client, config):
    folder = config.home / "lessons"
    folder.mkdir(parents=True)
    (folder / "mine.md").write_text(LESSON, encoding="utf-8")
    (folder / "p.png").write_bytes(b"\x89PNG")
    ids = [row["id"] for row in client.get("/api/lessons").json]
    assert ids[-1] == "own-mine"
    assert set(IDS) <= set(ids)
    assert client.get("/api/lessons/own-mine").json["steps"][0]["title"] == "One"
    assert client.get("/api/lessons/own-mine/pictures/p.png").data == b"\x89PNG"
    for path in ("nowhere", "own-mine/pictures/q.png", "own-mine/pictures/..%2Fmine.md"):
        assert client.get(f"/api/lessons/{path}").status_code == 404


def test_a_dropped_file_is_read_or_refused_in_words(client):
    def send(data: bytes):
        return client.post("/api/lessons", data=io.BytesIO(data).read(),
                           headers={"X-Filename": "mine.md"})  # fmt: skip

    assert send(LESSON.encode()).json["id"] == "own-file"
    for data, said in (
        (b"\xff\xfe", "mine.md, line 1: the file is not text in UTF-8"),
        (b"", "mine.md, line 1: a lesson begins with a line ---"),
        (b"x" * 1_000_001, "mine.md: a lesson has at most 1000 kB"),
        (LESSON.replace("open: rc-pair", "open: c").encode()
         + b"```circuit c\n{\"format\": \"kirchhoff-circuit/1\", \"nodes\": 3}\n```\n",
         "mine.md, line 29: the circuit “c” cannot be used: "),
    ):  # fmt: skip
        refused = send(data)
        assert refused.status_code == 422
        assert refused.json["error"]["message"].startswith(said)
