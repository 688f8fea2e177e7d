/** Command palette (Ctrl+K) and the sheet of shortcuts (?). */

import { rankRows } from "../lib/commands.mjs";
import { byId, el, iconButton, put } from "../lib/dom.mjs";

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

/** @param {{commands, shortcuts: readonly object[]}} parts */
export function createPalette({ commands, shortcuts }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog-palette"));
  const input = el("input", { type: "text", class: "palette-input", placeholder: "Find a command", "aria-label": "Find a command", spellcheck: "false", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list" });
  const list = el("div", { class: "palette-list", id: "palette-list", role: "listbox" });
  let rows = [];
  let chosen = 0;

  function open() {
    if (dialog.open) return;
    put(dialog, input, list);
    dialog.setAttribute("aria-label", "Commands");
    input.value = "";
    update();
    dialog.showModal();
    input.focus();
  }

  function update() {
    const enabled = commands.list().filter((row) => commands.enabled(row.name));
    rows = rankRows(enabled, input.value).slice(0, MOST_ROWS);
    chosen = 0;
    put(
      list,
      rows.map((row, k) =>
        rowButton(row, keysOf(row, shortcuts), { id: `palette-${k}`, on: { click: () => run(k), pointermove: () => mark(k) } })),
      rows.length === 0 ? el("p", { class: "palette-empty", text: "No command with these letters." }) : null,
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
    if (row) commands.run(row.name, row.argument);
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

/** The sheet of all shortcuts, grouped. */
export function createShortcutSheet({ shortcuts }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("dialog-shortcuts"));
  closeOnBackdrop(dialog);

  function open() {
    if (dialog.open) {
      dialog.close();
      return;
    }
    const groups = new Map();
    for (const entry of shortcuts) {
      const group = entry.group ?? "Other";
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(entry);
    }
    dialog.setAttribute("aria-label", "Keyboard shortcuts");
    put(
      dialog,
      el("div", { class: "dialog-head" }, el("h2", { class: "dialog-title", text: "Keyboard shortcuts" }), iconButton("close", "Close", { on: { click: () => dialog.close() } })),
      el(
        "div",
        { class: "shortcut-groups" },
        [...groups].map(([group, entries]) =>
          el(
            "section",
            { class: "shortcut-group" },
            el("h3", { text: group }),
            el("dl", {}, entries.map((entry) => [
              el("dt", {}, keyCaps(entry.keys)),
              el("dd", { text: entry.title }),
            ]).flat()),
          )),
      ),
    );
    dialog.showModal();
  }

  return { open };
}

function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}
