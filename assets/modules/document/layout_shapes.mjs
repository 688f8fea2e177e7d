/** Layouts with a known shape: layers from inputs to outputs, circle, grid. Pure. */

const ROW = 96;
const COLUMN = 200;
const ARC = 84; // along a circle
const GRID_GAP = 110;

/** Whether node numbers run round a cycle and every device is short compared with it. */
export function isRing({ neighbours }) {
  const n = neighbours.length;
  if (n < 3) return false;
  const reach = Math.max(2, Math.floor(n / 12));
  return neighbours.every((list, k) => {
    const round = list.map((m) => Math.min(Math.abs(m - k), n - Math.abs(m - k)));
    return list.includes((k + 1) % n) && round.every((d) => d <= reach) && list.length < n - 1 + (n === 3 ? 1 : 0);
  });
}

/** The row length of a grid numbered row by row, or 0. */
export function gridWidth({ neighbours }) {
  const n = neighbours.length;
  const far = neighbours[0]?.filter((m) => m > 1) ?? [];
  const width = far.length === 1 ? far[0] : 0;
  if (width < 2 || n % width !== 0 || n < 4) return 0;
  const expected = (k) => [k % width > 0 && k - 1, k % width < width - 1 && k + 1, k >= width && k - width, k + width < n && k + width].filter((m) => m !== false);
  const right = neighbours.every((list, k) => {
    const wanted = expected(k);
    return list.length === wanted.length && wanted.every((m) => list.includes(m));
  });
  return right ? width : 0;
}

export const isGrid = (graph) => gridWidth(graph) > 0;

export function gridPlaces(graph) {
  const n = graph.neighbours.length;
  const width = gridWidth(graph) || Math.ceil(Math.sqrt(n));
  const xy = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    xy[2 * k] = (k % width) * GRID_GAP;
    xy[2 * k + 1] = Math.floor(k / width) * GRID_GAP;
  }
  return xy;
}

/** Nodes in their order round a circle, beginning at the left. */
export function circlePlaces({ neighbours }) {
  const n = neighbours.length;
  const radius = Math.max(90, (n * ARC) / (2 * Math.PI));
  const xy = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const angle = Math.PI + (2 * Math.PI * k) / n;
    xy[2 * k] = radius * Math.cos(angle);
    xy[2 * k + 1] = radius * Math.sin(angle);
  }
  return xy;
}

/** Steps from the nearest of `starts` to every node; -1 where there is no way. */
export function stepsFrom(neighbours, starts) {
  const steps = new Int32Array(neighbours.length).fill(-1);
  const queue = [...starts];
  for (const s of starts) steps[s] = 0;
  for (let k = 0; k < queue.length; k++) {
    for (const next of neighbours[queue[k]]) {
      if (steps[next] >= 0) continue;
      steps[next] = steps[queue[k]] + 1;
      queue.push(next);
    }
  }
  return steps;
}

/** Columns by distance from the inputs, outputs last; rows ordered so that few devices cross. */
export function layeredPlaces(graph) {
  const layers = layersOf(graph);
  orderLayers(graph, layers);
  const tallest = Math.max(...layers.map((l) => l.length));
  const column = Math.max(COLUMN, Math.min(420, 26 * tallest));
  const xy = new Float64Array(2 * graph.neighbours.length);
  layers.forEach((members, c) => {
    // A layer of its own neighbours zigzags, else their devices would lie on one line.
    const own = members.filter((n, r) => r > 0 && graph.neighbours[n].includes(members[r - 1])).length;
    const zigzag = own > 0 && members.length > 2 ? 36 : 0;
    members.forEach((n, r) => {
      xy[2 * n] = c * column + (r % 2 === 0 ? -zigzag : zigzag) / 2;
      xy[2 * n + 1] = (r - (members.length - 1) / 2) * ROW;
    });
  });
  return xy;
}

function layersOf({ neighbours, inputs, outputs }) {
  const steps = stepsFrom(neighbours, inputs);
  const only = new Set(outputs.filter((n) => !inputs.includes(n)));
  let deepest = 0;
  steps.forEach((s, n) => { if (!only.has(n)) deepest = Math.max(deepest, s); });
  const layers = [];
  steps.forEach((s, n) => {
    const layer = only.has(n) ? deepest + 1 : Math.max(0, s);
    (layers[layer] ??= []).push(n);
  });
  return layers.filter((l) => l?.length > 0).flatMap((l) => splitTall(l, neighbours.length));
}

/** A very tall layer becomes several columns. */
function splitTall(layer, total) {
  const most = Math.max(14, Math.ceil(Math.sqrt(total) * 2.2));
  const columns = Math.ceil(layer.length / most);
  if (columns <= 1) return [layer];
  return Array.from({ length: columns }, (_, c) => layer.filter((_, k) => k % columns === c));
}

/** Barycentre sweeps to and fro (Sugiyama, Tagawa and Toda 1981), in place. */
function orderLayers({ neighbours }, layers) {
  const row = new Float64Array(neighbours.length);
  const layerOf = new Int32Array(neighbours.length);
  const number = (members) => members.forEach((n, r) => { row[n] = r - (members.length - 1) / 2; });
  layers.forEach((members, c) => {
    members.forEach((n) => { layerOf[n] = c; });
    number(members);
  });
  for (let sweep = 0; sweep < 12; sweep++) {
    const forward = sweep % 2 === 0;
    for (let k = 1; k < layers.length; k++) {
      const c = forward ? k : layers.length - 1 - k;
      const key = new Map(layers[c].map((n) => {
        const near = neighbours[n].filter((m) => (forward ? layerOf[m] < c : layerOf[m] > c));
        const mean = near.length > 0 ? near.reduce((sum, m) => sum + row[m], 0) / near.length : row[n];
        return [n, mean];
      }));
      layers[c].sort((a, b) => key.get(a) - key.get(b) || a - b);
      number(layers[c]);
    }
  }
}
