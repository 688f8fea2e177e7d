/** Composition root of the browser: makes every part once and connects them through the store. */

import { attachA11y } from "./board/a11y.mjs";
import { registerDocumentCommands, registerWorkspaceCommands } from "./actions.mjs";
import { createApi } from "./lib/api.mjs";
import { createAutosave } from "./document/autosave.mjs";
import { createCanvas } from "./board/canvas.mjs";
import { createCommands, delegateClicks } from "./lib/commands.mjs";
import { createDataPanel } from "./panels/data_panel.mjs";
import { exposeDebug } from "./debug.mjs";
import { byId } from "./lib/dom.mjs";
import { createEmptyBoard } from "./board/empty_board.mjs";
import { createFiles } from "./panels/files.mjs";
import { bindFrame } from "./frame.mjs";
import { createGallery } from "./panels/gallery.mjs";
import { createInspector } from "./panels/inspector/inspector.mjs";
import { keepView } from "./board/keep_view.mjs";
import { SHORTCUTS, attachKeys } from "./keys.mjs";
import { createNetworkSimulation } from "./play/network_sim.mjs";
import { quantity } from "./lib/numbers.mjs";
import { createOverlay } from "./board/overlay.mjs";
import { createPages } from "./pages.mjs";
import { createPalette, createShortcutSheet } from "./panels/palette.mjs";
import { createPlaneSource } from "./views/plane_source.mjs";
import { createPlayback } from "./play/playback.mjs";
import { createReplay } from "./play/replay.mjs";
import { RunFollower } from "./panels/run_follow.mjs";
import { createRunsList } from "./panels/runs_list.mjs";
import { createScope } from "./panels/scope.mjs";
import { watchServer } from "./lib/server_state.mjs";
import { createSimulation } from "./play/simulation.mjs";
import { createStore } from "./lib/store.mjs";
import { initialState } from "./document/state.mjs";
import { createBanner, createToast } from "./lib/toast.mjs";
import { createTransport } from "./panels/transport.mjs";
import { EMPTY_CIRCUIT, askConflict, createWorkspace } from "./workspace.mjs";

const REGISTRY_RETRY_MS = 400;

/** Called once by assets/bridge.js when the layout exists. */
export function start(bridge) {
  const root = document.documentElement;
  const storage = window.localStorage;
  const store = createStore({ ...initialState(), theme: root.dataset.theme });
  const api = createApi();
  const toast = createToast();
  const banner = createBanner();
  const commands = createCommands({ onError: (error) => toast(error.message, "error") });
  const playback = createPlayback({ store });
  const networks = createNetworkSimulation({ store, api, quantity });
  const simulation = eitherSimulation(store, createSimulation({ store, api, quantity }), networks);
  const board = { canvas: null, overlay: null };

  const autosave = createAutosave({
    store, api, storage, clientId: clientId(), onConflict,
    onRefused: (message) => toast(message, "error"),
  });
  const workspace = createWorkspace({ store, api, storage, bridge, autosave, simulation, playback, toast, banner, onOpened: mountBoard });
  const fit = () => requestAnimationFrame(() => board.canvas?.fit());
  const replay = createReplay({
    store, api, toast, banner,
    onEnter: fit,
    onLeave: () => {
      fit();
      simulation.request({ force: true });
    },
  });
  const pages = createPages({
    store, root, storage,
    onGallery: () => {
      replay.leave();
      workspace.close();
      gallery.enter();
    },
    onCircuit: (id) => {
      gallery.leave();
      workspace.open(id);
    },
    onNew: () => openNew(EMPTY_CIRCUIT),
    onMode: (mode) => {
      if (mode === "build") replay.leave();
    },
  });
  const data = createDataPanel({ store, api, bridge });
  const files = createFiles({
    api, toast, onOther: data.drop,
    onCircuit: (circuit, name) => openNew(named(circuit, name)),
    onNetwork: (id) => pages.goTo(id, "simulate"),
  });
  const gallery = createGallery({
    store, api, commands, toast, openCircuit: openNew, openRecent: (row) => pages.goTo(row.id, row.network ? "simulate" : "build"),
  });

  registerDocumentCommands({ store, commands, canvas: () => board.canvas, toast });
  registerWorkspaceCommands({
    store, commands, root, pages, files, simulation,
    palette: createPalette({ commands, shortcuts: SHORTCUTS }),
    sheet: createShortcutSheet({ shortcuts: SHORTCUTS }),
    save: async () => {
      await autosave.flush();
      if (store.get().saved === "saved") toast("Saved.", "ok");
    },
  });
  createTransport({ store, playback, commands });
  createInspector({ store, api, commands, toast, saveSettings: workspace.changeSettings });
  createScope({ store, playback, commands, toast });
  createEmptyBoard({ container: byId("board"), store });
  bindFrame({ store, commands, root, banner });
  delegateClicks(document, commands);
  attachKeys({ target: document, commands });
  pages.attachHandle(byId("dock-handle"), byId("dock"));

  /** The board needs a visible container, so it is made when the first circuit opens. */
  function mountBoard() {
    if (!board.canvas) {
      board.canvas = createCanvas({ element: byId("board-cy"), store, commands });
      board.overlay = createOverlay({ container: byId("board"), store, canvas: board.canvas });
      keepView({ board: byId("board"), canvas: board.canvas });
      attachA11y({ board: byId("board"), live: byId("a11y-live"), store, commands, canvas: board.canvas });
    }
    fit();
  }

  async function openNew(circuit, settings = {}, exampleId = "") {
    try {
      const id = await workspace.create(circuit, settings, exampleId);
      pages.goTo(id, circuit.nodes.length === 0 ? "build" : "simulate");
    } catch (error) {
      toast(error.message, "error");
    }
  }

  async function onConflict(mine) {
    const choice = await askConflict();
    if (choice === "copy") {
      await openNew({ ...mine, name: `${mine.name || "Circuit"} (copy)` });
      return null;
    }
    return choice;
  }

  /** A document made by Python (generate, trained values): one undoable step. */
  function replaceDocument(circuit, label = "") {
    replay.leave();
    const { doc } = store.get();
    if (!doc) return;
    try {
      doc.replace(circuit);
    } catch (error) {
      toast(error.message, "error");
      return;
    }
    store.set({ selection: { nodes: [], devices: [] } });
    simulation.request({ force: true });
    fit();
    if (label) toast(`${label}: ${circuit.name || "untitled circuit"}`, "ok", { action: { text: "Undo", run: () => commands.run("undo") } });
  }

  bridge.onDocument((made) => {
    replay.leave();
    if (made.network) pages.goTo(made.network, "simulate");
    else if (made.new) openNew(made.circuit);
    else replaceDocument(made.circuit, made.label);
  });
  const follow = new RunFollower({ store, api, bridge, commands, replay, root });
  createRunsList({ store, api, bridge, commands, toast, follow, root });
  bridge.onToast(({ message, kind }) => toast(message, kind));
  store.on(["drawn"], ({ drawn }) => networks.draw(drawn));
  store.on(["network"], ({ network }) => {
    if (Boolean(network) === playback.clock.loop) playback.toggleLoop(); // the answer stands at the end
  });
  createPlaneSource({ store, api });
  watchServer({ store, api });
  let answered = null;
  store.on(["sim"], ({ sim, drawn }) => {
    if (!sim || !store.get().network || answered === drawn) return;
    answered = drawn;
    playback.restart();
    playback.play();
  });
  document.addEventListener("visibilitychange", () => document.hidden && autosave.leave());
  window.addEventListener("pagehide", () => autosave.leave());

  window.kd = Object.freeze({
    debug: exposeDebug({ store, playback, board, gallery, autosave }),
    setRun: replay.setRun,
    replaceDocument,
  });
  fetchRegistry();
  pages.start();

  async function fetchRegistry() {
    try {
      store.set({ registry: await api.registry() });
    } catch {
      setTimeout(fetchRegistry, REGISTRY_RETRY_MS);
    }
  }
}

/** Imported files without a name get that of the file. */
function named(circuit, fileName) {
  return circuit.name ? circuit : { ...circuit, name: fileName.replace(/\.[^.]+$/, "") };
}

/** Tells this window's saves from another's, also after a reload. */
function clientId() {
  const made = `w${Math.random().toString(36).slice(2, 12)}`;
  try {
    const kept = sessionStorage.getItem("kd-client") ?? made;
    sessionStorage.setItem("kd-client", kept);
    return kept;
  } catch {
    return made;
  }
}

/** Asks the simulation that fits what is open: a drawn circuit or a large network. */
function eitherSimulation(store, drawn, networks) {
  const chosen = () => (store.get().network ? networks : drawn);
  return {
    request: (options) => chosen().request(options),
    reset() {
      networks.reset();
      drawn.reset();
    },
  };
}
