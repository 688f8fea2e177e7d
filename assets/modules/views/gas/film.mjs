/** One layer of a gas as a film: accelerate, candidate pairs, collisions, drift. Where all is at a time. Pure. */

/**
 * @typedef {object} Film  of one example and layer, n particles in a plane
 * @property {number} count  n
 * @property {Float32Array} place  x, y before and x, y after the drift, of every particle
 * @property {Float32Array[]} motion  velocities (n, 2) before and after every round
 * @property {{first: number, second: number, chance: number, met: boolean}[][]} rounds  candidate pairs of every round
 *
 * @typedef {{name: string, title: string, round: number, begin: number, end: number}} Phase  times in seconds
 *
 * @typedef {object} Moment  what is seen at a time
 * @property {Phase} phase
 * @property {number} share  of the phase that is over
 * @property {Float32Array} at  positions (n, 2)
 * @property {Float32Array} arrows  what is left of every velocity (n, 2)
 * @property {number} lines  strength of the lines of candidate pairs, 0 to 1
 * @property {number} flash  strength of the flash of those that collide, 0 to 1
 */

const SECONDS = { accelerate: 1.2, pairs: 1.4, collide: 1.8, drift: 1.4 };
const TITLES = { accelerate: "accelerate", pairs: "candidate pairs", collide: "collide", drift: "drift" };

/** The phases of a film with so many rounds of collisions. @returns {Phase[]} */
export function phasesOf(rounds) {
  const names = [["accelerate", 0], ...Array.from({ length: rounds }, (_, k) => [["pairs", k], ["collide", k]]).flat(), ["drift", rounds]];
  let begin = 0;
  return names.map(([name, round]) => {
    const phase = { name, title: TITLES[name] + (rounds > 1 && SECONDS[name] && (name === "pairs" || name === "collide") ? `, round ${round + 1}` : ""), round, begin, end: begin + SECONDS[name] };
    begin = phase.end;
    return phase;
  });
}

/** The phase at a time, the last one at the end and after it. @param {Phase[]} phases */
export function phaseAt(phases, time) {
  const phase = phases.find(({ end }) => time < end) ?? phases[phases.length - 1];
  return { phase, share: Math.min(1, Math.max(0, (time - phase.begin) / (phase.end - phase.begin))) };
}

/** What belongs to an example in the arrays of a layer. @returns {Film} */
export function filmOf(arrays, layer, example) {
  const { shape: [, count], data: places } = arrays[`place_${layer}`];
  const { shape: [, stops], data: motions } = arrays[`motion_${layer}`];
  const pairs = arrays[`pairs_${layer}`];
  const motion = Array.from({ length: stops }, (_, k) => motions.subarray((example * stops + k) * count * 2, (example * stops + k + 1) * count * 2));
  return { count, place: places.subarray(example * count * 4, (example + 1) * count * 4), motion, rounds: pairs ? roundsOf(pairs, example) : [] };
}

function roundsOf({ shape: [, rounds, count], data }, example) {
  return Array.from({ length: rounds }, (_, round) => Array.from({ length: count }, (_, k) => {
    const at = ((example * rounds + round) * count + k) * 4;
    return { first: data[at], second: data[at + 1], chance: data[at + 2], met: data[at + 3] > 0.5 };
  }));
}

/** Slow at both ends. */
const eased = (share) => share * share * (3 - 2 * share);

/**
 * What is seen at a time.
 * @param {Film} film
 * @param {Phase[]} phases
 * @returns {Moment}
 */
export function momentOf(film, phases, time) {
  const { phase, share } = phaseAt(phases, time);
  const at = new Float32Array(2 * film.count);
  const along = phase.name === "drift" ? eased(share) : 0;
  for (let k = 0; k < film.count; k++) {
    for (const axis of [0, 1]) {
      const from = film.place[4 * k + axis];
      at[2 * k + axis] = from + along * (film.place[4 * k + 2 + axis] - from);
    }
  }
  const arrows = arrowsOf(film, phase, share);
  const lines = phase.name === "pairs" ? eased(Math.min(1, 2 * share)) : phase.name === "collide" ? 1 - eased(share) : 0;
  return { phase, share, at, arrows, lines, flash: phase.name === "collide" ? Math.sin(Math.PI * Math.min(1, 1.6 * share)) : 0 };
}

function arrowsOf(film, { name, round }, share) {
  if (name === "accelerate") return film.motion[0].map((value) => value * eased(share));
  if (name === "pairs") return film.motion[round];
  if (name === "collide") return turned(film.motion[round], film.motion[round + 1], film.rounds[round], eased(share));
  return film.motion[film.motion.length - 1].map((value) => value * (1 - eased(share)));
}

/** Whether no particle is in two of the pairs that collide. */
export function disjoint(pairs) {
  const seen = new Set();
  for (const { first, second, met } of pairs) {
    if (!met) continue;
    if (seen.has(first) || seen.has(second)) return false;
    seen.add(first).add(second);
  }
  return true;
}

/** Velocities on their way through a round: disjoint pairs turn about their common mean, all others go straight. */
export function turned(before, after, pairs, share) {
  const now = before.map((value, k) => value + share * (after[k] - value));
  if (!disjoint(pairs)) return now;
  for (const { first, second, met } of pairs) if (met) turnPair(now, before, after, first, second, share);
  return now;
}

function turnPair(now, before, after, i, j, share) {
  const half = (v) => [(v[2 * i] - v[2 * j]) / 2, (v[2 * i + 1] - v[2 * j + 1]) / 2];
  const [from, to] = [half(before), half(after)];
  const [start, end] = [Math.atan2(from[1], from[0]), Math.atan2(to[1], to[0])];
  const turn = Math.atan2(Math.sin(end - start), Math.cos(end - start));
  const size = Math.hypot(from[0], from[1]) * (1 - share) + Math.hypot(to[0], to[1]) * share;
  const relative = [size * Math.cos(start + share * turn), size * Math.sin(start + share * turn)];
  for (const axis of [0, 1]) {
    const mean = (before[2 * i + axis] + before[2 * j + axis]) / 2;
    now[2 * i + axis] = mean + relative[axis];
    now[2 * j + axis] = mean - relative[axis];
  }
}

/** The rectangle that holds all that a film shows: positions, and the tips of all arrows. */
export function boundsOf({ count, place, motion }) {
  const bounds = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  const hold = (x, y) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    [bounds.x0, bounds.x1] = [Math.min(bounds.x0, x), Math.max(bounds.x1, x)];
    [bounds.y0, bounds.y1] = [Math.min(bounds.y0, y), Math.max(bounds.y1, y)];
  };
  for (let k = 0; k < count; k++) {
    const [x, y] = [place[4 * k], place[4 * k + 1]];
    hold(x, y);
    hold(place[4 * k + 2], place[4 * k + 3]);
    for (const v of motion) hold(x + v[2 * k], y + v[2 * k + 1]);
  }
  return bounds.x1 >= bounds.x0 ? bounds : { x0: -1, x1: 1, y0: -1, y1: 1 };
}
