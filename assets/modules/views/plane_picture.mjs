/** A flow in the plane at a time: the cloud and the density between stored samples, the field of the slice. Pure. */

import { mixRGB } from "../paint/colours.mjs";
import { wordOf } from "../paint/raster.mjs";

const LEVELS = 64;
const POWER = 0.55; // lets thin parts of the density show

/** Whether the state of a drawn circuit is a point of a plane that data enter and leave. */
export const isPlane = (doc) => doc?.nodes.length === 2 && doc.nodes.every((node) => node.role === "both");

/** Sample k and share f with time = t[k] (1 - f) + t[k + 1] f. */
export function between(t, time) {
  const last = t.length - 1;
  if (last < 1 || time <= t[0]) return { k: 0, f: 0 };
  if (time >= t[last]) return { k: Math.max(0, last - 1), f: 1 };
  let k = Math.min(last - 1, Math.floor(((time - t[0]) / (t[last] - t[0])) * last));
  while (k > 0 && t[k] > time) k -= 1;
  while (k < last - 1 && t[k + 1] <= time) k += 1;
  return { k, f: (time - t[k]) / (t[k + 1] - t[k]) };
}

/** One sample of an array (T, ...) at a time, linear between the stored ones, written into `out`. */
export function sampleAt({ shape, data }, t, time, out = null) {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const result = out?.length === width ? out : new Float32Array(width);
  const { k, f } = between(t, time);
  const a = k * width;
  const b = t.length > 1 ? a + width : a;
  for (let j = 0; j < width; j++) result[j] = data[a + j] + (data[b + j] - data[a + j]) * f;
  return result;
}

/** The rows (A, 2) of the slice that runs at a time; `starts` are those of the slices. */
export function fieldAt({ shape, data }, starts, time) {
  let k = 0;
  while (k < starts.length - 1 && starts[k + 1] <= time) k += 1;
  const width = shape[1] * shape[2];
  return data.subarray(k * width, (k + 1) * width);
}

/** Pixels of a point: y grows upwards, as in a plot. */
export const toPixels = ([x, y], low, high, side) => [((x - low[0]) / (high[0] - low[0])) * side, side - ((y - low[1]) / (high[1] - low[1])) * side];

/** The density that looks full: nearly the largest of all times, so that a narrow peak does not hide the rest. */
export function fullDensity({ data }) {
  const some = Float32Array.from(data).filter((value) => value > 0).sort();
  return some.length > 0 ? some[Math.floor(0.995 * (some.length - 1))] : 0;
}

/** Pixel words from the board's colour to the accent. */
export const densityWords = ({ rgb }) =>
  Uint32Array.from({ length: LEVELS }, (_, k) => wordOf(mixRGB(rgb.board, rgb.accent, (0.85 * k) / (LEVELS - 1))));

/** Rows of the density lie upwards, those of the picture downwards. */
export function fillDensity(pixels, density, rows, columns, full, words) {
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const share = full > 0 ? Math.min(1, Math.max(0, density[j * columns + i] / full)) : 0;
      pixels[(rows - 1 - j) * columns + i] = words[Math.round(share ** POWER * (LEVELS - 1))];
    }
  }
  return pixels;
}

/** Arrows as pixel segments [x0, y0, x1, y1], centred on their points; the longest is as long as a cell. */
export function arrowsOf(points, slopes, low, high, side) {
  const count = points.length / 2;
  let most = 0;
  for (let k = 0; k < count; k++) most = Math.max(most, Math.hypot(slopes[2 * k], slopes[2 * k + 1]));
  if (!(most > 0)) return [];
  const cell = side / Math.sqrt(count);
  const arrows = [];
  for (let k = 0; k < count; k++) {
    const size = Math.hypot(slopes[2 * k], slopes[2 * k + 1]);
    const length = 0.9 * cell * Math.sqrt(size / most); // the root lets slow places show their direction
    if (length < 1) continue;
    const [x, y] = toPixels([points[2 * k], points[2 * k + 1]], low, high, side);
    const [dx, dy] = [(length * slopes[2 * k]) / size / 2, (-length * slopes[2 * k + 1]) / size / 2];
    arrows.push([x - dx, y - dy, x + dx, y + dy]);
  }
  return arrows;
}
