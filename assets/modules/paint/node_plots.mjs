/** Small plots beside nodes, on request: the whole course of a node's value, and where it is now. */

import { createBoxes } from "./places/boxes.mjs";
import { NODE_RADIUS, pointOn } from "./geometry.mjs";
import { boxesOf } from "./places/names.mjs";

const SIZE = { w: 66, h: 30 }; // board units
const AWAY = NODE_RADIUS + 8;
const AROUND = [-0.25, 0.25, 0.75, -0.75, 0, 1, 0.5, -0.5].map((turn) => turn * Math.PI);
const POINTS = 66; // columns of a plot; each holds the extremes of its samples
const MOST_AVOIDED = 400; // nodes, and devices, that plots keep clear of
const LINE_BOX = 12; // board units of a device that are kept free together
export const MOST_PLOTS = 40;

/**
 * The extremes of a series in equal parts of its time, as a line: [share of the time, value, ...]. Pure.
 * @param {ArrayLike<number>} t
 * @param {ArrayLike<number>} values
 */
export function courseOf(t, values, points = POINTS) {
  const span = t[t.length - 1] - t[0];
  const line = [];
  for (let k = 0; k < t.length; ) {
    const part = Math.min(points - 1, Math.floor((points * (t[k] - t[0])) / span));
    let [low, high] = [k, k];
    for (; k < t.length && Math.min(points - 1, Math.floor((points * (t[k] - t[0])) / span)) === part; k++) {
      if (values[k] < values[low]) low = k;
      if (values[k] > values[high]) high = k;
    }
    for (const at of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) if (Number.isFinite(values[at])) line.push((t[at] - t[0]) / span, values[at]);
  }
  return line;
}

/** Middles of the plots of some nodes, each where it covers least. Pure. */
export function placePlots(scene, nodes, first, last, size = SIZE) {
  const boxes = scene.N <= MOST_AVOIDED ? boxesOf(scene, first, last) : createBoxes();
  for (let e = first; e < Math.min(last, first + MOST_AVOIDED); e++) {
    const parts = Math.ceil(scene.lengths[e] / LINE_BOX);
    for (let k = 0; k <= parts; k++) boxes.add({ ...pointOn(scene.curves, e, k / parts), w: LINE_BOX, h: LINE_BOX });
  }
  return nodes.map((n) => {
    let best = { x: 0, y: 0, cost: Infinity };
    for (const angle of AROUND) {
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      // The box touches the circle of radius AWAY from outside.
      const out = AWAY + Math.min(size.w / 2 / Math.max(Math.abs(cos), 1e-9), size.h / 2 / Math.max(Math.abs(sin), 1e-9));
      const place = { x: scene.x[n] + out * cos, y: scene.y[n] + out * sin };
      const cost = boxes.covered({ ...place, ...size });
      if (cost < best.cost - 1e-6) best = { ...place, cost };
    }
    boxes.add({ x: best.x, y: best.y, ...size });
    return { n, x: best.x, y: best.y };
  });
}

/** Remembers places and courses as long as circuit, simulation and lane stay. */
export function createNodePlots() {
  /** @type {{key: any[], plots: any[]}} */
  let known = { key: [], plots: [] };

  function plotsOf(scene, { sim, lane, ids, slice }) {
    const key = [scene, sim, lane, ids.join(" ")];
    if (key.every((part, k) => part === known.key[k])) return known.plots;
    const nodes = ids.map((id) => scene.nodeIndex.get(id)).filter((n) => n !== undefined && sim.nodeIndex.has(scene.nodeIds[n]));
    const [first, last] = scene.bySlice[slice] ?? [0, 0];
    const plots = placePlots(scene, nodes, first, last).map((plot) => ({ ...plot, line: courseOf(sim.t, sim.nodeSeries(scene.nodeIds[plot.n], lane === "adjoint" ? "adjoint" : "voltages")) }));
    known = { key, plots };
    return plots;
  }

  /**
   * Over everything else that moves; the context draws in board units.
   * @param {object} frame  {v (N)}
   * @param {object} o  paint options
   * @param {{sim: any, lane: string, ids: string[], slice: number, share: number}} wanted  share: of the time that has passed
   */
  return function paint(ctx, scene, frame, o, wanted) {
    for (const plot of plotsOf(scene, wanted)) paintPlot(ctx, plot, frame.v[plot.n], wanted.share, o);
  };
}

function paintPlot(ctx, { x, y, line }, value, share, { theme, range, lane }) {
  const [left, top] = [x - SIZE.w / 2, y - SIZE.h / 2];
  const yOf = (v) => y - (Math.min(1, Math.max(-1, v / range || 0)) * (SIZE.h - 6)) / 2;
  ctx.globalAlpha = 0.9;
  ctx.fillStyle = theme.board;
  ctx.fillRect(left, top, SIZE.w, SIZE.h);
  ctx.globalAlpha = 1;
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = theme.edge;
  ctx.strokeRect(left, top, SIZE.w, SIZE.h);
  ctx.beginPath();
  ctx.moveTo(left, y);
  ctx.lineTo(left + SIZE.w, y);
  ctx.stroke();
  ctx.strokeStyle = lane === "adjoint" ? theme.adjoint : theme.accent;
  ctx.lineWidth = 1.3;
  ctx.beginPath();
  for (let k = 0; k < line.length; k += 2) ctx.lineTo(left + SIZE.w * line[k], yOf(line[k + 1]));
  ctx.stroke();
  ctx.fillStyle = theme.flow[lane];
  ctx.beginPath();
  ctx.arc(left + SIZE.w * Math.min(1, Math.max(0, share)), yOf(value), 2.6, 0, 6.2832);
  ctx.fill();
}
