/** The circuit as typed arrays in board units: what every painter, hit test and layout reads. Pure. */

import {
  GROUND_DISTANCE, NODE_RADIUS, SOURCE_REACH, curveBetween, curveLength, distanceToCurve, distanceToSegment, fanOffsets,
  freeDirection,
} from "./geometry.mjs";
import { placeAnchors } from "./anchors.mjs";

const GROUND = "gnd";
const AVOID_NODES_UP_TO = 400; // above, bending edges round nodes costs more than it clarifies
const [RIGHT, DOWN, LEFT, UP] = [0, Math.PI / 2, Math.PI, -Math.PI / 2];
export const ROLE_CODES = Object.freeze({ hidden: 0, input: 1, output: 2, both: 3 });

/**
 * @param {{nodes: object[], slices: object[]}} circuit  a CircuitDocument or a parsed file
 * @param {Map<string, {x: number, y: number}>} [moved]  places that override the circuit's (a drag)
 */
export function buildScene(circuit, moved = undefined) {
  const N = circuit.nodes.length;
  const scene = {
    N,
    nodeIds: circuit.nodes.map((n) => n.id),
    names: circuit.nodes.map((n) => n.label || n.id),
    x: new Float32Array(N),
    y: new Float32Array(N),
    role: new Uint8Array(N),
    voltage: new Float32Array(N),
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
  scene.bySlice = circuit.slices.map((_, s) => {
    const first = scene.slice.indexOf(s);
    return first < 0 ? [0, 0] : [first, first + circuit.slices[s].devices.length];
  });
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
  scene.groundX = new Float32Array(N).fill(NaN);
  scene.groundY = new Float32Array(N).fill(NaN);
  scene.groundAngle = new Float32Array(N);
  scene.nameAngle = new Float32Array(N);
  scene.inputAngle = new Float32Array(N).fill(LEFT);
  scene.outputAngle = new Float32Array(N).fill(RIGHT);
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
    if (scene.role[n] & 1) taken.push((scene.inputAngle[n] = freeDirection(taken, [LEFT, UP, DOWN, RIGHT], 0.45)));
    if (scene.role[n] & 2) taken.push((scene.outputAngle[n] = freeDirection(taken, [RIGHT, DOWN, UP, LEFT], 0.45)));
    scene.nameAngle[n] = freeDirection(taken, [UP, DOWN, RIGHT, LEFT], 0.5);
  }
}

/** Directions of nodes so near that a ground symbol towards them would touch them. */
function nearDirections(scene, grid, n) {
  if (!grid) return [];
  const found = [];
  const cx = Math.floor(scene.x[n] / CELL);
  const cy = Math.floor(scene.y[n] / CELL);
  for (let i = -2; i <= 2; i++) {
    for (let j = -2; j <= 2; j++) {
      for (const m of grid.get(`${cx + i},${cy + j}`) ?? []) {
        const dx = scene.x[m] - scene.x[n];
        const dy = scene.y[m] - scene.y[n];
        if (m !== n && Math.hypot(dx, dy) < GROUND_DISTANCE + 3 * NODE_RADIUS) found.push(Math.atan2(dy, dx));
      }
    }
  }
  return found;
}

/** Fans parallel devices and bends single ones round nodes that stand in the way. */
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
  for (const members of groups.values()) {
    const ends = endsOf(scene, members[0]);
    const offsets = fanOffsets(members.length, Math.hypot(ends.bx - ends.ax, ends.by - ends.ay));
    const bend = grid && members.length === 1 && !ends.ground ? bendRound(scene, grid, members[0], ends) : 0;
    members.forEach((e, k) => shapeCurve(scene, e, offsets[k], bend));
  }
}

function shapeCurve(scene, e, offset, bend) {
  const { ax, ay, bx, by, ground } = endsOf(scene, e);
  // Both directions of a pair fan to the same side of the same line.
  const side = scene.source[e] < scene.target[e] ? 1 : -1;
  const shift = bend || side * offset;
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

const CELL = 4 * NODE_RADIUS;

function nodeGrid(scene) {
  const grid = new Map();
  for (let n = 0; n < scene.N; n++) {
    const key = `${Math.floor(scene.x[n] / CELL)},${Math.floor(scene.y[n] / CELL)}`;
    if (grid.has(key)) grid.get(key).push(n);
    else grid.set(key, [n]);
  }
  return grid;
}

/** 0 when the straight line is free, else the shift that passes the nearest node on its open side. */
function bendRound(scene, grid, e, { ax, ay, bx, by }) {
  const length = Math.hypot(bx - ax, by - ay);
  const clearance = NODE_RADIUS + 5;
  const steps = Math.min(400, Math.ceil(length / CELL) + 1);
  const seen = new Set();
  let worst = null;
  for (let k = 0; k <= steps; k++) {
    const cx = Math.floor((ax + ((bx - ax) * k) / steps) / CELL);
    const cy = Math.floor((ay + ((by - ay) * k) / steps) / CELL);
    for (let i = -1; i <= 1; i++) {
      for (let j = -1; j <= 1; j++) {
        for (const n of grid.get(`${cx + i},${cy + j}`) ?? []) {
          if (n === scene.source[e] || n === scene.target[e] || seen.has(n)) continue;
          seen.add(n);
          const away = distanceToSegment(scene.x[n], scene.y[n], ax, ay, bx, by);
          if (away < clearance && (!worst || away < worst.away)) worst = { n, away };
        }
      }
    }
  }
  if (!worst) return 0;
  const cross = (bx - ax) * (scene.y[worst.n] - ay) - (by - ay) * (scene.x[worst.n] - ax);
  const side = cross === 0 ? (scene.source[e] < scene.target[e] ? 1 : -1) : Math.sign(cross);
  const needed = 2 * NODE_RADIUS + 4 + Math.min(26, 0.03 * length) - worst.away;
  return side * needed;
}

function sceneBounds(scene) {
  const bounds = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  const grow = (px, py, r) => {
    bounds.x0 = Math.min(bounds.x0, px - r);
    bounds.y0 = Math.min(bounds.y0, py - r);
    bounds.x1 = Math.max(bounds.x1, px + r);
    bounds.y1 = Math.max(bounds.y1, py + r);
  };
  for (let n = 0; n < scene.N; n++) {
    grow(scene.x[n], scene.y[n], NODE_RADIUS + 14);
    if (scene.groundX[n] === scene.groundX[n]) grow(scene.groundX[n], scene.groundY[n], 14);
  }
  for (const n of scene.driven) grow(scene.x[n] + SOURCE_REACH * Math.cos(scene.sourceAngle[n]), scene.y[n] + SOURCE_REACH * Math.sin(scene.sourceAngle[n]), 8);
  for (let e = 0; e < scene.E; e++) if (scene.bent[e]) grow(scene.curves[6 * e + 2], scene.curves[6 * e + 3], 0);
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
