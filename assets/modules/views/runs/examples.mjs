/** Fields of a view on every grid, one example of them, and their scales. Pure. */

import { number } from "../../lib/numbers.mjs";

const MOST_GRIDS = 10;

/** The largest magnitude of finite values. */
export function largest(...fields) {
  let most = 0;
  for (const values of fields) for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

/**
 * The grids that the fields are there on, the coarsest first; the training's own has no suffix.
 * @param {object} arrays  `input`, `target`, `prediction` and `error`, with a suffix on further grids
 * @returns {{name: string, title: string, points: number[], count: number, own: boolean}[]}
 */
export function gridsOf(arrays) {
  const suffixes = ["", ...Array.from({ length: MOST_GRIDS - 1 }, (_, k) => `_${k + 1}`)];
  const found = suffixes.filter((suffix) => arrays[`prediction${suffix}`]).map((suffix) => {
    const [count, , ...points] = arrays[`prediction${suffix}`].shape;
    return { name: suffix || "own", title: points.join(" × "), points, count, own: suffix === "" };
  });
  return found.sort((a, b) => a.points.reduce((m, n) => m * n, 1) - b.points.reduce((m, n) => m * n, 1));
}

/**
 * One example: first channel of what went in, of what should come out and of the answer.
 * @param {object} arrays
 * @param {{name: string, own: boolean}} grid
 * @param {number} k  which example
 */
export function exampleOf(arrays, { name, own }, k) {
  const suffix = own ? "" : name;
  const part = (field) => {
    const { shape: [, channels, ...points], data } = arrays[`${field}${suffix}`];
    const size = points.reduce((product, n) => product * n, 1);
    return data.subarray(k * channels * size, k * channels * size + size);
  };
  const [input, truth, prediction] = ["input", "target", "prediction"].map(part);
  const error = Float32Array.from(prediction, (value, at) => value - truth[at]);
  const channels = arrays[`target${suffix}`].shape[1];
  return { input, truth, prediction, error, channels, relative: arrays[`error${suffix}`].data[k] };
}

/** What is said of an example beside its pictures. */
export function exampleWords({ relative, channels }, { own }) {
  const first = channels > 1 ? `, channel 1 of ${channels} shown` : "";
  return `relative L2 ${number(relative)}${own ? "" : ", on a grid it was not trained on"}${first}`;
}

/** Places of n points along an axis of length 1. */
export const axisOf = (n, periodic) => Float32Array.from({ length: n }, (_, k) => k / (periodic ? n : Math.max(1, n - 1)));
