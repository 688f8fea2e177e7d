/** Paints the still part of the board: grid, edges, ground. Knows nothing but a drawing context. */

import { paintCapacitors } from "./capacitors.mjs";
import { GROUND_BARS, arrowHead, pointOn } from "./geometry.mjs";
import { paintSources } from "./sources.mjs";
import { paintTerminals } from "./terminals.mjs";
import { EDGES_PER_PATH, applyViewport, detail, edgeWidth, paintOptions, shownGrounds, strokeCurves, visibleEdges } from "./view.mjs";

export { buildScene } from "./scene.mjs";
export { advancePhases, createPhases } from "./phases.mjs";
export { paintFrame } from "./flow.mjs";
export { paintMarks } from "./marks.mjs";

const GRID = 30;

/**
 * The static layer: clears the context and paints grid, edges, arrow heads and ground.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {object} scene  of buildScene
 * @param {object} options  {viewport, width, height, pixelRatio, theme, slice, symbols, selection, hover, grid}
 */
export function paintBoard(ctx, scene, options) {
  const o = paintOptions(options);
  ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
  ctx.clearRect(0, 0, o.width, o.height);
  if (o.grid) paintGrid(ctx, o);
  const level = detail(scene, o);
  const edges = visibleEdges(scene, o);
  applyViewport(ctx, o);
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.strokeStyle = o.theme.edge;
  ctx.lineWidth = edgeWidth(o.viewport.zoom, level.edges);
  ctx.globalAlpha = level.edges > 1500 ? 0.55 : level.edges > 400 ? 0.75 : 1;
  strokeCurves(ctx, scene, edges);
  ctx.globalAlpha = 1;
  if (level.arrows) paintArrows(ctx, scene, edges, o);
  paintTerminals(ctx, scene, o);
  paintGrounds(ctx, scene, o);
  paintSources(ctx, scene, o);
  paintCapacitors(ctx, scene, o);
}

function paintGrid(ctx, { viewport, width, height, theme }) {
  let step = GRID * viewport.zoom;
  while (step < 16) step *= 2;
  const size = viewport.zoom > 1.4 ? 2 : 1.4;
  ctx.fillStyle = theme.dot;
  for (let x = viewport.x % step; x < width; x += step) {
    for (let y = viewport.y % step; y < height; y += step) ctx.fillRect(x - size / 2, y - size / 2, size, size);
  }
}

function paintArrows(ctx, scene, edges, { viewport, theme }) {
  const size = Math.max(8, Math.min(9, 6 / viewport.zoom));
  ctx.fillStyle = theme.edgeStrong;
  for (let k = 0; k < edges.length; ) {
    const stop = Math.min(edges.length, k + EDGES_PER_PATH);
    ctx.beginPath();
    for (; k < stop; k++) {
      const e = edges[k];
      const tip = pointOn(scene.curves, e, 1);
      if (scene.target[e] < 0) continue; // the ground symbol itself shows the direction
      const [ax, ay, bx, by, cx, cy] = arrowHead(tip.x, tip.y, tip.angle, size);
      ctx.moveTo(ax, ay);
      ctx.lineTo(bx, by);
      ctx.lineTo(cx, cy);
      ctx.closePath();
    }
    ctx.fill();
  }
}

function paintGrounds(ctx, scene, { viewport, theme, slice }) {
  if (viewport.zoom < 0.2) return;
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = Math.max(2, 1 / viewport.zoom);
  ctx.beginPath();
  for (const n of shownGrounds(scene, slice)) {
    const cos = Math.cos(scene.groundAngle[n]);
    const sin = Math.sin(scene.groundAngle[n]);
    for (const [out, half] of GROUND_BARS) {
      const x = scene.groundX[n] + out * cos;
      const y = scene.groundY[n] + out * sin;
      ctx.moveTo(x - half * sin, y + half * cos);
      ctx.lineTo(x + half * sin, y - half * cos);
    }
  }
  ctx.stroke();
}
