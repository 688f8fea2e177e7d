/** Arranges the nodes of a circuit: picks a method that suits the graph, runs it in slices of time, packs parts. */

import { GROUND } from "./format.mjs";
import { circlePlaces, gridPlaces, isGrid, isRing, layeredPlaces } from "./layout_shapes.mjs";
import { forcePlaces } from "./layout_force.mjs";

export const LAYOUTS = Object.freeze(["auto", "layered", "force", "circle", "grid"]);
const SLICE_MS = 12; // computing between two looks at the screen and the Esc key
const PART_GAP = 130;
const BLOCK_GAP = 90;

/**
 * The circuit as a simple graph: neighbours without repeats, without ground.
 * @returns {{ids: string[], neighbours: number[][], inputs: number[], outputs: number[]}}
 */
export function graphOf(circuit) {
  const ids = circuit.nodes.map((n) => n.id);
  const index = new Map(ids.map((id, k) => [id, k]));
  const sets = ids.map(() => new Set());
  for (const slice of circuit.slices) {
    for (const { source, target } of slice.devices) {
      if (source === GROUND || target === GROUND) continue;
      const a = index.get(source);
      const b = index.get(target);
      sets[a].add(b);
      sets[b].add(a);
    }
  }
  const having = (role) => circuit.nodes.flatMap((n, k) => (n.role === role || n.role === "both" ? [k] : []));
  return { ids, neighbours: sets.map((s) => [...s]), inputs: having("input"), outputs: having("output") };
}

/** Connected parts as lists of node numbers, largest first. */
export function partsOf(neighbours) {
  const part = new Int32Array(neighbours.length).fill(-1);
  const parts = [];
  for (let start = 0; start < neighbours.length; start++) {
    if (part[start] >= 0) continue;
    const members = [start];
    part[start] = parts.length;
    for (let k = 0; k < members.length; k++) {
      for (const next of neighbours[members[k]]) {
        if (part[next] >= 0) continue;
        part[next] = parts.length;
        members.push(next);
      }
    }
    parts.push(members.sort((a, b) => a - b));
  }
  return parts.sort((a, b) => b.length - a.length || a[0] - b[0]);
}

/** One part as a graph of its own. */
function subgraph(graph, members) {
  const local = new Map(members.map((n, k) => [n, k]));
  const inside = (list) => list.filter((n) => local.has(n)).map((n) => local.get(n));
  return {
    neighbours: members.map((n) => graph.neighbours[n].map((m) => local.get(m))),
    inputs: inside(graph.inputs),
    outputs: inside(graph.outputs),
  };
}

/** The method "auto" takes for a connected graph. */
export function chooseLayout(graph) {
  if (isRing(graph)) return "circle";
  if (isGrid(graph)) return "grid";
  const n = graph.neighbours.length;
  const widest = Math.max(graph.inputs.length, graph.outputs.length);
  if (graph.inputs.length > 0 && graph.outputs.length > 0 && graph.inputs.length < n && n <= 400 && widest <= 40) {
    return "layered";
  }
  return "force";
}

/** Places of a connected graph, as a generator of [x, y, x, y, ...] so that the caller can watch and stop. */
export function* placesOf(graph, name = "auto") {
  const method = name === "auto" || !LAYOUTS.includes(name) ? chooseLayout(graph) : name;
  if (method === "layered") yield layeredPlaces(graph);
  else if (method === "circle") yield circlePlaces(graph);
  else if (method === "grid") yield gridPlaces(graph);
  else yield* forcePlaces(graph);
}

/** Puts finished parts beside each other in rows, about as wide as high; returns the places of all nodes. */
export function packParts(parts, placed, total) {
  const result = new Float64Array(2 * total);
  const boxes = placed.map((xy) => boxOf(xy));
  const area = boxes.reduce((sum, b) => sum + (b.w + PART_GAP) * (b.h + PART_GAP), 0);
  const rowWidth = Math.max(Math.sqrt(area) * 1.35, boxes[0]?.w ?? 0);
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  parts.forEach((members, k) => {
    const box = boxes[k];
    if (x > 0 && x + box.w > rowWidth) {
      x = 0;
      y += rowHeight + PART_GAP;
      rowHeight = 0;
    }
    members.forEach((n, j) => {
      result[2 * n] = placed[k][2 * j] - box.x + x;
      result[2 * n + 1] = placed[k][2 * j + 1] - box.y + y;
    });
    x += box.w + PART_GAP;
    rowHeight = Math.max(rowHeight, box.h);
  });
  return result;
}

function blockPlaces(count) {
  const columns = Math.ceil(Math.sqrt(1.6 * count));
  return Float64Array.from({ length: 2 * count }, (_, k) => BLOCK_GAP * (k % 2 === 0 ? (k / 2) % columns : Math.floor((k - 1) / 2 / columns)));
}

function boxOf(xy) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < xy.length; k += 2) {
    x0 = Math.min(x0, xy[k]);
    x1 = Math.max(x1, xy[k]);
    y0 = Math.min(y0, xy[k + 1]);
    y1 = Math.max(y1, xy[k + 1]);
  }
  return { x: x0, y: y0, w: x1 - x0, h: y1 - y0 };
}

/** All places at every stage: a generator of Float64Array(2 N); the last one is the layout. */
export function* layoutSteps(circuit, name = "auto") {
  const graph = graphOf(circuit);
  const total = graph.ids.length;
  const found = partsOf(graph.neighbours);
  const lonely = found.filter((members) => members.length === 1).flat();
  const parts = found.filter((members) => members.length > 1);
  const graphs = parts.map((members) => subgraph(graph, members));
  const placed = parts.map((members) => new Float64Array(2 * members.length));
  if (lonely.length > 0) {
    parts.push(lonely); // nodes without devices stand together in a block
    placed.push(blockPlaces(lonely.length));
  }
  for (let k = 0; k < graphs.length; k++) {
    for (const places of placesOf(graphs[k], name)) {
      placed[k] = places;
      if (parts.length <= 3) yield packParts(parts, placed, total);
    }
  }
  yield packParts(parts, placed, total);
}

const asMap = (ids, xy) => new Map(ids.map((id, k) => [id, { x: Math.round(xy[2 * k]), y: Math.round(xy[2 * k + 1]) }]));

/** The finished layout at once (tests, generators): Map id -> {x, y}. */
export function layoutNow(circuit, name = "auto") {
  let last = null;
  for (const places of layoutSteps(circuit, name)) last = places;
  return asMap(circuit.nodes.map((n) => n.id), last ?? new Float64Array(0));
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Runs a layout without blocking the page.
 *
 * @param {object} circuit  document or parsed file
 * @param {{name?: string, signal?: AbortSignal, show?: function(Map): void, pause?: function(): Promise}} options
 *   show hears of every stage, pause lets the page breathe between them
 * @returns {Promise<Map|null>} places, or null when it was stopped
 */
export async function runLayout(circuit, { name = "auto", signal, show = () => {}, pause = turn } = {}) {
  const ids = circuit.nodes.map((n) => n.id);
  const steps = layoutSteps(circuit, name);
  let last = null;
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const { value, done } = steps.next();
      if (done) return last && asMap(ids, last);
      last = value;
    } while (performance.now() < until);
    show(asMap(ids, last));
    await pause();
    if (signal?.aborted) return null;
  }
}
