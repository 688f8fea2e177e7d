/** The part of the time axis on show. Pure. */

const SMALLEST = 1e-3; // of the duration

export function createRange() {
  /** @type {[number, number]|null} */
  let range = null;
  return {
    /** @returns {[number, number]} seconds at both ends */
    of: (duration) => range ?? [0, duration],
    reset: () => { range = null; },
    /** Narrow or widen the part around `centre`, which stays where it is. */
    zoom(duration, centre, factor) {
      const [a, b] = range ?? [0, duration];
      const width = Math.max((b - a) * factor, SMALLEST * duration);
      const left = Math.min(Math.max(centre - ((centre - a) / (b - a)) * width, 0), duration - width);
      range = width >= duration ? null : [left, left + width];
    },
  };
}
