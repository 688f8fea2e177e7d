/** Sweeps on the Runs page: which there are, the trials of one, and its parallel coordinates. */

import { byId, el, put, setText } from "../../lib/dom.mjs";
import { createPolling } from "../../lib/polling.mjs";
import { showFigure } from "../figures.mjs";

const BUSY_MS = 1500;
const RESTING_MS = 5000;
const HIDDEN_MS = 15_000;
const PLOT = "sweep-plot";
const NONE = "";

/** Usual ms between two questions, null for none. Pure. */
export function paceOfSweeps({ shown, hidden, busy }) {
  if (!shown) return null;
  if (hidden) return HIDDEN_MS;
  return busy ? BUSY_MS : RESTING_MS;
}

/** The entries of the menu: none first. Pure. */
export function menuOf(sweeps) {
  const words = { running: ", searching", resting: ", rests", done: "" };
  return [{ value: NONE, text: "None" }, ...sweeps.map(({ id, name, state }) => ({ value: id, text: `${name}${words[state] ?? ""} (${id.slice(0, 13)})` }))];
}

/** What stands in the cell of a trial's state. Pure. */
export const stateText = ({ state, best, recipe }) => [state, best && "best", recipe && "recipe"].filter(Boolean).join(", ");

function tableOf({ rows, columns, figure_title: title }, openRun) {
  const head = ["Trial", "State", title, ...columns].map((text) => el("th", { scope: "col", text }));
  const rowOf = (row) => el("tr", { class: row.best ? "sweep-best" : "", title: row.message || null },
    el("th", { scope: "row" }, row.run ? el("button", { type: "button", class: "button small", "aria-label": `Choose the run of trial ${row.number}`, text: row.number, on: { click: () => openRun(row.run) } }) : row.number),
    el("td", { class: `cell-${row.state}`, text: stateText(row) }),
    el("td", { text: row.value }),
    row.settings.map((text) => el("td", { text })));
  return el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows.map(rowOf)));
}

/** The sweeps of the page; `id` is the one on show. */
class Sweeps {
  #parts;
  #poll;
  #known = []; // id, name and state of each
  #id = NONE;
  #revision = "";
  #places;

  /** @param {{store, api, bridge, root: HTMLElement}} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#places = createPlaces((id) => this.#choose(id));
    this.#poll = createPolling({ ask: (signal) => this.#ask(signal), pace: () => this.#pace(), onError: (error) => setText(this.#places.words, error.message) });
    parts.store.on(["mode", "circuitId"], () => this.look());
    parts.store.on(["theme"], () => this.look());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.look(); });
  }

  get #shown() {
    const { root, store } = this.#parts;
    return root.dataset.page === "workspace" && store.get().mode === "runs";
  }

  #pace() {
    return paceOfSweeps({ shown: this.#shown, hidden: document.hidden, busy: this.#known.some(({ state }) => state === "running") });
  }

  look() {
    if (this.#shown) this.#poll.now();
  }

  #choose(id) {
    this.#id = id;
    this.#revision = "";
    this.#places.root.classList.toggle("open", id !== NONE);
    setText(this.#places.words, id === NONE ? "" : "Reading the sweep …");
    this.#poll.now({ fresh: true });
  }

  async #ask(signal) {
    const { api, store } = this.#parts;
    const known = await api.sweeps(signal);
    if (JSON.stringify(known) !== JSON.stringify(this.#known)) this.#list(known);
    if (this.#id === NONE) return;
    const answer = await api.sweep(this.#id, this.#revision, store.get().theme, signal);
    if (answer) this.#show(answer);
  }

  #list(known) {
    this.#known = known;
    const { root, menu } = this.#places;
    root.classList.toggle("off", known.length === 0);
    put(menu, menuOf(known).map(({ value, text }) => el("option", { value, text })));
    menu.value = this.#id;
  }

  #show(answer) {
    const { words, said, trials } = this.#places;
    this.#revision = answer.revision;
    setText(words, answer.words);
    setText(said, answer.said);
    put(trials, tableOf(answer, (id) => this.#parts.bridge.setProps("runs-grid", { selectedRows: [{ id }], scrollTo: { rowId: id } })));
    showFigure(PLOT, answer.figure).catch(() => { this.#revision = ""; });
  }
}

/** The elements, which stay; only what stands in them changes. */
function createPlaces(choose) {
  const root = byId("runs-sweeps");
  const menu = el("select", { class: "field-select", "aria-label": "Sweep on show", on: { change: () => choose(menu.value) } });
  const words = el("span", { class: "note", role: "status" });
  const said = el("p", { class: "note sweep-said" });
  const trials = el("div", { class: "sweep-trials" });
  put(root,
    el("div", { class: "sweep-head" }, el("h3", { class: "section-title", text: "Sweep" }), menu, words),
    el("div", { class: "sweep-body" }, said, el("div", { id: PLOT, class: "graph" }), trials));
  return { root, menu, words, said, trials };
}

/** @param {{store, api, bridge, root: HTMLElement}} parts */
export function createSweeps(parts) {
  new Sweeps(parts).look();
}
