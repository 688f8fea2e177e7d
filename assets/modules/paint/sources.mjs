/** Paints the sources of driven nodes, and what they give. */

import { SOURCE_REACH } from "./geometry.mjs";
import { FORM, SOURCE_RADIUS, sourceAt, symbolOf } from "./source_shape.mjs";
import { visibleBox } from "./view.mjs";

/** Driven nodes in view. */
function seen(scene, o) {
  const box = visibleBox(o, SOURCE_REACH);
  return scene.driven.filter((n) => scene.x[n] >= box.x0 && scene.x[n] <= box.x1 && scene.y[n] >= box.y0 && scene.y[n] <= box.y1);
}

const PATHS = new Map();

function formPath(text) {
  if (!PATHS.has(text)) PATHS.set(text, new Path2D(text));
  return PATHS.get(text);
}

/** The still part; the context draws in board units. */
export function paintSources(ctx, scene, o) {
  const { viewport, theme, symbols } = o;
  if (viewport.zoom < 0.2 || scene.driven.length === 0) return;
  ctx.lineWidth = Math.max(1.6, 1 / viewport.zoom);
  for (const n of seen(scene, o)) {
    const { centre: [cx, cy], leads, bars } = sourceAt(scene, n);
    ctx.strokeStyle = theme.muted;
    ctx.beginPath();
    for (const [ax, ay, bx, by] of [...leads, ...bars]) {
      ctx.moveTo(ax, ay);
      ctx.lineTo(bx, by);
    }
    ctx.stroke();
    ctx.strokeStyle = theme.edgeStrong;
    ctx.beginPath();
    ctx.arc(cx, cy, SOURCE_RADIUS, 0, 6.2832);
    ctx.stroke();
    const form = symbols[symbolOf(scene.drive[n])];
    if (form && viewport.zoom >= 0.35) paintForm(ctx, form, cx, cy);
  }
}

function paintForm(ctx, form, x, y) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(FORM, FORM);
  ctx.lineWidth = 1.6 / FORM;
  ctx.stroke(formPath(form));
  ctx.restore();
}

/**
 * What the sources give now, beside them: the number, and an arrow that says which way.
 * @param {ArrayLike<number>} given  [A] by node, NaN where nothing is known
 * @param {(amperes: number) => string} write
 */
export function paintGiven(ctx, scene, given, o, write) {
  const { theme } = o;
  ctx.font = `600 10px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = theme.board;
  ctx.fillStyle = theme.text;
  for (const n of seen(scene, o)) {
    if (!Number.isFinite(given[n])) continue;
    const { centre: [x, y] } = sourceAt(scene, n);
    const sideways = Math.abs(Math.cos(scene.sourceAngle[n])) > 0.7; // the lead is level: the number stands below
    ctx.textAlign = sideways ? "center" : "left";
    const at = sideways ? [x, y + SOURCE_RADIUS + 9] : [x + SOURCE_RADIUS + 5, y];
    const text = write(given[n]);
    ctx.strokeText(text, ...at);
    ctx.fillText(text, ...at);
  }
}
