/** Edits of nodes, slices and the start: each makes the next content and says what changed, or returns null for nothing. */

import { freshId, indexOf, mapDevices, needNode, nodeOf } from "./content.mjs";
import { STARTS } from "./format.mjs";
import { CircuitError, checkId, makeDevice, makeNode, nodesOf, renamed } from "./records.mjs";

const ELECTRICAL_FIELDS = ["voltage", "capacitance", "role", "drive"];

/**
 * An edit: the next content, what listeners hear of it, and what the caller gets.
 * @typedef {{content: object, kind: string, ids: string[]|null, electrical: boolean, result?: any}} Edit
 */

/** @returns {Edit} whose result is the node's id */
export function addNode(content, record) {
  const id = record.id ?? freshId("n", indexOf(content).nodeById.keys());
  if (nodeOf(content, id)) throw new CircuitError(`node ${id} exists already`, id);
  const node = makeNode({ ...record, id }, id);
  return { content: { ...content, nodes: [...content.nodes, node] }, kind: "add", ids: [id], electrical: true, result: id };
}

/** @returns {Edit|null} */
export function setNode(content, id, patch) {
  const before = needNode(content, id);
  if ("id" in patch && patch.id !== id) throw new CircuitError("use rename to change a name", id);
  const after = makeNode({ ...before, ...patch }, id);
  const changed = Object.keys(patch).filter((key) => after[key] !== before[key]);
  if (changed.length === 0) return null;
  const nodes = content.nodes.map((n) => (n.id === id ? after : n));
  return { content: { ...content, nodes }, kind: "node", ids: [id], electrical: changed.some((key) => ELECTRICAL_FIELDS.includes(key)) };
}

/** @returns {Edit|null} */
export function moveNodes(content, moves) {
  const place = new Map(moves.map((m) => [needNode(content, m.id).id, m]));
  let moved = false;
  const nodes = content.nodes.map((n) => {
    const to = place.get(n.id);
    if (!to || (to.x === n.x && to.y === n.y)) return n;
    moved = true;
    return makeNode({ ...n, x: to.x, y: to.y }, n.id);
  });
  return moved ? { content: { ...content, nodes }, kind: "move", ids: [...place.keys()], electrical: false } : null;
}

/** @returns {Edit|null} */
export function renameNode(content, id, newId) {
  needNode(content, id);
  if (newId === id) return null;
  checkId(newId, id);
  if (nodeOf(content, newId)) throw new CircuitError(`node ${newId} exists already`, id);
  const end = (name) => (name === id ? newId : name);
  const nodes = content.nodes.map((n) => (n.id === id ? makeNode({ ...n, id: newId }, newId) : n));
  const next = mapDevices(content, (d) => (nodesOf(d).includes(id) ? makeDevice(renamed(d, end, (name) => name), d.id) : d));
  return { content: { ...next, nodes }, kind: "rename", ids: [id, newId], electrical: true };
}

/** @returns {Edit|null} */
export function setStart(content, start) {
  if (!STARTS.includes(start)) throw new CircuitError(`expected one of ${STARTS.join(", ")}, got ${start}`, "start");
  return start === content.start ? null : { content: { ...content, start }, kind: "start", ids: null, electrical: true };
}

const slicesEdit = (content, slices, result = undefined) => ({ content: { ...content, slices }, kind: "slice", ids: null, electrical: true, result });

/** @returns {Edit} whose result is the slice's index */
export function addSlice(content, duration, at) {
  const slices = [...content.slices];
  slices.splice(at, 0, { duration: needDuration(duration, at), devices: [] });
  return slicesEdit(content, slices, at);
}

/** @returns {Edit} */
export function removeSlice(content, index) {
  if (content.slices.length === 1) throw new CircuitError("a circuit needs at least one slice", "slices");
  needSlice(content, index);
  return slicesEdit(content, content.slices.filter((_, k) => k !== index));
}

/** @returns {Edit|null} */
export function setSlice(content, index, duration) {
  needSlice(content, index);
  if (duration === content.slices[index].duration) return null;
  const value = needDuration(duration, index);
  return slicesEdit(content, content.slices.map((s, k) => (k === index ? { ...s, duration: value } : s)));
}

function needSlice(content, index) {
  if (!content.slices[index]) throw new CircuitError(`there is no slice ${index}`, "slices");
}

function needDuration(duration, index) {
  if (!(Number.isFinite(duration) && duration > 0)) {
    throw new CircuitError(`must be greater than 0, got ${duration}`, `slices[${index}].duration`);
  }
  return duration;
}
