"""Every lesson played to its end in a real browser, by mouse alone and by keyboard alone."""

import json

import pytest

from designer.lessons.shelf import FOLDER
from tests.designer.lesson_model import ACTIONS
from tests.e2e.lesson_player import Keyboard, Mouse
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

IDS = sorted(path.stem for path in FOLDER.glob("[a-z]*.md"))


def open_lesson(desk: Workspace, id: str, by) -> None:
    """From the front page, forgetting what was answered before."""
    desk.page.evaluate("() => localStorage.removeItem('kd-lessons')")
    card = f'#gallery-lessons .lesson-card[data-lesson="{id}"]'
    desk.page.locator(card).wait_for()
    if by is Mouse:
        desk.page.locator(card).click()
    else:
        Keyboard(desk).tab_to(card)
        desk.press("Enter")
    desk.until("document.documentElement.dataset.lesson === 'on'")


@pytest.mark.parametrize("by", [Mouse, Keyboard], ids=["mouse", "keyboard"])
@pytest.mark.parametrize("id", IDS)
def test_is_played_to_its_end(desk, id, by):
    open_lesson(desk, id, by)
    by(desk).play(ACTIONS[id])
    desk.until("document.documentElement.dataset.page === 'learn'")
    done = desk.page.locator(f'#learn-list .lesson-card[data-lesson="{id}"]')
    done.wait_for()
    assert "Done" in done.inner_text()
    kept = json.loads(desk.page.evaluate("() => localStorage.getItem('kd-lessons')"))[id]["steps"]
    for k, actions in enumerate(ACTIONS[id]):
        assert kept[str(k)]["done"], k
        if any({"choose", "number"} & set(action) for action in actions):
            assert kept[str(k)]["right"], k


OWN = """---
title: Mine
summary: A teacher's own.
---

## Find one half

```setup
open: half
mode: simulate
time: end
select: r1
```

`b` ends at {v(b, end) | V}.

```task
do: Make `b` end above 0.45 V.
check: v(b, end) > 0.45 V | It ends above 0.45 V
hint: A larger conductance.
hint: Try 3 S.
```

## The end

```task
do: Select `a`.
check: selected(a)
hint: Click it.
```

```circuit half
{"format": "kirchhoff-circuit/1", "name": "Half",
 "nodes": [{"id": "a", "voltage": 1.0, "role": "input", "x": -90, "y": 0},
           {"id": "b", "role": "output", "x": 90, "y": 0}],
 "slices": [{"duration": 0.5, "devices": [
   {"id": "r1", "kind": "resistor", "source": "a", "target": "b",
    "params": {"conductance": 1.0}}]}]}
```
"""


def test_a_teachers_own_file_on_a_telephone(open_studio, shared_studio, tmp_path):
    """Opened from a file; hints after failed tries; progress over a reload; Escape leaves."""
    desk = open_studio(shared_studio, "/learn", alone=True, viewport={"width": 390, "height": 844})
    page = desk.page
    page.locator("#learn-list .lesson-card").first.wait_for()
    path = tmp_path / "mine.md"
    path.write_text(OWN.replace("selected(a)", "chosen(a)"), encoding="utf-8")
    desk.open_file(path)
    said = "mine.md, line 28: there is no figure “chosen”; there are v, q"
    assert desk.toast().startswith(said)
    path.write_text(OWN, encoding="utf-8")
    desk.open_file(path)
    student = Mouse(desk)
    student.ready()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    shown = page.locator(".lesson-live").first
    desk.until("document.querySelector('.lesson-live').textContent === '0.316 V'")
    for tries in ("1.1", "1.2", "1.3"):
        student.fill("Conductance", tries)
        desk.until(f"kd.debug.doc().slices[0].devices[0].params.conductance === {tries}")
        desk.fresh()
    desk.until("document.querySelectorAll('.lesson-hint:not([hidden])').length === 1")
    page.get_by_role("button", name="One more hint").click()
    assert page.locator(".lesson-hint:visible").count() == 2
    student.fill("Conductance", "3")
    student.finished()
    assert shown.inner_text() == "0.475 V"
    page.locator(".lesson-foot .primary").click()
    desk.until("location.pathname === '/learn/own-file/2'")
    page.reload()
    desk.until("document.querySelector('.lesson-place')?.textContent === 'Step 2 of 2'")
    student.ready()
    assert page.locator(".lesson-dot").first.get_attribute("data-done") == "true"
    page.locator(".lesson-step-title").focus()
    desk.press("ArrowLeft")
    desk.until("document.querySelector('.lesson-place')?.textContent === 'Step 1 of 2'")
    desk.press("Escape")
    desk.until("document.documentElement.dataset.page === 'learn'")
    page.go_back()
    desk.until("document.documentElement.dataset.lesson === 'on'")
