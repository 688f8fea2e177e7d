/** What a node holds and what stands across a device, from a simulation. Pure. */

import { terminalNodes } from "../../document/records.mjs";

export function voltage(sim, node, time) {
  if (node === "gnd") return 0;
  return sim ? sim.valueAt(node, time) : NaN;
}

export function extent(sim, node) {
  if (node === "gnd" || !sim?.nodeIndex.has(node)) return node === "gnd" ? [0, 0] : [];
  const series = sim.nodeSeries(node).filter(Number.isFinite);
  return series.length ? [Math.min(...series), Math.max(...series)] : [];
}

export function acrossExtent(sim, { source, target }) {
  const a = source === "gnd" ? null : sim.nodeIndex.has(source) ? sim.nodeSeries(source) : [];
  const b = target === "gnd" ? null : sim.nodeIndex.has(target) ? sim.nodeSeries(target) : [];
  const length = (a ?? b)?.length ?? 0;
  const values = Array.from({ length }, (_, k) => (a ? a[k] : 0) - (b ? b[k] : 0)).filter(Number.isFinite);
  return values.length ? [Math.min(...values), Math.max(...values)] : [];
}

/** What a device takes up: the voltage at every end times the current that enters there [W]; NaN where one is not known. */
export function powerInto(sim, device, time) {
  const i = sim.deviceValueAt(device.id, time);
  const further = terminalNodes(device);
  const across = voltage(sim, device.source, time) - voltage(sim, device.target, time);
  if (further.length === 0) return across * i;
  const ends = [["target", device.target], ...further];
  return ends.reduce((sum, [name, node]) => sum + voltage(sim, node, time) * sim.terminals.currentAt(device.id, name, time), voltage(sim, device.source, time) * i);
}

const ROUNDING = 1e-6; // numbers travel with 24 bits

/**
 * What enters a node through each device there: {device, terminal, current}; a current is null of an idle device and NaN
 * where it is not known.
 */
export function currentsInto(doc, sim, id, time, laws = {}) {
  return [...doc.devicesAt(id), ...doc.sensedAt(id)].flatMap((device) => {
    const i = sim.deviceIndex.has(device.id) ? sim.deviceValueAt(device.id, time) : NaN;
    const idle = sim.deviceIndex.has(device.id) && Number.isNaN(i);
    const further = terminalNodes(device);
    const ends = [];
    // A one-sided device only senses its source.
    if (device.source === id) ends.push(["source", laws[device.kind]?.one_sided ? 0 : -i]);
    if (device.target === id) ends.push(["target", further.length > 0 ? -sim.terminals.currentAt(device.id, "target", time) : i]);
    for (const [name, node] of further) if (node === id) ends.push([name, -sim.terminals.currentAt(device.id, name, time)]);
    return ends.map(([terminal, current]) => ({ device, terminal, current: idle ? null : current }));
  });
}

/** Sum of the currents that enter a node minus those that leave it; idle devices carry none. NaN where one is not known. */
export function netCurrent(doc, sim, id, time, laws = {}) {
  const currents = currentsInto(doc, sim, id, time, laws).map(({ current }) => current ?? 0);
  if (currents.length === 0 && !sim.nodeIndex.has(id)) return NaN;
  const sum = currents.reduce((total, current) => total + current, 0);
  const largest = Math.max(0, ...currents.map(Math.abs));
  return Math.abs(sum) < ROUNDING * largest ? 0 : sum;
}
