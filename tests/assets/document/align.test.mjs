import test from "node:test";
import assert from "node:assert/strict";
import { ALIGNMENTS, aligned } from "../../../assets/modules/document/align.mjs";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { circuitRows, foundRows, runRows } from "../../../assets/modules/panels/finder.mjs";

const nodes = [{ id: "a", x: 10, y: -5 }, { id: "b", x: 110, y: 40 }, { id: "c", x: 20, y: 95 }, { id: "d", x: -30, y: 8 }];
const along = (how, axis) => aligned(nodes, how).map((node) => node[axis]);

test("nodes line up at an edge or on a middle line, and keep the other axis", () => {
  assert.deepEqual(along("left", "x"), [-30, -30, -30, -30]);
  assert.deepEqual(along("right", "x"), [110, 110, 110, 110]);
  assert.deepEqual(along("centre", "x"), [40, 40, 40, 40]);
  assert.deepEqual(along("top", "y"), [-5, -5, -5, -5]);
  assert.deepEqual(along("bottom", "y"), [95, 95, 95, 95]);
  assert.deepEqual(along("middle", "y"), [45, 45, 45, 45]);
  assert.deepEqual(along("middle", "x"), nodes.map(({ x }) => x));
});

test("distributed nodes keep their order and their ends, at equal distances", () => {
  assert.deepEqual(along("across", "x"), [17, 110, 63, -30]);
  assert.deepEqual(along("down", "y"), [-5, 62, 95, 28]);
  assert.deepEqual(aligned(nodes.slice(0, 2), "across"), nodes.slice(0, 2), "two have nothing between them");
  const same = ["p", "q", "r"].map((id) => ({ id, x: 5, y: 5 }));
  assert.deepEqual(aligned(same, "down"), same);
  for (const how of Object.keys(ALIGNMENTS)) assert.equal(aligned(nodes, how).length, 4);
});

test("a search finds names, labels and kinds, whole names first", () => {
  const doc = CircuitDocument.from({
    format: "kirchhoff-circuit/1", name: "",
    nodes: [{ id: "n1", label: "charged", voltage: 0.002, role: "input" }, { id: "n12" }, { id: "n10" }],
    slices: [{ duration: 1, devices: [{ id: "d1", kind: "resistor", source: "n1", target: "gnd" }, { id: "d2", kind: "tanh", source: "n1", target: "n12" }] }],
  });
  const rows = circuitRows(doc, null);
  const titles = (query) => foundRows(rows, query).map(({ title }) => title);
  assert.deepEqual(titles(""), []);
  assert.deepEqual(titles("N1").slice(0, 3), ["charged (n1)", "n12", "n10"]);
  assert.deepEqual(titles("charg"), ["charged (n1)"]);
  assert.deepEqual(titles("resis"), ["d1: resistor, n1 → ground"]);
  assert.deepEqual(foundRows(rows, "d2")[0].go, { nodes: [], devices: ["d2"] });
  assert.deepEqual(titles("zzz"), []);
  const [run] = runRows([{ id: "r-1", name: "moons", state_text: "Done", dataset: "two_moons" }]);
  assert.deepEqual([run.title, run.group, run.go], ["moons", "Run, two_moons, Done", { run: "r-1" }]);
  assert.equal(foundRows([run], "moo").length, 1);
});
