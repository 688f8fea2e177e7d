/** Curves of runs from their reports: one run over its epochs, or several beside each other. Pure. */

export const MOST_POINTS = 1500;
export const MOST_RUNS = 8;

/**
 * What is drawn of a metric, as Python's registry says it.
 * @typedef {{name: string, place: string, words: string, axis: string, suffix: string, factor: number, scale: string}} Metric
 */

/** A figure without data, a sentence in its middle. */
export function messageFigure(message, look) {
  const layout = dressed({ xaxis: { visible: false }, yaxis: { visible: false } }, look);
  const at = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
  return { data: [], layout: { ...layout, annotations: [{ ...at, text: message, font: { color: look.muted, size: 13 } }] } };
}

/**
 * Loss of one run over its epochs, and the most telling other metric where the task has one.
 * @param {object[]} rows  reports
 * @param {object} look  colours and font, see runLook
 * @param {Metric[]} metrics  those with curves
 * @param {{id?: string, active?: boolean}} run  its id lets zoom survive an update
 */
export function runFigure(rows, look, metrics, { id = "", active = true } = {}) {
  const words = active ? "The first figures come with the first epoch." : "This run ended before its first figures.";
  if (rows.length === 0) return messageFigure(words, look);
  const { loss, others } = sorted(metrics);
  const score = others.find(({ name }) => rows.some((row) => `test_${name}` in row));
  const parts = [loss, ...(score ? [score] : [])].flatMap((metric) => {
    const axis = metric === loss ? "" : "2";
    return [{ metric, part: "train", name: "training", colour: look.accent, axis }, { metric, part: "test", name: "test", colour: look.warm, axis }];
  });
  const data = parts.flatMap(({ metric, part, name, colour, axis }) => {
    const line = curve(rows, part, metric);
    if (line.x.length === 0) return [];
    return [{ ...line, name, showlegend: axis === "", legendgroup: colour, line: { color: colour, width: 1.8 },
      xaxis: `x${axis}`, yaxis: `y${axis}`, hovertemplate: `${metric.words}, ${name} %{y:.4~g}${metric.suffix}<extra></extra>` }];
  });
  const layout = { ...axes(lossAxis(loss, [rows]), score && axisOf(score)), uirevision: id };
  return { data, layout: dressed(layout, look) };
}

/**
 * Training loss and test figure of several runs, one colour each; runs of different tasks share the loss alone.
 * @param {{name: string, rows: object[]}[]} runs
 * @param {object} look  colours and font, see runLook
 * @param {Metric[]} metrics  those with curves
 */
export function comparisonFigure(runs, look, metrics) {
  const { loss, others } = sorted(metrics);
  const has = ({ rows }, { name }) => rows.some((row) => `test_${name}` in row);
  const known = [...others, loss];
  const shared = known.find((one) => runs.every((run) => has(run, one))) ?? known.find((one) => runs.some((run) => has(run, one))) ?? loss;
  const data = runs.slice(0, MOST_RUNS).flatMap(({ name, rows }, k) => {
    const shown = { name, legendgroup: `${k}`, line: { color: look.series[k], width: 1.8 } };
    return [
      { ...curve(rows, "train", loss), ...shown, xaxis: "x", yaxis: "y", hovertemplate: "%{y:.4~g}" },
      { ...curve(rows, "test", shared), ...shown, showlegend: false, xaxis: "x2", yaxis: "y2", hovertemplate: `%{y:.4~g}${shared.suffix}` },
    ];
  });
  const left = lossAxis(loss, runs.map(({ rows }) => rows));
  const layout = axes({ ...left, title: { text: `training ${loss.axis}` } }, { ...axisOf(shared), title: { text: `test ${shared.axis}` } });
  return { data, layout: dressed({ ...layout, uirevision: "compare" }, look) };
}

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
  const row = rows.find((one) => Number.isFinite(one.test_loss) && one.epoch);
  return row ? row.step / row.epoch : 0;
}

function curve(rows, part, { name, factor }) {
  const { x, y } = series(rows, `${part}_${name}`);
  return { type: "scatter", mode: x.length > 1 ? "lines" : "markers", x, y: y.map((value) => factor * value) };
}

/** The loss, which every task has, and the other metrics. */
function sorted(metrics) {
  return { loss: metrics.find(({ place }) => place === "loss"), others: metrics.filter(({ place }) => place !== "loss") };
}

function axisOf({ axis, scale }) {
  return { title: { text: axis }, ...(scale === "log" ? { type: "log" } : {}) };
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
  layout.xaxis.domain = [0, 0.455];
  layout.xaxis2 = { ...epochs, domain: [0.545, 1], anchor: "y2" };
  layout.yaxis2 = { ...right, anchor: "x2" };
  return layout;
}

/** Fine lines, no boxes, the studio's font and colours. */
function dressed(layout, look) {
  const clear = "rgba(0,0,0,0)";
  const base = {
    gridcolor: look.grid, zeroline: false, linecolor: look.line, tickfont: { color: look.muted }, showline: true, ticks: "", automargin: false,
  };
  const axis = (own) => ({ ...base, ...own, title: { ...own.title, font: { size: 11 }, standoff: 6 } });
  const dressedAxes = Object.fromEntries(Object.entries(layout).map(([key, own]) => [key, /^[xy]axis/.test(key) ? axis(own) : own]));
  return {
    paper_bgcolor: clear, plot_bgcolor: clear, margin: { l: 52, r: 14, t: 22, b: 36 },
    font: { family: look.font, size: 11, color: look.muted },
    hoverlabel: { bgcolor: look.surface, bordercolor: look.line, font: { family: look.font, size: 12, color: look.text } },
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom", bgcolor: clear, font: { size: 11, color: look.muted } },
    ...dressedAxes,
  };
}

/** Colours of the style sheets, which plotly cannot read by itself. */
export function runLook(style, series) {
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    text: get("--text"), muted: get("--muted"), grid: get("--line"), line: get("--line-strong"), surface: get("--surface"),
    accent: get("--accent"), warm: get("--positive"), font: get("--font"), series,
  };
}
