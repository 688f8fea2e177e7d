/** What a circuit is without some of its devices, or with others than were drawn: pruning, mismatch, few bits. Pure. */

/** Standard deviations of mismatch that are offered, as shares of every parameter. */
export const SPREADS = [0.01, 0.05, 0.2];

/** Shares of the devices that are offered to be removed. */
export const SHARES = [0.1, 0.25, 0.5];

/** Numbers of bits of a parameter that are offered. */
export const BITS = [8, 6, 4];

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
    const bounds = boundsOf(paramsOf, kind);
    const values = Object.entries(params).filter(([, value]) => Number.isFinite(value) && value !== 0);
    return [id, Object.fromEntries(values.map(([name, value]) => [name, bounds(name, value * Math.exp(spread * gaussian(random)))]))];
  }));
}

/**
 * Parameters of devices as a few bits hold them: multiples of the largest size of that parameter among devices of
 * its kind, divided by 2^(bits - 1) - 1, inside the bounds of its kind.
 * @param {readonly any[]} devices
 * @param {(kind: string) => {name: string, low?: number|null, high?: number|null}[]} paramsOf
 * @param {number} bits  one of them is the sign
 * @returns {Record<string, Record<string, number>>}  new values by device
 */
export function quantised(devices, paramsOf, bits) {
  const largest = new Map();
  const finite = ({ params }) => Object.entries(params).filter(([, value]) => Number.isFinite(value));
  for (const device of devices) {
    for (const [name, value] of finite(device)) {
      const key = `${device.kind} ${name}`;
      largest.set(key, Math.max(largest.get(key) ?? 0, Math.abs(value)));
    }
  }
  return Object.fromEntries(devices.map((device) => {
    const bounds = boundsOf(paramsOf, device.kind);
    return [device.id, Object.fromEntries(finite(device).map(([name, value]) => {
      const step = largest.get(`${device.kind} ${name}`) / (2 ** (bits - 1) - 1);
      return [name, step > 0 ? bounds(name, Math.round(value / step) * step) : value];
    }))];
  }));
}

/** A value of a parameter inside the bounds that its kind has. */
function boundsOf(paramsOf, kind) {
  const known = new Map(paramsOf(kind).map((param) => [param.name, param]));
  return (name, value) => Math.min(Math.max(value, known.get(name)?.low ?? -Infinity), known.get(name)?.high ?? Infinity);
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
