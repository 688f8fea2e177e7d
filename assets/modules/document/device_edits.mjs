/** Edits of devices and of many elements at once: each makes the next content, or returns null for nothing. */

import { checkEnds, deviceOf, freshId, inFormat, indexOf, mapDevices, needDevice, nodeOf, withDevice } from "./content.mjs";
import { CONTROL, CircuitError, GROUND, checkId, makeDevice, makeNode, nodesOf, renamed } from "./records.mjs";

/** @typedef {import("./node_edits.mjs").Edit} Edit */

/**
 * @param {object} content
 * @param {{id?: string, kind: string, source: string, target: string, terminals?: object, drive?: object, expression?: string, params?: object, trainable?: boolean}} record
 * @param {number} slice  the nearest that exists is taken
 * @param {string} [format]  that the kind needs
 * @returns {Edit} whose result is the device's id
 */
export function addDevice(content, record, slice, format) {
  const id = record.id ?? freshId("d", indexOf(content).deviceById.keys());
  if (deviceOf(content, id)) throw new CircuitError(`device ${id} exists already`, id);
  checkEnds(content, { ...record, id });
  const device = makeDevice({ ...record, id }, id);
  const at = Math.min(Math.max(0, slice), content.slices.length - 1);
  const slices = content.slices.map((s, k) => (k === at ? { ...s, devices: [...s.devices, device] } : s));
  return { content: inFormat({ ...content, slices }, format), kind: "add", ids: [id], electrical: true, result: id };
}

/**
 * Another kind has parameters, terminals and a waveform of its own: those that are not given start anew.
 * @returns {Edit|null}
 */
export function setDevice(content, id, patch, format) {
  const before = needDevice(content, id);
  if ("id" in patch && patch.id !== id) throw new CircuitError("use rename to change a name", id);
  const other = patch.kind !== undefined && patch.kind !== before.kind;
  const kept = other ? { ...before, params: {}, terminals: undefined, drive: undefined, expression: undefined } : before;
  const after = makeDevice({ ...kept, ...patch }, id);
  checkEnds(content, after);
  if (JSON.stringify(after) === JSON.stringify(before)) return null;
  const electrical = Object.keys(patch).some((key) => key !== "trainable");
  return { content: inFormat(withDevice(content, id, after), format), kind: "device", ids: [id], electrical };
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
  const named = withDevice(content, id, { ...before, id: newId }, newId);
  const next = mapDevices(named, (d) => (d.terminals?.[CONTROL] === id ? makeDevice(renamed(d, (node) => node, () => newId), d.id) : d));
  return { content: next, kind: "rename", ids: [id, newId], electrical: true };
}

/**
 * A device goes with each of its nodes, and with the device that controls it.
 * @returns {Edit|null}
 */
export function removeElements(content, { nodes = [], devices = [] }) {
  const goneNodes = new Set(nodes.filter((id) => nodeOf(content, id)));
  const goneDevices = new Set(devices);
  const keep = (d) => !goneDevices.has(d.id) && !nodesOf(d).some((id) => goneNodes.has(id)) && !goneDevices.has(d.terminals?.[CONTROL]);
  for (let before = -1; goneDevices.size > before;) {
    before = goneDevices.size;
    for (const d of indexOf(content).devices) if (!keep(d)) goneDevices.add(d.id);
  }
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
    for (const end of device ? nodesOf(device) : []) if (end !== GROUND) wanted.add(end);
  }
  const inside = (id) => id === GROUND || wanted.has(id);
  const among = new Set(indexOf(content).devices.filter((d) => nodesOf(d).every(inside)).map((d) => d.id));
  const whole = ({ terminals }) => terminals?.[CONTROL] === undefined || among.has(terminals[CONTROL]);
  const clipped = content.slices.flatMap((s, slice) =>
    s.devices.filter((d) => among.has(d.id) && whole(d)).map((d) => ({ slice, device: d })),
  );
  return { format: content.format, nodes: content.nodes.filter((n) => wanted.has(n.id)), devices: clipped };
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
  const deviceNames = new Map(clip.devices.map(({ device }) => [device.id, fresh("d", takenDevices)]));
  const added = clip.devices.map(({ slice, device }) => {
    const id = deviceNames.get(device.id);
    const copy = { ...renamed(device, (name) => names.get(name), (name) => deviceNames.get(name)), id };
    return { slice: Math.min(slice, content.slices.length - 1), device: makeDevice(copy, id) };
  });
  const slices = content.slices.map((s, k) => ({
    ...s,
    devices: [...s.devices, ...added.filter((a) => a.slice === k).map((a) => a.device)],
  }));
  const result = { nodes: nodes.map((n) => n.id), devices: added.map((a) => a.device.id) };
  const next = inFormat({ ...content, nodes: [...content.nodes, ...nodes], slices }, clip.format);
  return { content: next, kind: "add", ids: [...result.nodes, ...result.devices], electrical: true, result };
}
