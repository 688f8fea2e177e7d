/** Keeps the frame of the workspace true to the store: pressed buttons, name, saved mark, messages. */

import { byId, el, put } from "./lib/dom.mjs";
import { oncePerFrame } from "./lib/pace.mjs";

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

/** Marks the buttons of a command whose argument is the present value. */
function press(command, value) {
  for (const button of buttonsOf(command, "[data-argument]")) {
    button.setAttribute("aria-pressed", String(button.dataset.argument === value));
  }
}

/** The dock shows one lane over time, the Bode plot or the table; the board keeps its lane. */
function pressLane({ lane, dockView }, root) {
  press("lane", dockView === "time" ? lane : "");
  for (const [command, view] of [["bode", "frequency"], ["table", "table"]]) {
    for (const button of buttonsOf(command)) button.setAttribute("aria-pressed", String(dockView === view));
  }
  root.dataset.lane = lane;
  root.dataset.dockView = dockView;
}

/** The side begins at its top whenever a mode puts another panel there. */
function createSideTop() {
  let shown = "";
  return ({ mode }) => {
    const panel = mode === "build" || mode === "simulate" ? "inspector" : mode;
    if (panel !== shown) byId("side").scrollTop = 0;
    shown = panel;
  };
}

/** Keeps buttons disabled that would do nothing; once a frame, because selections change often. */
const createEnabling = (commands) => oncePerFrame(() => {
  for (const command of ENABLED) {
    for (const button of buttonsOf(command)) button.disabled = !commands.enabled(command);
  }
});

/** The circuit's name in the top bar and in the window's title; returns what paints it. */
function bindName(store) {
  const name = /** @type {HTMLInputElement} */ (byId("circuit-name"));

  function paint({ doc }) {
    const text = doc?.name ?? "";
    if (document.activeElement !== name && name.value !== text) name.value = text;
    name.style.setProperty("--length", String(Math.min(Math.max((name.value || name.placeholder).length, 6), 34)));
    document.title = doc ? `${text || "Untitled circuit"} · Kirchhoff Studio` : "Kirchhoff Studio";
  }

  name.addEventListener("change", () => {
    const { doc, readOnly } = store.get();
    if (doc && !readOnly) doc.setName(name.value.trim());
    paint(store.get());
  });
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter") name.blur();
    if (event.key === "Escape") {
      name.value = store.get().doc?.name ?? "";
      name.blur();
    }
    event.stopPropagation();
  });
  return paint;
}

/** Text and title of the mark of what is kept where. Pure. */
export function savedMark({ saved, readOnly, run }) {
  if (!readOnly) return SAVED[saved] ?? SAVED.saved;
  return run ? { text: "Replay", title: "A replay is not saved." } : { text: "Network", title: "A network of this size is shown, not edited." };
}

function paintSaved({ saved, readOnly, run }, banner) {
  const badge = byId("saved-badge");
  const { text, title } = savedMark({ saved, readOnly, run });
  badge.dataset.state = readOnly ? "replay" : saved;
  badge.title = title;
  put(badge, el("span", { class: "saved-dot", "aria-hidden": "true" }), text);
  if (saved === "offline") banner.show("offline", "The server does not answer. Go on editing: changes are kept in this browser and saved when it is back.", "warn");
  else banner.hide("offline");
}

/** @param {{store, commands, root: HTMLElement, banner}} parts */
export function bindFrame({ store, commands, root, banner }) {
  const planEnabled = createEnabling(commands);
  const paintName = bindName(store);
  store.on(["mode"], ({ mode }) => press("mode", mode));
  store.on(["mode"], createSideTop());
  store.on(["tool"], ({ tool }) => press("tool", tool));
  store.on(["lane", "dockView"], (state) => pressLane(state, root));
  store.on(["doc", "revision", "selection", "readOnly"], planEnabled);
  store.on(["doc", "revision"], paintName);
  store.on(["saved", "readOnly", "run"], (state) => paintSaved(state, banner));
  const now = store.get();
  for (const command of ["mode", "tool"]) press(command, now[command]);
  pressLane(now, root);
  paintName(now);
  paintSaved(now, banner);
  planEnabled();
}
