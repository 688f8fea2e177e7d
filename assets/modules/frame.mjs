/** Keeps the frame of the workspace true to the store: pressed buttons, name, saved mark, messages. */

import { byId, el, put } from "./lib/dom.mjs";

const SAVED = {
  saved: { text: "Saved", title: "Everything is stored in the home folder." },
  saving: { text: "Saving", title: "The last change is on its way." },
  offline: { text: "Kept in this browser", title: "The server does not answer; changes are saved when it is back." },
  refused: { text: "Not saved", title: "The server could not store this circuit." },
  conflict: { text: "Two versions", title: "Another window saved a different version." },
};
const ENABLED = ["undo", "redo", "delete"];

/** @returns {NodeListOf<HTMLButtonElement>} */
const buttonsOf = (command, more = "") => document.querySelectorAll(`button[data-command="${command}"]${more}`);

/** @param {{store, commands, root: HTMLElement, banner}} parts */
export function bindFrame({ store, commands, root, banner }) {
  const name = /** @type {HTMLInputElement} */ (byId("circuit-name"));
  const badge = byId("saved-badge");

  const press = (command, value) => {
    for (const button of buttonsOf(command, "[data-argument]")) {
      button.setAttribute("aria-pressed", String(button.dataset.argument === value));
    }
  };

  function paintEnabled() {
    for (const command of ENABLED) {
      for (const button of buttonsOf(command)) button.disabled = !commands.enabled(command);
    }
  }

  let planned = false;
  function planEnabled() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(() => {
      planned = false;
      paintEnabled();
    });
  }

  function paintName({ doc }) {
    const text = doc?.name ?? "";
    if (document.activeElement !== name && name.value !== text) name.value = text;
    name.style.setProperty("--length", String(Math.min(Math.max((name.value || name.placeholder).length, 6), 34)));
    document.title = doc ? `${text || "Untitled circuit"} · Kirchhoff Studio` : "Kirchhoff Studio";
  }

  function commitName() {
    const { doc, readOnly } = store.get();
    if (doc && !readOnly) doc.setName(name.value.trim());
    paintName(store.get());
  }

  name.addEventListener("change", commitName);
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter") name.blur();
    if (event.key === "Escape") {
      name.value = store.get().doc?.name ?? "";
      name.blur();
    }
    event.stopPropagation();
  });

  function paintSaved({ saved, readOnly, run }) {
    const kept = run ? { text: "Replay", title: "A replay is not saved." } : { text: "Network", title: "A network of this size is shown, not edited." };
    const shown = readOnly ? kept : SAVED[saved] ?? SAVED.saved;
    badge.dataset.state = readOnly ? "replay" : saved;
    badge.title = shown.title;
    put(badge, el("span", { class: "saved-dot", "aria-hidden": "true" }), shown.text);
    if (saved === "offline") banner.show("offline", "The server does not answer. Go on editing: changes are kept in this browser and saved when it is back.", "warn");
    else banner.hide("offline");
  }

  store.on(["mode"], ({ mode }) => press("mode", mode));
  store.on(["tool"], ({ tool }) => press("tool", tool));
  store.on(["lane"], ({ lane }) => {
    press("lane", lane);
    root.dataset.lane = lane;
  });
  store.on(["doc", "revision", "selection", "readOnly"], planEnabled);
  store.on(["doc", "revision"], paintName);
  store.on(["saved", "readOnly", "run"], paintSaved);
  const now = store.get();
  press("mode", now.mode);
  press("tool", now.tool);
  press("lane", now.lane);
  paintName(now);
  paintSaved(now);
  planEnabled();
}
