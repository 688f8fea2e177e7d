/** Edits of devices and of many elements at once: each makes the next content, or returns null for nothing. */

import { checkEnds, deviceOf, freshId, indexOf, needDevice, nodeOf, withDevice } from "./content.mjs";
import { CircuitError, GROUND, checkId, makeDevice, makeNode } from "./format.mjs";

/** @typedef {import("./node_edits.mjs").Edit} Edit */

/**
 * @param {object} content
 * @param {{id?: string, kind: string, source: string, target: string, params?: object, trainable?: boolean}} record
 * @param {number} slice  the nearest that exists is taken
 * @returns {Edit} whose result is the device's id
 */
export function addDevice(content, record, slice) {
  const id = record.id ?? freshId("d", indexOf(content).deviceById.keys());
  if (deviceOf(content, id)) throw new CircuitError(`device ${id} exists already`, id);
  checkEnds(content, { ...record, id });
  const device = makeDevice({ ...record, id }, id);
  const at = Math.min(Math.max(0, slice), content.slices.length - 1);
  const slices = content.slices.map((s, k) => (k === at ? { ...s, devices: [...s.devices, device] } : s));
  return { content: { ...content, slices }, kind: "add", ids: [id], electrical: true, result: id };
}

/** @returns {Edit|null} */
export function setDevice(content, id, patch) {
  const before = needDevice(content, id);
  if ("id" in patch && patch.id !== id) throw new CircuitError("use rename to change a name", id);
  const params = patch.params ?? (patch.kind !== undefined && patch.kind !== before.kind ? {} : before.params);
  const after = makeDevice({ ...before, ...patch, params }, id);
  checkEnds(content, after);
  if (JSON.stringify(after) === JSON.stringify(before)) return null;
  const electrical = Object.keys(patch).some((key) => key !== "trainable");
  return { content: withDevice(content, id, after), kind: "device", ids: [id], electrical };
}

/** @returns {Edit|null} */
export function setParams(content, id, params) {
  const before = needDevice(content, id);
  const merged = { ...before.params, ...params };
  if (JSON.stringify(merged) === JSON.stringify(before.params)) return null;
  return { content: withDevice(content, id, { ...before, params: merged }), kind: "params", ids: [id], electrical: true };
}

/** @returns {Edit|null} */
export function renameDevice(content, id, newId) {
  const before = needDevice(content, id);
  if (newId === id) return null;
  checkId(newId, id);
  if (deviceOf(content, newId)) throw new CircuitError(`device ${newId} exists already`, id);
  return { content: withDevice(content, id, { ...before, id: newId }, newId), kind: "rename", ids: [id, newId], electrical: true };
}

/** @returns {Edit|null} */
export function removeElements(content, { nodes = [], devices = [] }) {
  const goneNodes = new Set(nodes.filter((id) => nodeOf(content, id)));
  const goneDevices = new Set(devices);
  const keep = (d) => !goneDevices.has(d.id) && !goneNodes.has(d.source) && !goneNodes.has(d.target);
  if (goneNodes.size === 0 && indexOf(content).devices.every(keep)) return null;
  const slices = content.slices.map((s) => ({ ...s, devices: s.devices.filter(keep) }));
  const left = content.nodes.filter((n) => !goneNodes.has(n.id));
  return { content: { ...content, nodes: left, slices }, kind: "remove", ids: [...goneNodes, ...goneDevices], electrical: true };
}

/** A clip of the nodes, the devices among them (ground included), and chosen devices whose ends are there. */
export function clipOf(content, { nodes = [], devices = [] }) {
  const wanted = new Set(nodes);
  for (const id of devices) {
    const device = deviceOf(content, id);
    for (const end of device ? [device.source, device.target] : []) if (end !== GROUND) wanted.add(end);
  }
  const inside = (id) => id === GROUND || wanted.has(id);
  const clipped = content.slices.flatMap((s, slice) =>
    s.devices.filter((d) => inside(d.source) && inside(d.target)).map((d) => ({ slice, device: d })),
  );
  return { nodes: content.nodes.filter((n) => wanted.has(n.id)), devices: clipped };
}

/** @returns {Edit|null} whose result is the selection of what was added */
export function paste(content, clip, { dx, dy }) {
  if (clip.nodes.length === 0) return null;
  const index = indexOf(content);
  const [takenNodes, takenDevices] = [new Set(index.nodeById.keys()), new Set(index.deviceById.keys())];
  const names = new Map([[GROUND, GROUND]]);
  const fresh = (prefix, taken) => {
    const id = freshId(prefix, taken);
    taken.add(id);
    return id;
  };
  const nodes = clip.nodes.map((n) => {
    const id = fresh("n", takenNodes);
    names.set(n.id, id);
    return makeNode({ ...n, id, x: n.x + dx, y: n.y + dy }, id);
  });
  const added = clip.devices.map(({ slice, device }) => {
    const id = fresh("d", takenDevices);
    const ends = { source: names.get(device.source), target: names.get(device.target) };
    return { slice: Math.min(slice, content.slices.length - 1), device: makeDevice({ ...device, id, ...ends }, id) };
  });
  const slices = content.slices.map((s, k) => ({
    ...s,
    devices: [...s.devices, ...added.filter((a) => a.slice === k).map((a) => a.device)],
  }));
  const result = { nodes: nodes.map((n) => n.id), devices: added.map((a) => a.device.id) };
  return { content: { ...content, nodes: [...content.nodes, ...nodes], slices }, kind: "add", ids: [...result.nodes, ...result.devices], electrical: true, result };
}
