/** Shapes of devices between two nodes: parallel ones side by side, and round the nodes that stand in their way. Pure. */

import { NODE_RADIUS, curveBetween, distanceToCurve, distanceToSegment } from "../geometry.mjs";

const CELL = 4 * NODE_RADIUS;
const CLEARANCE = NODE_RADIUS + 5; // board units between a device and the middle of a node it passes
const MOST_CELLS = 400;
/** How far the middle of a device may move aside, in steps of a node's room; nearer is better. */
const FARTHEST = 1.6;
const STEPS = [0, 1, -1, FARTHEST, -FARTHEST];
const DETOUR = 0.3; // a step aside is worth this much of a node's room

/** Nodes by the cell of the board they stand in: nodes nearby are found without looking at all. */
export function nodeGrid({ N, x, y }) {
  const cells = new Map();
  for (let n = 0; n < N; n++) {
    const key = `${Math.floor(x[n] / CELL)},${Math.floor(y[n] / CELL)}`;
    if (cells.has(key)) cells.get(key).push(n);
    else cells.set(key, [n]);
  }
  return cells;
}

/** Numbers of the nodes in the cells around (px, py), up to `reach` cells away. */
export function nodesNear(grid, px, py, reach) {
  const found = [];
  const cx = Math.floor(px / CELL);
  const cy = Math.floor(py / CELL);
  for (let i = -reach; i <= reach; i++) {
    for (let j = -reach; j <= reach; j++) found.push(...(grid.get(`${cx + i},${cy + j}`) ?? []));
  }
  return found;
}

/** Nodes other than the ends at most `most` from the straight line, with how far they are. */
function alongside(scene, grid, e, { ax, ay, bx, by }, most) {
  const reach = Math.ceil(most / CELL);
  const length = Math.hypot(bx - ax, by - ay);
  const steps = Math.min(MOST_CELLS, Math.ceil(length / CELL) + 1);
  const found = new Set();
  for (let k = 0; k <= steps; k++) {
    for (const n of nodesNear(grid, ax + ((bx - ax) * k) / steps, ay + ((by - ay) * k) / steps, reach)) found.add(n);
  }
  found.delete(scene.source[e]);
  found.delete(scene.target[e]);
  return [...found].map((n) => ({ n, away: distanceToSegment(scene.x[n], scene.y[n], ax, ay, bx, by) })).filter(({ away }) => away < most);
}

/** How deep a curve runs into the room of nodes, all together [board units]. */
function intrusion({ x, y }, nodes, curve) {
  let sum = 0;
  for (const { n } of nodes) sum += Math.max(0, CLEARANCE - distanceToCurve(curve, 0, x[n], y[n]));
  return sum;
}

/**
 * The shift of the middle of a group of parallel devices that leads it past the nodes in its way: 0 where the straight
 * line is free or nothing else is better.
 * @param {object} scene
 * @param {Map<string, number[]>} grid  of nodeGrid
 * @param {number} e  one of the group
 * @param {{ax: number, ay: number, bx: number, by: number}} ends
 * @param {number[]} offsets  of the group from its middle
 */
export function bendOf(scene, grid, e, ends, offsets) {
  const { ax, ay, bx, by } = ends;
  const room = 2 * NODE_RADIUS + 4 + Math.min(26, 0.03 * Math.hypot(bx - ax, by - ay));
  const widest = Math.abs(offsets[0]);
  if (alongside(scene, grid, e, ends, CLEARANCE + widest).length === 0) return 0;
  const nodes = alongside(scene, grid, e, ends, CLEARANCE + widest + FARTHEST * room);
  const curve = new Float32Array(6);
  const outer = offsets.filter((_, k) => k === 0 || k === offsets.length - 1);
  let best = { bend: 0, cost: Infinity };
  for (const step of STEPS) {
    const bend = step * room;
    let cost = DETOUR * Math.abs(step) * CLEARANCE;
    if (cost >= best.cost) continue;
    for (const offset of outer) cost += intrusion(scene, nodes, curveBetween(ax, ay, bx, by, bend + offset, NODE_RADIUS, NODE_RADIUS, curve));
    if (cost < best.cost - 1e-6) best = { bend, cost };
    if (step === 0 && cost === 0) break;
  }
  return best.bend;
}
