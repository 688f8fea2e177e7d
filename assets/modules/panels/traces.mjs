/** Chooses what the scope shows, and its numbers and colours. Pure. */

import { terminalNodes } from "../document/records.mjs";
import { ENERGIES, energySeries, hasEnergy } from "../play/energy.mjs";
import { sourceName } from "../play/sources.mjs";
import { terminalName } from "../play/terminals.mjs";

export const MOST_TRACES = 50;
const ACTIVE_TRACES = 5;

/** Ten hues that stay apart on light and dark grounds. */
export const TRACE_COLOURS = {
  light: ["#4560e6", "#d9480f", "#12875c", "#9c36b5", "#b8860b", "#0c8599", "#d6336c", "#5c7a17", "#7048e8", "#6b7280"],
  dark: ["#8ea2ff", "#ff922b", "#4cc38f", "#da77f2", "#e8c14a", "#4dd0e1", "#f783ac", "#a9d156", "#b197fc", "#aab2bf"],
};

/**
 * Nodes or devices to draw: what is pinned and selected, else what moves most; in the lane of energies these.
 * @returns {{what: "nodes"|"devices"|"energies", ids: string[], chosen: boolean}}
 */
export function chooseTraces({ sim, lane, selection, probes, doc }) {
  if (lane === "energy") return { what: "energies", ids: hasEnergy(sim) ? ENERGIES : [], chosen: false };
  const knownNode = (id) => sim.nodeIndex.has(id);
  const knownDevice = (id) => sim.deviceIndex.has(id) || sim.sources.nodeOf(id) !== null || sim.terminals.endOf(id) !== null;
  const pinned = probes.filter(knownNode);
  const devices = selection.devices.filter(knownDevice);
  const nodes = selection.nodes.filter(knownNode);
  const unique = (ids) => [...new Set(ids)].slice(0, MOST_TRACES);
  if (lane === "currents") {
    const wanted = devices.length > 0 ? devices : attached(doc, nodes).filter(knownDevice);
    if (wanted.length > 0) return { what: "devices", ids: unique(wanted), chosen: true };
    return { what: "devices", ids: sim.mostActive("devices", lane, ACTIVE_TRACES).map((k) => sim.deviceIds[k]), chosen: false };
  }
  const ends = nodes.length === 0 && pinned.length === 0 ? endsOf(doc, devices).filter(knownNode) : [];
  const wanted = unique([...pinned, ...nodes, ...ends]);
  if (wanted.length > 0) return { what: "nodes", ids: wanted, chosen: true };
  return { what: "nodes", ids: sim.mostActive("nodes", lane, ACTIVE_TRACES).map((k) => sim.nodeIds[k]), chosen: false };
}

function attached(doc, nodes) {
  if (!doc) return [];
  return nodes.flatMap((id) => [
    ...(doc.node(id)?.drive ? [sourceName(id)] : []),
    ...doc.devicesAt(id).map((device) => device.id),
    ...[...doc.devicesAt(id), ...doc.sensedAt(id)].flatMap((device) => terminalNodes(device).filter(([, node]) => node === id).map(([name]) => terminalName(device.id, name))),
  ]);
}

function endsOf(doc, devices) {
  if (!doc) return [];
  return devices.flatMap((id) => {
    const device = doc.device(id);
    return device ? [device.source, device.target] : [];
  });
}

/** Axis title and unit of a lane. dL/dv of a summed voltage has no unit; of a squared error it is a voltage. */
export function axisOf(lane, what, loss = "sum") {
  if (lane === "energy") return { title: "Energy (J)", unit: "J" };
  if (lane === "adjoint") {
    const unit = loss === "mse" ? "V" : "";
    return what === "devices"
      ? { title: "Adjoint current", unit }
      : { title: unit ? `∂L/∂v (${unit})` : "∂L/∂v", unit, name: "λ" };
  }
  return what === "devices" ? { title: "Current (A)", unit: "A" } : { title: "Voltage (V)", unit: "V" };
}

/**
 * What a curve is called: a node by its name, a source by that of its node, all else by its id.
 * @param {{doc: any, sim: any, what: "nodes"|"devices"|"energies"}} shown
 * @param {string} id
 */
export function curveName({ doc, sim, what }, id) {
  if (!doc || what === "energies") return id;
  const node = what === "nodes" ? id : sim.sources.nodeOf(id);
  if (node === null) return id;
  return what === "nodes" ? doc.nameOf(node) : sourceName(doc.nameOf(node));
}

/** A colour for every id that an id keeps as long as it is shown. */
export function createColours() {
  const slots = new Map();
  return function assign(ids, theme) {
    for (const id of [...slots.keys()]) if (!ids.includes(id)) slots.delete(id);
    const used = new Set(slots.values());
    let next = 0;
    for (const id of ids) {
      if (slots.has(id)) continue;
      while (used.has(next) && used.size < TRACE_COLOURS.light.length) next += 1;
      const slot = used.has(next) ? slots.size : next;
      slots.set(id, slot);
      used.add(slot);
    }
    const palette = TRACE_COLOURS[theme] ?? TRACE_COLOURS.light;
    return new Map(ids.map((id) => [id, palette[slots.get(id) % palette.length]]));
  };
}

/** The numbers of the chosen nodes or devices over time. */
function seriesOf(sim, lane, { what, ids }) {
  if (what === "energies") return ids.map((id) => energySeries(sim, id));
  return ids.map((id) => (what === "nodes" ? sim.nodeSeries(id, lane) : sim.deviceSeries(id, lane)));
}

/**
 * Curves of the chosen nodes or devices, null where there is no finite number, and the part of the vertical axis
 * that holds them all.
 * @returns {{lines: ArrayLike<number|null>[], values: [number, number]}}
 */
export function curvesOf(sim, lane, choice) {
  let low = Infinity;
  let high = -Infinity;
  const lines = seriesOf(sim, lane, choice).map((line) => {
    let whole = true;
    for (const value of line) {
      if (!Number.isFinite(value)) whole = false;
      else {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return whole ? line : Array.from(line, (value) => (Number.isFinite(value) ? value : null));
  });
  return { lines, values: padded(low, high) };
}

/**
 * A range with room above and below; around a constant as much room as it has distance from zero.
 * @returns {[number, number]}
 */
function padded(low, high) {
  if (!(high >= low)) return [-1, 1];
  const room = high - low > 1e-6 * Math.max(Math.abs(low), Math.abs(high)) ? 0.06 * (high - low) : Math.abs(high) || 1;
  return [low - room, high + room];
}

/** CSV text: one line a sample, names and units in the head, which stays one line whatever a label holds. */
export function tracesCsv(sim, lane, choice, axis, nameOf = (id) => id) {
  const unit = axis.unit ? ` [${axis.unit}]` : "";
  const columns = seriesOf(sim, lane, choice);
  const lines = [["t [s]", ...choice.ids.map((id) => `${nameOf(id).replace(/\s+/g, " ")}${unit}`)].map(quoted).join(",")];
  for (let k = 0; k < sim.T; k += 1) {
    lines.push([sim.t[k], ...columns.map((column) => column[k])].map((value) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : "")).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** A cell of a CSV file; ids may start with a character that a spreadsheet takes for a formula. */
export function quoted(text) {
  const safe = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
