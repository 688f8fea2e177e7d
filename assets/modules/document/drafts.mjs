/** Copies of circuits that the browser keeps while the server does not have them. Pure. */

const KEY = (id) => `kd-draft-${id}`;

/** The copy of a circuit: {base, circuit}, `base` the server's revision it was made from; or null. */
export function readDraft(id, storage) {
  try {
    const draft = JSON.parse(storage.getItem(KEY(id)));
    return draft && typeof draft.base === "number" && draft.circuit ? draft : null;
  } catch {
    return null;
  }
}

export function keepDraft(id, draft, storage) {
  try {
    storage.setItem(KEY(id), JSON.stringify(draft));
  } catch {
    // the document is still in this window; the banner already says so
  }
}

export function dropDraft(id, storage) {
  try {
    storage.removeItem(KEY(id));
  } catch {
    // nothing to drop
  }
}
