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

/**
 * @param {{store, api, storage, bridge, autosave, simulation, playback, toast, banner, onOpened: function}} parts
 */
export function createWorkspace({ store, api, storage, bridge, autosave, simulation, playback, toast, banner, onOpened }) {
  let off = () => {};
  let copyTimer = null;
  let checkTimer = null;
  let autoplay = false;
  let loading = null;

  function watch({ doc }) {
    off();
    if (!doc) return;
    off = doc.on("change", ({ electrical }) => {
      store.set({ revision: store.get().revision + 1, slice: Math.min(store.get().slice, doc.slices.length - 1) });
      if (electrical !== false) simulation.request();
    });
  }

  /** Python's copy of the circuit and the list of problems follow a little later. */
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
    store.set({ problems: small ? doc.checks() : [] });
  }

  /** Put a document on the bench. */
  function present(id, doc, revision, { dirty = false, play = true, network = null } = {}) {
    simulation.reset();
    const settings = loadSettings(id, storage);
    autoplay = play;
    store.set({
      circuitId: id, doc, settings, network, readOnly: network !== null, run: null,
      selection: { nodes: [], devices: [] }, hover: null, probes: [], slice: 0, lane: "voltages",
      revision: store.get().revision + 1, voltageRange: null, tool: "select",
    });
    if (network) autosave.close();
    else autosave.open(id, doc, revision, { dirty });
    simulation.request({ force: true });
    onOpened();
  }

  /** Load the circuit `id` from the server unless it is open already. */
  async function open(id) {
    if (store.get().circuitId === id && store.get().doc) return;
    const mine = (loading = {});
    for (;;) {
      try {
        const answer = await api.circuit(id);
        if (loading !== mine) return;
        banner.hide("load");
        await openAnswer(id, answer);
        return;
      } catch (error) {
        if (loading !== mine) return;
        if (!error.offline) {
          banner.show("load", `${error.message} `, "error", [{ text: "To the gallery", run: () => location.assign("/") }]);
          return;
        }
        banner.show("load", "The server does not answer yet. Trying again.", "warn");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async function openAnswer(id, { circuit, revision, network = null }) {
    const draft = network ? null : readDraft(id, storage);
    const server = CircuitDocument.from(circuit);
    if (network) return present(id, server, revision, { network });
    if (!draft) return present(id, server, revision);
    let mine;
    try {
      mine = CircuitDocument.from(draft.circuit);
    } catch {
      return present(id, server, revision);
    }
    if (mine.hash() === server.hash()) return present(id, server, revision);
    if (draft.base === revision) {
      toast("Changes that had not reached the server were restored.", "ok");
      return present(id, mine, revision, { dirty: true });
    }
    const choice = await askConflict();
    return present(id, choice === "theirs" ? server : mine, revision, { dirty: choice !== "theirs" });
  }

  /**
   * Keep a circuit as a document of the home folder and return its id. An example that this browser
   * opens again untouched is the same document, not one more copy.
   */
  async function create(circuit, settings, exampleId = "") {
    const { id, revision } = exampleId ? await exampleCopy(circuit, exampleId) : await api.createCircuit(circuit);
    saveSettings(id, { ...loadSettings(id, storage), ...settings }, storage);
    present(id, CircuitDocument.from(circuit), revision);
    return id;
  }

  /** {id, revision} of this browser's untouched copy of an example, or of a new one. */
  async function exampleCopy(circuit, example) {
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

  function close() {
    loading = null;
    autosave.flush();
    autosave.close();
    simulation.reset();
    off();
    store.set({ doc: null, circuitId: null, network: null, readOnly: false, selection: { nodes: [], devices: [] }, problems: [] });
  }

  function changeSettings(settings) {
    store.set({ settings });
    saveSettings(store.get().circuitId, settings, storage);
    simulation.request();
  }

  store.on(["doc"], watch);
  store.on(["doc", "revision"], follow);
  store.on(["saved"], ({ saved, simError }) => {
    if (saved === "saved" && simError?.offline) simulation.request({ force: true }); // the server is back
  });
  store.on(["registry"], () => simulation.request({ force: true }));
  store.on(["sim"], ({ sim }) => {
    if (!sim || !autoplay) return;
    autoplay = false;
    playback.restart();
    playback.play();
  });

  return { open, create, close, changeSettings };
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
