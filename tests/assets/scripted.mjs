/** Stand-ins for what a test must steer itself: time, storage and a server that answers as scripted. */

/** Timers that run when the test says so. */
export function manualTimers() {
  const due = new Map();
  let next = 1;
  return {
    set: (fn, ms) => {
      due.set(next, { fn, ms });
      return next++;
    },
    clear: (id) => due.delete(id),
    get waiting() {
      return [...due.values()].map((entry) => entry.ms);
    },
    /** Run everything that is due now and let promises settle. */
    async run() {
      const now = [...due.values()];
      due.clear();
      for (const { fn } of now) fn();
      await settle();
    },
  };
}

export async function settle() {
  for (let k = 0; k < 20; k += 1) await Promise.resolve();
}

export function memoryStorage() {
  const entries = new Map();
  return {
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => entries.set(key, String(value)),
    removeItem: (key) => entries.delete(key),
    entries,
  };
}

/** A promise that the test fulfils. */
export function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}
