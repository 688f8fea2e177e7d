/** Command palette and search (Ctrl+K, Ctrl+F), and the sheet of shortcuts (?). */

import { rankRows } from "../lib/commands.mjs";
import { byId, el, put } from "../lib/dom.mjs";

const MOST_ROWS = 60;

/** Keys of a command, found by name and argument in the table of keys.mjs. */
function keysOf(row, shortcuts) {
  return shortcuts.find((s) => s.command === row.name && (s.argument ?? undefined) === (row.argument ?? undefined))?.keys;
}

/** "Ctrl+Shift+Z" as key caps; the plus sign itself is a key, too. */
function keyCaps(keys) {
  return keys ? keys.split(/(?<=.)\+/).map((key) => el("kbd", { text: key })) : [];
}

function rowButton({ title, group }, keys, props) {
  return el(
    "button",
    { type: "button", class: "palette-row", role: "option", tabindex: -1, ...props },
    el("span", { text: title }),
    el("span", { class: "palette-group", text: group }),
    el("span", { class: "palette-keys" }, keyCaps(keys)),
  );
}

const COMMANDS = "Find a command, node, device or run";
const THINGS = "Find a node, device or run";

/** Commands first, unless a node, device or run has exactly the name that is typed. */
function rowsFor(query, commands, finder) {
  const enabled = commands ? commands.list().filter((row) => commands.enabled(row.name)) : [];
  const found = finder.find(query);
  const wanted = query.trim().toLowerCase();
  const named = found.filter(({ words }) => words.some((word) => word?.toLowerCase() === wanted));
  return [...named, ...rankRows(enabled, query), ...found.filter((row) => !named.includes(row))].slice(0, MOST_ROWS);
}

function nameDialog(dialog, input, withCommands) {
  dialog.setAttribute("aria-label", withCommands ? "Commands" : "Search");
  for (const name of ["placeholder", "aria-label"]) input.setAttribute(name, withCommands ? COMMANDS : THINGS);
  input.value = "";
}

function emptyText(query, withCommands) {
  if (withCommands) return "Nothing with these letters.";
  return query ? "No node, device or run with these letters." : "Type a name, a label or a kind of device.";
}

/** @param {{commands, shortcuts: readonly object[], finder: any}} parts  finder: of finder.mjs */
export function createPalette({ commands, shortcuts, finder }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog-palette"));
  const input = el("input", { type: "text", class: "palette-input", spellcheck: "false", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list" });
  const list = el("div", { class: "palette-list", id: "palette-list", role: "listbox" });
  let rows = [];
  let chosen = 0;
  let withCommands = true;

  /** For everything, or for what is in the circuit and among the runs. */
  function open({ only = "" } = {}) {
    if (dialog.open) return;
    withCommands = only !== "things";
    put(dialog, input, list);
    nameDialog(dialog, input, withCommands);
    update();
    finder.refresh().then(() => { if (dialog.open && input.value) update(); });
    dialog.showModal();
    input.focus();
  }

  function update() {
    rows = rowsFor(input.value, withCommands ? commands : null, finder);
    chosen = 0;
    put(
      list,
      rows.map((row, k) =>
        rowButton(row, keysOf(row, shortcuts), { id: `palette-${k}`, on: { click: () => run(k), pointermove: () => mark(k) } })),
      rows.length === 0 ? el("p", { class: "palette-empty", text: emptyText(input.value, withCommands) }) : null,
    );
    mark(0);
  }

  function mark(k) {
    list.children[chosen]?.removeAttribute("aria-selected");
    chosen = Math.min(Math.max(k, 0), rows.length - 1);
    const row = list.children[chosen];
    if (!row || rows.length === 0) return;
    row.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  function run(k) {
    const row = rows[k];
    dialog.close();
    if (row?.go) finder.go(row.go);
    else if (row) commands.run(row.name, row.argument);
  }

  input.addEventListener("input", update);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen - 1);
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  });
  closeOnBackdrop(dialog);
  return { open };
}

/** All shortcuts, grouped. */
export function shortcutList(shortcuts) {
  const groups = new Map();
  for (const entry of shortcuts) {
    const group = entry.group ?? "Other";
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(entry);
  }
  return el("div", { class: "shortcut-groups" }, [...groups].map(([group, entries]) => el("section", { class: "shortcut-group" },
    el("h3", { text: group }),
    el("dl", {}, entries.map((entry) => [el("dt", {}, keyCaps(entry.keys)), el("dd", { text: entry.title })]).flat()))));
}

function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
