/** Nodes as pixels: which nodes form a picture, and the picture of their voltages. Pure. */

import { rampLevel } from "../paint/colours.mjs";
import { wordOf } from "../paint/raster.mjs";

const SMALLEST = 4; // pixels along a side
const HOLE = -2; // a place of a group that holds no node
const HOLE_ALPHA = 70; // of 255

/** Distances between neighbouring places of an axis, the smallest first; 0 when all are equal. */
function pitchOf(values) {
  const places = [...new Set(values.map((value) => Math.round(value * 10) / 10))].sort((a, b) => a - b);
  let pitch = Infinity;
  for (let k = 1; k < places.length; k++) pitch = Math.min(pitch, places[k] - places[k - 1]);
  return pitch < Infinity ? pitch : 0;
}

/**
 * The grid that nodes fill without gaps, row by row: {rows, columns, cells} with the node number of every cell, or null.
 * @param {{x: number[], y: number[]}} scene
 * @param {number[]} nodes  numbers in the scene
 */
export function gridOf({ x, y }, nodes) {
  if (nodes.length < SMALLEST * SMALLEST) return null;
  const [px, py] = [pitchOf(nodes.map((n) => x[n])), pitchOf(nodes.map((n) => y[n]))];
  if (px === 0 || py === 0) return null;
  const left = Math.min(...nodes.map((n) => x[n]));
  const top = Math.min(...nodes.map((n) => y[n]));
  const place = nodes.map((n) => [Math.round((x[n] - left) / px), Math.round((y[n] - top) / py)]);
  const columns = Math.max(...place.map(([column]) => column)) + 1;
  const rows = Math.max(...place.map(([, row]) => row)) + 1;
  if (rows * columns !== nodes.length || Math.min(rows, columns) < SMALLEST) return null;
  const cells = new Int32Array(rows * columns).fill(-1);
  nodes.forEach((n, k) => { cells[place[k][1] * columns + place[k][0]] = n; });
  return cells.includes(-1) ? null : { rows, columns, cells };
}

/** The picture that the input nodes of a drawn circuit form, or null. */
export function inputPicture(scene) {
  const inputs = [];
  for (let n = 0; n < scene.N; n++) if (scene.role[n] === 1) inputs.push(n);
  return gridOf(scene, inputs);
}

/**
 * A block of a network as a picture of half cells, because groups of nodes may stand half a cell apart.
 * @returns {{x, y, width, height, columns, rows, cells}}  left upper corner and size in board units, half cells
 */
export function blockPicture(scene, { nodes, pitch }) {
  const xs = nodes.map((n) => scene.x[n]);
  const ys = nodes.map((n) => scene.y[n]);
  const left = Math.min(...xs) - pitch / 2;
  const top = Math.min(...ys) - pitch / 2;
  const half = pitch / 2;
  const columns = Math.round((Math.max(...xs) + half - left) / half);
  const rows = Math.round((Math.max(...ys) + half - top) / half);
  const cells = new Int32Array(columns * rows).fill(-1);
  nodes.forEach((n, k) => {
    const i = Math.round((xs[k] - half - left) / half);
    const j = Math.round((ys[k] - half - top) / half);
    for (const at of [j * columns + i, (j + 1) * columns + i]) cells[at] = cells[at + 1] = n;
  });
  closeGroups(cells, columns, rows);
  return { x: left, y: top, width: columns * half, height: rows * half, columns, rows, cells };
}

/** Marks empty places right beside a node of the same row or column: a group of eight nodes is a square of nine, not a torn one. */
function closeGroups(cells, columns, rows) {
  const at = (i, j) => (i < 0 || j < 0 || i >= columns || j >= rows ? NaN : cells[j * columns + i]);
  const whole = (i, j) => at(i, j) >= 0 && at(i, j) === at(i + 1, j) && at(i, j) === at(i, j + 1) && at(i, j) === at(i + 1, j + 1);
  const empty = (i, j) => at(i, j) < 0 && at(i + 1, j) < 0 && at(i, j + 1) < 0 && at(i + 1, j + 1) < 0;
  const holes = [];
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      if (empty(i, j) && (whole(i - 2, j) || whole(i + 2, j)) && (whole(i, j - 2) || whole(i, j + 2))) holes.push([i, j]);
    }
  }
  for (const [i, j] of holes) for (const k of [j * columns + i, (j + 1) * columns + i]) cells[k] = cells[k + 1] = HOLE;
}

/** Pixel words of a ramp's levels. */
export const rampWords = (ramp) => Uint32Array.from(ramp.rgb, (rgb) => wordOf(rgb));

/**
 * Colours of the nodes' values, symmetric around 0; transparent where a cell holds no node, pale where a group lacks one.
 * @param {Uint32Array} pixels  one per cell
 * @param {Uint32Array} words  of rampWords
 */
export function fillPicture(pixels, cells, values, range, words) {
  const hole = ((words[rampLevel(0, range)] & 0x00ffffff) | (HOLE_ALPHA << 24)) >>> 0;
  for (let k = 0; k < cells.length; k++) pixels[k] = cells[k] >= 0 ? words[rampLevel(values[cells[k]], range)] : cells[k] === HOLE ? hole : 0;
  return pixels;
}

/**
 * Values as bars from a common zero: where each begins and how long it is, as shares of the track, and who leads.
 * @param {ArrayLike<number>} values
 * @param {number} range  largest magnitude of all times
 */
export function bars(values, range, signed = true) {
  const scale = range > 0 ? 1 / range : 0;
  const zero = signed ? 0.5 : 0;
  const room = signed ? 0.5 : 1;
  let leader = -1;
  for (let k = 0; k < values.length; k++) if (values[k] === values[k] && (leader < 0 || values[k] > values[leader])) leader = k;
  const list = Array.from(values, (value) => {
    const length = room * Math.min(1, Math.max(-1, (value || 0) * scale));
    return { start: Math.min(zero, zero + length), length: Math.abs(length) };
  });
  const tied = leader >= 0 && list.length > 1 && Array.from(values).every((value) => value === values[leader]);
  return { list, leader: tied ? -1 : leader };
}
