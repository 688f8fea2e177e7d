/** What a person prefers, kept by the browser where it keeps anything. Pure. */

/** @param {{getItem: function, setItem: function}} storage  localStorage or alike; it may refuse */
export function createPreferences(storage) {
  return {
    set(key, value) {
      try {
        storage.setItem(key, value);
      } catch {
        // only a preference
      }
    },
    get(key) {
      try {
        return storage.getItem(key);
      } catch {
        return null;
      }
    },
  };
}
