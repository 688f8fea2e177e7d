/** What the layers share: options, viewport, level of detail, which devices are seen. */

import { NODE_RADIUS, SYMBOL_LENGTH } from "./geometry.mjs";
import { sliceRange } from "./scene.mjs";

export const SYMBOL_BODY = 0.34; // half of the body's share of the unit length
/** Most elements in view for which these are drawn; more would only be noise. */
export const MOST = Object.freeze({ symbols: 500, names: 150, numbers: 300, values: 250 });
export const EDGES_PER_PATH = 96; // software rasterisers slow down on paths with thousands of segments

/**
 * What a layer needs to know beside the scene; each reads its share.
 *
 * @typedef {object} PaintOptions
 * @property {{x: number, y: number, zoom: number}} viewport
 * @property {number} width  of the canvas in pixels of the page
 * @property {number} height
 * @property {number} pixelRatio
 * @property {number} slice  on show; -1 for all
 * @property {any} theme  of themeColours
 * @property {string} lane
 * @property {Record<string, any>} symbols  by kind of device
 * @property {{nodes: string[], devices: string[]}} selection
 * @property {{type: string, id: string}|null} hover
 * @property {boolean} grid
 * @property {Uint8Array|null} pictured  nodes that a picture shows instead
 * @property {any} ghost  the device being drawn
 * @property {any} box  the selection box
 * @property {any} cut  the line that cuts devices
 * @property {string|null} candidate
 * @property {string|null} failed  node at which the simulation stopped
 * @property {string|null} doubtful
 * @property {{devices: string[], nodes: string[]}|null} broken  what is crossed out
 * @property {string[]} probes
 * @property {any} plotted  which nodes have a plot beside them, see node_plots.mjs
 * @property {any} portrayed  which nodes have a portrait beside them, see portraits.mjs
 * @property {any} emphasis
 * @property {boolean} keep  what is on the canvas already
 * @property {Float32Array} phases
 * @property {Float32Array|null} phasesTarget
 * @property {Uint8Array|null} glow
 * @property {number} gain  size of a dot by current; 0 paints none
 * @property {number} range  voltage of the ramp's ends [V]
 * @property {number} gradientRange
 * @property {Int16Array|null} weights  which values beside devices come first, see values.mjs
 * @property {boolean} reducedMotion
 * @property {boolean} dim
 * @property {boolean} numbers
 */

/**
 * The options with their defaults.
 * @param {Partial<PaintOptions>} options
 * @returns {PaintOptions}
 */
export function paintOptions(options = {}) {
  const viewport = options.viewport ?? { x: 0, y: 0, zoom: 1 };
  return /** @type {PaintOptions} */ ({
    theme: null, width: 800, height: 500, pixelRatio: 1, slice: 0, symbols: {}, selection: { nodes: [], devices: [] },
    hover: null, ghost: null, broken: null, lane: "voltages", grid: true, ...options, viewport,
  });
}

/** Board rectangle seen through the viewport, widened by `margin` board units. */
export function visibleBox({ viewport, width, height }, margin = 40) {
  return {
    x0: -viewport.x / viewport.zoom - margin,
    y0: -viewport.y / viewport.zoom - margin,
    x1: (width - viewport.x) / viewport.zoom + margin,
    y1: (height - viewport.y) / viewport.zoom + margin,
  };
}

/** Whether curve `e` can touch the box: its three points on one outer side mean no. */
export function curveInside(curves, e, box) {
  const k = 6 * e;
  const [ax, ay, cx, cy, bx, by] = [curves[k], curves[k + 1], curves[k + 2], curves[k + 3], curves[k + 4], curves[k + 5]];
  return !(
    (ax < box.x0 && bx < box.x0 && cx < box.x0) || (ax > box.x1 && bx > box.x1 && cx > box.x1) ||
    (ay < box.y0 && by < box.y0 && cy < box.y0) || (ay > box.y1 && by > box.y1 && cy > box.y1)
  );
}

/** Level of detail: what is worth drawing at this zoom and size; shared by all layers and the SVG. */
export function detail(scene, { viewport, slice }) {
  const [first, last] = sliceRange(scene, slice);
  const shown = last - first;
  const zoom = viewport.zoom;
  return {
    edges: shown,
    arrows: zoom >= 0.3 && shown <= 4000,
    symbols: zoom >= 0.62,
    names: zoom >= 0.5,
    numbers: zoom >= 0.55,
    values: zoom >= 0.7 && shown <= 600,
  };
}

const SYMBOLS_APART = 40; // pixels between the middles of two symbols

/** Whether the symbol of device `e` is drawn: enough line for moving dots must be left, and room to the next symbol, unless one looks closely. */
export function hasSymbol(scene, e, zoom) {
  if (!scene.symbolFree[e] || scene.symbolRoom[e] * zoom < SYMBOLS_APART) return false;
  const short = zoom > 1.25 || scene.source[e] < 0 || scene.target[e] < 0;
  return scene.lengths[e] >= (short ? SYMBOL_LENGTH + 10 : 2.1 * SYMBOL_LENGTH);
}

/** Makes the context draw in board units. */
export function applyViewport(ctx, { viewport, pixelRatio }) {
  const scale = viewport.zoom * pixelRatio;
  ctx.setTransform(scale, 0, 0, scale, viewport.x * pixelRatio, viewport.y * pixelRatio);
}

/** Adds curve `e` to the current path. */
export function traceCurve(ctx, scene, e) {
  const c = scene.curves;
  const k = 6 * e;
  ctx.moveTo(c[k], c[k + 1]);
  if (scene.bent[e]) ctx.quadraticCurveTo(c[k + 2], c[k + 3], c[k + 4], c[k + 5]);
  else ctx.lineTo(c[k + 4], c[k + 5]);
}

/** Strokes a list of curves in the present style, in portions. */
export function strokeCurves(ctx, scene, edges, count = edges.length) {
  for (let k = 0; k < count; ) {
    const stop = Math.min(count, k + EDGES_PER_PATH);
    ctx.beginPath();
    for (; k < stop; k++) traceCurve(ctx, scene, edges[k]);
    ctx.stroke();
  }
}

/** Node numbers that can be seen. */
export function visibleNodes(scene, options) {
  const box = visibleBox(options, NODE_RADIUS);
  const seen = [];
  for (let n = 0; n < scene.N; n++) {
    const x = scene.x[n];
    const y = scene.y[n];
    if (x >= box.x0 && x <= box.x1 && y >= box.y0 && y <= box.y1) seen.push(n);
  }
  return seen;
}

/** Device numbers of the slice that can be seen. */
export function visibleEdges(scene, options) {
  const [first, last] = sliceRange(scene, options.slice);
  const box = visibleBox(options);
  const edges = [];
  for (let e = first; e < last; e++) if (curveInside(scene.curves, e, box)) edges.push(e);
  return edges;
}

/** Radius of a node's disc in board units: never below three pixels. */
export const discRadius = (zoom) => Math.max(NODE_RADIUS, 3 / zoom);

/** Line width in board units: 1.6 when near, never thinner than 0.6 pixel, thinner when there are many. */
export function edgeWidth(zoom, count) {
  const near = count > 400 ? 1.1 : 1.6;
  return Math.max(near, (count > 1000 ? 0.6 : 0.9) / zoom);
}

/** How the rim of a node without a capacitor is dashed. */
export const BARE_DASH = [5, 4];

/** Ground symbols in use in the shown slice, all if there is one slice. */
export function shownGrounds(scene, slice) {
  const [first, last] = sliceRange(scene, slice);
  const nodes = new Set();
  for (let e = first; e < last; e++) {
    if (scene.source[e] < 0) nodes.add(scene.target[e]);
    else if (scene.target[e] < 0) nodes.add(scene.source[e]);
  }
  return nodes;
}
