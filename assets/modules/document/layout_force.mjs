/**
 * Force layout of a connected graph: pivot distances give the shape, springs and repulsion the detail. Pure.
 *
 * Start: Pivot MDS (U. Brandes and C. Pich 2007). Repulsion: a quadtree in place of all pairs (J. Barnes and P. Hut
 * 1986). Both keep 1000 nodes well below a second.
 */

import { stepsFrom } from "./layout_shapes.mjs";

const LENGTH = 105; // wanted length of a device
const PIVOTS = 24;
const ROUNDS = 150;
const THETA = 0.9; // a cell this small compared with its distance counts as one node
const CLEAR = 58; // least distance of two nodes

/** Generator of Float64Array(2 N) places, getting better. */
export function* forcePlaces(graph) {
  const { neighbours } = graph;
  const n = neighbours.length;
  const xy = pivotPlaces(neighbours);
  const force = new Float64Array(2 * n);
  let heat = LENGTH * 0.7;
  for (let round = 0; round < ROUNDS; round++) {
    step(xy, force, neighbours, heat);
    heat *= 0.974;
    yield xy;
  }
  for (let round = 0; round < 12; round++) if (!separate(xy)) break;
  turn(xy, graph);
  yield xy;
}

/** First two axes of classical scaling on the distances to a few far-apart pivots, at the right scale. */
export function pivotPlaces(neighbours) {
  const n = neighbours.length;
  const count = Math.min(PIVOTS, n);
  const nearest = new Float64Array(n).fill(Infinity);
  const columns = [];
  let pivot = 0;
  for (let k = 0; k < count; k++) {
    const steps = stepsFrom(neighbours, [pivot]);
    columns.push(Float64Array.from(steps, (s) => -s * s));
    for (let j = 0; j < n; j++) nearest[j] = Math.min(nearest[j], steps[j]);
    pivot = nearest.indexOf(Math.max(...nearest));
  }
  centre(columns, n);
  const xy = new Float64Array(2 * n);
  const first = axis(columns, n, null);
  const second = axis(columns, n, first);
  for (let j = 0; j < n; j++) {
    // A trace of noise separates nodes with the same distances to all pivots.
    xy[2 * j] = first.place[j] + 1e-3 * Math.sin(12.9898 * j + 1);
    xy[2 * j + 1] = second.place[j] + 1e-3 * Math.cos(78.233 * j + 1);
  }
  return rescale(xy, neighbours);
}

function centre(columns, n) {
  for (const column of columns) {
    const mean = column.reduce((a, b) => a + b, 0) / n;
    for (let j = 0; j < n; j++) column[j] -= mean;
  }
  for (let j = 0; j < n; j++) {
    const mean = columns.reduce((sum, column) => sum + column[j], 0) / columns.length;
    for (const column of columns) column[j] -= mean;
  }
}

/** Power iteration on C^T C, at right angles to `other`; the node places are C times the vector. */
function axis(columns, n, other) {
  const k = columns.length;
  let vector = Float64Array.from({ length: k }, (_, j) => Math.sin(j * 1.7 + (other ? 0.4 : 0.1)));
  const place = new Float64Array(n);
  for (let round = 0; round < 40; round++) {
    if (other) {
      const share = dot(vector, other.vector);
      vector = vector.map((value, j) => value - share * other.vector[j]);
    }
    place.fill(0);
    columns.forEach((column, j) => { for (let i = 0; i < n; i++) place[i] += column[i] * vector[j]; });
    const next = Float64Array.from(columns, (column) => dot(column, place));
    const size = Math.sqrt(dot(next, next)) || 1;
    vector = next.map((value) => value / size);
  }
  return { vector, place: place.slice() };
}

function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Makes the mean device LENGTH long. */
function rescale(xy, neighbours) {
  let sum = 0;
  let count = 0;
  neighbours.forEach((list, a) => list.forEach((b) => {
    sum += Math.hypot(xy[2 * a] - xy[2 * b], xy[2 * a + 1] - xy[2 * b + 1]);
    count += 1;
  }));
  const factor = sum > 0 ? (LENGTH * count) / sum : 1;
  for (let k = 0; k < xy.length; k++) xy[k] *= factor;
  return xy;
}

/** One round of springs along devices and repulsion between all nodes; nobody moves more than `heat`. */
function step(xy, force, neighbours, heat) {
  const n = neighbours.length;
  force.fill(0);
  const tree = buildTree(xy);
  for (let a = 0; a < n; a++) {
    repel(tree, xy[2 * a], xy[2 * a + 1], a, force);
    for (const b of neighbours[a]) {
      const dx = xy[2 * b] - xy[2 * a];
      const dy = xy[2 * b + 1] - xy[2 * a + 1];
      const distance = Math.hypot(dx, dy) || 1e-6;
      // Springs of busy nodes are weaker, or hubs would pull everything onto themselves.
      const pull = (distance - LENGTH * 0.75) / distance / Math.sqrt(Math.min(neighbours[a].length, neighbours[b].length));
      force[2 * a] += 0.55 * pull * dx;
      force[2 * a + 1] += 0.55 * pull * dy;
    }
  }
  for (let a = 0; a < n; a++) {
    const size = Math.hypot(force[2 * a], force[2 * a + 1]);
    const share = size > heat ? heat / size : 1;
    xy[2 * a] += force[2 * a] * share;
    xy[2 * a + 1] += force[2 * a + 1] * share;
  }
}

/** Quadtree in flat arrays: mass, centre of mass, half size and four children a cell; leaves hold one node. */
function buildTree(xy) {
  const n = xy.length / 2;
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < n; k++) {
    x0 = Math.min(x0, xy[2 * k]);
    x1 = Math.max(x1, xy[2 * k]);
    y0 = Math.min(y0, xy[2 * k + 1]);
    y1 = Math.max(y1, xy[2 * k + 1]);
  }
  const capacity = 8 * n + 64;
  const tree = {
    xy, used: 1, capacity,
    child: new Int32Array(4 * capacity).fill(-1), body: new Int32Array(capacity).fill(-1),
    mass: new Float64Array(capacity), mx: new Float64Array(capacity), my: new Float64Array(capacity),
    size: Math.max(x1 - x0, y1 - y0, 1) * 1.001,
  };
  for (let k = 0; k < n; k++) insert(tree, k, x0, y0);
  for (let c = 0; c < tree.used; c++) {
    tree.mx[c] /= tree.mass[c] || 1;
    tree.my[c] /= tree.mass[c] || 1;
  }
  return tree;
}

function insert(tree, k, left, top) {
  const { xy } = tree;
  let [cell, x, y, size] = [0, left, top, tree.size];
  for (let depth = 0; ; depth++) {
    const before = tree.body[cell];
    const empty = tree.mass[cell] === 0;
    tree.mass[cell] += 1;
    tree.mx[cell] += xy[2 * k];
    tree.my[cell] += xy[2 * k + 1];
    if (empty) {
      tree.body[cell] = k;
      return;
    }
    if (depth > 20 || tree.used + 2 > tree.capacity) return; // coincident nodes share a cell
    const half = size / 2;
    const quarter = (b) => (xy[2 * b] >= x + half ? 1 : 0) + (xy[2 * b + 1] >= y + half ? 2 : 0);
    if (before >= 0) {
      const down = tree.used++;
      tree.child[4 * cell + quarter(before)] = down;
      tree.mass[down] = 1;
      tree.mx[down] = xy[2 * before];
      tree.my[down] = xy[2 * before + 1];
      tree.body[down] = before;
      tree.body[cell] = -1;
    }
    const q = quarter(k);
    if (tree.child[4 * cell + q] < 0) tree.child[4 * cell + q] = tree.used++;
    cell = tree.child[4 * cell + q];
    x += q & 1 ? half : 0;
    y += q & 2 ? half : 0;
    size = half;
  }
}

const stack = new Int32Array(512);
const widths = new Float64Array(512);

function repel(tree, px, py, self, force) {
  const strength = LENGTH ** 3 * 0.55;
  let top = 0;
  stack[top] = 0;
  widths[top++] = tree.size;
  while (top > 0) {
    const cell = stack[--top];
    const width = widths[top];
    if (tree.body[cell] === self && tree.mass[cell] === 1) continue;
    const dx = px - tree.mx[cell];
    const dy = py - tree.my[cell];
    const square = dx * dx + dy * dy + 1;
    if (tree.body[cell] >= 0 || width * width < THETA * THETA * square) {
      const push = (strength * tree.mass[cell]) / (square * Math.sqrt(square));
      force[2 * self] += push * dx * 0.5;
      force[2 * self + 1] += push * dy * 0.5;
      continue;
    }
    for (let q = 0; q < 4; q++) {
      const child = tree.child[4 * cell + q];
      if (child < 0) continue;
      stack[top] = child;
      widths[top++] = width / 2;
    }
  }
}

/** Pushes nodes that are too near apart; returns whether there were any. */
function separate(xy) {
  const grid = new Map();
  const n = xy.length / 2;
  const key = (x, y) => x * 100003 + y;
  for (let k = 0; k < n; k++) {
    const at = key(Math.floor(xy[2 * k] / CLEAR), Math.floor(xy[2 * k + 1] / CLEAR));
    if (grid.has(at)) grid.get(at).push(k);
    else grid.set(at, [k]);
  }
  let moved = false;
  for (let a = 0; a < n; a++) {
    const cx = Math.floor(xy[2 * a] / CLEAR);
    const cy = Math.floor(xy[2 * a + 1] / CLEAR);
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (const b of grid.get(key(cx + i, cy + j)) ?? []) {
          if (b <= a) continue;
          const dx = xy[2 * b] - xy[2 * a] || 1e-3;
          const dy = xy[2 * b + 1] - xy[2 * a + 1];
          const distance = Math.hypot(dx, dy);
          if (distance >= CLEAR) continue;
          moved = true;
          const push = (CLEAR - distance) / 2 / distance;
          xy[2 * a] -= dx * push;
          xy[2 * a + 1] -= dy * push;
          xy[2 * b] += dx * push;
          xy[2 * b + 1] += dy * push;
        }
      }
    }
  }
  return moved;
}

/** Turns the picture: inputs left of outputs, else the long side flat. In place. */
function turn(xy, { inputs, outputs }) {
  const n = xy.length / 2;
  const mean = (list) => {
    const sum = [0, 0];
    for (const k of list) [sum[0], sum[1]] = [sum[0] + xy[2 * k], sum[1] + xy[2 * k + 1]];
    return sum.map((s) => s / list.length);
  };
  const [cx, cy] = mean(Array.from({ length: n }, (_, k) => k));
  let angle;
  if (inputs.length > 0 && outputs.length > 0 && inputs.some((k) => !outputs.includes(k))) {
    const [a, b] = [mean(inputs), mean(outputs)];
    angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  } else {
    let [xx, yy, xyy] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      const dx = xy[2 * k] - cx;
      const dy = xy[2 * k + 1] - cy;
      xx += dx * dx;
      yy += dy * dy;
      xyy += dx * dy;
    }
    angle = 0.5 * Math.atan2(2 * xyy, xx - yy);
  }
  const [cos, sin] = [Math.cos(-angle), Math.sin(-angle)];
  for (let k = 0; k < n; k++) {
    const dx = xy[2 * k] - cx;
    const dy = xy[2 * k + 1] - cy;
    xy[2 * k] = dx * cos - dy * sin;
    xy[2 * k + 1] = dx * sin + dy * cos;
  }
}
