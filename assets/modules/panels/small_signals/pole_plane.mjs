/** Where poles stand in a picture of the complex plane; of many decades each is as wide as the others. Pure. */

import { quantity } from "../../lib/numbers.mjs";

const MANY = 60;
const ROOM = 1.25;

/**
 * A scale of numbers of both signs: linear within a factor of 60 of sizes, else logarithmic beyond the smallest.
 * @param {number[]} values
 * @returns {{of: (value: number) => number, linear: boolean, least: number, most: number}}
 */
export function signedScale(values) {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  const most = Math.max(...sizes, 0) || 1;
  const least = Math.min(...sizes, most);
  const linear = most <= MANY * least;
  const of = linear ? (value) => value / most : (value) => (Math.sign(value) * Math.log10(1 + (3 * Math.abs(value)) / least)) / Math.log10(1 + (3 * most) / least);
  return { of, linear, least, most };
}

/** Ticks at round numbers of either sign that a scale keeps apart. */
export function planeTicks({ linear, least, most }, sides) {
  const decade = (value) => 10 ** Math.floor(Math.log10(value) + 1e-9);
  const steps = linear ? [roundHalf(most)] : spread(decade(least), decade(most));
  return [0, ...steps.flatMap((step) => sides.map((side) => side * step))];
}

/** A round number, at least half as large. */
function roundHalf(value) {
  const scale = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return [5, 2, 1].map((digit) => digit * scale).find((step) => step <= value * (1 + 1e-9)) ?? scale;
}

/** Two to three decades between the first and the last. */
function spread(first, last) {
  const count = Math.round(Math.log10(last / first));
  const step = Math.max(1, Math.ceil(count / 2));
  return Array.from({ length: Math.floor(count / step) + 1 }, (_, k) => last / 10 ** (k * step)).reverse();
}

/** "−1k" without a unit. */
export const tickText = (value) => (value === 0 ? "0" : quantity(value, " ", 1).trim().replace(/\s+/g, ""));

/**
 * Poles and ticks in a box of [0, 1] by [0, 1], x to the right, y upwards.
 * @param {{real: number, imaginary: number}[]} poles  pairs have an imaginary part
 */
export function planeOf(poles) {
  const reals = signedScale(poles.map(({ real }) => real));
  const imaginaries = signedScale(poles.map(({ imaginary }) => imaginary));
  const grows = poles.some(({ real }) => real > 0);
  const fades = poles.some(({ real }) => real < 0) || !grows;
  const swings = poles.some(({ imaginary }) => imaginary > 0);
  const [left, right] = [fades ? -ROOM : -0.25, grows ? ROOM : 0.25];
  const x = (value) => (reals.of(value) - left) / (right - left);
  const y = (value) => 0.5 + imaginaries.of(value) / (2 * ROOM);
  const marks = poles.flatMap((pole, place) => (pole.imaginary > 0 ? [1, -1] : [0]).map((side) => ({ place, x: x(pole.real), y: y(side * pole.imaginary) })));
  const sides = [...(fades ? [-1] : []), ...(grows ? [1] : [])];
  return {
    marks,
    zero: x(0),
    xTicks: planeTicks(reals, sides).map((value) => ({ at: x(value), text: tickText(value) })),
    yTicks: swings ? planeTicks(imaginaries, [-1, 1]).map((value) => ({ at: y(value), text: value === 0 ? "0" : `${tickText(value)}j` })) : [{ at: 0.5, text: "0" }],
    linear: reals.linear && imaginaries.linear,
  };
}
