/** Lanes of a model's blocks: their lengths, their order by length, and words. Pure. */

import { number } from "../../lib/numbers.mjs";

const DIRECTIONS = ["+x", "−x", "+y", "−y"];
const AXES = ["down", "across"];

/** The lengths of a block's lanes along an axis, from an array (blocks, lanes) or (blocks, lanes, axes). */
export function lengthsOf({ shape: [, lanes, axes = 1], data }, block, axis = 0) {
  return Float32Array.from({ length: lanes }, (_, lane) => data[(block * lanes + lane) * axes + axis]);
}

/** Numbers of lanes, the shortest first. */
export const byLength = (lengths) => Array.from(lengths, (_, lane) => lane).sort((a, b) => lengths[a] - lengths[b] || a - b);

/** One lane's part of an array (blocks, lanes, ...). */
export function partOf({ shape: [, lanes, ...rest], data }, block, lane) {
  const size = rest.reduce((product, n) => product * n, 1);
  return data.subarray((block * lanes + lane) * size, (block * lanes + lane + 1) * size);
}

/** One row of an array (..., points) that has been cut to a lane. */
export const rowOf = (values, points, row) => values.subarray(row * points, (row + 1) * points);

/** Which way lane by lane a cascade runs: along the first axis, against it, then along the others. */
export const directionOf = (lane, axes) => DIRECTIONS[lane % (2 * axes)];

/** Whether lanes are cells in series, which run along one axis each. */
export const cascading = (arrays) => "tau" in arrays;

/**
 * A lane and an example as the options of `kirchhoff export RUN --set`, counted from 1.
 * @param {{header: object, arrays: object}} view
 * @param {{block: number, lane: number, example: number}} place  counted from 0
 */
export function optionsOf({ header, arrays }, { block, lane, example }) {
  const axes = header.extent?.length ?? 1;
  const axis = cascading(arrays) ? Math.floor((lane % (2 * axes)) / 2) + 1 : 1;
  return { block: block + 1, lane: lane + 1, axis, example: example + 1, split: "held_out" };
}

/** Names of the axes where there are several. */
export const axesOf = (count) => AXES.slice(0, count).map((title, k) => ({ name: String(k), title }));

/** "Lane 12 of 64" */
export const laneWords = (lane, count) => `Lane ${lane + 1} of ${count}`;

/** Lengths are shares of the domain. */
export const lengthWords = (name, value) => `${name} = ${number(value)}`;
