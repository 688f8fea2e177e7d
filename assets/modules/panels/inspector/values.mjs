/** What a node holds and what stands across a device, from a simulation. Pure. */

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

/** Sum of the currents that enter a node minus those that leave it; idle devices carry none. */
export function netCurrent(doc, sim, id, time) {
  let sum = 0;
  let known = false;
  for (const device of doc.devicesAt(id)) {
    const i = sim.deviceValueAt(device.id, time);
    if (!sim.deviceIndex.has(device.id)) return NaN;
    known = true;
    if (Number.isNaN(i)) continue;
    sum += device.target === id ? i : -i;
  }
  return known ? sum : sim.nodeIndex.has(id) ? 0 : NaN;
}
