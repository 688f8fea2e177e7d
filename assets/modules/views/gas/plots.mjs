/** Pieces of which plots of a gas are made, and rows of arrays. Pure. */

import { dressed } from "../../paint/figure_look.mjs";

/** A line with a name. */
export const line = (name, x, y, color, more = {}) => ({
  type: "scatter", mode: "lines", name, x, y, line: { color, width: 2 }, hovertemplate: `${name} %{y:.4~g}<extra></extra>`, ...more,
});

/**
 * A layout in the look of all plots, with words above it.
 * @param {string} words
 * @param {object} layout
 * @param {any} look
 * @param {number} [right]  room for an axis there
 */
export function titled(words, layout, look, right = 14) {
  const above = { text: words, x: 0, xref: "paper", xanchor: "left", y: 1, yref: "container", yanchor: "top", pad: { t: 4 }, font: { size: 12, color: look.text } };
  return { ...dressed(layout, look), title: above, margin: { l: 52, r: right, t: 44, b: 36 } };
}

/** One row of an array (rows, columns). */
export const rowOf = ({ shape, data }, row) => data.subarray(row * shape[shape.length - 1], (row + 1) * shape[shape.length - 1]);

/** One column of an array (..., columns), as many values as there are rows. */
export function columnOf({ shape, data }, column) {
  const columns = shape[shape.length - 1];
  return Float32Array.from({ length: data.length / columns }, (_, row) => data[row * columns + column]);
}

/** 0, 1, ... */
export const counted = (length, first = 0) => Array.from({ length }, (_, k) => k + first);
