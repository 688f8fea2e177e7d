/** What two cursors read off the curves, and the CSV's choice of curves. Pure. */

import { sourceName } from "../../play/sources.mjs";
import { valueOf } from "./legend_values.mjs";

/**
 * @typedef {{id: string, a: number, b: number, delta: number, slope: number}} Reading
 * @param {any} shown  {sim, lane, choice}
 * @param {[number, number]} times  of the cursors A and B [s]
 * @returns {{dt: number, rate: number, rows: Reading[]}}  differences B less A; rate 1/dt [Hz], NaN where both are one
 */
export function readingsOf(shown, [a, b]) {
  const dt = b - a;
  const rows = shown.choice.ids.map((id) => {
    const [va, vb] = [valueOf(shown, id, a), valueOf(shown, id, b)];
    return { id, a: va, b: vb, delta: vb - va, slope: dt === 0 ? NaN : (vb - va) / dt };
  });
  return { dt, rate: dt === 0 ? NaN : 1 / Math.abs(dt), rows };
}

/** The unit of a slope. */
export const slopeUnit = (unit) => `${unit || "1"}/s`;

/** Everything that has a curve in a lane: the CSV holds all of it, whatever is on show. */
export function everyCurve({ sim, choice }) {
  const { what } = choice;
  if (what === "energies") return choice;
  return { what, ids: what === "nodes" ? sim.nodeIds : [...sim.deviceIds, ...sim.sources.ids.map(sourceName), ...sim.terminals.named.keys()] };
}
