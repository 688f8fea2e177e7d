/** Complete, frozen nodes and devices of a circuit; every refusal names the place. */

export const GROUND = "gnd";
export const ROLES = Object.freeze(["hidden", "input", "output", "both"]);
/** The terminal that names a device, whose current controls this one; all others name nodes. */
export const CONTROL = "control";

const NODE_FIELDS = new Set(["id", "voltage", "capacitance", "role", "label", "x", "y", "drive"]);
const DEVICE_FIELDS = new Set(["id", "kind", "source", "target", "terminals", "drive", "expression", "params", "trainable"]);

/** A refused circuit or edit: `message` is one plain sentence, `where` the place in the file. */
export class CircuitError extends Error {
  constructor(message, where = "") {
    super(where ? `${where}: ${message}` : message);
    this.name = "CircuitError";
    this.where = where;
  }
}

export function refuseUnknown(object, fields, where) {
  if (object === null || typeof object !== "object" || Array.isArray(object)) {
    throw new CircuitError("expected an object", where);
  }
  for (const key of Object.keys(object)) {
    if (!fields.has(key)) {
      throw new CircuitError(`unknown field, known are ${[...fields].join(", ")}`, where ? `${where}.${key}` : key);
    }
  }
}

export function finite(value, fallback, where) {
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new CircuitError(`expected a finite number, got ${JSON.stringify(value) ?? value}`, where);
  }
  return value;
}

export function positive(value, fallback, where) {
  const number = finite(value, fallback, where);
  if (number <= 0) throw new CircuitError(`must be greater than 0, got ${number}`, where);
  return number;
}

export function text(value, fallback, where) {
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

/** Farads of the capacitor to ground, 0 for none. */
function capacitanceOf({ id, capacitance }, where) {
  const found = finite(capacitance, 1, `${where}.capacitance`);
  if (found < 0) {
    throw new CircuitError(`the capacitance of node '${id}' must be positive, or 0 for none, got ${found} F`, `${where}.capacitance`);
  }
  return found;
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
    capacitance: capacitanceOf(record, where),
    role,
    label: text(record.label, "", `${where}.label`),
    x: finite(record.x, 0, `${where}.x`),
    y: finite(record.y, 0, `${where}.y`),
    ...(record.drive === undefined ? {} : { drive: makeDrive(record.drive, `${where}.drive`) }),
  });
}

/** A waveform: its kind and numbers, which the server judges. */
function makeDrive(record, where) {
  refuseUnknown(record, new Set(["kind", "params"]), where);
  text(record.kind ?? null, "", `${where}.kind`);
  const params = record.params ?? {};
  refuseUnknown(params, new Set(Object.keys(params)), `${where}.params`);
  const copy = Object.entries(params).map(([key, value]) => [key, Array.isArray(value) ? Object.freeze([...value]) : value]);
  return Object.freeze({ kind: record.kind, params: Object.freeze(Object.fromEntries(copy)) });
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

/** Names of the further terminals' nodes; null where the device has two ends only. */
function makeTerminals(terminals, where) {
  if (terminals === undefined) return null;
  refuseUnknown(terminals, new Set(Object.keys(terminals ?? {})), where);
  const entries = Object.entries(terminals);
  for (const [name, id] of entries) text(id, "", `${where}.${name}`);
  return entries.length > 0 ? Object.freeze({ ...terminals }) : null;
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
  const terminals = makeTerminals(record.terminals, `${where}.terminals`);
  return Object.freeze({
    id: checkId(record.id, `${where}.id`),
    kind: record.kind,
    source: record.source,
    target: record.target,
    ...(terminals ? { terminals } : {}),
    ...(record.drive === undefined ? {} : { drive: makeDrive(record.drive, `${where}.drive`) }),
    ...(record.expression ? { expression: text(record.expression, "", `${where}.expression`) } : {}),
    params: makeParams(record.params, `${where}.params`),
    trainable,
  });
}

/**
 * The nodes that a device's further terminals name, as [terminal, node].
 * @param {any} device
 */
export const terminalNodes = ({ terminals }) => (terminals ? Object.entries(terminals).filter(([name]) => name !== CONTROL) : []);

/** Nodes and ground that a device touches. */
export const nodesOf = (device) => [device.source, device.target, ...terminalNodes(device).map(([, node]) => node)];

/** The device with other names for nodes and for the device that controls it. */
export function renamed(device, nodeName, deviceName) {
  const terminals = device.terminals && Object.fromEntries(
    Object.entries(device.terminals).map(([name, id]) => [name, name === CONTROL ? deviceName(id) : nodeName(id)]),
  );
  return { ...device, source: nodeName(device.source), target: nodeName(device.target), ...(terminals ? { terminals } : {}) };
}
