/** Where the names of nodes stand: beside their node, over no other node, symbol or name. Pure. */

import { createBoxes } from "./boxes.mjs";
import { capacitorBox, capacitorWords } from "../capacitor_shape.mjs";
import { NODE_RADIUS, SOURCE_REACH, pointOn } from "../geometry.mjs";

const PLACED_UP_TO = 400; // nodes; above, names stand where their own node has room
const LONGEST = 24; // letters
const [LETTER, SIZE] = [6.3, 11.5]; // board units of a letter's width, of the font
const AROUND = Array.from({ length: 8 }, (_, k) => (k * Math.PI) / 4);
const TURN = 14; // a direction that its own devices leave free is worth this much covered area
const MOST_COVERED = 0.35; // of a name's area
const WORDS_COVERED = 0.1; // of the area of the numbers at a capacitor

/** The name as it is written. */
export const writtenName = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name);

/**
 * Where a name is written: a point, and which end of the text stands there.
 * @returns {{x: number, y: number, align: "left"|"right"|"center"}}
 */
export function namePlace(scene, n, scale = 1, angle = scene.nameAngle[n]) {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const distance = NODE_RADIUS + 5 + (5 + 2.5 * Math.abs(sin)) * scale;
  return { x: scene.x[n] + distance * cos, y: scene.y[n] + distance * sin, align: cos > 0.35 ? "left" : cos < -0.35 ? "right" : "center" };
}

function nameBox(scene, n, angle) {
  const { x, y, align } = namePlace(scene, n, 1, angle);
  const w = LETTER * writtenName(scene.names[n]).length;
  return { x: align === "left" ? x + w / 2 : align === "right" ? x - w / 2 : x, y, w, h: SIZE + 2 };
}

/** What names and values must not cover of the devices `first` to `last`: nodes, sources, grounds and symbols. */
function fixtures(scene, first, last) {
  const boxes = createBoxes();
  for (let n = 0; n < scene.N; n++) {
    boxes.add({ x: scene.x[n], y: scene.y[n], w: 2 * NODE_RADIUS + 2, h: 2 * NODE_RADIUS + 2 });
    if (scene.groundX[n] === scene.groundX[n]) boxes.add({ x: scene.groundX[n], y: scene.groundY[n], w: 24, h: 18 });
  }
  for (const n of scene.driven) {
    const out = (SOURCE_REACH + NODE_RADIUS) / 2;
    boxes.add({ x: scene.x[n] + out * Math.cos(scene.sourceAngle[n]), y: scene.y[n] + out * Math.sin(scene.sourceAngle[n]), w: 30, h: 30 });
  }
  for (const n of scene.capacitors ?? []) boxes.add(capacitorBox(scene, n));
  for (let e = first; e < last; e++) if (scene.symbolFree[e]) boxes.add({ ...pointOn(scene.curves, e, scene.anchor[e]), w: 26, h: 22 });
  return boxes;
}

/** The same with the names and the numbers of capacitors that are shown. */
export function boxesOf(scene, first, last) {
  const boxes = fixtures(scene, first, last);
  for (const n of scene.capacitors ?? []) if (scene.capacitorFree[n]) boxes.add(capacitorWords(scene, n).box);
  for (let n = 0; n < scene.N; n++) if (scene.nameFree[n]) boxes.add(nameBox(scene, n, scene.nameAngle[n]));
  return boxes;
}

/**
 * Turns nameAngle where a name would cover something, and adds nameFree and capacitorFree: 0 where a name, or the numbers
 * of a capacitor, cover too much.
 * @param {object} scene  with nameAngle, the direction in which a node's own devices leave room
 */
export function placeNames(scene) {
  scene.nameFree = new Uint8Array(scene.N).fill(1);
  scene.capacitorFree = new Uint8Array(scene.N).fill(1);
  if (scene.N > PLACED_UP_TO) return;
  const [first, last] = scene.bySlice[0] ?? [0, 0];
  const boxes = fixtures(scene, first, last);
  for (const n of scene.capacitors ?? []) {
    const { box } = capacitorWords(scene, n);
    if (boxes.covered(box) > WORDS_COVERED * box.w * box.h) scene.capacitorFree[n] = 0;
    else boxes.add(box);
  }
  for (let n = 0; n < scene.N; n++) {
    let best = { angle: scene.nameAngle[n], cost: boxes.covered(nameBox(scene, n, scene.nameAngle[n])) };
    if (best.cost > TURN) {
      for (const angle of AROUND) {
        const cost = TURN + boxes.covered(nameBox(scene, n, angle));
        if (cost < best.cost - 1e-6) best = { angle, cost };
      }
    }
    const box = nameBox(scene, n, best.angle);
    scene.nameAngle[n] = best.angle;
    if (boxes.covered(box) > MOST_COVERED * box.w * box.h) scene.nameFree[n] = 0;
    else boxes.add(box);
  }
}
