/** The scope: curves of chosen nodes or a heat map of all, with a cursor that is dragged to scrub. */

import { byId, el, iconButton, put, setGlyph } from "../../lib/dom.mjs";
import { rampOf, themeColours } from "../../paint/colours.mjs";
import { download, fileName } from "../files.mjs";
import { axisOf, chooseTraces, createColours, curvesOf, tracesCsv } from "../traces.mjs";
import { createChart } from "./chart.mjs";
import { createGlass } from "./glass.mjs";
import { heatOf } from "./heat.mjs";
import { heatPainter } from "./heat_paint.mjs";
import { createLegend } from "./legend.mjs";
import { createRange } from "./range.mjs";
import { createScopeWords } from "./words.mjs";

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
    frame: curves.frame, store, playback, select, shown: curves.shown,
    zoom: (centre, factor) => { range.zoom(curves.shown().sim.duration, centre, factor); plan(); },
    unzoom: () => { range.reset(); plan(); },
  });
  arrange(root, { plot, glass, words, legend, tools: [view, csv] });
  let heat = false;

  function select(id) {
    const { sim, choice: { what } } = curves.shown();
    const source = what === "devices" ? sim.sources.nodeOf(id) : null;
    store.set({ selection: { nodes: [], devices: [], ...(source === null ? { [what]: [id] } : { nodes: [source] }) } });
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
    const drawn = await curves.draw(() => heat).catch((error) => { toast(error.message, "error"); });
    if (drawn) glass.placeCursor();
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

/** Curves under their glass, the legend beside them. */
function arrange(root, { plot, glass, words, legend, tools }) {
  put(root,
    el("div", { class: "scope-main" }, plot, glass.root, words.hint, words.empty, words.alert),
    el("div", { class: "scope-side" }, el("div", { class: "scope-tools" }, legend.note, tools), legend.root, words.gap));
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

/** What is on show, drawn. */
function createCurves({ store, plot, range }) {
  const assign = createColours();
  const chart = createChart(plot);
  /** @type {any} */
  let shown = null; // {sim, lane, choice, axis, colours, heat}

  function clear() {
    shown = null;
    chart.clear();
  }

  function choose({ sim, lane, selection, probes, doc, theme, settings }) {
    const usable = lane === "adjoint" && !sim.hasAdjoint ? "voltages" : lane;
    const choice = chooseTraces({ sim, lane: usable, selection, probes, doc });
    if (shown?.sim.duration !== sim.duration) range.reset();
    shown = { sim, lane: usable, choice, axis: axisOf(usable, choice.what, settings?.loss), colours: assign(choice.ids, theme), heat: null };
    return shown;
  }

  function viewOf(heat) {
    const { sim, lane, choice, axis, colours } = shown;
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    const look = { line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font") };
    const common = { t: sim.t, times: range.of(sim.duration), title: axis.title, look };
    shown.heat = heat ? heatOf(sim, lane, choice.what) : null;
    if (!shown.heat) return { ...common, ...curvesOf(sim, lane, choice), colours: choice.ids.map((id) => colours.get(id)), rows: null };
    const { ids, limit } = shown.heat;
    const paint = heatPainter(shown.heat, common.times, rampOf(themeColours(store.get().theme, style), lane));
    return { ...common, lines: [], colours: [], rows: ids, values: [-limit, limit], paint };
  }

  /** Resolves to whether it was drawn: not when another simulation came while the library was loaded. */
  function draw(heat) {
    const { sim } = shown;
    return chart.draw(() => (shown && store.get().sim === sim ? viewOf(heat()) : null));
  }

  return { shown: () => shown, frame: chart.frame, clear, choose, draw };
}
