import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { driveOf, heldBy } from "../../../assets/modules/document/kinds.mjs";
import { levelNames } from "../../../assets/modules/panels/inspector/drive_gradient.mjs";
import { pointsText, readPoints } from "../../../assets/modules/panels/inspector/points_field.mjs";

const WAVEFORMS = {
  sine: { params: [{ name: "offset", default: 0 }, { name: "delay", default: 0 }], lists: [], levels: ["offset", "amplitude"] },
  pulse: { params: [{ name: "low", default: 0 }, { name: "delay", default: 0.5 }], lists: [], levels: ["low", "high"] },
  piecewise_linear: { params: [], lists: [{ name: "times", default: [0] }, { name: "values", default: [0] }], levels: ["values[0]"] },
};

test("another waveform keeps what is called alike and takes the rest from its class", () => {
  const registry = { waveforms: WAVEFORMS };
  assert.deepEqual(driveOf(registry, "pulse", { kind: "sine", params: { offset: 2, delay: 0.1 } }), { kind: "pulse", params: { low: 0, delay: 0.1 } });
  assert.deepEqual(driveOf(registry, "piecewise_linear"), { kind: "piecewise_linear", params: { times: [0], values: [0] } });
});

test("a node is driven and held by its capacitor again, each one step to undo", () => {
  const doc = CircuitDocument.from({ format: "kirchhoff-circuit/1", nodes: [{ id: "n", voltage: 0.5, capacitance: 3, role: "output" }], slices: [{ devices: [] }] });
  const seen = [];
  doc.on("change", ({ electrical }) => seen.push(electrical));
  doc.setNode("n", heldBy(driveOf({ waveforms: WAVEFORMS }, "pulse")));
  const { nodes: [written], format } = doc.toJSON();
  assert.equal(format, "kirchhoff-circuit/2");
  assert.deepEqual([written.drive.kind, written.role, written.voltage, written.capacitance], ["pulse", "hidden", undefined, undefined]);
  assert.throws(() => doc.setNode("n", { role: "input" }), /its role is hidden/);
  doc.setNode("n", heldBy(null));
  assert.deepEqual([doc.node("n").capacitance, doc.toJSON().format, "drive" in doc.node("n")], [3, "kirchhoff-circuit/1", false]);
  doc.undo();
  assert.equal(doc.node("n").drive.kind, "pulse");
  doc.undo();
  assert.deepEqual([doc.node("n").drive, doc.node("n").role], [undefined, "output"]);
  assert.ok(seen.every(Boolean));
  assert.deepEqual(CircuitDocument.from({ format, nodes: [written], slices: [{ devices: [] }] }).toJSON().nodes, [written], "there and back");
});

test("points are a line each, with prefixes and any separator; what is none is named", () => {
  assert.deepEqual(readPoints("0 0\n1m; 2\n\n 3e-3,-1.5", ["times", "values"]).lists, [[0, 0.001, 0.003], [0, 2, -1.5]]);
  assert.match(readPoints("0 0\n1", ["times", "values"]).problem, /^Line 2: expected times and values/);
  assert.match(readPoints("0 zero", ["times", "values"]).problem, /^Line 1.*got “0 zero”/);
  assert.match(readPoints(" \n", ["times", "values"]).problem, /at least one line/);
  const lists = [[0, 1e-9, 0.25], [-1, 0.1, 1234.5678]];
  assert.deepEqual(readPoints(pointsText(lists), ["times", "values"]).lists, lists, "there and back");
});

test("levels of points are counted", () => {
  assert.deepEqual(levelNames(WAVEFORMS.sine, 2), ["offset", "amplitude"]);
  assert.deepEqual(levelNames(WAVEFORMS.piecewise_linear, 2), ["values[0]", "values[1]"]);
});
