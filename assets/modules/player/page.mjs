/** Composition root of a page that plays by itself: the studio's painters, transport and scope over what it brings along. */

import { createOverlay } from "../board/overlay.mjs";
import { CircuitDocument } from "../document/document.mjs";
import { initialState } from "../document/state.mjs";
import { createCommands, delegateClicks } from "../lib/commands.mjs";
import { byId, setText } from "../lib/dom.mjs";
import { createStore } from "../lib/store.mjs";
import { createScope } from "../panels/scope/scope.mjs";
import { TRACE_COLOURS } from "../panels/traces.mjs";
import { createTransport } from "../panels/transport.mjs";
import { createPlayback } from "../play/playback.mjs";
import { createEpochs } from "./epochs.mjs";
import { openPayload } from "./payload.mjs";
import { skeleton } from "./skeleton.mjs";
import { createStillBoard } from "./still_board.mjs";

const KEYS = {
  " ": "play-pause", ",": "step-back", ".": "step-forward", ArrowLeft: "step-back", ArrowRight: "step-forward",
  "[": "slower", "]": "faster", f: "fit", t: "theme", Home: "restart",
};

/** The trajectory that is shown first, null where the page has none. */
function firstOf({ words, trajectory }) {
  if (!words.board) return null;
  return trajectory(words.kind === "run" ? `epoch/${words.epochs.at(-1)}` : "simulation");
}

function createLook(root) {
  return function look() {
    const style = getComputedStyle(root);
    const get = (name) => style.getPropertyValue(name).trim();
    return {
      line: get("--line"), strong: get("--line-strong"), muted: get("--muted"), font: get("--font"),
      board: get("--board"), negative: get("--negative"), positive: get("--positive"),
    };
  };
}

function registerCommands({ commands, store, root, canvas }) {
  const press = () => {
    const { lane } = store.get();
    root.dataset.lane = lane;
    for (const button of byId("lane-switch").children) button.setAttribute("aria-pressed", String(button.getAttribute("data-argument") === lane));
  };
  commands.registerAll({
    fit: { title: "Fit to view", run: () => canvas?.fit() },
    lane: { title: "Lane", run: (lane) => store.set({ lane }) },
    theme: {
      title: "Light or dark",
      run() {
        root.dataset.theme = store.get().theme === "dark" ? "light" : "dark";
        store.set({ theme: root.dataset.theme });
      },
    },
  });
  store.on(["lane"], press);
  press();
}

/** Space and the like, unless a control answers to them itself. */
function attachKeys(commands) {
  document.addEventListener("keydown", (event) => {
    const name = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = /** @type {Element} */ (event.target);
    if (at.closest("input, select, textarea") || (event.key === " " && at.closest("button, a"))) return;
    if (commands.run(name)) event.preventDefault();
  });
}

/** The board with its circuit, and what plays on it. */
function showBoard({ store, playback, commands, toast }, { words }, sim) {
  const container = byId("board");
  const canvas = createStillBoard({ element: container, store });
  const overlay = createOverlay({ container, store, canvas });
  createTransport({ store, playback, commands });
  createScope({ store, playback, commands, toast });
  store.set({ doc: CircuitDocument.from(words.board.circuit), network: words.board.network ?? null, sim, simState: "fresh" });
  playback.restart();
  playback.play();
  return { canvas, overlay };
}

/** @param {Awaited<ReturnType<typeof openPayload>>} payload */
function show(payload) {
  const root = document.documentElement;
  const { words } = payload;
  const sim = firstOf(payload);
  document.body.replaceChildren(skeleton(words, { currents: Boolean(sim?.has("currents")), adjoint: Boolean(sim?.hasAdjoint) }));
  root.dataset.mode = "simulate";
  root.dataset.board = String(Boolean(words.board));
  const store = createStore({ ...initialState(), theme: root.dataset.theme, mode: "simulate", readOnly: true, registry: words.registry, settings: words.settings });
  const toast = (message) => setText(byId("toast"), message);
  const commands = createCommands({ onError: (error) => toast(error.message) });
  const playback = createPlayback({ store });
  const core = { store, playback, commands, toast };
  const shown = words.board ? showBoard(core, payload, sim) : { canvas: null, overlay: null };
  registerCommands({ commands, store, root, canvas: shown.canvas });
  const epochs = words.epochs?.length > 0
    ? createEpochs({ store, payload, bar: byId("epoch-bar"), plots: byId("run-plots"), look: createLook(root), colours: () => TRACE_COLOURS[root.dataset.theme] })
    : null;
  delegateClicks(document, commands);
  attachKeys(commands);
  window.kd = Object.freeze({ state: () => store.get(), playback, epochs, viewport: () => shown.canvas?.viewport() ?? null, get fps() { return shown.overlay?.fps ?? 0; }, get frames() { return shown.overlay?.frames ?? 0; } });
}

function chooseTheme() {
  const root = document.documentElement;
  const wanted = root.dataset.theme;
  if (wanted !== "light" && wanted !== "dark") root.dataset.theme = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

chooseTheme();
openPayload(byId("page-contents").textContent).then(show).catch((error) => {
  byId("page-wait").textContent = `This page cannot be shown: ${error.message}`;
});
