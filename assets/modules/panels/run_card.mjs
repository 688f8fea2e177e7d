/** The card of the followed run and what stands around its curves; only the leaves that changed are written. */

import { byId, el, put, setText } from "../lib/dom.mjs";

const INVITATION = "Start a run, or choose one in Runs: its curves are drawn here while it learns.";

/** What stands in place of the curves while no run is shown; loading, empty and no answer are different words. */
export function emptyWords({ trouble, looked, followed }) {
  if (trouble) return `${trouble} Trying again.`;
  if (followed) return "Reading the run …";
  return looked ? INVITATION : "Looking for runs …";
}

/** The line under the progress bar; what is old says so. */
export function progressWords(card, trouble) {
  return trouble ? `${trouble} Last seen: ${card.progress}` : card.progress;
}

const BOOKS = [
  ["layer", "Layer", ""],
  ["accepted", "Accepted", "Share of the looked-at pairs that collided in a late training step"],
  ["momentum", "Momentum error", "Change of Σ v over n max |v|"],
  ["energy", "Energy ×", "Σ |v|² after the collisions over that before"],
];

/** The books of collisions, layer by layer; nothing for models without. */
function booksTable(rows) {
  if (rows.length === 0) return null;
  const head = BOOKS.map(([, title, hint]) => el("th", { text: title, title: hint }));
  const body = rows.map((row) => el("tr", {}, BOOKS.map(([name]) => el("td", { text: row[name] }))));
  return el("table", { class: "books-table" }, el("caption", { text: "Books of the collisions" }), el("thead", {}, el("tr", {}, head)), el("tbody", {}, body));
}

/** Returns a function that writes the books when they are others. */
function createBooks() {
  let shown = "";
  return (rows) => {
    const key = JSON.stringify(rows);
    if (key !== shown) put(byId("train-books"), booksTable(rows));
    shown = key;
  };
}

/** @param {{bridge}} parts  bridge: for the slider, which Dash owns */
export function createRunCard({ bridge }) {
  const off = (id, css, hidden) => {
    const name = `${css}${hidden ? " off" : ""}`.trim();
    const element = byId(id);
    if (element.className !== name) element.className = name;
  };
  const hide = (id, hidden) => {
    const element = byId(id);
    if (element.hidden !== hidden) element.hidden = hidden;
  };
  const showBooks = createBooks();
  let last = -1; // place of the last stored epoch on the slider

  /** Nothing to show yet, and why. */
  function blank(state) {
    off("train-run-card", "section", true);
    off("train-replay-card", "section", true);
    off("train-extra-box", "extra", true);
    off("train-empty", "dock-empty", false);
    setText(byId("train-empty"), emptyWords(state));
    hide("run-chip", true);
  }

  /**
   * @param {object} live  the newest answer of /api/runs/<id>/live
   * @param {{trouble: string, comparing: boolean}} view
   */
  function show({ card, active, resumable, epochs, circuit }, { trouble, comparing }) {
    const stored = epochs.length > 0;
    off("train-run-card", trouble ? "section unsure" : "section", false);
    off("train-replay-card", "section", !stored);
    off("train-extra-box", "extra", !stored || comparing);
    off("train-empty", "dock-empty", true);
    setText(byId("train-run-title"), card.title);
    setText(byId("train-run-state"), card.state);
    off("train-run-state", `state state-${card.state}`, false);
    byId("train-progress").style.width = card.share;
    setText(byId("train-progress-text"), progressWords(card, trouble));
    for (const [name, words] of Object.entries(card.stats)) setText(byId(`train-stat-${name}`), words);
    setText(byId("train-warning"), card.warning);
    setText(byId("train-no-circuit"), card.no_circuit ?? "");
    showBooks(card.books ?? []);
    hide("train-stop", !active);
    hide("train-resume", !resumable);
    hide("train-open", !stored || !circuit);
    hide("train-weights", !stored || circuit);
    hide("run-chip", !active);
    setText(byId("run-chip-text"), card.chip);
    const end = Math.max(1, epochs.length - 1);
    if (end !== last) bridge.setProps("train-epoch", { max: end });
    last = end;
  }

  return { blank, show };
}
