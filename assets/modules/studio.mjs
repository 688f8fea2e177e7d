/** Composition root of the browser: makes every part once and connects them through the store. */

import { attachA11y } from "./board/a11y.mjs";
import { registerDocumentCommands, registerWorkspaceCommands } from "./actions.mjs";
import { createApi } from "./lib/api.mjs";
import { Bench } from "./bench.mjs";
import { createCanvas } from "./board/canvas.mjs";
import { createBodeView } from "./panels/small_signals/bode_view.mjs";
import { createCommands, delegateClicks } from "./lib/commands.mjs";
import { createDataPanel } from "./panels/data_panel.mjs";
import { exposeDebug } from "./debug.mjs";
import { createDock } from "./dock.mjs";
import { byId } from "./lib/dom.mjs";
import { createEmptyBoard } from "./board/empty_board.mjs";
import { createEpochRuler } from "./panels/runs/epoch_ruler.mjs";
import { createFiles } from "./panels/files/files.mjs";
import { createFinder } from "./panels/finder.mjs";
import { bindFrame } from "./frame.mjs";
import { createGallery } from "./panels/gallery.mjs";
import { createLessons } from "./panels/learn/door.mjs";
import { createHelp } from "./panels/explain/help.mjs";
import { createInspector } from "./panels/inspector/inspector.mjs";
import { keepView } from "./board/keep_view.mjs";
import { SHORTCUTS, attachKeys } from "./keys.mjs";
import { createNetworkSimulation } from "./play/network_sim.mjs";
import { quantity } from "./lib/numbers.mjs";
import { createOverlay } from "./board/overlay.mjs";
import { createPalette } from "./panels/palette.mjs";
import { createInputPlaneSource } from "./views/input_plane_source.mjs";
import { createPlaneSource } from "./views/plane_source.mjs";
import { createPlayback } from "./play/playback.mjs";
import { createPreferences } from "./preferences.mjs";
import { RunFollower } from "./panels/run_follow.mjs";
import { createRunsList } from "./panels/runs_list.mjs";
import { createSweeps } from "./panels/sweeps/sweeps.mjs";
import { createScope } from "./panels/scope/scope.mjs";
import { watchServer } from "./lib/server_state.mjs";
import { createSheetView } from "./panels/sheet/sheet_view.mjs";
import { createSimulation } from "./play/simulation.mjs";
import { createSmallSignals } from "./play/small_signals.mjs";
import { createStore } from "./lib/store.mjs";
import { initialState } from "./document/state.mjs";
import { createBanner, createToast } from "./lib/toast.mjs";
import { createTransport } from "./panels/transport.mjs";
import { createVersions } from "./panels/files/versions.mjs";
import { createViewLink } from "./view_link.mjs";

const REGISTRY_RETRY_MS = 400;

/** Called once by assets/bridge.js when the layout exists. */
export function start(bridge) {
  const core = createCore(bridge);
  const { store, api } = core;
  const lessons = createLessons({ core });
  const bench = new Bench(core, { enter: () => front.enter(), leave: () => front.leave() }, { ...lessons, list: () => lessons.list("learn-list") });
  const data = createDataPanel(core);
  const files = createFiles({
    ...core, onOther: data.drop, onLesson: lessons.take,
    onCircuit: (circuit, name) => bench.openNew(named(circuit, name)),
    onNetwork: (id) => bench.openKept({ id, network: true }),
    onRun: (id) => bench.adoptRun(id),
  });
  const front = createGallery({
    ...core, lessons, openCircuit: (...example) => bench.openNew(...example), openRecent: (row) => bench.openKept(row), openRun: (id) => bench.openRun(id),
  });
  registerCommands(core, bench, files);
  createWorkspacePanels(core, bench);
  bridge.onDocument((made) => bench.receive(made));
  const follow = new RunFollower({ ...core, replay: bench.replay, openLane: (of, options) => bench.openLane(of, options) });
  createRunsList({ ...core, follow });
  createSweeps(core);
  lessons.connect(bench, follow);
  bridge.onToast(({ message, kind }) => core.toast(message, kind));
  answerDrawings(core);
  createPlaneSource(core);
  createInputPlaneSource(core);
  watchServer(core);
  playAnswers(core);
  document.addEventListener("visibilitychange", () => document.hidden && bench.autosave.leave());
  window.addEventListener("pagehide", () => bench.autosave.leave());
  window.kd = Object.freeze({
    debug: exposeDebug({ ...core, gallery: front, autosave: bench.autosave }),
    setRun: bench.replay.setRun,
    replaceDocument: (circuit, label) => bench.replaceDocument(circuit, label),
  });
  fetchRegistry(store, api);
  const link = createViewLink({ ...core, replay: bench.replay });
  bench.pages.start();
  link.read();
}

/** What every part shares. */
function createCore(bridge) {
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
  const board = createBoard({ store, commands });
  return { bridge, root, storage, preferences: createPreferences(storage), store, api, toast, banner, commands, playback, networks, simulation, board };
}

/** The board needs a visible container, so it is made when the first circuit opens. */
function createBoard({ store, commands }) {
  const board = { canvas: null, overlay: null, mount, fit };

  function mount() {
    if (!board.canvas) {
      board.canvas = createCanvas({ element: byId("board-cy"), store, commands });
      board.overlay = createOverlay({ container: byId("board"), store, canvas: board.canvas });
      keepView({ board: byId("board"), canvas: board.canvas });
      attachA11y({ board: byId("board"), live: byId("a11y-live"), store, commands, canvas: board.canvas });
    }
    fit();
  }

  function fit() {
    requestAnimationFrame(() => board.canvas?.fit());
  }

  return board;
}

function registerCommands(core, bench, files) {
  const { store, commands, board, root, preferences, toast } = core;
  const { pages } = bench;
  const versions = createVersions({ ...core, bench });
  registerDocumentCommands({ store, commands, canvas: () => board.canvas, toast });
  registerWorkspaceCommands({
    ...core, pages, files,
    dock: createDock({ root, preferences, handle: byId("dock-handle"), dock: byId("dock") }),
    palette: createPalette({ commands, shortcuts: SHORTCUTS, finder: createFinder(core) }),
    sheet: createHelp({ ...core, shortcuts: SHORTCUTS }),
    save: versions.save,
  });
}

/** Everything around the board, and what listens to clicks and keys. */
function createWorkspacePanels(core, { workspace }) {
  const { store, api, commands, toast } = core;
  createTransport(core);
  createInspector({ store, api, commands, toast, saveSettings: (settings) => workspace.changeSettings(settings) });
  createEpochRuler(core);
  createScope(core);
  createBodeView(core);
  createSheetView(core);
  createSmallSignals(core);
  createEmptyBoard({ container: byId("board"), store });
  bindFrame(core);
  delegateClicks(document, commands);
  attachKeys({ target: document, commands });
}

/** A network computes what is drawn for it, and its answer stands at the end of its time. */
function answerDrawings({ store, networks, playback }) {
  store.on(["drawn"], ({ drawn }) => networks.draw(drawn));
  store.on(["network"], ({ network }) => {
    if (Boolean(network) === playback.clock.loop) playback.toggleLoop();
  });
}

/** The first answer to a drawing is played. */
function playAnswers({ store, playback }) {
  let answered = null;
  store.on(["sim"], ({ sim, drawn }) => {
    if (!sim || !store.get().network || answered === drawn) return;
    answered = drawn;
    playback.restart();
    playback.play();
  });
}

/** Ask for what there is to choose from until the server answers. */
async function fetchRegistry(store, api) {
  try {
    store.set({ registry: await api.registry() });
  } catch {
    setTimeout(() => fetchRegistry(store, api), REGISTRY_RETRY_MS);
  }
}

/** Imported files without a name get that of the file. */
function named(circuit, fileName) {
  return circuit.name ? circuit : { ...circuit, name: fileName.replace(/\.[^.]+$/, "") };
}

/** Asks the simulation that fits what is open: a drawn circuit or a large network. */
function eitherSimulation(store, drawn, networks) {
  const chosen = () => (store.get().network ? networks : drawn);
  return {
    request: (options) => chosen().request(options),
    stop: () => chosen().stop(),
    reset() {
      networks.reset();
      drawn.reset();
    },
  };
}
