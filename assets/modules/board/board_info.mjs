/** What stands beside the circuit on the board: legend, problems, key hints, read-out, ground dock, mini-map. */

import { el, put } from "../lib/dom.mjs";
import { createMinimap } from "./minimap.mjs";
import { createDrawDock } from "./draw_dock.mjs";
import { createPlane } from "../views/plane.mjs";
import { createReadout } from "./readout.mjs";
import { hasTwoInputs } from "../views/input_plane_source.mjs";
import { createVision } from "../views/vision.mjs";
import { RAMP_HALF, rampOf } from "../paint/colours.mjs";
import { quantity } from "../lib/numbers.mjs";

const HINTS = {
  select: [["Double-click", "add node"], ["Alt", "drag to draw"], ["Space", "play"], ["?", "keys"]],
  node: [["Click", "add node"], ["Esc", "done"]],
  device: [["Drag", "node to node"], ["Esc", "done"]],
  input: [["Click", "mark input"], ["Esc", "done"]],
  output: [["Click", "mark output"], ["Esc", "done"]],
  probe: [["Click", "pin to scope"], ["Esc", "done"]],
  cut: [["Drag", "across devices"], ["Click", "remove"], ["Esc", "done"]],
};
const LANES = {
  voltages: { title: "Node voltage", unit: "V", rows: [["dot", "Device current"]] },
  currents: { title: "Node voltage", unit: "V", rows: [["line", "Device current"]] },
  energy: { title: "Node voltage", unit: "V", rows: [["dot", "Device current"]] },
  adjoint: { title: "∂L/∂v of node", unit: "", rows: [["dot adjoint", "Adjoint current"], ["bar", "Gradient so far"]] },
};
const MOST_PROBLEMS = 6;

/** Canvas gradient of a ramp as CSS. */
function gradientOf(ramp) {
  const stops = [0, 0.25, 0.5, 0.75, 1].map((u) => ramp.fill[Math.round(u * 2 * RAMP_HALF)]);
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

/** @param {{container: HTMLElement, store: any, canvas: any, theme: () => any}} parts */
export function createBoardInfo({ container, store, canvas, theme }) {
  const corner = (name) => container.querySelector(`#board-${name}`);
  const legend = createLegend(corner("legend"), store, theme);
  const minimap = createMinimap({ host: corner("minimap"), canvas });
  const readout = createReadout({ container, store, canvas });
  const onShown = (card) => makeRoom(card, canvas);
  const vision = createVision({ container, store, theme, onShown });
  const plane = createPlane({ container, store, theme, onShown });
  createDrawDock({ container, store, canvas });
  createProblems(corner("problems"), { store, canvas });
  createHints(corner("hint"), store);

  return {
    /** Called after each painted frame. */
    update(scene, frame, options) {
      legend.update(options);
      readout.update(scene, frame, options);
      minimap.update(scene, frame, options);
      vision.update(scene, frame, options);
      plane.update(scene, frame, options);
    },
    refresh: () => legend.refresh(),
  };
}

/** A circuit that a card would cover moves aside. */
function makeRoom(card, canvas) {
  const { bounds } = canvas.scene() ?? {};
  const { x, zoom } = canvas.viewport();
  if (bounds && bounds.x1 * zoom + x > canvas.size().width - card.offsetWidth) canvas.fit();
}

/** Colour scale with its ends in volts and a button between automatic and fixed range. */
function createLegend(host, store, theme) {
  if (!host) return { update() {}, refresh() {} };
  const title = el("span", { class: "legend-title" });
  const bar = el("div", { class: "legend-scale", "aria-hidden": "true" });
  const low = el("span", {});
  const high = el("span", {});
  const rest = el("div", {});
  const auto = el("button", { type: "button", class: "legend-auto", title: "Range of the colours: automatic, or held" });
  auto.addEventListener("click", () => {
    const { voltageRange } = store.get();
    store.set({ voltageRange: voltageRange === null ? shown.range : null });
    shown.key = "";
  });
  put(host, el("div", { class: "board-card legend" },
    el("div", { class: "legend-head" }, title, auto), bar,
    el("div", { class: "legend-ends" }, low, el("span", {}, "0"), high), rest, toggles(store)));
  const shown = { key: "", range: 1 };

  function update({ lane, range, dim }) {
    const { voltageRange, sim } = store.get();
    const key = `${lane}/${range}/${voltageRange}/${dim}/${Boolean(sim)}/${theme().name}`;
    if (key === shown.key) return;
    Object.assign(shown, { key, range });
    const words = LANES[lane];
    title.textContent = words.title;
    bar.style.background = gradientOf(rampOf(theme(), lane));
    low.textContent = quantity(-range, words.unit, 2);
    high.textContent = `+${quantity(range, words.unit, 2)}`;
    const rows = sim ? words.rows : [["", "Start voltages"]];
    put(rest, ...rows.map(([mark, text]) => el("div", { class: "legend-row" }, mark ? el("i", { class: `legend-${mark}` }) : null, text)));
    host.classList.toggle("stale", Boolean(dim));
    auto.hidden = lane === "adjoint";
    auto.textContent = voltageRange === null ? "auto" : "held";
    auto.setAttribute("aria-pressed", String(voltageRange === null));
  }
  return { update, refresh: () => { shown.key = ""; } };
}

/** What may be drawn beside nodes. */
function toggles(store) {
  const buttons = [
    ["capacitors", "capacitors", "Capacitors", "The capacitor of every node, its charge and its current"],
    ["node-plots", "plots", "Plots", "Plots beside the pinned nodes, or beside all"],
    ["node-portraits", "portraits", "Portraits", "The voltage of the pinned nodes, or of all, over both inputs"],
  ].map(([command, key, text, title]) => ({
    key, button: el("button", { type: "button", class: "legend-auto", text, title, dataset: { command } }),
  }));
  const row = el("div", { class: "legend-toggles" }, buttons.map(({ button }) => button));
  const paint = (state) => {
    for (const { key, button } of buttons) button.setAttribute("aria-pressed", String(state[key]));
    buttons.at(-1).button.hidden = !hasTwoInputs(state.doc);
    row.hidden = Boolean(state.network);
  };
  store.on(["capacitors", "plots", "portraits", "network", "doc", "revision"], paint);
  paint(store.get());
  return row;
}

/** A quiet badge with the number of problems; opened it lists them, each leads to its node. */
function createProblems(host, { store, canvas }) {
  if (!host) return;
  let open = false;

  function goTo(problem) {
    if (!problem.id) return;
    const selection = { nodes: [problem.id], devices: [] };
    store.set({ selection });
    canvas.fit(selection);
  }

  function paint() {
    const { problems, readOnly } = store.get();
    const empty = store.get().doc?.nodes.length === 0;
    if (readOnly || problems.length === 0 || empty) return put(host);
    const words = problems.length === 1 ? "1 hint" : `${problems.length} hints`;
    const badge = el("button", { type: "button", class: "problems-badge", "aria-expanded": String(open) }, words);
    badge.addEventListener("click", () => { open = !open; paint(); });
    if (!open) return put(host, badge);
    const rows = problems.slice(0, MOST_PROBLEMS).map((problem) => {
      const row = el("button", { type: "button", class: "problem-row" }, problem.message);
      row.addEventListener("click", () => goTo(problem));
      return row;
    });
    const rest = problems.length - MOST_PROBLEMS;
    return put(host, el("div", { class: "board-card problems" }, badge, ...rows, rest > 0 ? `and ${rest} more` : ""));
  }
  store.on(["problems", "readOnly", "doc", "revision"], paint);
  paint();
}

/** The two or three keys that matter for the present tool. */
function createHints(host, store) {
  if (!host) return;
  const paint = () => {
    const { tool, readOnly } = store.get();
    const rows = readOnly ? [["Space", "play"]] : (HINTS[tool] ?? HINTS.select);
    put(host, el("div", { class: "hints" }, ...rows.map(([key, words]) => el("span", {}, el("kbd", {}, key), ` ${words}`))));
  };
  store.on(["tool", "readOnly"], paint);
  paint();
}
