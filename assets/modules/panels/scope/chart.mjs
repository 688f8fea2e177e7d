/** Curves, axes and the time axis by uPlot, which nothing else knows; a heat map borrows its axes. */

import { lateScript, lateStyle, vendored } from "../../lib/late.mjs";
import { tickLabels } from "../../lib/numbers.mjs";
import { stepColumns } from "./range.mjs";

const FONT_PX = 11;
const LINE_PX = 1.8;
const BAR = { gap: 8, width: 10 }; // the colour bar, right of the plot
const BELOW = 38;
const NARROWEST = 40; // labels of the vertical axis
const LETTER = 6.4;
const ROW_PX = 14; // between two labels of rows
const ROW_LETTERS = 9;
const STEP_PX = 6; // height of the mark of an accepted step

/** @type {() => Promise<any>} */
const loadScript = lateScript(
  () => vendored("uplot/uPlot.iife.min.js"), () => globalThis.uPlot, "The scope's curves could not be loaded.",
);
let Library = null;

async function load() {
  // A page that plays by itself brings the library and its style sheet along.
  const [found] = await Promise.all([loadScript(), globalThis.uPlot ? null : lateStyle(vendored("uplot/uPlot.min.css"))]);
  Library = found;
}

/**
 * What is drawn.
 * @typedef {object} View
 * @property {ArrayLike<number>} t  seconds, ascending
 * @property {ArrayLike<number|null>[]} lines  null where a curve has a gap
 * @property {string[]} colours  one a curve
 * @property {[number, number]} times  part of the time axis
 * @property {[number, number]} values  of the vertical axis, or of the colour bar where there are rows
 * @property {string} title  of the values
 * @property {string} [across]  title of the horizontal axis, where it is not time
 * @property {ArrayLike<number>|null} [steps]  seconds at which the solver's accepted steps end
 * @property {string[]|null} rows  names of the rows of a heat map
 * @property {(brush: CanvasRenderingContext2D, plot: Box, bar: Box) => void} [paint]  the heat map and its bar
 * @property {{line: string, strong: string, muted: string, font: string}} look
 */

/** @typedef {{left: number, top: number, width: number, height: number}} Box */

/** @param {HTMLElement} host */
export function createChart(host) {
  let chart = null;
  let built = "";
  /** @type {any} */
  let view = null;

  function clear() {
    chart?.destroy();
    chart = null;
    built = "";
  }

  /** Draws what `next` gives, asked for when the library is there; it gives null when there is no longer anything to draw. */
  async function draw(next) {
    if (!Library) await load();
    view = next();
    if (!view || host.clientWidth === 0) return false;
    const key = JSON.stringify([view.colours, view.title, view.rows, view.look]);
    const size = { width: host.clientWidth, height: host.clientHeight };
    const data = [view.t, ...view.lines];
    if (key !== built) {
      clear();
      chart = new Library({ ...optionsOf(() => view), ...size }, data, host);
      built = key;
      await null; // uPlot measures in the microtask before this one
    } else {
      chart.batch(() => {
        chart.setSize(size);
        chart.setData(data);
      });
    }
    return chart !== null;
  }

  /** Where the plot lies in its host in CSS pixels, and what its pixels mean; null when nothing is drawn. */
  function frame() {
    if (!chart) return null;
    const { left, top, width, height } = scaled(chart.bbox, 1 / Library.pxRatio);
    return {
      left, top, width, height,
      timeAt: (x) => chart.posToVal(x - left, "x"),
      xOf: (time) => left + chart.valToPos(time, "x"),
      valueAt: (y) => chart.posToVal(y - top, "y"),
      yOf: (value) => top + chart.valToPos(value, "y"),
    };
  }

  return { draw, clear, frame };
}

const scaled = ({ left, top, width, height }, by) => ({ left: by * left, top: by * top, width: by * width, height: by * height });

/** Numbers come with 24 bits: the tick at the end of an axis must not fall just outside. */
const withEnds = (range) => range.map((value) => value * (1 + 1e-7));

/** @param {() => View} now */
function optionsOf(now) {
  const { rows, colours } = now();
  return {
    padding: [8, rows ? 0 : 20, 0, 0], // the last time is as wide as "500µ"
    cursor: { show: false },
    legend: { show: false },
    select: { show: false },
    scales: {
      x: { time: false, range: () => withEnds(now().times) },
      y: rows ? { dir: -1, range: () => [-0.5, rows.length - 0.5] } : { range: () => now().values },
      ...(rows ? { bar: { range: () => withEnds(now().values) } } : {}),
    },
    // Curves are smooth only where their points are not moved to whole pixels.
    series: [{}, ...colours.map((stroke) => ({ stroke, width: LINE_PX, pxAlign: 0, points: { show: false } }))],
    axes: axesOf(now()),
    hooks: { drawAxes: [(chart) => paintUnder(chart, now())] },
  };
}

/** @param {View} view */
function axesOf({ look, rows, title, across }) {
  const font = `${FONT_PX}px ${look.font}`;
  const plain = {
    stroke: look.muted, font, labelFont: font, labelGap: 0, labelSize: 17, gap: 6, ticks: { show: false },
    grid: { show: !rows, stroke: look.line, width: 1 },
    values: (_chart, ticks, _axis, _space, step) => tickLabels(ticks, step),
  };
  const time = { ...plain, label: across ?? "Time (s)", size: BELOW - plain.labelSize, space: 90 };
  const wide = (_chart, labels) => Math.max(NARROWEST, 12 + LETTER * Math.max(0, ...(labels ?? []).map((label) => label.length)));
  if (!rows) return [time, { ...plain, label: title, size: wide, space: 26 }];
  return [
    time,
    {
      ...plain,
      size: wide,
      splits: (chart) => everyRow(rows.length, chart.height - BELOW),
      values: (_chart, places) => places.map((k) => shortened(rows[k])),
    },
    { ...plain, scale: "bar", side: 1, label: title, gap: BAR.gap + BAR.width + 4, size: (...given) => BAR.gap + BAR.width + wide(...given), space: 26 },
  ];
}

/** The rows that have room for a name. */
function everyRow(count, height) {
  const every = Math.max(1, Math.ceil((count * ROW_PX) / Math.max(height, ROW_PX)));
  return Array.from({ length: Math.ceil(count / every) }, (_, k) => k * every);
}

const shortened = (name) => (name.length > ROW_LETTERS ? `${name.slice(0, ROW_LETTERS - 1)}…` : name);

/**
 * What lies under the curves: the line of zero, or the heat map.
 * @param {any} chart
 * @param {View} view
 */
function paintUnder(chart, { rows, values: [low, high], look, paint, steps }) {
  const { ctx, bbox } = chart;
  ctx.save();
  if (rows) {
    const ratio = Library.pxRatio;
    paint?.(ctx, bbox, { ...bbox, left: bbox.left + bbox.width + BAR.gap * ratio, width: BAR.width * ratio });
  } else if (low < 0 && high > 0) {
    ctx.fillStyle = look.strong;
    const thick = Math.max(1, Math.round(Library.pxRatio));
    ctx.fillRect(bbox.left, Math.round(chart.valToPos(0, "y", true) - thick / 2), bbox.width, thick);
  }
  if (steps) paintSteps(chart, steps, look);
  ctx.restore();
}

/** A tick on the lower edge for every accepted step; where several share a pixel it is darker. */
function paintSteps(chart, steps, look) {
  const { ctx, bbox } = chart;
  const counts = stepColumns(steps, [chart.posToVal(0, "x"), chart.posToVal(bbox.width / Library.pxRatio, "x")], Math.floor(bbox.width));
  const height = STEP_PX * Library.pxRatio;
  ctx.fillStyle = look.muted;
  counts.forEach((count, column) => {
    if (count === 0) return;
    ctx.globalAlpha = Math.min(1, 0.4 + 0.15 * count);
    ctx.fillRect(bbox.left + column, bbox.top + bbox.height - height, 1, height);
  });
  ctx.globalAlpha = 1;
}
