/** Energies of a circuit over time, as the server integrated them. Pure. */

const ARRAYS = { Stored: "energy_stored", Injected: "energy_injected", Dissipated: "energy_dissipated" };

/** What the scope calls them, in the order of its curves. */
export const ENERGIES = Object.keys(ARRAYS);

/** What they are, for whoever points at one. */
export const MEANINGS = {
  Stored: "In capacitors, inductors and the charges of junctions",
  Injected: "By driven nodes, sources and controlled sources, since the start",
  Dissipated: "In all other devices, since the start; below 0 where active ones give more than the others take",
};

/** Whether a simulation knows its energies; replays and large networks do not. */
export const hasEnergy = (sim) => Boolean(sim?.has(ARRAYS.Stored));

/** One energy over all times (T,) [J]. */
export const energySeries = (sim, name) => sim.series(ARRAYS[name], 1, 0);

/** One energy at a time [J]. */
export const energyAt = (sim, name, time) => sim.cell(ARRAYS[name], 1, 0, time);

/** What a device dissipated, or a source injected (below 0), in all [J]; NaN where nobody knows. */
export const energyOf = (sim, device) => sim?.array("energy_by_device")?.[sim.deviceIndex.get(device) ?? -1] ?? NaN;
