import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { axisOf, chooseTraces, createColours, curvesOf, tracesCsv } from "../../../assets/modules/panels/traces.mjs";
import { decode } from "../../../assets/modules/play/trajectory.mjs";
import { encode, rcPair } from "../container.mjs";

const NOTHING = { nodes: [], devices: [] };

function scene() {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1" });
  doc.addNode({ id: "n2" });
  doc.addDevice("n1", "n2", "resistor", { id: "d1" });
  return { sim: decode(rcPair()), doc, lane: "voltages", selection: NOTHING, probes: [] };
}

test("without a selection the most active nodes are drawn", () => {
  const { what, ids, chosen } = chooseTraces(scene());
  assert.deepEqual([what, ids.toSorted(), chosen], ["nodes", ["n1", "n2"], false]);
  assert.deepEqual(chooseTraces({ ...scene(), lane: "currents" }), { what: "devices", ids: ["d1"], chosen: false });
});

test("pinned nodes come first, selected ones follow, unknown ones are left out", () => {
  const choice = chooseTraces({ ...scene(), probes: ["n2", "gone"], selection: { nodes: ["n1", "n2"], devices: [] } });
  assert.deepEqual(choice.ids, ["n2", "n1"]);
});

test("a selected device shows its ends as voltages and itself as a current", () => {
  const selection = { nodes: [], devices: ["d1"] };
  assert.deepEqual(chooseTraces({ ...scene(), selection }).ids, ["n1", "n2"]);
  assert.deepEqual(chooseTraces({ ...scene(), selection, lane: "currents" }).ids, ["d1"]);
});

test("a selected node shows the currents of its devices", () => {
  const choice = chooseTraces({ ...scene(), lane: "currents", selection: { nodes: ["n1"], devices: [] } });
  assert.deepEqual(choice, { what: "devices", ids: ["d1"], chosen: true });
});

test("an id keeps its colour while others come and go", () => {
  const assign = createColours();
  const first = assign(["a", "b", "c"], "light");
  const second = assign(["c", "d"], "light");
  assert.equal(second.get("c"), first.get("c"));
  assert.notEqual(second.get("d"), second.get("c"));
  assert.equal(new Set(first.values()).size, 3);
  assert.notEqual(assign(["c"], "dark").get("c"), first.get("c"), "the dark theme has its own hues");
});

test("curves carry the numbers of the trajectory, with room around them", () => {
  const { sim } = scene();
  const { lines, values } = curvesOf(sim, "voltages", { what: "nodes", ids: ["n2"] });
  assert.equal(lines[0].length, 201);
  assert.ok(Math.abs(lines[0][200] - (0.5 - Math.exp(-2) / 2)) < 1e-6);
  assert.ok(values[0] < 0 && values[0] > -0.1);
  assert.ok(values[1] > lines[0][200] && values[1] < 0.5);
});

test("a curve ends where its device is outside its slice, and begins again", () => {
  const sim = decode(encode(
    { node_ids: [], device_ids: ["d", "e"] },
    { t: { shape: [4], data: [0, 1, 2, 3] }, currents: { shape: [4, 2], data: [1, NaN, 2, NaN, NaN, Infinity, 4, NaN] } },
  ));
  const { lines, values } = curvesOf(sim, "currents", { what: "devices", ids: ["d", "e"] });
  assert.deepEqual(lines, [[1, 2, null, 4], [null, null, null, null]]);
  assert.ok(values[0] < 1 && values[1] > 4 && values[1] < 5);
});

test("a constant has room above and below, however small it is", () => {
  const constant = (value) => {
    const data = { t: { shape: [2], data: [0, 1] }, voltages: { shape: [2, 1], data: [value, value] } };
    return curvesOf(decode(encode({ node_ids: ["n"], device_ids: [] }, data)), "voltages", { what: "nodes", ids: ["n"] }).values;
  };
  assert.deepEqual(constant(0), [-1, 1]);
  assert.deepEqual(constant(0.25), [0, 0.5]);
  assert.deepEqual(constant(-(2 ** -30)), [-(2 ** -29), 0]);
  assert.deepEqual(constant(NaN), [-1, 1]);
});

test("axes name their quantity and unit", () => {
  assert.equal(axisOf("voltages", "nodes").title, "Voltage (V)");
  assert.equal(axisOf("currents", "devices").unit, "A");
  assert.equal(axisOf("adjoint", "nodes", "sum").unit, "");
  assert.equal(axisOf("adjoint", "nodes", "mse").title, "∂L/∂v (V)");
});

test("CSV has units in its head, a line a sample, and no formulas", () => {
  const sim = decode(encode(
    { node_ids: ["=cmd()", 'a"b'], device_ids: [] },
    { t: { shape: [2], data: [0, 0.5] }, voltages: { shape: [2, 2], data: [1, 2, NaN, 4] }, currents: { shape: [2, 0], data: [] } },
  ));
  const csv = tracesCsv(sim, "voltages", { what: "nodes", ids: ["=cmd()", 'a"b'] }, axisOf("voltages", "nodes"));
  assert.equal(csv, "t [s],'=cmd() [V],\"a\"\"b [V]\"\n0,1,2\n0.5,,4\n");
});

test("the head of a CSV is one line, whatever a label holds", () => {
  const sim = { T: 1, t: [0], nodeSeries: () => [1] };
  const csv = tracesCsv(sim, "voltages", { what: "nodes", ids: ["a"] }, { unit: "V" }, () => "x\n.control\r\nshell");
  assert.deepEqual(csv.split("\n"), ["t [s],x .control shell [V]", "0,1", ""]);
});
