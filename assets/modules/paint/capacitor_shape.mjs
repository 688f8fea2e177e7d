/** Where the capacitor of a node is drawn, in board units. Pure. */

import { GROUND_BARS, NODE_RADIUS } from "./geometry.mjs";

export const CAPACITOR_REACH = 72; // from the node's middle to its ground
const PLATES = [44, 51]; // distances of the two plates
const HALF_PLATE = 12;
const WORDS = { w: 54, h: 26 };

/** A point so far from a node's middle along its capacitor, and so far aside. */
export function capacitorPoint(scene, n, out, aside = 0) {
  const [cos, sin] = [Math.cos(scene.capacitorAngle[n]), Math.sin(scene.capacitorAngle[n])];
  return [scene.x[n] + out * cos - aside * sin, scene.y[n] + out * sin + aside * cos];
}

/** The lines of a symbol, [ax, ay, bx, by] each: leads and ground. */
export function capacitorLines(scene, n) {
  const at = (out, aside = 0) => capacitorPoint(scene, n, out, aside);
  const bars = GROUND_BARS.map(([out, half]) => [...at(CAPACITOR_REACH + 0.8 * out, -0.8 * half), ...at(CAPACITOR_REACH + 0.8 * out, 0.8 * half)]);
  return [[...at(NODE_RADIUS), ...at(PLATES[0])], [...at(PLATES[1]), ...at(CAPACITOR_REACH)], ...bars];
}

/** The plates' ends, the one at the node first. */
export const plateLines = (scene, n) => PLATES.map((out) => [...capacitorPoint(scene, n, out, -HALF_PLATE), ...capacitorPoint(scene, n, out, HALF_PLATE)]);

/** Where its two numbers stand: a point of the upper one, the end of the text that is there, and the box of both. */
export function capacitorWords(scene, n) {
  const [cos, sin] = [Math.cos(scene.capacitorAngle[n]), Math.sin(scene.capacitorAngle[n])];
  const [cx, cy] = capacitorPoint(scene, n, (PLATES[0] + PLATES[1]) / 2);
  if (Math.abs(cos) > 0.7) {
    const y = cy + HALF_PLATE + 8;
    return { x: cx, y, align: /** @type {CanvasTextAlign} */ ("center"), box: { x: cx, y: y + 6, ...WORDS } };
  }
  const side = sin >= -0.7 && cos >= -0.1 ? 1 : -1;
  const x = cx + side * (HALF_PLATE + 5);
  return { x, y: cy - 5, align: /** @type {CanvasTextAlign} */ (side > 0 ? "left" : "right"), box: { x: x + (side * WORDS.w) / 2, y: cy + 1, ...WORDS } };
}

/** What a capacitor must not lie under: its symbol. */
export function capacitorBox(scene, n) {
  const [x, y] = capacitorPoint(scene, n, 54);
  return { x, y, w: 36, h: 36 };
}
