/** Chooses where on each device its symbol sits, so that symbols do not collide, and how near one must look to see it. Pure. */

import { NODE_RADIUS, distanceToSegment, pointOn } from "../geometry.mjs";

const SHARES = [0.5, 0.4, 0.6, 0.31, 0.69, 0.24, 0.76];
const ROOM = 30; // board units a symbol wants around itself
const TOUCHING = 21; // nearer than this two symbols would cover each other
const SYMBOLS_UP_TO = 600; // devices of a slice; symbols are not drawn above
const CROSSINGS_UP_TO = 160; // devices for which lines of others are avoided as well

/**
 * Adds to the scene: anchor (share of each curve), symbolFree (0 where the symbol would cover another) and symbolRoom
 * (board units to the nearest symbol that comes before it).
 */
export function placeAnchors(scene) {
  const { E } = scene;
  scene.anchor = new Float32Array(E).fill(0.5);
  scene.symbolFree = new Uint8Array(E).fill(1);
  scene.symbolRoom = new Float32Array(E).fill(Infinity);
  for (const [first, last] of scene.bySlice) {
    if (last - first > SYMBOLS_UP_TO) continue;
    placeSymbols(scene, first, last);
    rankSymbols(scene, first, last);
  }
}

function placeSymbols(scene, first, last) {
  const lines = last - first <= CROSSINGS_UP_TO ? first : last;
  const taken = [];
  for (let e = first; e < last; e++) {
    let best = { crowd: Infinity, u: 0.5, p: { x: NaN, y: NaN } };
    for (const u of SHARES) {
      const p = pointOn(scene.curves, e, u);
      const crowd = crowding(scene, e, p, taken, lines, last) + Math.abs(u - 0.5);
      if (crowd < best.crowd - 1e-6) best = { crowd, u, p };
      if (best.crowd < 0.01) break;
    }
    scene.anchor[e] = best.u;
    scene.symbolFree[e] = taken.some((q) => Math.hypot(best.p.x - q.x, best.p.y - q.y) < TOUCHING) ? 0 : 1;
    if (scene.symbolFree[e]) taken.push(best.p);
  }
}

/** How much symbols already placed and nodes (heavily) and other lines (lightly) press on a place. */
function crowding(scene, e, p, taken, first, last) {
  let sum = 0;
  for (const q of taken) sum += 6 * Math.max(0, 1 - Math.hypot(p.x - q.x, p.y - q.y) / ROOM);
  const c = scene.curves;
  for (let k = first; k < last; k++) {
    if (k === e || scene.bent[k]) continue;
    const away = distanceToSegment(p.x, p.y, c[6 * k], c[6 * k + 1], c[6 * k + 4], c[6 * k + 5]);
    if (away < 14) sum += 1 - away / 14;
  }
  if (first < last) {
    for (let n = 0; n < scene.N; n++) {
      const away = Math.hypot(p.x - scene.x[n], p.y - scene.y[n]);
      if (away < NODE_RADIUS + 14) sum += 4;
    }
  }
  const k = 6 * e;
  const end = Math.min(Math.hypot(p.x - c[k], p.y - c[k + 1]), Math.hypot(p.x - c[k + 4], p.y - c[k + 5]));
  return end < 34 ? sum + 4 : sum; // some of the line itself must stay visible
}

/**
 * Orders symbols so that each next one is the farthest from all before it, and writes down how far that is: those with
 * at least d of room are then at least d apart, whatever d is. Parallel devices belong together and do not compete.
 */
function rankSymbols(scene, first, last) {
  const places = [];
  for (let e = first; e < last; e++) if (scene.symbolFree[e]) places.push({ e, room: Infinity, ...pointOn(scene.curves, e, scene.anchor[e]) });
  const low = (e) => Math.min(scene.source[e], scene.target[e]);
  const high = (e) => Math.max(scene.source[e], scene.target[e]);
  while (places.length > 0) {
    let next = 0;
    for (let k = 1; k < places.length; k++) if (places[k].room > places[next].room) next = k;
    const [{ e, x, y, room }] = places.splice(next, 1);
    scene.symbolRoom[e] = room;
    for (const other of places) {
      if (low(e) === low(other.e) && high(e) === high(other.e)) continue;
      other.room = Math.min(other.room, Math.hypot(x - other.x, y - other.y));
    }
  }
}

/** Place `away` board units above the anchor of edge `e` (left of vertical lines), and the line's direction. */
export const besideAnchor = (scene, e, away) => beside(scene, e, scene.anchor[e], away);

/** The same at any share of the edge. */
export function beside(scene, e, share, away) {
  const { x, y, angle } = pointOn(scene.curves, e, share);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const flip = cos < -1e-6 || (cos < 1e-6 && sin > 0) ? -1 : 1;
  return { x: x + flip * away * sin, y: y - flip * away * cos, cos: flip * cos, sin: flip * sin };
}
