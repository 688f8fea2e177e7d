/** Edits that mouse, touch, keyboard and menu share: they know the document, the chosen device kind, the slice. */

import { GROUND } from "../document/format.mjs";
import { shownSlice } from "../play/frames.mjs";
import { freePlace } from "../paint/geometry.mjs";

export const DEFAULT_KIND = "resistor";

/** Default parameter values of a device kind, from the registry; empty while it is not loaded. */
export function defaultParams(registry, kind) {
  const law = registry?.devices?.[kind];
  return Object.fromEntries((law?.params ?? []).map((p) => [p.name, p.default]));
}

/** Parameters that devices lack, by id: those that were drawn before the registry was there. */
export function missingParams(registry, devices) {
  const lacking = devices.map(({ id, kind, params }) => {
    const missing = Object.entries(defaultParams(registry, kind)).filter(([name]) => !(name in params));
    return [id, Object.fromEntries(missing)];
  });
  return Object.fromEntries(lacking.filter(([, params]) => Object.keys(params).length > 0));
}

/** One step that gives all devices what they lack. */
function complete({ registry, doc }) {
  const missing = Object.entries(missingParams(registry, doc.devices));
  if (missing.length > 0) doc.group((open) => missing.forEach(([id, params]) => open.setParams(id, params)));
}

/** The kind new devices get: the one last drawn or chosen. */
export const chosenKind = (store) => store.get("deviceKind") ?? DEFAULT_KIND;

/** Board places are whole numbers in files. */
const rounded = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });

/** @param {object} store */
export function createEdits(store) {
  const doc = () => store.get("doc");
  const slice = () => shownSlice(store.get());
  const select = (nodes, devices = []) => store.set({ selection: { nodes, devices } });
  const editable = () => Boolean(doc()) && !store.get("readOnly");

  store.on(["registry"], () => editable() && complete(store.get()));

  function newDevice(source, target) {
    const kind = chosenKind(store);
    return doc().addDevice(source, target, kind, { params: defaultParams(store.get("registry"), kind), slice: slice() });
  }

  /** Adds a node near a board point; returns its id. */
  function addNode(point, role = "hidden") {
    const id = doc().addNode({ ...rounded(point), role });
    select([id]);
    return id;
  }

  /** Adds a node at the nearest free place, so that repeated calls do not pile up. */
  const addNodeNear = (point, role) => addNode(freePlace(doc().nodes, point.x, point.y, 110), role);

  /** Connects two nodes (or ground); returns the device's id. */
  function connect(source, target) {
    const id = newDevice(source, target);
    select([], [id]);
    return id;
  }

  /** Drop on empty space: a new node there and the device to it, one undo step. */
  function connectToNew(source, point) {
    const made = doc().group(() => {
      const node = doc().addNode(rounded(point));
      return { node, device: newDevice(source, node) };
    });
    select([made.node], [made.device]);
    return made;
  }

  /** Every given node gets a device to ground, one undo step. */
  function ground(nodeIds) {
    const made = doc().group(() => nodeIds.map((id) => newDevice(id, GROUND)));
    select([], made);
    return made;
  }

  function reverse(deviceIds) {
    doc().group(() => {
      for (const id of deviceIds) {
        const { source, target } = doc().device(id);
        doc().setDevice(id, { source: target, target: source });
      }
    });
  }

  function setKind(deviceIds, kind) {
    const params = defaultParams(store.get("registry"), kind);
    doc().group(() => deviceIds.forEach((id) => doc().setDevice(id, { kind, params })));
    store.set({ deviceKind: kind });
  }

  function setTrainable(deviceIds, trainable) {
    doc().group(() => deviceIds.forEach((id) => doc().setDevice(id, { trainable })));
  }

  return { editable, addNode, addNodeNear, connect, connectToNew, ground, reverse, setKind, setTrainable, select };
}
