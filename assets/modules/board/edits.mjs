/** Edits that mouse, touch, keyboard and menu share: they know the document, the chosen device kind, the slice. */

import { GROUND } from "../document/format.mjs";
import { lacksControl, missingParams, outfitOf } from "../document/kinds.mjs";
import { shownSlice } from "../play/frames.mjs";
import { freePlace } from "../paint/geometry.mjs";

export const DEFAULT_KIND = "resistor";
const APART = 110; // board units between nodes that nobody placed

/** One step that gives all devices what they lack. */
function complete({ registry, doc }) {
  const missing = Object.entries(missingParams(registry, doc.devices));
  if (missing.length > 0) doc.group((open) => missing.forEach(([id, params]) => open.setParams(id, params)));
}

/** The kind new devices get: the one last drawn or chosen, as long as it can be drawn. */
export function chosenKind(store) {
  const { deviceKind, registry, doc } = store.get();
  return deviceKind && !lacksControl(registry, deviceKind, doc?.devices ?? []) ? deviceKind : DEFAULT_KIND;
}

/** Board places are whole numbers in files. */
const rounded = ({ x, y }) => ({ x: Math.round(x), y: Math.round(y) });

/** What adds to the circuit; the selection is then what was added. */
function additions({ store, doc, select }) {
  function newDevice(source, target) {
    const kind = chosenKind(store);
    return doc().addDevice(source, target, kind, { ...outfitOf(store.get("registry"), kind, doc().devices), slice: shownSlice(store.get()) });
  }

  /** Adds a node near a board point; returns its id. */
  function addNode(point, role = "hidden") {
    const id = doc().addNode({ ...rounded(point), role });
    select([id]);
    return id;
  }

  return {
    addNode,
    /** Adds a node at the nearest free place, so that repeated calls do not pile up. */
    addNodeNear: (point, role) => addNode(freePlace(doc().nodes, point.x, point.y, APART), role),
    /** Connects two nodes (or ground); returns the device's id. */
    connect(source, target) {
      const id = newDevice(source, target);
      select([], [id]);
      return id;
    },
    /** Drop on empty space: a new node there and the device to it, one undo step. */
    connectToNew(source, point) {
      const made = doc().group(() => {
        const node = doc().addNode(rounded(point));
        return { node, device: newDevice(source, node) };
      });
      select([made.node], [made.device]);
      return made;
    },
    /** Every given node gets a device to ground, one undo step. */
    ground(nodeIds) {
      const made = doc().group(() => nodeIds.map((id) => newDevice(id, GROUND)));
      select([], made);
      return made;
    },
  };
}

/** What changes nodes and devices that are there, one undo step each. */
function changes({ store, doc, select }) {
  return {
    /** Another name for a node or device; an error of the document says why not. */
    rename(id, name) {
      if (doc().node(id)) doc().renameNode(id, name);
      else doc().renameDevice(id, name);
      const { nodes, devices } = store.get("selection");
      const swap = (ids) => ids.map((other) => (other === id ? name : other));
      select(swap(nodes), swap(devices));
    },
    reverse(deviceIds) {
      doc().group(() => {
        for (const id of deviceIds) {
          const { source, target } = doc().device(id);
          doc().setDevice(id, { source: target, target: source });
        }
      });
    },
    setKind(deviceIds, kind) {
      doc().group(() => deviceIds.forEach((id) => {
        const { format, ...outfit } = outfitOf(store.get("registry"), kind, doc().devices.filter((device) => device.id !== id));
        doc().setDevice(id, { kind, ...outfit }, { format });
      }));
      store.set({ deviceKind: kind });
    },
    setTrainable(deviceIds, trainable) {
      doc().group(() => deviceIds.forEach((id) => doc().setDevice(id, { trainable })));
    },
  };
}

/** @param {any} store */
export function createEdits(store) {
  const doc = () => store.get("doc");
  const select = (nodes, devices = []) => store.set({ selection: { nodes, devices } });
  const editable = () => Boolean(doc()) && !store.get("readOnly");
  const parts = { store, doc, select };

  store.on(["registry"], () => editable() && complete(store.get()));
  return { editable, select, ...additions(parts), ...changes(parts) };
}
