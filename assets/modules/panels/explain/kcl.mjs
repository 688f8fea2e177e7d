/** Kirchhoff's current law at one node, in numbers and words. Pure. */

import { quantity } from "../../lib/numbers.mjs";
import { currentsInto, netCurrent } from "../inspector/values.mjs";

const MOST_SAMPLES = 60;
const UNSEEN = 1e-3; // of the largest current: an arrow that short has no direction to be seen

/** The largest current that enters or leaves a node through one device, or their sum, over the whole simulation [A]. */
export function largestCurrent(doc, sim, id, laws) {
  const step = Math.max(1, Math.floor(sim.T / MOST_SAMPLES));
  let most = 0;
  for (let k = 0; k < sim.T; k += step) {
    const time = sim.t[k];
    for (const { current } of currentsInto(doc, sim, id, time, laws)) if (Math.abs(current ?? 0) > most) most = Math.abs(current);
    const net = Math.abs(netCurrent(doc, sim, id, time, laws));
    if (net > most) most = net;
  }
  return most;
}

/**
 * An arrow for a current: into the node, out of it or none, and how long as a share of the longest.
 * @param {number|null} current  [A]; null of an idle device
 * @param {number} most  [A]
 * @returns {{way: "in"|"out"|"none", share: number}}
 */
export function arrowOf(current, most) {
  const share = most > 0 && Number.isFinite(current) ? Math.min(Math.abs(current) / most, 1) : 0;
  return { way: share < UNSEEN ? "none" : current > 0 ? "in" : "out", share };
}

/**
 * What the sum of the currents does at a node.
 * @param {{net: number, charge: number, capacitance: number, driven: boolean}} node  [A], [C], [F]
 */
export function sumSentence({ net, charge, capacitance, driven }) {
  if (driven) return "The source takes up the sum, so the voltage stays what it gives.";
  if (capacitance === 0) return "Without a capacitor the currents sum to 0 at every moment.";
  if (!Number.isFinite(net) || !Number.isFinite(charge)) return "";
  const moves = net === 0 ? "and stands still" : `${net > 0 ? "rising" : "falling"} by ${quantity(Math.abs(net), "C")} a second`;
  return `The sum charges the capacitor: its charge is ${quantity(charge, "C")}, ${moves}.`;
}
