/** Paints fields over one axis: what went in, what should come out, the answer, and the error on a scale of its own. */

import { el } from "../../lib/dom.mjs";
import { dressed } from "../../paint/figure_look.mjs";
import { barOf } from "../runs/example_bar.mjs";
import { axisOf, largest } from "../runs/examples.mjs";

const DOTTED_TO = 64; // points that are marked one by one
const LEAST_HEIGHT = 180; // pixels of a plot with the error below

/**
 * The plot of an example, the error below on a symmetric scale.
 * @param {object} fields  see exampleOf
 * @param {object} look  colours and font, see figureLook
 * @param {boolean} low  whether there is no room for the error
 */
export function curvesFigure({ input, truth, prediction, error, grid, periodic }, look, low = false) {
  const x = axisOf(truth.length, periodic);
  const mode = truth.length <= DOTTED_TO ? "lines+markers" : "lines";
  const line = (name, y, style, more = {}) => ({
    type: "scatter", mode: "lines", name, x, y, line: style, hovertemplate: `${name} %{y:.4~g}<extra></extra>`, ...more,
  });
  const most = largest(error) || 1;
  const data = [
    line("input", input, { color: look.muted, width: 1, dash: "dot" }),
    line("truth", truth, { color: look.accent, width: 3 }),
    line("prediction", prediction, { color: look.warm, width: 1.5 }, { mode, marker: { size: 4 } }),
    line("error", error, { color: look.warm, width: 1.2 }, { yaxis: "y2", showlegend: false, fill: "tozeroy" }),
  ];
  const place = { title: { text: "place (share of the length)" }, range: [0, 1] };
  const layout = { hovermode: "x unified", uirevision: `curves ${grid.name}` };
  if (low) return { data: data.slice(0, 3), layout: dressed({ ...layout, xaxis: place, yaxis: {} }, look) };
  const both = {
    ...layout,
    xaxis: { ...place, anchor: "y2" },
    yaxis: { domain: [0.4, 1], title: { text: "field" } },
    yaxis2: { domain: [0, 0.26], title: { text: "error" }, range: [-1.1 * most, 1.1 * most], nticks: 3, zeroline: true, zerolinecolor: look.line },
  };
  return { data, layout: dressed(both, look) };
}

/** It has more to show than fits beside the curves. */
export const roomy = true;

/**
 * @param {Element} host
 * @param {{header: object, arrays: object}} view
 * @param {{showFigure: function, look: () => object, chosen: {example: number, grid: string}}} tools
 */
export function paint(host, view, tools) {
  const { showFigure, look } = tools;
  const id = `${host.id}-plot`;
  const body = () => {
    const root = el("div", { class: "graph", id });
    const low = () => root.clientHeight > 0 && root.clientHeight < LEAST_HEIGHT;
    return { root, draw: (fields) => showFigure(id, curvesFigure(fields, look(), low())) };
  };
  barOf(host, body, tools.chosen).show(view);
}
