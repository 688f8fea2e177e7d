import test from "node:test";
import assert from "node:assert/strict";
import {
  GROUND_DISTANCE, NODE_RADIUS, PARALLEL_SPREAD, angleBetween, arrowHead, crossesCurve, curveBetween, curveLength,
  distanceToCurve, fanOffsets, fitViewport, freeDirection, freePlace, pointOn, toBoard, toScreen,
} from "../../../assets/modules/paint/geometry.mjs";
import { buildScene, hitTest, inBox, sliceRange } from "../../../assets/modules/paint/scene.mjs";

const circuit = (nodes, ...slices) => ({
  nodes: nodes.map(([id, x, y, role = "hidden"]) => ({ id, x, y, role })),
  slices: slices.map((devices) => ({ duration: 1, devices: devices.map(([id, source, target]) => ({ id, kind: "relu", source, target })) })),
});

test("parallel devices fan symmetrically and never share a line", () => {
  assert.deepEqual(fanOffsets(1), [0]);
  assert.deepEqual(fanOffsets(2), [-PARALLEL_SPREAD / 2, PARALLEL_SPREAD / 2]);
  for (let n = 1; n < 9; n++) {
    const offsets = fanOffsets(n, 200);
    assert.ok(Math.abs(offsets.reduce((a, b) => a + b, 0)) < 1e-9);
    assert.equal(new Set(offsets.map((o) => o.toFixed(6))).size, n);
  }
});

test("five devices of one pair, in both directions, are five different curves that all end on the rims", () => {
  const scene = buildScene(circuit([["a", 0, 0], ["b", 200, 0]], [["1", "a", "b"], ["2", "b", "a"], ["3", "a", "b"], ["4", "b", "a"], ["5", "a", "b"]]));
  const middles = [0, 1, 2, 3, 4].map((e) => pointOn(scene.curves, e, 0.5));
  const rows = middles.map((p) => p.y).sort((a, b) => a - b);
  rows.forEach((y, k) => {
    assert.ok(Math.abs(y + rows[4 - k]) < 1e-3, "symmetric");
    if (k > 0) assert.ok(y - rows[k - 1] >= PARALLEL_SPREAD - 1 && y - rows[k - 1] < PARALLEL_SPREAD + 8);
  });
  for (let e = 0; e < 5; e++) {
    for (const u of [0, 1]) {
      const p = pointOn(scene.curves, e, u);
      const rim = Math.min(Math.hypot(p.x, p.y), Math.hypot(p.x - 200, p.y));
      assert.ok(Math.abs(rim - NODE_RADIUS) < 1e-3);
    }
    const forwards = pointOn(scene.curves, e, 0).x < pointOn(scene.curves, e, 1).x;
    assert.equal(forwards, scene.source[e] === 0);
  }
});

test("a curve's middle is shifted by exactly the offset, and its length matches fine sampling", () => {
  const curves = curveBetween(0, 0, 100, 0, 30, 0, 0);
  assert.ok(Math.abs(pointOn(curves, 0, 0.5).y + 30) < 1e-4);
  let fine = 0;
  for (let k = 0; k < 4000; k++) {
    const [a, b] = [pointOn(curves, 0, k / 4000), pointOn(curves, 0, (k + 1) / 4000)];
    fine += Math.hypot(a.x - b.x, a.y - b.y);
  }
  assert.ok(Math.abs(curveLength(curves, 0) / fine - 1) < 3e-3);
  assert.ok(distanceToCurve(curves, 0, 50, -30) < 0.7);
  assert.ok(Math.abs(distanceToCurve(curves, 0, 50, 0) - 30) < 0.7);
});

test("a cut across a curve is seen, one beside it is not", () => {
  const curves = curveBetween(0, 0, 100, 0, 30, 0, 0);
  assert.equal(crossesCurve(curves, 0, 50, -60, 50, 10), true);
  assert.equal(crossesCurve(curves, 0, 50, -10, 50, 10), false);
});

test("ground symbols stand where there is room: down, else away from the devices", () => {
  const free = buildScene(circuit([["a", 0, 0]], [["g", "a", "gnd"]]));
  assert.deepEqual([free.groundX[0], free.groundY[0]].map(Math.round), [0, GROUND_DISTANCE]);
  const busy = buildScene(circuit([["a", 0, 0], ["b", 0, 300], ["c", 300, 0]], [["1", "a", "b"], ["2", "a", "c"], ["g", "gnd", "a"]]));
  const angle = Math.atan2(busy.groundY[0], busy.groundX[0]);
  assert.ok(angleBetween(angle, Math.PI / 2) > 0.5 && angleBetween(angle, 0) > 0.5);
  assert.equal(busy.source[2], -1);
  assert.ok(Number.isNaN(busy.groundX[1]), "only grounded nodes have a symbol");
});

test("symbols of many parallel devices do not cover each other", () => {
  const many = Array.from({ length: 14 }, (_, k) => [`g${k}`, "a", "gnd"]);
  const scene = buildScene(circuit([["a", 0, 0]], many));
  const shown = many.map((_, e) => e).filter((e) => scene.symbolFree[e]);
  assert.ok(shown.length >= 2 && shown.length < many.length);
  const places = shown.map((e) => pointOn(scene.curves, e, scene.anchor[e]));
  places.forEach((p, i) => places.forEach((q, j) => i < j && assert.ok(Math.hypot(p.x - q.x, p.y - q.y) > 20)));
  const few = buildScene(circuit([["a", 0, 0], ["b", 200, 0]], [["1", "a", "b"], ["2", "b", "a"]]));
  assert.deepEqual([...few.symbolFree], [1, 1]);
});

test("names, role marks and ground keep out of each other's way", () => {
  const scene = buildScene(circuit([["a", 0, 0, "both"], ["b", 200, 0]], [["1", "a", "b"], ["g", "a", "gnd"]]));
  const taken = [0, scene.groundAngle[0], scene.inputAngle[0], scene.outputAngle[0], scene.nameAngle[0]];
  taken.forEach((a, i) => taken.forEach((b, j) => i < j && assert.ok(angleBetween(a, b) > 0.4, `${i} and ${j}`)));
});

test("freeDirection takes the preferred direction when free, else the widest gap", () => {
  assert.equal(freeDirection([], [1, 2]), 1);
  assert.equal(freeDirection([1.1], [1, 2.5]), 2.5);
  const best = freeDirection([0, 0.5, 1], [0.2]);
  assert.ok(angleBetween(best, 0.5 + Math.PI) < 0.01);
});

test("a device bends round a node in its way and stays straight otherwise", () => {
  const nodes = [["a", 0, 0], ["b", 300, 0], ["c", 150, 4]];
  const scene = buildScene(circuit(nodes, [["1", "a", "b"]]));
  assert.equal(scene.bent[0], 1);
  assert.ok(distanceToCurve(scene.curves, 0, 150, 4) > NODE_RADIUS + 3);
  const clear = buildScene(circuit([["a", 0, 0], ["b", 300, 0], ["c", 150, 90]], [["1", "a", "b"]]));
  assert.equal(clear.bent[0], 0);
});

test("slices keep their devices apart: equal pairs of different slices are not parallel", () => {
  const scene = buildScene(circuit([["a", 0, 0], ["b", 200, 0]], [["1", "a", "b"]], [["2", "a", "b"], ["3", "a", "gnd"]]));
  assert.deepEqual([sliceRange(scene, 0), sliceRange(scene, 1)], [[0, 1], [1, 3]]);
  assert.deepEqual([...scene.bent.subarray(0, 2)], [0, 0]);
});

test("hits find nodes before ground before devices, within reach only, in the chosen slice", () => {
  const scene = buildScene(circuit([["a", 0, 0], ["b", 200, 0]], [["1", "a", "b"], ["g", "a", "gnd"]], [["2", "b", "a"]]));
  assert.deepEqual(hitTest(scene, 3, 3), { type: "node", index: 0, id: "a" });
  assert.equal(hitTest(scene, 100, 2, { slice: 0 }).id, "1");
  assert.equal(hitTest(scene, 100, 2, { slice: 1 }).id, "2");
  assert.equal(hitTest(scene, 100, 12), null);
  assert.equal(hitTest(scene, 0, GROUND_DISTANCE).type, "ground");
  assert.equal(hitTest(scene, 34, 0, { nodeReach: 16 }).type, "node");
});

test("a box takes the nodes inside and the devices that end inside only", () => {
  const scene = buildScene(circuit([["a", 0, 0], ["b", 200, 0], ["c", 400, 0]], [["1", "a", "b"], ["2", "b", "c"], ["g", "b", "gnd"]]));
  assert.deepEqual(inBox(scene, 250, 50, -50, -50), { nodes: ["a", "b"], devices: ["1", "g"] });
});

test("places of a drag override those of the circuit", () => {
  const c = circuit([["a", 0, 0], ["b", 200, 0]], [["1", "a", "b"]]);
  const scene = buildScene(c, new Map([["b", { x: 0, y: 200 }]]));
  assert.equal(scene.y[1], 200);
  assert.ok(Math.abs(pointOn(scene.curves, 0, 1).angle - Math.PI / 2) < 1e-3);
});

test("fit shows all bounds with the margin, and screen and board coordinates are inverse", () => {
  const bounds = { x0: -100, y0: 50, x1: 1900, y1: 650 };
  const view = fitViewport(bounds, 1000, 600, { margin: 50 });
  const [a, b] = [toScreen(view, bounds.x0, bounds.y0), toScreen(view, bounds.x1, bounds.y1)];
  assert.ok(a.x >= 49.9 && b.x <= 950.1 && a.y >= 49.9 && b.y <= 550.1);
  const back = toBoard(view, a.x, a.y);
  assert.ok(Math.abs(back.x - bounds.x0) < 1e-9 && Math.abs(back.y - bounds.y0) < 1e-9);
  assert.equal(fitViewport(null, 400, 200).zoom, 1);
});

test("a free place keeps its distance from all nodes", () => {
  const nodes = [];
  for (let k = 0; k < 40; k++) {
    const p = freePlace(nodes, 0, 0, 60);
    for (const n of nodes) assert.ok(Math.hypot(n.x - p.x, n.y - p.y) >= 60);
    nodes.push(p);
  }
});

test("an arrow head has its tip first and its base behind", () => {
  const [x, y, ax, , bx] = arrowHead(10, 5, 0, 8);
  assert.deepEqual([x, y], [10, 5]);
  assert.ok(ax < 10 && bx < 10);
});

test("empty circuits and coincident nodes have scenes without NaN curves", () => {
  assert.equal(buildScene({ nodes: [], slices: [{ devices: [] }] }).bounds, null);
  const scene = buildScene(circuit([["a", 5, 5], ["b", 5, 5]], [["1", "a", "b"], ["2", "a", "b"]]));
  assert.ok(scene.curves.every(Number.isFinite) && scene.lengths.every(Number.isFinite));
});
