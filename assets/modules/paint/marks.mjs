/** Paints what lies on top: device symbols, names with a halo, role marks, selection, hover, the edge being drawn. */

import { NODE_RADIUS, arrowHead, pointOn } from "./geometry.mjs";
import {
  MOST, SYMBOL_BODY, SYMBOL_LENGTH, applyViewport, detail, hasSymbol, paintOptions, strokeCurves, visibleBox,
  visibleEdges, visibleNodes,
} from "./view.mjs";

/**
 * The top layer.
 *
 * @param {object} options  as paintBoard, and {ghost, box, cut, candidate, failed, doubtful, probes, emphasis}
 *   ghost: {x0, y0, x1, y1, target: boolean, bad: boolean} the device being drawn
 *   box: {x0, y0, x1, y1} rubber band; cut: [[x, y], ...] stroke of the Cut tool
 */
export function paintMarks(ctx, scene, options) {
  const o = paintOptions(options);
  ctx.setTransform(o.pixelRatio, 0, 0, o.pixelRatio, 0, 0);
  if (!o.keep) ctx.clearRect(0, 0, o.width, o.height);
  applyViewport(ctx, o);
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  const level = detail(scene, o);
  paintDeviceMarks(ctx, scene, o);
  const edges = level.symbols ? visibleEdges(scene, o) : [];
  if (edges.length <= MOST.symbols) paintSymbols(ctx, scene, edges, o);
  if (o.viewport.zoom >= 0.3) paintRoles(ctx, scene, o);
  paintRings(ctx, scene, o);
  paintProbes(ctx, scene, o);
  paintNames(ctx, scene, o, level);
  if (o.ghost) paintGhost(ctx, o);
  if (o.box) paintBox(ctx, o);
  if (o.cut) paintCut(ctx, o);
}

/** Selected and hovered devices: a soft band round the edge, so that value colours stay true. */
function paintDeviceMarks(ctx, scene, { selection, hover, theme, viewport, slice }) {
  const numbers = (ids) =>
    ids.map((id) => scene.deviceIndex.get(id)).filter((e) => e !== undefined && (scene.sliceCount < 2 || scene.slice[e] === slice));
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = Math.max(9, 6 / viewport.zoom);
  ctx.globalAlpha = 0.26;
  strokeCurves(ctx, scene, numbers(selection.devices));
  if (hover?.type === "device" && !selection.devices.includes(hover.id)) {
    ctx.globalAlpha = 0.14;
    strokeCurves(ctx, scene, numbers([hover.id]));
  }
  ctx.globalAlpha = 1;
}

function ring(ctx, x, y, radius, width, colour, alpha = 1) {
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 6.2832);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

function paintRings(ctx, scene, { selection, hover, candidate, failed, doubtful, theme, viewport }) {
  const radius = Math.max(NODE_RADIUS, 3 / viewport.zoom);
  const width = Math.max(2.5, 1.5 / viewport.zoom);
  const at = (id, draw) => {
    const n = scene.nodeIndex.get(id);
    if (n !== undefined) draw(scene.x[n], scene.y[n]);
  };
  for (const id of selection.nodes) at(id, (x, y) => ring(ctx, x, y, radius + 4, width, theme.accent));
  if (hover?.type === "node" && !selection.nodes.includes(hover.id)) {
    at(hover.id, (x, y) => ring(ctx, x, y, radius + 4, width, theme.accent, 0.45));
  }
  if (candidate) {
    at(candidate, (x, y) => {
      ring(ctx, x, y, radius + 8, width + 1, theme.accent, 0.35);
      ring(ctx, x, y, radius + 4, width, theme.accent);
    });
  }
  for (const [id, colour] of [[doubtful, theme.warn], [failed, theme.error]]) {
    if (!id) continue;
    at(id, (x, y) => {
      ring(ctx, x, y, radius + 9, 2 * width, colour, 0.25);
      ring(ctx, x, y, radius + 5, width, colour);
    });
  }
}

/** Input: an arrow head that enters the node. Output: one that leaves it. */
function paintRoles(ctx, scene, o) {
  const box = visibleBox(o);
  ctx.fillStyle = o.theme.edgeStrong;
  ctx.beginPath();
  for (let n = 0; n < scene.N; n++) {
    const role = scene.role[n];
    if (role === 0 || o.pictured?.[n] || scene.x[n] < box.x0 || scene.x[n] > box.x1 || scene.y[n] < box.y0 || scene.y[n] > box.y1) continue;
    if (role & 1) addRoleMark(ctx, scene.x[n], scene.y[n], scene.inputAngle[n], NODE_RADIUS + 4, true);
    if (role & 2) addRoleMark(ctx, scene.x[n], scene.y[n], scene.outputAngle[n], NODE_RADIUS + 15, false);
  }
  ctx.fill();
}

/** Triangle on the ray at `angle`, its tip `distance` from the centre. */
function addRoleMark(ctx, x, y, angle, distance, inwards) {
  const tipX = x + distance * Math.cos(angle);
  const tipY = y + distance * Math.sin(angle);
  const [ax, ay, bx, by, cx, cy] = arrowHead(tipX, tipY, inwards ? angle + Math.PI : angle, 12);
  ctx.moveTo(ax, ay);
  ctx.lineTo(bx, by);
  ctx.lineTo(cx, cy);
  ctx.closePath();
}

/** A small dot in the colour of the current on nodes that are pinned to the scope. */
function paintProbes(ctx, scene, { probes = /** @type {string[]} */ ([]), theme }) {
  for (const id of probes) {
    const n = scene.nodeIndex.get(id);
    if (n === undefined) continue;
    ctx.fillStyle = theme.accent;
    ctx.strokeStyle = theme.board;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.arc(scene.x[n] + 13, scene.y[n] - 13, 4.5, 0, 6.2832);
    ctx.fill();
    ctx.stroke();
  }
}

/** Names beside the nodes, in the direction with room, over everything. */
function paintNames(ctx, scene, o, level) {
  const { theme, viewport, selection, hover } = o;
  const scale = Math.max(1, 0.8 / viewport.zoom);
  const marked = new Set(selection.nodes.slice(0, 60));
  if (hover?.type === "node") marked.add(hover.id);
  if (o.candidate) marked.add(o.candidate);
  const nodes = visibleNodes(scene, o);
  const all = level.names && nodes.length <= MOST.names;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.board;
  for (const n of nodes) {
    const chosen = marked.has(scene.nodeIds[n]);
    if (chosen || (all && !o.pictured?.[n])) paintName(ctx, scene, n, chosen, scale, theme);
  }
}

function paintName(ctx, scene, n, chosen, scale, theme) {
  const size = 11.5 * scale;
  const cos = Math.cos(scene.nameAngle[n]);
  const sin = Math.sin(scene.nameAngle[n]);
  const distance = NODE_RADIUS + 5 + (5 + 2.5 * Math.abs(sin)) * scale;
  const x = scene.x[n] + distance * cos;
  const y = scene.y[n] + distance * sin;
  const text = scene.names[n].length > 24 ? `${scene.names[n].slice(0, 23)}…` : scene.names[n];
  ctx.font = `${chosen ? 600 : 500} ${size}px ${theme.font}`;
  ctx.textAlign = cos > 0.35 ? "left" : cos < -0.35 ? "right" : "center";
  ctx.lineWidth = 4 * scale;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = chosen ? theme.text : theme.muted;
  ctx.fillText(text, x, y);
}

/** The device that is being drawn: dashed to the pointer, solid once it has a target. */
function paintGhost(ctx, { ghost, theme, viewport }) {
  const colour = ghost.bad ? theme.error : theme.accent;
  const angle = Math.atan2(ghost.y1 - ghost.y0, ghost.x1 - ghost.x0);
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = Math.max(2, 1.5 / viewport.zoom);
  ctx.setLineDash(ghost.target ? [] : [7, 6]);
  ctx.beginPath();
  ctx.moveTo(ghost.x0, ghost.y0);
  ctx.lineTo(ghost.x1, ghost.y1);
  ctx.stroke();
  ctx.setLineDash([]);
  const [ax, ay, bx, by, cx, cy] = arrowHead(ghost.x1, ghost.y1, angle, 11);
  ctx.beginPath();
  ctx.moveTo(ax, ay);
  ctx.lineTo(bx, by);
  ctx.lineTo(cx, cy);
  ctx.fill();
  if (!ghost.target && !ghost.bad) ring(ctx, ghost.x1, ghost.y1, NODE_RADIUS, 1.5, colour, 0.35);
}

function paintBox(ctx, { box, theme, viewport }) {
  ctx.fillStyle = theme.accent;
  ctx.globalAlpha = 0.08;
  ctx.fillRect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
  ctx.globalAlpha = 0.8;
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 1 / viewport.zoom;
  ctx.strokeRect(box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
  ctx.globalAlpha = 1;
}

function paintCut(ctx, { cut, theme, viewport }) {
  ctx.strokeStyle = theme.error;
  ctx.lineWidth = 2 / viewport.zoom;
  ctx.setLineDash([5 / viewport.zoom, 5 / viewport.zoom]);
  ctx.beginPath();
  cut.forEach(([x, y], k) => (k === 0 ? ctx.moveTo(x, y) : ctx.lineTo(x, y)));
  ctx.stroke();
  ctx.setLineDash([]);
}

const PATHS = new Map();

/** Path2D of an SVG path text, made once. */
function symbolPath(text) {
  if (!PATHS.has(text)) PATHS.set(text, new Path2D(text));
  return PATHS.get(text);
}

/** Schematic symbols on the devices, along their direction; their bodies hide the dots that pass beneath. */
function paintSymbols(ctx, scene, edges, { theme, symbols, viewport, pixelRatio, selection }) {
  const chosen = new Set(selection.devices);
  const scale = viewport.zoom * pixelRatio;
  ctx.save();
  for (const e of edges) {
    const text = symbols[scene.kinds[e]];
    if (!text || !hasSymbol(scene, e, viewport.zoom)) continue;
    const { x, y, angle } = pointOn(scene.curves, e, scene.anchor[e]);
    const cos = Math.cos(angle) * SYMBOL_LENGTH * scale;
    const sin = Math.sin(angle) * SYMBOL_LENGTH * scale;
    ctx.setTransform(cos, sin, -sin, cos, x * scale + viewport.x * pixelRatio, y * scale + viewport.y * pixelRatio);
    ctx.fillStyle = theme.board;
    ctx.fillRect(-SYMBOL_BODY + 0.04, -0.27, 2 * SYMBOL_BODY - 0.08, 0.54);
    ctx.translate(-0.5, 0);
    ctx.strokeStyle = chosen.has(scene.deviceIds[e]) ? theme.accent : theme.edgeStrong;
    ctx.lineWidth = 1.35 / SYMBOL_LENGTH;
    ctx.stroke(symbolPath(text));
  }
  ctx.restore();
}
