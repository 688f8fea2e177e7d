/** The trainings that are at work, on the front page: how far each is, and the way to it. */

import { byId, el, put } from "../lib/dom.mjs";
import { createPolling } from "../lib/polling.mjs";

const BUSY_MS = 1000;
const RESTING_MS = 10_000;

/** Those that are running or wait for their turn. Pure. */
export const activeOf = (rows) => rows.filter((row) => row.active);

function rowOf(row, open) {
  return el("div", { class: "recent-row" },
    el("button", { type: "button", class: "recent-open", "aria-label": `Follow ${row.name}, ${row.state_text}`, on: { click: () => open(row.id) } },
      el("span", { class: "recent-name", text: row.name }),
      el("span", { class: "muted", text: row.dataset }),
      el("span", { class: "recent-time cell-running", text: row.state_text })));
}

/**
 * @param {{api, open: (id: string) => void}} parts
 * @returns {{enter: () => void, leave: () => void}}
 */
export function createGalleryRuns({ api, open }) {
  const root = byId("gallery-runs");
  let here = false;
  let busy = false;
  let revision = "";
  const poll = createPolling({
    ask,
    pace: () => (here && !document.hidden ? (busy ? BUSY_MS : RESTING_MS) : null),
  });

  async function ask(signal) {
    const answer = await api.runsTable(revision, signal);
    if (!answer) return;
    revision = answer.revision;
    const rows = activeOf(answer.rows);
    busy = rows.length > 0;
    put(root, busy ? [el("h2", { class: "gallery-heading", text: "Training now" }), el("div", { class: "gallery-recent" }, rows.map((row) => rowOf(row, open)))] : null);
  }

  document.addEventListener("visibilitychange", () => { if (here && !document.hidden) poll.now(); });
  return {
    enter() {
      here = true;
      poll.now();
    },
    leave() {
      here = false;
      poll.stop();
    },
  };
}
