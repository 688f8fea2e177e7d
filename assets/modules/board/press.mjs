/** Which gesture a press on the board begins, by tool, pointer and what is under it. */

import { GROUND } from "../document/format.mjs";
import { endOf } from "./connection.mjs";
import { drawGesture } from "./drawing.mjs";
import { boxGesture, clickGesture, cutGesture, panGesture } from "./strokes.mjs";

/**
 * The gesture of a press, or null when cytoscape shall have it (drag, tap and pinch on nodes).
 * @param {{canvas, store, commands, navigation, pointing, drawing}} parts
 * @param {PointerEvent} event
 */
export function gestureFor(parts, event) {
  const { store, navigation, pointing, drawing, canvas: { edits } } = parts;
  if (event.button === 1 || navigation.spaceHeld()) {
    navigation.useSpace();
    return panGesture(parts, event);
  }
  if (event.button !== 0 || !store.get("doc")) return null;
  const p = pointing.place(event);
  const hit = pointing.hitAt(p, event);
  const tool = edits.editable() ? store.get("tool") : "select";
  if (drawing.connection.active()) return drawGesture(parts, event, null, { click: true });
  if (edits.editable() && (tool === "device" || (tool === "select" && event.altKey))) return drawOrPan(parts, event, hit, tool);
  return toolGesture(parts, event, { tool, hit, p }) ?? selectGesture(parts, event, hit);
}

function drawOrPan(parts, event, hit, tool) {
  const end = endOf(hit);
  if (end !== null) return drawGesture(parts, event, end, { click: tool === "device" });
  if (hit?.type === "device") return clickGesture((up) => chooseDevices(parts.store, [hit.id], up));
  if (event.pointerType === "touch") return null;
  return panGesture(parts, event, () => parts.store.set({ selection: { nodes: [], devices: [] } }));
}

/** What a tool other than Select and Device makes of a press; null leaves it to selecting. */
function toolGesture(parts, event, { tool, hit, p }) {
  const { commands, canvas: { edits } } = parts;
  if (tool === "cut") return cutGesture(parts, event);
  if (tool === "input" || tool === "output") {
    if (hit?.type === "node") return clickGesture(() => commands.run(`mark-${tool}`, hit.id));
    return panGesture(parts, event, () => edits.addNode(p, tool));
  }
  if (tool === "probe" && hit?.type === "node") return clickGesture(() => commands.run("probe", hit.id));
  if (tool === "node" && hit === null) return panGesture(parts, event, () => edits.addNode(p));
  return null;
}

function selectGesture(parts, event, hit) {
  const { store } = parts;
  const touch = event.pointerType === "touch";
  if (hit?.type === "node") return null;
  if (hit?.type === "device") {
    const choose = (up) => chooseDevices(store, [hit.id], up);
    return touch ? panGesture(parts, event, choose) : clickGesture(choose);
  }
  if (hit?.type === "ground") return clickGesture((up) => chooseDevices(store, groundedDevices(store.get("doc"), hit.id), up));
  return touch ? null : boxGesture(parts, event);
}

function chooseDevices(store, ids, event) {
  const { nodes, devices } = store.get("selection");
  const added = event.shiftKey || event.ctrlKey || event.metaKey;
  if (!added) return store.set({ selection: { nodes: [], devices: ids } });
  const all = ids.every((id) => devices.includes(id));
  const rest = devices.filter((id) => !ids.includes(id));
  return store.set({ selection: { nodes, devices: all ? rest : [...rest, ...ids] } });
}

const groundedDevices = (doc, nodeId) => doc.devicesAt(nodeId).filter((d) => d.source === GROUND || d.target === GROUND).map((d) => d.id);
