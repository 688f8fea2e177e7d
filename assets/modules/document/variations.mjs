/** What a circuit is without some of its devices, or with others than were drawn: pruning, and mismatch as chips have it. Pure. */

/** Standard deviations of mismatch that are offered, as shares of every parameter. */
export const SPREADS = [0.01, 0.05, 0.2];

/** Shares of the devices that are offered to be removed. */
export const SHARES = [0.1, 0.25, 0.5];

/** A number of a standard normal distribution, from two uniform ones (Box and Muller, 1958). */
function gaussian(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Parameters of devices as they come from a factory: each times exp(spread g) with g of a standard normal
 * distribution, which keeps its sign, and inside the bounds of its kind.
 * @param {readonly any[]} devices
 * @param {(kind: string) => {name: string, low?: number|null, high?: number|null}[]} paramsOf
 * @param {number} spread
 * @param {() => number} [random]  uniform in [0, 1)
 * @returns {Record<string, Record<string, number>>}  new values by device
 */
export function varied(devices, paramsOf, spread, random = Math.random) {
  return Object.fromEntries(devices.map(({ id, kind, params }) => {
    const bounds = new Map(paramsOf(kind).map((param) => [param.name, param]));
    const values = Object.entries(params).filter(([, value]) => Number.isFinite(value) && value !== 0);
    return [id, Object.fromEntries(values.map(([name, value]) => {
      const { low, high } = bounds.get(name) ?? {};
      return [name, Math.min(Math.max(value * Math.exp(spread * gaussian(random)), low ?? -Infinity), high ?? Infinity)];
    }))];
  }));
}

/**
 * Ids of the share of devices that carry least at any time, of those whose current is known; one stays in any case.
 * @param {readonly {id: string}[]} devices
 * @param {(id: string) => number} largest  current of a device over all times [A]; NaN where it is not known
 * @param {number} share
 */
export function weakest(devices, largest, share) {
  const known = devices.map(({ id }) => ({ id, current: largest(id) })).filter(({ current }) => Number.isFinite(current));
  const count = Math.min(Math.ceil(share * known.length), known.length - 1);
  return known.sort((a, b) => a.current - b.current).slice(0, Math.max(count, 0)).map(({ id }) => id);
}
