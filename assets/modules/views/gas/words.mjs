/** What is said of layers of a gas. Pure. */

import { number } from "../../lib/numbers.mjs";

const RULES = {
  matched: "disjoint elastic pairs (matched)", allpairs: "all pairs at once, energy brought back (allpairs)",
  mean_field: "the mean of disjoint pairs, without chance (mean_field)", published: "the published rule, as its code has it", off: "no collisions (off)",
};

/** "rule: disjoint elastic pairs (matched), c = 0.9, 2 rounds" */
export function ruleWords({ rule = "off", coll = 0, rounds = 1 }) {
  const known = RULES[rule] ?? rule;
  if (rule === "off") return `rule: ${known}`;
  return `rule: ${known}, c = ${Number(coll.toPrecision(3))}${rounds > 1 && rule !== "published" ? `, ${rounds} rounds` : ""}`;
}

/** Where particles of so many coordinates are seen. */
export function planeWords({ coordinates, share }) {
  if (coordinates === 2) return "both coordinates";
  if (coordinates === 1) return "the only coordinate, across";
  return `seen along the first two principal axes of their positions, ${Math.round(100 * share)} % of the variance`;
}

/** "Layer 2 of 4" */
export const layerWords = (layer, layers) => `Layer ${layer + 1} of ${layers.length}`;

/** What stands of a round in the books: accepted share, momentum error, energy ratio; of the rule, then of the published one. */
export function booksOf({ shape: [, stops, columns], data }, layer, round) {
  const at = (layer * stops + Math.min(round, stops - 1)) * columns;
  const [accepted, , momentum, energy] = data.subarray(at, at + 4);
  const [, , theirMomentum, theirEnergy] = data.subarray(at + 4, at + 8);
  return { accepted, momentum, energy, theirMomentum, theirEnergy };
}

/** "accepted 19 %, energy × 1.00, momentum error 3.0e-8" */
export function booksWords({ accepted, momentum, energy }) {
  return `accepted ${(100 * accepted).toFixed(0)} %, energy × ${number(energy)}, momentum error ${momentum.toExponential(0)}`;
}

/**
 * What is to be seen, and how many collided.
 * @param {{round: number, name: string, rule: string, pairs?: {met: boolean}[], known: object|null}} stage  rounds that are over, phase, pairs of the last one
 */
export function stageWords({ round, name, rule, pairs = [], known }) {
  if (rule === "off") return name === "drift" ? "Every particle drifts to the tip of its arrow." : "Nothing collides: this is the plain residual network.";
  if (round === 0) return name === "pairs" ? "The opacity of a line is the probability that its pair collides." : "What the branch f(x) gives is the velocity of the particles at x.";
  const met = pairs.filter((pair) => pair.met).length;
  const here = rule === "mean_field" ? "every pair gives way to the mean of its outcomes" : `${met} of ${pairs.length} pairs collided`;
  const books = known ? `; of all examples ${booksWords(known)}` : "";
  return `${name === "drift" ? "Every particle drifts to the tip of its arrow" : rule === "matched" ? "Arrows turn about their common mean" : "Arrows change, all pairs at once"}: ${here}${books}.`;
}
