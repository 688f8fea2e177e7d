/** Reads and writes the circuit file formats `kirchhoff-circuit/1` and `/2`; every refusal names the place. */

import { CircuitError, GROUND, makeDevice, makeNode, positive, refuseUnknown, terminalNodes, text } from "./records.mjs";

export { CircuitError, GROUND };

export const FORMAT = "kirchhoff-circuit/1";
/** Written only for what the first cannot say. */
export const GENERAL_FORMAT = "kirchhoff-circuit/2";
/** Where a simulation starts: at the stated voltages, or where the circuit rests at 0 s. */
export const STARTS = Object.freeze(["voltages", "operating-point"]);

const SLICE_FIELDS = new Set(["duration", "devices"]);
const CIRCUIT_FIELDS = new Set(["format", "name", "start", "nodes", "slices"]);

/** A node as it stands in a file: a driven one has no start voltage and no capacitor of its own. */
function writeNode(node) {
  if (!node.drive) return { ...node };
  const { voltage: _voltage, capacitance: _capacitance, id, drive, ...rest } = node;
  return { id, drive, ...rest };
}

/** What the first format cannot say of a node or device. */
function checkFirst(record, fields, where) {
  for (const name of fields) {
    if (record[name] !== undefined) throw new CircuitError(`'${FORMAT}' does not know it; this needs '${GENERAL_FORMAT}'`, `${where}.${name}`);
  }
}

function readNode(item, where, first) {
  const node = makeNode(item, where);
  if (!first) return node;
  checkFirst(item, ["drive"], where);
  if (node.capacitance === 0) {
    throw new CircuitError(`the capacitance of node '${node.id}' must be positive, got 0 F; only '${GENERAL_FORMAT}' knows nodes without a capacitor`, `${where}.capacitance`);
  }
  return node;
}

function makeSlice(record, index, nodeIds, deviceIds, first) {
  const where = `slices[${index}]`;
  refuseUnknown(record, SLICE_FIELDS, where);
  if (!Array.isArray(record.devices)) throw new CircuitError("expected a list", `${where}.devices`);
  const devices = record.devices.map((item, place) => {
    const here = `${where}.devices[${place}]`;
    const device = makeDevice(item, here);
    if (first) checkFirst(item, ["terminals", "drive", "expression"], here);
    if (deviceIds.has(device.id)) throw new CircuitError(`device ${device.id} exists twice`, `${here}.id`);
    deviceIds.add(device.id);
    for (const end of ["source", "target"]) {
      if (device[end] !== GROUND && !nodeIds.has(device[end])) {
        throw new CircuitError(`there is no node ${device[end]}`, `${here}.${end}`);
      }
    }
    for (const [name, node] of terminalNodes(device)) {
      if (node !== GROUND && !nodeIds.has(node)) {
        throw new CircuitError(`device '${device.id}' names the node '${node}', which does not exist; add the node or correct the name`, `${here}.terminals.${name}`);
      }
    }
    return device;
  });
  return Object.freeze({
    duration: positive(record.duration, 1, `${where}.duration`),
    devices: Object.freeze(devices),
  });
}

function startOf({ start }, first) {
  if (start === undefined) return STARTS[0];
  if (!STARTS.includes(start)) throw new CircuitError(`expected one of ${STARTS.join(", ")}, got ${JSON.stringify(start)}`, "start");
  if (first && start !== STARTS[0]) {
    throw new CircuitError(`this file says '${FORMAT}' and has a start at the operating point, which only '${GENERAL_FORMAT}' knows`, "format");
  }
  return start;
}

/** The complete frozen content {format, name, start, nodes, slices} of a parsed file. Throws CircuitError. */
export function readCircuit(json) {
  refuseUnknown(json, CIRCUIT_FIELDS, "");
  if (json.format !== FORMAT && json.format !== GENERAL_FORMAT) {
    throw new CircuitError(`expected "${FORMAT}" or "${GENERAL_FORMAT}", got ${JSON.stringify(json.format) ?? "nothing"}`, "format");
  }
  if (!Array.isArray(json.nodes)) throw new CircuitError("expected a list", "nodes");
  if (!Array.isArray(json.slices)) throw new CircuitError("expected a list", "slices");
  const first = json.format === FORMAT;
  const nodeIds = new Set();
  const nodes = json.nodes.map((item, place) => {
    const node = readNode(item, `nodes[${place}]`, first);
    if (nodeIds.has(node.id)) throw new CircuitError(`node ${node.id} exists twice`, `nodes[${place}].id`);
    nodeIds.add(node.id);
    return node;
  });
  const deviceIds = new Set();
  const slices = json.slices.map((item, index) => makeSlice(item, index, nodeIds, deviceIds, first));
  if (slices.length === 0) slices.push(Object.freeze({ duration: 1, devices: Object.freeze([]) }));
  return Object.freeze({
    format: json.format,
    name: text(json.name, "", "name"),
    start: startOf(json, first),
    nodes: Object.freeze(nodes),
    slices: Object.freeze(slices),
  });
}

/** Whether a circuit needs the second format whatever its kinds of devices are. */
const needsGeneral = ({ nodes, slices, start }) =>
  start !== STARTS[0] || nodes.some((node) => node.drive || node.capacitance === 0) ||
  slices.some(({ devices }) => devices.some((device) => device.terminals || device.drive || device.expression));

/** The content as a plain object that JSON.stringify turns into a valid file. */
export function writeCircuit(state) {
  return {
    // A circuit that had kinds of the second format keeps it: only the server knows which those are.
    format: state.format === GENERAL_FORMAT || needsGeneral(state) ? GENERAL_FORMAT : FORMAT,
    name: state.name,
    ...(state.start === STARTS[0] ? {} : { start: state.start }),
    nodes: state.nodes.map(writeNode),
    slices: state.slices.map((slice) => ({
      duration: slice.duration,
      devices: slice.devices.map((device) => ({ ...device, params: { ...device.params } })),
    })),
  };
}

/** 64-bit FNV-like hash of a text as 16 hexadecimal digits; equal documents have equal hashes. */
export function hashText(content) {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let k = 0; k < content.length; k++) {
    const code = content.charCodeAt(k);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + k), 0x85ebca6b) ^ (low >>> 13);
  }
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}
