/** The circuits of the home folder on the front page: opened and deleted there. */

import { byId, el, iconButton, put } from "../lib/dom.mjs";
import { insist } from "./first_picture.mjs";
import { ago, count } from "../lib/numbers.mjs";
import { ask } from "../lib/toast.mjs";

const MOST_RECENT = 12;

function rowOf(row, { open, remove }) {
  return el(
    "div",
    { class: "recent-row" },
    el("button", { type: "button", class: "recent-open", disabled: Boolean(row.damaged), on: { click: () => open(row) } },
      el("span", { class: "recent-name", text: row.name }),
      el("span", { class: "muted", text: `${count(row.nodes, "node")}, ${count(row.devices, "device")}` }),
      el("span", { class: "muted recent-time", text: ago(row.modified) })),
    iconButton("bin", `Delete ${row.name}`, { on: { click: () => remove(row) } }),
  );
}

async function mayDelete({ name }) {
  const answer = await ask({
    title: `Delete “${name}”?`,
    text: "The circuit file is removed from the home folder. Runs trained on it stay.",
    choices: [{ key: "no", text: "Keep it" }, { key: "yes", text: "Delete", primary: true }],
  });
  return answer === "yes";
}

/** @param {{api, toast, open: (row) => void}} parts */
export function createRecentCircuits({ api, toast, open }) {
  const root = byId("gallery-recent");
  const say = (text) => put(root, el("p", { class: "muted", text }));

  async function fill() {
    let rows = [];
    try {
      rows = await insist(api.circuits);
    } catch (error) {
      return say(error.message);
    }
    if (rows.length === 0) return say("Circuits you draw or open are kept here. Drop a circuit file anywhere on this page to open it.");
    put(
      root,
      rows.slice(0, MOST_RECENT).map((row) => rowOf(row, { open, remove })),
      rows.length > MOST_RECENT ? el("p", { class: "muted", text: `and ${rows.length - MOST_RECENT} older ones in the home folder` }) : null,
    );
  }

  async function remove(row) {
    if (!(await mayDelete(row))) return;
    try {
      await api.deleteCircuit(row.id);
    } catch (error) {
      toast(error.message, "error");
    }
    await fill();
  }

  return { fill };
}
