import assert from "node:assert/strict";
import { test } from "node:test";
import { CircuitDocument } from "../../../assets/modules/document/document.mjs";
import { crossesOf } from "../../../assets/modules/paint/broken.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { dotsOf, drawsWords, isDrawn, ofDraw } from "../../../assets/modules/panels/breaking/draws.mjs";
import { basisWords, complete, editLines, inForce, phraseOf, placed, valuesOf } from "../../../assets/modules/panels/breaking/faults.mjs";
import { editMarks, runFigure } from "../../../assets/modules/panels/run_curves.mjs";

const param = (name, usual) => ({ name, default: usual });
const CHANGES = {
  stuck: { title: "Stuck device", place: "device", needed: ["device"], fault: true, params: [param("device", ""), param("value", 0)] },
  drift: { title: "Drift", place: "device", needed: [], fault: true, params: [param("sigma", 0.1), param("device", "")] },
  dead_node: { title: "Dead node", place: "node", needed: ["node"], fault: true, params: [param("node", "")] },
  add: { title: "One more device", place: "device", needed: ["device", "source", "target"], fault: false, params: [param("device", ""), param("source", ""), param("target", "")] },
};

test("a fault is in force once it is told all it needs, beside those that were kept", () => {
  const kept = [{ change: "drift", params: { sigma: 0.2, device: "" } }];
  const open = { kept, name: "stuck", values: valuesOf(CHANGES.stuck) };
  assert.deepEqual(inForce(open, CHANGES), kept);
  open.values = { ...open.values, ...placed(CHANGES.stuck, { devices: ["d3"], nodes: [] }) };
  assert.deepEqual(inForce(open, CHANGES), [...kept, { change: "stuck", params: { device: "d3", value: 0 } }]);
  assert.equal(complete(CHANGES.drift, valuesOf(CHANGES.drift)), true, "it drifts everywhere where no place is said");
  assert.equal(complete(undefined, {}), false);
  assert.equal(phraseOf({ change: "stuck", params: { device: "d3" } }, CHANGES), "Stuck device d3");
  assert.equal(phraseOf(kept[0], CHANGES), "Drift");
});

test("one more device takes its ends from two selected nodes, and is no fault", () => {
  assert.deepEqual(placed(CHANGES.add, { devices: [], nodes: ["n1", "n2"] }), { source: "n1", target: "n2" });
  assert.deepEqual(placed(CHANGES.stuck, { devices: ["d1", "d2"], nodes: ["n1", "n2"] }), {}, "two devices are not one");
  assert.deepEqual(placed(CHANGES.dead_node, { devices: [], nodes: ["n1"] }), { node: "n1" });
  const values = { device: "d1", source: "n1", target: "n2" };
  assert.deepEqual(inForce({ kept: [], name: "add", values }, CHANGES), []);
});

test("crosses stand on the devices of the slice and on the nodes", () => {
  const doc = CircuitDocument.from();
  doc.addNode({ id: "n1", x: 0, y: 0 });
  doc.addNode({ id: "n2", x: 200, y: 0 });
  doc.addDevice("n1", "n2", "resistor", { id: "d1" });
  const found = crossesOf(buildScene(doc), { devices: ["d1", "gone"], nodes: ["n2", "gone"] }, 0);
  assert.equal(found.length, 2);
  assert.ok(found[0].x > 20 && found[0].x < 180);
  assert.deepEqual([found[1].x, found[1].y], [200, 0]);
});

test("edits are marked at their place on the curves and told in words; refused ones only told", () => {
  const rows = [{ step: 8, epoch: 1, train_loss: 0.7, test_loss: 0.8 }];
  const edits = [{ epoch: 1, step: 12, words: "d3 cut", refused: "" }, { epoch: 2, step: 20, words: "", refused: "there is no device 'd3'." }];
  const { shapes, annotations } = editMarks(edits, rows, {});
  assert.deepEqual(shapes.map(({ x0, x1 }) => [x0, x1]), [[1.5, 1.5]]);
  assert.deepEqual(annotations.map(({ x, hovertext }) => [x, hovertext]), [[1.5, "d3 cut"]]);
  assert.deepEqual(editLines(edits), ["Epoch 3: refused, there is no device 'd3'.", "Epoch 2: d3 cut."]);
  assert.deepEqual(editMarks(edits, [], {}).shapes, [], "before the first epoch ends nobody knows how long it is");
  const metrics = [{ name: "loss", place: "loss", words: "loss", axis: "loss", suffix: "", factor: 1, scale: "linear" }];
  assert.equal(runFigure(rows, {}, metrics, { edits }).layout.shapes.length, 1);
  assert.equal(basisWords({ examples: 1000, part: "validation", epoch: 7 }), "First 1,000 examples of the validation set, weights of epoch 7.");
});

test("only what has a seed is drawn again, each draw with its own", () => {
  const changes = { ...CHANGES, noise: { title: "Noise", needed: [], fault: true, params: [param("sigma", 0.1), param("seed", 0)] } };
  const faults = [{ change: "stuck", params: { device: "d1" } }, { change: "noise", params: { sigma: 0.3, seed: 7 } }];
  assert.ok(isDrawn(faults, changes));
  assert.ok(!isDrawn([faults[0]], changes));
  assert.deepEqual(ofDraw(faults, changes, 0), faults);
  assert.deepEqual(ofDraw(faults, changes, 3), [faults[0], { change: "noise", params: { sigma: 0.3, seed: 10 } }]);
});

test("dots of a strip stand where their values say, and never on each other", () => {
  const { width, dots, height } = dotsOf([0.5, 1, 0, 1, 1]);
  assert.deepEqual(dots.map(({ x }) => x), [0, width / 2, width, width, width]);
  assert.equal(new Set(dots.slice(2).map(({ y }) => y)).size, 3);
  assert.ok(dots.every(({ y }) => y > 0 && y < height));
  assert.deepEqual(dotsOf([2, 2]).dots.map(({ x }) => x), [width / 2, width / 2], "equal ones stand in the middle");
  const found = [0.9, 0.7, 0.8].map((value) => ({ value, text: `${100 * value} %` }));
  assert.equal(drawsWords(found), "3 draws: 70 % to 90 %, median 80 %.");
});
