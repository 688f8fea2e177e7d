/** The heat map's pixels: every node or device over time, neutral exactly at zero. Pure. */

import { RAMP_HALF } from "../../paint/colours.mjs";
import { mix } from "../../play/trajectory.mjs";

/**
 * What a heat map shows: a row an id, and the largest magnitude, where its colours end.
 * @returns {{ids: string[], t: Float32Array, data: Float32Array, limit: number}}
 */
export function heatOf(sim, lane, what) {
  const { ids, data } = sim.table(what, lane);
  let most = 0;
  for (const value of data) {
    const size = Math.abs(value);
    if (size > most && size < Infinity) most = size;
  }
  return { ids, t: sim.t, data, limit: most || 1 };
}

/**
 * Which samples a column of pixels shows: `first` up to but without `end` where some lie in it, else the place
 * `share` of the way from the sample before `first` to it.
 */
export function columnsOf(t, from, to, count) {
  const first = new Int32Array(count);
  const end = new Int32Array(count);
  const share = new Float64Array(count);
  const step = (to - from) / count;
  let k = 0;
  for (let c = 0; c < count; c += 1) {
    const left = from + c * step;
    const right = c === count - 1 ? Infinity : left + step;
    while (k < t.length && t[k] < left) k += 1;
    first[c] = end[c] = k;
    while (end[c] < t.length && t[end[c]] < right && t[end[c]] <= to) end[c] += 1;
    const [a, b] = [t[k - 1], t[k]];
    share[c] = b > a ? (left + step / 2 - a) / (b - a) : k < t.length ? 1 : 0;
  }
  return { first, end, share };
}

/**
 * Values on a grid of pixels (rows, columns). Where a pixel covers several samples or rows the one of largest
 * magnitude is shown, so that no spike is lost; between two samples values are interpolated, as on the board.
 * @param {{ids: string[], t: Float32Array, data: Float32Array}} heat
 * @param {[number, number]} times  seconds at the left and right edge
 * @returns {Float32Array} NaN where nothing is known
 */
export function heatValues({ ids, t, data }, [from, to], columns, rows) {
  const width = ids.length;
  const { first, end, share } = columnsOf(t, from, to, columns);
  const last = t.length - 1;
  const values = new Float32Array(rows * columns).fill(NaN);
  for (let j = 0; j < width; j += 1) {
    const above = Math.floor((j * rows) / width);
    const below = Math.max(above + 1, Math.floor(((j + 1) * rows) / width));
    for (let c = 0; c < columns; c += 1) {
      let value = NaN;
      for (let k = first[c]; k < end[c]; k += 1) value = stronger(value, data[k * width + j]);
      if (first[c] === end[c]) {
        const b = Math.min(first[c], last);
        value = mix(data[Math.max(first[c] - 1, 0) * width + j], data[b * width + j], share[c]);
      }
      for (let r = above; r < below; r += 1) values[r * columns + c] = stronger(values[r * columns + c], value);
    }
  }
  return values;
}

const stronger = (a, b) => (a !== a || Math.abs(b) > Math.abs(a) ? b : a);

/**
 * Colours of values, four bytes each, between the levels of the ramp; transparent where nothing is known.
 * @param {ArrayLike<number>} values
 * @param {number} limit  magnitude at the ends of the ramp
 * @param {{rgb: number[][]}} ramp  see divergingRamp
 */
export function heatPixels(values, limit, { rgb }) {
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (let k = 0; k < values.length; k += 1) {
    if (Number.isNaN(values[k])) continue;
    const place = RAMP_HALF * (1 + Math.min(Math.max(values[k] / limit, -1), 1));
    const level = Math.floor(place);
    const [low, high] = [rgb[level], rgb[Math.min(level + 1, 2 * RAMP_HALF)]];
    for (let c = 0; c < 3; c += 1) pixels[4 * k + c] = low[c] + (high[c] - low[c]) * (place - level);
    pixels[4 * k + 3] = 255;
  }
  return pixels;
}

/** Values of a colour bar of that many rows, the largest on top. */
export const barValues = (rows, limit) => Float32Array.from({ length: rows }, (_, r) => limit * (1 - (2 * r + 1) / rows));
