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

/** @param {{store, api, bridge, commands, toast, follow, root: HTMLElement}} parts */
export function createRunsList({ store, api, bridge, commands, toast, follow, root }) {
  let rows = null; // not read yet
  let revision = "";
  let words = "";
  let trouble = "";
  let ids = [];
  let said = null; // what an action answered, until another choice
  const poll = createPolling({ ask, pace, onError });

  const place = () => (root.dataset.page === "workspace" ? store.get().mode : "gallery");
  const chosen = () => (rows ?? []).filter((row) => ids.includes(row.id));

  function pace() {
    const searching = place() === "train" && !follow.id;
    if (place() !== "runs" && !searching) return null;
    if (document.hidden) return HIDDEN_MS;
    return rows?.some((row) => row.active) ? BUSY_MS : RESTING_MS;
  }

  async function ask(signal) {
    const answer = await api.runsTable(revision, signal);
    trouble = "";
    if (answer) {
      ({ rows, revision, words } = answer);
      bridge.setProps("runs-grid", { rowData: rows });
    }
    paint();
    follow.consider(rows);
  }

  function onError(error) {
    trouble = error.message;
    paint();
    if (!follow.id) follow.failed(error);
  }

  function paint() {
    setText(byId("runs-count"), rows !== null && trouble ? `${trouble} As last seen.` : words);
    const empty = byId("runs-empty");
    setText(empty, emptyText({ rows, trouble }));
    empty.hidden = empty.textContent === "";
    const { text, kind } = said ?? noteOf(chosen());
    const note = byId("runs-note");
    setText(note, rows?.length === 0 ? "" : text);
    note.className = `note inset ${kind}`.trim();
    for (const [action, able] of Object.entries(allowed(chosen()))) byId(`runs-${action}`).toggleAttribute("disabled", !able);
  }

  function choose(next) {
    ids = next;
    said = null;
    paint();
    follow.compare(next);
  }

  /** Do something with each of some rows; the first refusal is said and ends it. */
  async function each(targets, action, done) {
    try {
      for (const { id } of targets) await action(id);
      said = { text: done, kind: "" };
    } catch (error) {
      said = { text: error.message, kind: "error" };
    }
    paint();
    poll.now();
    follow.now();
  }

  async function remove() {
    const targets = chosen();
    const names = targets.slice(0, 5).map((row) => row.name).join(", ") + (targets.length > 5 ? " and more" : "");
    const answer = await askPerson({
      title: targets.length === 1 ? "Delete this run?" : `Delete ${targets.length} runs?`,
      text: `${names}: curves, checkpoints and stored epochs are removed for good.`,
      choices: [{ key: "no", text: "Keep" }, { key: "yes", text: "Delete", danger: true }],
    });
    if (answer !== "yes") return;
    await each(targets, async (id) => {
      await api.deleteRun(id);
      follow.forget(id);
    }, "");
    if (said.kind === "error") return;
    said = null;
    bridge.setProps("runs-grid", { selectedRows: [] });
    toast(`Deleted ${targets.length} run${targets.length === 1 ? "" : "s"}.`, "ok");
  }

  const entry = (title, run) => ({ title, group: "Training", palette: false, run });
  commands.registerAll({
    "runs-stop": entry("Stop the chosen runs", () => each(chosen().filter((row) => row.active), api.stopRun, "Stopping after the present step.")),
    "runs-resume": entry("Resume the chosen runs", () => each(chosen().filter((row) => row.resumable), api.resumeRun, "Going on from the last checkpoint.")),
    "runs-delete": entry("Delete the chosen runs", remove),
  });
  bridge.onChosen(choose);
  const look = () => { if (place() !== "gallery" && (place() === "runs" || !follow.id)) poll.now(); };
  store.on(["mode", "circuitId"], look);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  paint();
}
