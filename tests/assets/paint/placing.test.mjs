import test from "node:test";
import assert from "node:assert/strict";
import { createBoxes } from "../../../assets/modules/paint/places/boxes.mjs";
import { NODE_RADIUS, distanceToCurve, pointOn } from "../../../assets/modules/paint/geometry.mjs";
import { namePlace } from "../../../assets/modules/paint/places/names.mjs";
import { buildScene } from "../../../assets/modules/paint/scene.mjs";
import { valuesOf } from "../../../assets/modules/paint/places/values.mjs";
import { hasSymbol } from "../../../assets/modules/paint/view.mjs";
import { leastZoom } from "../../../assets/modules/board/camera.mjs";

const device = (id, source, target) => ({ id, kind: "tanh", source, target });

/** Three layers of nodes, every one of a layer connected to every one of the next. */
function layers(size) {
  const nodes = [0, 1, 2].flatMap((i) => Array.from({ length: size }, (_, j) => ({ id: `n${i}${j}`, x: 220 * i, y: 90 * j })));
  const devices = [0, 1].flatMap((i) => nodes.slice(i * size, (i + 1) * size).flatMap((a) => nodes.slice((i + 1) * size, (i + 2) * size).map((b) => device(`${a.id}-${b.id}`, a.id, b.id))));
  return buildScene({ nodes, slices: [{ duration: 1, devices }] });
}

test("the covered area of a box is that of its overlaps", () => {
  const boxes = createBoxes();
  boxes.add({ x: 0, y: 0, w: 200, h: 20 });
  boxes.add({ x: 90, y: 0, w: 20, h: 20 });
  assert.equal(boxes.covered({ x: 90, y: 5, w: 20, h: 20 }), 2 * 20 * 15);
  assert.equal(boxes.covered({ x: 90, y: 40, w: 20, h: 20 }), 0);
});

test("shown symbols keep their distance at every zoom, and none goes away as one looks closer", () => {
  const scene = layers(6);
  const places = Array.from({ length: scene.E }, (_, e) => pointOn(scene.curves, e, scene.anchor[e]));
  let before = new Set();
  for (const zoom of [0.62, 0.9, 1.2, 2, 5]) {
    const shown = places.map((p, e) => ({ ...p, e })).filter(({ e }) => hasSymbol(scene, e, zoom));
    for (const a of shown) for (const b of shown) if (a.e < b.e) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) * zoom >= 39.9, `${a.e} and ${b.e} at ${zoom}`);
    const now = new Set(shown.map(({ e }) => e));
    assert.ok([...before].every((e) => now.has(e)));
    before = now;
  }
  assert.ok(before.size > 40 && before.size <= scene.E);
});

test("of numbers that would cover each other the largest stays, whatever the order of devices", () => {
  const scene = layers(6);
  const cover = ({ x, y }, a, b) => Math.max(0, 50 - Math.abs(x[a] - x[b])) * Math.max(0, 14 - Math.abs(y[a] - y[b]));
  const least = scene.E - 1;
  const weights = Int16Array.from({ length: scene.E }, (_, e) => e);
  const up = valuesOf(scene, weights);
  assert.equal(up.free[least], 1);
  const shown = [...up.free.keys()].filter((e) => up.free[e]);
  assert.ok(shown.length < scene.E && shown.length > 10);
  for (const a of shown) for (const b of shown) if (a < b) assert.ok(cover(up, a, b) < 21);
  const down = valuesOf(scene, weights.map((w) => -w));
  assert.equal(down.free[0], 1);
  assert.deepEqual(valuesOf(scene, weights).free, up.free);
});

test("a device passes a node that stands in its way, alone and beside a parallel one", () => {
  const nodes = [{ id: "a", x: 0, y: 0 }, { id: "b", x: 400, y: 0 }, { id: "c", x: 200, y: 6 }, { id: "d", x: 200, y: -70 }];
  for (const devices of [[device("1", "a", "b")], [device("1", "b", "a")], [device("1", "a", "b"), device("2", "b", "a")]]) {
    const scene = buildScene({ nodes, slices: [{ duration: 1, devices }] });
    for (let e = 0; e < scene.E; e++) {
      for (const n of [2, 3]) assert.ok(distanceToCurve(scene.curves, e, scene.x[n], scene.y[n]) > NODE_RADIUS, `${devices.length}: device ${e}, node ${n}`);
    }
  }
  const free = buildScene({ nodes: [nodes[0], nodes[1], { id: "c", x: 200, y: 90 }], slices: [{ duration: 1, devices: [device("1", "a", "b")] }] });
  assert.equal(free.bent[0], 0);
});

test("no name covers another node or another name", () => {
  const nodes = Array.from({ length: 25 }, (_, k) => ({ id: `node ${k}`, x: 75 * (k % 5), y: 60 * Math.floor(k / 5) }));
  const scene = buildScene({ nodes, slices: [{ duration: 1, devices: [] }] });
  const shown = nodes.map((_, n) => n).filter((n) => scene.nameFree[n]);
  assert.ok(shown.length > 5);
  for (const n of shown) {
    const { x, y } = namePlace(scene, n);
    for (let m = 0; m < scene.N; m++) assert.ok(Math.hypot(x - scene.x[m], y - scene.y[m]) > NODE_RADIUS);
  }
});

test("any circuit fits with room around it, and one may always zoom out to a small one", () => {
  const window = { width: 1000, height: 600 };
  assert.equal(leastZoom(null, window), 0.03);
  assert.equal(leastZoom({ x0: 0, y0: 0, x1: 200, y1: 100 }, window), 0.03);
  const least = leastZoom({ x0: -5e5, y0: 0, x1: 5e5, y1: 10 }, window);
  assert.ok(least * 1e6 < 1000 / 2 + 1 && least > 1e-4);
});
