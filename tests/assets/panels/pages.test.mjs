import assert from "node:assert/strict";
import { test } from "node:test";
import { livingSelection, toggledRole } from "../../../assets/modules/actions.mjs";
import { curveRange } from "../../../assets/modules/panels/inspector/curve/curve_family.mjs";
import { ticks } from "../../../assets/modules/panels/inspector/curve/curve_picture.mjs";
import { dockHeight } from "../../../assets/modules/dock.mjs";
import { savedMark } from "../../../assets/modules/frame.mjs";
import { createPreferences } from "../../../assets/modules/preferences.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { sizeText } from "../../../assets/modules/panels/example_cards.mjs";
import { fileName, unreadable } from "../../../assets/modules/panels/files/files.mjs";
import { addressOf, parseAddress } from "../../../assets/modules/pages.mjs";

const at = (path) => parseAddress(new URL(path, "http://127.0.0.1:8050"));

test("addresses name the circuit and the mode, and nothing else gets through", () => {
  assert.deepEqual(at("/"), { page: "gallery", id: null, mode: "build" });
  assert.deepEqual(at("/c/rc-1?mode=train"), { page: "workspace", id: "rc-1", mode: "train" });
  assert.equal(at("/c/rc-1?mode=hack").mode, "build");
  assert.equal(at("/c/..%2Fetc").page, "gallery");
  assert.equal(addressOf({ id: "rc-1", mode: "build" }), "/c/rc-1");
  assert.equal(addressOf({ id: "rc-1", mode: "runs" }), "/c/rc-1?mode=runs");
  assert.equal(addressOf({ id: null }), "/");
});

test("curves cover what the simulation visits, with round ticks", () => {
  assert.deepEqual(curveRange([]), [-1.16, 1.16]);
  const [low, high] = curveRange([0, 5]);
  assert.ok(low < -1 && high > 5);
  assert.deepEqual(ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks(0, 0, 4), []);
});

test("Input and Output switch a role on and off without losing the other", () => {
  assert.equal(toggledRole("hidden", "input"), "input");
  assert.equal(toggledRole("input", "input"), "hidden");
  assert.equal(toggledRole("output", "input"), "both");
  assert.equal(toggledRole("both", "input"), "output");
  assert.equal(toggledRole("input", "output"), "both");
});

test("a selection forgets what no longer exists", () => {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1" });
  assert.deepEqual(livingSelection(doc, { nodes: ["n1", "n2"], devices: ["d1"] }), { nodes: ["n1"], devices: [] });
});

test("file names are made of harmless characters", () => {
  assert.equal(fileName("RC pair / <script>", ".csv"), "RC-pair-script.csv");
  assert.equal(fileName("  ", ".json"), "circuit.json");
});

test("a file that cannot be read says why, and how large it may be", () => {
  assert.equal(unreadable({ name: "a.json", size: 64e6 }), "");
  assert.equal(unreadable({ name: "a.json", size: 0 }), "a.json is empty.");
  assert.equal(unreadable({ name: "a.json", size: 90e6 }), "a.json has 90 MB; files up to 64 MB can be opened.");
});

test("an example says how large it is, and how well it does where that is known", () => {
  assert.equal(sizeText({ nodes: 1, devices: 1200 }), "1 node, 1,200 devices");
  assert.equal(sizeText({ nodes: 10, devices: 20, score: "98.77 % of test digits right" }), "10 nodes, 20 devices, 98.77 % of test digits right");
});

test("the dock is never too small to be found nor so large that the board is gone", () => {
  assert.equal(dockHeight(300.4, 1000), 300);
  assert.ok(dockHeight(-50, 1000) > 0);
  assert.ok(dockHeight(5000, 1000) < 1000);
});

test("a browser that keeps nothing does without preferences", () => {
  const refuse = () => { throw new Error("not allowed"); };
  const none = createPreferences({ getItem: refuse, setItem: refuse });
  none.set("kd-dock", "closed");
  assert.equal(none.get("kd-dock"), null);
});

test("the mark says where the circuit is kept, and that a replay and a network are not", () => {
  const mark = (more) => savedMark({ saved: "saved", readOnly: false, run: null, ...more }).text;
  assert.equal(mark({}), "Saved");
  assert.equal(mark({ saved: "offline" }), "Kept in this browser");
  assert.equal(mark({ readOnly: true, run: { id: "a" } }), "Replay");
  assert.equal(mark({ readOnly: true }), "Network");
});
