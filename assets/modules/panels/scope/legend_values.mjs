/** Values of curves, and how they are written. Pure. */

import { joules, quantity } from "../../lib/numbers.mjs";
import { energyAt } from "../../play/energy.mjs";

/** A value with its unit. */
export const amount = (value, unit) => (unit === "J" ? joules(value) : quantity(value, unit));

/** The value of a curve at a time, from what is shown: {sim, lane, choice}. */
export function valueOf({ sim, lane, choice }, id, time) {
  if (choice.what === "energies") return energyAt(sim, id, time);
  return choice.what === "nodes" ? sim.valueAt(id, time, lane) : sim.deviceValueAt(id, time, lane);
}
