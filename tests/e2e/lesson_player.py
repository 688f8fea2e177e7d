"""A student who plays lessons in a real browser: one by the mouse alone, one by the keyboard alone.

What is done in each step stands in tests/golden/lesson_actions.json; the product does not know it.
"""

import json
from typing import Any

from tests.e2e.workspace import PATIENCE_S, Workspace

MOST_TABS = 160
FOCUSED = """(selector) => {
    const found = document.activeElement?.closest?.(selector);
    return Boolean(found) && found.checkVisibility();
}"""


class Student:
    """What both have in common."""

    def __init__(self, desk: Workspace) -> None:
        self.desk = desk
        self.page = desk.page

    def play(self, steps: list[list[dict[str, Any]]]) -> None:
        """All steps of the lesson that is open, to its end."""
        for k, actions in enumerate(steps):
            place = "document.querySelector('.lesson-place')?.textContent"
            self.desk.until(f"{place}.startsWith('Step {k + 1} of')")
            self.ready()
            for action in actions:
                for name, given in action.items():
                    getattr(self, name)(given)
            self.finished()
            self.next()

    def ready(self) -> None:
        """The set-up of the step is in place and solved."""
        self.desk.until("document.getElementById('lesson').dataset.state === 'ready'")
        self.desk.until("kd.debug.viewport()")
        self.desk.fresh()
        self.desk.settled()

    def finished(self) -> None:
        """The step says that it is done: its model agreed. A training may take its time."""
        trains = "document.documentElement.dataset.mode === 'train'"
        patience = 10 * PATIENCE_S if self.page.evaluate(f"() => {trains}") else PATIENCE_S
        self.desk.until("document.querySelector('.lesson-foot .primary')?.textContent", patience)
        notes = "[...document.querySelectorAll('.lesson-note')]"
        self.desk.until(f"!{notes}.some((note) => note.textContent.startsWith('Noted'))")

    def has_predicted(self) -> None:
        self.desk.until("document.querySelector('.lesson-fields').disabled")

    def field(self, label: str) -> str:
        """The number beside a label; its name for screen readers may end with its unit."""
        pane = "#inspector .pane:not([hidden]) input.field-number"
        return f'{pane}[aria-label="{label}"], {pane}[aria-label^="{label} in "]'

    def edited(self, given: list[Any], of: str) -> None:
        """The document has what was typed."""
        id, _, value, name = given
        elements = "nodes" if of == "node" else "slices.flatMap((s) => s.devices)"
        where = name if of == "node" else f"params.{name}"
        found = f"kd.debug.doc().{elements}.find((one) => one.id === {json.dumps(id)})"
        self.desk.until(f"{found}.{where} === {float(value)!r}")


class Mouse(Student):
    """By the mouse; only numbers are typed."""

    def choose(self, k: int) -> None:
        self.page.locator(".lesson-choice").nth(k).click()
        self.page.get_by_role("button", name="That is my prediction").click()
        self.has_predicted()

    def number(self, text: str) -> None:
        self.page.locator(".lesson-field").click()
        self.page.keyboard.type(text)
        self.page.get_by_role("button", name="That is my prediction").click()
        self.has_predicted()

    def time(self, to: float | str) -> None:
        self.desk.pause()
        slider = self.desk.box("#transport .transport-slider")
        duration = self.desk.debug("duration")
        # The thumb's centre is half its width from either end; beyond, the slider stays there.
        share = 1.2 if to == "end" else to / duration or -0.2
        x = slider["x"] + 8 + share * (slider["width"] - 16)
        y = slider["y"] + slider["height"] / 2
        self.desk.drag((slider["x"] + slider["width"] / 2, y), (x, y))

    def select(self, id: str) -> None:
        self.desk.select(id)

    def select_device(self, id: str) -> None:
        self.desk.select_device(id)

    def fill(self, label: str, value: str) -> None:
        field = self.page.locator(self.field(label)).locator("visible=true").first
        field.click(click_count=3)
        self.page.keyboard.type(value)
        self.page.locator(".lesson-step-title").click()

    def device(self, given: list[Any]) -> None:
        id, label, value, _ = given
        if id not in self.desk.debug("selection.devices"):
            self.select_any_device(id)
        self.fill(label, value)
        self.edited(given, "device")

    def select_any_device(self, id: str) -> None:
        """From the list of devices at a node where its wire is hard to hit."""
        device = next(
            d for part in self.desk.document()["slices"] for d in part["devices"] if d["id"] == id
        )
        if device["target"] != "gnd":
            return self.desk.select_device(id)
        self.desk.select(device["source"])
        self.page.locator("#inspector .pane:not([hidden])").get_by_text(
            id, exact=True
        ).first.click()
        return self.desk.until(f"kd.debug.selection.devices.includes({json.dumps(id)})")

    def node(self, given: list[Any]) -> None:
        id, label, value, _ = given
        self.desk.select(id)
        self.fill(label, value)
        self.edited(given, "node")

    def slice(self, given: list[Any]) -> None:
        k, value = given
        self.page.locator("#tab-circuit").click()
        many = self.desk.debug("doc().slices.length") > 1
        self.fill(f"Slice {k} lasts" if many else "Duration", value)
        self.desk.until(f"kd.debug.doc().slices[{k - 1}].duration === {float(value)!r}")

    def connect(self, given: list[Any]) -> None:
        source, target, *_ = given
        self.page.locator('#toolstrip [data-argument="device"]').click()
        self.desk.drag(self.desk.node_at(source), self.desk.node_at(target))

    def mode(self, name: str) -> None:
        self.desk.mode(name)

    def train(self, _given: Any) -> None:
        self.page.locator("#train-fields:not([disabled])").wait_for(state="attached")
        self.page.locator("#train-start").click()

    def replay(self, _epoch: int) -> None:
        slider = self.desk.box("#train-epoch")
        y = slider["y"] + slider["height"] / 2
        self.desk.drag((slider["x"] + 4, y), (slider["x"] + slider["width"] - 4, y))

    def next(self) -> None:
        self.page.locator(".lesson-foot .primary").click()


class Keyboard(Student):
    """By keys alone, found with Tab."""

    def tab_to(self, selector: str, back: bool = False) -> None:
        """Press Tab until the focus is in an element of the selector."""
        for _ in range(MOST_TABS):
            if self.page.evaluate(FOCUSED, selector):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    def to_lesson(self) -> None:
        if not self.page.evaluate(FOCUSED, "#lesson"):
            if self.page.evaluate(FOCUSED, "input[type=text]"):
                self.page.keyboard.press("Escape")  # leave the field: there a J is a letter
            self.page.keyboard.press("j")
            self.desk.until("document.activeElement.closest('#lesson')")

    def to_board(self) -> None:
        if self.page.evaluate(FOCUSED, "#board"):
            return
        self.to_lesson()
        self.page.keyboard.press("j")
        self.desk.until("document.activeElement.id === 'board'")

    def choose(self, k: int) -> None:
        self.to_lesson()
        self.tab_to(".lesson-choice input")
        self.page.keyboard.press("Space")
        for _ in range(k):
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Enter")
        self.has_predicted()

    def number(self, text: str) -> None:
        self.to_lesson()
        self.tab_to(".lesson-field")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.has_predicted()

    def time(self, to: float | str) -> None:
        """By the board's keys: one sample on, or on the slider to its ends."""
        if self.desk.debug("playing"):
            self.to_board()
            self.page.keyboard.press("Space")
            self.desk.until("!kd.debug.playing")
        if to in ("end", 0):
            self.to_lesson()
            self.tab_to(".transport-slider")
            self.page.keyboard.press("End" if to == "end" else "Home")
            return
        self.to_board()
        now = self.desk.debug("time")
        for _ in range(40):
            if abs(now - to) < 0.006 * self.desk.debug("duration"):
                return
            key = "." if now < to else ","
            before = now
            self.page.keyboard.press(key)
            now = self.desk.debug("time")
            # As many more as lie between, less what uneven samples could make too many.
            for _ in range(int(0.7 * (to - now) / (now - before)) if now != before else 0):
                self.page.keyboard.press(key)
            now = self.desk.debug("time")
        raise AssertionError("the time is not reached by steps")

    def select(self, id: str) -> None:
        """Tab on the board walks the nodes in their order."""
        self.to_board()
        ids = [node["id"] for node in self.desk.document()["nodes"]]
        for _ in range(2 * len(ids) + 2):
            chosen = self.desk.debug("selection.nodes")
            if chosen == [id]:
                return
            back = bool(chosen) and ids.index(chosen[0]) > ids.index(id)
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach the node {id}")

    def select_device(self, id: str) -> None:
        """D walks the devices of a node."""
        devices = [d for part in self.desk.document()["slices"] for d in part["devices"]]
        device = next(d for d in devices if d["id"] == id)
        self.select(device["source"])
        for _ in range(len(devices) + 1):
            self.page.keyboard.press("d")
            if self.desk.debug("selection.devices") == [id]:
                return
        raise AssertionError(f"D does not reach the device {id}")

    def fill(self, label: str, value: str) -> None:
        self.tab_to(self.field(label))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(value)
        self.page.keyboard.press("Enter")

    def device(self, given: list[Any]) -> None:
        id, label, value, _ = given
        self.select_device(id)
        self.page.keyboard.press("Enter")
        self.fill(label, value)
        self.edited(given, "device")

    def node(self, given: list[Any]) -> None:
        id, label, value, _ = given
        self.select(id)
        self.page.keyboard.press("Enter")
        self.fill(label, value)
        self.edited(given, "node")

    def slice(self, given: list[Any]) -> None:
        k, value = given
        self.to_board()
        self.tab_to("#inspector [role=tab]")
        for _ in range(4):
            if self.page.evaluate("() => document.activeElement.id === 'tab-circuit'"):
                break
            self.page.keyboard.press("ArrowRight")
        self.page.keyboard.press("Enter")
        many = self.desk.debug("doc().slices.length") > 1
        self.fill(f"Slice {k} lasts" if many else "Duration", value)
        self.desk.until(f"kd.debug.doc().slices[{k - 1}].duration === {float(value)!r}")

    def connect(self, given: list[Any]) -> None:
        source, target, *_ = given
        self.select(source)
        self.page.keyboard.press("c")
        self.page.keyboard.press("ArrowRight")  # to the node in the middle,
        self.page.keyboard.press("ArrowRight")  # and on to the last
        self.page.keyboard.press("Enter")
        self.desk.until(f"kd.debug.doc().slices.at(-1).devices.at(-1).source === {source!r}")
        self.desk.until(f"kd.debug.doc().slices.at(-1).devices.at(-1).target === {target!r}")

    def mode(self, name: str) -> None:
        self.to_board()
        self.page.keyboard.press(
            {"build": "1", "simulate": "2", "train": "3", "runs": "4", "export": "5"}[name]
        )

    def train(self, _given: Any) -> None:
        self.page.locator("#train-fields:not([disabled])").wait_for(state="attached")
        self.to_board()
        self.tab_to("#train-start")
        self.page.keyboard.press("Enter")

    def replay(self, _epoch: int) -> None:
        self.to_board()
        self.tab_to("#train-epoch [role=slider], #train-epoch")
        self.page.keyboard.press("End")

    def next(self) -> None:
        self.to_lesson()
        self.tab_to(".lesson-foot .primary")
        self.page.keyboard.press("Enter")
