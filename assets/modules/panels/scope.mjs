/** The scope: curves of chosen nodes or a heat map of all, with a cursor that is dragged to scrub. */

import { byId, el, iconButton, put, setGlyph, setText } from "../lib/dom.mjs";
import { download, fileName } from "./files.mjs";
import { clockTime, quantity } from "../lib/numbers.mjs";
import { paced } from "../lib/pace.mjs";
import { loadPlotly } from "../lib/plotly.mjs";
import { doubtSentence, gapOf } from "../play/trust.mjs";
import { axisOf, chooseTraces, createColours, heatTraces, lineTraces, scopeLayout, tracesCsv } from "./traces.mjs";

const CONFIG = { staticPlot: true, displayModeBar: false, responsive: false, doubleClick: false };
const READOUT_MS = 66;
const SMALLEST_ZOOM = 1e-3;

/** What is missing when the curves say nothing. */
function hintFor({ sim, lane, doc, readOnly, run, simState }) {
  if (!sim || sim.T < 2) return "";
  if (lane === "adjoint" && !sim.hasAdjoint) {
    if (readOnly && !run) return "A network of this size is computed forwards only, without its adjoint.";
    if (readOnly) return "A replay holds voltages and currents, no adjoint.";
    if (doc?.outputs.length === 0) return "There is no loss yet: select a node and press O to mark it as output.";
    return simState === "running" ? "" : "The adjoint circuit is computed next.";
  }
  return sim.ranges("voltages").v === 0 ? "Every node stays at 0 V. Give one of them a start voltage to see something move." : "";
}

/** @param {{store, playback, commands, toast}} parts */
export function createScope({ store, playback, commands, toast }) {
  const root = byId("scope");
  const plot = el("div", { class: "scope-plot" });
  const cursor = el("div", { class: "scope-cursor", hidden: true });
  const hair = el("div", { class: "scope-hair", hidden: true });
  const tip = el("div", { class: "scope-tip", hidden: true });
  const glass = el("div", { class: "scope-glass", "aria-hidden": "true" }, hair, cursor, tip);
  const legend = el("div", { class: "scope-legend", role: "list", "aria-label": "Curves" });
  const view = iconButton("heat", "Heat map of all", { dataset: { command: "heat-map" } });
  const csv = iconButton("download", "Save the curves as CSV", { dataset: { command: "traces-csv" } });
  const note = el("p", { class: "scope-note" });
  const hint = el("p", { class: "scope-hint", hidden: true });
  const alert = el("p", { class: "scope-alert", role: "alert", hidden: true });
  const gap = el("p", { class: "scope-gap", hidden: true });
  const empty = el("p", { class: "scope-empty", text: "Curves appear here as soon as the circuit has been simulated." });
  put(
    root,
    el("div", { class: "scope-main" }, plot, glass, hint, empty, alert),
    el("div", { class: "scope-side" }, el("div", { class: "scope-tools" }, note, view, csv), legend, gap),
  );

  const assign = createColours();
  let plotly = null;
  /** @type {any} */
  let shown = null; // {sim, lane, choice, axis, colours, heat}
  let heat = false;
  let range = null;
  let planned = false;
  const values = new Map();
  let legendKey = "";

  function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      draw();
    });
  }

  function styleColours() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    return { line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font"), negative: get("--negative"), neutral: get("--surface-2"), positive: get("--positive") };
  }

  async function draw() {
    const { sim, lane, selection, probes, doc, theme, settings } = store.get();
    root.dataset.filled = String(Boolean(sim));
    setText(hint, hintFor(store.get()));
    hint.hidden = hint.textContent === "";
    if (!sim || sim.T < 2) {
      shown = null;
      cursor.hidden = true;
      put(legend);
      legendKey = "";
      setText(note, "");
      if (plotly && plot.classList.contains("js-plotly-plot")) plotly.purge(plot);
      empty.hidden = false;
      return;
    }
    empty.hidden = true;
    const usable = lane === "adjoint" && !sim.hasAdjoint ? "voltages" : lane;
    const choice = chooseTraces({ sim, lane: usable, selection, probes, doc });
    const axis = axisOf(usable, choice.what, settings?.loss);
    const colours = assign(choice.ids, theme);
    if (shown?.sim.duration !== sim.duration) range = null;
    shown = { sim, lane: usable, choice, axis, colours, heat: null };
    drawLegend();
    plotly ??= await loadPlotly();
    if (!plotly || store.get().sim !== sim || plot.clientWidth === 0) return;
    const styles = styleColours();
    shown.heat = heat ? heatTraces(sim, usable, choice.what, styles) : null;
    const layout = scopeLayout({ axis, duration: sim.duration, range, colours: styles, heat: shown.heat });
    layout.width = plot.clientWidth;
    layout.height = plot.clientHeight;
    await plotly.react(plot, shown.heat ? shown.heat.traces : lineTraces(sim, usable, choice, colours), layout, CONFIG);
    placeCursor();
  }

  function drawLegend() {
    const { choice, colours, lane } = shown;
    const { probes, theme } = store.get();
    const key = JSON.stringify([choice, probes, lane, theme, heat]);
    if (key === legendKey) return paintValues();
    legendKey = key;
    values.clear();
    setText(note, heat
      ? `All ${choice.what === "nodes" ? shown.sim.N : shown.sim.E} ${choice.what}`
      : choice.chosen ? "Selected" : `Most active ${choice.what}`);
    put(
      legend,
      choice.ids.map((id) => {
        const value = el("span", { class: "scope-value" });
        values.set(id, value);
        const pinned = choice.what === "nodes" && probes.includes(id);
        return el(
          "div",
          { class: "scope-entry", role: "listitem" },
          el("button", { type: "button", class: "scope-name", title: `Select ${id}`, on: { click: () => select(id) } },
            el("span", { class: "scope-swatch", style: { background: colours.get(id) } }), el("span", { class: "scope-id", text: id })),
          value,
          choice.what === "nodes"
            ? iconButton(pinned ? "close" : "pin", pinned ? `Take ${id} off the scope` : `Pin ${id} to the scope`, { class: "scope-pin", on: { click: () => commands.run("probe", id) } })
            : null,
        );
      }),
    );
    return paintValues();
  }

  function select(id) {
    const nodes = shown.choice.what === "nodes";
    store.set({ selection: { nodes: nodes ? [id] : [], devices: nodes ? [] : [id] } });
  }

  function paintValues() {
    if (!shown) return;
    const { time } = store.get();
    for (const [id, element] of values) setText(element, quantity(valueOf(id, time), shown.axis.unit));
  }
  const readout = paced(paintValues, READOUT_MS);

  function valueOf(id, time) {
    const { sim, lane, choice } = shown;
    return choice.what === "nodes" ? sim.valueAt(id, time, lane) : sim.deviceValueAt(id, time, lane);
  }

  const axes = () => plot._fullLayout ?? null;

  function placeCursor() {
    const layout = axes();
    if (!shown || !layout?.xaxis?.l2p) {
      cursor.hidden = true;
      return;
    }
    const x = layout.xaxis.l2p(store.get().time);
    const visible = x >= -1 && x <= layout.xaxis._length + 1;
    cursor.hidden = !visible;
    if (visible) cursor.style.transform = `translateX(${layout.xaxis._offset + x}px)`;
    cursor.style.top = `${layout.yaxis._offset}px`;
    cursor.style.height = `${layout.yaxis._length}px`;
  }

  function timeAt(event) {
    const { xaxis } = axes();
    const x = event.clientX - glass.getBoundingClientRect().left - xaxis._offset;
    return xaxis.p2l(Math.min(Math.max(x, 0), xaxis._length));
  }

  function hover(event) {
    const layout = axes();
    if (!shown || !layout?.xaxis?.p2l) return;
    const box = glass.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const { xaxis, yaxis } = layout;
    const inside = x >= xaxis._offset && x <= xaxis._offset + xaxis._length && y >= yaxis._offset && y <= yaxis._offset + yaxis._length;
    hair.hidden = tip.hidden = !inside;
    if (!inside) return;
    const time = timeAt(event);
    hair.style.transform = `translateX(${x}px)`;
    hair.style.top = `${yaxis._offset}px`;
    hair.style.height = `${yaxis._length}px`;
    const head = el("div", { class: "tip-head", text: `t = ${clockTime(time, shown.sim.duration)}` });
    put(tip, head, shown.heat ? heatRow(yaxis, y, time) : lineRows(yaxis, y, time));
    const left = x + 14 + tip.offsetWidth > box.width ? x - 14 - tip.offsetWidth : x + 14;
    tip.style.transform = `translate(${left}px, ${Math.min(Math.max(y - 20, 0), Math.max(box.height - tip.offsetHeight, 0))}px)`;
  }

  function lineRows(yaxis, y, time) {
    const at = yaxis.p2l(y - yaxis._offset);
    return shown.choice.ids
      .map((id) => ({ id, value: valueOf(id, time) }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => Math.abs(a.value - at) - Math.abs(b.value - at))
      .slice(0, 5)
      .map(({ id, value }) => tipRow(id, value, shown.colours.get(id)));
  }

  function heatRow(yaxis, y, time) {
    const row = Math.round(yaxis.p2l(y - yaxis._offset));
    const id = shown.heat.ids[row];
    return id === undefined ? [] : [tipRow(id, valueOf(id, time), null)];
  }

  function tipRow(id, value, colour) {
    return el("div", { class: "tip-row" },
      colour ? el("span", { class: "scope-swatch", style: { background: colour } }) : null,
      el("span", { text: id }), el("b", { text: quantity(value, shown.axis.unit) }));
  }

  let dragging = false;
  glass.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !axes() || !shown) return;
    dragging = true;
    glass.setPointerCapture(event.pointerId);
    playback.pause();
    playback.seek(timeAt(event));
    event.preventDefault();
  });
  glass.addEventListener("pointermove", (event) => {
    if (dragging && axes()) playback.seek(timeAt(event));
    hover(event);
  });
  for (const type of ["pointerup", "pointercancel"]) glass.addEventListener(type, () => { dragging = false; });
  glass.addEventListener("pointerleave", () => { hair.hidden = tip.hidden = true; });
  glass.addEventListener("click", (event) => {
    if (!shown?.heat || !axes()) return;
    const { yaxis } = axes();
    const row = Math.round(yaxis.p2l(event.clientY - glass.getBoundingClientRect().top - yaxis._offset));
    if (shown.heat.ids[row] !== undefined) select(shown.heat.ids[row]);
  });
  glass.addEventListener("wheel", (event) => {
    if (!axes() || !shown) return;
    event.preventDefault();
    zoom(timeAt(event), event.deltaY > 0 ? 1.25 : 0.8);
  }, { passive: false });
  glass.addEventListener("dblclick", () => {
    range = null;
    plan();
  });

  /** Narrow or widen the time axis around `centre`. */
  function zoom(centre, factor) {
    const { duration } = shown.sim;
    const [a, b] = range ?? [0, duration];
    const width = Math.max((b - a) * factor, SMALLEST_ZOOM * duration);
    if (width >= duration) range = null;
    else {
      const left = Math.min(Math.max(centre - ((centre - a) / (b - a)) * width, 0), duration - width);
      range = [left, left + width];
    }
    plan();
  }

  commands.registerAll({
    "heat-map": {
      title: "Scope: curves or heat map",
      group: "Scope",
      run: () => {
        heat = !heat;
        setGlyph(view, heat ? "lines" : "heat", heat ? "Curves" : "Heat map of all");
        root.dataset.view = heat ? "heat" : "lines";
        plan();
      },
    },
    "traces-csv": {
      title: "Save the curves as CSV",
      group: "Export",
      enabled: () => Boolean(shown),
      run: () => {
        const { sim, lane, choice, axis } = shown;
        const every = heat ? { what: choice.what, ids: choice.what === "nodes" ? sim.nodeIds : sim.deviceIds } : choice;
        download(fileName(store.get().doc?.name ?? "", `-${lane}.csv`), tracesCsv(sim, lane, every, axis), "text/csv");
        toast("Curves saved as CSV.", "ok");
      },
    },
  });

  /** What is wrong stays above the curves, whatever is played: no simulation, or one that is not right. */
  function paintAlert({ sim, simState, simError }) {
    const failure = simState !== "error" || !simError ? ""
      : simError.offline ? "The server does not answer; what you see is the last simulation." : simError.message;
    const doubt = doubtSentence(sim?.status);
    setText(alert, failure || doubt);
    alert.hidden = alert.textContent === "";
    alert.classList.toggle("doubt", !failure && doubt !== "");
  }

  function paintGap({ sim, lane }) {
    const found = lane === "adjoint" && sim?.hasAdjoint ? gapOf(sim.header.gradient_gap) : null;
    gap.hidden = !found;
    setText(gap, found?.text ?? "");
    gap.classList.toggle("doubt", Boolean(found?.doubt));
  }

  store.on(["sim", "simState", "simError"], paintAlert);
  store.on(["sim", "lane"], paintGap);
  store.on(["sim", "lane", "selection", "probes", "theme"], plan);
  store.on(["time"], () => {
    placeCursor();
    readout();
  });
  new ResizeObserver(() => plan()).observe(plot);
  plan();
}
