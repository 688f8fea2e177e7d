/** Curves of runs from their reports: one run over its epochs, or several beside each other. Pure. */

export const MOST_POINTS = 1500;
export const MOST_RUNS = 8;

/** Figures beside the loss: in a sentence, at an axis. */
const SCORES = {
  accuracy: ["accuracy", "accuracy (%)"],
  r2: ["R²", "R²"],
  kl: ["KL divergence", "KL divergence (nats)"],
};

/** A figure without data, a sentence in its middle. */
export function messageFigure(message, look) {
  const layout = dressed({ xaxis: { visible: false }, yaxis: { visible: false } }, look);
  const at = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
  return { data: [], layout: { ...layout, annotations: [{ ...at, text: message, font: { color: look.muted, size: 13 } }] } };
}

/**
 * Loss of one run over its epochs, and accuracy, R² or divergence where the task has one.
 * @param {object[]} rows  reports
 * @param {object} look  colours and font, see runLook
 * @param {{id?: string, active?: boolean}} run  its id lets zoom survive an update
 */
export function runFigure(rows, look, { id = "", active = true } = {}) {
  const words = active ? "The first figures come with the first epoch." : "This run ended before its first figures.";
  if (rows.length === 0) return messageFigure(words, look);
  const score = Object.keys(SCORES).find((name) => rows.some((row) => `test_${name}` in row));
  const parts = [["train_loss", "loss", "training", look.accent, ""], ["test_loss", "loss", "test", look.warm, ""]];
  if (score) {
    const words = SCORES[score][0];
    parts.push([`train_${score}`, words, "training", look.accent, "2"], [`test_${score}`, words, "test", look.warm, "2"]);
  }
  const data = parts.flatMap(([key, words, name, colour, axis]) => {
    const line = curve(rows, key);
    if (line.x.length === 0) return [];
    return [{ ...line, name, showlegend: axis === "", legendgroup: colour, line: { color: colour, width: 1.8 },
      xaxis: `x${axis}`, yaxis: `y${axis}`, hovertemplate: `${words}, ${name} %{y:.4~g}${unitOf(key)}<extra></extra>` }];
  });
  const layout = { ...axes(Boolean(score), floorOf([rows]), "loss", score && SCORES[score][1]), uirevision: id };
  return { data, layout: dressed(layout, look) };
}

/**
 * Training loss and test figure of several runs, one colour each; runs of different tasks share the loss alone.
 * @param {{name: string, rows: object[]}[]} runs
 */
export function comparisonFigure(runs, look) {
  const keys = [...Object.keys(SCORES), "loss"].map((name) => `test_${name}`);
  const has = ({ rows }, key) => rows.some((row) => key in row);
  const key = keys.find((one) => runs.every((run) => has(run, one))) ?? keys.find((one) => runs.some((run) => has(run, one))) ?? "test_loss";
  const data = runs.slice(0, MOST_RUNS).flatMap(({ name, rows }, k) => {
    const shown = { name, legendgroup: `${k}`, line: { color: look.series[k], width: 1.8 } };
    return [
      { ...curve(rows, "train_loss"), ...shown, xaxis: "x", yaxis: "y", hovertemplate: "%{y:.4~g}" },
      { ...curve(rows, key), ...shown, showlegend: false, xaxis: "x2", yaxis: "y2", hovertemplate: `%{y:.4~g}${unitOf(key)}` },
    ];
  });
  const words = SCORES[key.replace("test_", "")]?.[1] ?? "loss";
  const layout = axes(true, floorOf(runs.map(({ rows }) => rows)), "training loss", `test ${words}`);
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

function curve(rows, key) {
  const { x, y } = series(rows, key);
  const factor = key.endsWith("accuracy") ? 100 : 1;
  return { type: "scatter", mode: x.length > 1 ? "lines" : "markers", x, y: y.map((value) => factor * value) };
}

const unitOf = (key) => (key.endsWith("accuracy") ? " %" : "");

/** Losses begin at zero where none is below it. */
function floorOf(runs) {
  const below = runs.some((rows) => rows.some((row) => row.train_loss < 0 || row.test_loss < 0));
  return below ? "normal" : "tozero";
}

function axes(two, rangemode, left, right) {
  const epochs = { title: { text: "epoch" }, rangemode: "tozero" };
  /** @type {Record<string, any>} */
  const layout = { hovermode: "x unified", xaxis: { ...epochs }, yaxis: { title: { text: left }, rangemode } };
  if (!two) return layout;
  layout.xaxis.domain = [0, 0.455];
  layout.xaxis2 = { ...epochs, domain: [0.545, 1], anchor: "y2" };
  layout.yaxis2 = { title: { text: right }, anchor: "x2" };
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
