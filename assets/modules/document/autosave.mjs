/** Keeps the server's copy of the open circuit equal to the document, and nothing lost when that fails. */

const DELAY_MS = 400;
const RETRY_MS = 2000;
const DRAFT = (id) => `kd-draft-${id}`;

/** The copy kept in the browser while the server does not have it: {base, circuit} or null. */
export function readDraft(id, storage) {
  try {
    const draft = JSON.parse(storage.getItem(DRAFT(id)));
    return draft && typeof draft.base === "number" && draft.circuit ? draft : null;
  } catch {
    return null;
  }
}

/**
 * @param {object} parts
 * @param parts.store     reads doc, circuitId; writes saved
 * @param parts.api       saveCircuit, createCircuit, circuit, health
 * @param parts.storage   localStorage or alike
 * @param parts.clientId  tells our own saves from those of another window
 * @param {(mine, theirs) => Promise<"mine"|"theirs"|"copy"|null>} parts.onConflict
 * @param {(message: string) => void} [parts.onRefused]  the server cannot store this circuit as it is
 * @param {Timers} [parts.timers]
 */
export function createAutosave({ store, api, storage, clientId, onConflict, onRefused = () => {}, timers = { set: (fn, ms) => setTimeout(fn, ms), clear: (id) => clearTimeout(id) } }) {
  let id = null;
  let doc = null;
  let base = 0;
  let savedText = "";
  let timer = null;
  let saving = false;
  let off = () => {};

  /** Watch another document; `revision` is the server's. */
  function open(nextId, nextDoc, revision, { dirty = false } = {}) {
    close();
    id = nextId;
    doc = nextDoc;
    base = revision;
    savedText = dirty ? "" : JSON.stringify(doc.toJSON());
    off = doc.on("change", () => changed());
    store.set({ saved: dirty ? "saving" : "saved" });
    if (dirty) plan(0);
  }

  function close() {
    off();
    if (timer !== null) timers.clear(timer);
    timer = null;
    id = null;
    doc = null;
  }

  function changed() {
    if (store.get().saved === "conflict" || store.get().saved === "offline") return keepDraft();
    store.set({ saved: "saving" });
    return plan(DELAY_MS);
  }

  function plan(delay) {
    if (timer !== null) timers.clear(timer);
    timer = timers.set(flush, delay);
  }

  function keepDraft() {
    try {
      storage.setItem(DRAFT(id), JSON.stringify({ base, circuit: doc.toJSON() }));
    } catch {
      // the document is still in this window; the banner already says so
    }
  }

  function dropDraft() {
    try {
      storage.removeItem(DRAFT(id));
    } catch {
      // nothing to drop
    }
  }

  /** Save now if anything differs; returns when the server has answered. */
  async function flush() {
    if (timer !== null) timers.clear(timer);
    timer = null;
    if (!doc || saving) return;
    const mine = { id, doc };
    const circuit = doc.toJSON();
    const text = JSON.stringify(circuit);
    if (text === savedText) {
      store.set({ saved: "saved" });
      return;
    }
    saving = true;
    keepDraft();
    try {
      const answer = await api.saveCircuit(id, { circuit, revision: base, client: clientId });
      saving = false;
      if (mine.doc !== doc) return;
      base = answer.revision;
      savedText = text;
      dropDraft();
      if (JSON.stringify(doc.toJSON()) === text) store.set({ saved: "saved" });
      else plan(DELAY_MS);
    } catch (error) {
      saving = false;
      if (mine.doc === doc) await failed(error, circuit);
    }
  }

  async function failed(error, circuit) {
    if (error.status === 409) {
      await conflict();
    } else if (error.status === 404) {
      const answer = await api.createCircuit(circuit, id);
      base = answer.revision;
      savedText = JSON.stringify(circuit);
      dropDraft();
      store.set({ saved: "saved" });
    } else if (error.offline) {
      store.set({ saved: "offline" });
      timer = timers.set(retry, RETRY_MS);
    } else {
      store.set({ saved: "refused" });
      onRefused(error.message);
      if (error.status >= 500) timer = timers.set(retry, RETRY_MS * 5); // a full disk may get room again
    }
  }

  /** While the server is away: look for it, then save on top of the revision we know. */
  async function retry() {
    timer = null;
    if (!doc) return;
    try {
      await api.health();
    } catch {
      if (doc) timer = timers.set(retry, RETRY_MS);
      return;
    }
    store.set({ saved: "saving" });
    await flush();
  }

  async function conflict() {
    store.set({ saved: "conflict" });
    const theirs = await api.circuit(id).catch(() => null);
    if (theirs && JSON.stringify(theirs.circuit) === JSON.stringify(doc.toJSON())) return accept(theirs);
    const asked = id;
    const choice = await onConflict(doc.toJSON(), theirs);
    if (id !== asked) return storage.removeItem(DRAFT(asked)); // mine lives on as a copy
    if (choice === "theirs" && theirs) {
      doc.replace(theirs.circuit);
      accept(theirs);
    } else if (choice === "mine" && theirs) {
      base = theirs.revision;
      store.set({ saved: "saving" });
      await flush();
    }
  }

  function accept(theirs) {
    base = theirs.revision;
    savedText = JSON.stringify(doc.toJSON());
    dropDraft();
    store.set({ saved: "saved" });
    if (timer !== null) timers.clear(timer);
    timer = null;
  }

  /** The window is going away: keep what the server may not get any more. */
  function leave() {
    if (!doc || JSON.stringify(doc.toJSON()) === savedText) return;
    keepDraft();
    flush();
  }

  return { open, close, flush, leave, revision: () => base };
}
