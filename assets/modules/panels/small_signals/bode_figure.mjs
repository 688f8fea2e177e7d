/** The Bode plot: decibels and degrees over the logarithm of the frequency, the poles as faint lines. Pure. */

import { dressed } from "../../paint/figure_look.mjs";
import { magnitudeTitle } from "./words.mjs";

const QUARTER = 90;
const FINE = 45;
const MOST_TICKS = 6;
const MOST_LINES = 12;
const PREFIXES = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T"];

/** Decades, every one or every second or third, named as "1", "10", "100", "1k". */
export function decadeTicks(low, high) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / 7));
  const tickvals = [];
  for (let k = first; k <= last; k += step) tickvals.push(10 ** k);
  return { tickvals, ticktext: tickvals.map(decadeText) };
}

function decadeText(value) {
  const power = Math.round(Math.log10(value));
  const group = Math.floor(power / 3);
  const prefix = PREFIXES[group + 5];
  return prefix === undefined ? `1e${power}` : `${10 ** (power - 3 * group)}${prefix}`;
}

/** Ticks of a phase: every 45 or 90 degrees, or a multiple of them. */
export function phaseStep(degrees) {
  const values = degrees.flat().filter((value) => value !== null);
  const span = values.length > 0 ? Math.max(...values) - Math.min(...values) : 0;
  return span <= FINE * MOST_TICKS ? FINE : QUARTER * Math.ceil(span / (QUARTER * MOST_TICKS));
}

/** Vertical lines where poles lie, in both plots. */
function poleLines(poles, low, high, look) {
  const places = poles.map(({ frequency }) => frequency).filter((f) => f >= low && f <= high).slice(0, MOST_LINES);
  return places.flatMap((f) => ["", "2"].map((axis) => ({
    type: "line", layer: "below", xref: `x${axis}`, yref: `y${axis} domain`, x0: f, x1: f, y0: 0, y1: 1, line: { color: look.line, width: 1, dash: "dot" },
  })));
}

/** Room above and below; a constant has as much as a factor of two or an eighth of a turn. */
function padded(rows, least) {
  const values = rows.flat().filter((value) => value !== null);
  if (values.length === 0) return [-least, least];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.06 * (high - low), (least - (high - low)) / 2);
  return [low - room, high + room];
}

/**
 * @param {{unit: string, source: string, frequencies: number[], nodes: string[], decibels: (number|null)[][], degrees: (number|null)[][]}} response
 * @param {{frequency: number}[]} poles
 * @param {Map<string, string>} colours  by node
 * @param {object} look  colours and font, see figureLook
 */
export function bodeFigure({ unit, source, frequencies, nodes, decibels, degrees }, poles, colours, look) {
  const [low, high] = [frequencies[0], frequencies[frequencies.length - 1]];
  const line = (id, y, axis, suffix) => ({
    type: "scatter", mode: "lines", x: frequencies, y, name: id, xaxis: `x${axis}`, yaxis: `y${axis}`, connectgaps: false,
    line: { color: colours.get(id), width: 1.8, simplify: false }, hovertemplate: `${id.replaceAll("<", "&lt;")} %{y:.4~g}${suffix}<extra></extra>`,
  });
  const data = nodes.flatMap((id, k) => [line(id, decibels[k], "", " dB"), line(id, degrees[k], "2", "°")]);
  const range = [Math.log10(low), Math.log10(high)];
  const frequency = { type: "log", title: { text: "Frequency (Hz)" }, range, ...decadeTicks(low, high), unifiedhovertitle: { text: "%{x:.4~s}Hz" } };
  const layout = {
    showlegend: false, hovermode: "x unified", uirevision: `${source} ${unit} ${low} ${high}`, shapes: poleLines(poles, low, high, look),
    xaxis: { ...frequency, domain: [0, 0.43] }, yaxis: { title: { text: magnitudeTitle(unit) }, range: padded(decibels, 12) },
    xaxis2: { ...frequency, domain: [0.57, 1], anchor: "y2" },
    yaxis2: { title: { text: "Phase (°)" }, anchor: "x2", range: padded(degrees, 100), tick0: 0, dtick: phaseStep(degrees) },
  };
  const { margin, ...rest } = dressed(layout, look);
  return { data, layout: { ...rest, margin: { ...margin, t: 8, l: 56, r: 22 } } };
}
