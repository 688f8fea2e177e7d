/** Reads and writes the circuit file formats `kirchhoff-circuit/1` and `/2`; every refusal names the place. */

export const FORMAT = "kirchhoff-circuit/1";
/** Written only where a node is driven, which the first cannot say. */
export const DRIVEN_FORMAT = "kirchhoff-circuit/2";
export const GROUND = "gnd";
export const ROLES = Object.freeze(["hidden", "input", "output", "both"]);

const NODE_FIELDS = new Set(["id", "voltage", "capacitance", "role", "label", "x", "y", "drive"]);
const DEVICE_FIELDS = new Set(["id", "kind", "source", "target", "params", "trainable"]);
const SLICE_FIELDS = new Set(["duration", "devices"]);
const CIRCUIT_FIELDS = new Set(["format", "name", "nodes", "slices"]);

/** A refused circuit or edit: `message` is one plain sentence, `where` the place in the file. */
export class CircuitError extends Error {
  constructor(message, where = "") {
    super(where ? `${where}: ${message}` : message);
    this.name = "CircuitError";
    this.where = where;
  }
}

function refuseUnknown(object, fields, where) {
  if (object === null || typeof object !== "object" || Array.isArray(object)) {
    throw new CircuitError("expected an object", where);
  }
  for (const key of Object.keys(object)) {
    if (!fields.has(key)) {
      throw new CircuitError(`unknown field, known are ${[...fields].join(", ")}`, where ? `${where}.${key}` : key);
    }
  }
}

function finite(value, fallback, where) {
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new CircuitError(`expected a finite number, got ${JSON.stringify(value) ?? value}`, where);
  }
  return value;
}

function positive(value, fallback, where) {
  const number = finite(value, fallback, where);
  if (number <= 0) throw new CircuitError(`must be greater than 0, got ${number}`, where);
  return number;
}

function text(value, fallback, where) {
  if (value === undefined) return fallback;
  if (typeof value !== "string") throw new CircuitError(`expected text, got ${JSON.stringify(value)}`, where);
  return value;
}

/** Returns `value` if it can name a node or device, else throws. */
export function checkId(value, where = "") {
  if (typeof value !== "string" || value.trim() === "") {
    throw new CircuitError("a name must not be empty", where);
  }
  if (value === GROUND) throw new CircuitError(`"${GROUND}" is reserved for ground`, where);
  return value;
}

/** A complete, frozen node from a record in which everything but `id` may be missing. */
export function makeNode(record, where = "node") {
  refuseUnknown(record, NODE_FIELDS, where);
  const role = record.role ?? "hidden";
  if (!ROLES.includes(role)) {
    throw new CircuitError(`expected one of ${ROLES.join(", ")}, got ${JSON.stringify(role)}`, `${where}.role`);
  }
  if (record.drive !== undefined && role !== "hidden") {
    throw new CircuitError("a source gives its voltage at all times, so no data enter or leave there; its role is hidden", where);
  }
  return Object.freeze({
    id: checkId(record.id, `${where}.id`),
    voltage: finite(record.voltage, 0, `${where}.voltage`),
    capacitance: positive(record.capacitance, 1, `${where}.capacitance`),
    role,
    label: text(record.label, "", `${where}.label`),
    x: finite(record.x, 0, `${where}.x`),
    y: finite(record.y, 0, `${where}.y`),
    ...(record.drive === undefined ? {} : { drive: makeDrive(record.drive, `${where}.drive`) }),
  });
}

/** What holds a driven node: its kind and numbers, which the server judges. */
function makeDrive(record, where) {
  refuseUnknown(record, new Set(["kind", "params"]), where);
  text(record.kind ?? null, "", `${where}.kind`);
  const params = record.params ?? {};
  refuseUnknown(params, new Set(Object.keys(params)), `${where}.params`);
  const copy = Object.entries(params).map(([key, value]) => [key, Array.isArray(value) ? Object.freeze([...value]) : value]);
  return Object.freeze({ kind: record.kind, params: Object.freeze(Object.fromEntries(copy)) });
}

/** A node as it stands in a file: a driven one has no start voltage and no capacitor of its own. */
function writeNode(node) {
  if (!node.drive) return { ...node };
  const { voltage: _voltage, capacitance: _capacitance, ...rest } = node;
  return rest;
}

function makeParams(params, where) {
  if (params === undefined) return Object.freeze({});
  refuseUnknown(params, new Set(Object.keys(params ?? {})), where);
  const copy = {};
  for (const [key, value] of Object.entries(params)) {
    copy[key] = typeof value === "number" ? finite(value, 0, `${where}.${key}`) : value;
  }
  return Object.freeze(copy);
}

/** A complete, frozen device; end points are checked by the caller, who knows the nodes. */
export function makeDevice(record, where = "device") {
  refuseUnknown(record, DEVICE_FIELDS, where);
  for (const key of ["kind", "source", "target"]) {
    if (typeof record[key] !== "string" || record[key] === "") {
      throw new CircuitError(`expected text, got ${JSON.stringify(record[key]) ?? "nothing"}`, `${where}.${key}`);
    }
  }
  if (record.source === record.target) {
    throw new CircuitError(`a device needs two different ends, both are ${record.source}`, where);
  }
  const trainable = record.trainable ?? true;
  if (typeof trainable !== "boolean") {
    throw new CircuitError(`expected true or false, got ${JSON.stringify(trainable)}`, `${where}.trainable`);
  }
  return Object.freeze({
    id: checkId(record.id, `${where}.id`),
    kind: record.kind,
    source: record.source,
    target: record.target,
    params: makeParams(record.params, `${where}.params`),
    trainable,
  });
}

function makeSlice(record, index, nodeIds, deviceIds) {
  const where = `slices[${index}]`;
  refuseUnknown(record, SLICE_FIELDS, where);
  if (!Array.isArray(record.devices)) throw new CircuitError("expected a list", `${where}.devices`);
  const devices = record.devices.map((item, place) => {
    const here = `${where}.devices[${place}]`;
    const device = makeDevice(item, here);
    if (deviceIds.has(device.id)) throw new CircuitError(`device ${device.id} exists twice`, `${here}.id`);
    deviceIds.add(device.id);
    for (const end of ["source", "target"]) {
      if (device[end] !== GROUND && !nodeIds.has(device[end])) {
        throw new CircuitError(`there is no node ${device[end]}`, `${here}.${end}`);
      }
    }
    return device;
  });
  return Object.freeze({
    duration: positive(record.duration, 1, `${where}.duration`),
    devices: Object.freeze(devices),
  });
}

/** The complete frozen content {name, nodes, slices} of a parsed file. Throws CircuitError. */
export function readCircuit(json) {
  refuseUnknown(json, CIRCUIT_FIELDS, "");
  if (json.format !== FORMAT && json.format !== DRIVEN_FORMAT) {
    throw new CircuitError(`expected "${FORMAT}" or "${DRIVEN_FORMAT}", got ${JSON.stringify(json.format) ?? "nothing"}`, "format");
  }
  if (!Array.isArray(json.nodes)) throw new CircuitError("expected a list", "nodes");
  if (!Array.isArray(json.slices)) throw new CircuitError("expected a list", "slices");
  const nodeIds = new Set();
  const nodes = json.nodes.map((item, place) => {
    const node = makeNode(item, `nodes[${place}]`);
    if (nodeIds.has(node.id)) throw new CircuitError(`node ${node.id} exists twice`, `nodes[${place}].id`);
    nodeIds.add(node.id);
    return node;
  });
  const deviceIds = new Set();
  const slices = json.slices.map((item, index) => makeSlice(item, index, nodeIds, deviceIds));
  if (slices.length === 0) slices.push(Object.freeze({ duration: 1, devices: Object.freeze([]) }));
  return Object.freeze({
    name: text(json.name, "", "name"),
    nodes: Object.freeze(nodes),
    slices: Object.freeze(slices),
  });
}

/** The content as a plain object that JSON.stringify turns into a valid file. */
export function writeCircuit(state) {
  return {
    format: state.nodes.some((node) => node.drive) ? DRIVEN_FORMAT : FORMAT,
    name: state.name,
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
