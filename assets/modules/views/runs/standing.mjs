/** What a painter makes of its host once and keeps while epochs and runs go by. Pure. */

const made = new WeakMap(); // host -> what stands in it

/**
 * @template T
 * @param {Element} host
 * @param {() => T} make
 * @returns {T}
 */
export function standing(host, make) {
  if (!made.has(host)) made.set(host, make());
  return made.get(host);
}
