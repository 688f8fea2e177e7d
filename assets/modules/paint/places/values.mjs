/** Where the numbers beside devices stand: the largest first, none over another, a name, a node or a symbol. Pure. */

import { beside } from "./anchors.mjs";
import { pointOn } from "../geometry.mjs";
import { boxesOf } from "./names.mjs";

const VALUES_UP_TO = 600; // devices of a slice
const LEAD_BOXES = 70; // board units of a line from its device on that values keep free
const SIZE = { w: 50, h: 14 };
const AWAY = { level: 18, upright: 42 }; // of a value's middle from its line, clear of the symbol
const SHARES = [0.3, 0.7]; // where else along its device a value may stand
const FREE = 20; // of a value's area may be covered

/**
 * @typedef {object} Values  one entry a device
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {Int8Array} side  +1 above, -1 below the line
 * @property {Uint8Array} free  0 where the value would cover something
 */

/** @type {WeakMap<object, {weights: ArrayLike<number>|null, values: Values}>} */
const placed = new WeakMap();

/**
 * The places of the values of a scene, found once for each set of weights.
 * @param {object} scene
 * @param {ArrayLike<number>|null} weights  (E,) classes of the largest magnitude each device ever shows; the larger comes first
 * @returns {Values}
 */
export function valuesOf(scene, weights = null) {
  const known = placed.get(scene);
  if (known && known.weights === weights) return known.values;
  const values = placeValues(scene, weights);
  placed.set(scene, { weights, values });
  return values;
}

function placeValues(scene, weights) {
  const { E } = scene;
  const values = { x: new Float32Array(E), y: new Float32Array(E), side: new Int8Array(E).fill(1), free: new Uint8Array(E) };
  const weightOf = (e) => weights?.[e] ?? 0;
  for (const [first, last] of scene.bySlice) {
    if (last - first > VALUES_UP_TO) continue;
    const boxes = boxesOf(scene, first, last);
    for (const box of leadBoxes(scene)) boxes.add(box);
    const order = Array.from({ length: last - first }, (_, k) => first + k).sort((a, b) => weightOf(b) - weightOf(a) || a - b);
    for (const e of order) placeValue(scene, e, boxes, values);
  }
  return values;
}

/** Small boxes on the lines to further terminals, near their devices. */
function leadBoxes({ links }) {
  return links.flatMap(({ path }) => {
    const boxes = [];
    for (let k = 0; k + 3 < path.length; k += 2) {
      const [dx, dy] = [path[k + 2] - path[k], path[k + 3] - path[k + 1]];
      const length = Math.hypot(dx, dy) || 1;
      for (let along = 0; along < Math.min(length, LEAD_BOXES); along += 10) {
        boxes.push({ x: path[k] + (along * dx) / length, y: path[k + 1] + (along * dy) / length, w: 10, h: 10 });
      }
    }
    return boxes;
  });
}

function placeValue(scene, e, boxes, values) {
  /** @type {{overlap: number, side: number, p: {x: number, y: number}}} */
  let best = { overlap: Infinity, side: 1, p: pointOn(scene.curves, e, scene.anchor[e]) };
  for (const share of [scene.anchor[e], ...SHARES]) {
    if (best.overlap < FREE) break; // beside its symbol it is looked for
    for (const side of [1, -1]) {
      const turn = Math.abs(beside(scene, e, share, 0).sin);
      const p = beside(scene, e, share, side * (AWAY.level + turn * (AWAY.upright - AWAY.level)));
      const overlap = boxes.covered({ x: p.x, y: p.y, ...SIZE });
      if (overlap < best.overlap) best = { overlap, side, p };
    }
  }
  values.x[e] = best.p.x;
  values.y[e] = best.p.y;
  values.side[e] = best.side;
  values.free[e] = best.overlap < FREE ? 1 : 0;
  if (values.free[e]) boxes.add({ x: best.p.x, y: best.p.y, ...SIZE });
}
