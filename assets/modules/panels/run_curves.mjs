/** Curves of runs from their reports: one run over its epochs, or several beside each other. Pure. */

import { dressed } from "../paint/figure_look.mjs";

export const MOST_POINTS = 1500;
export const MOST_RUNS = 8;
const MANY_DECADES = 1.7;
const PART_OF_ONE = 0.6;

/**
 * What is drawn of a metric, as Python's registry says it.
 * @typedef {{name: string, place: string, words: string, axis: string, suffix: string, factor: number, scale: string, minimised?: boolean}} Metric
 */

/** A figure without data, a sentence in its middle. */
export function messageFigure(message, look) {
  const layout = dressed({ xaxis: { visible: false }, yaxis: { visible: false } }, look);
  const at = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
  return { data: [], layout: { ...layout, annotations: [{ ...at, text: message, font: { color: look.muted, size: 13 } }] } };
}

/**
 * Loss of one run over its epochs, and the most telling other metric where the task has one; right of them, what its model says of its inside.
 * @param {object[]} rows  reports
 * @param {object} look  colours and font, see figureLook
 * @param {Metric[]} metrics  those with curves
 * @param {{id?: string, active?: boolean, edits?: {step: number, words: string, refused: string}[]}} run  its id lets zoom survive an update
 */
export function runFigure(rows, look, metrics, { id = "", active = true, edits = [] } = {}) {
  const words = active ? "The first figures come with the first epoch." : "This run ended before its first figures.";
  if (rows.length === 0) return messageFigure(words, look);
  const { loss, others, inside } = sorted(metrics);
  const held = heldOut(rows);
  const score = others.find(({ name }) => rows.some((row) => `${held}_${name}` in row));
  const shown = score?.minimised ? [{ ...score, name: loss.name }] : [loss, ...(score ? [score] : [])];
  const parts = shown.flatMap((metric, k) => partsOf(held, look).map((part) => ({ ...part, metric, axis: k === 0 ? "" : "2" })));
  const data = parts.flatMap(({ metric, part, name, colour, axis }) => {
    const line = curve(rows, part, metric);
    if (line.x.length === 0) return [];
    return [{ ...line, name, showlegend: axis === "", legendgroup: colour, line: { color: colour, width: 1.8 },
      xaxis: `x${axis}`, yaxis: `y${axis}`, hovertemplate: `${metric.words}, ${name} %{y:.4~g}${metric.suffix}<extra></extra>` }];
  });
  const drawn = (axis) => data.filter(({ yaxis }) => yaxis === axis).flatMap(({ y }) => y);
  const left = score?.minimised ? axisOf(score, drawn("y")) : lossAxis(loss, [rows]);
  /** @type {Record<string, any>} */
  const layout = { ...axes(left, shown.length > 1 && axisOf(score, drawn("y2"))), uirevision: id, ...editMarks(edits, rows, look) };
  const inner = insideCurves(rows, held, inside, look);
  if (inner.data.length === 0) return { data, layout: dressed(layout, look) };
  layout.xaxis.domain = [0, 0.2];
  if (layout.xaxis2) layout.xaxis2.domain = [0.27, 0.46];
  return { data: [...data, ...inner.data], layout: dressed({ ...layout, ...inner.axes }, look) };
}

/**
 * A line at every edit of the circuit, in the first plot, with what it was at its top.
 * @param {{step: number, words: string, refused: string}[]} edits
 * @param {object[]} rows  reports
 */
export function editMarks(edits, rows, look) {
  const perEpoch = stepsPerEpoch(rows);
  const made = perEpoch ? edits.filter(({ refused }) => !refused) : [];
  const at = made.map(({ step }) => step / perEpoch);
  return {
    shapes: at.map((x) => ({ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { color: look.muted, width: 1, dash: "dash" } })),
    annotations: made.map(({ words }, k) => ({
      xref: "x", yref: "paper", x: at[k], y: 1, yanchor: "bottom", showarrow: false, text: "✕", hovertext: words, font: { color: look.warm, size: 12 },
    })),
  };
}

/**
 * What a model says of its inside for what is held out: shares and the like, then what needs a logarithmic axis.
 * @param {object[]} rows
 * @param {string} held
 * @param {Metric[]} metrics
 */
function insideCurves(rows, held, metrics, look) {
  const known = metrics.filter(({ name }) => rows.some((row) => Number.isFinite(row[`${held}_${name}`])));
  const data = [], axes = {};
  for (const [number, scale, domain] of [[3, "linear", [0.56, 0.74]], [4, "log", [0.82, 1]]]) {
    const group = known.filter((one) => (one.scale === "log") === (scale === "log"));
    if (group.length === 0) continue;
    const lines = group.map((metric, k) => ({
      ...curve(rows, held, metric), name: metric.words, showlegend: false, line: { color: look.warm, width: 1.6, dash: k ? "dot" : "solid" },
      xaxis: `x${number}`, yaxis: `y${number}`, hovertemplate: `${metric.words} %{y:.4~g}${metric.suffix}<extra></extra>`,
    }));
    data.push(...lines);
    axes[`xaxis${number}`] = { title: { text: "epoch" }, rangemode: "tozero", domain, anchor: `y${number}` };
    axes[`yaxis${number}`] = { ...axisOf({ ...group[0], axis: titleOf(group) }, lines.flatMap(({ y }) => y)), anchor: `x${number}` };
  }
  return { data, axes };
}

/** Above several metrics of one axis: the last word where they share it, else all their words. */
function titleOf(group) {
  if (group.length === 1) return group[0].axis;
  const ends = new Set(group.map(({ words }) => words.split(" ").at(-1)));
  const text = ends.size === 1 ? [...ends][0] : group.map(({ words }) => words).join(", ");
  const unit = group[0].suffix.trim();
  return unit ? `${text} (${unit})` : text;
}

/**
 * Training loss and test figure of several runs, one colour each; runs of different tasks share the loss alone.
 * @param {{name: string, rows: object[]}[]} runs
 * @param {object} look  colours and font, see figureLook
 * @param {Metric[]} metrics  those with curves
 */
export function comparisonFigure(runs, look, metrics) {
  const { loss, others } = sorted(metrics);
  const has = ({ rows }, { name }) => rows.some((row) => `${heldOut(rows)}_${name}` in row);
  const known = [...others, loss];
  const shared = known.find((one) => runs.every((run) => has(run, one))) ?? known.find((one) => runs.some((run) => has(run, one))) ?? loss;
  const data = runs.slice(0, MOST_RUNS).flatMap(({ name, rows }, k) => {
    const shown = { name, legendgroup: `${k}`, line: { color: look.series[k], width: 1.8 } };
    return [
      { ...curve(rows, "train", loss), ...shown, xaxis: "x", yaxis: "y", hovertemplate: "%{y:.4~g}" },
      { ...curve(rows, heldOut(rows), shared), ...shown, showlegend: false, xaxis: "x2", yaxis: "y2", hovertemplate: `%{y:.4~g}${shared.suffix}` },
    ];
  });
  const drawn = (axis) => data.filter(({ yaxis }) => yaxis === axis).flatMap(({ y }) => y);
  const left = shared.minimised ? axisOf(shared, drawn("y")) : lossAxis(loss, runs.map(({ rows }) => rows));
  const held = [...new Set(runs.map(({ rows }) => heldOut(rows)))];
  const right = { ...axisOf(shared, drawn("y2")), title: { text: `${held.length > 1 ? "held-out" : held[0] ?? "test"} ${shared.axis}` } };
  const layout = axes({ ...left, title: { text: `training ${left.title.text}` } }, right);
  return { data, layout: dressed({ ...layout, uirevision: "compare" }, look) };
}

/** What is drawn of a metric. */
const partsOf = (held, look) => [{ part: "train", name: "training", colour: look.accent }, { part: held, name: held, colour: look.warm }];

/** What a run was looked at with after every epoch: `validation` where it has such figures, else `test`. */
const heldOut = (rows) => (rows.some((row) => "validation_loss" in row) ? "validation" : "test");

/** Epochs and values of one reported figure, thinned to what a plot can show; the newest stays. */
export function series(rows, key) {
  const perEpoch = stepsPerEpoch(rows);
  const found = rows.filter((row) => Number.isFinite(row[key]));
  const every = Math.max(1, Math.ceil(found.length / MOST_POINTS));
  const kept = found.filter((_, k) => k % every === 0 || k === found.length - 1);
  return { x: kept.map((row) => (perEpoch ? row.step / perEpoch : row.epoch)), y: kept.map((row) => row[key]) };
}

/** Steps of one epoch, from a report at the end of one; 0 when there is none yet. */
function stepsPerEpoch(rows) {
  const row = rows.find((one) => Number.isFinite(one.test_loss ?? one.validation_loss) && one.epoch);
  return row ? row.step / row.epoch : 0;
}

function curve(rows, part, { name, factor }) {
  const { x, y } = series(rows, `${part}_${name}`);
  return { type: "scatter", mode: x.length > 1 ? "lines" : "markers", x, y: y.map((value) => factor * value) };
}

/** The loss, which every task has, what tasks report beside it, and what models report of their inside. */
function sorted(metrics) {
  const of = (...places) => metrics.filter(({ place }) => places.includes(place));
  return { loss: of("loss")[0], others: of("score", "further"), inside: of("inside") };
}

/** @param {{axis: string, scale: string}} metric */
const axisOf = ({ axis, scale }, values = []) => ({ title: { text: axis }, ...(scale === "log" ? { type: "log", tickvals: logTicks(values), tickformat: "~g" } : {}) });

/** Values that a logarithmic axis names: 1, 2 and 5 of every decade, of many decades the decade alone, of a part of one more. */
export function logTicks(values) {
  const decades = values.filter((value) => value > 0).map(Math.log10);
  const [low, high] = [Math.floor(Math.min(0, ...decades)) - 1, Math.ceil(Math.max(0, ...decades)) + 1];
  const span = Math.max(...decades) - Math.min(...decades);
  const steps = span > MANY_DECADES ? [1] : span < PART_OF_ONE ? [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : [1, 2, 5];
  return Array.from({ length: high - low }, (_, k) => low + k).flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)));
}

/** Losses begin at zero where none is below it. */
function lossAxis(loss, runs) {
  const below = runs.some((rows) => rows.some((row) => row[`train_${loss.name}`] < 0 || row[`test_${loss.name}`] < 0));
  return { ...axisOf(loss), rangemode: below ? "normal" : "tozero" };
}

function axes(left, right) {
  const epochs = { title: { text: "epoch" }, rangemode: "tozero" };
  /** @type {Record<string, any>} */
  const layout = { hovermode: "x unified", xaxis: { ...epochs }, yaxis: left };
  if (!right) return layout;
  layout.xaxis.domain = [0, 0.43];
  layout.xaxis2 = { ...epochs, domain: [0.57, 1], anchor: "y2" };
  layout.yaxis2 = { ...right, anchor: "x2" };
  return layout;
}
