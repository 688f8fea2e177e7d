/** What part of the board is on show: pan, zoom, fit, and gliding between two views. */

import { NODE_RADIUS, fitViewport, toBoard } from "../paint/geometry.mjs";
import { inBox } from "../paint/scene.mjs";

export const ZOOM = { min: 0.03, max: 5 };
const SMALLEST = 1e-4;
const GLIDE_MS = 220;

const clampZoom = (zoom, least) => Math.min(ZOOM.max, Math.max(least, zoom));

/** The smallest zoom: half of what shows everything, so that any circuit fits with room around it. Pure. */
export function leastZoom(bounds, { width, height }) {
  const { zoom } = fitViewport(bounds, width, height, { minZoom: 0 });
  return Math.max(SMALLEST, Math.min(ZOOM.min, zoom / 2));
}
const sizeOf = (element) => ({ width: element.clientWidth, height: element.clientHeight });

/**
 * @param {object} parts
 * @param {HTMLElement} parts.element  the board
 * @param {() => object|null} parts.scene  what is on the board
 * @param {(viewport: {x: number, y: number, zoom: number}) => void} parts.show  called with every new view
 */
export function createCamera({ element, scene, show }) {
  let viewport = { x: 0, y: 0, zoom: 1 };
  let extent = sizeOf(element); // kept: reading it forces a layout
  let fitWanted = true;
  const gliding = createGlide(set);

  const least = () => leastZoom(scene()?.bounds, extent);

  function set(next) {
    viewport = { ...next, zoom: clampZoom(next.zoom, least()) };
    show(viewport);
  }

  /** Shows everything, or the chosen elements. */
  function fit(selection = null, { glide = !window.matchMedia("(prefers-reduced-motion: reduce)").matches } = {}) {
    const shown = scene();
    const { width, height } = extent;
    fitWanted = !shown || width === 0;
    if (fitWanted) return;
    const next = selection ? fitViewport(selectionBounds(shown, selection), width, height) : fitAll(element, shown, width, height);
    gliding.stop();
    if (glide) gliding.start(viewport, next, extent);
    else set(next);
  }

  function zoomBy(factor, x = extent.width / 2, y = extent.height / 2) {
    const zoom = clampZoom(viewport.zoom * factor, least());
    const at = toBoard(viewport, x, y);
    set({ zoom, x: x - at.x * zoom, y: y - at.y * zoom });
  }

  return {
    viewport: () => viewport,
    size: () => extent,
    set,
    /** Takes over a view that is on show already. */
    accept: (next) => { viewport = next; },
    panBy: (dx, dy) => set({ ...viewport, x: viewport.x + dx, y: viewport.y + dy }),
    zoomBy,
    fit,
    /** Fit as soon as there is something to fit and room for it. */
    wantFit: () => { fitWanted = true; },
    fitIfWanted: () => { if (fitWanted) fit(null, { glide: false }); },
    centre: () => toBoard(viewport, extent.width / 2, extent.height / 2),
    measure: () => { extent = sizeOf(element); },
  };
}

/** Moves smoothly from view to view; zoom is interpolated by ratio. */
function createGlide(set) {
  let frame = 0;
  return {
    stop: () => cancelAnimationFrame(frame),
    start(from, next, { width, height }) {
      const began = performance.now();
      const middle = { x: width / 2, y: height / 2 };
      const a = toBoard(from, middle.x, middle.y);
      const b = toBoard(next, middle.x, middle.y);
      const step = (now) => {
        const u = Math.min(1, (now - began) / GLIDE_MS);
        const s = 1 - (1 - u) ** 3;
        const zoom = from.zoom * (next.zoom / from.zoom) ** s;
        set({ zoom, x: middle.x - zoom * (a.x + (b.x - a.x) * s), y: middle.y - zoom * (a.y + (b.y - a.y) * s) });
        if (u < 1) frame = requestAnimationFrame(step);
        else set(next);
      };
      frame = requestAnimationFrame(step);
    },
  };
}

/** Everything, clear of the legend in the lower left corner and of the card at the right. */
function fitAll(element, scene, width, height) {
  /** @type {HTMLElement|null} */
  const card = element.querySelector(".vision:not([hidden]), .plane:not([hidden])");
  if (card) width = Math.max(width / 2, width - card.offsetWidth - 8);
  const plain = fitViewport(scene.bounds, width, height);
  const legend = element.querySelector("#board-legend")?.getBoundingClientRect();
  if (!legend?.width) return plain;
  const frame = element.getBoundingClientRect();
  const a = toBoard(plain, 0, legend.top - frame.top);
  const b = toBoard(plain, legend.right - frame.left, height);
  const { nodes } = inBox(scene, a.x - 2 * NODE_RADIUS, a.y - 5 * NODE_RADIUS, b.x + 2 * NODE_RADIUS, b.y);
  if (nodes.length === 0) return plain;
  const below = legend.height + 8;
  return fitViewport(scene.bounds, width, height - below);
}

function selectionBounds(scene, { nodes = [], devices = [] }) {
  const numbers = new Set(nodes.map((id) => scene.nodeIndex.get(id)));
  for (const id of devices) {
    const e = scene.deviceIndex.get(id);
    if (e !== undefined) [scene.source[e], scene.target[e]].forEach((n) => n >= 0 && numbers.add(n));
  }
  numbers.delete(undefined);
  if (numbers.size === 0) return scene.bounds;
  const bounds = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  for (const n of numbers) {
    bounds.x0 = Math.min(bounds.x0, scene.x[n] - 2 * NODE_RADIUS);
    bounds.x1 = Math.max(bounds.x1, scene.x[n] + 2 * NODE_RADIUS);
    bounds.y0 = Math.min(bounds.y0, scene.y[n] - 2 * NODE_RADIUS);
    bounds.y1 = Math.max(bounds.y1, scene.y[n] + 2 * NODE_RADIUS);
  }
  return bounds;
}
