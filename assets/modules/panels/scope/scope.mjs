/** The scope: curves of chosen nodes, a heat map of all or a portrait of two, with a cursor that is dragged to scrub. */

import { byId, el, iconButton, put, setGlyph } from "../../lib/dom.mjs";
import { oncePerFrame } from "../../lib/pace.mjs";
import { rampOf, themeColours } from "../../paint/colours.mjs";
import { download, fileName } from "../files/files.mjs";
import { axisOf, chooseTraces, createColours, curveName, curvesOf, tracesCsv } from "../traces.mjs";
import { createChart } from "./chart.mjs";
import { createCursors } from "./cursors.mjs";
import { createGlass } from "./glass.mjs";
import { heatOf } from "./heat.mjs";
import { heatPainter } from "./heat_paint.mjs";
import { createLegend } from "./legend.mjs";
import { scopePNG } from "./picture.mjs";
import { createPortrait } from "./portrait_view.mjs";
import { createRange } from "./range.mjs";
import { everyCurve } from "./readings.mjs";
import { createScopeWords } from "./words.mjs";

/** How the scope shows what is simulated, by the button that leads there. */
const VIEWS = { heat: { glyph: "heat", label: "Heat map of all" }, portrait: { glyph: "portrait", label: "Phase portrait of two nodes" } };

class Scope {
  #parts;
  #root = byId("scope");
  #view = "lines";
  #range = createRange();
  #words;
  #curves;
  #legend;
  #glass;
  #cursors;
  #portrait;
  #tools;
  #named; // the nodes whose names were written last

  /** @param {{store, playback, commands, toast}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, playback, commands } = parts;
    const plot = el("div", { class: "scope-plot" });
    this.plan = oncePerFrame(() => this.#draw());
    this.#tools = createTools();
    this.#words = createScopeWords({ store });
    this.#curves = createCurves({ store, plot, range: this.#range });
    const { frame, shown } = this.#curves;
    const select = (id) => this.#select(id);
    this.#legend = createLegend({ store, commands, select });
    this.#glass = createGlass({
      frame, store, playback, select, shown,
      zoom: (centre, factor) => { this.#range.zoom(shown().sim.duration, centre, factor); this.plan(); },
      unzoom: () => { this.#range.reset(); this.plan(); },
    });
    this.#cursors = createCursors({ frame, shown, range: () => this.#range.of(shown().sim.duration) });
    this.#portrait = createPortrait({ store, shown });
    arrange(this.#root, {
      plot, glass: this.#glass, words: this.#words, legend: this.#legend, cursors: this.#cursors, portrait: this.#portrait, tools: Object.values(this.#tools),
    });
    new ResizeObserver(() => this.plan()).observe(plot);
  }

  get shown() {
    return this.#curves.shown();
  }

  #select(id) {
    const { sim, choice: { what } } = this.shown;
    if (what === "energies") return;
    this.#parts.store.set({ selection: { nodes: [], devices: [], ...ownerOf(sim, what, id) } });
  }

  async #draw() {
    const state = this.#parts.store.get();
    this.#root.dataset.filled = String(Boolean(state.sim));
    this.#words.paintHint(state);
    if (!state.sim || state.sim.T < 2) {
      this.#curves.clear();
      this.#glass.hideCursor();
      this.#legend.clear();
      this.#cursors.place();
      return;
    }
    const { duration } = this.shown?.sim ?? {};
    this.#legend.show(this.#curves.choose(state), this.#view === "heat" && state.lane !== "energy");
    if (duration !== state.sim.duration) this.#cursors.forget();
    this.#portrait.show(this.#view === "portrait");
    if (this.#view === "portrait") return;
    const drawn = await this.#curves.draw(() => this.#view === "heat").catch((error) => { this.#parts.toast(error.message, "error"); });
    if (!drawn) return;
    this.#glass.placeCursor();
    this.#cursors.place();
  }

  /** Shows one of VIEWS, or the curves again. */
  turn(view) {
    this.#view = this.#view === view ? "lines" : view;
    for (const [name, { glyph, label }] of Object.entries(VIEWS)) {
      const on = this.#view === name;
      setGlyph(this.#tools[name], on ? "lines" : glyph, on ? "Curves" : label);
    }
    this.#root.dataset.view = this.#view;
    this.plan();
  }

  toggleCursors() {
    if (this.#view !== "lines") this.turn(this.#view);
    this.#cursors.toggle();
    this.#tools.cursors.setAttribute("aria-pressed", String(this.#cursors.isOn()));
    this.#root.dataset.cursors = String(this.#cursors.isOn());
    this.plan();
  }

  /** Another circuit was opened: curves without cursors. */
  asUsual() {
    if (this.#view !== "lines") this.turn(this.#view);
    if (this.#cursors.isOn()) this.toggleCursors();
  }

  save() {
    const { store, toast } = this.#parts;
    const { sim, lane, axis, nameOf } = this.shown;
    const every = everyCurve(this.shown);
    download(fileName(store.get().doc?.name ?? "", `-${lane}.csv`), tracesCsv(sim, lane, every, axis, nameOf), "text/csv");
    toast(`Saved ${every.ids.length} curves as CSV.`, "ok");
  }

  /** Saves what is drawn now, with the names of its curves. */
  async saveImage() {
    const { store } = this.#parts;
    const portrait = this.#view === "portrait";
    const drawn = this.#root.querySelector(portrait ? ".portrait-canvas" : ".scope-plot canvas");
    if (!(drawn instanceof HTMLCanvasElement)) throw new Error("The scope draws nothing yet.");
    const { choice, colours, nameOf, lane, heat } = this.shown;
    const entries = portrait || heat ? [] : choice.ids.map((id) => ({ name: nameOf(id), colour: colours.get(id) }));
    const style = getComputedStyle(document.documentElement);
    const [ground, text, font] = ["--surface", "--text", "--font"].map((name) => style.getPropertyValue(name).trim());
    const image = await scopePNG(drawn, entries, { ground, text, font }, window.devicePixelRatio || 1);
    download(fileName(store.get().doc?.name ?? "", `-${lane}.png`), image, "image/png");
  }

  /** The circuit was edited: what is shown may be called otherwise now. */
  rename() {
    const { doc } = this.#parts.store.get();
    if (doc?.nodes !== this.#named) this.plan();
    this.#named = doc?.nodes;
  }

  /** Playback went on. */
  tick({ playing }) {
    if (this.#view === "portrait") this.#portrait.draw();
    else this.#glass.placeCursor();
    if (playing) this.#legend.tick();
    else this.#legend.tick.now();
  }
}

function createTools() {
  return {
    cursors: iconButton("cursors", "Two cursors", { "aria-pressed": "false", dataset: { command: "cursors" } }),
    portrait: iconButton("portrait", VIEWS.portrait.label, { dataset: { command: "portrait" } }),
    heat: iconButton("heat", VIEWS.heat.label, { dataset: { command: "heat-map" } }),
    csv: iconButton("download", "Save all curves as CSV", { dataset: { command: "traces-csv" } }),
  };
}

/** @param {{store, playback, commands, toast}} parts */
export function createScope(parts) {
  const { store, commands } = parts;
  const scope = new Scope(parts);
  const there = () => Boolean(scope.shown);
  commands.registerAll({
    "heat-map": { title: "Scope: curves or heat map", group: "Scope", run: () => scope.turn("heat") },
    portrait: { title: "Scope: curves or phase portrait of two nodes", group: "Scope", enabled: there, run: () => scope.turn("portrait") },
    cursors: { title: "Scope: two cursors, or none", group: "Scope", enabled: there, run: () => scope.toggleCursors() },
    "scope-png": { title: "Save the scope as PNG", group: "Export", enabled: there, run: () => scope.saveImage() },
    "traces-csv": { title: "Save all curves as CSV", group: "Export", enabled: there, run: () => scope.save() },
  });
  store.on(["sim", "lane", "selection", "probes", "theme", "dockView"], scope.plan);
  store.on(["time", "playing"], (state) => scope.tick(state));
  store.on(["revision"], () => scope.rename());
  store.on(["circuitId"], () => scope.asUsual());
  scope.plan();
}

/** What is selected by a curve: its node or device, of a source its node, of a terminal its device. */
function ownerOf(sim, what, id) {
  if (what === "nodes") return { nodes: [id] };
  const source = sim.sources.nodeOf(id);
  return source === null ? { devices: [sim.terminals.endOf(id)?.device ?? id] } : { nodes: [source] };
}

/** Curves under their glass, the legend beside them. */
function arrange(root, { plot, glass, words, legend, cursors, portrait, tools }) {
  put(root,
    el("div", { class: "scope-main" }, plot, glass.root, cursors.root, portrait.root, words.hint, words.empty, words.alert),
    el("div", { class: "scope-side" }, el("div", { class: "scope-tools" }, legend.note, tools), portrait.choice, legend.root, cursors.table, words.gap, words.steps));
}

/** What is on show, drawn. */
function createCurves({ store, plot, range }) {
  const assign = createColours();
  const chart = createChart(plot);
  /** @type {any} */
  let shown = null; // {sim, lane, choice, axis, colours, heat, nameOf}

  function clear() {
    shown = null;
    chart.clear();
  }

  function choose({ sim, lane, selection, probes, doc, theme, settings }) {
    const usable = lane === "adjoint" && !sim.hasAdjoint ? "voltages" : lane;
    const choice = chooseTraces({ sim, lane: usable, selection, probes, doc });
    if (shown?.sim.duration !== sim.duration) range.reset();
    shown = { sim, lane: usable, choice, axis: axisOf(usable, choice.what, settings?.loss), colours: assign(choice.ids, theme), heat: null, nameOf: (id) => curveName({ doc, sim, what: choice.what }, id) };
    return shown;
  }

  function viewOf(heat) {
    const { sim, lane, choice, axis, colours } = shown;
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    const look = { line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font") };
    const common = { t: sim.t, times: range.of(sim.duration), title: axis.title, look };
    shown.heat = heat && choice.what !== "energies" ? heatOf(sim, lane, choice.what) : null;
    if (!shown.heat) return { ...common, ...curvesOf(sim, lane, choice), colours: choice.ids.map((id) => colours.get(id)), rows: null, steps: sim.array("step_times") };
    const { ids, limit } = shown.heat;
    const paint = heatPainter(shown.heat, common.times, rampOf(themeColours(store.get().theme, style), lane));
    return { ...common, lines: [], colours: [], rows: ids.map(shown.nameOf), values: [-limit, limit], paint };
  }

  /** Resolves to whether it was drawn: not when another simulation came while the library was loaded. */
  function draw(heat) {
    const { sim } = shown;
    return chart.draw(() => (shown && store.get().sim === sim ? viewOf(heat()) : null));
  }

  return { shown: () => shown, frame: chart.frame, clear, choose, draw };
}
