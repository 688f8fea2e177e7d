import test from "node:test";
import assert from "node:assert/strict";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { cellsOf, deviceColumns, filtered, nodeColumns, writeBlock } from "../../../assets/modules/panels/sheet/sheet.mjs";
import { nextCell, windowAround } from "../../../assets/modules/panels/sheet/walk.mjs";

const registry = {
  devices: {
    resistor: { title: "Resistor", params: [{ name: "conductance", unit: "S", default: 1, low: 0 }] },
    tanh: { title: "tanh", params: [{ name: "a", default: 1 }, { name: "b", default: 0 }] },
  },
};
const circuit = () => CircuitDocument.from({
  format: "kirchhoff-circuit/2", name: "",
  nodes: [{ id: "a", label: "first", voltage: 1, role: "input" }, { id: "b" }, { id: "u", capacitance: 0, drive: { kind: "constant", params: { level: 2 } } }],
  slices: [{ duration: 1, devices: [{ id: "R", kind: "resistor", source: "a", target: "b", params: { conductance: 2 } }, { id: "T", kind: "tanh", source: "b", target: "gnd", params: { a: 0.5, b: 0 } }] }],
});
const column = (columns, name) => columns.find((one) => one.name === name);

test("cells say what the document says; what has no meaning stays empty", () => {
  const doc = circuit();
  const nodes = nodeColumns();
  assert.deepEqual(nodes.map(({ read }) => read(doc.node("a"))), ["a", "first", "1", "1", "input", "", ""]);
  assert.deepEqual(nodes.map(({ read }) => read(doc.node("u"))), ["u", "", null, null, null, "constant", ""]);
  const devices = deviceColumns(doc, registry);
  assert.deepEqual(devices.map(({ title }) => title), ["Device", "Kind", "From", "To", "conductance (S)", "a", "b", "Trainable", "Now (A)"]);
  assert.deepEqual(devices.map(({ read }) => read(doc.device("T"))), ["T", "tanh", "b", "ground", null, "0.5", "0", true, ""]);
});

test("every written cell is one undo step, with prefixes and units read as everywhere", () => {
  const doc = circuit();
  const before = doc.hash();
  const write = (columns, name, id, value) => column(columns, name).write(doc, doc.node(id) ?? doc.device(id), value);
  for (const [columns, name, id, value, seen] of [
    [nodeColumns(), "capacitance", "b", "2.2u", () => doc.node("b").capacitance === 2.2e-6],
    [nodeColumns(), "role", "b", "output", () => doc.outputs.length === 1],
    [nodeColumns(), "id", "a", " in ", () => doc.device("R").source === "in"],
    [deviceColumns(doc, registry), "target", "R", "Ground", () => doc.device("R").target === "gnd"],
    [deviceColumns(doc, registry), "param conductance", "R", "1,5 m", () => doc.device("R").params.conductance === 1.5e-3],
    [deviceColumns(doc, registry), "kind", "T", "resistor", () => doc.device("T").params.conductance === 1],
    [deviceColumns(doc, registry), "trainable", "R", false, () => doc.device("R").trainable === false],
  ]) {
    write(columns, name, id, value);
    assert.ok(seen(), name);
    doc.undo();
    assert.equal(doc.hash(), before, name);
  }
});

test("a refused value changes nothing and says why in a sentence", () => {
  const doc = circuit();
  const before = doc.hash();
  const refuse = (columns, name, id, value, words) => assert.throws(() => column(columns, name).write(doc, doc.node(id) ?? doc.device(id), value), { message: words });
  refuse(nodeColumns(), "voltage", "a", "high", /Start \(V\): “high” cannot be taken. Not a number./);
  refuse(nodeColumns(), "capacitance", "a", "-1", /At least 0/);
  refuse(nodeColumns(), "id", "a", "b", /exists already/);
  refuse(deviceColumns(doc, registry), "param conductance", "R", "-3", /At least 0/);
  refuse(deviceColumns(doc, registry), "target", "R", "nowhere", /nowhere/);
  refuse(deviceColumns(doc, registry), "source", "R", "b", /./);
  assert.equal(doc.hash(), before);
});

test("a pasted block is one undo step, or nothing", () => {
  const doc = circuit();
  const sheet = () => ({ records: doc.nodes, columns: nodeColumns() });
  assert.deepEqual(cellsOf("1\t2\r\n3\t4\n"), [["1", "2"], ["3", "4"]]);
  assert.equal(writeBlock(doc, sheet(), 0, 1, cellsOf("x\t0.5\t1m\ny\t0.25\t2m\nz\t9\t9\nbeyond\t1\t1")), 7, "a driven node has no start voltage");
  assert.deepEqual(doc.nodes.map(({ label, voltage, capacitance }) => [label, voltage, capacitance]), [["x", 0.5, 1e-3], ["y", 0.25, 2e-3], ["z", 0, 0]]);
  doc.undo();
  assert.equal(doc.hash(), circuit().hash());
  assert.throws(() => writeBlock(doc, sheet(), 0, 2, cellsOf("0.5\nno number")), /no number/);
  assert.equal(doc.hash(), circuit().hash());
  writeBlock(doc, sheet(), 0, 0, cellsOf("n\t1st"));
  assert.deepEqual([doc.node("n").label, doc.device("R").source], ["1st", "n"], "a renamed node is found under its new name");
});

test("rows are found by what stands in their words", () => {
  const doc = circuit();
  const found = (query) => filtered(doc.devices, deviceColumns(doc, registry), query).map(({ id }) => id);
  assert.deepEqual([found(""), found("TANH"), found("ground"), found("zzz")], [["R", "T"], ["T"], ["T"], []]);
});

test("keys walk the sheet and stay in it", () => {
  const size = { rows: 30, columns: 5, page: 10 };
  const go = (key, at, more = {}) => Object.values(nextCell({ key, ...more }, { row: at[0], column: at[1] }, size));
  assert.deepEqual(go("ArrowUp", [0, 0]), [0, 0]);
  assert.deepEqual(go("PageDown", [25, 2]), [29, 2]);
  assert.deepEqual(go("End", [3, 1]), [3, 4]);
  assert.deepEqual(go("Home", [3, 1], { ctrlKey: true }), [0, 0]);
  assert.equal(nextCell({ key: "x" }, { row: 0, column: 0 }, size), null);
  assert.equal(nextCell({ key: "ArrowDown" }, { row: 0, column: 0 }, { ...size, rows: 0 }), null);
  assert.deepEqual(windowAround(201, 1000, 200), { first: 200, last: 400 });
  assert.deepEqual(windowAround(999, 1001, 200), { first: 800, last: 1000 });
  assert.deepEqual(windowAround(5, 40, 200), { first: 0, last: 40 });
});
