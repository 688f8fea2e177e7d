/** One observable object of values by name. */

/**
 * @param {object} initial  first value of every key
 * @returns {{get: function, set: function, on: function}}
 */
export function createStore(initial = {}) {
  const state = { ...initial };
  const listeners = new Set();

  function get(key) {
    return key === undefined ? state : state[key];
  }

  /** Merge `patch`; listeners hear only about keys whose value really changed. */
  function set(patch) {
    const changed = [];
    for (const key of Object.keys(patch)) {
      if (!Object.is(state[key], patch[key])) {
        state[key] = patch[key];
        changed.push(key);
      }
    }
    if (changed.length === 0) return;
    for (const listener of [...listeners]) {
      if (listeners.has(listener) && changed.some((key) => listener.keys.has(key))) {
        listener.fn(state, changed);
      }
    }
  }

  /** Call `fn(state, changedKeys)` after a change of any of `keys`; returns the unsubscriber. */
  function on(keys, fn) {
    const listener = { keys: new Set(keys), fn };
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return { get, set, on };
}
