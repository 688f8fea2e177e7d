/** Pieces of which plots of a gas are made, and rows of arrays. Pure. */

/** A line with a name. */
export const line = (name, x, y, color, more = {}) => ({
  type: "scatter", mode: "lines", name, x, y, line: { color, width: 2 }, hovertemplate: `${name} %{y:.4~g}<extra></extra>`, ...more,
});

/** Words at a corner of a plot, above its lines. */
export const title = (text, look) => ({ xref: "paper", yref: "paper", x: 0, y: 1, yanchor: "bottom", xanchor: "left", yshift: 20, text, showarrow: false, font: { size: 12, color: look.text } });

/** Room for the title above the legend. */
export const ROOM = { l: 52, r: 14, t: 46, b: 36 };

/** One row of an array (rows, columns). */
export const rowOf = ({ shape, data }, row) => data.subarray(row * shape[shape.length - 1], (row + 1) * shape[shape.length - 1]);

/** One column of an array (..., columns), as many values as there are rows. */
export function columnOf({ shape, data }, column) {
  const columns = shape[shape.length - 1];
  return Float32Array.from({ length: data.length / columns }, (_, row) => data[row * columns + column]);
}

/** 0, 1, ... */
export const counted = (length, first = 0) => Array.from({ length }, (_, k) => k + first);
