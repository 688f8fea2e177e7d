/** The plot of a lane's circuit with the layer's samples as dots on it. Pure. */

import { number, quantity } from "../../lib/numbers.mjs";
import { dressed } from "../../paint/figure_look.mjs";

const MARGIN = { l: 64, r: 14, t: 22, b: 36 }; // room for small differences written in full
const SMALL_FROM = 96; // samples of a line, from which dots are small

const column = ({ shape: [rows, columns], data }, k) => Array.from({ length: rows }, (_, row) => data[row * columns + k]);

const hover = (title) => `${title} %{y:.4~g} V<extra></extra>`;

const solid = (name, x, y, color, width = 1.8) => ({ type: "scatter", mode: "lines", name, x, y, line: { color, width }, hovertemplate: hover(name) });

const dots = (name, x, y, color, look) => ({
  type: "scatter", mode: "markers", name, x, y, hovertemplate: hover(name), showlegend: false,
  marker: { color, size: x.length > SMALL_FROM ? 5 : 8, line: { color: look.surface, width: 1.5 } },
});

/** A tap's course with the samples at the ends of the steps. */
function courses({ header: { reads, driven }, arrays }, look) {
  const t = Array.from(arrays.t.data);
  const times = Array.from(arrays.times.data);
  const inputs = driven.map((name, k) => ({ ...solid(name, t, column(arrays.drives, k), look.muted, 1), line: { color: look.muted, width: 1, dash: "dot" } }));
  const taps = reads.map((name, k) => ({ name, k, color: look.series[k % look.series.length] }));
  const lines = taps.map(({ name, k, color }) => solid(name, t, column(arrays.voltages, k), color));
  const marks = taps.map(({ name, k, color }) => dots(`layer, ${name}`, times, column(arrays.samples, k), color, look));
  const layout = { margin: MARGIN, hovermode: "closest", showlegend: true, xaxis: { title: { text: "time of the circuit (s)" }, tickformat: "~s" }, yaxis: { title: { text: "voltage (V)" } } };
  return { data: [...inputs, ...lines, ...marks], layout: dressed(layout, look) };
}

/** What stands on the capacitors at the start and at the end, node by node, with the samples at the end. */
function profile({ header: { reads }, arrays }, look) {
  const places = reads.map((_, k) => k + 1);
  const row = ({ shape: [, columns], data }, at) => Array.from(data.subarray(at * columns, (at + 1) * columns));
  const { voltages } = arrays;
  const start = { ...solid("at the start", places, row(voltages, 0), look.muted, 1), line: { color: look.muted, width: 1, dash: "dot" } };
  const data = [start, solid("at the end", places, row(voltages, voltages.shape[0] - 1), look.accent), { ...dots("layer", places, row(arrays.samples, 0), look.warm, look), showlegend: true }];
  const layout = { margin: MARGIN, hovermode: "closest", showlegend: true, xaxis: { title: { text: "node" }, range: [0, reads.length + 1] }, yaxis: { title: { text: "voltage (V)" } } };
  return { data, layout: dressed(layout, look) };
}

/** Samples at one time only are those of whole rings: they lie side by side. @param {{header: object, arrays: object}} landing */
export const samplesFigure = (landing, look) => (landing.arrays.times.data.length > 1 ? courses : profile)(landing, look);

/** "Dots: the layer. Lines: its circuit, solved by ngspice. Largest difference 1.2 µV, 2.3e-6 of the largest sample." */
export function landingWords({ solver, largest, size, limit, words }) {
  const share = size > 0 ? `, ${number(largest / size)} of the largest sample` : "";
  const why = limit ? `: ${limit}` : "";
  return `Dots: the layer. Lines: its circuit, solved by ${solver}. Largest difference ${quantity(largest, "V")}${share}${why}. ${words}`;
}
