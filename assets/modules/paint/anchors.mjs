/** Chooses where on each device its symbol, value and gradient sit, so that they do not collide. Pure. */

import { distanceToSegment, pointOn } from "./geometry.mjs";

const SHARES = [0.5, 0.4, 0.6, 0.31, 0.69, 0.24, 0.76];
const ROOM = 30; // board units a symbol wants around itself
const TOUCHING = 21; // nearer than this two symbols would cover each other
const SYMBOLS_UP_TO = 600; // devices of a slice; symbols are not drawn above
const CROSSINGS_UP_TO = 160; // devices for which lines of others are avoided as well
const VALUES_UP_TO = 60;
const VALUE_SIZE = { width: 46, height: 13 };

/**
 * Adds to the scene: anchor (share of each curve), symbolFree (0 where the symbol would cover another), valueX, valueY, valueSide (+1 above, -1 below the line)
 * and valueFree (0 where the value would cover another).
 */
export function placeAnchors(scene) {
  const { E } = scene;
  scene.anchor = new Float32Array(E).fill(0.5);
  scene.symbolFree = new Uint8Array(E).fill(1);
  scene.valueX = new Float32Array(E);
  scene.valueY = new Float32Array(E);
  scene.valueSide = new Int8Array(E).fill(1);
  scene.valueFree = new Uint8Array(E);
  for (const [first, last] of scene.bySlice) {
    if (last - first > SYMBOLS_UP_TO) continue;
    const taken = placeSymbols(scene, first, last);
    if (last - first <= VALUES_UP_TO) placeValues(scene, first, last, taken);
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
  return taken;
}

/** How much symbols already placed (heavily) and other lines (lightly) press on a place. */
function crowding(scene, e, p, taken, first, last) {
  let sum = 0;
  for (const q of taken) sum += 6 * Math.max(0, 1 - Math.hypot(p.x - q.x, p.y - q.y) / ROOM);
  const c = scene.curves;
  for (let k = first; k < last; k++) {
    if (k === e || scene.bent[k]) continue;
    const away = distanceToSegment(p.x, p.y, c[6 * k], c[6 * k + 1], c[6 * k + 4], c[6 * k + 5]);
    if (away < 14) sum += 1 - away / 14;
  }
  const k = 6 * e;
  const end = Math.min(Math.hypot(p.x - c[k], p.y - c[k + 1]), Math.hypot(p.x - c[k + 4], p.y - c[k + 5]));
  return end < 34 ? sum + 4 : sum; // some of the line itself must stay visible
}

/** Place `away` board units above the anchor of edge `e` (left of vertical lines), and the line's direction. */
export function besideAnchor(scene, e, away) {
  const { x, y, angle } = pointOn(scene.curves, e, scene.anchor[e]);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const flip = cos < -1e-6 || (cos < 1e-6 && sin > 0) ? -1 : 1;
  return { x: x + flip * away * sin, y: y - flip * away * cos, cos: flip * cos, sin: flip * sin };
}

function placeValues(scene, first, last, symbols) {
  const { width, height } = VALUE_SIZE;
  const boxes = symbols.map((p) => ({ x: p.x, y: p.y, w: 26, h: 22 }));
  for (let n = 0; n < scene.N; n++) boxes.push({ x: scene.x[n], y: scene.y[n], w: 42, h: 42 });
  for (let e = first; e < last; e++) {
    let best = { overlap: Infinity, side: 1, p: { x: NaN, y: NaN } };
    for (const side of [1, -1]) {
      const turn = Math.abs(besideAnchor(scene, e, 0).sin);
      const p = besideAnchor(scene, e, side * (14 + turn * (width / 2 - 2)));
      let overlap = 0;
      for (const box of boxes) {
        const wide = Math.max(0, (box.w + width) / 2 - Math.abs(box.x - p.x));
        const high = Math.max(0, (box.h + height) / 2 - Math.abs(box.y - p.y));
        overlap += wide * high;
      }
      if (overlap < best.overlap) best = { overlap, side, p };
    }
    scene.valueX[e] = best.p.x;
    scene.valueY[e] = best.p.y;
    scene.valueSide[e] = best.side;
    scene.valueFree[e] = best.overlap < 60 ? 1 : 0;
    if (scene.valueFree[e]) boxes.push({ x: best.p.x, y: best.p.y, w: width, h: height });
  }
}
