"""The studio as its user meets it: pointer, keys, and what can be read on the page.

`window.kd.debug` is read for assertions only; everything is done by mouse and keyboard.
"""

import json
import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, FloatRect, Page

# Software rendering on a shared machine, perhaps beside other work on every core: every wait is on
# a condition and may take this long.
PATIENCE_S = 120  # the first solve on a machine compiles its kernels
POLL_MS = 40
# A short message may come and go between two looks; this notes each as it is put on the page.
NOTE_MESSAGES = """
window.messagesShown = [];
new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        if (!node.classList?.contains("toast") || !node.isConnected) continue;
        window.messagesShown.push(node.querySelector(".toast-text").textContent);
    }
}).observe(document, { childList: true, subtree: true });
"""

Point = tuple[float, float]


class Workspace:
    """One page of the studio."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.mouse = page.mouse

    # ---- reading -----------------------------------------------------------------------------

    def until(self, expression: str, seconds: float = PATIENCE_S) -> Any:
        """Wait until a JavaScript expression is truthy; returns its value.

        `page.wait_for_function` would need ``unsafe-eval``, which the studio's policy forbids.
        While one page replaces another it has no root element, no `kd` and no context for a
        moment: an expression that fails is one that is not true yet.
        """
        deadline = time.monotonic() + seconds
        failure = None
        while True:
            try:
                if value := self.page.evaluate(f"() => ({expression})"):
                    return value
            except Error as error:
                failure = error
            assert time.monotonic() < deadline, f"not within {seconds} s: {expression}; {failure}"
            self.page.wait_for_timeout(POLL_MS)

    def debug(self, expression: str) -> Any:
        """A field or call of `kd.debug`."""
        return self.page.evaluate(f"() => kd.debug.{expression}")

    def document(self) -> dict[str, Any]:
        return self.debug("doc()")

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text().strip()

    def settled(self) -> dict[str, float]:
        """The viewport, once it has stopped gliding."""
        return self.page.evaluate("""async () => {
            const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
            for (let still = 0, before = ""; still < 4; ) {
                await frame();
                const now = JSON.stringify(kd.debug.viewport());
                still = now === before ? still + 1 : 0;
                before = now;
            }
            return kd.debug.viewport();
        }""")

    def box(self, selector: str) -> FloatRect:
        found = self.page.locator(selector).first.bounding_box()
        assert found, f"{selector} is not on the page"
        return found

    def screen(self, x: float, y: float) -> Point:
        """Page position of a board position."""
        view = self.settled()
        board = self.box("#board")
        return board["x"] + view["x"] + x * view["zoom"], board["y"] + view["y"] + y * view["zoom"]

    def node_at(self, id: str) -> Point:
        """Page position of a node."""
        node = next(node for node in self.document()["nodes"] if node["id"] == id)
        return self.screen(node["x"], node["y"])

    def fresh(self) -> None:
        """Wait for the simulation of the circuit as it is now."""
        self.until("kd.debug.sim && kd.debug.simState === 'fresh'")

    def saved(self) -> None:
        """Wait until the server has everything."""
        self.until("kd.debug.saved === 'saved'")

    def toast(self) -> str:
        """The newest short message of those not asked for before."""
        return self.until("messagesShown.splice(0).at(-1)")

    def figure(self, label: str) -> str:
        """A read-only figure of the inspector, such as "Voltage"."""
        name = self.page.locator("dt", has_text=re.compile(f"^{re.escape(label)}$"))
        row = self.page.locator("#inspector .pane:not([hidden]) .reading:visible").filter(has=name)
        return row.locator("dd").inner_text()

    # ---- ways in -----------------------------------------------------------------------------

    def new_circuit(self) -> None:
        """From the gallery to an empty board."""
        self.page.locator("#gallery-new").click()
        self.until("kd.debug.doc() && kd.debug.viewport() && kd.debug.known")

    def open_example(self, title: str) -> None:
        """From the gallery to one of its examples, simulated."""
        self.page.locator("#gallery-list .card", has_text=title).click()
        self.until("kd.debug.doc() && kd.debug.viewport()")
        self.fresh()
        self.settled()

    def open_file(self, path: Path) -> None:
        """Open a file by the dialog of the button in the top bar or the gallery."""
        with self.page.expect_file_chooser() as chooser:
            self.page.locator('[data-command="import"]:visible').first.click()
        chooser.value.set_files(path)

    def open_circuit(self, circuit: dict[str, Any], folder: Path) -> None:
        """Open a circuit from a file."""
        path = folder / "circuit.json"
        path.write_text(json.dumps(circuit), encoding="utf-8")
        self.open_file(path)
        name = json.dumps(circuit["name"])
        self.until(f"kd.debug.doc()?.name === {name} && kd.debug.viewport()")

    # ---- hands -------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def mode(self, name: str) -> None:
        self.page.locator(f'#mode-switch [data-argument="{name}"]').click()
        self.until(f"document.documentElement.dataset.mode === '{name}'")

    def lane(self, name: str) -> None:
        self.page.locator(f'#lane-switch [data-argument="{name}"]').click()
        self.until(f"kd.debug.lane === '{name}'")

    def tab(self, name: str) -> None:
        self.page.locator(f"#tab-{name}").click()

    def pause(self) -> None:
        """Stop playback where it is."""
        if self.debug("playing"):
            self.page.locator("#transport .transport-play").click()
        self.until("!kd.debug.playing")

    def drag(self, start: Point, end: Point, steps: int = 8) -> None:
        self.mouse.move(*start)
        self.mouse.down()
        self.mouse.move(*end, steps=steps)
        self.mouse.up()

    def select(self, id: str) -> None:
        """Click a node, unless it is selected: two quick clicks would rename it."""
        if self.debug("selection") == {"nodes": [id], "devices": []}:
            return
        self.mouse.click(*self.node_at(id))
        self.until(f"kd.debug.selection.nodes.includes({json.dumps(id)})")

    def select_device(self, id: str) -> None:
        """Click a straight device a little off its middle."""
        device = next(d for part in self.document()["slices"] for d in part["devices"]
                      if d["id"] == id)  # fmt: skip
        (ax, ay), (bx, by) = self.node_at(device["source"]), self.node_at(device["target"])
        self.mouse.click(0.65 * ax + 0.35 * bx, 0.65 * ay + 0.35 * by)
        self.until(f"kd.debug.selection.devices.includes({json.dumps(id)})")

    def connect(self, source: str, target: str) -> None:
        """Draw a device by dragging from node to node."""
        before = self.debug("doc().slices[0].devices.length")
        self.press("e")
        self.drag(self.node_at(source), self.node_at(target))
        self.until(f"kd.debug.doc().slices[0].devices.length === {before + 1}")
        self.press("v")

    def add_node(self, x: float, y: float) -> str:
        """Double-click an empty place of the board; returns the node's id."""
        before = self.debug("doc().nodes.length")
        board = self.box("#board")
        self.mouse.dblclick(board["x"] + x, board["y"] + y)
        self.until(f"kd.debug.doc().nodes.length === {before + 1}")
        return self.debug("doc().nodes.at(-1).id")

    # ---- pixels ------------------------------------------------------------------------------

    def pixel(self, at: Point, layer: str = "flow") -> list[int]:
        """Red, green, blue, alpha that a layer of the board shows at a page position."""
        return self.page.evaluate("""([x, y, layer]) => {
            const canvas = document.querySelector(`#board .board-${layer}`);
            const box = canvas.getBoundingClientRect();
            const scale = canvas.width / box.width;
            const at = [Math.round((x - box.left) * scale), Math.round((y - box.top) * scale)];
            return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
        }""", [*at, layer])  # fmt: skip
