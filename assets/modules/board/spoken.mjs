/** What the board says to screen readers, in sentences, and where it says them. */

import { quantity } from "../lib/numbers.mjs";

/** One sentence about a node: "n3, input, 0.51 V, 4 devices", or of a driven one "u, held by a source, sine, 1 V, 1 device". Pure. */
export function sayNode(doc, id, value) {
  const node = doc.node(id);
  if (!node) return "";
  const count = doc.devicesAt(id).length;
  const parts = [doc.fullNameOf(id)];
  if (node.role !== "hidden") parts.push(node.role === "both" ? "input and output" : node.role);
  if (node.drive) parts.push(`held by a source, ${node.drive.kind.replaceAll("_", " ")}`);
  else if (node.capacitance === 0) parts.push("without a capacitor");
  parts.push(quantity(Number.isFinite(value) ? value : node.voltage, "V"));
  parts.push(count === 1 ? "1 device" : `${count} devices`);
  return parts.join(", ");
}

/** One sentence about a device: "d2, tanh from n1 to ground". Pure. */
export function sayDevice(doc, id, registry) {
  const device = doc.device(id);
  if (!device) return "";
  const title = registry?.devices?.[device.kind]?.title ?? device.kind.replaceAll("_", " ");
  return `${id}, ${title} from ${doc.nameOf(device.source)} to ${doc.nameOf(device.target)}`;
}

/** @param {HTMLElement|null} live  the live region of the page */
export function createSpeech(live) {
  return function say(text) {
    if (!live || !text) return;
    live.textContent = live.textContent === text ? `${text}\u00a0` : text; // the same words twice are news too
  };
}

/** Says what an edit did, whoever made it. */
export function watchDocument(store, say) {
  let off = () => {};
  const words = { undo: "Undone.", redo: "Redone.", remove: "Removed.", replace: "Another circuit." };
  const follow = ({ doc }) => {
    off();
    off = doc?.on("change", ({ kind }) => say(words[kind] ?? "")) ?? (() => {});
  };
  store.on(["doc"], follow);
  follow(store.get());
}
