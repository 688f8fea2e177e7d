/** The second ruler of a run: which recorded epoch is on the board, with its curves over all epochs beside the scope. */

import { el, iconButton, put, setGlyph, setText } from "../lib/dom.mjs";
import { createChart } from "../panels/scope/chart.mjs";
import { createBoundary } from "./boundary.mjs";

const EPOCH_MS = 450;

/** Ascending epochs and one line a curve: null where nothing was reported. Pure in what it is given. */
export function curveLines(rows, curves) {
  const epochs = rows.map(({ epoch }) => epoch);
  return { epochs, lines: curves.map(({ name }) => rows.map((row) => (Number.isFinite(row[name]) ? row[name] : null))) };
}

/** A range that holds all values; from zero where none is below it. */
export function rangeOf(lines) {
  const values = lines.flat().filter((value) => value !== null);
  if (values.length === 0) return [0, 1];
  const low = Math.min(0, ...values);
  const high = Math.max(...values);
  const room = 0.06 * (high - low || 1);
  return [low < 0 ? low - room : 0, high + room];
}

/** One chart of a group of curves with a mark at the epoch that is shown. */
function createPlot(group, rows, { look, colours }) {
  const host = el("div", { class: "run-plot-host" });
  const mark = el("div", { class: "run-plot-mark", hidden: true });
  const keys = group.curves.map(({ title }, k) => el("span", { class: "run-plot-key" }, el("span", { class: "scope-swatch", style: { background: colours()[k] } }), title));
  const root = el("figure", { class: "run-plot" }, el("figcaption", {}, el("b", { text: group.title }), keys), el("div", { class: "run-plot-area" }, host, mark));
  const chart = createChart(host);
  const { epochs, lines } = curveLines(rows, group.curves);
  const view = () => ({
    t: epochs, lines, colours: group.curves.map((_, k) => colours()[k]), times: [0, epochs.at(-1)],
    values: rangeOf(lines), title: "", across: "Epoch", rows: null, look: look(),
  });

  function point(epoch) {
    const frame = chart.frame();
    mark.hidden = !frame;
    if (!frame) return;
    mark.style.transform = `translateX(${frame.xOf(epoch)}px)`;
    mark.style.top = `${frame.top}px`;
    mark.style.height = `${frame.height}px`;
  }

  async function draw(epoch) {
    root.querySelectorAll(".scope-swatch").forEach((swatch, k) => swatch.style.setProperty("background", colours()[k]));
    if (await chart.draw(view)) point(epoch);
  }

  return { root, draw, point };
}

/** Slider and button; `onEpoch` hears of the place among the recorded ones. */
function createRuler(bar, epochs, onEpoch) {
  let timer = 0;
  const play = iconButton("play", "Play the epochs", { class: "small", on: { click: () => toggle() } });
  const words = el("output", { class: "transport-time", "aria-label": "Epoch" });
  const slider = el("input", {
    type: "range", class: "transport-slider", min: 0, max: epochs.length - 1, step: 1, value: String(epochs.length - 1), "aria-label": "Epoch",
    on: { input: () => { stop(); onEpoch(Number(slider.value)); } },
  });
  put(bar, el("span", { class: "epoch-title", text: "Epoch" }), play, slider, words);

  function stop() {
    clearInterval(timer);
    timer = 0;
    setGlyph(play, "play", "Play the epochs");
  }

  function toggle() {
    if (timer) return stop();
    setGlyph(play, "pause", "Pause");
    if (Number(slider.value) === epochs.length - 1) onEpoch(0);
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      onEpoch(next);
      if (next >= epochs.length - 1) stop();
    }, EPOCH_MS);
    return undefined;
  }

  return {
    show(place) {
      slider.value = String(place);
      slider.style.setProperty("--share", `${epochs.length > 1 ? (100 * place) / (epochs.length - 1) : 100}%`);
      setText(words, `${epochs[place]} / ${epochs.at(-1)}`);
      slider.setAttribute("aria-valuetext", `epoch ${epochs[place]}`);
    },
  };
}

/**
 * @param {{store: any, payload: any, bar: HTMLElement, plots: HTMLElement, look: () => any, colours: () => string[]}} parts
 */
export function createEpochs({ store, payload, bar, plots: host, look, colours }) {
  const { epochs, rows, groups, board } = payload.words;
  const plots = rows.length > 1 ? groups.map((group) => createPlot(group, rows, { look, colours })) : [];
  const boundary = payload.has(`boundary/${epochs.at(-1)}`) ? createBoundary({ payload }) : null;
  const ruler = createRuler(bar, epochs, show);
  let place = epochs.length - 1;
  put(host, boundary?.root, plots.map(({ root }) => root));

  function show(next) {
    place = next;
    const epoch = epochs[place];
    ruler.show(place);
    if (board) store.set({ sim: payload.trajectory(`epoch/${epoch}`), simState: "fresh", run: { epoch } });
    for (const plot of plots) plot.point(epoch);
    boundary?.show(epoch, look());
  }

  function repaint() {
    for (const plot of plots) plot.draw(epochs[place]);
    boundary?.show(epochs[place], look());
  }

  new ResizeObserver(repaint).observe(host);
  store.on(["theme"], repaint);
  show(place);
  return { show: (epoch) => show(Math.max(0, epochs.indexOf(epoch))) };
}
