/** Paints what lies on top: device symbols, names with a halo, role marks, selection, hover, the edge being drawn. */

import { paintBroken } from "./broken.mjs";
import { NODE_RADIUS, SYMBOL_LENGTH, arrowHead, pointOn } from "./geometry.mjs";
import { namePlace, writtenName } from "./places/names.mjs";
import { MOST, SYMBOL_BODY, applyViewport, detail, hasSymbol, paintOptions, strokeCurves, visibleBox, visibleEdges, visibleNodes } from "./view.mjs";

const UNCOVERED_FROM = 0.3; // zoom; below, nothing is written that could cover a node

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
  paintNames(ctx, scene, o, level);
  uncoverNodes(ctx, scene, o);
  if (o.viewport.zoom >= 0.3) paintRoles(ctx, scene, o);
  paintRings(ctx, scene, o);
  paintBroken(ctx, scene, o);
  paintProbes(ctx, scene, o);
  paintChosenNames(ctx, scene, o);
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

/** The discs of nodes and their values lie below this layer: whatever covers them is taken away. */
function uncoverNodes(ctx, scene, o) {
  if (o.viewport.zoom < UNCOVERED_FROM) return;
  ctx.globalCompositeOperation = "destination-out";
  ctx.fillStyle = "#000";
  const radius = NODE_RADIUS + 1;
  ctx.beginPath();
  for (const n of visibleNodes(scene, o)) {
    if (o.pictured?.[n]) continue;
    ctx.moveTo(scene.x[n] + radius, scene.y[n]);
    ctx.arc(scene.x[n], scene.y[n], radius, 0, 6.2832);
  }
  ctx.fill();
  ctx.globalCompositeOperation = "source-over";
}

/** Numbers of the nodes whose name is shown whatever it covers. */
function chosenNodes(scene, { selection, hover, candidate }) {
  const ids = [...selection.nodes.slice(0, 60), hover?.type === "node" ? hover.id : null, candidate];
  return new Set(ids.map((id) => scene.nodeIndex.get(id)).filter((n) => n !== undefined));
}

function prepareNames(ctx, { theme }) {
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.board;
}

/** Names beside the nodes, in the direction with room. */
function paintNames(ctx, scene, o, level) {
  if (!level.names) return;
  const nodes = visibleNodes(scene, o);
  if (nodes.length > MOST.names) return;
  const chosen = chosenNodes(scene, o);
  const scale = Math.max(1, 0.8 / o.viewport.zoom);
  prepareNames(ctx, o);
  for (const n of nodes) if (scene.nameFree[n] && !chosen.has(n) && !o.pictured?.[n]) paintName(ctx, scene, n, false, scale, o.theme);
}

/** Names of what is selected, pointed at or about to be connected, over everything. */
function paintChosenNames(ctx, scene, o) {
  const scale = Math.max(1, 0.8 / o.viewport.zoom);
  prepareNames(ctx, o);
  for (const n of chosenNodes(scene, o)) paintName(ctx, scene, n, true, scale, o.theme);
}

function paintName(ctx, scene, n, chosen, scale, theme) {
  const { x, y, align } = namePlace(scene, n, scale);
  const text = writtenName(scene.names[n]);
  ctx.font = `${chosen ? 600 : 500} ${11.5 * scale}px ${theme.font}`;
  ctx.textAlign = align;
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
function paintSymbols(ctx, scene, edges, { theme, symbols, viewport, pixelRatio, selection, hover }) {
  const chosen = new Set(selection.devices);
  const looked = hover?.type === "device" ? scene.deviceIndex.get(hover.id) : -1;
  const scale = viewport.zoom * pixelRatio;
  ctx.save();
  for (const e of edges) {
    const text = symbols[scene.kinds[e]];
    const asked = e === looked || chosen.has(scene.deviceIds[e]);
    if (!text || !(asked || hasSymbol(scene, e, viewport.zoom))) continue;
    const { x, y, angle } = pointOn(scene.curves, e, scene.anchor[e]);
    const cos = Math.cos(angle) * SYMBOL_LENGTH * scale;
    const sin = Math.sin(angle) * SYMBOL_LENGTH * scale;
    const flip = scene.flip[e];
    ctx.setTransform(cos, sin, -sin * flip, cos * flip, x * scale + viewport.x * pixelRatio, y * scale + viewport.y * pixelRatio);
    ctx.fillStyle = theme.board;
    ctx.fillRect(-SYMBOL_BODY + 0.04, -0.27, 2 * SYMBOL_BODY - 0.08, 0.54);
    ctx.translate(-0.5, 0);
    ctx.strokeStyle = chosen.has(scene.deviceIds[e]) ? theme.accent : theme.edgeStrong;
    ctx.lineWidth = 1.35 / SYMBOL_LENGTH;
    ctx.stroke(symbolPath(text));
  }
  ctx.restore();
}
