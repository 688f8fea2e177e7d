import test from "node:test";
import assert from "node:assert/strict";
import { sayDevice, sayNode } from "../../../assets/modules/board/spoken.mjs";
import { nearestNode, nextInDirection } from "../../../assets/modules/board/walking.mjs";
import { createConnection, endOf } from "../../../assets/modules/board/connection.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { defaultParams, symbolsOf } from "../../../assets/modules/document/kinds.mjs";
import { createEdits } from "../../../assets/modules/board/edits.mjs";
import { placeOf } from "../../../assets/modules/board/rename.mjs";
import { BOARD_KEYS, SHORTCUTS, attachKeys, comboOf, isTyping, shortcutOf } from "../../../assets/modules/keys.mjs";
import { wheelFactor } from "../../../assets/modules/board/navigation.mjs";
import { readoutOf } from "../../../assets/modules/board/readout.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { createStore } from "../../../assets/modules/lib/store.mjs";
import { initialState } from "../../../assets/modules/document/state.mjs";

const key = (name, more = {}) => ({ key: name, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("keys are named the same way on every keyboard", () => {
  assert.equal(comboOf(key("z", { ctrlKey: true })), "Ctrl+Z");
  assert.equal(comboOf(key("Z", { metaKey: true, shiftKey: true })), "Ctrl+Shift+Z");
  assert.equal(comboOf(key(" ")), "Space");
  assert.equal(comboOf(key("?", { shiftKey: true, code: "Slash" })), "?");
  assert.equal(comboOf(key("?", { shiftKey: true, code: "Minus" })), "?");
  assert.equal(comboOf(key("!", { shiftKey: true, code: "Digit1" })), "Shift+1");
  assert.equal(comboOf(key("3", { shiftKey: true, code: "Digit3" })), "Shift+3");
  assert.equal(comboOf(key("3", { code: "Digit3" })), "3");
  assert.equal(comboOf({ ...key("[", { ctrlKey: true, altKey: true }), getModifierState: (m) => m === "AltGraph" }), "[");
  assert.equal(comboOf(key("Esc")), "Escape");
});

test("every shortcut is unique, titled, and found by its own event", () => {
  const combos = SHORTCUTS.map((s) => s.keys);
  assert.equal(new Set(combos).size, combos.length);
  for (const s of [...SHORTCUTS, ...BOARD_KEYS]) assert.ok(s.title && s.group && s.keys);
  assert.equal(shortcutOf(key("z", { ctrlKey: true })).command, "undo");
  assert.deepEqual([shortcutOf(key("e")).command, shortcutOf(key("e")).argument], ["tool", "device"]);
  assert.equal(shortcutOf(key("q")), null);
  for (const command of ["undo", "redo", "delete", "copy", "paste", "duplicate", "select-all", "generate", "layout", "fit", "fit-selection",
    "play-pause", "step-forward", "step-back", "reverse", "faster", "slower", "theme", "shortcuts", "palette", "save-version"]) {
    assert.ok(SHORTCUTS.some((s) => s.command === command), command);
  }
});

/** An element as far as isTyping asks. */
const inside = (...selectors) => ({ closest: (query) => (query.split(",").some((q) => selectors.includes(q.trim())) ? { type: "text" } : null) });

test("keys never fire inside fields, lists and dialogs; Space taps act on release", () => {
  const handlers = {};
  const target = { addEventListener: (type, fn) => { handlers[type] = fn; }, removeEventListener() {} };
  const ran = [];
  attachKeys({ target, commands: { run: (name, argument) => { ran.push([name, argument]); return true; } } });
  const press = (event) => handlers.keydown({ preventDefault() {}, target: inside(), ...event });
  press({ ...key("v"), target: inside("input") });
  press({ ...key("v"), target: inside("dialog[open]") });
  assert.deepEqual(ran, []);
  press(key("v"));
  press(key(" "));
  assert.deepEqual(ran, [["tool", "select"]]);
  press({ ...key(" "), repeat: true });
  handlers.keyup({ ...key(" "), target: inside() });
  assert.deepEqual(ran.at(-1), ["play-pause", undefined]);
  press({ ...key(" "), target: inside("button") });
  handlers.keyup({ ...key(" "), target: inside("button") });
  assert.equal(ran.length, 2);
  assert.equal(isTyping(inside("textarea")), true);
  assert.equal(isTyping(null), false);
});

test("drawing: drag to a node connects, to itself does nothing, to empty board grows", () => {
  const c = createConnection();
  const place = (id) => ({ a: { x: 0, y: 0 }, b: { x: 100, y: 0 } })[id];
  c.begin("a", { x: 0, y: 0 });
  c.aim({ x: 60, y: 5 }, null);
  assert.deepEqual([c.ghost(place).x1, c.ghost(place).target], [60, false]);
  c.aim({ x: 92, y: 5 }, "b");
  assert.deepEqual([c.ghost(place).x0, c.ghost(place).x1, c.ghost(place).target], [20, 80, true]);
  assert.deepEqual(c.finish(), { do: "connect", source: "a", target: "b" });
  assert.equal(c.active(), false);
  c.begin("a", { x: 0, y: 0 });
  c.aim({ x: 1, y: 1 }, "a");
  assert.deepEqual(c.finish(), { do: "nothing" });
  c.begin("gnd", { x: 5, y: 90 });
  c.aim({ x: 50, y: 50 }, null);
  assert.deepEqual(c.finish(), { do: "grow", source: "gnd", point: { x: 50, y: 50 } });
  assert.deepEqual(c.finish(), { do: "nothing" });
  assert.equal(endOf({ type: "ground", id: "a" }), "gnd");
  assert.equal(endOf({ type: "device", id: "d1" }), null);
});

function bench() {
  const store = createStore({ ...initialState(), doc: CircuitDocument.from() });
  store.set({ registry: { devices: { resistor: { title: "Resistor", params: [{ name: "conductance", default: 1 }] }, tanh: { title: "Tanh", params: [{ name: "a", default: 0.5 }] } } } });
  return { store, doc: store.get("doc"), edits: createEdits(store) };
}

test("devices drawn before the registry is there get their parameters when it comes", () => {
  const { store, doc, edits } = bench();
  const { registry } = store.get();
  store.set({ registry: null });
  edits.addNode({ x: 0, y: 0 });
  const [grounded] = edits.ground(["n1"]);
  assert.deepEqual(doc.device(grounded).params, {});
  store.set({ registry });
  assert.deepEqual(doc.device(grounded).params, { conductance: 1 });
  doc.setParams(grounded, { conductance: 5 });
  store.set({ registry: { ...registry } });
  assert.deepEqual(doc.device(grounded).params, { conductance: 5 });
});

test("edits give new devices the chosen kind with complete defaults and one undo step each", () => {
  const { store, doc, edits } = bench();
  edits.addNode({ x: 0.4, y: 10.6 });
  assert.deepEqual([doc.node("n1").x, doc.node("n1").y], [0, 11]);
  const made = edits.connectToNew("n1", { x: 200, y: 0 });
  assert.deepEqual(doc.device(made.device).params, { conductance: 1 });
  doc.undo();
  assert.equal(doc.nodes.length, 1);
  doc.redo();
  store.set({ deviceKind: "tanh" });
  const [grounded] = edits.ground(["n1"]);
  assert.deepEqual([doc.device(grounded).kind, doc.device(grounded).target, doc.device(grounded).params], ["tanh", "gnd", { a: 0.5 }]);
  edits.reverse([grounded]);
  assert.equal(doc.device(grounded).source, "gnd");
  edits.setKind([made.device, grounded], "resistor");
  doc.undo();
  assert.equal(doc.device(grounded).kind, "tanh");
  assert.deepEqual(defaultParams(null, "tanh"), {});
});

test("what is renamed stays selected, and a refused name changes nothing", () => {
  const { store, doc, edits } = bench();
  edits.addNode({ x: 0, y: 0 });
  const { node, device } = edits.connectToNew("n1", { x: 200, y: 0 });
  edits.select(["n1", node], [device]);
  edits.rename("n1", "source");
  edits.rename(device, "R1");
  assert.deepEqual(store.get("selection"), { nodes: ["source", node], devices: ["R1"] });
  assert.equal(doc.device("R1").source, "source");
  assert.throws(() => edits.rename("source", node), /exists already/);
  assert.throws(() => edits.rename("source", "gnd"), /gnd/);
  assert.deepEqual([store.get("selection").nodes, doc.nodes.map(({ id }) => id)], [["source", node], ["source", node]]);
});

test("the field for a name stands on the node, and on the middle of a straight device", () => {
  const scene = buildScene({
    nodes: [{ id: "a", x: 0, y: 0 }, { id: "b", x: 200, y: 0 }],
    slices: [{ devices: [{ id: "d", kind: "resistor", source: "a", target: "b" }] }],
  });
  assert.deepEqual(placeOf(scene, "b"), { x: 200, y: 0 });
  const { x, y } = placeOf(scene, "d");
  assert.ok(Math.abs(x - 100) < 30 && Math.abs(y) < 1e-6, `${x}, ${y}`);
  assert.equal(placeOf(scene, "gone"), null);
});

test("symbols are known once the registry is", () => {
  assert.deepEqual(symbolsOf(null), {});
  assert.deepEqual(symbolsOf({ devices: { resistor: { symbol: "M0 0h1" } } }), { resistor: "M0 0h1" });
});

test("repeated nodes in the middle of the view do not pile up", () => {
  const { doc, edits } = bench();
  for (let k = 0; k < 5; k++) edits.addNodeNear({ x: 0, y: 0 });
  doc.nodes.forEach((a, i) => doc.nodes.forEach((b, j) => i < j && assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 100)));
});

test("arrow keys reach every node of a grid and never the wrong side", () => {
  const nodes = [];
  for (let k = 0; k < 12; k++) nodes.push({ id: `${k}`, x: (k % 4) * 100, y: Math.floor(k / 4) * 100 });
  const scene = buildScene({ nodes, slices: [{ devices: [] }] });
  assert.equal(nextInDirection(scene, 5, 1, 0), 6);
  assert.equal(nextInDirection(scene, 5, -1, 0), 4);
  assert.equal(nextInDirection(scene, 5, 0, -1), 1);
  assert.equal(nextInDirection(scene, 5, 0, 1), 9);
  assert.equal(nextInDirection(scene, 0, -1, 0), -1);
  assert.equal(nearestNode(scene, 290, 210), 11);
});

test("what is said names the element, its role, value and ends", () => {
  const { store, doc, edits } = bench();
  edits.addNode({ x: 0, y: 0 }, "input");
  edits.ground(["n1"]);
  assert.equal(sayNode(doc, "n1", 0.512), "n1, input, 0.512 V, 1 device");
  assert.equal(sayDevice(doc, "d1", store.get("registry")), "d1, Resistor from n1 to ground");
});

test("the read-out tells both adjoint currents, and nothing about what is gone", () => {
  const { store, doc, edits } = bench();
  edits.addNode({ x: 0, y: 0 });
  edits.connectToNew("n1", { x: 200, y: 0 });
  const scene = buildScene(doc);
  const frame = { v: Float32Array.of(0.5, 0), i: Float32Array.of(0.25), iTarget: Float32Array.of(0.125), g: Float32Array.of(0.5) };
  const at = (hover, lane = "voltages") => readoutOf(scene, frame, { lane, hover, registry: store.get("registry"), hasSim: true });
  assert.deepEqual(at({ type: "node", id: "n1" }), ["n1", "0.500 V", ""]);
  assert.deepEqual(at({ type: "device", id: "d1" }), ["d1 · Resistor", "0.250 A", "n1 → n2"]);
  assert.match(at({ type: "device", id: "d1" }, "adjoint")[1], /0\.250 out, 0\.125 in/);
  assert.equal(at({ type: "node", id: "zz" }), null);
});

test("one notch of the wheel zooms by about a fifth, there and back to the same place", () => {
  const out = wheelFactor({ deltaY: 120 });
  assert.ok(out > 0.75 && out < 0.9);
  assert.ok(Math.abs(out * wheelFactor({ deltaY: -120 }) - 1) < 1e-9);
  assert.ok(wheelFactor({ deltaY: 3, deltaMode: 1 }) < 1);
});
