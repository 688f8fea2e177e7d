/** The circuit that is open, how it is kept, and every way in which another one comes in its place. */

import { createAutosave } from "./document/autosave.mjs";
import { createPages } from "./pages.mjs";
import { createReplay } from "./play/replay.mjs";
import { EMPTY_CIRCUIT, Workspace, askConflict } from "./workspace.mjs";

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

/** What is open, in the browser's address and in the store. */
export class Bench {
  #core;

  /**
   * @param {object} core  what every part shares, see studio.mjs
   * @param {{enter: () => void, leave: () => void}} gallery  what is there while nothing is open
   * @param {{list: () => void, open: (id: string, step: number|null) => void, leave: () => void}} lessons
   */
  constructor(core, gallery, lessons) {
    const { store, root, preferences, toast, board, simulation } = core;
    this.#core = core;
    this.autosave = createAutosave({
      ...core, clientId: clientId(), onConflict: (mine) => this.#settle(mine), onRefused: (message) => toast(message, "error"),
    });
    this.workspace = new Workspace({ ...core, autosave: this.autosave, onOpened: board.mount });
    this.replay = createReplay({
      ...core,
      onEnter: board.fit,
      onLeave: () => {
        board.fit();
        simulation.request({ force: true });
      },
    });
    this.pages = createPages({
      store, root, preferences,
      onGallery: () => {
        toast.clear();
        this.#clear(lessons);
        gallery.enter();
      },
      onLearn: () => {
        this.#clear(lessons);
        gallery.leave();
        lessons.list();
      },
      onCircuit: (id) => {
        lessons.leave();
        gallery.leave();
        this.workspace.open(id);
      },
      onLesson: (id, step) => {
        gallery.leave();
        lessons.open(id, step);
      },
      onNew: () => this.openNew(EMPTY_CIRCUIT),
      onMode: (mode) => {
        if (mode === "build") this.replay.leave();
      },
    });
  }

  /** Nothing is open any more. */
  #clear(lessons) {
    this.replay.leave();
    lessons.leave();
    this.workspace.close();
  }

  /** Open a circuit that no file of the home folder holds yet. */
  async openNew(circuit, settings = {}, exampleId = "", mode = circuit.nodes.length === 0 ? "build" : "simulate") {
    try {
      const id = await this.workspace.create(circuit, settings, exampleId);
      this.pages.goTo(id, mode);
    } catch (error) {
      this.#core.toast(error.message, "error");
    }
  }

  /** Open what the home folder or an example holds; a network is only looked at. */
  openKept({ id, network }) {
    this.pages.goTo(id, network ? "simulate" : "build");
  }

  /** Follow a run from the front page, beside the circuit that was last at work, or a new one. */
  async openRun(id) {
    const { api, bridge, toast } = this.#core;
    try {
      const last = (await api.circuits()).find((row) => !row.damaged);
      if (last) this.pages.goTo(last.id, "train");
      else await this.openNew(EMPTY_CIRCUIT, {}, "", "train");
      bridge.send("run-selected", id);
    } catch (error) {
      toast(error.message, "error");
    }
  }

  /**
   * Open a lane of a trained model as a circuit of its own, which says where it comes from.
   * @param {{id: string, epoch: number}} of  the run
   * @param {object} options  as `kirchhoff export RUN --set` has them
   */
  async openLane({ id, epoch }, options) {
    const { api, toast } = this.#core;
    try {
      const { circuit, outputs, words } = await api.runLane(id, { epoch, options });
      await this.openNew(circuit, { outputs, origin: words }, "", "build");
      toast(words[0], "ok");
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "error");
    }
  }

  /** Follow a run that came in a file, beside its trained circuit where nothing is open. */
  async adoptRun(id) {
    const { store, api, bridge, toast } = this.#core;
    if (!store.get().doc || document.documentElement.dataset.page !== "workspace") {
      const { circuit, network } = await api.runCircuit(id).catch(() => ({ circuit: EMPTY_CIRCUIT, network: null }));
      await this.openNew(network ? EMPTY_CIRCUIT : circuit, {}, "", "train");
    } else this.pages.setMode("train");
    bridge.send("run-selected", id);
    toast("The run is among yours now.", "ok");
  }

  /** A document made by Python (generate, trained values): one undoable step. */
  replaceDocument(circuit, label = "") {
    const { store, simulation, board, toast, commands } = this.#core;
    this.replay.leave();
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
    board.fit();
    if (label) toast(`${label}: ${circuit.name || "untitled circuit"}`, "ok", { action: { text: "Undo", run: () => commands.run("undo") } });
  }

  /** What Python made: a network, a circuit of its own, or one in the place of what is open. */
  receive(made) {
    this.replay.leave();
    if (made.network) this.pages.goTo(made.network, "simulate");
    else if (made.new) this.openNew(made.circuit);
    else this.replaceDocument(made.circuit, made.label);
  }

  /** The same circuit was changed elsewhere: which version to keep, null when ours became another circuit. */
  async #settle(mine) {
    const choice = await askConflict();
    if (choice !== "copy") return choice;
    await this.openNew({ ...mine, name: `${mine.name || "Circuit"} (copy)` });
    return null;
  }
}
