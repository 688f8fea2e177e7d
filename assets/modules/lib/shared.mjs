/** What several things have in common. Pure. */

/** What a field shows whose things differ. */
export const SEVERAL = "several";

/**
 * The value that all have, `undefined` where they differ or where there is none.
 * @template T
 * @param {T[]} values
 * @returns {T|undefined}
 */
export function sharedOf(values) {
  const [first] = values;
  return values.every((value) => Object.is(value, first)) ? first : undefined;
}
