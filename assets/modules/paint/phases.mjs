/** Moving dots: where they are, how fast they go, how large they are. Pure. */

export const DOT_SPACING = 20; // board units between dots, about; every edge holds a whole number
export const PHASE_CYCLE = 5040; // phases wrap here: divisible by every stride up to 10
const SPEED = 95; // board units a second at the largest current
const COMPRESS = 0.55; // exponent that keeps small currents visible

/** One phase a device, in units of its own dot spacing, all different so that no pattern appears. */
export function createPhases(scene) {
  const phases = new Float32Array(scene.E);
  for (let e = 0; e < phases.length; e++) phases[e] = (e * 0.618034) % 1;
  return phases;
}

/** Dots on an edge of this length. */
export const dotCount = (length) => Math.max(1, Math.round(length / DOT_SPACING));

/** 0..1 of how strong a current looks; `gain` is user gain over the lane's largest |i|. */
export function strength(current, gain) {
  const u = Math.abs(current) * gain;
  return u > 0 ? Math.min(1, u) ** COMPRESS : 0; // NaN (outside the slice) is 0
}

/** Board units a second, with the current's sign; beyond the largest current speed still grows with gain. */
export function dotSpeed(current, gain) {
  const u = Math.abs(current) * gain;
  if (!(u > 0)) return 0;
  return Math.sign(current) * SPEED * u ** COMPRESS;
}

/**
 * Moves every phase by `dt` wall seconds of its current.
 *
 * @param {Float32Array} phases  changed in place
 * @param {Float32Array} lengths  of the edges
 * @param {Uint8Array} [glow]  set to 1 where dots would alias: more than half a spacing in this step
 * @returns {Float32Array} phases
 */
export function advancePhases(phases, currents, dt, gain, lengths, glow = undefined) {
  for (let e = 0; e < phases.length; e++) {
    const spacing = lengths[e] / dotCount(lengths[e]);
    const step = spacing > 0 ? (dotSpeed(currents[e], gain) * dt) / spacing : 0;
    const aliased = step > 0.5 || step < -0.5;
    if (glow) glow[e] = aliased ? 1 : 0;
    if (step === 0 || aliased) continue;
    let next = phases[e] + step;
    if (next >= PHASE_CYCLE) next -= PHASE_CYCLE;
    else if (next < 0) next += PHASE_CYCLE;
    phases[e] = next;
  }
  return phases;
}

/**
 * The smallest |i| that is still animated when only `most` edges may be; 0 when all may.
 * A histogram on a logarithmic scale: exact selection is not worth a sort per frame.
 */
export function weakestShown(currents, first, last, most) {
  if (last - first <= most) return 0;
  const BINS = 64;
  const counts = new Uint32Array(BINS);
  let largest = 0;
  for (let e = first; e < last; e++) largest = Math.max(largest, Math.abs(currents[e]) || 0);
  if (largest === 0) return 0;
  const bin = (size) => Math.max(0, Math.floor(BINS + 4 * Math.log2(size / largest) - 1e-9));
  for (let e = first; e < last; e++) {
    const size = Math.abs(currents[e]);
    if (size > 0) counts[Math.min(BINS - 1, bin(size))] += 1;
  }
  let sum = 0;
  for (let k = BINS - 1; k >= 0; k--) {
    sum += counts[k];
    if (sum > most) return largest * 2 ** ((k + 1 - BINS) / 4);
  }
  return 0;
}
