/** The Bode plot in the dock: from a source to chosen nodes, over a range that the poles give. */

import { byId, el, iconButton, put, setText } from "../../lib/dom.mjs";
import { numberField } from "../../lib/number_field.mjs";
import { figureLook } from "../../paint/figure_look.mjs";
import { nodesOf } from "../../play/small_signals.mjs";
import { showFigure } from "../figures.mjs";
import { download, fileName } from "../files/files.mjs";
import { createColours, TRACE_COLOURS } from "../traces.mjs";
import { bodeFigure } from "./bode_figure.mjs";
import { responseCsv, sentence } from "./words.mjs";

const PLOT = "bode-plot";
const MOST_CHOSEN = 50;

/** What stands in the place of the plot, "" where there is one. */
export function bodeHint({ doc, network, rest, response, sweep }) {
  if (network) return "A network of this size is shown, not linearised.";
  if (!doc || doc.nodes.length === 0) return "Draw a circuit with a source to see how it answers a small sine.";
  if (rest.state === "error") return sentence(rest.message);
  if (response.state === "error") return sentence(response.message);
  if (rest.answer?.sources.length === 0) return "There is no source to put a small sine on: hold a node by a source, or draw one.";
  if (nodesOf(doc, sweep).length === 0) return "Choose a node on the right.";
  if (!response.answer) return "Computing the response";
  const silent = response.answer.decibels.flat().every((value) => value === null);
  return silent ? `What ${response.answer.source} does to these nodes at this operating point is less than rounding.` : "";
}

/** @param {{store, commands, toast}} parts */
export function createBodeView({ store, commands, toast }) {
  const hint = el("p", { class: "scope-empty" });
  const plot = el("div", { id: PLOT, class: "graph" });
  const choice = createChoice(store);
  const side = el("div", { class: "bode-side" }, choice.root, choice.range, choice.list);
  const assign = createColours();
  put(byId("bode"), plot, side, hint);

  function draw() {
    const state = store.get();
    const { doc, dockView, rest, response, theme, sweep } = state;
    if (dockView !== "frequency" || !doc) return;
    setText(hint, bodeHint(state));
    hint.hidden = hint.textContent === "";
    plot.classList.toggle("off", !hint.hidden);
    plot.classList.toggle("outdated", response.state === "running");
    side.hidden = !rest.answer || rest.answer.sources.length === 0;
    const colours = assign(nodesOf(doc, sweep), theme);
    choice.sync(state, colours);
    if (!hint.hidden) return;
    const look = figureLook(getComputedStyle(document.documentElement), TRACE_COLOURS[theme]);
    const known = new Map(response.answer.nodes.map((id, k) => [doc.nameOf(id), colours.get(id) ?? TRACE_COLOURS[theme][k % 10]]));
    showFigure(PLOT, bodeFigure(named(response.answer, doc), rest.answer?.poles ?? [], known, look)).catch((error) => toast(error.message, "error"));
  }

  commands.registerAll({
    bode: {
      title: "Show the Bode plot, or the curves over time", group: "Playback", enabled: () => Boolean(store.get().doc),
      run: () => store.set({ dockView: store.get().dockView === "frequency" ? "time" : "frequency" }),
    },
    "bode-csv": {
      title: "Save the Bode plot as CSV", group: "Export", enabled: () => Boolean(store.get().response.answer?.nodes.length),
      run: () => {
        const { response, doc } = store.get();
        download(fileName(doc?.name ?? "", "-bode.csv"), responseCsv(named(response.answer, doc)), "text/csv");
        toast("Bode plot saved as CSV.", "ok");
      },
    },
  });
  store.on(["dockView", "doc", "revision", "rest", "response", "sweep", "theme", "network"], draw);
  draw();
}

/** An answer with the nodes under the names they are shown by. */
const named = (answer, doc) => ({ ...answer, nodes: answer.nodes.map((id) => doc.nameOf(id)) });

/** Source, range and nodes of the plot. */
function createChoice(store) {
  const change = (patch) => store.set({ sweep: { ...store.get().sweep, ...patch } });
  const source = el("select", { class: "field-select", "aria-label": "Source of the small sine", title: "Source of the small sine", on: { change: () => change({ source: source.value }) } });
  const csv = iconButton("download", "Save the Bode plot as CSV", { dataset: { command: "bode-csv" } });
  const root = el("div", { class: "bode-source" }, el("span", { class: "muted small", text: "from" }), source, csv);
  const ends = ["low", "high"].map((name) => ({ name, field: numberField({ label: name === "low" ? "From" : "To", unit: "Hz", low: 1e-15, onCommit: (value) => change({ [name]: value }) }) }));
  const auto = iconButton("refresh", "The range of the poles", { on: { click: () => change({ low: null, high: null }) } });
  const range = el("div", { class: "bode-range" }, ends.map(({ field }) => field.root), auto);
  const list = el("div", { class: "scope-legend", role: "group", "aria-label": "Nodes of the plot" });
  let offered = "";

  function offer(sources, doc) {
    const key = JSON.stringify([sources, sources.map(({ name }) => doc.nameOf(name))]);
    if (key === offered) return;
    offered = key;
    put(source, sources.map(({ name, unit }) => el("option", { value: name, text: `${doc.nameOf(name)} (${unit})` })));
  }

  function toggle(id) {
    const now = nodesOf(store.get().doc, store.get().sweep);
    const next = now.includes(id) ? now.filter((other) => other !== id) : [...now, id];
    if (next.length <= MOST_CHOSEN) change({ nodes: next });
  }

  function sync({ doc, rest, response, sweep, theme }, colours) {
    offer(rest.answer?.sources ?? [], doc);
    if (response.answer) source.value = response.answer.source;
    const frequencies = response.answer?.frequencies;
    ends.forEach(({ name, field }, k) => field.set(sweep[name] ?? (frequencies ? frequencies[k === 0 ? 0 : frequencies.length - 1] : NaN)));
    auto.disabled = sweep.low === null && sweep.high === null;
    paintList(list, doc, colours, theme, toggle);
  }

  return { root, range, list, sync };
}

/** Every node as a switch; of those on, the colour of the curve. */
function paintList(list, doc, colours, theme, toggle) {
  const key = JSON.stringify([doc.nodes.map(({ id }) => doc.fullNameOf(id)), [...colours], theme]);
  if (list.dataset.shown === key) return;
  list.dataset.shown = key;
  const held = document.activeElement?.closest?.(".bode-node")?.getAttribute("data-node");
  put(list, doc.nodes.map(({ id }) => el("button",
    { type: "button", class: "scope-entry scope-name bode-node", "aria-pressed": String(colours.has(id)), dataset: { node: id }, on: { click: () => toggle(id) } },
    el("span", { class: "scope-swatch", style: { background: colours.get(id) ?? "transparent" } }), el("span", { class: "bode-id", text: doc.nameOf(id), title: doc.fullNameOf(id) }))));
  if (held) list.querySelector(`[data-node="${CSS.escape(held)}"]`)?.focus();
}
