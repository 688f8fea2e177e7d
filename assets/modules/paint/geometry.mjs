/** Places of everything on the board, in board units (y down). Pure functions of numbers. */

export const NODE_RADIUS = 20;
export const GROUND_DISTANCE = 74; // from the node's centre to its ground symbol
export const SOURCE_REACH = 82; // from a driven node's centre to the end of its source symbol
export const PARALLEL_SPREAD = 30; // between the middles of neighbouring parallel devices
export const SYMBOL_LENGTH = 38; // of a symbol's unit length
/** Where the three bars of a ground symbol lie: [distance outwards, half length]. */
export const GROUND_BARS = Object.freeze([[0, 11], [4.5, 7], [9, 3]]);
export const TAU = 2 * Math.PI;

/** Smallest angle between two directions, in [0, pi]. */
export function angleBetween(a, b) {
  const d = Math.abs(a - b) % TAU;
  return d > Math.PI ? TAU - d : d;
}

/**
 * The direction with most room among the occupied ones.
 *
 * `preferred` are tried first and win over roomier ones as long as they keep `margin` to everything.
 */
export function freeDirection(occupied, preferred, margin = 0.6) {
  const room = (angle) => occupied.reduce((least, other) => Math.min(least, angleBetween(angle, other)), Math.PI);
  for (const angle of preferred) if (room(angle) >= margin) return angle;
  let best = preferred[0];
  let most = room(best);
  const sorted = [...occupied].sort((a, b) => a - b);
  sorted.forEach((angle, k) => {
    const next = k + 1 < sorted.length ? sorted[k + 1] : sorted[0] + TAU;
    const middle = (angle + next) / 2;
    if (room(middle) > most + 1e-9) {
      most = room(middle);
      best = middle;
    }
  });
  return best;
}

/**
 * Sideways shift of each of `count` parallel devices, symmetric about the straight line.
 * The shift is that of the curve's middle; equal for both directions of a pair.
 */
export function fanOffsets(count, distance = Infinity) {
  const spread = Math.min(PARALLEL_SPREAD, (0.9 * distance) / Math.max(count - 1, 1));
  return Array.from({ length: count }, (_, k) => (k - (count - 1) / 2) * spread);
}

/**
 * Quadratic curve between two discs: [x0, y0, cx, cy, x1, y1], ends on the rims.
 *
 * @param {number} shift  distance of the curve's middle from the straight line, to the left of a -> b
 */
export function curveBetween(ax, ay, bx, by, shift, ra = NODE_RADIUS, rb = NODE_RADIUS, out = new Float32Array(6), at = 0) {
  const dx = bx - ax;
  const dy = by - ay;
  const distance = Math.hypot(dx, dy) || 1e-6;
  // The middle of a quadratic curve lies half way between chord and control point.
  const cx = (ax + bx) / 2 + (2 * shift * dy) / distance;
  const cy = (ay + by) / 2 - (2 * shift * dx) / distance;
  const da = Math.hypot(cx - ax, cy - ay) || 1e-6;
  const db = Math.hypot(cx - bx, cy - by) || 1e-6;
  const trimA = Math.min(ra, da * 0.9);
  const trimB = Math.min(rb, db * 0.9);
  out[at] = ax + ((cx - ax) * trimA) / da;
  out[at + 1] = ay + ((cy - ay) * trimA) / da;
  out[at + 2] = cx;
  out[at + 3] = cy;
  out[at + 4] = bx + ((cx - bx) * trimB) / db;
  out[at + 5] = by + ((cy - by) * trimB) / db;
  return out;
}

/** Point on curve number `e` of a packed array at u in [0, 1]: {x, y, angle}. */
export function pointOn(curves, e, u) {
  const k = 6 * e;
  const w = 1 - u;
  const a = w * w;
  const b = 2 * w * u;
  const c = u * u;
  const dx = w * (curves[k + 2] - curves[k]) + u * (curves[k + 4] - curves[k + 2]);
  const dy = w * (curves[k + 3] - curves[k + 1]) + u * (curves[k + 5] - curves[k + 3]);
  return {
    x: a * curves[k] + b * curves[k + 2] + c * curves[k + 4],
    y: a * curves[k + 1] + b * curves[k + 3] + c * curves[k + 5],
    angle: Math.atan2(dy, dx),
  };
}

/** Length of curve `e`; eight chords are within 0.2 % for the curves drawn here. */
export function curveLength(curves, e) {
  let length = 0;
  let before = pointOn(curves, e, 0);
  for (let k = 1; k <= 8; k++) {
    const next = pointOn(curves, e, k / 8);
    length += Math.hypot(next.x - before.x, next.y - before.y);
    before = next;
  }
  return length;
}

/** Distance of (x, y) from curve `e`. */
export function distanceToCurve(curves, e, x, y) {
  let least = Infinity;
  let before = pointOn(curves, e, 0);
  for (let k = 1; k <= 12; k++) {
    const next = pointOn(curves, e, k / 12);
    least = Math.min(least, distanceToSegment(x, y, before.x, before.y, next.x, next.y));
    before = next;
  }
  return least;
}

export function distanceToSegment(x, y, ax, ay, bx, by) {
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const u = square > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
  return Math.hypot(x - ax - u * dx, y - ay - u * dy);
}

/** Whether segment p-q crosses curve `e` (the Cut tool). */
export function crossesCurve(curves, e, px, py, qx, qy) {
  let before = pointOn(curves, e, 0);
  for (let k = 1; k <= 12; k++) {
    const next = pointOn(curves, e, k / 12);
    if (segmentsCross(px, py, qx, qy, before.x, before.y, next.x, next.y)) return true;
    before = next;
  }
  return false;
}

function segmentsCross(ax, ay, bx, by, cx, cy, dx, dy) {
  const side = (px, py, qx, qy, rx, ry) => Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
  return (
    side(ax, ay, bx, by, cx, cy) !== side(ax, ay, bx, by, dx, dy) &&
    side(cx, cy, dx, dy, ax, ay) !== side(cx, cy, dx, dy, bx, by)
  );
}

/** Three corners of an arrow head with its tip at (x, y). */
export function arrowHead(x, y, angle, size) {
  const back = 0.42;
  return [
    x, y,
    x - size * Math.cos(angle - back), y - size * Math.sin(angle - back),
    x - size * Math.cos(angle + back), y - size * Math.sin(angle + back),
  ];
}

/** The viewport that shows `bounds` in a width x height window: screen = board * zoom + (x, y). */
export function fitViewport(bounds, width, height, { margin = 56, maxZoom = 1.4, minZoom = 1e-4 } = {}) {
  if (!bounds || !(bounds.x1 >= bounds.x0)) return { x: width / 2, y: height / 2, zoom: 1 };
  const w = Math.max(bounds.x1 - bounds.x0, 1);
  const h = Math.max(bounds.y1 - bounds.y0, 1);
  const room = (size) => Math.max(size - 2 * margin, size / 3);
  const zoom = Math.min(maxZoom, Math.max(minZoom, Math.min(room(width) / w, room(height) / h)));
  return {
    zoom,
    x: width / 2 - (zoom * (bounds.x0 + bounds.x1)) / 2,
    y: height / 2 - (zoom * (bounds.y0 + bounds.y1)) / 2,
  };
}

/** Board coordinates of a screen point and back. */
export const toBoard = (viewport, x, y) => ({ x: (x - viewport.x) / viewport.zoom, y: (y - viewport.y) / viewport.zoom });
export const toScreen = (viewport, x, y) => ({ x: x * viewport.zoom + viewport.x, y: y * viewport.zoom + viewport.y });

/** The nearest free place to (x, y) that keeps `gap` to every node; walks outwards on a spiral. */
export function freePlace(nodes, x, y, gap = 3.4 * NODE_RADIUS) {
  const free = (px, py) => nodes.every((n) => Math.hypot(n.x - px, n.y - py) >= gap);
  for (let k = 0; k < 400; k++) {
    const radius = (gap * Math.sqrt(k)) / 2;
    const px = x + radius * Math.cos(k * 2.4);
    const py = y + radius * Math.sin(k * 2.4);
    if (free(px, py)) return { x: px, y: py };
  }
  return { x, y };
}
