/** The table of runs: read while it is on show, one question at a time; stop, resume and delete what is chosen. */

import { byId, setText } from "../lib/dom.mjs";
import { createPolling } from "../lib/polling.mjs";
import { ask as askPerson } from "../lib/toast.mjs";

const BUSY_MS = 1000;
const RESTING_MS = 4000;
const HIDDEN_MS = 15_000;
const INVITATION = "Choose several runs to compare their curves.";

/** Why the table has no rows: reading, none and no answer are different words; empty when it has some. Pure. */
export function emptyText({ rows, trouble }) {
  if (rows === null) return trouble ? `${trouble} Trying again.` : "Reading the runs …";
  return rows.length === 0 ? "No runs yet. Start one in Train." : "";
}

/** Text and kind of the note: the first warning about the chosen runs, else what to do. Pure. */
export function noteOf(chosen) {
  const warned = chosen.find((row) => row.warning);
  if (!warned) return { text: INVITATION, kind: "" };
  return { text: `${chosen.length > 1 ? `${warned.name}: ` : ""}${warned.warning}`, kind: "warn" };
}

/** Which actions the chosen rows allow. Pure. */
export function allowed(chosen) {
  return {
    stop: chosen.some((row) => row.active),
    resume: chosen.some((row) => row.resumable),
    delete: chosen.length > 0 && !chosen.some((row) => row.active),
  };
}

/** Usual ms between two questions about the table, null for none. Pure. */
export function paceOfTable({ shown, hidden, active }) {
  if (!shown) return null;
  if (hidden) return HIDDEN_MS;
  return active ? BUSY_MS : RESTING_MS;
}

/** The states of some runs as one word, to see whether one of them changed. Pure. */
export const statesOf = (rows, ids) => rows.filter((row) => ids.includes(row.id)).map(({ id, state }) => `${id} ${state}`).join();

/** Puts the state of the table into words and into its buttons. */
function paintTable({ rows, words, trouble, said, chosen }) {
  setText(byId("runs-count"), rows !== null && trouble ? `${trouble} As last seen.` : words);
  const empty = byId("runs-empty");
  setText(empty, emptyText({ rows, trouble }));
  empty.hidden = empty.textContent === "";
  const { text, kind } = said ?? noteOf(chosen);
  const note = byId("runs-note");
  setText(note, rows?.length === 0 ? "" : text);
  note.className = `note inset ${kind}`.trim();
  for (const [action, able] of Object.entries(allowed(chosen))) byId(`runs-${action}`).toggleAttribute("disabled", !able);
}

/** Ask a person whether these runs may go for good. */
async function mayDelete(targets) {
  const names = targets.slice(0, 5).map((row) => row.name).join(", ") + (targets.length > 5 ? " and more" : "");
  const answer = await askPerson({
    title: targets.length === 1 ? "Delete this run?" : `Delete ${targets.length} runs?`,
    text: `${names}: curves, checkpoints and stored epochs are removed for good.`,
    choices: [{ key: "no", text: "Keep" }, { key: "yes", text: "Delete", danger: true }],
  });
  return answer === "yes";
}

/** The table: its rows as last read, and which of them are chosen. */
class RunsTable {
  #parts;
  #poll;
  #rows = null; // not read yet
  #revision = "";
  #words = "";
  #trouble = "";
  #ids = [];
  #said = null; // what an action answered, until another choice

  constructor(parts) {
    this.#parts = parts;
    this.#poll = createPolling({ ask: (signal) => this.#ask(signal), pace: () => this.#pace(), onError: (error) => this.#fail(error) });
  }

  get #place() {
    const { root, store } = this.#parts;
    return root.dataset.page === "workspace" ? store.get().mode : "gallery";
  }

  get chosen() {
    return (this.#rows ?? []).filter((row) => this.#ids.includes(row.id));
  }

  #pace() {
    const searching = this.#place === "train" && !this.#parts.follow.id;
    return paceOfTable({ shown: this.#place === "runs" || searching, hidden: document.hidden, active: this.#rows?.some((row) => row.active) });
  }

  async #ask(signal) {
    const { api, bridge, follow } = this.#parts;
    const answer = await api.runsTable(this.#revision, signal);
    this.#trouble = "";
    if (answer) {
      this.#rows = answer.rows;
      if (this.#said && statesOf(this.#rows, this.#said.of) !== this.#said.states) this.#said = null;
      this.#revision = answer.revision;
      this.#words = answer.words;
      bridge.setProps("runs-grid", { rowData: answer.rows });
    }
    this.paint();
    follow.consider(this.#rows);
  }

  #fail(error) {
    const { follow } = this.#parts;
    this.#trouble = error.message;
    this.paint();
    if (!follow.id) follow.failed(error);
  }

  paint() {
    paintTable({ rows: this.#rows, words: this.#words, trouble: this.#trouble, said: this.#said, chosen: this.chosen });
  }

  choose(ids) {
    this.#ids = ids;
    this.#said = null;
    this.paint();
    this.#parts.follow.compare(ids);
  }

  /** Read the table if it may be of use where the person is. */
  look() {
    const searching = this.#place !== "gallery" && !this.#parts.follow.id;
    if (this.#place === "runs" || searching) this.#poll.now();
  }

  /** Do something with each of some rows; the first refusal is said and ends it. Returns whether all went well. */
  async each(targets, action, done) {
    try {
      for (const { id } of targets) await action(id);
      this.#say(targets, done, "");
    } catch (error) {
      this.#say(targets, error.message, "error");
    }
    this.paint();
    this.#poll.now();
    this.#parts.follow.now();
    return this.#said.kind === "";
  }

  /** An answer holds until the runs that it is about are in another state. */
  #say(targets, text, kind) {
    const of = targets.map(({ id }) => id);
    this.#said = { text, kind, of, states: statesOf(this.#rows ?? [], of) };
  }

  async remove() {
    const { api, bridge, follow, toast } = this.#parts;
    const targets = this.chosen;
    if (!(await mayDelete(targets))) return;
    const gone = await this.each(targets, async (id) => {
      await api.deleteRun(id);
      follow.forget(id);
    }, "");
    if (!gone) return;
    this.#said = null;
    bridge.setProps("runs-grid", { selectedRows: [] });
    toast(`Deleted ${targets.length} run${targets.length === 1 ? "" : "s"}.`, "ok");
  }
}

/** @param {{store, api, bridge, commands, toast, follow, root: HTMLElement}} parts */
export function createRunsList(parts) {
  const { store, api, bridge, commands } = parts;
  const table = new RunsTable(parts);
  const entry = (title, run) => ({ title, group: "Training", palette: false, run });
  commands.registerAll({
    "runs-stop": entry("Stop the chosen runs", () => table.each(table.chosen.filter((row) => row.active), api.stopRun, "Stopping after the present step.")),
    "runs-resume": entry("Resume the chosen runs", () => table.each(table.chosen.filter((row) => row.resumable), api.resumeRun, "Going on from the last checkpoint.")),
    "runs-delete": entry("Delete the chosen runs", () => table.remove()),
  });
  bridge.onChosen((ids) => table.choose(ids));
  store.on(["mode", "circuitId"], () => table.look());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) table.look(); });
  table.paint();
}
