/** Looking things up in the content of a circuit, {format, name, start, nodes, slices}, which never changes in place. */

import { GENERAL_FORMAT } from "./format.mjs";
import { CONTROL, CircuitError, GROUND, makeDevice, nodesOf } from "./records.mjs";

const indices = new WeakMap();

/** Devices of all slices, nodes by id, and devices by id with the slice that holds them. */
export function indexOf(content) {
  let index = indices.get(content);
  if (!index) {
    index = {
      devices: content.slices.flatMap((s) => s.devices),
      nodeById: new Map(content.nodes.map((n) => [n.id, n])),
      deviceById: new Map(content.slices.flatMap((s, slice) => s.devices.map((device) => [device.id, { device, slice }]))),
    };
    indices.set(content, index);
  }
  return index;
}

export const nodeOf = (content, id) => indexOf(content).nodeById.get(id) ?? null;
export const deviceOf = (content, id) => indexOf(content).deviceById.get(id)?.device ?? null;

/** The node, or a refusal that names it. */
export function needNode(content, id) {
  const node = nodeOf(content, id);
  if (!node) throw new CircuitError(`there is no node ${id}`, String(id));
  return node;
}

export function needDevice(content, id) {
  const device = deviceOf(content, id);
  if (!device) throw new CircuitError(`there is no device ${id}`, String(id));
  return device;
}

/** Refuses a device whose ends and terminals are neither nodes nor ground, or whose control is no device. */
export function checkEnds(content, device) {
  for (const id of nodesOf(device)) {
    if (id !== GROUND && !nodeOf(content, id)) throw new CircuitError(`there is no node ${id}`, device.id);
  }
  const control = device.terminals?.[CONTROL];
  if (control !== undefined && !deviceOf(content, control)) throw new CircuitError(`there is no device ${control}`, device.id);
}

/** The content in the format that a kind of device needs. */
export const inFormat = (content, format) => (format === GENERAL_FORMAT && content.format !== format ? { ...content, format } : content);

/** The content with every device replaced by what `fn` makes of it. */
export const mapDevices = (content, fn) => ({ ...content, slices: content.slices.map((s) => ({ ...s, devices: s.devices.map(fn) })) });

/** The content with one device changed. */
export const withDevice = (content, id, record, name = id) => {
  const after = makeDevice(record, name);
  return mapDevices(content, (d) => (d.id === id ? after : d));
};

/** The first free name `prefix` + number after the largest number in use. */
export function freshId(prefix, taken) {
  let largest = 0;
  for (const id of taken) {
    if (id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length))) {
      largest = Math.max(largest, Number(id.slice(prefix.length)));
    }
  }
  return `${prefix}${largest + 1}`;
}
