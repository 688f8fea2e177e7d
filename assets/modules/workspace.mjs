/** Opens circuits into the store and keeps everything that hangs on the document in step. */

import { readDraft } from "./document/drafts.mjs";
import { CircuitDocument } from "./document/document.mjs";
import { loadSettings, saveSettings } from "./play/settings.mjs";
import { ask } from "./lib/toast.mjs";

const COPY_MS = 300;
const CHECK_MS = 200;
const RETRY_MS = 1500;
const MOST_CHECKED = 6000;

export const EMPTY_CIRCUIT = Object.freeze({ format: "kirchhoff-circuit/1", name: "", nodes: [], slices: [{ duration: 1, devices: [] }] });

/** Python's copy of the open circuit and the list of its problems follow every change a little later. */
function keepInStep({ store, bridge, simulation }) {
  let off = () => {};
  let copyTimer = null;
  let checkTimer = null;

  function watch({ doc }) {
    off();
    if (!doc) return;
    off = doc.on("change", ({ electrical }) => {
      store.set({ revision: store.get().revision + 1, slice: Math.min(store.get().slice, doc.slices.length - 1) });
      if (electrical !== false) simulation.request();
    });
  }

  function follow() {
    clearTimeout(copyTimer);
    copyTimer = setTimeout(sendCopy, COPY_MS);
    clearTimeout(checkTimer);
    checkTimer = setTimeout(check, CHECK_MS);
  }

  function sendCopy() {
    const { doc, circuitId, revision, readOnly, network } = store.get();
    if (doc && network?.id) bridge.send("doc-out", { id: circuitId, revision, circuit: null, network: network.id });
    else if (doc && !readOnly) bridge.send("doc-out", { id: circuitId, revision, circuit: doc.toJSON() });
  }

  function check() {
    const { doc } = store.get();
    if (!doc) return;
    const small = !store.get().network && doc.nodes.length + doc.devices.length <= MOST_CHECKED;
    store.set({ problems: small ? doc.checks(store.get().registry?.devices) : [] });
  }

  store.on(["doc"], watch);
  store.on(["doc", "revision", "registry"], follow);
}

/** Ask for a simulation when one became possible: the server is back, or the laws are known. */
function simulateWhenPossible({ store, simulation }) {
  store.on(["saved"], ({ saved, simError }) => {
    if (saved === "saved" && simError?.offline) simulation.request({ force: true });
  });
  store.on(["registry"], () => simulation.request({ force: true }));
}

/** Plays the first simulation after it was armed. */
function createAutoplay({ store, playback }) {
  let armed = false;
  store.on(["sim"], ({ sim }) => {
    if (!sim || !armed) return;
    armed = false;
    playback.restart();
    playback.play();
  });
  return { arm: () => { armed = true; } };
}

/**
 * The version of a circuit to go on with: the server's, or changes that are kept in this browser and did not reach it.
 * @returns {Promise<{doc: CircuitDocument, dirty: boolean}>}
 */
async function versionOf({ id, circuit, revision }, { storage, toast }) {
  const server = CircuitDocument.from(circuit);
  const draft = readDraft(id, storage);
  const mine = draft && readable(draft.circuit);
  if (!mine || mine.hash() === server.hash()) return { doc: server, dirty: false };
  if (draft.base === revision) {
    toast("Changes that had not reached the server were restored.", "ok");
    return { doc: mine, dirty: true };
  }
  const choice = await askConflict();
  return choice === "theirs" ? { doc: server, dirty: false } : { doc: mine, dirty: true };
}

/** A circuit as a document, null where it is none. */
function readable(circuit) {
  try {
    return CircuitDocument.from(circuit);
  } catch {
    return null;
  }
}

/** {id, revision} of this browser's untouched copy of an example, or of a new one. */
async function exampleCopy(circuit, example, { api, storage }) {
  const key = `kd-example-${example}`;
  const own = storage.getItem(key);
  const known = own ? await api.circuits() : [];
  if (known.some((row) => row.id === own)) {
    const there = await api.circuit(own);
    if (CircuitDocument.from(there.circuit).hash() === CircuitDocument.from(circuit).hash()) return there;
  }
  const made = await api.createCircuit(circuit);
  storage.setItem(key, made.id);
  return made;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Puts circuits on the bench. */
export class Workspace {
  #parts;
  #autoplay;
  #loading = null; // the newest wish to open something

  /** @param {{store, api, storage, preferences, bridge, autosave, simulation, playback, toast, banner, onOpened: function}} parts */
  constructor(parts) {
    this.#parts = parts;
    keepInStep(parts);
    simulateWhenPossible(parts);
    this.#autoplay = createAutoplay(parts);
  }

  #present(id, doc, revision, { dirty = false, network = null } = {}) {
    const { store, storage, autosave, simulation, onOpened } = this.#parts;
    simulation.reset();
    this.#autoplay.arm();
    store.set({
      circuitId: id, doc, settings: loadSettings(id, storage), network, readOnly: network !== null, run: null,
      selection: { nodes: [], devices: [] }, hover: null, probes: [], slice: 0, lane: "voltages", dockView: "time",
      revision: store.get().revision + 1, voltageRange: null, tool: "select",
    });
    if (network) autosave.close();
    else autosave.open(id, doc, revision, { dirty });
    simulation.request({ force: true });
    onOpened();
  }

  /** Load the circuit `id` from the server unless it is open already. */
  async open(id) {
    const { store, api, banner } = this.#parts;
    if (store.get().circuitId === id && store.get().doc) return;
    banner.hide("load");
    const mine = (this.#loading = {});
    for (;;) {
      try {
        const answer = await api.circuit(id);
        if (this.#loading !== mine) return;
        banner.hide("load");
        await this.#openAnswer(id, answer);
        return;
      } catch (error) {
        if (this.#loading !== mine) return;
        if (!error.offline) {
          banner.show("load", `${error.message} `, "error", [{ text: "To the gallery", run: () => location.assign("/") }]);
          return;
        }
        banner.show("load", "The server does not answer yet. Trying again.", "warn");
        await sleep(RETRY_MS);
      }
    }
  }

  async #openAnswer(id, { circuit, revision, network = null }) {
    if (network) return this.#present(id, CircuitDocument.from(circuit), revision, { network });
    const { doc, dirty } = await versionOf({ id, circuit, revision }, this.#parts);
    this.#present(id, doc, revision, { dirty });
  }

  /**
   * Keep a circuit as a document of the home folder and return its id. An example that this browser
   * opens again untouched is the same document, not one more copy.
   */
  async create(circuit, settings, exampleId = "") {
    const { api, storage } = this.#parts;
    const { id, revision } = exampleId ? await exampleCopy(circuit, exampleId, { api, storage }) : await api.createCircuit(circuit);
    saveSettings(id, { ...loadSettings(id, storage), ...settings }, storage);
    this.#present(id, CircuitDocument.from(circuit), revision);
    return id;
  }

  /** The circuit of a lesson: one document for each lesson and browser, made anew by every set-up. */
  async lend(circuit, settings, lesson) {
    const { api, storage, preferences, autosave } = this.#parts;
    this.#loading = null;
    autosave.close();
    const key = `kd-lesson-${lesson}`;
    const own = preferences.get(key);
    if (own) await api.deleteCircuit(own).catch(() => {}); // it may have been deleted by hand
    const id = `lesson-${lesson}-${Math.random().toString(36).slice(2, 10)}`;
    const made = await api.createCircuit(circuit, id);
    preferences.set(key, id);
    saveSettings(id, { ...loadSettings(id, storage), ...settings }, storage);
    this.#present(id, CircuitDocument.from(circuit), made.revision);
  }

  /** Leave the bench empty. */
  close() {
    const { store, autosave, simulation, banner } = this.#parts;
    this.#loading = null;
    banner.hide("load");
    autosave.flush();
    autosave.close();
    simulation.reset();
    store.set({ doc: null, circuitId: null, network: null, readOnly: false, selection: { nodes: [], devices: [] }, problems: [] });
  }

  changeSettings(settings) {
    const { store, storage, simulation } = this.#parts;
    store.set({ settings });
    saveSettings(store.get().circuitId, settings, storage);
    simulation.request();
  }
}

/** The same circuit was changed in two places: a person decides. */
export function askConflict() {
  return ask({
    required: true,
    title: "This circuit was also changed elsewhere",
    text: "Another window saved a different version. Which one should be kept? With “Mine”, the other version is replaced.",
    choices: [
      { key: "theirs", text: "The other version" },
      { key: "copy", text: "Mine, as a copy" },
      { key: "mine", text: "Mine", primary: true },
    ],
  });
}
