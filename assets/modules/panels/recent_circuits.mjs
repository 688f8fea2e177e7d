/** The circuits of the home folder on the front page: opened, renamed and deleted there. */

import { byId, el, iconButton, put } from "../lib/dom.mjs";
import { insist } from "./first_picture.mjs";
import { ago, count } from "../lib/numbers.mjs";
import { ask } from "../lib/toast.mjs";

const MOST_RECENT = 12;
const MOST_LETTERS = 80;

/** The names that more than one circuit has. Pure. */
export function sharedNames(rows) {
  const [seen, twice] = [new Set(), new Set()];
  for (const { name } of rows) (seen.has(name) ? twice : seen).add(name);
  return twice;
}

/** "30 Nov 2026, 14:05:09" in local time: tells circuits of one name apart. Pure. */
export function momentText(seconds) {
  const words = /** @type {const} */ ({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return new Date(1000 * seconds).toLocaleString("en-GB", words);
}

/** A row; of a name that another circuit has too, the file and the exact time stand beside it. */
function rowOf(row, twice, { open, remove, rename }) {
  const also = twice.has(row.name);
  const open_ = el("button", { type: "button", class: "recent-open", disabled: Boolean(row.damaged), on: { click: () => open(row) } },
    el("span", { class: "recent-name" }, row.name, also ? el("span", { class: "recent-file", text: row.id }) : null),
    el("span", { class: "muted", text: `${count(row.nodes, "node")}, ${count(row.devices, "device")}` }),
    el("span", { class: "muted recent-time", title: momentText(row.modified), text: also ? momentText(row.modified) : ago(row.modified) }));
  const root = el("div", { class: "recent-row" }, open_);
  // The name of a network stands in its file of weights, which is left as it is.
  if (!row.damaged && !row.network) root.append(iconButton("pen", `Rename ${row.name}`, { on: { click: () => editName(open_, row, rename) } }));
  root.append(iconButton("bin", `Delete ${row.name}`, { on: { click: () => remove(row) } }));
  return root;
}

/** A field in the place of the row's button: Enter takes the name, Escape and leaving it bring the button back. */
function editName(button, row, rename) {
  const input = el("input", { type: "text", class: "field-text recent-field", value: row.name, maxlength: MOST_LETTERS, "aria-label": `New name of ${row.name}`, spellcheck: "false" });
  const close = () => input.isConnected && input.replaceWith(button);
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key !== "Enter") return;
    const name = input.value.trim();
    if (name && name !== row.name) rename(row, name);
    else close();
  });
  input.addEventListener("blur", close);
  button.replaceWith(input);
  input.focus();
  input.select();
}

async function mayDelete({ name, modified }) {
  const answer = await ask({
    title: `Delete “${name}”?`,
    text: `Last changed ${momentText(modified)}. The circuit file is removed from the home folder. Runs trained on it stay.`,
    choices: [{ key: "no", text: "Keep it" }, { key: "yes", text: "Delete", primary: true }],
  });
  return answer === "yes";
}

/** @param {{api, toast, open: (row) => void}} parts */
export function createRecentCircuits({ api, toast, open }) {
  const root = byId("gallery-recent");
  const say = (text) => put(root, el("p", { class: "muted", text }));
  let all = false;

  async function fill() {
    let rows = [];
    try {
      rows = (await insist(api.circuits)).filter(({ id }) => !id.startsWith("lesson-")); // lessons make theirs anew
    } catch (error) {
      return say(error.message);
    }
    if (rows.length === 0) return say("Circuits you draw or open are kept here. Drop a circuit file anywhere on this page to open it.");
    const twice = sharedNames(rows);
    const older = all ? 0 : rows.length - MOST_RECENT;
    put(
      root,
      rows.slice(0, all ? rows.length : MOST_RECENT).map((row) => rowOf(row, twice, { open, remove, rename })),
      older > 0 ? el("button", { type: "button", class: "link recent-more", text: `Show ${count(older, "older one")}`, on: { click: showAll } }) : null,
    );
  }

  function showAll() {
    all = true;
    fill();
  }

  /** Do something to a circuit; a refusal is said, and the list is read again. */
  async function change(action) {
    try {
      await action();
    } catch (error) {
      toast(error.message, "error");
    }
    await fill();
  }

  async function remove(row) {
    if (await mayDelete(row)) await change(() => api.deleteCircuit(row.id));
  }

  const rename = (row, name) => change(async () => {
    const { circuit, revision } = await api.circuit(row.id);
    await api.saveCircuit(row.id, { circuit: { ...circuit, name }, revision });
  });

  return { fill };
}
