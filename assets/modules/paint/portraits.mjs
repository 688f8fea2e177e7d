/** Portraits beside nodes: the voltage of a node over the plane of both inputs, at the time that is shown. */

import { brushOf } from "../lib/dom.mjs";
import { rampLevel } from "./colours.mjs";
import { placePlots } from "./node_plots.mjs";

const SIZE = { w: 46, h: 46 }; // board units

/** The stored picture nearest to a time. Pure. @param {ArrayLike<number>} t */
export function pictureAt(t, time) {
  let nearest = 0;
  for (let k = 1; k < t.length; k++) if (Math.abs(t[k] - time) < Math.abs(t[nearest] - time)) nearest = k;
  return nearest;
}

/**
 * Pixels (RGBA, rows from the top) of voltages (G, G) whose first row belongs to the lowest second input. Pure.
 * @param {ArrayLike<number>} voltages
 * @param {number} grid
 * @param {{rgb: any}} ramp
 * @param {number} range  voltage of the ramp's ends [V]
 */
export function portraitPixels(voltages, grid, ramp, range) {
  const pixels = new Uint8ClampedArray(4 * grid * grid);
  for (let row = 0; row < grid; row++) {
    for (let column = 0; column < grid; column++) {
      const [r, g, b] = ramp.rgb[rampLevel(voltages[row * grid + column], range)];
      pixels.set([r, g, b, 255], 4 * ((grid - 1 - row) * grid + column));
    }
  }
  return pixels;
}

/** Where the circuit's own start stands in a portrait, as shares from its left and top; null outside. Pure. */
export function startIn({ header }, doc) {
  const [x, y] = header.inputs.map((id) => doc.node(id)?.voltage ?? NaN);
  const at = [0.5 + (0.5 * x) / header.reach, 0.5 - (0.5 * y) / header.reach];
  return at.every((share) => share >= 0 && share <= 1) ? at : null;
}

/** Remembers places and pictures as long as circuit, plane, range and theme stay. */
export function createPortraits() {
  /** @type {{key: any[], places: any[]}} */
  let placed = { key: [], places: [] };
  /** @type {{key: any[], pictures: Map<string, HTMLCanvasElement>}} */
  let painted = { key: [], pictures: new Map() };

  function placesOf(scene, { plane, ids, slice }) {
    const key = [scene, plane, ids.join(" "), slice];
    if (!key.every((part, k) => part === placed.key[k])) {
      const nodes = ids.map((id) => scene.nodeIndex.get(id)).filter((n) => n !== undefined && plane.nodeIndex.has(scene.nodeIds[n]));
      const [first, last] = scene.bySlice[slice] ?? [0, 0];
      placed = { key, places: placePlots(scene, nodes, first, last, SIZE) };
    }
    return placed.places;
  }

  function pictureOf(id, k, plane, { theme, range }) {
    const key = [plane, k, range, theme];
    if (!key.every((part, place) => part === painted.key[place])) painted = { key, pictures: new Map() };
    let picture = painted.pictures.get(id);
    if (!picture) {
      picture = canvasOf(plane, plane.nodeIndex.get(id), k, theme.ramps.voltages, range);
      painted.pictures.set(id, picture);
    }
    return picture;
  }

  /**
   * Over everything else that moves; the context draws in board units.
   * @param {any} wanted  {plane, ids, slice, time, doc}
   */
  return function paint(ctx, scene, o, wanted) {
    const k = pictureAt(wanted.plane.t, wanted.time);
    const start = startIn(wanted.plane, wanted.doc);
    for (const { n, x, y } of placesOf(scene, wanted)) {
      paintPortrait(ctx, x, y, pictureOf(scene.nodeIds[n], k, wanted.plane, o), start, o.theme);
    }
  };
}

function canvasOf(plane, node, k, ramp, range) {
  const { shape, data } = plane.arrays.portraits;
  const [, nodes, grid] = shape;
  const from = (k * nodes + node) * grid * grid;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = grid;
  const pixels = portraitPixels(data.subarray(from, from + grid * grid), grid, ramp, range);
  brushOf(canvas).putImageData(new ImageData(pixels, grid, grid), 0, 0);
  return canvas;
}

function paintPortrait(ctx, x, y, picture, start, theme) {
  const [left, top] = [x - SIZE.w / 2, y - SIZE.h / 2];
  ctx.drawImage(picture, left, top, SIZE.w, SIZE.h);
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = theme.edge;
  ctx.strokeRect(left, top, SIZE.w, SIZE.h);
  if (!start) return;
  ctx.beginPath();
  ctx.arc(left + start[0] * SIZE.w, top + start[1] * SIZE.h, 2.2, 0, 6.2832);
  ctx.fillStyle = theme.board;
  ctx.fill();
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = theme.text ?? theme.edge;
  ctx.stroke();
}
