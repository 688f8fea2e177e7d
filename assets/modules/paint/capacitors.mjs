/** The capacitors to ground that nodes have, drawn on request: their symbol, their charge and their current. */

import { rampLevel, rampOf } from "./colours.mjs";
import { CAPACITOR_REACH, capacitorLines, capacitorPoint, capacitorWords, plateLines } from "./capacitor_shape.mjs";
import { arrowHead } from "./geometry.mjs";
import { strength } from "./phases.mjs";
import { visibleBox } from "./view.mjs";

const FULL = { least: 2, most: 4 }; // thickness of the plates without and with the largest charge
const MOST_WORDS = 60; // capacitors in view whose numbers are written
const [SYMBOLS_FROM, WORDS_FROM] = [0.3, 0.7]; // zoom

/** Nodes in view whose capacitor is drawn. */
export function shownCapacitors(scene, o) {
  if (!scene.capacitors || o.viewport.zoom < SYMBOLS_FROM) return [];
  const box = visibleBox(o, CAPACITOR_REACH);
  return scene.capacitors.filter((n) => scene.x[n] >= box.x0 && scene.x[n] <= box.x1 && scene.y[n] >= box.y0 && scene.y[n] <= box.y1);
}

function trace(ctx, lines) {
  for (const [ax, ay, bx, by] of lines) {
    ctx.moveTo(ax, ay);
    ctx.lineTo(bx, by);
  }
}

/** The still part; the context draws in board units. */
export function paintCapacitors(ctx, scene, o) {
  const nodes = shownCapacitors(scene, o);
  if (nodes.length === 0) return;
  ctx.strokeStyle = o.theme.muted;
  ctx.lineWidth = Math.max(1.6, 1 / o.viewport.zoom);
  ctx.beginPath();
  for (const n of nodes) trace(ctx, capacitorLines(scene, n));
  ctx.stroke();
}

/**
 * What moves: plates in the colour of their charge, an arrow in the way of the current, and both as numbers.
 * @param {object} frame  {v (N) [V], capacitor (N) [A] or null}
 * @param {{charge: (coulombs: number) => string, current: (amperes: number) => string}} write
 */
export function paintCharges(ctx, scene, frame, o, write) {
  const nodes = shownCapacitors(scene, o);
  const ramp = rampOf(o.theme, o.lane);
  for (const n of nodes) {
    const [near, far] = plateLines(scene, n);
    const share = Math.min(1, Math.abs(frame.v[n]) / o.range || 0);
    ctx.lineWidth = FULL.least + (FULL.most - FULL.least) * share;
    paintPlate(ctx, near, ramp.rim[rampLevel(frame.v[n], o.range)]);
    paintPlate(ctx, far, ramp.rim[rampLevel(-frame.v[n], o.range)]); // the same charge of the other sign
  }
  if (!frame.capacitor || o.lane === "adjoint") return;
  if (o.gain > 0) for (const n of nodes) paintArrow(ctx, scene, n, frame.capacitor[n], o);
  if (o.viewport.zoom >= WORDS_FROM && nodes.length <= MOST_WORDS) paintWords(ctx, scene, nodes, frame, o, write);
}

/** @param {number[]} line */
function paintPlate(ctx, line, colour) {
  const [ax, ay, bx, by] = line;
  ctx.strokeStyle = colour;
  ctx.beginPath();
  ctx.moveTo(ax, ay);
  ctx.lineTo(bx, by);
  ctx.stroke();
}

/** Into the capacitor where the charge rises, out of it where it falls. */
function paintArrow(ctx, scene, n, current, { gain, theme, lane }) {
  const u = Number.isFinite(current) ? strength(current, gain) : 0;
  if (u < 0.012) return;
  const size = 5 + 5 * u;
  const inwards = current > 0;
  const [x, y] = capacitorPoint(scene, n, inwards ? 40 : 23);
  const [ax, ay, bx, by, cx, cy] = arrowHead(x, y, scene.capacitorAngle[n] + (inwards ? 0 : Math.PI), size);
  ctx.fillStyle = theme.flow[lane];
  ctx.globalAlpha = 0.45 + 0.55 * u;
  ctx.beginPath();
  ctx.moveTo(ax, ay);
  ctx.lineTo(bx, by);
  ctx.lineTo(cx, cy);
  ctx.fill();
  ctx.globalAlpha = 1;
}

function paintWords(ctx, scene, nodes, frame, { theme }, write) {
  ctx.font = `600 10px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = theme.board;
  ctx.fillStyle = theme.text;
  for (const n of nodes) {
    if (!scene.capacitorFree[n]) continue;
    const { x, y, align } = capacitorWords(scene, n);
    ctx.textAlign = align;
    [write.charge(scene.capacitance[n] * frame.v[n]), write.current(frame.capacitor[n])].forEach((text, k) => {
      ctx.strokeText(text, x, y + 12 * k);
      ctx.fillText(text, x, y + 12 * k);
    });
  }
}

/** As SVG; `n` rounds a coordinate. */
export function capacitorsSVG(scene, { theme }, n) {
  const path = (lines) => lines.map(([ax, ay, bx, by]) => `M${n(ax)} ${n(ay)}L${n(bx)} ${n(by)}`).join("");
  return (scene.capacitors ?? []).map((k) =>
    `<path d="${path([...capacitorLines(scene, k), ...plateLines(scene, k)])}" fill="none" stroke="${theme.muted}" stroke-width="1.6" stroke-linecap="round"/>`);
}
