/** The circuit as typed arrays in board units: what every painter, hit test and layout reads. Pure. */

import {
  GROUND_DISTANCE, NODE_RADIUS, SOURCE_REACH, curveBetween, curveLength, distanceToCurve, fanOffsets, freeDirection,
  pointOn,
} from "./geometry.mjs";
import { namesOf } from "../document/node_names.mjs";
import { placeAnchors } from "./places/anchors.mjs";
import { bendOf, nodeGrid, nodesNear } from "./places/bends.mjs";
import { CAPACITOR_REACH } from "./capacitor_shape.mjs";
import { placeNames } from "./places/names.mjs";
import { placeTerminals } from "./terminals.mjs";

const [GROUND, CONTROL] = ["gnd", "control"];
const AVOID_NODES_UP_TO = 400; // above, bending edges round nodes costs more than it clarifies
const MOST_BENT = 120; // groups of devices; where more are in the way of nodes, bends clarify nothing
const [RIGHT, DOWN, LEFT, UP] = [0, Math.PI / 2, Math.PI, -Math.PI / 2];
export const ROLE_CODES = Object.freeze({ hidden: 0, input: 1, output: 2, both: 3 });

/**
 * @param {{nodes: object[], slices: object[]}} circuit  a CircuitDocument or a parsed file
 * @param {Map<string, {x: number, y: number}>} [moved]  places that override the circuit's (a drag)
 * @param {{capacitors?: boolean}} [shown]  capacitors: those of nodes to ground are drawn
 */
export function buildScene(circuit, moved = undefined, { capacitors = false } = {}) {
  const N = circuit.nodes.length;
  const scene = {
    N,
    nodeIds: circuit.nodes.map((n) => n.id),
    names: [...namesOf(circuit.nodes).values()],
    x: new Float32Array(N),
    y: new Float32Array(N),
    role: new Uint8Array(N),
    voltage: new Float32Array(N),
    capacitance: Float64Array.from(circuit.nodes, (n) => n.capacitance ?? 1),
    /** @type {number[]|null} */
    capacitors: capacitors ? circuit.nodes.flatMap((n, k) => (n.drive || n.capacitance === 0 ? [] : [k])) : null,
    bare: Uint8Array.from(circuit.nodes, (n) => (n.capacitance === 0 && !n.drive ? 1 : 0)), // without a capacitor
    sliceCount: circuit.slices.length,
    drive: circuit.nodes.map((n) => n.drive?.kind ?? ""),
    driven: circuit.nodes.flatMap((n, k) => (n.drive ? [k] : [])),
    sourceAngle: new Float32Array(N).fill(LEFT),
  };
  circuit.nodes.forEach((node, k) => {
    const place = moved?.get(node.id) ?? node;
    scene.x[k] = place.x ?? 0;
    scene.y[k] = place.y ?? 0;
    scene.role[k] = ROLE_CODES[node.role ?? "hidden"] ?? 0;
    scene.voltage[k] = node.voltage ?? 0;
  });
  scene.nodeIndex = new Map(scene.nodeIds.map((id, k) => [id, k]));
  addDevices(scene, circuit);
  placeAround(scene);
  shapeCurves(scene);
  placeAnchors(scene);
  placeTerminals(scene);
  placeNames(scene);
  scene.bounds = sceneBounds(scene);
  return scene;
}

/** Ends are node numbers; -1 is ground. */
function addDevices(scene, circuit) {
  const E = circuit.slices.reduce((sum, slice) => sum + slice.devices.length, 0);
  Object.assign(scene, {
    E,
    deviceIds: new Array(E),
    kinds: new Array(E),
    trainable: new Uint8Array(E),
    source: new Int32Array(E),
    target: new Int32Array(E),
    slice: new Uint16Array(E),
    curves: new Float32Array(6 * E),
    lengths: new Float32Array(E),
    bent: new Uint8Array(E),
  });
  let e = 0;
  circuit.slices.forEach((slice, s) => {
    for (const device of slice.devices) {
      scene.deviceIds[e] = device.id;
      scene.kinds[e] = device.kind;
      scene.trainable[e] = device.trainable === false ? 0 : 1;
      scene.source[e] = device.source === GROUND ? -1 : scene.nodeIndex.get(device.source);
      scene.target[e] = device.target === GROUND ? -1 : scene.nodeIndex.get(device.target);
      scene.slice[e] = s;
      e += 1;
    }
  });
  scene.deviceIndex = new Map(scene.deviceIds.map((id, k) => [id, k]));
  scene.terminals = terminalsOf(scene, circuit);
  scene.bySlice = circuit.slices.map((_, s) => {
    const first = scene.slice.indexOf(s);
    return first < 0 ? [0, 0] : [first, first + circuit.slices[s].devices.length];
  });
}

/** The further terminals as numbers; -1 is ground, or no control. */
function terminalsOf(scene, circuit) {
  return circuit.slices.flatMap(({ devices }) => devices.filter(({ terminals }) => terminals).flatMap(({ id, terminals }) =>
    Object.entries(terminals).map(([name, to], order) => ({
      e: scene.deviceIndex.get(id),
      order,
      node: name === CONTROL ? -1 : (scene.nodeIndex.get(to) ?? -1),
      control: name === CONTROL ? (scene.deviceIndex.get(to) ?? -1) : -1,
    }))));
}

/** First and one past the last device number of a slice (devices lie slice after slice). */
export function sliceRange(scene, slice) {
  return scene.bySlice[Math.min(Math.max(0, slice), scene.bySlice.length - 1)] ?? [0, 0];
}

/** Directions of ground symbol, role marks and name of every node, each where there is room. */
function placeAround(scene) {
  const { N, E, x, y, source, target } = scene;
  /** @type {number[][]} */
  const occupied = Array.from({ length: N }, () => []);
  const grounded = new Uint8Array(N);
  for (let e = 0; e < E; e++) {
    const a = source[e];
    const b = target[e];
    if (a < 0 || b < 0) {
      grounded[Math.max(a, b)] = 1;
      continue;
    }
    if (x[a] === x[b] && y[a] === y[b]) continue;
    occupied[a].push(Math.atan2(y[b] - y[a], x[b] - x[a]));
    occupied[b].push(Math.atan2(y[a] - y[b], x[a] - x[b]));
  }
  occupyByTerminals(scene, occupied);
  scene.groundX = new Float32Array(N).fill(NaN);
  scene.groundY = new Float32Array(N).fill(NaN);
  scene.groundAngle = new Float32Array(N);
  scene.nameAngle = new Float32Array(N);
  scene.inputAngle = new Float32Array(N).fill(LEFT);
  scene.outputAngle = new Float32Array(N).fill(RIGHT);
  scene.capacitorAngle = new Float32Array(N).fill(DOWN);
  const charged = new Set(scene.capacitors ?? []);
  const grid = N <= AVOID_NODES_UP_TO ? nodeGrid(scene) : null;
  for (let n = 0; n < N; n++) {
    const taken = occupied[n];
    if (grounded[n]) {
      const angle = freeDirection([...taken, ...nearDirections(scene, grid, n)], [DOWN, UP, RIGHT, LEFT], 0.5);
      scene.groundAngle[n] = angle;
      scene.groundX[n] = x[n] + GROUND_DISTANCE * Math.cos(angle);
      scene.groundY[n] = y[n] + GROUND_DISTANCE * Math.sin(angle);
      taken.push(angle);
    }
    if (scene.drive[n]) taken.push((scene.sourceAngle[n] = freeDirection(taken, [DOWN, LEFT, UP, RIGHT], 0.6)));
    if (charged.has(n)) taken.push((scene.capacitorAngle[n] = freeDirection([...taken, ...nearDirections(scene, grid, n)], [DOWN, LEFT, RIGHT, UP], 0.5)));
    if (scene.role[n] & 1) taken.push((scene.inputAngle[n] = freeDirection(taken, [LEFT, UP, DOWN, RIGHT], 0.45)));
    if (scene.role[n] & 2) taken.push((scene.outputAngle[n] = freeDirection(taken, [RIGHT, DOWN, UP, LEFT], 0.45)));
    scene.nameAngle[n] = freeDirection(taken, [UP, DOWN, RIGHT, LEFT], 0.5);
  }
}

/** The directions in which thin lines leave nodes, about: towards the middle of the device that senses there. */
function occupyByTerminals({ terminals, source, target, x, y }, occupied) {
  for (const { e, node } of terminals) {
    const ends = [source[e], target[e]].filter((n) => n >= 0 && n !== node);
    if (node < 0 || ends.length === 0) continue;
    const to = (places) => ends.reduce((sum, n) => sum + places[n], 0) / ends.length;
    occupied[node].push(Math.atan2(to(y) - y[node], to(x) - x[node]));
  }
}

/** Directions of nodes so near that a ground symbol towards them would touch them. */
function nearDirections(scene, grid, n) {
  if (!grid) return [];
  const found = [];
  for (const m of nodesNear(grid, scene.x[n], scene.y[n], 2)) {
    const dx = scene.x[m] - scene.x[n];
    const dy = scene.y[m] - scene.y[n];
    if (m !== n && Math.hypot(dx, dy) < GROUND_DISTANCE + 3 * NODE_RADIUS) found.push(Math.atan2(dy, dx));
  }
  return found;
}

/** Fans parallel devices and bends them round nodes that stand in the way. */
function shapeCurves(scene) {
  const { E, source, target, slice } = scene;
  const groups = new Map();
  for (let e = 0; e < E; e++) {
    const low = Math.min(source[e], target[e]);
    const high = Math.max(source[e], target[e]);
    const key = `${slice[e]}/${low}/${high}`;
    if (groups.has(key)) groups.get(key).push(e);
    else groups.set(key, [e]);
  }
  const grid = scene.N <= AVOID_NODES_UP_TO ? nodeGrid(scene) : null;
  let left = MOST_BENT;
  for (const members of groups.values()) {
    const ends = endsOf(scene, members[0]);
    const offsets = fanOffsets(members.length, Math.hypot(ends.bx - ends.ax, ends.by - ends.ay));
    const bend = grid && left > 0 && !ends.ground ? bendOf(scene, grid, members[0], upwards(scene, members[0], ends), offsets) : 0;
    if (bend !== 0) left -= 1;
    members.forEach((e, k) => shapeCurve(scene, e, offsets[k] + bend));
  }
}

/** The ends from the node of smaller number to that of larger number: the way offsets are counted. */
const upwards = (scene, e, ends) => (scene.source[e] < scene.target[e] ? ends : { ...ends, ax: ends.bx, ay: ends.by, bx: ends.ax, by: ends.ay });

function shapeCurve(scene, e, offset) {
  const { ax, ay, bx, by, ground } = endsOf(scene, e);
  // Both directions of a pair fan to the same side of the same line.
  const shift = scene.source[e] < scene.target[e] ? offset : -offset;
  const ra = scene.source[e] < 0 ? 3 : NODE_RADIUS;
  const rb = scene.target[e] < 0 ? 3 : NODE_RADIUS;
  curveBetween(ax, ay, bx, by, shift, ra, rb, scene.curves, 6 * e);
  scene.bent[e] = Math.abs(shift) > 0.01 ? 1 : 0;
  scene.lengths[e] = scene.bent[e] || ground
    ? curveLength(scene.curves, e)
    : Math.hypot(scene.curves[6 * e + 4] - scene.curves[6 * e], scene.curves[6 * e + 5] - scene.curves[6 * e + 1]);
}

/** Centres of both ends; a ground end is the symbol beside the other node. */
function endsOf(scene, e) {
  const a = scene.source[e];
  const b = scene.target[e];
  const ground = a < 0 || b < 0;
  return {
    ground,
    ax: a < 0 ? scene.groundX[b] : scene.x[a],
    ay: a < 0 ? scene.groundY[b] : scene.y[a],
    bx: b < 0 ? scene.groundX[a] : scene.x[b],
    by: b < 0 ? scene.groundY[a] : scene.y[b],
  };
}

function sceneBounds(scene) {
  const bounds = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  const grow = (px, py, r) => {
    bounds.x0 = Math.min(bounds.x0, px - r);
    bounds.y0 = Math.min(bounds.y0, py - r);
    bounds.x1 = Math.max(bounds.x1, px + r);
    bounds.y1 = Math.max(bounds.y1, py + r);
  };
  const growTo = (p) => grow(p.x, p.y, 4);
  for (let n = 0; n < scene.N; n++) {
    grow(scene.x[n], scene.y[n], NODE_RADIUS + 14);
    if (scene.groundX[n] === scene.groundX[n]) grow(scene.groundX[n], scene.groundY[n], 14);
  }
  const growOut = (n, reach, angle) => grow(scene.x[n] + reach * Math.cos(angle), scene.y[n] + reach * Math.sin(angle), 12);
  for (const n of scene.capacitors ?? []) growOut(n, CAPACITOR_REACH, scene.capacitorAngle[n]);
  for (const n of scene.driven) grow(scene.x[n] + SOURCE_REACH * Math.cos(scene.sourceAngle[n]), scene.y[n] + SOURCE_REACH * Math.sin(scene.sourceAngle[n]), 8);
  for (let e = 0; e < scene.E; e++) if (scene.bent[e]) growTo(pointOn(scene.curves, e, 0.5));
  return scene.N > 0 ? bounds : null;
}

/** What lies under board point (x, y): {type: "node"|"device"|"ground", index, id}, or null. */
export function hitTest(scene, x, y, { reach = 6, slice = -1, nodeReach = 0 } = {}) {
  let best = null;
  let least = NODE_RADIUS + Math.max(nodeReach, 2);
  for (let n = 0; n < scene.N; n++) {
    const away = Math.hypot(scene.x[n] - x, scene.y[n] - y);
    if (away < least) {
      least = away;
      best = { type: "node", index: n, id: scene.nodeIds[n] };
    }
  }
  if (best) return best;
  for (let n = 0; n < scene.N; n++) {
    if (Math.hypot(scene.groundX[n] - x, scene.groundY[n] - y) < 13 + reach) {
      return { type: "ground", index: n, id: scene.nodeIds[n] };
    }
  }
  least = reach;
  for (let e = 0; e < scene.E; e++) {
    if ((slice >= 0 && scene.slice[e] !== slice) || !nearBox(scene.curves, e, x, y, reach)) continue;
    const away = distanceToCurve(scene.curves, e, x, y);
    if (away < least) {
      least = away;
      best = { type: "device", index: e, id: scene.deviceIds[e] };
    }
  }
  return best;
}

/** Whether (x, y) lies in the box of the curve's three points: cheap refusal before the real distance. */
function nearBox(curves, e, x, y, reach) {
  const k = 6 * e;
  return (
    x >= Math.min(curves[k], curves[k + 2], curves[k + 4]) - reach &&
    x <= Math.max(curves[k], curves[k + 2], curves[k + 4]) + reach &&
    y >= Math.min(curves[k + 1], curves[k + 3], curves[k + 5]) - reach &&
    y <= Math.max(curves[k + 1], curves[k + 3], curves[k + 5]) + reach
  );
}

/** Nodes inside a board rectangle and the devices whose two ends are both inside. */
export function inBox(scene, x0, y0, x1, y1, slice = -1) {
  const inside = new Uint8Array(scene.N);
  const nodes = [];
  for (let n = 0; n < scene.N; n++) {
    const x = scene.x[n];
    const y = scene.y[n];
    if (x >= Math.min(x0, x1) && x <= Math.max(x0, x1) && y >= Math.min(y0, y1) && y <= Math.max(y0, y1)) {
      inside[n] = 1;
      nodes.push(scene.nodeIds[n]);
    }
  }
  const devices = [];
  for (let e = 0; e < scene.E; e++) {
    if (slice >= 0 && scene.slice[e] !== slice) continue;
    const ends = [scene.source[e], scene.target[e]].filter((n) => n >= 0);
    if (ends.every((n) => inside[n])) devices.push(scene.deviceIds[e]);
  }
  return { nodes, devices };
}
