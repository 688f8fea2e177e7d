/** Plots of condensation: |cos| of the neurons of a weight, and figures over the epochs. Pure. */

import { line, titled } from "./plots.mjs";

const [COSINE, , RANK] = [0, 1, 2]; // columns of the figures of a weight

/** A weight's name without what all have in common. */
export const shortName = (name) => name.replace(/^network\./, "");

/** |cos| of each two neurons, in the order of the leading eigenvector. @param {{similar: any, weight: {shown: number, name: string}, layer: number}} shown */
export function matrixFigure({ similar: { shape: [, size], data }, weight, layer }, look) {
  const z = Array.from({ length: weight.shown }, (_, row) => Array.from(data.subarray((layer * size + row) * size, (layer * size + row) * size + weight.shown)));
  const layout = {

    xaxis: { title: { text: "neuron, sorted by the leading eigenvector" }, constrain: "domain", showgrid: false },
    yaxis: { title: { text: "neuron" }, autorange: "reversed", scaleanchor: "x", constrain: "domain", showgrid: false },
  };
  const map = {
    type: "heatmap", z, zmin: 0, zmax: 1, colorscale: [[0, look.surface], [0.5, look.accent], [1, look.text]],
    colorbar: { thickness: 10, outlinewidth: 0, tickvals: [0, 0.5, 1], tickfont: { color: look.muted, size: 11 }, len: 0.9 },
    hovertemplate: "neurons %{x} and %{y}: |cos| %{z:.2f}<extra></extra>",
  };
  return { data: [map], layout: titled("|cos| of each two rows of [W | b]", layout, look) };
}

/** A column of the figures of every weight over the epochs: (T, K, 5) to K rows. */
export function coursesOf({ shape: [epochs, weights, columns], data }, column) {
  return Array.from({ length: weights }, (_, k) => Float32Array.from({ length: epochs }, (__, t) => data[(t * weights + k) * columns + column]));
}

/**
 * A figure of all weights over the epochs, the chosen one on top.
 * @param {{epochs: any, all: any, weights: {name: string, looked: number}[], layer: number}} shown
 */
function figureOf({ epochs: { data: x }, all, weights, layer }, column, { words, axis, scale }, look) {
  const rows = coursesOf(all, column).map((row, k) => row.map((value) => value / scale(weights[k])));
  const mode = x.length < 3 ? "lines+markers" : "lines";
  const drawn = rows.map((y, k) => line(shortName(weights[k].name), x, y, look.muted, { mode, showlegend: false, opacity: 0.4, line: { color: look.muted, width: 1 } }));
  const top = line(shortName(weights[layer].name), x, rows[layer], look.accent, { mode, line: { color: look.accent, width: 2.6 }, showlegend: true });
  const layout = {
    showlegend: true, xaxis: { title: { text: "epoch" }, rangemode: "tozero" }, yaxis: { title: { text: axis }, range: [0, 1.05] },
  };
  return { data: [...drawn.filter((_, k) => k !== layer), top], layout: titled(words, layout, look) };
}

/** Effective rank over the epochs, as a share of the rows. */
export const rankFigure = (shown, look) => figureOf(shown, RANK, { words: "Effective rank: lower is more condensed", axis: "rank / rows", scale: ({ looked }) => looked }, look);

/** Mean |cos| over the epochs. */
export const cosineFigure = (shown, look) => figureOf(shown, COSINE, { words: "Mean |cos|: higher is more condensed", axis: "mean |cos|", scale: () => 1 }, look);
