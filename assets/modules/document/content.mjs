/** Looking things up in the content of a circuit, {name, nodes, slices}, which never changes in place. */

import { CircuitError, GROUND, makeDevice } from "./format.mjs";

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

/** Refuses a device whose ends are neither nodes nor ground. */
export function checkEnds(content, { id: where, source, target }) {
  for (const id of [source, target]) {
    if (id !== GROUND && !nodeOf(content, id)) throw new CircuitError(`there is no node ${id}`, where);
  }
}

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
