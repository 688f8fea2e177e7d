/** What is explained, asked for once, and in which order it is shown. Pure but for the asking. */

/**
 * @typedef {{id: string, term: string, group: string, words: string, formula: string, source: string}} Term
 * @typedef {{modes: Record<string, string>, terms: Term[], files: {name: string, ending: string, words: string}[]}} Explained
 */

/** Terms by their names, the Greek λ and signs behind the letters. @param {Term[]} terms */
export const alphabetical = (terms) => [...terms].sort((a, b) => a.term.localeCompare(b.term, "en"));

/** Terms with a formula or a source, by group in the order of the file. @param {Term[]} terms @returns {[string, Term[]][]} */
export function theory(terms) {
  /** @type {Map<string, Term[]>} */
  const groups = new Map();
  for (const term of terms) {
    if (!term.formula && !term.source) continue;
    groups.set(term.group, [...(groups.get(term.group) ?? []), term]);
  }
  return [...groups];
}

/**
 * Asks the server once; after a failure the next one asks again.
 * @param {{help: () => Promise<Explained>}} api
 */
export function createContent(api) {
  /** @type {Promise<Explained>|null} */
  let waiting = null;
  return function content() {
    waiting ??= api.help().catch((error) => {
      waiting = null;
      throw error;
    });
    return waiting;
  };
}
