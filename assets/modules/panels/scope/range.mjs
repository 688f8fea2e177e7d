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

/**
 * How many accepted steps end in each column of pixels.
 * @param {ArrayLike<number>} steps  ascending [s]
 * @param {[number, number]} range  of the time axis
 * @param {number} columns
 */
export function stepColumns(steps, [from, to], columns) {
  const counts = new Uint16Array(Math.max(columns, 0));
  const scale = columns / (to - from);
  for (let k = 0; k < steps.length; k += 1) {
    const at = Math.floor((steps[k] - from) * scale);
    if (at >= 0 && at < columns) counts[at] += 1;
  }
  return counts;
}
