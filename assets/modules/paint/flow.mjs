/** Paints the moving part of the board: currents, dots, gradients, node colours and numbers. */

import { rampLevel, rampOf } from "./colours.mjs";
import { paintPixels } from "./flow_pixels.mjs";
import { NODE_RADIUS, pointOn } from "./geometry.mjs";
import { besideAnchor } from "./places/anchors.mjs";
import { valuesOf } from "./places/values.mjs";
import { dotCount, strength, weakestShown } from "./phases.mjs";
import { paintCharges } from "./capacitors.mjs";
import { paintGiven } from "./sources.mjs";
import { nodeText } from "./labels.mjs";
import { quantity } from "../lib/numbers.mjs";
import {
  BARE_DASH, MOST, applyViewport, detail, discRadius, edgeWidth, hasSymbol, paintOptions, strokeCurves, visibleEdges,
  visibleNodes,
} from "./view.mjs";

const WRITE = { charge: (coulombs) => quantity(coulombs, "C"), current: (amperes) => quantity(amperes, "A") };
const LEVELS = 6; // strengths that share one style
const MOST_ANIMATED = 3000;
const VECTOR_UP_TO = { near: 260, far: 120 }; // visible devices; above, pixels are written directly
const HALOS_UP_TO = 250; // nodes
const FEW = 20; // devices, each with its bar even where its symbol has no room
/** @type {number[][]} */
const bins = Array.from({ length: LEVELS }, () => []);

/**
 * The animated layer: clears the context and paints values.
 *
 * @param {object} frame  {v (N), i (E), iTarget?, g?, given?} in scene order
 * @param {object} options  as paintBoard, and {phases, phasesTarget, glow, gain, range, gradientRange, lane,
 *   reducedMotion, dim, numbers}
 */
export function paintFrame(ctx, scene, frame, options) {
  const o = paintOptions(options);
  const level = detail(scene, o);
  const edges = visibleEdges(scene, o);
  const seen = visibleNodes(scene, o);
  const { pictured } = o;
  const nodes = pictured ? seen.filter((n) => !pictured[n]) : seen;
  const flows = Boolean(frame.i) && o.gain > 0;
  const many = edges.length > VECTOR_UP_TO[o.viewport.zoom > 0.5 ? "near" : "far"];
  if (flows) sortByStrength(frame.i, edges, o.gain, weakestShown(frame.i, 0, scene.E, MOST_ANIMATED));
  ctx.globalAlpha = 1;
  ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
  ctx.lineCap = "round";
  if (many && !o.reducedMotion) {
    paintPixels(ctx, scene, frame, nodes, bins, o, flows);
    applyViewport(ctx, o);
  } else {
    ctx.clearRect(0, 0, o.width, o.height);
    applyViewport(ctx, o);
    if (flows) paintCurrents(ctx, scene, frame, o, level);
    paintDiscs(ctx, scene, frame, nodes, o);
  }
  if (flows && frame.g && o.lane === "adjoint" && !many) paintGradients(ctx, scene, frame, edges, o, level);
  if (flows && level.values && edges.length <= MOST.values && o.lane !== "voltages") paintValues(ctx, scene, frame, edges, o);
  if (scene.capacitors) paintCharges(ctx, scene, frame, o, WRITE);
  if (frame.given && level.values && o.lane !== "voltages") paintGiven(ctx, scene, frame.given, o, (amperes) => quantity(amperes, "A"));
  if (level.numbers && nodes.length <= MOST.numbers && o.numbers !== false) paintNumbers(ctx, scene, frame, nodes, o);
  if (o.dim) veil(ctx, scene, nodes, o);
}

function paintCurrents(ctx, scene, frame, o, level) {
  paintTints(ctx, scene, o, level);
  if (o.reducedMotion) paintDirections(ctx, scene, frame, o);
  else paintDots(ctx, scene, frame, o);
}

/** Puts edges into bins of similar strength; weak ones into none. */
function sortByStrength(currents, edges, gain, weakest) {
  for (const bin of bins) bin.length = 0;
  for (const e of edges) {
    const current = currents[e];
    if (Math.abs(current) < weakest) continue;
    const u = strength(current, gain);
    if (u > 0.012) bins[Math.min(LEVELS - 1, Math.floor(u * LEVELS))].push(e);
  }
}

/** Edges shine with their current: thicker and denser in the currents lane, a hint in the others. */
function paintTints(ctx, scene, { theme, lane, viewport, dim }, level) {
  ctx.strokeStyle = theme.flow[lane];
  const base = edgeWidth(viewport.zoom, level.edges);
  const loud = lane === "currents";
  bins.forEach((edges, k) => {
    if (edges.length === 0) return;
    const u = (k + 0.5) / LEVELS;
    ctx.globalAlpha = (loud ? 0.2 + 0.65 * u : 0.06 + 0.34 * u) * (dim ? 0.5 : 1);
    ctx.lineWidth = base + (loud ? 4.2 * u : 1.2 * u);
    strokeCurves(ctx, scene, edges);
  });
  ctx.globalAlpha = 1;
}

function paintDots(ctx, scene, frame, o) {
  const { theme, lane, viewport, phases, dim } = o;
  ctx.fillStyle = theme.flow[lane];
  ctx.strokeStyle = theme.flow[lane];
  const finest = 0.55 / viewport.zoom;
  bins.forEach((edges, k) => {
    if (edges.length === 0) return;
    const u = (k + 1) / LEVELS;
    const radius = Math.max(finest, (1.15 + 1.85 * u) * (lane === "currents" ? 1.15 : 1));
    ctx.globalAlpha = (0.35 + 0.65 * u) * (dim ? 0.55 : 1);
    ctx.lineWidth = 2.2 * radius;
    strokeCurves(ctx, scene, o.glow ? edges.filter((e) => o.glow[e]) : []); // too fast for dots: the edge shines
    ctx.beginPath();
    for (const e of edges) {
      if (o.glow?.[e]) continue;
      if (o.phasesTarget && frame.iTarget) {
        const middle = scene.anchor[e]; // what leaves the source is not what enters the target
        addDots(ctx, scene, e, phases[e], radius, viewport.zoom, 0, middle);
        addDots(ctx, scene, e, o.phasesTarget[e], radius, viewport.zoom, middle, 1);
      } else {
        addDots(ctx, scene, e, phases[e], radius, viewport.zoom, 0, 1);
      }
    }
    ctx.fill();
  });
  ctx.globalAlpha = 1;
}

/** Dots between the shares `from` and `to` of edge `e`. */
function addDots(ctx, scene, e, phase, radius, zoom, from, to) {
  const c = scene.curves;
  const q = 6 * e;
  const n = dotCount(scene.lengths[e]);
  const stride = Math.min(10, Math.max(1, Math.ceil((11 * n) / (scene.lengths[e] * zoom))));
  const [ax, ay, mx, my, bx, by] = [c[q], c[q + 1], c[q + 2], c[q + 3], c[q + 4], c[q + 5]];
  const bent = scene.bent[e] === 1;
  for (let d = phase % stride; d < n; d += stride) {
    const u = d / n;
    if (u < from || u > to) continue;
    const w = 1 - u;
    const x = bent ? w * w * ax + 2 * w * u * mx + u * u * bx : ax + (bx - ax) * u;
    const y = bent ? w * w * ay + 2 * w * u * my + u * u * by : ay + (by - ay) * u;
    ctx.moveTo(x + radius, y);
    ctx.arc(x, y, radius, 0, 6.2832);
  }
}

/** Reduced motion: still chevrons along each edge point the way of the current. */
function paintDirections(ctx, scene, frame, { theme, lane }) {
  ctx.strokeStyle = theme.flow[lane];
  bins.forEach((edges, k) => {
    if (edges.length === 0) return;
    const size = 3.5 + (3.5 * (k + 1)) / LEVELS;
    ctx.lineWidth = 1.4 + k / LEVELS;
    ctx.beginPath();
    for (const e of edges) {
      for (const u of scene.lengths[e] > 90 ? [0.22, 0.78] : [0.5]) {
        const p = pointOn(scene.curves, e, u);
        const angle = frame.i[e] < 0 ? p.angle + Math.PI : p.angle;
        const tipX = p.x + (size / 2) * Math.cos(angle);
        const tipY = p.y + (size / 2) * Math.sin(angle);
        ctx.moveTo(tipX - size * Math.cos(angle - 0.7), tipY - size * Math.sin(angle - 0.7));
        ctx.lineTo(tipX, tipY);
        ctx.lineTo(tipX - size * Math.cos(angle + 0.7), tipY - size * Math.sin(angle + 0.7));
      }
    }
    ctx.stroke();
  });
}

/** A bar along each device that grows to the gradient the optimiser uses. */
function paintGradients(ctx, scene, frame, edges, { theme, gradientRange, viewport, weights }, level) {
  if (!(gradientRange > 0) || level.edges > 1500) return;
  const length = 30;
  const width = Math.max(4.5, 2 / viewport.zoom);
  const { side } = valuesOf(scene, weights);
  const placed = edges.filter((e) => scene.trainable[e] && (level.edges <= FEW || hasSymbol(scene, e, viewport.zoom)) && frame.g[e] > 0.004 * gradientRange && scene.lengths[e] > 40);
  const bars = placed.map((e) => ({ share: Math.min(1, frame.g[e] / gradientRange), ...besideAnchor(scene, e, -side[e] * (level.symbols ? 15 : 8)) }));
  ctx.lineCap = "round";
  const stroke = (colour, extra, share) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width + extra;
    ctx.beginPath();
    for (const bar of bars) {
      const to = (share ? bar.share : 1) * length - length / 2;
      ctx.moveTo(bar.x - (length / 2) * bar.cos, bar.y - (length / 2) * bar.sin);
      ctx.lineTo(bar.x + to * bar.cos, bar.y + to * bar.sin);
    }
    ctx.stroke();
  };
  stroke(theme.board, 3, false);
  stroke(theme.dot, 0, false);
  stroke(theme.adjoint, 0, true);
}

/** Numbers beside the devices: the current, and in the adjoint lane the gathered gradient. */
function paintValues(ctx, scene, frame, edges, { theme, lane, dim, gradientRange, gain, selection, hover, weights }) {
  const places = valuesOf(scene, weights);
  const marked = new Set([...selection.devices, hover?.id]);
  ctx.font = `600 10px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = theme.board;
  ctx.globalAlpha = dim ? 0.6 : 1;
  const adjoint = lane === "adjoint";
  for (const e of edges) {
    const size = adjoint ? (frame.g?.[e] ?? 0) / gradientRange : Math.abs(frame.i[e]) * gain;
    if (!(size > (adjoint ? 0.02 : 0.005)) || !(places.free[e] || marked.has(scene.deviceIds[e]))) continue;
    const text = adjoint ? nodeText(frame.g[e], gradientRange) : quantity(frame.i[e], "A");
    ctx.strokeText(text, places.x[e], places.y[e]);
    ctx.fillStyle = adjoint ? theme.adjoint : theme.text;
    ctx.fillText(text, places.x[e], places.y[e]);
  }
  ctx.globalAlpha = 1;
}

/** Discs coloured by value; with a halo of their own colour that grows with it where there are few. */
function paintDiscs(ctx, scene, frame, nodes, { theme, lane, range, viewport }) {
  const ramp = rampOf(theme, lane);
  const radius = discRadius(viewport.zoom);
  const halos = nodes.length <= HALOS_UP_TO && radius * viewport.zoom >= 8;
  const strong = (theme.dark ? 0.24 : 0.17) * (lane === "currents" ? 0.5 : 1);
  ctx.lineWidth = Math.max(1.5, 0.7 / viewport.zoom);
  for (const n of nodes) {
    const value = frame.v[n];
    const k = rampLevel(value, range);
    const share = range > 0 ? Math.min(1, Math.abs(value) / range) : 0;
    const x = scene.x[n];
    const y = scene.y[n];
    ctx.fillStyle = ramp.fill[k];
    if (halos && share > 0.04 && !scene.bare[n]) { // the halo is the charge of the capacitor
      ctx.globalAlpha = strong * share;
      ctx.beginPath();
      ctx.arc(x, y, radius + 3 + 6 * share, 0, 6.2832);
      ctx.fill();
      ctx.globalAlpha = 1;
    }
    ctx.strokeStyle = ramp.rim[k];
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 6.2832);
    ctx.fill();
    if (!scene.bare[n]) ctx.stroke();
  }
  paintBareRims(ctx, scene, nodes, radius, theme);
}

/** Nodes without a capacitor have a dashed rim of the colour of lines: there is nothing that holds a charge. */
function paintBareRims(ctx, scene, nodes, radius, theme) {
  ctx.strokeStyle = theme.edgeStrong;
  ctx.setLineDash(BARE_DASH);
  ctx.beginPath();
  for (const n of nodes) {
    if (!scene.bare[n]) continue;
    ctx.moveTo(scene.x[n] + radius, scene.y[n]);
    ctx.arc(scene.x[n], scene.y[n], radius, 0, 6.2832);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

function paintNumbers(ctx, scene, frame, nodes, { theme, lane, range, viewport }) {
  const ramp = rampOf(theme, lane);
  ctx.font = `600 ${Math.min(13.5, Math.max(11, 9.4 / viewport.zoom))}px ${theme.font}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const n of nodes) {
    ctx.fillStyle = ramp.text[rampLevel(frame.v[n], range)];
    ctx.fillText(nodeText(frame.v[n], range), scene.x[n], scene.y[n] + 0.5, 2 * NODE_RADIUS - 6);
  }
}

/** Stale values stay readable under a veil of the board's colour. */
function veil(ctx, scene, nodes, { theme, viewport }) {
  const radius = discRadius(viewport.zoom);
  ctx.globalAlpha = 0.3;
  ctx.fillStyle = theme.board;
  ctx.beginPath();
  for (const n of nodes) {
    ctx.moveTo(scene.x[n] + radius, scene.y[n]);
    ctx.arc(scene.x[n], scene.y[n], radius, 0, 6.2832);
  }
  ctx.fill();
  ctx.globalAlpha = 1;
}
