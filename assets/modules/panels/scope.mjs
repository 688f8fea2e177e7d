/** The scope: curves of chosen nodes or a heat map of all, with a cursor that is dragged to scrub. */

import { byId, el, iconButton, put, setGlyph } from "../lib/dom.mjs";
import { loadPlotly } from "../lib/plotly.mjs";
import { download, fileName } from "./files.mjs";
import { createGlass } from "./scope_glass.mjs";
import { createLegend } from "./scope_legend.mjs";
import { createScopeWords } from "./scope_words.mjs";
import { axisOf, chooseTraces, createColours, heatTraces, lineTraces, scopeLayout, tracesCsv } from "./traces.mjs";

const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false, doubleClick: false };
const SMALLEST_ZOOM = 1e-3;

/** @param {{store, playback, commands, toast}} parts */
export function createScope({ store, playback, commands, toast }) {
  const root = byId("scope");
  const plot = el("div", { class: "scope-plot" });
  const view = iconButton("heat", "Heat map of all", { dataset: { command: "heat-map" } });
  const csv = iconButton("download", "Save the curves as CSV", { dataset: { command: "traces-csv" } });
  const words = createScopeWords({ store });
  const range = createRange();
  const curves = createCurves({ store, plot, range });
  const legend = createLegend({ store, commands, select });
  const plan = oncePerFrame(draw);
  const glass = createGlass({
    plot, store, playback, select, shown: curves.shown,
    zoom: (centre, factor) => { range.zoom(curves.shown().sim.duration, centre, factor); plan(); },
    unzoom: () => { range.reset(); plan(); },
  });
  put(root,
    el("div", { class: "scope-main" }, plot, glass.root, words.hint, words.empty, words.alert),
    el("div", { class: "scope-side" }, el("div", { class: "scope-tools" }, legend.note, view, csv), legend.root, words.gap));
  let heat = false;

  function select(id) {
    const { what } = curves.shown().choice;
    store.set({ selection: { nodes: [], devices: [], [what]: [id] } });
  }

  async function draw() {
    const state = store.get();
    root.dataset.filled = String(Boolean(state.sim));
    words.paintHint(state);
    if (!state.sim || state.sim.T < 2) {
      curves.clear();
      glass.hideCursor();
      legend.clear();
      return;
    }
    legend.show(curves.choose(state), heat);
    if (await curves.draw(() => heat)) glass.placeCursor();
  }

  function toggleHeat() {
    heat = !heat;
    setGlyph(view, heat ? "lines" : "heat", heat ? "Curves" : "Heat map of all");
    root.dataset.view = heat ? "heat" : "lines";
    plan();
  }

  function save() {
    saveCurves(curves.shown(), heat, store.get().doc?.name ?? "");
    toast("Curves saved as CSV.", "ok");
  }

  commands.registerAll({
    "heat-map": { title: "Scope: curves or heat map", group: "Scope", run: toggleHeat },
    "traces-csv": { title: "Save the curves as CSV", group: "Export", enabled: () => Boolean(curves.shown()), run: save },
  });
  store.on(["sim", "lane", "selection", "probes", "theme"], plan);
  store.on(["time"], () => { glass.placeCursor(); legend.tick(); });
  new ResizeObserver(() => plan()).observe(plot);
  plan();
}

function saveCurves({ sim, lane, choice, axis }, every, name) {
  const chosen = every ? { what: choice.what, ids: choice.what === "nodes" ? sim.nodeIds : sim.deviceIds } : choice;
  download(fileName(name, `-${lane}.csv`), tracesCsv(sim, lane, chosen, axis), "text/csv");
}

function oncePerFrame(fn) {
  let planned = false;
  return function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      fn();
    });
  };
}

/** The part of the time axis on show; null for all of it. */
export function createRange() {
  let range = null;
  return {
    get: () => range,
    reset: () => { range = null; },
    /** Narrow or widen the time axis around `centre`. */
    zoom(duration, centre, factor) {
      const [a, b] = range ?? [0, duration];
      const width = Math.max((b - a) * factor, SMALLEST_ZOOM * duration);
      const left = Math.min(Math.max(centre - ((centre - a) / (b - a)) * width, 0), duration - width);
      range = width >= duration ? null : [left, left + width];
    },
  };
}

function styleColours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font"),
    negative: get("--negative"), neutral: get("--surface-2"), positive: get("--positive"),
  };
}

/** What is on show, drawn by plotly. */
function createCurves({ store, plot, range }) {
  const assign = createColours();
  let plotly = null;
  /** @type {any} */
  let shown = null; // {sim, lane, choice, axis, colours, heat}

  function clear() {
    shown = null;
    if (plotly && plot.classList.contains("js-plotly-plot")) plotly.purge(plot);
  }

  function choose({ sim, lane, selection, probes, doc, theme, settings }) {
    const usable = lane === "adjoint" && !sim.hasAdjoint ? "voltages" : lane;
    const choice = chooseTraces({ sim, lane: usable, selection, probes, doc });
    if (shown?.sim.duration !== sim.duration) range.reset();
    shown = { sim, lane: usable, choice, axis: axisOf(usable, choice.what, settings?.loss), colours: assign(choice.ids, theme), heat: null };
    return shown;
  }

  /** Resolves to whether it was drawn: not when plotly is missing, or another simulation came meanwhile. */
  async function draw(heat) {
    const { sim, lane, choice, axis, colours } = shown;
    plotly ??= await loadPlotly();
    if (!plotly || store.get().sim !== sim || plot.clientWidth === 0) return false;
    const styles = styleColours();
    shown.heat = heat() ? heatTraces(sim, lane, choice.what, styles) : null;
    const layout = scopeLayout({ axis, duration: sim.duration, range: range.get(), colours: styles, heat: shown.heat });
    layout.width = plot.clientWidth;
    layout.height = plot.clientHeight;
    await plotly.react(plot, shown.heat ? shown.heat.traces : lineTraces(sim, lane, choice, colours), layout, CONFIG);
    return true;
  }

  return { shown: () => shown, clear, choose, draw };
}
