/** One collision as a film: particles get their velocities, candidates pair, some collide, all drift. Pure. */

export const PHASES = [
  { name: "velocities", title: "f(x) as velocities", end: 0.2 },
  { name: "pairs", title: "pairs by chance", end: 0.42 },
  { name: "collide", title: "accepted pairs turn", end: 0.72 },
  { name: "drift", title: "x + v: the next layer", end: 1 },
];

const MARGIN = 22; // CSS pixels around the particles
const FOOT = 30; // of the phases

/** Which phase a way is in, and which share of it is over. */
export function phaseOf(way) {
  const index = PHASES.findIndex(({ end }) => way < end);
  const number = index < 0 ? PHASES.length - 1 : index;
  const begin = number === 0 ? 0 : PHASES[number - 1].end;
  return { ...PHASES[number], number, share: Math.min(1, (way - begin) / (PHASES[number].end - begin)) };
}

const smooth = (share) => share * share * (3 - 2 * share);
const clamped = (share) => Math.min(1, Math.max(0, share));

/** How far a phase has come: 0 before it, 1 behind it. */
export function doneOf(way, number) {
  const begin = number === 0 ? 0 : PHASES[number - 1].end;
  return smooth(clamped((way - begin) / (PHASES[number].end - begin)));
}

/** One layer's part of an array (layers, ...), without the rows of NaN that fill it up. */
function rowsOf({ shape: [, count, width = 1], data }, layer) {
  const rows = [];
  for (let k = 0; k < count; k++) {
    const at = (layer * count + k) * width;
    if (!Number.isNaN(data[at])) rows.push(Array.from(data.subarray(at, at + width)));
  }
  return rows;
}

/**
 * What is shown of a layer.
 * @param {{header: object, arrays: object}} view
 * @param {number} layer
 */
export function gasOf({ header, arrays }, layer) {
  const flat = (name) => rowsOf(arrays[name], layer).map(([value]) => value);
  const [energy, momentum, publishedEnergy, publishedMomentum] = Array.from({ length: 4 }, (_, k) => arrays.books.data[4 * layer + k]);
  const [probability, accepted] = [flat("probability"), flat("accepted")];
  return {
    place: rowsOf(arrays.place, layer), before: rowsOf(arrays.before, layer), after: rowsOf(arrays.after, layer),
    pairs: rowsOf(arrays.pairs, layer).map(([a, b], k) => ({ a, b, probability: probability[k], accepted: accepted[k] > 0 })),
    books: { energy, momentum, publishedEnergy, publishedMomentum },
    particles: header.particles[layer], coordinates: header.coordinates[layer], groups: header.groups[layer], explained: header.explained[layer],
    rule: header.rule, coll: header.coll, motion: header.motion,
  };
}

/** @typedef {[number, number]} Point */

/**
 * A vector on its turn from one to another about the origin, by angle and length.
 * @param {number[]} one
 * @param {number[]} other
 * @param {number} share
 * @returns {Point}
 */
export function turned([ax, ay], [bx, by], share) {
  const [from, to] = [Math.hypot(ax, ay), Math.hypot(bx, by)];
  const begin = Math.atan2(ay, ax);
  let angle = Math.atan2(by, bx) - begin;
  if (angle > Math.PI) angle -= 2 * Math.PI;
  if (angle < -Math.PI) angle += 2 * Math.PI;
  const size = from + (to - from) * share;
  return [size * Math.cos(begin + share * angle), size * Math.sin(begin + share * angle)];
}

/** The velocities while accepted pairs turn about what both have in common. */
export function velocitiesAt(gas, share) {
  const found = gas.before.map(([x, y]) => [x, y]);
  for (const { a, b, accepted } of gas.pairs) {
    if (!accepted) continue;
    const middle = [0, 1].map((k) => (gas.before[a][k] + gas.before[b][k]) / 2);
    const half = (v) => [0, 1].map((k) => (v[a][k] - v[b][k]) / 2);
    const [x, y] = turned(half(gas.before), half(gas.after), share);
    found[a] = [middle[0] + x, middle[1] + y];
    found[b] = [middle[0] - x, middle[1] - y];
  }
  return found;
}

/** What is where at a way: particles, their velocities, pairs with how strongly they show, where evaluation would lead. */
export function sceneAt(gas, way) {
  const [grown, paired, met, drifted] = [0, 1, 2, 3].map((number) => doneOf(way, number));
  const velocities = velocitiesAt(gas, met).map(([x, y]) => [grown * x, grown * y]);
  const moved = ([x, y], [vx, vy], share) => [x + share * vx, y + share * vy];
  return {
    dots: gas.place.map((place, k) => moved(place, velocities[k], drifted)),
    velocities: velocities.map(([x, y]) => [(1 - drifted) * x, (1 - drifted) * y]),
    lines: gas.pairs.map((pair) => ({ ...pair, strength: paired * (1 - drifted) * (pair.accepted ? 1 : 1 - met) })),
    flash: met > 0 && met < 1 ? Math.sin(Math.PI * met) : 0,
    plain: drifted > 0 ? gas.place.map((place, k) => moved(place, gas.before[k], 1)) : [],
    shown: drifted,
  };
}

/**
 * From coordinates to pixels, the same on both axes, so that all that ever shows has room.
 * @param {{place: number[][], before: number[][], after: number[][]}} gas
 * @param {{width: number, height: number}} size
 */
export function scaleOf(gas, { width, height }) {
  const ends = [];
  gas.place.forEach(([x, y], k) => {
    for (const [vx, vy] of [[0, 0], gas.before[k], gas.after[k]]) ends.push([x + vx, y + vy]);
  });
  const [low, high] = [Math.min, Math.max].map((pick) => [0, 1].map((axis) => ends.reduce((best, end) => pick(best, end[axis]), ends[0][axis])));
  const room = [width - 2 * MARGIN, height - 2 * MARGIN - FOOT];
  const factor = Math.max(1e-30, Math.min(...room.map((pixels, axis) => Math.max(1, pixels) / Math.max(1e-30, high[axis] - low[axis]))));
  const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
  /** @param {number[]} point @returns {Point} */
  return ([x, y]) => [width / 2 + factor * (x - middle[0]), (height - FOOT) / 2 - factor * (y - middle[1])];
}

/** The line of the phases at the foot. */
export const footOf = ({ width, height }) => ({ left: MARGIN, right: Math.max(MARGIN + 1, width - MARGIN), y: height - 10 });

/** The way under a pointer. */
export function wayAt(size, x) {
  const { left, right } = footOf(size);
  return clamped((x - left) / (right - left));
}
